"""Whether a server takes lines, and if not, what is to blame."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
from aiohttp import web
import pytest

from custom_components.envoy_local.influxdb.answers import Action
from custom_components.envoy_local.influxdb.target import (
    ServerKind,
    Target,
    TargetError,
    TargetProblem,
    check_target,
    write,
)
from simulator import Simulator
from tests.unknown_names import UnknownNames

from .conftest import DATABASE, readings, v1
from .servers import Influxd, VictoriaMetrics, Vmauth
from .stub_server import Received, StubServer, accepted, v2_error, v3_error

PASSWORD = 'a "secret" pass/word'
TOKEN = "a-secret-token=="


async def test_a_server_that_takes_lines(
    session: aiohttp.ClientSession, influxd: Influxd
) -> None:
    await check_target(session, v1(influxd.url))

    assert len(influxd.times("envoy_forwarder", DATABASE)) == 1


async def test_victoria_metrics_takes_lines(
    session: aiohttp.ClientSession, victoria: VictoriaMetrics
) -> None:
    await check_target(session, v1(victoria.url))

    assert len(victoria.times("envoy_forwarder_backlog")) == 1
    assert victoria.invalid_rows() == 0


async def problem_of(session: aiohttp.ClientSession, target: Target) -> TargetProblem:
    with pytest.raises(TargetError) as refused:
        await check_target(session, target)
    return refused.value.problem


async def test_a_missing_database(
    session: aiohttp.ClientSession, influxd: Influxd
) -> None:
    target = Target(kind=ServerKind.V1, url=influxd.url, database="later")
    assert await problem_of(session, target) is TargetProblem.DATABASE_NOT_FOUND

    influxd.query("CREATE DATABASE later")
    await check_target(session, target)


async def test_a_missing_retention_policy(
    session: aiohttp.ClientSession, influxd: Influxd
) -> None:
    target = v1(influxd.url, retention_policy="week")
    problem = await problem_of(session, target)
    assert problem is TargetProblem.RETENTION_POLICY_NOT_FOUND

    influxd.query(
        f"CREATE RETENTION POLICY week ON {DATABASE} DURATION 7d REPLICATION 1"
    )
    await check_target(session, target)


async def test_no_database_at_all(
    session: aiohttp.ClientSession, influxd: Influxd
) -> None:
    target = Target(kind=ServerKind.V1, url=influxd.url)

    assert await problem_of(session, target) is TargetProblem.REFUSED


async def test_the_wrong_kind(session: aiohttp.ClientSession, influxd: Influxd) -> None:
    target = Target(kind=ServerKind.V2, url=influxd.url, bucket=DATABASE)

    assert await problem_of(session, target) is TargetProblem.NOT_INFLUXDB


async def test_a_wrong_password(
    session: aiohttp.ClientSession, socket_enabled: None, tmp_path: Path
) -> None:
    server = Influxd(tmp_path / "influxd", has_auth=True)
    with server.running():
        server.create_admin()
        server.query(f"CREATE DATABASE {DATABASE}")
        server.create_user("writer", PASSWORD, DATABASE)
        server.query("CREATE USER reader WITH PASSWORD 'r'")

        for user, password in (("", ""), ("writer", "x"), ("reader", "r")):
            target = v1(server.url, username=user, password=password)
            assert await problem_of(session, target) is TargetProblem.INVALID_AUTH
        await check_target(
            session, v1(server.url, username="writer", password=PASSWORD)
        )


async def test_a_wrong_token_at_vmauth(
    session: aiohttp.ClientSession, victoria: VictoriaMetrics, tmp_path: Path
) -> None:
    proxy = Vmauth(tmp_path / "vmauth", token=TOKEN, behind=victoria)
    with proxy.running():
        missing = await problem_of(session, v1(proxy.url))
        wrong = await problem_of(session, v1(proxy.url, token="wrong"))
        await check_target(session, v1(proxy.url, token=TOKEN))

    assert missing is TargetProblem.INVALID_AUTH
    assert wrong is TargetProblem.REFUSED


async def test_a_stub_of_3_x_refuses_an_empty_write_and_takes_lines(
    session: aiohttp.ClientSession,
) -> None:
    empty = v3_error(400, "incoming write was empty")
    server = StubServer(lambda received: empty if received.is_empty else accepted())
    async with server.running():
        await check_target(
            session, Target(kind=ServerKind.V3, url=server.url, database="d")
        )

    assert len(server.requests) == 2


async def test_a_stub_of_2_x_lets_read_only(session: aiohttp.ClientSession) -> None:
    refusal = v2_error(403, "forbidden", "insufficient permissions for write")
    server = StubServer(lambda _: refusal)
    async with server.running():
        target = Target(kind=ServerKind.V2, url=server.url, bucket="b", token=TOKEN)
        assert await problem_of(session, target) is TargetProblem.INVALID_AUTH


async def test_a_redirect_is_not_followed(
    session: aiohttp.ClientSession, influxd: Influxd
) -> None:
    away = web.Response(status=307, headers={"Location": f"{influxd.url}/write"})
    server = StubServer(lambda _: away)
    async with server.running():
        target = v1(server.url, username="me", password=PASSWORD)
        assert await problem_of(session, target) is TargetProblem.NOT_INFLUXDB


async def test_nothing_listens(
    session: aiohttp.ClientSession, influxd: Influxd
) -> None:
    influxd.stop()
    target = v1(influxd.url)
    assert await problem_of(session, target) is TargetProblem.CANNOT_CONNECT

    influxd.start()
    await check_target(session, target)


async def test_an_unknown_name(socket_enabled: None) -> None:
    unknown = OSError(None, "Name or service not known")
    connector = aiohttp.TCPConnector(resolver=UnknownNames(unknown))
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(TargetError, match="name is not known") as refused:
            await check_target(session, v1("http://influx.example:8086"))

    assert refused.value.problem is TargetProblem.CANNOT_CONNECT


async def test_a_certificate_that_nobody_trusts(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        target = v1(f"https://{simulator.gateway.host}")

        assert await problem_of(session, target) is TargetProblem.SSL_ERROR


async def raw(answer: bytes) -> asyncio.Server:
    """Listen for one request and answer with these bytes."""

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    return await asyncio.start_server(handle, "127.0.0.1", 0)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"", TargetProblem.CANNOT_CONNECT),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", TargetProblem.NOT_INFLUXDB),
        (b"HTTP/1.1 204 No Content\r\n", TargetProblem.CANNOT_CONNECT),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n",
            TargetProblem.NOT_INFLUXDB,
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf",
            TargetProblem.CANNOT_CONNECT,
        ),
    ],
)
async def test_what_is_no_answer(
    session: aiohttp.ClientSession, answer: bytes, problem: TargetProblem
) -> None:
    server = await raw(answer)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await problem_of(session, v1(f"http://127.0.0.1:{port}")) is problem


async def test_of_an_endless_answer_the_beginning_is_read(
    session: aiohttp.ClientSession,
) -> None:
    async def endless(received: Received) -> web.Response:
        return web.Response(status=400, body=b"no " * 10**6)

    server = StubServer(endless)
    async with server.running():
        body = "\n".join(readings(1, 3)).encode()
        verdict = await write(session, v1(server.url), body, is_gzip=False)

    assert verdict.action is Action.SEARCH
    assert len(verdict.detail) == 200
