"""Gateways that nobody has recorded, and that there may be all the same."""

from __future__ import annotations

from dataclasses import replace
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.models.totals import Section
from simulator import SCENARIOS, Fault, Simulator

from .conftest import Setup, state_of
from .energy_site import READINGS, energy_of, spoil, truth_of

SUMMARY: Final = "/api/v1/production"
LAG: Final = 10_000.0
"""Wh: more than the inverters make between two reports."""
WRAP: Final = 2**32 / 3600
"""Wh at which the gateway's own sum of the inverters begins anew."""
LATEST_HOME: Final = replace(SCENARIOS["home"], firmware="D8.3.6086")
COUNTED: Final = (
    "actEnergyDlvd",
    "actEnergyRcvd",
    "instantaneousDemand",
    "activePower",
    "apparentPower",
    "reactivePower",
    "pwrFactor",
    "voltage",
    "current",
)
"""All that a phase tells, but its frequency."""


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


@pytest.mark.parametrize("simulator", [{"scenario": "unmetered"}], indirect=True)
@pytest.mark.parametrize("key", ["error", "err"])
async def test_an_endpoint_that_is_missing_with_a_status_of_200(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup, key: str
) -> None:
    said = f'{{"{key}":"404 - Not Found"}}'.encode()
    for path in ("/ivp/meters", "/ivp/ensemble/inventory"):
        simulator.gateway.faults.add(Fault.raw(path, said))
    entry = await setup_entry()

    assert state_of(entry) is ConfigEntryState.LOADED
    records = entry.runtime_data.client.records
    assert records[Section.METERS].is_unsupported
    assert records[Section.INVENTORY].is_unsupported
    assert entry.runtime_data.snapshot.totals.production.power is not None

    simulator.gateway.faults.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.runtime_data.snapshot.meters == ()


@pytest.mark.parametrize("simulator", [{"scenario": LATEST_HOME}], indirect=True)
@pytest.mark.parametrize("lost", [0, 1], ids=["first", "second"])
async def test_a_storage_meter_without_one_of_its_phases(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup, lost: int
) -> None:
    """What is left is half the battery, and a house that makes up for the rest."""
    spoil(simulator).changes[READINGS] = lambda rows, _: _losing(rows, lost)
    entry = await setup_entry()

    totals = entry.runtime_data.snapshot.totals
    assert totals.grid.power is not None
    assert totals.battery.power is None
    assert totals.consumption.power is None
    phases = entry.runtime_data.snapshot.phases
    assert phases[lost].battery.power is None
    assert phases[lost].consumption.power is None
    assert phases[1 - lost].consumption.power is not None

    spoil(simulator).changes.clear()
    await entry.runtime_data.coordinators[Tier.READINGS].async_refresh()
    totals = entry.runtime_data.snapshot.totals
    assert totals.battery.power is not None
    assert totals.consumption.power is not None


def _losing(rows: Any, lost: int) -> Any:
    """Let a phase of the storage meter be zero, and the whole be the other's."""
    storage = rows[2]
    phases = storage["channels"][:2]
    phases[lost].update(dict.fromkeys(COUNTED, 0.0))
    storage.update({key: phases[1 - lost][key] for key in COUNTED})
    return rows
