"""Requests as they go over the wire, and everything that can happen to them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
import gzip
import logging
import socket
import traceback
from typing import override

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
import pytest_socket  # type: ignore[import-untyped,unused-ignore]  # older ones have no types

from custom_components.envoy_local.client.address import GatewayAddress
from custom_components.envoy_local.client.exceptions import (
    CertificateChangedError,
    EnvoyConnectionError,
    EnvoyError,
    EnvoyResponseError,
    EnvoyTimeoutError,
)
from custom_components.envoy_local.client.transport import (
    MAX_BODY,
    EnvoyTransport,
    GatewayResponse,
    Lane,
    read_fingerprint,
)
from simulator import Fault

from .conftest import House, RawAnswer

METERS = "/ivp/meters"
SECRET = {"Authorization": "Bearer top-secret", "Cookie": "sessionId=top-secret"}

type RawGateway = Callable[[RawAnswer], Awaitable[EnvoyTransport]]


async def _get(
    transport: EnvoyTransport,
    path: str = METERS,
    *,
    lane: Lane = Lane.NATIVE,
    timeout: float = 5,
) -> GatewayResponse:
    return await transport.request(
        "GET", path, lane=lane, timeout=timeout, headers=SECRET
    )


def _everything_said(error: BaseException) -> str:
    """Return what any log of an error could show."""
    lines = traceback.format_exception(error)
    return repr(error) + "".join(lines) + repr(error.__context__)


async def test_an_answer(house: House) -> None:
    transport = await house.transport()

    answer = await _get(transport, "/info")

    assert answer.status == 200
    assert answer.body.startswith(b"<?xml")
    assert 0 < answer.seconds < 5
    assert answer.headers["content-length"] == str(len(answer.body))


async def test_connection_is_kept(house: House) -> None:
    transport = await house.transport()

    for _ in range(3):
        await _get(transport, "/info")

    assert house.http.connector is not None
    assert len(house.http.connector._conns) == 1  # the pool has no public view


async def test_repr_of_an_answer_tells_nothing(house: House) -> None:
    transport = await house.transport()
    headers = {"Authorization": f"Bearer {house.token().text}"}

    answer = await transport.request(
        "GET", "/auth/check_jwt", lane=Lane.NATIVE, timeout=5, headers=headers
    )

    assert "sessionId" in answer.headers["Set-Cookie"]
    assert "sessionId" not in repr(answer)
    assert "Valid" not in repr(answer)


async def test_nothing_goes_out_while_the_certificate_is_another(house: House) -> None:
    transport = await house.transport()
    pinned = transport.fingerprint
    house.sim.gateway.requests.clear()
    house.sim.gateway.renew_certificate()
    house.sim.gateway.drop_connections()

    with pytest.raises(CertificateChangedError) as error:
        await _get(transport)

    assert len(house.sim.gateway.requests) == 0
    assert error.value.pinned == pinned
    assert error.value.found == house.sim.gateway.fingerprint
    assert pinned not in str(error.value)

    again = await house.transport()
    assert again.fingerprint == house.sim.gateway.fingerprint
    assert (await _get(again, "/info")).status == 200


async def test_fingerprint_is_read_without_a_request(house: House) -> None:
    found = await read_fingerprint(house.http, house.address, timeout=5)

    assert found == house.sim.gateway.fingerprint
    assert len(house.sim.gateway.requests) == 0


def test_https_is_always_pinned() -> None:
    for scheme, fingerprint in (("https", None), ("http", "00" * 32)):
        with pytest.raises(ValueError, match="fingerprint"):
            EnvoyTransport(
                session=None,  # type: ignore[arg-type]  # never gets that far
                address=GatewayAddress(host="x").with_scheme(scheme),  # type: ignore[arg-type]  # a loop's str
                fingerprint=fingerprint,
            )


async def test_redirects_are_not_followed(raw_gateway: RawGateway) -> None:
    async def moved(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:9/\r\n"
            b"Content-Length: 0\r\n\r\n"
        )
        await writer.drain()

    assert (await _get(await raw_gateway(moved))).status == 301


async def test_ipv6(socket_enabled: None) -> None:
    pytest_socket.socket_allow_hosts(["::1"])

    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        host = request.split(b"Host: ")[1].split(b"\r\n")[0]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(host))
        writer.write(host)
        await writer.drain()
        writer.close()

    async with (
        await asyncio.start_server(hello, "::1", 0) as server,
        aiohttp.ClientSession() as http,
    ):
        port = server.sockets[0].getsockname()[1]
        address = GatewayAddress.parse(f"[::1]:{port}").with_scheme("http")
        transport = EnvoyTransport(session=http, address=address, fingerprint=None)

        assert (await _get(transport)).body == f"[::1]:{port}".encode()


async def test_no_answer_in_time(house: House) -> None:
    transport = await house.transport()
    house.sim.gateway.faults.add(Fault.hang("/info"))

    with pytest.raises(EnvoyTimeoutError, match="in time"):
        await _get(transport, "/info", timeout=0.2)

    house.sim.gateway.faults.clear()
    assert (await _get(transport, "/info")).status == 200


async def test_gateway_away_and_back(house: House) -> None:
    transport = await house.transport()
    await house.sim.gateway.go_away()

    with pytest.raises(EnvoyConnectionError, match="can't be reached") as error:
        await _get(transport, "/info")

    assert "127.0.0.1" not in _everything_said(error.value)
    await house.sim.gateway.come_back()
    assert (await _get(transport, "/info")).status == 200


@pytest.mark.parametrize(
    "fault",
    [Fault.reset("/info"), Fault.reset("/info", keep_bytes=10)],
    ids=["before the answer", "inside the answer"],
)
async def test_a_broken_answer_and_the_next(house: House, fault: Fault) -> None:
    transport = await house.transport()
    house.sim.gateway.faults.add(fault)

    with pytest.raises(EnvoyConnectionError) as error:
        await _get(transport, "/info")

    assert "top-secret" not in _everything_said(error.value)
    house.sim.gateway.faults.clear()
    assert (await _get(transport, "/info")).status == 200


async def test_an_idle_connection_that_died_is_replaced_at_once(
    raw_gateway: RawGateway,
) -> None:
    connections = 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
        await reader.readuntil(b"\r\n\r\n")

    transport = await raw_gateway(once)

    assert (await _get(transport)).body == b"[]"
    assert (await _get(transport)).body == b"[]"
    assert connections == 2


async def test_a_post_is_never_repeated(raw_gateway: RawGateway) -> None:
    requests = 0

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await reader.readuntil(b"\r\n\r\n")
        requests += 1

    transport = await raw_gateway(deaf)

    with pytest.raises(EnvoyConnectionError):
        await transport.request("POST", "/x", lane=Lane.NATIVE, timeout=5, body=b"{}")

    assert requests == 1


async def test_an_answer_without_an_end(raw_gateway: RawGateway) -> None:
    async def endless(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    with pytest.raises(EnvoyResponseError, match="no end"):
        await _get(await raw_gateway(endless))


async def test_a_body_that_grows_when_unpacked(raw_gateway: RawGateway) -> None:
    body = gzip.compress(bytes(2 * MAX_BODY))

    async def bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        assert b"identity" in request
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)
        )
        writer.write(body)
        await writer.drain()

    with pytest.raises(EnvoyError):
        await _get(await raw_gateway(bomb))


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n[]",
        CHUNKED + b"zz\r\n[]\r\n0\r\n\r\n",
        CHUNKED + b"5\r\n[]",
        CHUNKED + b"2\r\n[]xx0\r\n\r\n",
    ],
)
async def test_garbage_instead_of_http(raw_gateway: RawGateway, garbage: bytes) -> None:
    broken = True

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        good = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
        writer.write(garbage if broken else good)
        await writer.drain()

    transport = await raw_gateway(answer)

    with pytest.raises((EnvoyConnectionError, EnvoyResponseError)) as error:
        await _get(transport)

    assert "top-secret" not in _everything_said(error.value)
    broken = False
    assert (await _get(transport)).body == b"[]"


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(answered=st.binary(max_size=200))
async def test_any_bytes_are_an_answer_or_one_of_our_errors(
    raw_gateway: RawGateway, answered: bytes
) -> None:
    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answered)
        await writer.drain()

    transport = await raw_gateway(answer)

    with pytest.raises((EnvoyConnectionError, EnvoyResponseError)):
        await _get(transport)


class _NoSuchName(AbstractResolver):
    """A network on which no name is known; tests may not ask the real one."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    @override
    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        raise self._error

    @override
    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    "error",
    [
        OSError("Name or service not known: envoy.local"),
        UnicodeError("label too long: envoy.local"),
    ],
)
async def test_a_name_that_nobody_knows(error: Exception) -> None:
    connector = aiohttp.TCPConnector(resolver=_NoSuchName(error))
    async with aiohttp.ClientSession(connector=connector) as http:
        address = GatewayAddress(host="envoy.local", scheme="http")
        transport = EnvoyTransport(session=http, address=address, fingerprint=None)

        with pytest.raises(EnvoyConnectionError) as caught:
            await _get(transport)

    assert "envoy.local" not in _everything_said(caught.value)


