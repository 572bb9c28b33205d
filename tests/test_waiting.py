"""The stopwatch of the tests tells waiting from a machine that has no time."""

from __future__ import annotations

import asyncio
import time

from .waiting import measured


async def test_waiting_counts() -> None:
    async with measured() as wait:
        await asyncio.sleep(0.5)

    assert wait.total >= 0.5
    assert wait.waited > 0.1


async def test_a_machine_without_time_does_not() -> None:
    async with measured() as wait:
        for _ in range(5):
            await asyncio.sleep(0)
            time.sleep(0.1)  # noqa: ASYNC251 - it is what is meant

    assert wait.total >= 0.5
    assert wait.waited < 0.1
