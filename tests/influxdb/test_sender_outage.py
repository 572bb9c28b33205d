"""Servers that are away, hang or come back: whatever was put is stored, exactly."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
import time

from aiohttp import web
import pytest

from custom_components.envoy_local.influxdb.target import TargetProblem
from tests.time_travel import TimeTravel
from tests.waiting import measured

from .conftest import DATABASE, Forwarding, forwarding, readings, times, v1
from .servers import Influxd, VictoriaMetrics
from .stub_server import Received, StubServer, accepted

POLL = 12
INTERVAL = 5.0
TIMEOUT = 15.0
"""Seconds after which a server that hangs is given up."""


async def live(
    running: Forwarding, travel: TimeTravel, seconds: float, *, first: int
) -> int:
    """Put a poll every five seconds for a while; return the next reading's number."""
    for _ in range(int(seconds / INTERVAL)):
        await running.put(first, first + POLL - 1)
        first += POLL
        await travel(INTERVAL)
    return first


@pytest.mark.parametrize("outage", [60, 600])
async def test_an_outage_loses_nothing(
    influxd: Influxd, path: Path, travel: TimeTravel, outage: float
) -> None:
    async with forwarding(v1(influxd.url), path) as running:
        following = await live(running, travel, 30, first=0)
        await running.until_empty()
        began = time.time()
        influxd.stop()
        following = await live(running, travel, outage, first=following)
        assert running.status().problem is TargetProblem.CANNOT_CONNECT
        assert running.status().failing_since == pytest.approx(began, abs=2 * INTERVAL)
        assert running.status().oldest == pytest.approx(began, abs=2 * INTERVAL)
        assert running.status().pending == outage / INTERVAL * POLL
        influxd.start()
        following = await live(running, travel, 330, first=following)
        await running.until_empty()

        assert running.status().problem is None
        assert running.status().failing_since is None
        assert running.status().delivered == following
    assert influxd.times("reading", DATABASE) == times(0, following - 1)


async def test_a_server_that_hangs_loses_nothing(
    influxd: Influxd, path: Path, travel: TimeTravel
) -> None:
    async with forwarding(v1(influxd.url), path) as running:
        following = await live(running, travel, 10, first=0)
        await running.until_empty()
        influxd.hang()
        following = await live(running, travel, 60, first=following)
        assert running.status().problem is TargetProblem.CANNOT_CONNECT
        assert running.status().detail == "No answer in time"
        influxd.wake()
        following = await live(running, travel, 330, first=following)
        await running.until_empty()

    assert influxd.times("reading", DATABASE) == times(0, following - 1)


async def test_putting_never_waits_for_a_server_that_hangs(
    influxd: Influxd, path: Path
) -> None:
    influxd.hang()
    async with forwarding(v1(influxd.url), path) as running:
        for number in range(50):
            async with measured() as put:
                await running.put(number, number)
            assert put.waited < 0.5
            assert put.total < TIMEOUT
        influxd.wake()
        await running.until_empty()

    assert influxd.times("reading", DATABASE) == times(0, 49)


async def test_is_closed_at_once_while_a_server_hangs(
    influxd: Influxd, path: Path
) -> None:
    influxd.hang()
    async with forwarding(v1(influxd.url), path) as running:
        await running.put(1, 5000)
        await asyncio.sleep(0.1)

        async with measured() as close:
            await running.sender.close()

        assert close.waited < 1
        assert close.total < TIMEOUT
        assert running.task.done()
    influxd.wake()
    async with forwarding(v1(influxd.url), path) as running:
        await running.until_empty()
    assert influxd.times("reading", DATABASE) == times(1, 5000)


async def test_may_be_cancelled_at_any_moment(influxd: Influxd, path: Path) -> None:
    async with forwarding(v1(influxd.url), path) as running:
        for number in range(60):
            await running.put(number * POLL, number * POLL + POLL - 1)
            await asyncio.sleep(number % 12 / 1000)
            await restart(running)
        await running.until_empty()

        assert running.status().delivered == 60 * POLL
    assert influxd.times("reading", DATABASE) == times(0, 60 * POLL - 1)


async def restart(running: Forwarding) -> None:
    """Cancel the sender wherever it is, and let it begin anew."""
    running.task.cancel()
    with suppress(asyncio.CancelledError):
        await running.task
    running.task = asyncio.create_task(running.sender.run())


