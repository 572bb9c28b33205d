"""Snapshots for the schemas, read off the wire by the real client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
import ssl
from typing import Final

import aiohttp

from custom_components.envoy_local.client.access_token import AccessToken
from custom_components.envoy_local.client.address import GatewayAddress
from custom_components.envoy_local.client.backoff import LoginBackoff
from custom_components.envoy_local.client.client import EnvoyClient
from custom_components.envoy_local.client.discovery import probe_gateway
from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.session import EnvoySession
from custom_components.envoy_local.ledger import Ledger
from simulator import Simulator

START: Final = 1_782_068_400.0
"""A noon in June where the simulated plants stand: the sun shines."""


class Clock:
    """The time for gateway and client alike; it stands until it is moved."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Site:
    """A pretend or recorded gateway, read as the coordinators do."""

    def __init__(self, *, sim: Simulator, client: EnvoyClient, clock: Clock) -> None:
        self.sim = sim
        self.clock = clock
        self._client = client
        self._ledger = Ledger(longest_gap=600)

    async def read(self, *tiers: Tier, after: float = 0) -> GatewaySnapshot:
        """Read these tiers, all of them where none is named, some seconds later."""
        self.clock.now += after
        for tier in tiers or (Tier.SETTINGS, Tier.STORAGE, Tier.INVERTERS, *Tier):
            await self._client.read(tier)
        now = datetime.fromtimestamp(self.clock.now, UTC)
        return self._ledger.apply(self._client.snapshot, now=now, timer=self.clock.now)

    @property
    def raw(self) -> GatewaySnapshot:
        """What was read, before the ledger."""
        return self._client.snapshot


@asynccontextmanager
async def open_site(
    scenario: str = "home",
    *,
    capture: Path | None = None,
    clock: Callable[[], float] | None = None,
) -> AsyncIterator[Site]:
    """Open a gateway of the simulator, or a recorded one, and a client to it."""
    ours = Clock()
    simulator = Simulator(scenario, capture=capture, clock=clock or ours)
    async with simulator as sim:
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context())
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as http:
            address = GatewayAddress.parse(sim.gateway.host)
            transport, info = await probe_gateway(http, address)
            is_modern = info.firmware.needs_token
            session = EnvoySession(
                transport=transport,
                info=info,
                token=AccessToken.parse(sim.token()) if is_modern else None,
                credentials=None,
                cloud=None,
                on_token=lambda _: None,
                backoff=LoginBackoff(),
                clock=ours,
            )
            client = EnvoyClient(
                session=session,
                info=info,
                intervals=lambda _: 15.0,
                clock=ours,
                timer=ours,
            )
            yield Site(sim=sim, client=client, clock=ours)
