"""Meters are set up, switched off and taken away while Home Assistant runs."""

from __future__ import annotations

from typing import Final

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
import pytest

from simulator import Simulator
from simulator.equipment import Ct, ExtraMeter

from ...time_travel import TimeTravel
from ..conftest import Setup
from .shown import binary, sensor, state_of

SETTINGS: Final = 960.0
WATTS: Final = -690.0

METERS: Final[tuple[ExtraMeter, ...]] = ("backfeed", "load", "evse", "pv3p")
THREE_PHASES: Final = pytest.mark.parametrize(
    "simulator", [{"scenario": "three_phase"}], indirect=True
)


@THREE_PHASES
@pytest.mark.usefixtures("everything_enabled")
@pytest.mark.parametrize("kind", METERS)
async def test_a_meter_comes_and_goes(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    travel: TimeTravel,
    kind: ExtraMeter,
) -> None:
    equipment, meter = simulator.equipment, f"{simulator.serial}_{kind}"
    assert equipment
    entry = await setup_entry()
    data = entry.runtime_data
    assert sensor(hass, f"{meter}_power") is None
    assert binary(hass, f"{meter}_problem") is None

    equipment.cts[kind] = Ct(power=WATTS)
    await travel(SETTINGS, step=30)
    assert float(sensor(hass, f"{meter}_power") or 0) == WATTS
    assert float(sensor(hass, f"{meter}_power_l2") or 0) == pytest.approx(WATTS * 0.33)
    assert float(sensor(hass, f"{meter}_current") or 0) > 0
    # The gateway writes the sum of its phases, some 696 V.
    assert float(sensor(hass, f"{meter}_voltage") or 0) == pytest.approx(232, abs=3)
    assert binary(hass, f"{meter}_problem") == "off"

    # A meter that is switched off says noise.
    equipment.cts[kind].enabled = False
    await travel(SETTINGS, step=30)
    assert sensor(hass, f"{meter}_power") == STATE_UNAVAILABLE
    assert sensor(hass, f"{meter}_voltage_l1") == STATE_UNAVAILABLE
    assert binary(hass, f"{meter}_problem") == STATE_UNAVAILABLE

    equipment.cts[kind].enabled = True
    await travel(SETTINGS, step=30)
    assert float(sensor(hass, f"{meter}_power") or 0) == WATTS
    assert binary(hass, f"{meter}_problem") == "off"

    del equipment.cts[kind]
    await travel(SETTINGS, step=30)
    assert sensor(hass, f"{meter}_power") == STATE_UNAVAILABLE
    assert binary(hass, f"{meter}_problem") == STATE_UNAVAILABLE
    assert float(sensor(hass, f"{simulator.serial}_grid_power") or 0) != 0
    assert entry.runtime_data is data


@THREE_PHASES
async def test_a_storage_meter_comes_and_goes(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    travel: TimeTravel,
) -> None:
    equipment, gateway = simulator.equipment, simulator.serial
    assert equipment
    equipment.add("battery")
    entry = await setup_entry()
    data = entry.runtime_data
    await travel(SETTINGS, step=30)
    assert source_of(hass, f"{gateway}_battery_charge_energy") == "computed"
    assert binary(hass, f"{gateway}_storage_problem") is None

    equipment.cts["storage"] = Ct()
    await travel(SETTINGS, step=30)
    assert binary(hass, f"{gateway}_storage_problem") == "off"
    assert source_of(hass, f"{gateway}_battery_charge_energy") == "meter"
    assert sensor(hass, f"{gateway}_battery_power") not in {None, STATE_UNAVAILABLE}

    del equipment.cts["storage"]
    await travel(SETTINGS, step=30)
    assert binary(hass, f"{gateway}_storage_problem") == STATE_UNAVAILABLE
    assert source_of(hass, f"{gateway}_battery_charge_energy") == "computed"
    assert sensor(hass, f"{gateway}_battery_power") not in {None, STATE_UNAVAILABLE}
    assert entry.runtime_data is data


def source_of(hass: HomeAssistant, unique_id: str) -> object:
    """Return where the gateway's device has an energy from."""
    state = state_of(hass, "sensor", unique_id)
    assert state
    assert state.state != STATE_UNAVAILABLE
    return state.attributes["energy_source"]
