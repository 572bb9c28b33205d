"""Requests as they go over the wire: pinned, timed, and with nothing told."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import pytest
import pytest_socket  # type: ignore[import-untyped,unused-ignore]  # older ones have no types

from custom_components.envoy_local.client.address import GatewayAddress
from custom_components.envoy_local.client.exceptions import (
    CertificateChangedError,
    EnvoyConnectionError,
    EnvoyTimeoutError,
)
from custom_components.envoy_local.client.transport import (
    EnvoyTransport,
    Lane,
    read_fingerprint,
)
from simulator import Fault
from tests.unknown_names import UnknownNames

from .conftest import House
from .requesting import RawGateway, everything_said, get, saying


async def test_an_answer(house: House) -> None:
    transport = await house.transport()

    answer = await get(transport, "/info")

    assert answer.status == 200
    assert answer.body.startswith(b"<?xml")
    assert 0 < answer.seconds < 5
    assert answer.headers["content-length"] == str(len(answer.body))


async def test_connection_is_kept(house: House) -> None:
    transport = await house.transport()

    for _ in range(3):
        await get(transport, "/info")

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
        await get(transport)

    assert len(house.sim.gateway.requests) == 0
    assert error.value.pinned == pinned
    assert error.value.found == house.sim.gateway.fingerprint
    assert pinned not in str(error.value)

    again = await house.transport()
    assert again.fingerprint == house.sim.gateway.fingerprint
    assert (await get(again, "/info")).status == 200


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
    moved = saying(
        b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:9/\r\n"
        b"Content-Length: 0\r\n\r\n"
    )

    assert (await get(await raw_gateway(moved))).status == 301


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

        assert (await get(transport)).body == f"[::1]:{port}".encode()


async def test_no_answer_in_time(house: House) -> None:
    transport = await house.transport()
    house.sim.gateway.faults.add(Fault.hang("/info"))

    with pytest.raises(EnvoyTimeoutError, match="in time"):
        await get(transport, "/info", timeout=0.2)

    house.sim.gateway.faults.clear()
    assert (await get(transport, "/info")).status == 200


async def test_gateway_away_and_back(house: House) -> None:
    transport = await house.transport()
    await house.sim.gateway.go_away()

    with pytest.raises(EnvoyConnectionError, match="can't be reached") as error:
        await get(transport, "/info")

    assert "127.0.0.1" not in everything_said(error.value)
    await house.sim.gateway.come_back()
    assert (await get(transport, "/info")).status == 200


@pytest.mark.parametrize(
    "error",
    [
        OSError("Name or service not known: envoy.local"),
        UnicodeError("label too long: envoy.local"),
    ],
)
async def test_a_name_that_nobody_knows(error: Exception) -> None:
    connector = aiohttp.TCPConnector(resolver=UnknownNames(error))
    async with aiohttp.ClientSession(connector=connector) as http:
        address = GatewayAddress(host="envoy.local", scheme="http")
        transport = EnvoyTransport(session=http, address=address, fingerprint=None)

        with pytest.raises(EnvoyConnectionError) as caught:
            await get(transport)

    assert "envoy.local" not in everything_said(caught.value)


async def test_secrets_are_not_logged(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    transport = await house.transport()
    with caplog.at_level(logging.DEBUG):
        await get(transport, "/info")
        house.sim.gateway.faults.add(Fault.reset("/info"))
        with pytest.raises(EnvoyConnectionError):
            await get(transport, "/info")

    assert "top-secret" not in caplog.text
