"""Servers that refuse: what is to blame is found, and nothing else pays for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
import logging
from pathlib import Path
import random
import time

from aiohttp import web
import pytest

from custom_components.envoy_local.influxdb.sender import Sender
from custom_components.envoy_local.influxdb.spool import Refused
from custom_components.envoy_local.influxdb.target import (
    ServerKind,
    Target,
    TargetProblem,
)
from tests.time_travel import TimeTravel

from .conftest import BEGINNING, DATABASE, forwarding, readings, times, v1
from .servers import Influxd, VictoriaMetrics, Vmauth
from .stub_server import Received, StubServer, accepted, v2_error, v3_error

PASSWORD = "the writer's password"
RECHECK = 310


# Credentials and databases


async def test_a_wrong_password_that_is_repaired_loses_nothing(
    socket_enabled: None, tmp_path: Path, path: Path, travel: TimeTravel
) -> None:
    server = Influxd(tmp_path / "influxd", has_auth=True)
    with server.running():
        server.create_admin()
        server.query(f"CREATE DATABASE {DATABASE}")
        server.create_user("writer", "another password", DATABASE)
        target = v1(server.url, username="writer", password=PASSWORD)
        async with forwarding(target, path) as running:
            await running.put(1, 100)
            await running.until(lambda now: now.problem is TargetProblem.INVALID_AUTH)
            assert "password" not in running.status().detail
            server.query("SET PASSWORD FOR writer = 'the writer\\'s password'")
            await running.put(101, 200)
            await travel(RECHECK)
            await running.until_empty()
            assert running.status().problem is None

            server.query(f"REVOKE ALL ON {DATABASE} FROM writer")
            await running.put(201, 300)
            await running.until(lambda now: now.problem is TargetProblem.INVALID_AUTH)
            server.query(f"GRANT WRITE ON {DATABASE} TO writer")
            await travel(RECHECK)
            await running.until_empty()

            assert running.status().quarantined == 0
        assert server.times("reading", DATABASE) == times(1, 300)


async def test_a_wrong_token_at_vmauth_quarantines_nothing(
    victoria: VictoriaMetrics, tmp_path: Path, path: Path
) -> None:
    proxy = Vmauth(tmp_path / "vmauth", token="the right one", behind=victoria)
    with proxy.running():
        async with forwarding(v1(proxy.url, token="a wrong one"), path) as running:
            await running.put(1, 200)
            await running.until(lambda now: now.problem is TargetProblem.REFUSED)
            assert "cannot find the provided auth token" in running.status().detail
            assert "wrong one" not in running.status().detail
            assert (running.status().pending, running.status().quarantined) == (200, 0)

        async with forwarding(v1(proxy.url, token="the right one"), path) as running:
            await running.until_empty()

    assert sorted(victoria.times("reading_power")) == times(1, 200)


async def test_a_database_that_is_created_later_gets_everything(
    influxd: Influxd, path: Path, travel: TimeTravel
) -> None:
    target = Target(kind=ServerKind.V1, url=influxd.url, database="later")
    async with forwarding(target, path) as running:
        await running.put(1, 50)
        await running.until(lambda now: now.problem is TargetProblem.DATABASE_NOT_FOUND)
        assert running.status().detail == '404: database not found: "later"'
        await running.put(51, 100)
        influxd.query("CREATE DATABASE later")
        await travel(RECHECK)
        await running.until_empty()

    assert influxd.times("reading", "later") == times(1, 100)


async def test_a_retention_policy_that_is_created_later_gets_everything(
    influxd: Influxd, path: Path, travel: TimeTravel
) -> None:
    async with forwarding(v1(influxd.url, retention_policy="year"), path) as running:
        await running.put(1, 50)
        await running.until(
            lambda now: now.problem is TargetProblem.RETENTION_POLICY_NOT_FOUND
        )
        influxd.query(
            f"CREATE RETENTION POLICY year ON {DATABASE} DURATION 0s REPLICATION 1"
        )
        await travel(RECHECK)
        await running.until_empty()

    rows = influxd.query('SELECT power FROM "year"."reading"', DATABASE)
    assert [row["time"] for row in rows] == times(1, 50)


# Bad lines


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

        assert (running.status().delivered, running.status().dropped) == (4, 1)
    assert influxd.times("reading", DATABASE) == [BEGINNING + 10_000]


async def test_a_health_line_that_is_refused_blames_no_reading(
    influxd: Influxd, path: Path, travel: TimeTravel
) -> None:
    clash = f"envoy_forwarder,entry=test backlog=1i {int(time.time() * 1000)}"
    influxd.ask("/write", method="POST", body=clash, db=DATABASE, precision="ms")
    async with forwarding(v1(influxd.url), path) as running:
        await running.put(1, 3)
        await running.until(lambda now: now.problem is TargetProblem.REFUSED)
        assert "field type conflict" in running.status().detail
        assert (running.status().pending, running.status().quarantined) == (3, 0)

        influxd.query("DROP MEASUREMENT envoy_forwarder", DATABASE)
        await travel(RECHECK)
        await running.until_empty()

    assert influxd.times("reading", DATABASE) == times(1, 3)


# Too much, too old


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


async def test_what_is_older_than_the_retention_is_counted_and_gone(
    influxd: Influxd, path: Path
) -> None:
    influxd.query("CREATE DATABASE brief WITH DURATION 1h REPLICATION 1")
    target = Target(kind=ServerKind.V1, url=influxd.url, database="brief")
    new = int(time.time() * 1000)
    old = new - 30 * 24 * 3_600_000
    lines = [f"reading power=1 {start + n}" for n in range(50) for start in (old, new)]
    async with forwarding(target, path) as running:
        await running.sender.put(lines, time.time())
        await running.until_empty()

        assert running.status().too_old == 50
        assert running.status().delivered == 50
        assert running.status().quarantined == 0
    assert influxd.times("reading", "brief") == [new + n for n in range(50)]


async def test_a_bad_line_among_what_is_too_old_is_found(
    influxd: Influxd, path: Path
) -> None:
    influxd.query("CREATE DATABASE brief WITH DURATION 1h REPLICATION 1")
    target = Target(kind=ServerKind.V1, url=influxd.url, database="brief")
    new = int(time.time() * 1000)
    old = new - 30 * 24 * 3_600_000
    lines = [f"reading power=1 {start + n}" for n in range(50) for start in (old, new)]
    lines.insert(30, f"reading power=1i {new + 60}")
    async with forwarding(target, path) as running:
        await running.sender.put(lines, time.time())
        await running.until_empty()

        assert running.status().quarantined == 1
        assert running.status().too_old == 50
        assert running.status().delivered == 50
    assert influxd.times("reading", "brief") == [new + n for n in range(50)]


# What only 2.x and 3.x answer


def v2(url: str) -> Target:
    return Target(
        kind=ServerKind.V2,
        url=url,
        organization="home",
        bucket="solar",
        token="a-token",
    )


def v3(url: str) -> Target:
    return Target(kind=ServerKind.V3, url=url, database="solar", token="a-token")


BAD = readings(3, 3) + readings(70, 71)


def is_bad(line: str) -> bool:
    return line in BAD


async def test_a_stub_of_2_x_stores_all_of_a_batch_or_nothing(
    socket_enabled: None, path: Path
) -> None:
    def all_or_nothing(received: Received) -> web.Response:
        bad = [line for line in received.lines if is_bad(line)]
        answers = {
            True: v2_error(
                400, "invalid", f"unable to parse '{bad}': missing field value"
            ),
            False: accepted(),
        }
        server.stored += {True: [], False: received.lines}[bool(bad)]
        return answers[bool(bad)]

    server = StubServer(all_or_nothing)
    async with server.running(), forwarding(v2(server.url), path) as running:
        await running.put(1, 100)
        await running.until_empty()

        found = await running.sender.quarantined()
        assert [refused.line for refused in found] == BAD
        assert found[0].reason == "400: unable to parse '…': missing field value"
    good = [line for line in readings(1, 100) if not is_bad(line)]
    assert sorted(set(server.stored)) == sorted(good)


async def test_a_stub_of_2_x_says_422_for_a_partial_write(
    socket_enabled: None, path: Path
) -> None:
    message = "failure writing points to database: partial write: field type conflict"

    def partial(received: Received) -> web.Response:
        bad = [line for line in received.lines if is_bad(line)]
        server.store(received, but=tuple(bad))
        refusal = v2_error(422, "unprocessable entity", f"{message} dropped={len(bad)}")
        return {True: refusal, False: accepted()}[bool(bad)]

    server = StubServer(partial)
    async with server.running(), forwarding(v2(server.url), path) as running:
        await running.put(1, 100)
        await running.until_empty()

        assert [bad.line for bad in await running.sender.quarantined()] == BAD
    assert set(server.stored) == set(readings(1, 100)) - set(BAD)


async def test_a_stub_of_2_x_says_500_for_what_is_too_old(
    socket_enabled: None, path: Path
) -> None:
    message = "partial write: points beyond retention policy dropped=4"
    server = StubServer(lambda _: v2_error(500, "internal error", message))
    async with server.running(), forwarding(v2(server.url), path) as running:
        await running.put(1, 10)
        await running.until_empty()

        assert (running.status().too_old, running.status().delivered) == (4, 6)
    assert len(server.writes) == 1


async def test_a_stub_of_3_x_names_the_bad_lines(
    socket_enabled: None, path: Path
) -> None:
    def by_line(received: Received) -> web.Response:
        named = [
            {"original_line": line, "line_number": n, "error_message": "invalid"}
            for n, line in enumerate(received.lines, 1)
            if is_bad(line)
        ]
        server.store(received, but=tuple(BAD))
        refusal = v3_error(400, "partial write of line protocol occurred", named)
        return {True: refusal, False: accepted()}[bool(named)]

    server = StubServer(by_line)
    async with server.running(), forwarding(v3(server.url), path) as running:
        await running.put(1, 100)
        await running.until_empty()

        assert [bad.line for bad in await running.sender.quarantined()] == BAD
    assert [len(write.lines) for write in server.writes] == [100, 97]
    assert set(server.stored) == set(readings(1, 100)) - set(BAD)
    assert server.writes[0].path == "/api/v3/write_lp"
    assert server.writes[0].headers["Authorization"] == "Bearer a-token"


async def test_a_stub_that_names_lines_that_were_not_sent_is_searched(
    socket_enabled: None, path: Path
) -> None:
    def wrong_number(received: Received) -> web.Response:
        bad = any(is_bad(line) for line in received.lines)
        refusal = v3_error(400, "partial write", [{"line_number": 999}])
        return {True: refusal, False: accepted()}[bad]

    server = StubServer(wrong_number)
    async with server.running(), forwarding(v3(server.url), path) as running:
        await running.put(1, 100)
        await running.until_empty()

        assert [bad.line for bad in await running.sender.quarantined()] == BAD


async def test_a_stub_that_begins_to_refuse_everything_quarantines_nothing(
    socket_enabled: None, path: Path, travel: TimeTravel
) -> None:
    """A 400 may be a proxy's, also one that appears in the middle of a search."""

    def lets_in(limit: int) -> Callable[[Received], web.Response]:
        def answer(received: Received) -> web.Response:
            is_refused = len(server.requests) > limit or bool(received.lines)
            return {True: web.Response(status=400), False: accepted()}[is_refused]

        return answer

    server = StubServer(lets_in(2))
    async with server.running(), forwarding(v1(server.url), path) as running:
        await running.put(1, 8)
        await running.until(lambda now: now.problem is TargetProblem.REFUSED)
        assert len(server.requests) == 2 + 2 * 7 + 1
        assert (running.status().pending, running.status().quarantined) == (8, 0)

        server.answer = None
        await travel(RECHECK)
        await running.until_empty()

    assert server.stored == readings(1, 8)


