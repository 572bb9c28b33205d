"""Servers that refuse everything: nothing is lost, and what is mended goes on."""

from __future__ import annotations

from pathlib import Path
import time

from aiohttp import web
import pytest

from custom_components.envoy_local.influxdb.sender import Sender
from custom_components.envoy_local.influxdb.target import (
    ServerKind,
    Target,
    TargetProblem,
)
from tests.time_travel import TimeTravel

from .conftest import DATABASE, RECHECK, forwarding, readings, times, v1
from .servers import Influxd, VictoriaMetrics, Vmauth
from .stub_server import StubServer

PASSWORD = "the writer's password"


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