async def test_a_lost_answer_makes_no_doubles(
    victoria: VictoriaMetrics, path: Path
) -> None:
    async with forwarding(v1(victoria.url), path) as running:
        await running.put(1, 100)
        await running.until_empty()
    async with forwarding(v1(victoria.url), path.with_name("once more.db")) as running:
        await running.put(1, 100)
        await running.until_empty()

    assert sorted(victoria.times("reading_power")) == times(1, 100)
    assert victoria.invalid_rows() == 0


async def test_a_stub_that_stores_and_breaks_off_gets_the_lines_again(
    socket_enabled: None, path: Path, victoria: VictoriaMetrics
) -> None:
    def pass_on(received: Received) -> web.Response:
        body = "\n".join(received.lines)
        victoria.ask("/write", method="POST", body=body, db=DATABASE)
        return accepted()

    def store_and_break_off(received: Received) -> web.Response:
        pass_on(received)
        server.answer = pass_on
        assert received.transport is not None
        received.transport.close()
        return accepted()

    server = StubServer(store_and_break_off)
    async with server.running(), forwarding(v1(server.url), path) as running:
        await running.put(1, 100)
        await running.until_empty()

    assert [len(write.lines) for write in server.writes] == [100, 100]
    assert sorted(victoria.times("reading_power")) == times(1, 100)


# Pauses


async def test_pauses_grow_to_five_minutes(
    influxd: Influxd, path: Path, travel: TimeTravel
) -> None:
    influxd.stop()
    asked: list[float] = []
    ranges: list[tuple[float, float]] = []

    def longest(low: float, high: float) -> float:
        asked.append(asyncio.get_running_loop().time())
        ranges.append((low, high))
        return high

    async with forwarding(v1(influxd.url), path, jitter=longest) as running:
        await running.put(1, 1)
        await travel(140, step=1)
        await travel(1600, step=10)
        pauses = [later - sooner for sooner, later in pairwise(asked)]
        expected = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
        assert pauses[:7] == pytest.approx(expected[:7], abs=1.5)
        assert pauses[7:11] == pytest.approx(expected[7:], abs=15)
        assert set(ranges) == {(0.5, 1.0)}

        influxd.start()
        running.sender.retry_now()
        await running.until_empty()
        influxd.stop()
        await running.put(2, 2)
        await running.until(lambda status: status.problem is not None)
        before = len(asked)
        await travel(5, step=1)
        assert len(asked) > before + 1
        influxd.start()
        await travel(10)
        await running.until_empty()


@pytest.mark.parametrize("status", [429, 503])
async def test_a_stub_that_limits_its_clients_is_given_the_time_it_asks_for(
    socket_enabled: None, path: Path, travel: TimeTravel, status: int
) -> None:
    def limit(_: Received) -> web.Response:
        return web.Response(status=status, headers={"Retry-After": "120"})

    server = StubServer(limit)
    async with server.running(), forwarding(v1(server.url), path) as running:
        await running.put(1, 1)
        await running.until(lambda now: now.problem is TargetProblem.UNAVAILABLE)
        await travel(100)
        assert len(server.writes) == 1

        server.answer = None
        await travel(30)
        await running.until_empty()

    assert len(server.writes) == 2


async def test_a_stub_behind_a_slow_line_gets_less_at_once(
    socket_enabled: None, path: Path, travel: TimeTravel
) -> None:
    async def slow(received: Received) -> web.Response:
        await asyncio.sleep(len(received.lines) / 40)
        server.store(received)
        return accepted()

    server = StubServer(slow)
    async with server.running(), forwarding(v1(server.url), path) as running:
        await running.put(1, 3000)
        async with travel.hurrying():
            await running.until(lambda status: status.problem is not None)
            await running.until_empty()

    assert len(server.writes[0].lines) == 3000
    assert set(server.stored) == set(readings(1, 3000))


async def test_a_pause_can_be_cut_short(influxd: Influxd, path: Path) -> None:
    influxd.query(f"DROP DATABASE {DATABASE}")
    async with forwarding(v1(influxd.url), path) as running:
        await running.put(1, 3)
        await running.until(lambda status: status.problem is not None)
        influxd.query(f"CREATE DATABASE {DATABASE}")
        running.sender.retry_now()
        await running.until_empty()