async def test_a_stub_that_goes_away_in_a_search_quarantines_nothing(
    socket_enabled: None, path: Path, travel: TimeTravel
) -> None:
    def answer(received: Received) -> web.Response:
        status = 503 if len(server.requests) > 6 else 400
        return web.Response(status=status) if received.lines else accepted()

    server = StubServer(answer)
    async with server.running(), forwarding(v1(server.url), path) as running:
        await running.put(1, 8)
        await running.until(lambda now: now.problem is TargetProblem.UNAVAILABLE)
        assert (running.status().pending, running.status().quarantined) == (8, 0)

        server.answer = None
        await travel(5)
        await running.until_empty()

    assert server.stored == readings(1, 8)


async def test_a_search_that_a_stub_cuts_short_comes_to_an_end(
    socket_enabled: None, path: Path, travel: TimeTravel
) -> None:
    """A server that limits its clients lets through a few requests at a time."""

    def answer(received: Received) -> web.Response:
        if len(server.requests) % 9 == 0:
            return web.Response(status=429, headers={"Retry-After": "1"})
        if any(int(line.rsplit(" ", 1)[1]) % 4 == 0 for line in received.lines):
            return v2_error(400, "invalid", "unable to parse")
        server.store(received)
        return accepted()

    server = StubServer(answer)
    async with server.running(), forwarding(v2(server.url), path) as running:
        await running.put(1, 100)
        await travel.up_to(lambda: running.status().pending == 0, within=3600, step=1.0)
        assert running.status().quarantined == 25
    good = [line for n, line in enumerate(readings(1, 100), 1) if n % 4]
    assert set(server.stored) == set(good)


