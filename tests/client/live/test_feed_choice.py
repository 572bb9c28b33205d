"""Which source is in use: the best that can be had, and no request too many for it."""

from __future__ import annotations

from dataclasses import replace
import logging

import pytest

from custom_components.envoy_local.client.access_token import AccessToken
from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.models.live import LiveSource, Verdict
from simulator import Fault

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
)


async def test_live_data_steps_in_for_a_stream_that_fails_three_times(
    site: LiveSite,
) -> None:
    watcher = await site.watching(LiveSource.STREAM)
    site.gateway.faults.add(Fault.error(STREAM, 502))
    site.gateway.stream.reset()

    await watcher.up_to(LiveSource.LIVEDATA)
    assert watcher.feed.status.stream is Verdict.FAILING
    site.gateway.requests.clear()
    await site.travel(HOUR, step=10)

    assert 10 <= site.asked(STREAM) <= 13
    assert watcher.source is LiveSource.LIVEDATA

    site.gateway.faults.clear()
    await watcher.up_to(LiveSource.STREAM, within=6 * MINUTE)
    await site.travel(5)
    polls = site.asked(LIVEDATA)
    await site.travel(5 * MINUTE)

    assert site.asked(LIVEDATA) == polls
    assert watcher.sources[-1] is LiveSource.STREAM


async def test_live_data_flows_while_the_stream_is_tried(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)
    site.gateway.stream.stalled = True

    await watcher.up_to(LiveSource.LIVEDATA, within=4 * MINUTE)
    before = len(watcher.powers)
    await site.travel(20 * MINUTE)

    assert None not in watcher.powers[before:]
    assert watcher.feed.status.stream is Verdict.SILENT
    site.gateway.stream.stalled = False
    await watcher.up_to(LiveSource.STREAM, within=6 * MINUTE)
    assert None not in watcher.powers[before:]


async def test_one_failure_more_or_less_asks_for_no_live_data(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)

    for _ in range(2):
        site.gateway.faults.add(Fault.error(STREAM, 502, times=1))
        site.gateway.stream.reset()
        await site.travel.until(lambda: watcher.source is LiveSource.READINGS)
        await watcher.up_to(LiveSource.STREAM)

    assert site.asked(LIVEDATA) == 0


async def test_refused_stream_is_asked_for_again_every_day(
    open_site: OpenSite,
) -> None:
    site = await open_site(scenario="three_phase")
    site.gateway.faults.add(Fault.error(LIVEDATA, 404), Fault.error(STREAM, 401))
    watcher = site.watch()
    await site.travel(10)
    assert site.asked(STREAM) == 2
    await site.read(Tier.READINGS)
    await site.travel(10 * MINUTE)
    asked = site.asked(STREAM)
    assert asked <= 4

    await site.travel(DAY - HOUR, step=900)
    assert site.asked(STREAM) == asked
    assert watcher.feed.status.stream is Verdict.REFUSED
    site.gateway.faults.clear()
    await site.travel(2 * HOUR, step=900)
    await watcher.up_to(LiveSource.STREAM)


async def test_another_token_is_tried_at_once(open_site: OpenSite) -> None:
    site = await open_site(scenario=OWNERS_REFUSED)
    watcher = await site.watching(LiveSource.LIVEDATA)
    await site.travel(10 * MINUTE)

    # What the readings' side does when the user gives another token.
    source = site.session._source
    source.adopt(AccessToken.parse(site.sim.token(role="installer")))
    await site.session.authenticate()
    await watcher.up_to(LiveSource.STREAM)

    assert watcher.feed.status.role == "installer"
    assert watcher.feed.status.stream is Verdict.WORKS


async def test_absent_stream(site: LiveSite) -> None:
    site.gateway.faults.add(Fault.error(LIVEDATA, 404), Fault.error(STREAM, 404))
    watcher = site.watch()

    await site.travel(DAY - HOUR, step=900)

    assert watcher.feed.status.stream is Verdict.ABSENT
    assert site.asked(STREAM) == 2
    site.gateway.faults.clear()
    await site.travel(2 * HOUR, step=900)
    await watcher.up_to(LiveSource.STREAM)


async def test_gateway_without_meters_is_never_asked(open_site: OpenSite) -> None:
    site = await open_site(scenario="unmetered")
    watcher = site.watch()

    await site.travel(DAY, step=900)

    status = watcher.feed.status
    assert (status.stream, status.livedata) == (Verdict.NO_METER, Verdict.NO_METER)
    assert status.source is LiveSource.READINGS
    assert len(site.gateway.requests) == 0
    assert watcher.powers == []


async def test_meter_that_is_switched_on_later(site: LiveSite) -> None:
    known = site.client.snapshot
    site.client.snapshot = replace(known, meters=None)
    watcher = site.watch()
    await site.travel(HOUR)
    assert watcher.feed.status.stream is Verdict.NOT_ASKED
    assert len(site.gateway.requests) == 0

    site.client.snapshot = replace(known, meters=())
    await site.travel(MINUTE)
    assert watcher.statuses[-1].stream is Verdict.NO_METER

    await site.read(Tier.SETTINGS)
    await watcher.up_to(LiveSource.STREAM)


async def test_meters_that_go_away(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)
    known = site.client.snapshot

    site.client.snapshot = replace(known, meters=())
    await site.travel(2 * MINUTE)

    assert watcher.feed.status.stream is Verdict.NO_METER
    assert watcher.source is LiveSource.READINGS
    asked = site.asked(STREAM)
    await site.travel(HOUR)
    assert site.asked(STREAM) == asked

    site.client.snapshot = known
    await watcher.up_to(LiveSource.STREAM)


async def test_meters_that_go_away_while_live_data_flows(open_site: OpenSite) -> None:
    site = await open_site(scenario=OWNERS_REFUSED)
    watcher = await site.watching(LiveSource.LIVEDATA)
    known = site.client.snapshot

    site.client.snapshot = replace(known, meters=())
    await site.travel(6)
    asked = site.asked(LIVEDATA)
    await site.travel(5 * MINUTE)

    assert watcher.powers.count(None) == 1
    assert watcher.sources[-1] is LiveSource.READINGS
    assert site.asked(LIVEDATA) == asked
    site.client.snapshot = known
    await watcher.up_to(LiveSource.LIVEDATA, within=10 * MINUTE)


async def test_reasons_in_words(
    open_site: OpenSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "custom_components.envoy_local")
    site = await open_site(scenario=OWNERS_REFUSED)
    site.gateway.faults.add(Fault.error(SWITCH, 400), Fault.error(LIVEDATA, 404))
    watcher = site.watch()
    await site.travel(MINUTE)
    site.gateway.faults.clear()
    await watcher.up_to(LiveSource.LIVEDATA, within=10 * MINUTE)

    said = [each.getMessage() for each in caplog.records if ".live" in each.name]
    refused = "the gateway refuses the stream to the role owner"
    absent = "the gateway has no live data"
    assert said == [
        f"There is no live power, only the usual readings: {refused}, and {absent}",
        f"Live power comes from the gateway's live data: {refused}",
    ]
