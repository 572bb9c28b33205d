"""Equipment comes and goes while Home Assistant runs, and nothing is reloaded."""

from __future__ import annotations

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
import pytest

from simulator import Simulator

from ...time_travel import TimeTravel
from ..conftest import Setup
from .registry import removed
from .shown import binary, device, parent, sensor

INVENTORY = 400.0
"""Seconds within which the inventory is read again on a site with batteries."""
UNITS = 2000.0

HOME = pytest.mark.parametrize("simulator", [{"scenario": "home"}], indirect=True)
BARE = pytest.mark.parametrize(
    "simulator", [{"scenario": "three_phase"}], indirect=True
)


@HOME
async def test_what_a_controller_has_goes_with_it(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    travel: TimeTravel,
) -> None:
    equipment, gateway = simulator.equipment, simulator.serial
    assert equipment
    (controller,) = equipment.of("controller")
    serial, battery = controller.serial, equipment.of("battery")[0].serial
    contact, generator = f"{serial}_nc2", f"{gateway}_generator"
    equipment.contacts["NC2"].settings |= {"type": "LOAD", "load_name": "Sauna"}
    equipment.generator = True
    entry = await setup_entry()
    data = entry.runtime_data
    await travel(INVENTORY, step=20)
    assert binary(hass, f"{contact}_state") == "on"
    assert binary(hass, f"{generator}_running") == "off"
    assert sensor(hass, f"{gateway}_grid_state") == "on_grid"

    # The gateway still says all of it, as it does on sites that never had any.
    equipment.remove(serial)
    await travel(INVENTORY, step=20)
    assert binary(hass, f"{serial}_grid_relay") == STATE_UNAVAILABLE
    assert binary(hass, f"{contact}_state") == STATE_UNAVAILABLE
    assert binary(hass, f"{generator}_running") == STATE_UNAVAILABLE
    assert sensor(hass, f"{gateway}_grid_state") == STATE_UNAVAILABLE
    assert sensor(hass, f"{battery}_level") not in {None, STATE_UNAVAILABLE}
    assert device(hass, entry, f"{gateway}_nc2") is None
    for identifier in (contact, generator, serial):
        assert await removed(hass, entry, identifier), identifier

    equipment.add("controller", serial=serial)
    await travel(INVENTORY, step=20)
    assert binary(hass, f"{serial}_grid_relay") == "on"
    assert binary(hass, f"{contact}_state") == "on"
    assert binary(hass, f"{generator}_running") == "off"
    assert sensor(hass, f"{gateway}_grid_state") == "on_grid"
    assert parent(hass, entry, contact) == serial
    assert parent(hass, entry, generator) == serial
    assert parent(hass, entry, battery) == serial
    assert entry.runtime_data is data


@HOME
async def test_a_device_is_described_as_it_is_now(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    equipment = simulator.equipment
    assert equipment
    (controller,) = equipment.of("controller")
    battery = equipment.of("battery")[0]
    before = device(hass, entry, battery.serial).sw_version
    equipment.contacts["NC2"].settings |= {"type": "LOAD", "load_name": "Sauna"}

    battery.says = {"img_pnum_running": "9.9.9_rel/33.1"}
    await travel(1000, step=20)
    assert device(hass, entry, battery.serial).sw_version == "9.9.9_rel/33.1" != before
    assert device(hass, entry, f"{controller.serial}_nc2").name == "Sauna"

    equipment.contacts["NC2"].settings |= {"load_name": "Heat pump"}
    battery.says = {}
    await travel(1000, step=20)
    assert device(hass, entry, f"{controller.serial}_nc2").name == "Heat pump"
    assert device(hass, entry, battery.serial).sw_version == before


@pytest.mark.parametrize("simulator", [{"scenario": "storage"}], indirect=True)
async def test_what_a_slow_list_knows_stays_on_the_device_page(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    equipment = simulator.equipment
    assert equipment
    (relay, *_), (battery, *_) = equipment.of("relay"), equipment.of("ac_battery")
    await travel(60, step=20)

    # `/inventory` comes last, with these and with the first values of entities.
    assert binary(hass, f"{relay.serial}_relay") == "on"
    assert sensor(hass, f"{battery.serial}_sleep_state") == "awake"
    shown = device(hass, entry, relay.serial)
    assert shown.sw_version == "520-00086-r01-v02.19.01"
    assert shown.model_id == "800-00598-r04"
    shown = device(hass, entry, battery.serial)
    assert shown.sw_version == "520-00092-r01-v02.13.02"
    assert shown.model_id == "800-00930-r03"

    relay.says = {"img_pnum_running": "520-00086-r01-v02.20.00"}
    await travel(UNITS, step=30)
    shown = device(hass, entry, relay.serial)
    assert shown.sw_version == "520-00086-r01-v02.20.00"


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
    # What was there before hangs on it now, as it would after a restart.
    assert parent(hass, entry, battery.serial) == controller.serial


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
