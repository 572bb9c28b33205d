"""Answers that break off, never end or are none, and the next one that is good."""

from __future__ import annotations

import asyncio
import gzip

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.envoy_local.client.exceptions import (
    EnvoyConnectionError,
    EnvoyError,
    EnvoyResponseError,
)
from custom_components.envoy_local.client.transport import MAX_BODY, Lane
from simulator import Fault

from .conftest import House
from .requesting import RawGateway, everything_said, get, saying


@pytest.mark.parametrize(
    "fault",
    [Fault.reset("/info"), Fault.reset("/info", keep_bytes=10)],
    ids=["before the answer", "inside the answer"],
)
async def test_a_broken_answer_and_the_next(house: House, fault: Fault) -> None:
    transport = await house.transport()
    house.sim.gateway.faults.add(fault)

    with pytest.raises(EnvoyConnectionError) as error:
        await get(transport, "/info")

    assert "top-secret" not in everything_said(error.value)
    house.sim.gateway.faults.clear()
    assert (await get(transport, "/info")).status == 200


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

    assert (await get(transport)).body == b"[]"
    assert (await get(transport)).body == b"[]"
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
        await get(await raw_gateway(endless))


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
        await get(await raw_gateway(bomb))


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
        await get(transport)

    assert "top-secret" not in everything_said(error.value)
    broken = False
    assert (await get(transport)).body == b"[]"


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(answered=st.binary(max_size=200))
async def test_any_bytes_are_an_answer_or_one_of_our_errors(
    raw_gateway: RawGateway, answered: bytes
) -> None:
    transport = await raw_gateway(saying(answered))

    with pytest.raises((EnvoyConnectionError, EnvoyResponseError)):
        await get(transport)
