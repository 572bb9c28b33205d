"""Lines that a server refuses are found and set aside, and no other line with them."""

from __future__ import annotations

import asyncio
from pathlib import Path
import random
import time

from aiohttp import web
import pytest

from custom_components.envoy_local.influxdb.spool import Refused
from custom_components.envoy_local.influxdb.target import ServerKind, Target

from .conftest import BEGINNING, DATABASE, forwarding, readings, times, v1
from .servers import Influxd
from .stub_server import Received, StubServer, accepted

CONFLICTS = [f"reading,gateway=1 power=5i {BEGINNING + 10_000 + n}" for n in range(3)]
MALFORMED = ["reading,gateway=1 power= 1", "no fields at all"]


@pytest.mark.parametrize("bad", [CONFLICTS, MALFORMED, CONFLICTS + MALFORMED])
async def test_exactly_the_bad_lines_are_quarantined(
    influxd: Influxd, path: Path, bad: list[str]
) -> None:
    poll = readings(1, 500)
    for number, line in enumerate(bad):
        poll.insert(97 * number + 50, line)
    async with forwarding(v1(influxd.url), path) as running:
        await running.put(0, 0)
        await running.until_empty()
        await running.sender.put(poll, time.time())
        await running.put(501, 600)
        await running.until_empty()

        found = await running.sender.quarantined()
        assert sorted(refused.line for refused in found) == sorted(bad)
        assert running.status().quarantined == len(bad)
        assert running.status().delivered == 601
        assert running.status().problem is None
    assert influxd.times("reading", DATABASE) == times(0, 600)


async def test_what_is_quarantined_can_be_sent_again_or_given_up(
    influxd: Influxd, path: Path
) -> None:
    async with forwarding(v1(influxd.url), path) as running:
        await running.put(1, 3)
        await running.sender.put([*CONFLICTS[:1], *MALFORMED[:1]], time.time())
        await running.until(lambda now: now.quarantined == 2 and now.pending == 0)

        influxd.query("DROP MEASUREMENT reading", DATABASE)
        assert await running.sender.retry_quarantined() == 2
        await running.until(lambda now: now.quarantined == 1 and now.pending == 0)
        assert await running.sender.clear_quarantined() == 1

        assert (running.status().delivered, running.status().discarded) == (4, 1)
    assert influxd.times("reading", DATABASE) == [BEGINNING + 10_000]


async def test_batches_that_are_too_large_are_halved(
    socket_enabled: None, tmp_path: Path, path: Path
) -> None:
    server = Influxd(tmp_path / "influxd", max_body=2000)
    huge = f'reading,gateway=2 text="{random.randbytes(5000).hex()}" {BEGINNING}'
    with server.running():
        server.query(f"CREATE DATABASE {DATABASE}")
        async with forwarding(v1(server.url), path) as running:
            await running.put(1, 400)
            await running.sender.put([huge], time.time())
            await running.put(401, 3000)
            await running.until_empty()

            assert await running.sender.quarantined() == [
                Refused(huge, "413: Request Entity Too Large")
            ]
        assert server.times("reading", DATABASE) == times(1, 3000)


@pytest.mark.parametrize("bad", [0, 1], ids=["all good", "a bad line among them"])
async def test_what_is_older_than_the_retention_is_counted_and_gone(
    influxd: Influxd, path: Path, bad: int
) -> None:
    influxd.query("CREATE DATABASE brief WITH DURATION 1h REPLICATION 1")
    target = Target(kind=ServerKind.V1, url=influxd.url, database="brief")
    new = int(time.time() * 1000)
    old = new - 30 * 24 * 3_600_000
    lines = [f"reading power=1 {start + n}" for n in range(50) for start in (old, new)]
    lines[30:30] = [f"reading power=1i {new + 60}"] * bad
    async with forwarding(target, path) as running:
        await running.sender.put(lines, time.time())
        await running.until_empty()

        assert running.status().too_old == 50
        assert running.status().delivered == 50
        assert running.status().quarantined == bad
    assert influxd.times("reading", "brief") == [new + n for n in range(50)]


async def test_a_search_may_be_cancelled_at_any_moment(
    influxd: Influxd, path: Path
) -> None:
    poll = readings(1, 300)
    poll[100:100] = CONFLICTS
    async with forwarding(v1(influxd.url), path) as running:
        await running.put(0, 0)
        await running.until_empty()
        await running.sender.put(poll, time.time())
        await asyncio.sleep(0.02)
    async with forwarding(v1(influxd.url), path) as running:
        await running.until_empty()

        assert running.status().delivered == 301
        found = await running.sender.quarantined()
        assert [refused.line for refused in found] == CONFLICTS
    assert influxd.times("reading", DATABASE) == times(0, 300)


async def test_the_line_about_forwarding_is_no_readings_fault(
    socket_enabled: None, path: Path
) -> None:
    """A line that just fits into a request doesn't beside another one."""

    def one_at_a_time(received: Received) -> web.Response:
        if received.has_health and received.lines:
            return web.Response(status=413)
        server.store(received)
        return accepted()

    server = StubServer(one_at_a_time)
    async with server.running(), forwarding(v1(server.url), path) as running:
        await running.put(1, 1)
        await running.until_empty()

        assert running.status().quarantined == 0
    assert server.stored == readings(1, 1)