async def test_lines_that_are_refused_again_and_again_are_told_once(
    socket_enabled: None, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(received: Received) -> web.Response:
        bad = any(is_bad(line) for line in received.lines)
        return {True: web.Response(status=400), False: accepted()}[bad]

    server = StubServer(answer)
    caplog.set_level(logging.DEBUG)
    async with server.running(), forwarding(v1(server.url), path) as running:
        for _ in range(3):
            await running.put(1, 100)
            await running.until_empty()
    told = [r for r in caplog.records if "refuses" in r.getMessage()]
    assert [r.levelname for r in told] == ["WARNING", "DEBUG", "DEBUG"]


async def test_a_mistake_of_ours_is_told_and_sending_goes_on(
    socket_enabled: None,
    path: Path,
    travel: TimeTravel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Which one can't be known, or it would have been mended."""

    def stumble(_: Sender) -> str:
        raise ZeroDivisionError

    server = StubServer()
    with monkeypatch.context() as broken:
        broken.setattr(Sender, "_health", stumble)
        async with server.running(), forwarding(v1(server.url), path) as running:
            await running.put(1, 8)
            await running.until(lambda now: now.problem is TargetProblem.UNAVAILABLE)
            assert running.status().detail == "ZeroDivisionError while sending"

            broken.undo()
            await travel(5)
            await running.until_empty()
    assert server.stored == readings(1, 8)


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


async def test_a_stub_that_shows_a_page_is_told_apart(
    socket_enabled: None, path: Path, travel: TimeTravel
) -> None:
    page = "<html>Please sign in</html>"
    server = StubServer(lambda _: web.Response(text=page, content_type="text/html"))
    async with server.running(), forwarding(v1(server.url), path) as running:
        await running.put(1, 8)
        await running.until(lambda now: now.problem is TargetProblem.NOT_INFLUXDB)

        server.answer = None
        await travel(RECHECK)
        await running.until_empty()

    assert server.stored == readings(1, 8)
