"""Which server it is, whether it takes lines, and that secrets stay secret."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
import socket
from typing import override

import aiohttp
from aiohttp import web
from aiohttp.abc import ResolveResult
import pytest

from custom_components.envoy_local.influxdb.answers import Action
from custom_components.envoy_local.influxdb.target import (
    ServerKind,
    Target,
    TargetError,
    TargetProblem,
    check_target,
    clean_url,
    find_kind,
    write,
)
from simulator import Simulator

from .conftest import DATABASE, client_session, readings, v1
from .servers import Influxd, VictoriaMetrics, Vmauth
from .stub_server import Received, StubServer, accepted, v2_error, v3_error

PASSWORD = 'a "secret" pass/word'
TOKEN = "a-secret-token=="


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[aiohttp.ClientSession]:
    async with client_session() as session:
        yield session


# Addresses and secrets


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://192.0.2.7:8086", "http://192.0.2.7:8086"),
        (" https://db.example/influx/ ", "https://db.example/influx"),
        ("influx.local:8086", "http://influx.local:8086"),
        ("http://[fe80::1]:8086/?db=x#y", "http://[fe80::1]:8086"),
    ],
)
def test_an_address_has_one_form(text: str, url: str) -> None:
    assert clean_url(text) == url


@pytest.mark.parametrize(
    "text", ["", "ftp://192.0.2.7", "http://", "http://me:pw@192.0.2.7", "http://x:y"]
)
def test_no_address_and_no_credentials_in_it(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        clean_url(text)

    assert "pw" not in str(refused.value)


def test_a_target_refuses_an_address_with_credentials() -> None:
    with pytest.raises(ValueError, match="belong"):
        v1("http://me:pw@192.0.2.7")


def test_a_token_is_one_line() -> None:
    with pytest.raises(ValueError, match="token") as refused:
        v1("http://192.0.2.7", token="secret\nX-Header: y")

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("target", "url"),
    [
        (
            v1("http://h:8086", retention_policy="a year"),
            "http://h:8086/write?db=solar&rp=a+year&precision=ms",
        ),
        (v1("http://h/below/"), "http://h/below/write?db=solar&precision=ms"),
        (
            Target(kind=ServerKind.V2, url="http://h", organization="o&o", bucket="b"),
            "http://h/api/v2/write?org=o%26o&bucket=b&precision=ms",
        ),
        (
            Target(kind=ServerKind.V3, url="http://h", database="d"),
            "http://h/api/v3/write_lp?db=d&precision=millisecond&accept_partial=true",
        ),
    ],
)
def test_where_lines_are_posted(target: Target, url: str) -> None:
    assert str(target.write_url) == url


@pytest.mark.parametrize(
    ("kind", "secrets", "header"),
    [
        (ServerKind.V1, {}, None),
        (ServerKind.V1, {"username": "me", "password": "pw"}, "Basic bWU6cHc="),
        (ServerKind.V1, {"token": "t"}, "Token t"),
        (ServerKind.V2, {"token": "t"}, "Token t"),
        (ServerKind.V3, {"token": "t"}, "Bearer t"),
    ],
)
def test_who_is_writing(
    kind: ServerKind, secrets: dict[str, str], header: str | None
) -> None:
    target = Target(kind=kind, url="http://h", **secrets)

    assert target.headers.get("Authorization") == header


def test_secrets_are_in_no_text() -> None:
    target = v1("http://h", username="me", password=PASSWORD, token=TOKEN)
    basic = v1("http://h", username="me", password=PASSWORD)
    header = basic.headers["Authorization"].removeprefix("Basic ")
    forms = [PASSWORD, TOKEN, header, 'a \\"secret\\" pass/word']
    quoted = ["a%20%22secret%22%20pass%2Fword", "a-secret-token%3D%3D"]

    said = target.redact(f"no:\n{' '.join(forms + quoted)} x" + "y" * 500)

    assert said.startswith("no: ** ** ** ** ** ** xyy")
    assert len(said) == 200
    assert "secret" not in f"{target!r} {target.write_url}"


# Which server it is


async def test_finds_influxdb_1(
    session: aiohttp.ClientSession, influxd: Influxd
) -> None:
    assert await find_kind(session, influxd.url) is ServerKind.V1


async def test_finds_victoria_metrics_as_1_x(
    session: aiohttp.ClientSession, victoria: VictoriaMetrics
) -> None:
    assert await find_kind(session, victoria.url) is ServerKind.V1


V2_HEALTH = {"name": "influxdb", "status": "pass", "version": "v2.7.11"}
V3_PING = {"version": "3.10.0", "revision": "abc", "process_id": "x"}


@pytest.mark.parametrize(
    ("path", "answer", "kind"),
    [
        (
            "/ping",
            web.Response(status=204, headers={"X-Influxdb-Version": "v2.7.11"}),
            ServerKind.V2,
        ),
        ("/health", web.json_response(V2_HEALTH), ServerKind.V2),
        ("/ping", web.json_response(V3_PING), ServerKind.V3),
    ],
)
async def test_finds_a_stub_of_2_x_and_3_x(
    session: aiohttp.ClientSession,
    path: str,
    answer: web.Response,
    kind: ServerKind,
) -> None:
    answers = {path: answer}
    missing = web.Response(status=404)
    server = StubServer(lambda received: answers.get(received.path, missing))
    async with server.running():
        assert await find_kind(session, server.url) is kind


async def test_a_stub_of_3_x_tells_its_version_to_whom_it_knows(
    session: aiohttp.ClientSession,
) -> None:
    known = f"Bearer {TOKEN}"

    def answer(received: Received) -> web.Response:
        answers = {known: web.json_response(V3_PING)}
        refusal = v3_error(401, "the request was not authenticated")
        return answers.get(received.headers.get("Authorization", ""), refusal)

    server = StubServer(answer)
    async with server.running():
        with pytest.raises(TargetError) as refused:
            await find_kind(session, server.url)
        assert refused.value.problem is TargetProblem.INVALID_AUTH

        found = await find_kind(session, server.url, token=TOKEN)

    assert found is ServerKind.V3


@pytest.mark.parametrize("text", ["hello", "[1]", '{"version": "7.1"}'])
async def test_another_web_server_is_none(
    session: aiohttp.ClientSession, text: str
) -> None:
    server = StubServer(lambda _: web.Response(text=text))
    async with server.running():
        with pytest.raises(TargetError) as refused:
            await find_kind(session, server.url)

    assert refused.value.problem is TargetProblem.NOT_INFLUXDB


@pytest.mark.parametrize("host", ["a..b", ".x", "a" * 64 + ".example"])
async def test_a_name_that_cannot_be_one_is_not_reached(
    session: aiohttp.ClientSession, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No name is looked up in tests, so this does what the system's look-up does."""

    def look_up(name: str, *_: object, **__: object) -> None:
        name.encode("idna")
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(TargetError) as refused:
        await find_kind(session, f"http://{host}:8086")

    assert refused.value.problem is TargetProblem.CANNOT_CONNECT


# Whether it takes lines


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


class KnowsNobody(aiohttp.ThreadedResolver):
    """A resolver on a network that doesn't know the name: tests may ask none."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise OSError(None, "Name or service not known")


async def test_an_unknown_name(socket_enabled: None) -> None:
    connector = aiohttp.TCPConnector(resolver=KnowsNobody())
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
