"""The first contact: who is there, and how it wants to be spoken to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from custom_components.envoy_local.client.address import GatewayAddress
from custom_components.envoy_local.client.discovery import (
    identify,
    probe_gateway,
    wants_token,
)
from custom_components.envoy_local.client.exceptions import (
    EnvoyBusyError,
    EnvoyConnectionError,
    EnvoyTimeoutError,
    NotAnEnvoyError,
)
from custom_components.envoy_local.client.transport import EnvoyTransport
from simulator import Fault

from .conftest import OLD_SERIAL, SERIAL, House, RawAnswer

type RawGateway = Callable[[RawAnswer], Awaitable[EnvoyTransport]]

INFO = (
    "<envoy_info><device><sn>202439990001</sn><software>{}</software></device>"
    "<web-tokens>{}</web-tokens></envoy_info>"
)


async def _probe_raw(raw_gateway: RawGateway, status: str, body: str = "") -> None:
    """Probe something that talks http only."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        request = await reader.readuntil(b"\n")
        http = request.startswith(b"GET ")
        text = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        writer.write(text.encode() if http else b"")
        await writer.drain()

    transport = await raw_gateway(answer)
    async with aiohttp.ClientSession() as http:
        await probe_gateway(http, transport.address)


async def test_a_gateway_of_today(house: House) -> None:
    transport, info = await probe_gateway(house.http, house.address)

    assert info.serial == SERIAL
    assert wants_token(info)
    assert transport.address.scheme == "https"
    assert transport.fingerprint == house.sim.gateway.fingerprint
    assert len(house.sim.gateway.requests) == 1
    assert not house.sim.gateway.requests[0].has_authorization
    assert await identify(transport) == info


async def test_an_old_gateway_talks_http(old_house: House) -> None:
    transport, info = await probe_gateway(old_house.http, old_house.address)

    assert info.serial == OLD_SERIAL
    assert not wants_token(info)
    assert transport.address.scheme == "http"
    assert transport.fingerprint is None


async def test_nobody_there_and_then_somebody(house: House) -> None:
    await house.sim.gateway.go_away()
    with pytest.raises(EnvoyConnectionError, match="can't be reached"):
        await probe_gateway(house.http, house.address)

    await house.sim.gateway.come_back()
    assert (await probe_gateway(house.http, house.address))[1].serial == SERIAL


@pytest.mark.parametrize(
    ("fault", "blame"),
    [
        (Fault.error("/info", 503), EnvoyBusyError),
        (Fault.error("/info", 502), EnvoyBusyError),
        (Fault.empty("/info"), EnvoyBusyError),
        (Fault.error("/info", 404), NotAnEnvoyError),
        (Fault.error("/info", 401), NotAnEnvoyError),
        (Fault.html("/info"), NotAnEnvoyError),
        (Fault.raw("/info", b"\xff\x00{}"), NotAnEnvoyError),
        (Fault.raw("/info", b"<router><sn>1</sn></router>"), NotAnEnvoyError),
        (Fault.reset("/info"), EnvoyConnectionError),
    ],
)
async def test_who_is_to_blame(
    house: House, fault: Fault, blame: type[Exception]
) -> None:
    house.sim.gateway.faults.add(fault)
    with pytest.raises(blame):
        await probe_gateway(house.http, house.address)

    house.sim.gateway.faults.clear()
    assert (await probe_gateway(house.http, house.address))[1].serial == SERIAL


async def test_no_answer_in_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    module = "custom_components.envoy_local.client.discovery"
    monkeypatch.setattr(f"{module}._TIMEOUT", 0.3)
    house.sim.gateway.faults.add(Fault.hang("/info"))

    with pytest.raises(EnvoyTimeoutError):
        await probe_gateway(house.http, house.address)

    house.sim.gateway.faults.clear()
    assert (await probe_gateway(house.http, house.address))[1].serial == SERIAL


@pytest.mark.parametrize(
    ("software", "web_tokens"), [("D8.3.5169", "true"), ("D6.0.1", "true")]
)
async def test_a_gateway_with_tokens_is_not_spoken_to_over_http(
    raw_gateway: RawGateway, software: str, web_tokens: str
) -> None:
    with pytest.raises(EnvoyConnectionError, match="encrypted"):
        await _probe_raw(raw_gateway, "200 OK", INFO.format(software, web_tokens))


@pytest.mark.parametrize("status", ["301 Moved Permanently", "400 Bad Request"])
async def test_http_that_points_to_https_blames_https(
    raw_gateway: RawGateway, status: str
) -> None:
    with pytest.raises(EnvoyConnectionError, match="encrypted"):
        await _probe_raw(raw_gateway, status)


@pytest.mark.parametrize(
    ("status", "body", "blame"),
    [
        ("200 OK", "<html></html>", NotAnEnvoyError),
        ("404 Not Found", "", NotAnEnvoyError),
        ("abc", "", NotAnEnvoyError),
        ("503 Busy", "", EnvoyBusyError),
    ],
)
async def test_another_device_on_http(
    raw_gateway: RawGateway, status: str, body: str, blame: type[Exception]
) -> None:
    with pytest.raises(blame):
        await _probe_raw(raw_gateway, status, body)


async def test_hangs_while_the_connection_is_made(
    raw_gateway: RawGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "custom_components.envoy_local.client.discovery"
    monkeypatch.setattr(f"{module}._TIMEOUT", 0.3)

    async def silent(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read()

    transport = await raw_gateway(silent)
    async with aiohttp.ClientSession() as http:
        with pytest.raises(EnvoyTimeoutError):
            await probe_gateway(http, transport.address)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


@pytest.mark.parametrize(
    ("software", "found"), [("R4.10.35", True), ("D8.3.5169", False)]
)
async def test_an_old_gateway_behind_an_https_that_is_no_envoys(
    house: House, raw_gateway: RawGateway, software: str, *, found: bool
) -> None:
    """One port for both: TLS goes to a server without `/info`, http to a gateway."""
    house.sim.gateway.faults.add(Fault.error("/info", 404))
    port = int(house.sim.gateway.host.rpartition(":")[2])
    info = INFO.format(software, "").encode()
    old = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(info), info)

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        first = await reader.readexactly(1)
        if first == b"G":
            await reader.readuntil(b"\r\n\r\n")
            writer.write(old)
            await writer.drain()
            return
        behind, to_behind = await asyncio.open_connection("127.0.0.1", port)
        to_behind.write(first)
        await asyncio.gather(_pipe(reader, to_behind), _pipe(behind, writer))

    address = (await raw_gateway(answer)).address
    async with aiohttp.ClientSession() as http:
        outcome = await asyncio.gather(
            probe_gateway(http, address), return_exceptions=True
        )

    assert isinstance(outcome[0], tuple) is found
    assert isinstance(outcome[0], NotAnEnvoyError) is not found


async def test_an_address_with_nothing_behind(socket_enabled: None) -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(EnvoyConnectionError):
            await probe_gateway(http, GatewayAddress(host="127.0.0.1", port=9))
