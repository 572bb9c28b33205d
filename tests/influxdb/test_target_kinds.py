"""Which server it is: found by what it answers."""

from __future__ import annotations

import socket

import aiohttp
from aiohttp import web
import pytest

from custom_components.envoy_local.influxdb.target import (
    ServerKind,
    TargetError,
    TargetProblem,
    find_kind,
)

from .servers import Influxd, VictoriaMetrics
from .stub_server import Received, StubServer, v3_error

TOKEN = "a-secret-token=="


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
