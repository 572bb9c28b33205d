"""An event loop whose time passes faster, so that an hour takes minutes.

Everything that waits does so on the loop's clock, in the integration and in the
simulator alike: the order of things and their share of the hour stay what they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
import selectors
import time
from typing import Any, override

_EXACT = selectors.SelectSelector
"""Others wait whole milliseconds, which is much where time flies."""


class _HurriedSelector(_EXACT):
    """Waits a part of the time that it is told to."""

    def __init__(self, speed: float) -> None:
        """Wait so many times shorter."""
        super().__init__()
        self._speed = speed

    @override
    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for something to read or write."""
        return super().select(timeout and timeout / self._speed)


class _HurriedLoop(asyncio.SelectorEventLoop):
    """A loop with another clock."""

    def __init__(self, speed: float) -> None:
        """Run so many times faster."""
        self._speed = speed
        super().__init__(_HurriedSelector(speed))

    @override
    def time(self) -> float:
        """Return seconds that pass faster."""
        return super().time() * self._speed


def run_hurried[ResultT](
    work: Callable[[], Coroutine[Any, Any, ResultT]], speed: float
) -> ResultT:
    """Run to the end, the wall clock as fast as the loop; at 1 nothing is changed."""
    if speed == 1:
        return asyncio.run(work())
    begin, now = time.time(), time.time
    time.time = lambda: begin + (now() - begin) * speed
    try:
        with asyncio.Runner(loop_factory=lambda: _HurriedLoop(speed)) as runner:
            return runner.run(work())
    finally:
        time.time = now