async def test_one_request_at_a_time_in_a_lane(house: House) -> None:
    transport = await house.transport()
    house.sim.gateway.requests.clear()
    house.sim.gateway.faults.add(Fault.slow("/info", 0.05))

    await asyncio.gather(*(_get(transport, "/info") for _ in range(5)))

    assert len(house.sim.gateway.requests) == 5
    assert house.sim.gateway.requests.max_in_flight["native"] == 1


async def test_a_stuck_lane_holds_up_no_other(house: House) -> None:
    transport = await house.transport()
    house.sim.gateway.faults.add(Fault.hang("/production.json"))
    house.sim.gateway.faults.add(Fault.hang("/ivp/pdm/device_data"))
    stuck = [
        asyncio.create_task(
            _get(transport, "/production.json", lane=Lane.RUBY, timeout=30)
        ),
        asyncio.create_task(
            _get(transport, "/ivp/pdm/device_data", lane=Lane.DEVICE_DATA, timeout=30)
        ),
    ]
    await asyncio.sleep(0.05)

    assert (await _get(transport, "/info", timeout=2)).status == 200

    assert not any(task.done() for task in stuck)
    for task in stuck:
        task.cancel()
    await asyncio.gather(*stuck, return_exceptions=True)


async def test_time_starts_when_the_lane_is_free(house: House) -> None:
    transport = await house.transport()
    house.sim.gateway.faults.add(Fault.slow("/info", 0.3))

    answers = await asyncio.gather(
        *(_get(transport, "/info", timeout=0.8) for _ in range(4))
    )

    assert [answer.status for answer in answers] == [200] * 4


async def test_a_cancelled_request_frees_its_lane(house: House) -> None:
    transport = await house.transport()
    house.sim.gateway.faults.add(Fault.hang("/info", times=1))
    task = asyncio.create_task(_get(transport, "/info", timeout=30))
    await asyncio.sleep(0.05)

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert (await _get(transport, "/info")).status == 200


async def test_secrets_are_not_logged(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    transport = await house.transport()
    with caplog.at_level(logging.DEBUG):
        await _get(transport, "/info")
        house.sim.gateway.faults.add(Fault.reset("/info"))
        with pytest.raises(EnvoyConnectionError):
            await _get(transport, "/info")

    assert "top-secret" not in caplog.text
