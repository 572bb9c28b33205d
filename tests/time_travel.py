"""Simulated time: the event loop's clock jumps ahead, and all its timers with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import time

import pytest

_PATIENCE = 20.0
_LOOK = 0.002
_TURNS = 50
_MOST_LOOKS = 60
_FLIGHT = 0.1


class TimeTravel:
    """Moves a loop's clock; whatever waits on the loop lives through the time.

    Timers, time-outs and sleeps of Home Assistant, the client and the simulator
    run on the loop's clock alike, so that an hour takes a second and nothing in
    between is skipped.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.offset = 0.0
        self.is_quiet: Callable[[], bool] = lambda: True
        """Whether nothing is under way that a jump in time would tear."""
        loop_time, wall_time = loop.time, time.time
        monkeypatch.setattr(loop, "time", lambda: loop_time() + self.offset)
        monkeypatch.setattr(time, "time", lambda: wall_time() + self.offset)

    async def __call__(self, seconds: float, *, step: float = 5.0) -> None:
        """Let time pass, in steps that leave what is under way to its end."""
        left = seconds
        while left > 0:
            self.offset += min(step, left)
            left -= step
            await self._settle()

    async def up_to(
        self, condition: Callable[[], bool], *, within: float, step: float = 5.0
    ) -> None:
        """Let time pass until something has happened, `within` seconds."""
        end = self.offset + within
        while not condition():
            assert self.offset < end, "it did not happen in time"
            await self(step, step=step)

    async def _settle(self) -> None:
        """Wait until nothing is under way, but not for what hangs."""
        for _ in range(_MOST_LOOKS):
            await asyncio.sleep(_LOOK)
            if await self._is_calm():
                return

    async def _is_calm(self) -> bool:
        """Whether nothing begins in as many turns of the loop as a request takes.

        Client and simulator share the loop, so that between an answer and the next
        request it turns a few times, however long a turn takes on this machine.
        """
        for _ in range(_TURNS):
            await asyncio.sleep(0)
            if not self.is_quiet():
                return False
        return True

    @asynccontextmanager
    async def hurrying(self) -> AsyncIterator[None]:
        """Let time fly while something is waited for that may hang."""

        async def fly() -> None:
            while True:
                await asyncio.sleep(_LOOK)
                self.offset += _FLIGHT

        flight = asyncio.get_running_loop().create_task(fly())
        try:
            yield
        finally:
            flight.cancel()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait, in real time, for something that is under way."""
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            await asyncio.sleep(_LOOK)
