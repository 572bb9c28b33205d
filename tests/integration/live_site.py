"""A gateway that streams, an entry that shows it, and what a home owner sees of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
import time
from typing import Any, Final
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.envoy_local.const import DOMAIN
from custom_components.envoy_local.live import LiveHub
from simulator import Simulator

from ..time_travel import TimeTravel

STREAM: Final = "/stream/meter"
LIVEDATA: Final = "/ivp/livedata/status"
SWITCH: Final = "/ivp/livedata/stream"
READINGS: Final = "/ivp/meters/readings"
ZONE: Final = "America/Los_Angeles"
MORNING: Final = datetime(2040, 6, 22, 11, tzinfo=ZoneInfo(ZONE))
"""A sunny one, in which all power changes all the time: at some minutes of other days
it stands nearly still, and what doesn't change isn't written."""


def options(interval: int = 1, **others: Any) -> dict[str, Any]:
    """Return the options of an entry that shows power live."""
    return {"live": {"live_power": True, "live_interval": interval}, **others}


@pytest.fixture(name="travel")
async def travel_fixture(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> TimeTravel:
    """Time that passes as fast as a test wants, from that morning on."""
    travel = TimeTravel(hass.loop, monkeypatch)
    travel.offset = MORNING.timestamp() - time.time()
    return travel


@pytest.fixture(name="simulator")
async def simulator_fixture(
    request: pytest.FixtureRequest, socket_enabled: None, travel: TimeTravel
) -> AsyncIterator[Simulator]:
    """A site with meters and batteries, in the middle of its day."""
    changes = {"timezone": ZONE, **getattr(request, "param", {})}
    async with Simulator(**changes) as running:
        requests = running.gateway.requests
        travel.is_quiet = lambda: requests.is_idle
        yield running


class LiveHome:
    """One entry, its gateway, and the states of its sensors."""

    def __init__(
        self,
        hass: HomeAssistant,
        simulator: Simulator,
        travel: TimeTravel,
        data: Mapping[str, Any],
    ) -> None:
        self.hass = hass
        self.simulator = simulator
        self.gateway = simulator.gateway
        self.travel = travel
        self.entry: ConfigEntry[Any] = MockConfigEntry(
            domain=DOMAIN,
            title=f"Envoy {simulator.serial}",
            unique_id=simulator.serial,
            data=data,
        )
        self.written: dict[str, list[tuple[float, str]]] = {}
        """Every state that was written, with its time, by the key of its sensor."""
        hass.bus.async_listen("state_changed", self._note)

    async def set_up(self, changes: Mapping[str, Any] | None = None) -> None:
        """Set the entry up, and let it read everything once."""
        assert isinstance(self.entry, MockConfigEntry)
        self.entry.add_to_hass(self.hass)
        self.hass.config_entries.async_update_entry(
            self.entry, options=options() if changes is None else changes
        )
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.hass.async_block_till_done()
        await self.travel.until(lambda: self.state_of("production_energy") is not None)

    async def unload(self) -> None:
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)
        assert self.entry.state is ConfigEntryState.NOT_LOADED

    @property
    def hub(self) -> LiveHub:
        hub = self.entry.runtime_data.live
        assert isinstance(hub, LiveHub)
        return hub

    def state_of(self, key: str) -> State | None:
        """Return the state of a sensor of the gateway; None where there is none."""
        entity_id = er.async_get(self.hass).async_get_entity_id(
            "sensor", DOMAIN, f"{self.simulator.serial}_{key}"
        )
        return self.hass.states.get(entity_id) if entity_id else None

    def shown(self, key: str) -> str:
        state = self.state_of(key)
        assert state is not None, key
        return state.state

    def watts(self, key: str) -> float:
        return float(self.shown(key))

    @property
    def source(self) -> str:
        """Where the power comes from, as the user is told."""
        return self.shown("live_source")

    def verdict(self, source: str) -> str:
        """How a source stands, as the user is told."""
        state = self.state_of("live_source")
        assert state is not None
        verdict: str = state.attributes[source]
        return verdict

    async def until_source(self, source: str, *, within: float = 60) -> None:
        """Let time pass until the power comes from there."""
        await self.travel.up_to(lambda: self.source == source, within=within, step=1.0)

    @callback
    def _note(self, event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        found = er.async_get(self.hass).async_get(event.data["entity_id"])
        if state is not None and found is not None:
            key = found.unique_id.partition("_")[2]
            self.written.setdefault(key, []).append((time.time(), state.state))


@pytest.fixture(name="home")
async def home_fixture(
    hass: HomeAssistant,
    simulator: Simulator,
    travel: TimeTravel,
    trusting_cloud: None,
    entry_data: dict[str, Any],
) -> AsyncIterator[LiveHome]:
    """A home whose live power ends with the test, as nothing else waits for that."""
    home = LiveHome(hass, simulator, travel, entry_data)
    yield home
    if home.entry.state is ConfigEntryState.LOADED:
        await home.unload()
