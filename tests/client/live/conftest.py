"""A gateway that streams, a way into it, and a feed that follows it through time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
import contextlib
from dataclasses import dataclass, field, replace
import math
import ssl
from typing import Any, Final

import aiohttp
import pytest

from custom_components.envoy_local.client.access_token import AccessToken
from custom_components.envoy_local.client.address import GatewayAddress
from custom_components.envoy_local.client.backoff import LoginBackoff
from custom_components.envoy_local.client.client import EnvoyClient
from custom_components.envoy_local.client.cloud import EnlightenCloud
from custom_components.envoy_local.client.credentials import Credentials
from custom_components.envoy_local.client.discovery import probe_gateway
from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.live.feed import LiveFeed
from custom_components.envoy_local.client.models.live import (
    LivePower,
    LiveSource,
    LiveStatus,
)
from custom_components.envoy_local.client.session import EnvoySession
from simulator import (
    SCENARIOS,
    Gateway,
    Plant,
    PlantPower,
    Scenario,
    Simulator,
)
from simulator.tokens import Role

from ...time_travel import TimeTravel

CLOUD: Final = "custom_components.envoy_local.client.cloud"
STREAM: Final = "/stream/meter"
LIVEDATA: Final = "/ivp/livedata/status"
SWITCH: Final = "/ivp/livedata/stream"
CHECK: Final = "/auth/check_jwt"
READINGS: Final = "/ivp/meters/readings"

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 86_400.0

OWNERS_REFUSED: Final[Scenario] = replace(SCENARIOS["three_phase"], firmware="D7.6.175")
"""Between 7.6 and 8.3 the stream is for installers."""


@dataclass(kw_only=True)
class Watcher:
    """A feed at work, and everything it said."""

    feed: LiveFeed
    travel: TimeTravel
    powers: list[LivePower | None] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    """The loop's time of each power."""
    statuses: list[LiveStatus] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    @property
    def source(self) -> LiveSource:
        return self.feed.status.source

    @property
    def sources(self) -> list[LiveSource]:
        """The sources in the order in which they were in use."""
        found: list[LiveSource] = []
        for status in self.statuses:
            if not found or found[-1] is not status.source:
                found.append(status.source)
        return found

    def on_power(self, power: LivePower | None) -> None:
        self.powers.append(power)
        self.at.append(asyncio.get_running_loop().time())

    def on_status(self) -> None:
        self.statuses.append(self.feed.status)

    def start(self) -> None:
        self.task = asyncio.get_running_loop().create_task(self.feed.run())

    async def stop(self) -> None:
        assert self.task is not None
        assert not self.task.done(), "nothing ever ends the feed by itself"
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    async def up_to(self, source: LiveSource, *, within: float = MINUTE) -> None:
        """Let time pass until power comes from somewhere, `within` seconds."""
        await self.travel.up_to(lambda: self.source is source, within=within, step=1)


@dataclass(kw_only=True)
class LiveSite:
    """A gateway, its cloud, the client that reads it, and the time."""

    sim: Simulator
    http: aiohttp.ClientSession
    session: EnvoySession
    client: EnvoyClient
    travel: TimeTravel
    watchers: list[Watcher] = field(default_factory=list)

    @property
    def gateway(self) -> Gateway:
        return self.sim.gateway

    def asked(self, path: str) -> int:
        """How often the gateway was asked for a path."""
        return len(self.gateway.requests.to(path))

    def cloud_requests(self) -> int:
        return len(self.sim.cloud.requests)

    all_tiers = (Tier.SETTINGS, Tier.READINGS, Tier.STORAGE)

    async def another_session(self) -> EnvoySession:
        """Return a way in that hasn't been opened."""
        return await _way_in(self.sim, self.http, self.sim.token())

    async def read(self, *tiers: Tier) -> None:
        """Read what the readings' side of the client reads."""
        for tier in tiers:
            await self.client.read(tier)

    def watch(self, *, interval: float = 1.0, random: float = 1.0) -> Watcher:
        """Start a feed; its waits are as long as they can be, unless told otherwise."""
        watcher: Watcher

        def tell() -> None:
            watcher.on_status()

        def show(power: LivePower | None) -> None:
            watcher.on_power(power)

        feed = LiveFeed(
            session=self.session,
            snapshot=lambda: self.client.snapshot,
            interval=interval,
            on_power=show,
            on_status=tell,
            random=lambda: random,
        )
        watcher = Watcher(feed=feed, travel=self.travel)
        self.watchers.append(watcher)
        watcher.start()
        return watcher

    async def watching(self, source: LiveSource, **changes: float) -> Watcher:
        """Start a feed and let it find its source."""
        watcher = self.watch(**changes)
        await watcher.up_to(source, within=3 * MINUTE)
        return watcher


