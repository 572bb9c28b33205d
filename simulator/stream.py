"""`/stream/meter`: one frame a second, in the manner of real gateways."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
import json
import random
from typing import Final

from aiohttp import web

from .clock import Clock, wall_clock
from .delivery import Delivery, Pattern, deliveries
from .faults import Fault, Faults
from .latency import STREAM_PATH
from .payloads_live import Frame
from .requestlog import LoggedRequest, RequestLog

type Cut = Callable[[bytes], Iterable[bytes]]

# What firmware D7.0.88 fills before it sends anything.
_BUFFER_BYTES: Final = 16_384
_LARGEST_PIECE: Final = 900
_KEPT_OF_A_STREAM: Final = 2000
_TURNS_APART: Final = 3


class _Client:
    """One open stream."""

    def __init__(
        self, request: web.Request, log: RequestLog, entry: LoggedRequest
    ) -> None:
        self.request = request
        self._log = log
        self._entry = entry
        self.ended = False
        self.said: list[bytes] = []
        self.wake = asyncio.Event()

    def abort(self) -> None:
        """Cut the connection, without a goodbye."""
        if self.request.transport is not None:
            self.request.transport.abort()

    async def sleep_until(self, when: float) -> None:
        """Return at loop time `when`, or earlier when something else is to do."""
        self._log.rest(self._entry, resting=True)
        with suppress(TimeoutError):
            async with asyncio.timeout_at(when):
                await self.wake.wait()
        self._log.rest(self._entry, resting=False)
        self.wake.clear()


class StreamServer:
    """The streams of one gateway; set the public attributes while it runs.

    `pattern`, `seed` and `interval` hold for streams opened from then on, the others
    at once.
    """

    def __init__(self, *, faults: Faults, clock: Clock = wall_clock) -> None:
        """Stream at a steady pace, in whole frames."""
        self.pattern: Pattern = "steady"
        self.seed = 1
        self.interval = 1.0
        self.line_end = "\r\n"
        self.comments = False
        """Whether `: keep-alive` stands between the frames."""
        self.cut: Cut | None = None
        """Cuts what is sent at once into the pieces that are sent apart."""
        self.stalled = False
        """Open, and silent: what is measured meanwhile is lost."""
        self.end_on_session_end = False
        """Whether the end of the sessions ends the streams too."""
        self.leave_out: frozenset[str] = frozenset()
        """Sections that are not sent, as where a CT is missing."""
        self.on_frame: Callable[[float, Frame], None] | None = None
        """Told of every frame when it is sent, with the epoch it was measured at."""
        self.frames_sent = 0
        self.connects = 0
        self.most_streams = 0
        self._faults = faults
        self._clock = clock
        self._clients: set[_Client] = set()

    @property
    def open_streams(self) -> int:
        """How many clients are listening now."""
        return len(self._clients)

    def cut_randomly(self, seed: int = 1) -> None:
        """Send in pieces, from one byte to more than a frame, cut anywhere."""
        source = random.Random(seed)

        def cut(data: bytes) -> Iterator[bytes]:
            start = 0
            while start < len(data):
                end = start + source.choice((1, 2, source.randint(3, _LARGEST_PIECE)))
                yield data[start:end]
                start = end

        self.cut = cut

    def say(self, data: bytes) -> None:
        """Send these bytes to every open stream, between two frames."""
        for client in self._clients:
            client.said.append(data)
            client.wake.set()

    def end(self) -> None:
        """Close every open stream, with a proper end."""
        for client in self._clients:
            client.ended = True
            client.wake.set()

    def end_with_401(self, *, times: int | None = 1) -> None:
        """Close every open stream, and refuse the next `times` requests for one."""
        self._faults.add(Fault.error(STREAM_PATH, 401, times=times))
        self.end()

    def reset(self) -> None:
        """Abort the connection of every open stream."""
        for client in self._clients:
            client.abort()

    def session_ended(self) -> None:
        """Hear that the sessions are gone."""
        if self.end_on_session_end:
            self.end()

    async def serve(
        self,
        request: web.Request,
        *,
        frame: Callable[[float], Frame | None],
        headers: Iterable[tuple[str, str]],
        fault: Fault | None,
        log: RequestLog,
        entry: LoggedRequest,
    ) -> web.StreamResponse:
        """Answer with a stream, until someone ends it."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        for name, value in headers:
            response.headers.add(name, value)
        response.enable_chunked_encoding()
        response.force_close()
        client = _Client(request, log, entry)
        self._clients.add(client)
        self.connects += 1
        self.most_streams = max(self.most_streams, len(self._clients))
        seed = f"{self.seed}-{self.connects}"
        plan = deliveries(self.pattern, seed=seed, interval=self.interval)
        try:
            await response.prepare(request)
            log.opened(entry, response.status)
            await self._flow(client, _Pipe(self, client, response, fault), frame, plan)
        except ConnectionError:
            # The client has left while something was on its way to it.
            client.abort()
        finally:
            self._clients.discard(client)
        return response

    async def _flow(
        self,
        client: _Client,
        pipe: _Pipe,
        frame: Callable[[float], Frame | None],
        plan: Iterator[Delivery],
    ) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        pending = next(plan)
        while not client.ended and not pipe.is_full:
            await client.sleep_until(start + pending.sent)
            elapsed, now = loop.time() - start, self._clock()
            due: list[Delivery] = []
            while pending.sent <= elapsed:
                due.append(pending)
                pending = next(plan)
            epochs = [now - elapsed + item.measured for item in due]
            told, client.said = b"".join(client.said), []
            await pipe.write(told + self._events(epochs, frame))

    def _events(
        self, epochs: Iterable[float], frame: Callable[[float], Frame | None]
    ) -> bytes:
        if self.stalled:
            return b""
        return b"".join(self._event(at, frame(at) or {}) for at in epochs)

    def _event(self, at: float, measured: Frame) -> bytes:
        said = {
            name: section
            for name, section in measured.items()
            if name not in self.leave_out
        }
        self.frames_sent += 1
        if self.on_frame is not None:
            self.on_frame(at, said)
        lines = [f"data: {json.dumps(said, separators=(',', ':'))}", ""]
        if self.comments:
            lines += [": keep-alive", ""]
        return "".join(line + self.line_end for line in lines).encode()


