"""Who tells whether the house is on the grid, and what is shown if one is silent."""

from __future__ import annotations

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
import pytest

from simulator import Fault, Simulator

from ...time_travel import TimeTravel
from .shown import binary, sensor

INVENTORY = "/ivp/ensemble/inventory"
RELAY = "/ivp/ensemble/relay"
MINUTES = 130.0
SHELF_LIFE = 1300.0
"""Seconds after which the last answer isn't shown any more."""
PATIENCE = 1000.0
"""Seconds after which an endpoint that failed is asked again."""

STORAGE = pytest.mark.parametrize("simulator", [{"scenario": "storage"}], indirect=True)


@STORAGE
async def test_a_collar_that_is_not_read_any_more_is_not_believed_for_ever(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    """The collar has cut the house off, while the controller's relay is closed."""
    equipment, state = simulator.equipment, f"{simulator.serial}_grid_state"
    assert equipment
    (collar,) = equipment.of("collar")
    collar.says = {"admin_state_str": "ENCMN_MDE_OFF_GRID", "grid_state": "off_grid"}
    await travel(MINUTES, step=10)
    assert sensor(hass, state) == "off_grid"

    collar.says = {}
    simulator.gateway.faults.add(Fault.error(INVENTORY, 500))
    await travel(MINUTES, step=10)
    assert sensor(hass, state) == "off_grid"
    await travel(SHELF_LIFE, step=30)
    assert sensor(hass, state) == STATE_UNAVAILABLE

    simulator.gateway.faults.clear()
    await travel(PATIENCE, step=30)
    assert sensor(hass, state) == "on_grid"


@STORAGE
@pytest.mark.parametrize(
    ("silent", "expected"), [(INVENTORY, "on_grid"), (RELAY, STATE_UNAVAILABLE)]
)
async def test_without_a_collar_the_relay_alone_tells(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
    silent: str,
    expected: str,
) -> None:
    equipment, state = simulator.equipment, f"{simulator.serial}_grid_state"
    assert equipment
    (collar,) = equipment.of("collar")
    equipment.remove(collar.serial)
    await travel(MINUTES, step=10)

    simulator.gateway.faults.add(Fault.error(silent, 500))
    # Without a collar the inventory is asked every five minutes only.
    await travel(SHELF_LIFE + 600, step=30)
    assert sensor(hass, state) == expected

    equipment.grid_state = "off_grid"
    simulator.gateway.faults.clear()
    await travel(PATIENCE, step=30)
    assert sensor(hass, state) == "off_grid"


@pytest.mark.parametrize("simulator", [{"scenario": "home"}], indirect=True)
async def test_the_relay_and_the_grid_state_say_the_same(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    """Without a collar the inventory is read every five minutes only."""
    equipment, state = simulator.equipment, f"{simulator.serial}_grid_state"
    assert equipment
    (controller,) = equipment.of("controller")
    relay = f"{controller.serial}_grid_relay"
    await travel(1080, step=30)
    assert (sensor(hass, state), binary(hass, relay)) == ("on_grid", "on")

    equipment.grid_state = "off_grid"
    await travel(70, step=10)
    assert (sensor(hass, state), binary(hass, relay)) == ("off_grid", "off")

    equipment.grid_state = "on_grid"
    await travel(70, step=10)
    assert (sensor(hass, state), binary(hass, relay)) == ("on_grid", "on")
