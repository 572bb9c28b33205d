"""The one clock for everything that waits."""

from __future__ import annotations

import asyncio


def loop_time() -> float:
    """Return the running event loop's seconds, which never go back."""
    return asyncio.get_running_loop().time()