class _Pipe:
    """The way to one client: a buffer, pieces, and faults that cut the answer short."""

    def __init__(
        self,
        stream: StreamServer,
        client: _Client,
        response: web.StreamResponse,
        fault: Fault | None,
    ) -> None:
        self._stream = stream
        self._client = client
        self._response = response
        self._fault = fault
        self._left = _limit(fault)
        self._buffer = b""
        self._is_buffered = stream.pattern == "buffered"

    @property
    def is_full(self) -> bool:
        """Whether a fault has ended this answer."""
        return self._left is not None and self._left <= 0

    async def write(self, data: bytes) -> None:
        """Send what is not held back."""
        if self._is_buffered:
            self._buffer += data
            ready = len(self._buffer) // _BUFFER_BYTES * _BUFFER_BYTES
            data, self._buffer = self._buffer[:ready], self._buffer[ready:]
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        cut = self._stream.cut
        for piece in [data] if cut is None else cut(data):
            await self._send(piece)
        if self.is_full and self._fault is not None and self._fault.kind == "reset":
            self._client.abort()

    async def _send(self, piece: bytes) -> None:
        if not piece:
            return
        await self._response.write(piece)
        if self._stream.cut is not None:
            # Far enough apart that the client reads them one by one.
            for _ in range(_TURNS_APART):
                await asyncio.sleep(0)


def _limit(fault: Fault | None) -> int | None:
    """Return after how many bytes a fault ends the stream."""
    if fault is None or fault.kind not in {"truncated", "reset"}:
        return None
    return _KEPT_OF_A_STREAM if fault.keep_bytes is None else fault.keep_bytes
