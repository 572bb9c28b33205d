"""Live power on a gateway that misbehaves: it falls back, says why, and returns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import pairwise
import logging
import time

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
import pytest

from custom_components.envoy_local.const import DOMAIN
from simulator import SCENARIOS, Fault
from simulator.payloads_live import Frame

from .live_site import (  # noqa: F401 - fixtures
    LIVEDATA,
    READINGS,
    STREAM,
    SWITCH,
    LiveHome,
    home_fixture,
    options,
    simulator_fixture,
    travel_fixture,
)

CHECK_JWT = "/auth/check_jwt"
AN_HOUR = 3600
A_DAY = 24 * AN_HOUR
INTERVAL = 15
"""Seconds between two readings."""
ON_TIME = INTERVAL + 5

REFUSING = pytest.mark.parametrize(
    "simulator",
    [{"scenario": replace(SCENARIOS["home"], firmware="D7.6.175")}],
    indirect=True,
)


class Ages:
    """How old the shown power is: which second of the gateway's day it was."""

    def __init__(self, home: LiveHome) -> None:
        self._home = home
        self._measured: dict[float, float] = {}
        self.seen: list[float] = []
        home.gateway.stream.on_frame = self._note

    def _note(self, at: float, frame: Frame) -> None:
        phases = frame["production"].values()
        self._measured[round(sum(phase["p"] for phase in phases), 3)] = at

    def look(self) -> None:
        shown = round(self._home.watts("production_power"), 3)
        self.seen.append(time.time() - self._measured[shown])

    @property
    def mean(self) -> float:
        return sum(self.seen) / len(self.seen)


async def test_bursts_and_silences_leave_the_power_fresh(home: LiveHome) -> None:
    """Firmware D8.3.6086: silences of 3 to 13 s, then everything at once."""
    home.gateway.stream.pattern = "bursts"
    ages = Ages(home)
    await home.set_up(options(1))
    await home.until_source("stream")
    await home.travel(2, step=0.25)
    for _ in range(1400):
        await home.travel(0.25, step=0.25)
        ages.look()

    assert home.gateway.stream.connects == 1
    assert max(ages.seen) > 4, "there were silences"
    assert ages.mean < 2
    assert home.hub.status.bad_frames == 0
    assert home.hub.status.frames >= 340


