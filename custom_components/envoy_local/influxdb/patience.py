"""How long to wait for a server that doesn't take lines now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_LONGEST: Final = 300.0
_LAST_DOUBLING: Final = 9


class Patience:
    """Pauses that double from failure to failure, cut by chance to half at most."""

    def __init__(self, *, jitter: Callable[[float, float], float]) -> None:
        """Draw each pause with `jitter`, which gets its bounds."""
        self._jitter = jitter
        self._failures = 0
        self._hurry = asyncio.Event()

    def succeeded(self) -> None:
        """Begin with short pauses again."""
        self._failures = 0

    def failed(self) -> float:
        """Return the seconds to wait after one more failure in a row."""
        longest = min(_LONGEST, 2.0 ** min(self._failures, _LAST_DOUBLING))
        self._failures += 1
        return self._jitter(0.5, 1.0) * longest

    async def pause(self, seconds: float) -> None:
        """Wait, unless somebody is in a hurry."""
        self._hurry.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()

    def hurry(self) -> None:
        """Cut the present pause short."""
        self._hurry.set()
