"""A loopback HTTP server whose port can be closed and opened again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableSequence
import ssl
from typing import Final, cast

from aiohttp import hdrs, web
from aiohttp.http import SERVER_SOFTWARE

from .answers import Answer

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
type Hook = Callable[[web.Request, web.StreamResponse], Awaitable[None]]

LOOPBACK: Final = "127.0.0.1"
# Nothing waits in a shutdown: everything under way is cancelled before.
_SHUTDOWN_SECONDS: Final = 1.0


class _BareResponse(web.Response):
    """An answer without content type."""


async def _strip_additions(_request: web.Request, response: web.StreamResponse) -> None:
    # aiohttp names itself, and fills in a type where native services send none.
    if response.headers.get(hdrs.SERVER) == SERVER_SOFTWARE:
        del response.headers[hdrs.SERVER]
    if isinstance(response, _BareResponse):
        response.headers.popall(hdrs.CONTENT_TYPE, None)


def to_response(answer: Answer) -> web.Response:
    """Return the aiohttp form of an answer."""
    form = _BareResponse if answer.content_type is None else web.Response
    response = form(body=answer.body, status=answer.status)
    if answer.content_type is not None:
        response.headers[hdrs.CONTENT_TYPE] = answer.content_type
    for name, value in answer.headers:
        response.headers.add(name, value)
    if answer.chunked:
        response.enable_chunked_encoding()
    if answer.close:
        response.force_close()
    return response


class LoopbackServer:
    """One port on 127.0.0.1, in the running event loop."""

    def __init__(self, handler: Handler, *, context: ssl.SSLContext | None) -> None:
        """Serve every path with `handler`; https when there is a context."""
        self._handler = handler
        self._context = context
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Answer]] = set()
        self._hanging: set[asyncio.Future[None]] = set()
        self.port = 0

    @property
    def is_open(self) -> bool:
        """Return whether the port accepts connections."""
        return self._listener is not None

    async def start(self, port: int = 0) -> None:
        """Open the port; 0 takes a free one, which is then kept."""
        app = web.Application(client_max_size=1024**2)
        app.router.add_route("*", "/{path:.*}", self._handler)
        # Its declared type differs between aiohttp's versions.
        hooks = cast("MutableSequence[Hook]", app.on_response_prepare)
        hooks.append(_strip_additions)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=_SHUTDOWN_SECONDS,
        )
        await self._runner.setup()
        self.port = port
        await self.open()

    async def open(self) -> None:
        """Accept connections (again), on the same port as before."""
        protocol = None if self._runner is None else self._runner.server
        if protocol is None or self._listener is not None:
            return
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            protocol, LOOPBACK, self.port, ssl=self._context
        )
        self.port = int(self._listener.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Refuse connections and drop those that exist; what ran is lost."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        # asyncio trips over a connection that it accepted just before the close, so
        # accepting stops first, and what is half accepted gets its turns of the loop.
        loop = asyncio.get_running_loop()
        for opened in listener.sockets:
            loop.remove_reader(opened.fileno())
        await _yield(3)
        listener.close()
        listener.abort_clients()
        await self._cancel_work()
        await _yield(3)

    async def stop(self) -> None:
        """Close the port for good."""
        await self.close()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
            await _yield(1)

    def drop_connections(self) -> None:
        """Abort every connection, without a goodbye."""
        if self._listener is not None:
            self._listener.abort_clients()

    async def finish(self, work: Coroutine[None, None, Answer]) -> Answer:
        """Run `work` to its end even when the client gives up, as a gateway does."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def hang(self) -> None:
        """Return never: this ends when the client gives up or the server stops."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._hanging.add(future)
        try:
            await future
        finally:
            self._hanging.discard(future)

    async def _cancel_work(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        for future in self._hanging:
            future.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _yield(turns: int) -> None:
    """Let the event loop turn; no timers, so a frozen clock does not matter."""
    for _ in range(turns):
        await asyncio.sleep(0)