def off_the_truth(plant: Plant, power: LivePower, at: Iterable[float]) -> float:
    """Return by how many W a power differs from the nearest of some moments."""
    shown = (power.production, power.grid, power.consumption)
    truths = [plant.power(moment) for moment in at]
    return min(
        max(
            abs((value if value is not None else math.inf) - real)
            for value, real in zip(
                shown, (each.production, each.grid, _use(each, power)), strict=True
            )
        )
        for each in truths
    )


def _use(truth: PlantPower, power: LivePower) -> float:
    """What the house uses; a power without its battery leaves that out."""
    unseen = truth.battery if power.battery is None else 0.0
    return truth.consumption - unseen


type OpenSite = Callable[..., Awaitable[LiveSite]]


@contextlib.asynccontextmanager
async def _site(
    travel: TimeTravel, monkeypatch: pytest.MonkeyPatch, **changes: Any
) -> AsyncIterator[LiveSite]:
    role = changes.pop("role", "owner")
    async with Simulator(**changes) as sim:
        monkeypatch.setattr(f"{CLOUD}.ENLIGHTEN_URL", sim.cloud.url)
        monkeypatch.setattr(f"{CLOUD}.ENTREZ_URL", sim.cloud.url)
        context = ssl.create_default_context()
        sim.cloud.trust(context)
        requests = sim.gateway.requests
        travel.is_quiet = lambda: requests.is_idle
        async with aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(ssl=context),
        ) as http:
            yield await _enter(sim, http, travel, role)


async def _enter(
    sim: Simulator, http: aiohttp.ClientSession, travel: TimeTravel, role: Role
) -> LiveSite:
    session = await _way_in(sim, http, sim.token(role=role))
    client = EnvoyClient(session=session, info=session.info, intervals=lambda _: 15.0)
    site = LiveSite(sim=sim, http=http, session=session, client=client, travel=travel)
    await site.read(Tier.SETTINGS, Tier.READINGS)
    sim.gateway.requests.clear()
    return site


async def _way_in(
    sim: Simulator, http: aiohttp.ClientSession, token: str
) -> EnvoySession:
    address = GatewayAddress.parse(sim.gateway.host)
    transport, info = await probe_gateway(http, address)
    return EnvoySession(
        transport=transport,
        info=info,
        token=AccessToken.parse(token),
        credentials=Credentials(username=sim.user, password=sim.password),
        cloud=EnlightenCloud(session=http),
        on_token=lambda _: None,
        backoff=LoginBackoff(),
    )


@pytest.fixture
async def travel(monkeypatch: pytest.MonkeyPatch) -> TimeTravel:
    """Time that passes as fast as a test wants."""
    return TimeTravel(asyncio.get_running_loop(), monkeypatch)


@pytest.fixture
async def open_site(
    socket_enabled: None, travel: TimeTravel, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[OpenSite]:
    """Open any site; afterwards nothing may be left of its feeds."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_one(**changes: Any) -> LiveSite:
            context = _site(travel, monkeypatch, **changes)
            site = await stack.enter_async_context(context)
            stack.push_async_callback(_close, site)
            return site

        yield open_one


@pytest.fixture
async def site(open_site: OpenSite) -> LiveSite:
    """Three phases, no battery, a gateway that streams."""
    return await open_site(scenario="three_phase")


async def _close(site: LiveSite) -> None:
    for watcher in site.watchers:
        await watcher.stop()
    await site.travel.until(lambda: site.gateway.stream.open_streams == 0)
    connector = site.http.connector
    assert connector is not None
    assert not connector._acquired  # what is in use has no public view
    assert site.gateway.stream.most_streams <= 1
