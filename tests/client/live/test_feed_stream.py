"""The stream at work: what is told of it, and when."""

from __future__ import annotations

from itertools import pairwise

import pytest

from custom_components.envoy_local.client.models.live import (
    LivePower,
    LiveSource,
    Verdict,
)
from simulator import Scenario
from simulator.delivery import Pattern
from simulator.scenarios import Metering

from .conftest import (
    LIVEDATA,
    STREAM,
    LiveSite,
    OpenSite,
    Watcher,
    off_the_truth,
)
from .frames import frame, written


def _flowing(watcher: Watcher) -> list[LivePower]:
    """The powers of a feed that never paused."""
    powers = [power for power in watcher.powers if power is not None]
    assert len(powers) == len(watcher.powers)
    return powers


async def test_power_of_the_second(site: LiveSite) -> None:
    sent: list[float] = []
    site.gateway.stream.on_frame = lambda measured, _: sent.append(measured)
    watcher = await site.watching(LiveSource.STREAM)
    plant = site.sim.plant
    assert plant is not None

    await site.travel(60, step=1)

    powers = _flowing(watcher)
    assert len(powers) >= 50
    for power in powers:
        assert power.source is LiveSource.STREAM
        assert off_the_truth(plant, power, sent) < 0.05
        assert power.battery is None
        assert sum(each.grid or 0 for each in power.phases) == pytest.approx(power.grid)
    assert off_the_truth(plant, powers[-1], sent[-1:]) < 0.05
    status = watcher.feed.status
    assert (status.stream, status.livedata) == (Verdict.WORKS, Verdict.NOT_ASKED)
    assert status.last_frame_at == powers[-1].received_at
    assert watcher.feed.latest == powers[-1]
    assert (status.role, status.connects) == ("owner", 1)
    assert site.asked(STREAM) == 1
    assert site.asked(LIVEDATA) == 0


async def test_status_is_told_when_it_changes(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)

    await site.travel(60)

    assert watcher.sources == [LiveSource.STREAM]
    assert len(watcher.statuses) == 1


@pytest.mark.parametrize("pattern", ["steady", "bursts", "buffered"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
async def test_every_frame_is_read_however_it_comes(
    site: LiveSite, pattern: Pattern, line_end: str
) -> None:
    stream = site.gateway.stream
    stream.pattern, stream.line_end, stream.comments = pattern, line_end, True
    stream.cut_randomly(seed=3)
    watcher = await site.watching(LiveSource.STREAM)

    await site.travel(120, step=1)

    status = watcher.feed.status
    assert status.bad_frames == 0
    assert status.connects == 1
    # What is buffered is on its way for up to 24 s.
    assert stream.frames_sent - 30 <= status.frames <= stream.frames_sent
    assert _flowing(watcher)


async def test_burst_tells_its_newest(site: LiveSite) -> None:
    sent: list[float] = []
    stream = site.gateway.stream
    stream.on_frame = lambda measured, _: sent.append(measured)
    watcher = await site.watching(LiveSource.STREAM)
    before = len(watcher.powers)

    await site.travel(300, step=5)

    told = watcher.powers[before:]
    assert len(sent) >= 300
    assert 55 <= len(told) <= 65
    newest = _flowing(watcher)[-1]
    plant = site.sim.plant
    assert plant is not None
    truth = plant.power(sent[-1])
    assert newest.production == pytest.approx(truth.production, abs=0.01)


async def test_burst_in_pieces_tells_its_newest_alone(site: LiveSite) -> None:
    """In real time: eight frames within 30 ms, after seconds of silence."""
    watcher = await site.watching(LiveSource.STREAM)
    stream = site.gateway.stream
    stream.stalled = True
    await site.travel(10, step=10)
    before = len(watcher.powers)

    for number in range(8):
        stream.say(_event(100.0 + number))
        await site.travel.until(lambda: True)
    await site.travel.until(lambda: len(watcher.powers) > before)

    newest = watcher.feed.latest
    assert newest is not None
    assert newest.production == 107.0
    assert len(watcher.powers) == before + 1


def _event(watts: float) -> bytes:
    return b"data: " + written(frame((watts,), (0,))) + b"\n\n"


async def test_lonely_frame_after_a_silence_is_not_held_back(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)
    stream = site.gateway.stream
    stream.stalled = True
    await site.travel(20, step=20)

    stream.say(_event(5.0))
    await site.travel.until(
        lambda: watcher.feed.latest is not None and watcher.feed.latest.production == 5
    )


async def test_bad_frames_are_counted_and_skipped(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)
    stream = site.gateway.stream

    for wrong in (b"data: {\n\n", b"data: <html>\n\n", b"data: {}\n\n", b"junk\n\n"):
        stream.say(wrong)
    stream.say(b"data: " + b"7" * 70_000 + b"\n\n")
    await site.travel(20, step=1)

    status = watcher.feed.status
    assert status.bad_frames == 4
    assert status.connects == 1
    assert status.stream is Verdict.WORKS
    gaps = [late - early for early, late in pairwise(watcher.at)]
    assert max(gaps) < 3


@pytest.mark.parametrize("missing", ["production", "net-consumption"])
async def test_section_that_is_missing(site: LiveSite, missing: str) -> None:
    site.gateway.stream.leave_out = frozenset({missing})
    watcher = await site.watching(LiveSource.STREAM)

    await site.travel(10, step=1)

    power = watcher.feed.latest
    assert power is not None
    known = {"production": power.production, "net-consumption": power.grid}
    assert known.pop(missing) is None
    assert set(known.values()) != {None}
    assert power.consumption is None


async def test_meter_that_is_switched_off_is_not_believed(open_site: OpenSite) -> None:
    metering = Metering(
        phase_mode="single",
        phase_count=1,
        voltage=230.0,
        frequency=50.0,
        disabled=("production",),
    )
    scenario = Scenario(
        name="half",
        serial="122412345611",
        firmware="D8.3.5167",
        part_number="800-00649-r01",
        timezone="Europe/Berlin",
        inverter_count=5,
        metering=metering,
    )
    site = await open_site(scenario=scenario)
    watcher = await site.watching(LiveSource.STREAM)

    power = watcher.feed.latest

    assert power is not None
    assert power.production is None
    assert power.grid is not None
    assert power.consumption is None
