"""Equipment comes and goes while Home Assistant runs, and nothing is reloaded."""

from __future__ import annotations

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest

from simulator import Simulator

from ...time_travel import TimeTravel
from ..polling.test_changes import entry_remover
from .shown import binary, device, parent, sensor

INVENTORY = 400.0
"""Seconds within which the inventory is read again on a site with batteries."""
DEVICE_DATA = 400.0
UNITS = 2000.0

HOME = pytest.mark.parametrize("simulator", [{"scenario": "home"}], indirect=True)
BARE = pytest.mark.parametrize(
    "simulator", [{"scenario": "three_phase"}], indirect=True
)


@HOME
async def test_a_battery_comes_goes_and_comes_back(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    equipment = simulator.equipment
    assert equipment
    data, serial = entry.runtime_data, "492599999999"
    assert device(hass, entry, serial) is None

    equipment.add("battery", serial=serial)
    await travel(INVENTORY, step=20)
    (controller,) = equipment.of("controller")
    assert parent(hass, entry, serial) == controller.serial
    assert binary(hass, f"{serial}_communicating") == "on"
    assert sensor(hass, f"{serial}_level") not in {None, STATE_UNAVAILABLE}
    assert not await removed(hass, entry, serial)

    equipment.remove(serial)
    await travel(INVENTORY, step=20)
    assert sensor(hass, f"{serial}_level") == STATE_UNAVAILABLE
    assert binary(hass, f"{serial}_communicating") == STATE_UNAVAILABLE

    # While its device is there, it goes on where it was.
    equipment.add("battery", serial=serial)
    await travel(INVENTORY, step=20)
    assert sensor(hass, f"{serial}_level") not in {None, STATE_UNAVAILABLE}

    equipment.remove(serial)
    await travel(INVENTORY, step=20)
    assert await removed(hass, entry, serial)
    assert device(hass, entry, serial) is None
    assert sensor(hass, f"{serial}_level") is None

    # After it was deleted, it is as new.
    equipment.add("battery", serial=serial)
    await travel(INVENTORY, step=20)
    assert parent(hass, entry, serial) == controller.serial
    assert sensor(hass, f"{serial}_level") not in {None, STATE_UNAVAILABLE}
    assert binary(hass, f"{serial}_communicating") == "on"
    assert entry.runtime_data is data


@BARE
async def test_storage_for_a_site_without_any(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    equipment, gateway = simulator.equipment, simulator.serial
    assert equipment
    for key in ("battery_level", "grid_state", "storage_mode", "battery_power"):
        assert sensor(hass, f"{gateway}_{key}") is None
    assert binary(hass, f"{gateway}_charges_from_grid") is None

    battery = equipment.add("battery")
    await travel(1900, step=30)
    assert parent(hass, entry, battery.serial) == gateway
    assert sensor(hass, f"{gateway}_battery_level") is not None
    assert sensor(hass, f"{gateway}_storage_mode") == "self_consumption"
    assert sensor(hass, f"{gateway}_grid_state") is None

    controller = equipment.add("controller")
    await travel(1900, step=30)
    assert parent(hass, entry, controller.serial) == gateway
    assert binary(hass, f"{controller.serial}_grid_relay") == "on"
    assert sensor(hass, f"{gateway}_grid_state") == "on_grid"


@BARE
async def test_other_equipment_comes_and_goes(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    equipment, gateway = simulator.equipment, simulator.serial
    assert equipment
    collar = equipment.add("collar").serial
    combiner = equipment.add("combiner").serial
    meter = equipment.add("rgm").serial
    relay = equipment.add("relay").serial
    await travel(UNITS, step=30)

    assert binary(hass, f"{collar}_grid_relay") == "on"
    assert sensor(hass, f"{gateway}_grid_state") == "on_grid"
    assert binary(hass, f"{combiner}_communicating") == "on"
    assert parent(hass, entry, meter) == combiner
    assert sensor(hass, f"{relay}_temperature") is not None
    assert not await removed(hass, entry, relay)

    for serial in (collar, combiner, meter, relay):
        equipment.remove(serial)
    await travel(2 * UNITS, step=30)
    assert binary(hass, f"{collar}_grid_relay") == STATE_UNAVAILABLE
    assert sensor(hass, f"{gateway}_grid_state") == STATE_UNAVAILABLE
    for serial in (collar, combiner, meter, relay):
        assert await removed(hass, entry, serial), serial


@BARE
async def test_ac_batteries_come_and_go(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    equipment, gateway = simulator.equipment, simulator.serial
    assert equipment
    together = f"{gateway}_ac_batteries"
    serial = equipment.add("ac_battery").serial
    await travel(UNITS, step=30)

    assert parent(hass, entry, serial) == together
    assert parent(hass, entry, together) == gateway
    assert sensor(hass, f"{serial}_level") is not None
    assert sensor(hass, f"{together}_level") is not None
    assert sensor(hass, f"{serial}_sleep_state") == "awake"
    assert device(hass, entry, serial).model == "AC Battery"
    assert sensor(hass, f"{serial}_max_power") is None
    assert not await removed(hass, entry, together)

    equipment.remove(serial)
    await travel(2 * UNITS, step=30)
    assert sensor(hass, f"{serial}_level") == STATE_UNAVAILABLE
    assert await removed(hass, entry, serial)
    assert await removed(hass, entry, together)


@HOME
async def test_generator_and_contacts_come_and_go(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    equipment = simulator.equipment
    assert equipment
    generator = f"{simulator.serial}_generator"
    (controller,) = equipment.of("controller")
    contact = f"{controller.serial}_nc2"
    assert device(hass, entry, generator) is None
    assert device(hass, entry, contact) is None

    equipment.generator = True
    equipment.contacts["NC2"].settings |= {"type": "LOAD", "load_name": "Sauna"}
    await travel(UNITS, step=30)
    assert parent(hass, entry, generator) == controller.serial
    assert binary(hass, f"{generator}_running") == "off"
    assert device(hass, entry, contact).name == "Sauna"
    assert parent(hass, entry, contact) == controller.serial
    assert not await removed(hass, entry, generator)

    equipment.generator = False
    equipment.contacts["NC2"].settings |= {"type": "NONE"}
    await travel(UNITS, step=30)
    assert binary(hass, f"{generator}_running") == STATE_UNAVAILABLE
    assert await removed(hass, entry, generator)
    assert await removed(hass, entry, contact)


async def removed(
    hass: HomeAssistant, entry: ConfigEntry[Any], identifier: str
) -> bool:
    """Delete a device as the user does, where the integration lets it go."""
    found = device(hass, entry, identifier)
    may_go: bool = await entry_remover(hass, entry)(found)
    registry = dr.async_get(hass)
    for device_id in (found.id,) if may_go else ():
        registry.async_remove_device(device_id)
    await hass.async_block_till_done()
    return may_go
