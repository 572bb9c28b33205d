"""A gateway, a cloud and a way to both, over real sockets on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from pathlib import Path
import ssl
import time
from typing import Final, override

import aiohttp
import pytest

from custom_components.envoy_local.client.access_token import AccessToken
from custom_components.envoy_local.client.address import GatewayAddress
from custom_components.envoy_local.client.backoff import LoginBackoff
from custom_components.envoy_local.client.cloud import EnlightenCloud
from custom_components.envoy_local.client.discovery import probe_gateway
from custom_components.envoy_local.client.session import Credentials, EnvoySession
from custom_components.envoy_local.client.transport import EnvoyTransport
from simulator import Recording, Simulator
from simulator.answers import Answer
from simulator.digest import DigestGuard

from .read_site import home, unmetered  # noqa: F401 - fixtures

CLOUD: Final = "custom_components.envoy_local.client.cloud"
SERIAL: Final = "202439990001"
OLD_SERIAL: Final = "121621012167"
INVERTERS: Final = "/api/v1/production/inverters"

type RawAnswer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Clock:
    """The time for client, gateway and cloud alike; it stands until it is moved."""

    def __init__(self) -> None:
        self.now = float(int(time.time()))

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True, kw_only=True)
class House:
    """A gateway and its cloud, the client's sessions, and what was handed out."""

    sim: Simulator
    http: aiohttp.ClientSession
    clock: Clock
    stored: list[AccessToken] = field(default_factory=list)

    @property
    def address(self) -> GatewayAddress:
        return GatewayAddress.parse(self.sim.gateway.host)

    @property
    def credentials(self) -> Credentials:
        return Credentials(username=self.sim.user, password=self.sim.password)

    def token(self, *, lifetime: int | None = None) -> AccessToken:
        """Return a token as the cloud makes it; a negative lifetime is over."""
        return AccessToken.parse(self.sim.token(lifetime=lifetime))

    def backoff(self) -> LoginBackoff:
        """Return a fresh back-off without jitter."""
        return LoginBackoff(clock=self.clock, spread=lambda: 0.5)

    def renew_nonce(self) -> None:
        """Make an old gateway ask anew: what answered it so far is stale."""
        gateway = self.sim.gateway
        gateway._digest = DigestGuard(gateway.local_users)  # it has no switch for that

    async def transport(self) -> EnvoyTransport:
        """Return the pinned way to the gateway."""
        transport, _ = await probe_gateway(self.http, self.address)
        return transport

    async def session(
        self,
        *,
        token: AccessToken | None = None,
        credentials: Credentials | None = None,
        backoff: LoginBackoff | None = None,
    ) -> EnvoySession:
        """Return a session that hasn't been opened; the log starts with it."""
        transport, info = await probe_gateway(self.http, self.address)
        self.sim.gateway.requests.clear()
        return EnvoySession(
            transport=transport,
            info=info,
            token=token,
            credentials=credentials,
            cloud=EnlightenCloud(session=self.http),
            on_token=self.stored.append,
            backoff=backoff or self.backoff(),
            clock=self.clock,
        )


def write_recording(folder: Path, *, serial: str, firmware: str) -> Path:
    """Write a small recorded gateway; firmware below 7 guards some of its paths."""
    info = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<envoy_info><time>1785593316</time>'
        f"<device><sn>{serial}</sn><pn>800-00647-r11</pn>"
        f"<software>{firmware}</software></device></envoy_info>"
    )
    production = {"wattHoursToday": 4, "wattsNow": 5}
    responses: dict[str, tuple[int, str]] = {
        "/info": (200, info),
        "/ivp/meters": (200, "[]"),
        "/ivp/meters/readings": (200, "[]"),
        "/ivp/pdm/device_data": (200, "{}"),
        "/production.json": (200, '{"production": []}'),
        "/api/v1/production": (200, json.dumps(production)),
        INVERTERS: (401, '{"status":401}'),
    }
    index: dict[str, object] = {}
    for path, (status, body) in responses.items():
        name = path.strip("/").replace("/", "_")
        (folder / name).write_text(body, encoding="utf-8")
        index[path] = {"status": status, "file": name}
    everything = {"firmware": firmware, "serial": serial, "responses": index}
    (folder / "index.json").write_text(json.dumps(everything), encoding="utf-8")
    return folder


class GuardedRecording(Recording):
    """A recording whose inverters are there for whoever passes the Digest."""

    @override
    def answer(
        self, path: str, query: str, *, serial: str, now: float
    ) -> Answer | None:
        if path == INVERTERS:
            return Answer(body=b"[]")
        return super().answer(path, query, serial=serial, now=now)


@asynccontextmanager
async def open_house(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """Open a recorded gateway and its cloud, which the client takes for real."""
    clock = Clock()
    async with Simulator(capture=folder, clock=clock) as sim:
        monkeypatch.setattr(f"{CLOUD}.ENLIGHTEN_URL", sim.cloud.url)
        monkeypatch.setattr(f"{CLOUD}.ENTREZ_URL", sim.cloud.url)
        context = ssl.create_default_context()
        sim.cloud.trust(context)
        async with aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(ssl=context),
        ) as http:
            yield House(sim=sim, http=http, clock=clock)


@pytest.fixture
async def house(
    socket_enabled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """A gateway of today."""
    folder = write_recording(tmp_path, serial=SERIAL, firmware="D8.3.5169")
    async with open_house(folder, monkeypatch) as house:
        yield house


@pytest.fixture
async def old_house(
    socket_enabled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """A gateway with firmware 5: http, and Digest on the inverters."""
    folder = write_recording(tmp_path, serial=OLD_SERIAL, firmware="D5.0.49")
    async with open_house(folder, monkeypatch) as house:
        yield house


@pytest.fixture
async def guarded_house(old_house: House) -> House:
    """A gateway with firmware 5 that shows its inverters to its users only."""
    gateway = old_house.sim.gateway
    recorded = gateway.site
    assert isinstance(recorded, Recording)
    gateway.site = GuardedRecording(
        serial=recorded.serial,
        firmware=recorded.firmware,
        part_number=recorded.part_number,
        answers=recorded.answers,
    )
    return old_house


@pytest.fixture
async def raw_gateway(
    socket_enabled: None,
) -> AsyncIterator[Callable[[RawAnswer], Awaitable[EnvoyTransport]]]:
    """Something that answers http with whatever bytes a test wants."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        servers: list[asyncio.Server] = []

        async def start(answer: RawAnswer) -> EnvoyTransport:
            async def handle(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter
            ) -> None:
                try:
                    await answer(reader, writer)
                except (asyncio.IncompleteReadError, ConnectionError):
                    pass  # the client has gone
                finally:
                    writer.close()

            server = await asyncio.start_server(handle, "127.0.0.1", 0)
            servers.append(server)
            host, port = server.sockets[0].getsockname()[:2]
            return EnvoyTransport(
                session=http,
                address=GatewayAddress(host=host, port=port, scheme="http"),
                fingerprint=None,
            )

        yield start
        await http.close()
        for server in servers:
            server.close()
            await server.wait_closed()
