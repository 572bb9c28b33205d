"""A process with a gateway that streams; it says where, and ends with its input."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
import json
from pathlib import Path
import sys
import time
from typing import Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.live_clock import run_hurried  # noqa: E402  # after the path
from simulator import Simulator  # noqa: E402  # as above

SITE: Final = "three_phase"
"""Without a battery: every one of its power sensors shows something new each time."""
_NOON: Final = 12


async def serve() -> None:
    """Stream as firmware 8.3 does, in the middle of the site's day."""
    hours = _NOON - datetime.fromtimestamp(time.time(), UTC).hour
    async with Simulator(SITE, timezone=f"Etc/GMT{-hours:+d}") as simulator:
        gateway = simulator.gateway
        gateway.stream.pattern = "bursts"
        facts = {
            "host": gateway.host,
            "serial": simulator.serial,
            "fingerprint": gateway.fingerprint,
            "token": simulator.token(),
        }
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(
            None, partial(sys.stdin.read, -1)
        )


if __name__ == "__main__":
    run_hurried(serve, float(sys.argv[1]))
