"""From start to end: nothing escapes, nothing is left behind."""

from __future__ import annotations

import asyncio
import gc

import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.live.feed import LiveFeed
from custom_components.envoy_local.client.models.live import (
    LiveSource,
    LiveStatus,
    Verdict,
)
from custom_components.envoy_local.client.models.totals import Section
from simulator import Fault

from .conftest import HOUR, LIVEDATA, MINUTE, OWNERS_REFUSED, LiveSite, OpenSite


async def test_before_it_starts(site: LiveSite) -> None:
    feed = LiveFeed(
        session=site.session,
        snapshot=lambda: site.client.snapshot,
        interval=5,
        on_power=lambda _: pytest.fail("nothing flows yet"),
        on_status=lambda: pytest.fail("nothing has changed yet"),
    )

    assert feed.latest is None
    assert feed.status == LiveStatus(
        source=LiveSource.READINGS,
        stream=Verdict.NOT_ASKED,
        livedata=Verdict.NOT_ASKED,
        role="owner",
    )
    assert len(site.gateway.requests) == 0


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233])
async def test_it_can_be_cancelled_at_any_moment(site: LiveSite, turns: int) -> None:
    tasks = asyncio.all_tasks()
    watcher = site.watch()
    for _ in range(turns):
        await asyncio.sleep(0)

    await watcher.stop()
    site.watchers.clear()

    await site.travel.until(lambda: site.gateway.stream.open_streams == 0)
    await site.travel.until(lambda: site.gateway.requests.is_idle)
    assert {t for t in asyncio.all_tasks() - tasks if "LiveFeed" in repr(t)} == set()
    assert watcher.feed.latest is None
    # The way is free for the next one.
    await site.watching(LiveSource.STREAM)


@pytest.mark.parametrize("path", ["*", LIVEDATA])
async def test_it_can_be_cancelled_while_it_waits(
    open_site: OpenSite, path: str
) -> None:
    site = await open_site(scenario=OWNERS_REFUSED)
    site.gateway.faults.add(Fault.hang(path))
    watcher = site.watch()
    await site.travel.until(lambda: len(site.gateway.requests) > 0)
    await site.travel(3, step=1)

    await watcher.stop()
    site.watchers.clear()

    site.gateway.faults.clear()
    await site.watching(LiveSource.LIVEDATA)


async def test_cancelling_tells_nobody(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)
    powers, statuses = len(watcher.powers), len(watcher.statuses)

    await watcher.stop()
    site.watchers.clear()
    await site.travel(2 * MINUTE)

    assert len(watcher.powers) == powers
    assert len(watcher.statuses) == statuses
    assert watcher.feed.latest is None


async def test_two_feeds_take_turns(site: LiveSite) -> None:
    """As when an entry is loaded again: the first has ended, its socket hardly."""
    first = await site.watching(LiveSource.STREAM)
    await first.stop()
    site.watchers.clear()

    await site.watching(LiveSource.STREAM)

    assert site.gateway.stream.most_streams == 1


async def test_what_breaks_live_power_leaves_the_readings_alone(
    site: LiveSite,
) -> None:
    watcher = await site.watching(LiveSource.STREAM)
    site.gateway.faults.add(
        Fault.html("/stream/*"), Fault.error(LIVEDATA, 500), Fault.hang("/ivp/live*")
    )
    site.gateway.stream.reset()
    loop = asyncio.get_running_loop()

    for _ in range(40):
        await site.travel(15)
        start = loop.time()
        async with site.travel.hurrying():
            await site.read(Tier.READINGS)
        assert loop.time() - start < 7
        assert site.client.records[Section.READINGS].failures == 0

    assert watcher.source is LiveSource.READINGS
    site.gateway.faults.clear()
    await watcher.up_to(LiveSource.STREAM)


async def test_nothing_grows(site: LiveSite) -> None:
    """Resets, stalls and restarts, over and over."""
    watcher = await site.watching(LiveSource.STREAM, random=0.3)

    async def trouble() -> None:
        site.gateway.stream.reset()
        await site.travel(MINUTE)
        site.gateway.stream.stalled = True
        await site.travel(40)
        site.gateway.stream.stalled = False
        await site.gateway.go_away()
        await site.travel(MINUTE)
        await site.gateway.come_back()
        await watcher.up_to(LiveSource.STREAM, within=5 * MINUTE)

    def what_there_is() -> tuple[int, int]:
        gc.collect()
        connector = site.http.connector
        assert connector is not None
        # What is in use has no public view.
        return len(asyncio.all_tasks()), len(connector._acquired)

    await trouble()
    before = what_there_is()
    for _ in range(5):
        await trouble()

    assert what_there_is() == before
    assert site.gateway.stream.open_streams == 1
    assert site.gateway.stream.most_streams == 1


async def test_an_error_of_whoever_listens_is_not_hidden(site: LiveSite) -> None:
    """It is a mistake of ours, and belongs into a bug report."""

    class OursError(Exception):
        pass

    def listen(_: object) -> None:
        raise OursError

    feed = LiveFeed(
        session=site.session,
        snapshot=lambda: site.client.snapshot,
        interval=5,
        on_power=listen,
        on_status=lambda: None,
    )
    with pytest.raises(ExceptionGroup) as caught:
        await feed.run()

    assert [type(each) for each in caught.value.exceptions] == [OursError]
    await site.travel.until(lambda: site.gateway.stream.open_streams == 0)
    await site.watching(LiveSource.STREAM)


async def test_a_night(site: LiveSite) -> None:
    """Sessions end, the gateway restarts at eleven: live power is back in a minute."""
    watcher = await site.watching(LiveSource.STREAM)
    await site.travel(HOUR, step=10)

    site.gateway.stream.end_on_session_end = True
    await site.gateway.go_away()
    await site.travel(13 * MINUTE, step=10)
    assert watcher.source is LiveSource.READINGS
    await site.gateway.come_back()
    loop = asyncio.get_running_loop()
    back = loop.time()
    await site.travel.up_to(
        lambda: watcher.source is not LiveSource.READINGS, within=MINUTE, step=1
    )
    assert loop.time() - back < MINUTE
    await watcher.up_to(LiveSource.STREAM, within=6 * MINUTE)

    before = len(watcher.powers)
    await site.travel(HOUR, step=10)
    assert None not in watcher.powers[before:]
