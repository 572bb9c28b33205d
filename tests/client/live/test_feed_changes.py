"""Answers that change: a source that fails in one way, and then in another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from custom_components.envoy_local.client.models.live import LiveSource, Verdict
from simulator import Fault

from .conftest import MINUTE, OWNERS_REFUSED, STREAM, LiveSite, OpenSite, Watcher

_SECOND_TRY = 5 * MINUTE
"""When the stream is tried again, while live data flows."""


async def _outlives(site: LiveSite, watcher: Watcher) -> None:
    """See live data go on after the second try."""
    await site.travel(_SECOND_TRY + MINUTE, step=1)
    assert watcher.source is LiveSource.LIVEDATA
    assert watcher.feed.status.stream in {Verdict.FAILING, Verdict.SILENT}
    polls = watcher.feed.status.polls
    await site.travel(20, step=1)
    assert watcher.feed.status.polls > polls


@pytest.mark.parametrize(
    "second",
    [Fault.error(STREAM, 503, times=1), Fault.hang(STREAM, times=1)],
    ids=["503", "hangs"],
)
async def test_refused_and_then_failing(open_site: OpenSite, second: Fault) -> None:
    site = await open_site(scenario=OWNERS_REFUSED)
    watcher = await site.watching(LiveSource.LIVEDATA)
    site.gateway.faults.add(second)

    await _outlives(site, watcher)


async def test_absent_and_then_hanging(open_site: OpenSite) -> None:
    site = await open_site(scenario="three_phase")
    site.gateway.faults.add(Fault.error(STREAM, 404, times=1))
    watcher = await site.watching(LiveSource.LIVEDATA)
    site.gateway.faults.add(Fault.hang(STREAM, times=1))

    await _outlives(site, watcher)
    await watcher.up_to(LiveSource.STREAM, within=2 * _SECOND_TRY)


@pytest.mark.parametrize("seconds", [40, 44, 48, 52])
async def test_meters_that_are_switched_off_and_on(
    open_site: OpenSite, seconds: int
) -> None:
    site = await open_site(scenario=OWNERS_REFUSED)
    watcher = await site.watching(LiveSource.LIVEDATA)
    known = site.client.snapshot
    off = tuple(replace(meter, is_enabled=False) for meter in known.meters or ())
    site.client.snapshot = replace(known, meters=off)
    await site.travel(seconds, step=1)
    assert watcher.source is LiveSource.READINGS
    assert watcher.feed.status.stream is Verdict.NO_METER

    site.client.snapshot = known
    await site.travel.up_to(
        lambda: watcher.source is LiveSource.LIVEDATA, within=MINUTE, step=1
    )
