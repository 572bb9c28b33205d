"""`/stream/meter` as a plain client reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from typing import Any, Final

import aiohttp

from simulator import Scenario, Simulator

STREAM: Final = "/stream/meter"
READINGS: Final = "/ivp/meters/readings"
QUICK: Final = 0.01
PATIENCE: Final = 10.0


@dataclass(kw_only=True)
class Listener:
    """One open stream, as a plain client reads it."""

    response: aiohttp.ClientResponse
    received: bytearray = field(default_factory=bytearray)
    chunks: list[bytes] = field(default_factory=list)

    @property
    def frames(self) -> list[Any]:
        whole = bytes(self.received).split(b"\n")[:-1]
        return [json.loads(line[6:]) for line in whole if line.startswith(b"data: ")]

    async def read(self) -> bytes:
        """Return what comes next; b"" at a proper end."""
        async with asyncio.timeout(PATIENCE):
            chunk = await self.response.content.readany()
        self.received += chunk
        self.chunks.append(chunk)
        return chunk

    async def read_frames(self, count: int) -> list[Any]:
        """Read until so many whole frames have come."""
        while bytes(self.received).count(b"\n\r\n") < count:
            assert await self.read()
        return self.frames

    async def read_to_the_end(self) -> list[Any]:
        while await self.read():
            pass
        return self.frames


@asynccontextmanager
async def listening(
    simulator: Simulator, session: aiohttp.ClientSession, *, cookie: str | None = None
) -> AsyncIterator[Listener]:
    bearer = {"Authorization": f"Bearer {simulator.token()}"}
    async with session.get(
        simulator.gateway.url + STREAM,
        headers={"Cookie": cookie} if cookie else bearer,
        ssl=False,
        timeout=aiohttp.ClientTimeout(),
    ) as response:
        assert response.status == 200
        yield Listener(response=response)


async def nothing() -> None:
    """Do nothing."""


async def listen_to_the_end(
    simulator: Simulator,
    session: aiohttp.ClientSession,
    act: Callable[[], Awaitable[None]] = nothing,
) -> None:
    """Read a frame, do something, and read on."""
    async with listening(simulator, session) as stream:
        await stream.read_frames(1)
        await act()
        await stream.read_to_the_end()


@asynccontextmanager
async def quick(scenario: Scenario | str = "home") -> AsyncIterator[Simulator]:
    """A simulator that streams a hundred frames a second."""
    async with Simulator(scenario) as simulator:
        simulator.gateway.stream.interval = QUICK
        yield simulator


async def until(condition: Callable[[], bool]) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while not condition():
        assert loop.time() < deadline, "waited in vain"
        await asyncio.sleep(0.002)


def total(frame: Any, section: str) -> float:
    return float(sum(phase["p"] for phase in frame[section].values()))
