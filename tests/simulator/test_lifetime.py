"""It starts and stops inside Home Assistant's event loop, and leaves nothing behind."""

from __future__ import annotations

import asyncio

import aiohttp
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest

from simulator import Simulator


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.usefixtures("socket_enabled")
async def test_inside_home_assistant_with_a_frozen_clock(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    session = async_get_clientsession(hass, verify_ssl=False)
    times = []
    async with Simulator() as simulator:
        url = simulator.gateway.url + "/ivp/meters/readings"
        headers = {"Authorization": f"Bearer {simulator.token()}"}
        for _ in range(3):
            freezer.tick(3600)
            async with session.get(url, headers=headers) as answer:
                times.append((await answer.json(content_type=None))[0]["timestamp"])
        await simulator.gateway.go_away()
        await simulator.gateway.come_back()
    assert [after - times[0] for after in times] == [0, 3600, 7200]


@pytest.mark.parametrize("head_start", range(0, 45, 3))
async def test_stop_at_any_moment_of_a_connection(
    session: aiohttp.ClientSession, head_start: int
) -> None:
    async with Simulator(cloud_tls=False) as simulator:
        url = simulator.gateway.url + "/info"
        asking = [asyncio.create_task(session.get(url, ssl=False)) for _ in range(3)]
        await turns(head_start)
    results = await asyncio.gather(*asking, return_exceptions=True)
    answers = (aiohttp.ClientResponse, aiohttp.ClientError)
    assert all(isinstance(result, answers) for result in results)


@pytest.mark.usefixtures("socket_enabled")
async def test_nothing_is_left(session: aiohttp.ClientSession) -> None:
    before = asyncio.all_tasks()
    simulator = Simulator(latency="slow")
    await simulator.start()
    asking = asyncio.create_task(
        session.get(simulator.gateway.url + "/info", ssl=False)
    )
    await asyncio.sleep(0.1)
    await simulator.stop()
    with pytest.raises(aiohttp.ClientError):
        await asking
    assert asyncio.all_tasks() == before


@pytest.mark.usefixtures("socket_enabled")
async def test_two_at_once() -> None:
    async with Simulator() as one, Simulator("three_phase") as other:
        assert one.gateway.host != other.gateway.host
        assert one.serial != other.serial
        with pytest.raises(Exception, match="signature"):
            other.issuer.verify(one.token(), one.serial)
