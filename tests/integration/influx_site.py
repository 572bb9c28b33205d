"""A gateway, Home Assistant and a real InfluxDB 1.6, and what tests do with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.const import DOMAIN
from custom_components.envoy_local.forwarding import Forwarder, spool_path
from custom_components.envoy_local.influxdb.status import ForwarderStatus
from simulator import Simulator

from ..influxdb.servers import Influxd, VictoriaMetrics

DATABASE: Final = "solar"
_PATIENCE: Final = 15.0
_LOOK: Final = 0.01


class Clock:
    """The gateway's clock, which can be put forward a little."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture(name="clock")
def clock_fixture() -> Clock:
    return Clock()


@pytest.fixture(name="simulator")
async def simulator_fixture(
    socket_enabled: None, clock: Clock
) -> AsyncIterator[Simulator]:
    """Run a gateway where it is noon, and whose clock the test can put forward."""
    hours = 12 - datetime.now(UTC).hour
    async with Simulator(clock=clock, timezone=f"Etc/GMT{-hours:+d}") as running:
        yield running


@pytest.fixture(name="influxd")
def influxd_fixture(socket_enabled: None, tmp_path: Path) -> Iterator[Influxd]:
    """Run InfluxDB with a database."""
    server = Influxd(tmp_path / "influxd")
    with server.running():
        server.query(f"CREATE DATABASE {DATABASE}")
        yield server


@pytest.fixture(name="guarded")
def guarded_fixture(socket_enabled: None, tmp_path: Path) -> Iterator[Influxd]:
    """Run InfluxDB with a database and one user who may write to it."""
    server = Influxd(tmp_path / "guarded", has_auth=True)
    with server.running():
        server.create_admin()
        server.query(f"CREATE DATABASE {DATABASE}")
        server.create_user("envoy", "first secret", DATABASE)
        yield server


@pytest.fixture(name="victoria")
def victoria_fixture(socket_enabled: None, tmp_path: Path) -> Iterator[VictoriaMetrics]:
    """Run VictoriaMetrics."""
    server = VictoriaMetrics(tmp_path / "victoria")
    with server.running():
        yield server


@pytest.fixture(name="_own_disk", autouse=True)
def own_disk_fixture(hass: HomeAssistant, tmp_path: Path) -> None:
    """Have everything written into a folder of the test's own."""
    hass.config.config_dir = str(tmp_path / "config")


def options_for(url: str, **changes: object) -> dict[str, Any]:
    """Return the options of an entry that forwards to a 1.x server."""
    return {
        "influxdb": {
            "enabled": True,
            "url": url,
            "kind": "1",
            "ask_kind": False,
            "verify_ssl": True,
            "database": DATABASE,
            "schemas": ["standard"],
            "extra_tags": {},
            **changes,
        }
    }


class Home:
    """One entry that forwards, and the eyes of its owner."""

    def __init__(
        self,
        hass: HomeAssistant,
        simulator: Simulator,
        clock: Clock,
        data: dict[str, Any],
    ) -> None:
        self.hass = hass
        self.entry: ConfigEntry[Any] = MockConfigEntry(
            domain=DOMAIN,
            title=f"Envoy {simulator.serial}",
            unique_id=simulator.serial,
            data=data,
        )
        self._clock = clock
        self.serial = simulator.serial

    async def set_up(self, options: dict[str, Any]) -> None:
        """Add the entry and set it up; what forwards goes on in the background."""
        assert isinstance(self.entry, MockConfigEntry)
        self.entry.add_to_hass(self.hass)
        self.hass.config_entries.async_update_entry(self.entry, options=options)
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.hass.async_block_till_done()

    async def unload(self) -> None:
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)

    async def load(self) -> None:
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.hass.async_block_till_done()

    async def remove(self) -> None:
        await self.hass.config_entries.async_remove(self.entry.entry_id)

    @property
    def forwarder(self) -> Forwarder:
        forwarder: Forwarder = self.entry.runtime_data.forwarder
        return forwarder

    @property
    def status(self) -> ForwarderStatus:
        return self.forwarder.status

    @property
    def spool(self) -> Path:
        return spool_path(self.hass, self.entry)

    async def read(self, times: int = 1) -> None:
        """Read the readings, each time some seconds later."""
        for _ in range(times):
            self._clock.ahead += 10
            await self.entry.runtime_data.coordinators[Tier.READINGS].async_refresh()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait, in real time, until something is so."""
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            assert time.monotonic() < deadline, (self.status, self.issues)
            await asyncio.sleep(_LOOK)

    async def until_books(self) -> None:
        """Wait for the energies: the books begin when every source was asked."""
        await self.until(lambda: self.state("production_energy"))

    async def until_delivered(self) -> None:
        """Wait until nothing is on its way any more."""

        def is_delivered() -> bool:
            status = self.status
            is_all = not self.forwarder.in_hand and not status.pending
            return is_all and status.delivered > 0 and status.problem is None

        await self.until(is_delivered)

    async def until_problem(self) -> None:
        await self.until(lambda: self.status.problem is not None)

    async def act(self, action: str) -> None:
        """Call one of our actions for this entry."""
        await self.hass.services.async_call(
            DOMAIN, action, {"config_entry": self.entry.entry_id}, blocking=True
        )

    @property
    def issues(self) -> dict[str, dict[str, str]]:
        """The open issues of forwarding, with what they say."""
        return {
            str(issue.translation_key): issue.translation_placeholders or {}
            for issue in ir.async_get(self.hass).issues.values()
            if issue.domain == DOMAIN and issue.active
        }

    def state(self, key: str) -> str | None:
        """Return what a sensor of the gateway shows; None where there is none."""
        entity_id = er.async_get(self.hass).async_get_entity_id(
            "sensor", DOMAIN, f"{self.serial}_{key}"
        )
        state = self.hass.states.get(entity_id) if entity_id else None
        return state.state if state else None


@pytest.fixture(name="home")
def home_fixture(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: Clock,
    trusting_cloud: None,
    entry_data: dict[str, Any],
) -> Home:
    return Home(hass, simulator, clock, entry_data)
