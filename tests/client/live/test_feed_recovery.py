"""Whatever befalls the stream: the readings take over at once, and it comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
import logging
from typing import Final

import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.models.live import LiveSource, Verdict
from custom_components.envoy_local.client.models.totals import Section
from simulator import Fault

from .conftest import CHECK, LIVEDATA, MINUTE, STREAM, LiveSite, Watcher

type Break = Callable[[LiveSite], Awaitable[None]]


async def _stall(site: LiveSite) -> None:
    site.gateway.stream.stalled = True
    await site.travel(35, step=1)
    site.gateway.stream.stalled = False


async def _reset(site: LiveSite) -> None:
    site.gateway.stream.reset()
    await site.travel.until(lambda: site.gateway.stream.open_streams == 0)


async def _end(site: LiveSite) -> None:
    site.gateway.stream.end()
    await site.travel.until(lambda: site.gateway.stream.open_streams == 0)


async def _end_with_401(site: LiveSite) -> None:
    site.gateway.stream.end_with_401()
    await site.travel.until(lambda: site.gateway.stream.open_streams == 0)


async def _end_of_session(site: LiveSite) -> None:
    site.gateway.stream.end_on_session_end = True
    site.gateway.forget_sessions()
    await site.travel.until(lambda: site.gateway.stream.open_streams == 0)


async def _html(site: LiveSite) -> None:
    site.gateway.faults.add(Fault.html(STREAM, times=2))
    await _reset(site)


async def _reboot(site: LiveSite) -> None:
    await site.gateway.go_away()
    await site.travel(90)
    await site.gateway.come_back()
    site.gateway.booting = True
    await site.travel(90)
    site.gateway.booting = False


async def _absent_for_a_moment(site: LiveSite) -> None:
    site.gateway.faults.add(Fault.error(STREAM, 404, times=1))
    await _reset(site)


async def _refused_for_a_moment(site: LiveSite) -> None:
    site.gateway.faults.add(Fault.error(STREAM, 401, times=3))
    await _reset(site)


async def _garbage(site: LiveSite) -> None:
    site.gateway.faults.add(Fault.raw(STREAM, b"\x00\xff" * 5000, times=1))
    await _reset(site)


async def _cut_short(site: LiveSite) -> None:
    site.gateway.faults.add(Fault.truncated(STREAM, times=1))
    await _reset(site)


async def _hang(site: LiveSite) -> None:
    site.gateway.faults.add(Fault.hang(STREAM, times=1))
    await _reset(site)
    await site.travel(35)


_BREAKS: Final[dict[str, Break]] = {
    "stall": _stall,
    "reset": _reset,
    "end": _end,
    "401 when it ends": _end_with_401,
    "end of the session": _end_of_session,
    "HTML": _html,
    "garbage": _garbage,
    "cut short": _cut_short,
    "hang": _hang,
    "404 for a moment": _absent_for_a_moment,
    "refused for a moment": _refused_for_a_moment,
    "reboot": _reboot,
}


@pytest.mark.parametrize("break_it", _BREAKS.values(), ids=_BREAKS.keys())
@pytest.mark.parametrize("random", [0.2, 1.0])
async def test_it_comes_back(site: LiveSite, break_it: Break, random: float) -> None:
    watcher = await site.watching(LiveSource.STREAM, random=random)
    await site.travel(120)
    before = len(watcher.powers)

    await break_it(site)
    await watcher.travel.until(lambda: None in watcher.powers[before:])
    await watcher.up_to(LiveSource.STREAM)
    await site.travel(10, step=1)

    assert watcher.source is LiveSource.STREAM
    assert watcher.feed.latest is not None
    assert watcher.feed.status.stream is Verdict.WORKS
    assert site.cloud_requests() == 0
    assert site.asked(STREAM) <= 15
    await site.read(Tier.READINGS)
    assert site.client.records[Section.READINGS].error is None
    assert site.gateway.stream.open_streams == 1


async def test_readings_take_over_at_once(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)

    await _reset(site)
    await site.travel.until(lambda: watcher.powers[-1] is None)

    assert watcher.source is LiveSource.READINGS
    assert watcher.feed.latest is None
    assert watcher.feed.status.stream is Verdict.FAILING
    assert watcher.sources[-1] is LiveSource.READINGS
    await watcher.up_to(LiveSource.STREAM)


async def test_silence_of_half_a_minute_is_the_end(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)
    site.gateway.stream.stalled = True

    await site.travel(28, step=1)
    assert watcher.source is LiveSource.STREAM
    await site.travel(4, step=1)

    assert watcher.sources[-1] is LiveSource.READINGS
    assert watcher.powers.count(None) == 1
    assert watcher.feed.status.stream is Verdict.SILENT
    site.gateway.stream.stalled = False
    await watcher.up_to(LiveSource.STREAM)


async def test_comments_alone_are_silence(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)
    site.gateway.stream.stalled = True

    for _ in range(32):
        site.gateway.stream.say(b": keep-alive\r\n\r\ndata: nonsense\r\n\r\n")
        await site.travel(1, step=1)

    assert watcher.source is LiveSource.READINGS
    assert watcher.feed.status.bad_frames >= 25
    site.gateway.stream.stalled = False
    await watcher.up_to(LiveSource.STREAM)


async def test_waits_grow_and_start_again_after_a_good_minute(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)
    waits = [await _wait_after_reset(site, watcher, good=5) for _ in range(7)]

    assert waits == pytest.approx([1, 2, 4, 8, 16, 32, 45], abs=2)
    assert await _wait_after_reset(site, watcher, good=70) == pytest.approx(1, abs=2)


async def _wait_after_reset(site: LiveSite, watcher: Watcher, *, good: float) -> float:
    """Break the stream after some good seconds; return how long it takes to return."""
    await site.travel(good, step=1)
    loop = asyncio.get_running_loop()
    await _reset(site)
    start = loop.time()
    await site.travel.until(lambda: watcher.source is LiveSource.READINGS)
    await watcher.up_to(LiveSource.STREAM)
    return loop.time() - start


async def test_waits_are_scattered(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM, random=0.25)
    waits = [await _wait_after_reset(site, watcher, good=5) for _ in range(5)]

    assert waits == pytest.approx([1, 1, 1, 2, 4], abs=2)


async def test_session_is_renewed_once_for_all(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)

    await _end_of_session(site)
    await asyncio.gather(
        watcher.up_to(LiveSource.STREAM), site.read(Tier.READINGS, Tier.SETTINGS)
    )

    assert site.asked(CHECK) == 1


async def test_another_certificate(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)
    before = site.asked(STREAM)

    site.gateway.renew_certificate()
    await site.travel(10 * MINUTE)

    assert site.asked(STREAM) == before
    assert watcher.source is LiveSource.READINGS
    assert watcher.feed.status.stream is Verdict.FAILING
    site.session = await site.another_session()
    await site.watching(LiveSource.STREAM)


async def test_token_that_is_refused_is_left_to_the_readings(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)
    site.gateway.revoke_tokens()
    await _reset(site)

    await site.travel(4 * MINUTE)
    assert watcher.source is LiveSource.READINGS
    assert site.cloud_requests() == 0
    assert site.asked(CHECK) <= 4

    await site.read(Tier.READINGS)
    assert site.cloud_requests() > 0
    await watcher.up_to(LiveSource.STREAM)


async def test_gateway_that_is_away_for_hours_costs_nothing(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM)
    await site.gateway.go_away()
    site.gateway.requests.clear()
    await site.travel(3600)
    assert len(site.gateway.requests) == 0

    await site.gateway.come_back()
    await watcher.up_to(LiveSource.STREAM)


async def test_gateway_that_is_busy_for_an_hour_is_not_pushed(site: LiveSite) -> None:
    watcher = await site.watching(LiveSource.STREAM, random=0.5)
    site.gateway.booting = True
    site.gateway.requests.clear()
    await site.travel(3600)
    assert len(site.gateway.requests) <= 2 * 3600 / 20

    site.gateway.booting = False
    await watcher.up_to(LiveSource.STREAM)


async def test_reasons_are_logged_once(
    site: LiveSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "custom_components.envoy_local")
    watcher = await site.watching(LiveSource.STREAM)
    await _reset(site)
    await watcher.up_to(LiveSource.STREAM)
    await site.gateway.go_away()
    await site.travel(10 * MINUTE)
    await site.gateway.come_back()
    await watcher.up_to(LiveSource.STREAM)

    said = [each.getMessage() for each in caplog.records if ".live" in each.name]
    assert said[0] == "Live power comes from the gateway's stream"
    assert said[1].startswith("There is no live power, only the usual readings: ")
    assert said[-1] == "Live power comes from the gateway's stream"
    assert len(said) <= 4
    assert site.sim.serial not in caplog.text
    assert "sessionId" not in caplog.text
    assert site.asked(LIVEDATA) <= 12
