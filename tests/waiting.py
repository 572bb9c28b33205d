"""How long something waits for others, however busy the machine is meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

_TICK: Final = 0.01


@dataclass(slots=True)
class Wait:
    """A span of time, in seconds; told when it is over."""

    total: float = 0.0
    """By the clock. On a busy machine it can be any multiple of what is needed."""
    waited: float = 0.0
    """Of it, while this loop ran on time: nobody else is to blame for that."""


@asynccontextmanager
async def measured() -> AsyncIterator[Wait]:
    """Measure what is done inside, less the time by which the loop itself was late.

    What blocks the loop makes it late, too: that shows in the total only.
    """
    loop = asyncio.get_running_loop()
    begun = due = loop.time()
    late, wait = 0.0, Wait()

    async def tick() -> None:
        nonlocal due, late
        while True:
            due = loop.time() + _TICK
            await asyncio.sleep(_TICK)
            late += loop.time() - due

    ticking = asyncio.create_task(tick())
    # It has to be on its way before what is measured can keep it from that.
    await asyncio.sleep(0)
    try:
        yield wait
    finally:
        now = loop.time()
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        wait.total = now - begun
        wait.waited = wait.total - late - max(now - due, 0.0)
