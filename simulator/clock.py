"""The one clock that everything simulated reads."""

from __future__ import annotations

from collections.abc import Callable
import time

type Clock = Callable[[], float]


def wall_clock() -> float:
    """Return epoch seconds; `time.time` is looked up here, so tests can move it."""
    return time.time()
