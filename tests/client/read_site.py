"""A gateway and the client that reads it, with a stopwatch in the test's hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import ssl
from typing import Final

import aiohttp
import pytest

from custom_components.envoy_local.client.access_token import AccessToken
from custom_components.envoy_local.client.address import GatewayAddress
from custom_components.envoy_local.client.backoff import LoginBackoff
from custom_components.envoy_local.client.client import EnvoyClient
from custom_components.envoy_local.client.discovery import probe_gateway
from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.session import EnvoySession
from simulator import Simulator

INTERVALS: Final = dict.fromkeys(Tier, 15.0)


class Watch:
    """A stopwatch that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


type Site = tuple[Simulator, EnvoyClient, Watch]


@asynccontextmanager
async def open_site(scenario: str) -> AsyncIterator[Site]:
    watch = Watch()
    async with Simulator(scenario) as sim:
        context = ssl.create_default_context()
        connector = aiohttp.TCPConnector(ssl=context)
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as http:
            transport, info = await probe_gateway(
                http, GatewayAddress.parse(sim.gateway.host)
            )
            session = EnvoySession(
                transport=transport,
                info=info,
                token=AccessToken.parse(sim.token()),
                credentials=None,
                cloud=None,
                on_token=lambda _: None,
                backoff=LoginBackoff(),
            )
            client = EnvoyClient(
                session=session,
                info=info,
                intervals=lambda tier: INTERVALS[tier],
                timer=watch,
            )
            sim.gateway.requests.clear()
            yield sim, client, watch


@pytest.fixture
async def home(socket_enabled: None) -> AsyncIterator[Site]:
    """A metered site with batteries."""
    async with open_site("home") as site:
        yield site


@pytest.fixture
async def unmetered(socket_enabled: None) -> AsyncIterator[Site]:
    """A site without meters."""
    async with open_site("unmetered") as site:
        yield site


def asked(sim: Simulator, path: str) -> int:
    return len(sim.gateway.requests.to(path))


async def read_all(client: EnvoyClient) -> None:
    for tier in (Tier.SETTINGS, Tier.STORAGE, *Tier):
        await client.read(tier)
