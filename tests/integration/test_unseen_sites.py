"""Gateways that nobody has recorded, and that there may be all the same."""

from __future__ import annotations

import time
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from custom_components.envoy_local.client.models.totals import Section
from simulator import Fault, Simulator

from .conftest import Setup, state_of
from .energy_site import energy_of, truth_of

SUMMARY: Final = "/api/v1/production"
LAG: Final = 10_000.0
"""Wh: more than the inverters make between two reports."""
WRAP: Final = 2**32 / 3600
"""Wh at which the gateway's own sum of the inverters begins anew."""


@pytest.mark.parametrize("simulator", [{"scenario": "unmetered"}], indirect=True)
@pytest.mark.parametrize("status", [401, 404])
async def test_inverters_that_nobody_sums_up(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup, status: int
) -> None:
    simulator.gateway.faults.add(Fault.error(SUMMARY, status))
    entry = await setup_entry()

    assert state_of(entry) is ConfigEntryState.LOADED
    assert entry.runtime_data.snapshot.inverters
    assert entry.runtime_data.snapshot.totals.production.power is not None
    shown = energy_of(hass, simulator, "production_energy")
    cut = truth_of(simulator, "production_energy", time.time()) - shown
    assert cut == pytest.approx(WRAP * round(cut / WRAP), abs=LAG)

    simulator.gateway.faults.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.runtime_data.client.records[Section.SUMMARY].last_success
    assert energy_of(hass, simulator, "production_energy") >= shown


async def test_meters_that_say_nothing_yet(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    for path in (READINGS, SUMMARY, "/ivp/ensemble/power"):
        simulator.gateway.faults.add(Fault.error(path, 404))
    entry = await setup_entry()
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY

    simulator.gateway.faults.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(entry) is ConfigEntryState.LOADED


@pytest.mark.parametrize("simulator", [{"scenario": "unmetered"}], indirect=True)
async def test_a_gateway_that_has_nothing_yet(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    """One that boots answers 404 for all that it will have."""
    for path in ("/ivp/*", "/api/*", "/admin/*"):
        simulator.gateway.faults.add(Fault.error(path, 404))
    entry = await setup_entry()
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY

    simulator.gateway.faults.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(entry) is ConfigEntryState.LOADED
