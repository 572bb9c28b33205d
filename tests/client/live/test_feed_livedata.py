"""Live data, where the stream isn't to be had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
import json

import pytest

from custom_components.envoy_local.client.models.live import (
    LivePower,
    LiveSource,
    Verdict,
)
from simulator import SCENARIOS, Fault

from .conftest import (
    DAY,
    HOUR,
    LIVEDATA,
    MINUTE,
    OWNERS_REFUSED,
    STREAM,
    SWITCH,
    LiveSite,
    OpenSite,
    off_the_truth,
)


@pytest.fixture
async def site(open_site: OpenSite) -> LiveSite:
    """A gateway that refuses its stream to owners."""
    return await open_site(scenario=OWNERS_REFUSED)


def _readings_only(site: LiveSite) -> Callable[[], bool]:
    watcher = site.watchers[-1]
    return lambda: watcher.source is LiveSource.READINGS


def _within_its_second(power: LivePower) -> list[float]:
    """The moments that a time in whole seconds may speak of."""
    assert power.measured_at is not None
    return [power.measured_at + part / 50 for part in range(51)]


async def test_owner_gets_live_data(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.LIVEDATA)
    await site.travel(60, step=1)
    plant = site.sim.plant
    assert plant is not None

    power = watcher.feed.latest
    assert power is not None
    assert off_the_truth(plant, power, _within_its_second(power)) < 5
    assert power.source is LiveSource.LIVEDATA
    assert power.battery is None
    assert len(power.phases) == 3
    status = watcher.feed.status
    assert (status.stream, status.livedata) == (Verdict.REFUSED, Verdict.WORKS)
    assert status.role == "owner"
    assert watcher.sources == [LiveSource.READINGS, LiveSource.LIVEDATA]
    assert site.asked(SWITCH) == status.rearms == 1
    assert None not in watcher.powers


async def test_battery_is_in_live_data(open_site: OpenSite) -> None:
    scenario = replace(SCENARIOS["home"], firmware="D7.6.175")
    site = await open_site(scenario=scenario)
    await site.read(*site.all_tiers)
    watcher = await site.watching(LiveSource.LIVEDATA)
    plant = site.sim.plant
    assert plant is not None

    power = watcher.feed.latest

    assert power is not None
    assert power.battery is not None
    assert off_the_truth(plant, power, _within_its_second(power)) < 5


@pytest.mark.parametrize(("pace", "polls"), [(1, 300), (5, 60), (60, 20)])
async def test_requests_of_five_minutes(
    site: LiveSite, pace: float, polls: int
) -> None:
    await site.watching(LiveSource.LIVEDATA, interval=pace)
    site.gateway.requests.clear()

    await site.travel(5 * MINUTE, step=1)

    # The clock of a busy machine creeps on between two steps.
    assert polls * 0.8 <= site.asked(LIVEDATA) <= polls + 2
    assert len(site.gateway.requests) <= site.asked(LIVEDATA) + 3
    assert site.gateway.requests.max_in_flight["native"] == 1


async def test_it_is_switched_on_again_after_a_quarter_of_an_hour(
    site: LiveSite,
) -> None:
    watcher = await site.watching(LiveSource.LIVEDATA)

    await site.travel(HOUR, step=10)

    assert 4 <= site.gateway.livedata.posts <= 5
    assert None not in watcher.powers
    assert watcher.feed.status.rearms == site.gateway.livedata.posts


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_switch_is_refused_and_the_numbers_move(
    site: LiveSite, status: int
) -> None:
    site.gateway.livedata.refuse_enable = status
    site.gateway.livedata.moves_when_disabled = True
    watcher = await site.watching(LiveSource.LIVEDATA)

    await site.travel(20 * MINUTE)

    assert watcher.source is LiveSource.LIVEDATA
    assert None not in watcher.powers
    # 401 costs a try with the token, the first time.
    assert site.gateway.livedata.posts <= 4
    assert len(watcher.powers) >= 200


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_switch_is_refused_and_nothing_moves(site: LiveSite, status: int) -> None:
    site.gateway.livedata.refuse_enable = status
    watcher = site.watch()

    await site.travel(HOUR)

    assert watcher.source is LiveSource.READINGS
    assert watcher.powers == []
    assert watcher.feed.status.livedata is Verdict.SILENT
    assert site.asked(LIVEDATA) <= 4 * 30
    assert site.gateway.livedata.posts <= 10

    site.gateway.livedata.refuse_enable = None
    await watcher.up_to(LiveSource.LIVEDATA, within=20 * MINUTE)


async def test_numbers_that_stand_still_though_it_is_on(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.LIVEDATA)
    site.gateway.livedata.is_frozen = True

    await site.travel(28, step=1)
    assert watcher.source is LiveSource.LIVEDATA
    await site.travel.up_to(_readings_only(site), within=5, step=1)
    assert watcher.powers.count(None) == 1
    await site.travel(HOUR)

    assert watcher.feed.status.livedata is Verdict.SILENT
    assert watcher.powers.count(None) == 1
    assert site.gateway.livedata.posts <= 10
    site.gateway.livedata.is_frozen = False
    await watcher.up_to(LiveSource.LIVEDATA, within=20 * MINUTE)


async def test_somebody_else_switches_it_off(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.LIVEDATA)
    await site.travel(90, step=1)

    site.gateway.livedata.enabled = False
    await site.travel(20, step=1)

    assert watcher.source is LiveSource.LIVEDATA
    assert site.gateway.livedata.enabled
    assert None not in watcher.powers


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (Fault.error(LIVEDATA, 502, times=2), Verdict.FAILING),
        (Fault.html(LIVEDATA, times=2), Verdict.FAILING),
        (Fault.raw(LIVEDATA, b"{}", times=2), Verdict.FAILING),
        (Fault.reset(LIVEDATA, times=4), Verdict.FAILING),
        (Fault.error(LIVEDATA, 404, times=2), Verdict.ABSENT),
        (Fault.error(LIVEDATA, 403, times=2), Verdict.REFUSED),
        (Fault.hang(LIVEDATA, times=1), Verdict.SILENT),
    ],
    ids=["502", "HTML", "not it", "reset", "404", "403", "hang"],
)
async def test_faults_are_survived(
    site: LiveSite, fault: Fault, verdict: Verdict
) -> None:
    watcher = await site.watching(LiveSource.LIVEDATA)
    await site.travel(90, step=1)

    site.gateway.faults.add(fault)
    await site.travel(60, step=1)

    assert verdict in {status.livedata for status in watcher.statuses}
    assert watcher.feed.status.livedata is Verdict.WORKS
    assert watcher.source is LiveSource.LIVEDATA
    # A few seconds' gap is none: what was shown is still fresh.
    assert None not in watcher.powers


@pytest.mark.parametrize(
    ("status", "verdict"), [(404, Verdict.ABSENT), (403, Verdict.REFUSED)]
)
async def test_nothing_better_than_the_readings(
    site: LiveSite, status: int, verdict: Verdict
) -> None:
    site.gateway.faults.add(Fault.error(LIVEDATA, status))
    watcher = site.watch()

    await site.travel(4 * DAY, step=900)

    assert watcher.source is LiveSource.READINGS
    assert (watcher.feed.status.stream, watcher.feed.status.livedata) == (
        Verdict.REFUSED,
        verdict,
    )
    assert watcher.powers == []
    assert site.asked(LIVEDATA) <= 6
    assert site.asked(STREAM) <= 2 * 6
    assert site.cloud_requests() == 0
    site.gateway.faults.clear()
    await site.travel(DAY, step=900)
    await watcher.up_to(LiveSource.LIVEDATA)


async def test_unmetered_numbers_are_no_source(open_site: OpenSite) -> None:
    """All zeros, and never updated: as gateways without meters answer."""
    site = await open_site(scenario=OWNERS_REFUSED)
    zeros = b'{"connection":{"sc_stream":"enabled"},"meters":{"pv":{"agg_p_mw":0}}}'
    site.gateway.faults.add(Fault.raw(LIVEDATA, zeros))
    watcher = site.watch()

    await site.travel(5 * MINUTE)

    assert watcher.powers == []
    assert watcher.feed.status.livedata is Verdict.SILENT
    site.gateway.faults.clear()
    await watcher.up_to(LiveSource.LIVEDATA, within=20 * MINUTE)


async def test_numbers_without_a_time_live_by_moving(site: LiveSite) -> None:
    """Two answers that differ show life; the same one again doesn't."""
    site.gateway.faults.add(
        *(Fault.raw(LIVEDATA, _timeless(watts), times=1) for watts in (9, 8, 7, 7, 6))
    )
    watcher = site.watch()

    await site.travel.up_to(lambda: len(watcher.powers) >= 3, within=60, step=1)

    shown = [power.grid for power in watcher.powers if power is not None]
    assert shown[:3] == [7.0, 8.0, 9.0]


def _timeless(watts: int) -> bytes:
    meters = {"grid": {"agg_p_mw": 1000 * watts}}
    answer = {"connection": {"sc_stream": "enabled"}, "meters": meters}
    return json.dumps(answer).encode()