async def test_frames_in_pieces_are_all_read(home: LiveHome) -> None:
    """Cut anywhere, with comments between, and several at once."""
    home.gateway.stream.cut_randomly(seed=7)
    home.gateway.stream.comments = True
    ages = Ages(home)
    await home.set_up(options(1))
    await home.until_source("stream")
    await home.travel(60)
    ages.look()

    assert home.hub.status.bad_frames == 0
    assert home.hub.status.frames >= home.gateway.stream.frames_sent - 5
    assert ages.mean < 6


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What goes wrong with an open stream, what it is called, and how it ends."""

    begin: Callable[[LiveHome], Awaitable[None]]
    end: Callable[[LiveHome], Awaitable[None]]
    within: float
    """Seconds until the power falls back."""
    verdict: str


async def nothing(_: LiveHome) -> None:
    """Leave it as it is."""


async def stall(home: LiveHome) -> None:
    home.gateway.stream.stalled = True


async def flow(home: LiveHome) -> None:
    home.gateway.stream.stalled = False


async def mend(home: LiveHome) -> None:
    home.gateway.faults.clear()


def broken_by(fault: Fault) -> Callable[[LiveHome], Awaitable[None]]:
    """Cut the stream, and answer like this from then on."""

    async def begin(home: LiveHome) -> None:
        home.gateway.faults.add(fault)
        home.gateway.stream.reset()

    return begin


async def refuse_mid_stream(home: LiveHome) -> None:
    home.gateway.forget_sessions()
    home.gateway.stream.end_with_401(times=4)


TROUBLES: Mapping[str, Trouble] = {
    "stall": Trouble(begin=stall, end=flow, within=35, verdict="silent"),
    "reset": Trouble(
        begin=broken_by(Fault.reset(STREAM)), end=mend, within=2, verdict="failing"
    ),
    "401 mid-stream": Trouble(
        begin=refuse_mid_stream, end=nothing, within=2, verdict="failing"
    ),
    "html": Trouble(
        begin=broken_by(Fault.html(STREAM)), end=mend, within=2, verdict="failing"
    ),
    "busy": Trouble(
        begin=broken_by(Fault.error(STREAM, 503)), end=mend, within=2, verdict="failing"
    ),
    "gone": Trouble(
        begin=broken_by(Fault.error(STREAM, 404)), end=mend, within=2, verdict="absent"
    ),
}


@asynccontextmanager
async def readings_on_time(home: LiveHome) -> AsyncIterator[None]:
    """No good reading is late."""
    start = time.time()
    yield
    requests = home.gateway.requests.to(READINGS)
    good = [r.time for r in requests if r.time >= start and r.status == HTTPStatus.OK]
    gaps = [later - earlier for earlier, later in pairwise([start, *good, time.time()])]
    assert max(gaps) < ON_TIME


@pytest.mark.parametrize("name", TROUBLES)
async def test_a_stream_that_fails_comes_back(home: LiveHome, name: str) -> None:
    trouble = TROUBLES[name]
    home.gateway.stream.pattern = "bursts"
    await home.set_up(options(1))
    await home.until_source("stream")
    async with readings_on_time(home):
        await home.travel(40, step=2)
        verdicts: list[str] = []
        home.hub.async_add_status_listener(
            lambda: verdicts.append(home.hub.status.stream)
        )
        await trouble.begin(home)
        await home.travel.up_to(
            lambda: home.hub.shown is None, within=trouble.within, step=0.5
        )
        assert home.source == "readings"
        await home.travel(20, step=2)
        await trouble.end(home)
        await home.until_source("stream", within=330)
        await home.travel(40, step=2)

    assert trouble.verdict in verdicts
    assert home.verdict("stream") == "works"
    assert home.gateway.stream.open_streams == 1
    assert home.gateway.stream.most_streams == 1


async def test_a_gateway_that_restarts(home: LiveHome) -> None:
    gateway = home.gateway
    gateway.stream.pattern = "bursts"
    await home.set_up(options(1))
    await home.until_source("stream")
    await home.travel(40, step=1)
    await gateway.go_away()
    await home.travel(2, step=0.5)
    assert home.source == "readings"
    assert home.hub.shown is None
    await home.travel(90)
    gateway.booting = True
    await gateway.come_back()
    await home.travel(120)
    gateway.booting = False

    await home.until_source("stream", within=60)
    async with readings_on_time(home):
        await home.travel(120, step=1)
    assert gateway.stream.most_streams == 1
    assert home.entry.runtime_data.is_reachable


@REFUSING
async def test_a_refused_owner_is_told_so(
    hass: HomeAssistant, home: LiveHome, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await home.set_up(options(5))
    await home.until_source("livedata")

    assert home.verdict("stream") == "refused"
    assert home.verdict("role") == "owner"
    said = [r for r in caplog.messages if "the gateway refuses the stream" in r]
    assert len(said) == 1
    assert "owner" in said[0]
    texts = await async_get_translations(hass, "en", "entity", {DOMAIN})
    word = f"component.{DOMAIN}.entity.sensor.live_source.state_attributes"
    assert texts[f"{word}.stream.state.refused"] == (
        "The gateway refuses the stream to this token's role"
    )

    home.gateway.faults.add(Fault.error(LIVEDATA, 404))
    await home.until_source("readings", within=120)
    await home.travel.up_to(
        lambda: home.verdict("livedata") == "absent", within=300, step=5
    )
    assert home.verdict("stream") == "refused"

    home.gateway.faults.clear()
    await home.until_source("livedata", within=A_DAY)


@REFUSING
@pytest.mark.timeout(300)
async def test_a_refusal_is_no_storm(home: LiveHome) -> None:
    """Hours: asked a few times, and no more sessions than the readings need."""
    requests = home.gateway.requests
    await home.set_up(options(5))
    await home.until_source("livedata")
    await home.travel(AN_HOUR, step=15)

    assert len(requests.to(STREAM)) <= 6
    assert len(requests.to(CHECK_JWT)) <= 4
    assert len(requests.to(LIVEDATA)) <= AN_HOUR / 5 + 10
    assert 1 <= len(requests.to(SWITCH)) <= 10
    assert requests.max_in_flight["native"] <= 2

    home.gateway.faults.add(Fault.error(LIVEDATA, 401))
    await home.until_source("readings", within=120)
    requests.clear()
    await home.travel(3 * AN_HOUR, step=20)
    live = [r for r in requests if r.path in {STREAM, LIVEDATA, SWITCH}]
    assert len(live) <= 10
    assert len(requests.to(CHECK_JWT)) <= 5
    assert not len(home.simulator.cloud.requests)
    assert len(requests.to(READINGS)) >= 3 * AN_HOUR / 20 - 20
