"""A whole day of live power, with the gateway's nightly restart in it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
import gc
from pathlib import Path
import time
from typing import Self

import pytest

from .live_site import (  # noqa: F401 - fixtures
    READINGS,
    LiveHome,
    home_fixture,
    options,
    simulator_fixture,
    travel_fixture,
)

AN_HOUR = 3600.0
STEP = 15.0
RESTART = 22 * AN_HOUR + 57 * 60
"""The second of the gateway's day at which its nightly restart begins."""

FILES = Path("/proc/self/fd")


def left_until(home: LiveHome, second: float) -> float:
    """Return how many seconds are left until a second of the gateway's day."""
    assert home.simulator.plant
    now = datetime.fromtimestamp(time.time(), UTC).astimezone(home.simulator.plant.zone)
    elapsed = now.hour * AN_HOUR + now.minute * 60 + now.second
    return (second - elapsed) % (24 * AN_HOUR)


PACKAGES = {"_asyncio", "aiohttp", "asyncio", "custom_components", "homeassistant"}
"""What is made of these is ours or theirs; the test bed keeps logs and saved files."""


@dataclass(frozen=True, slots=True)
class Held:
    """What there is at a moment."""

    tasks: int
    sockets: int
    things: int

    @classmethod
    def now(cls) -> Self:
        gc.collect()
        return cls(
            tasks=len(asyncio.all_tasks()),
            sockets=sum(is_socket(link) for link in FILES.iterdir()),
            things=sum(
                str(type(thing).__module__).partition(".")[0] in PACKAGES
                for thing in gc.get_objects()
            ),
        )


def is_socket(link: Path) -> bool:
    """Whether an open file is a socket; the listing's own is gone by now."""
    with suppress(FileNotFoundError):
        return "socket:" in str(link.readlink())
    return False


async def restart(home: LiveHome) -> None:
    """Be away for two minutes, then start for one."""
    gateway = home.gateway
    await gateway.go_away()
    await home.travel(120)
    gateway.booting = True
    await gateway.come_back()
    await home.travel(60)
    gateway.booting = False


@pytest.mark.skipif(not FILES.exists(), reason="counts sockets the Linux way")
@pytest.mark.timeout(600)
async def test_a_day_leaves_nothing_behind(home: LiveHome) -> None:
    gateway = home.gateway
    gateway.stream.pattern = "bursts"
    await home.set_up(options(5))
    await home.until_source("stream")
    await home.travel(AN_HOUR, step=STEP)
    before = Held.now()

    evening = left_until(home, RESTART)
    await home.travel(evening, step=STEP)
    await restart(home)
    await home.until_source("stream", within=60)
    assert home.entry.runtime_data.is_reachable

    left = 23 * AN_HOUR - evening
    readings = 0
    while left > 0:
        readings += len(gateway.requests.to(READINGS))
        gateway.requests.clear()
        home.written.clear()
        await home.travel(min(left, AN_HOUR), step=STEP)
        left -= AN_HOUR

    assert home.source == "stream"
    after = Held.now()
    assert abs(after.tasks - before.tasks) <= 2
    assert abs(after.sockets - before.sockets) <= 4
    assert abs(after.things - before.things) < 0.05 * before.things
    assert gateway.stream.open_streams == 1
    assert gateway.stream.most_streams == 1
    assert gateway.stream.connects <= 20
    assert home.hub.status.frames > 0.95 * gateway.stream.frames_sent
    assert home.hub.status.bad_frames == 0
    assert readings > 20 * AN_HOUR / 20
