"""A stand-in for answers that no server here gives: of 2.x, 3.x and proxies.

Their texts are those of the servers' documentation and source; it isn't them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from typing import Any

from aiohttp import web

type Answering = Callable[[Received], web.StreamResponse | Awaitable[web.Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    lines: list[str]
    """Without those about forwarding itself."""
    is_empty: bool
    has_health: bool
    """Whether there is a line about forwarding itself, too."""
    transport: asyncio.Transport | None


@dataclass(slots=True)
class StubServer:
    """Answers as it is told to; else it accepts everything."""

    answer: Answering | None = None
    url: str = ""
    requests: list[Received] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)

    def store(self, received: Received, *, but: tuple[str, ...] = ()) -> None:
        self.stored += [line for line in received.lines if line not in but]

    @property
    def writes(self) -> list[Received]:
        """Those that brought readings."""
        return [received for received in self.requests if received.lines]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        text = (await request.read()).decode()
        received = Received(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers=dict(request.headers),
            lines=[line for line in text.splitlines() if _is_reading(line)],
            is_empty=not text,
            has_health=any(not _is_reading(line) for line in text.splitlines()),
            transport=request.transport,
        )
        self.requests.append(received)
        if self.answer is None:
            self.store(received)
            return accepted()
        answer = self.answer(received)
        if isinstance(answer, web.StreamResponse):
            return answer
        return await answer

    @asynccontextmanager
    async def running(self) -> AsyncIterator[StubServer]:
        """Listen on loopback."""
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()


def _is_reading(line: str) -> bool:
    return bool(line) and not line.startswith("envoy_forwarder,")


def accepted() -> web.Response:
    """Answer as every server does when all is well."""
    return web.Response(status=204)


def v2_error(status: int, code: str, message: str) -> web.Response:
    """Answer as InfluxDB 2.x does."""
    return web.json_response({"code": code, "message": message}, status=status)


def v3_error(status: int, error: str, data: Any = None) -> web.Response:
    """Answer as InfluxDB 3.x does."""
    said = {"error": error} if data is None else {"error": error, "data": data}
    return web.Response(status=status, text=json.dumps(said))
