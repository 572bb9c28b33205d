"""A site and Home Assistant in a time that passes as fast as a test wants."""

from __future__ import annotations

from collections.abc import AsyncIterator
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    entity_registry as er,
)
import pytest

from custom_components.envoy_local.const import DOMAIN
from simulator import Simulator

from ..time_travel import TimeTravel
from .conftest import Setup

READINGS = "/ivp/meters/readings"
CHECK_JWT = "/auth/check_jwt"


@pytest.fixture
async def travel(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> TimeTravel:
    """Time that passes as fast as a test wants."""
    return TimeTravel(hass.loop, monkeypatch)


@pytest.fixture
async def simulator(
    request: pytest.FixtureRequest, socket_enabled: None, travel: TimeTravel
) -> AsyncIterator[Simulator]:
    """A site with meters and batteries that lives in the same time."""
    options = getattr(request, "param", {})
    async with Simulator(**options) as running:
        requests = running.gateway.requests
        travel.is_quiet = lambda: requests.is_idle
        yield running


@pytest.fixture
async def entry(setup_entry: Setup) -> ConfigEntry[Any]:
    """A loaded entry."""
    entry = await setup_entry()
    assert entry.state is ConfigEntryState.LOADED
    return entry


def value(hass: HomeAssistant, simulator: Simulator, key: str) -> str:
    """Return what a sensor of the gateway shows."""
    entity_id = er.async_get(hass).async_get_entity_id(
        "sensor", DOMAIN, f"{simulator.serial}_{key}"
    )
    assert entity_id
    state = hass.states.get(entity_id)
    assert state
    return state.state


def unavailable(hass: HomeAssistant) -> list[str]:
    return [
        s.entity_id for s in hass.states.async_all() if s.state == STATE_UNAVAILABLE
    ]


def spoken(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the integration said, debug aside."""
    return [
        record.getMessage()
        for record in caplog.records
        if "custom_components.envoy_local" in record.name
        and record.levelno >= logging.INFO
    ]
