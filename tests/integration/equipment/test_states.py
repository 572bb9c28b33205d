"""States that change while the gateway runs: grid, generator, contacts, settings."""

from __future__ import annotations

from datetime import datetime
import logging
from typing import Any, Literal

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
import pytest

from simulator import Simulator

from ...time_travel import TimeTravel
from ..conftest import Setup
from .shown import binary, sensor, state_of

MINUTES = 130.0
SETTINGS = 1900.0

STORAGE = pytest.mark.parametrize("simulator", [{"scenario": "storage"}], indirect=True)


@STORAGE
async def test_an_outage_shows_within_minutes(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    equipment, gateway = simulator.equipment, simulator.serial
    assert equipment
    (controller,), (collar,) = equipment.of("controller"), equipment.of("collar")
    await travel(SETTINGS, step=30)
    assert sensor(hass, f"{gateway}_grid_state") == "on_grid"
    assert binary(hass, f"{gateway}_generator_running") == "off"

    equipment.grid_state = "off_grid"
    await travel(MINUTES, step=10)
    assert sensor(hass, f"{gateway}_grid_state") == "off_grid"
    assert sensor(hass, f"{collar.serial}_admin_state") == "off_grid"
    assert binary(hass, f"{collar.serial}_grid_relay") == "off"
    assert binary(hass, f"{controller.serial}_grid_relay") == "off"

    equipment.grid_state = "generator"
    await travel(MINUTES, step=10)
    assert sensor(hass, f"{gateway}_grid_state") == "generator"
    assert binary(hass, f"{gateway}_generator_running") == "on"

    equipment.grid_state = "on_grid"
    await travel(MINUTES, step=10)
    assert sensor(hass, f"{gateway}_grid_state") == "on_grid"
    assert binary(hass, f"{collar.serial}_grid_relay") == "on"


@STORAGE
async def test_settings_and_contacts_follow(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    equipment, gateway = simulator.equipment, simulator.serial
    assert equipment
    (controller,) = equipment.of("controller")
    contact = f"{controller.serial}_nc1_state"
    await travel(SETTINGS, step=30)
    assert sensor(hass, f"{gateway}_generator_command") is not None

    equipment.contacts["NC1"].closed = False
    equipment.contacts["NC1"].settings |= {"mode": "soc", "soc_low": 25.0}
    equipment.generator_command = "auto"
    equipment.tariff.mode = "backup"
    equipment.tariff.charges_from_grid = True
    equipment.tariff.follows_schedule = True
    equipment.status_flags["net-consumption"] = ("production-imbalance",)
    equipment.metering_status["net-consumption"] = "check-wiring"
    await travel(SETTINGS, step=30)

    state = state_of(hass, "binary_sensor", contact)
    assert state
    assert state.state == "off"
    assert state.attributes["contact"] == "NC1"
    assert state.attributes["mode"] == "battery_level"
    assert state.attributes["low_level"] == 25
    assert sensor(hass, f"{gateway}_generator_command") == "auto"
    assert sensor(hass, f"{gateway}_storage_mode") == "backup"
    assert binary(hass, f"{gateway}_charges_from_grid") == "on"
    assert binary(hass, f"{gateway}_follows_schedule") == "on"
    problem = state_of(hass, "binary_sensor", f"{gateway}_net_consumption_problem")
    assert problem
    assert problem.state == "on"
    assert problem.attributes["status_flags"] == ["production-imbalance"]
    assert problem.attributes["metering_status"] == "check_wiring"
    assert binary(hass, f"{gateway}_production_problem") == "off"

    equipment.contacts["NC1"].closed = True
    equipment.status_flags.clear()
    equipment.metering_status.clear()
    await travel(SETTINGS, step=30)
    assert binary(hass, contact) == "on"
    assert binary(hass, f"{gateway}_net_consumption_problem") == "off"


@STORAGE
async def test_what_is_told_of_contacts_and_generator(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    equipment = simulator.equipment
    assert equipment
    (controller,) = equipment.of("controller")
    await travel(SETTINGS, step=30)

    assert facts(hass, f"{controller.serial}_no1_state") == {
        "contact": "NO1",
        "load_type": "load",
        "mode": "battery_level",
        "grid_action": "apply",
        "off_grid_action": "schedule",
        "generator_action": "shed",
        "safe_state_action": None,
        "low_level": 25,
        "high_level": 75,
        "essential_from": "09:00",
        "essential_until": "16:00",
        "priority": 2,
        "overridden": False,
        "manually_overridden": True,
    }
    equipment.contacts["NO1"].settings |= {
        "type": "3RD-PV",
        "mode": "manual",
        "gen_action": "none",
        "safe_state_action": "shed",
        "essential_end_time": 86_399.0,
        "override": "true",
        "manual_override": "false",
    }
    await travel(SETTINGS, step=30)
    changed = {
        "load_type": "other_solar",
        "mode": "manual",
        "generator_action": "nothing",
        "safe_state_action": "shed",
        "essential_until": "23:59",
        "overridden": True,
        "manually_overridden": False,
    }
    assert facts(hass, f"{controller.serial}_no1_state").items() >= changed.items()
    assert facts(hass, f"{simulator.serial}_generator_running") == {
        "generator_type": "Standby",
        "start_method": "auto",
        "warm_up_minutes": 4,
        "cool_down_minutes": 6,
        "max_current": 50,
        "min_load": 5,
        "charges_batteries": True,
    }


def facts(hass: HomeAssistant, unique_id: str) -> dict[str, Any]:
    """Return what the integration tells beside a state."""
    state = state_of(hass, "binary_sensor", unique_id)
    assert state
    others = {"friendly_name", "device_class", "icon"}
    return {key: state.attributes[key] for key in state.attributes.keys() - others}


@STORAGE
async def test_a_state_that_nobody_knows_is_unknown_and_said_once(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
    caplog: pytest.LogCaptureFixture,
) -> None:
    equipment = simulator.equipment
    assert equipment
    (collar,) = equipment.of("collar")
    assert sensor(hass, f"{collar.serial}_grid_state") == "on_grid"
    caplog.clear()

    collar.says = {"grid_state": "wobbling", "mid_state": "stuck"}
    await travel(600, step=10)
    assert sensor(hass, f"{collar.serial}_grid_state") == STATE_UNKNOWN
    assert binary(hass, f"{collar.serial}_grid_relay") == STATE_UNKNOWN
    for word in ("wobbling", "stuck"):
        assert len(lines_with(caplog, word)) == 1

    # After a restart they are unknown as before, and not gone.
    assert await hass.config_entries.async_reload(entry.entry_id)
    await travel(MINUTES, step=10)
    assert sensor(hass, f"{collar.serial}_grid_state") == STATE_UNKNOWN
    assert binary(hass, f"{collar.serial}_grid_relay") == STATE_UNKNOWN

    collar.says = {}
    await travel(MINUTES, step=10)
    assert sensor(hass, f"{collar.serial}_grid_state") == "on_grid"
    assert binary(hass, f"{collar.serial}_grid_relay") == "on"


def lines_with(caplog: pytest.LogCaptureFixture, word: str) -> list[str]:
    """Return what was said with a word in it, debug aside."""
    return [
        record.getMessage()
        for record in caplog.records
        if word in record.getMessage() and record.levelno > logging.DEBUG
    ]


@pytest.mark.parametrize(
    ("way", "strength"), [("wifi", True), ("cellular", True), ("ethernet", False)]
)
@STORAGE
async def test_how_the_gateway_reaches_the_network(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    way: Literal["wifi", "cellular", "ethernet"],
    strength: bool,
) -> None:
    equipment, gateway = simulator.equipment, simulator.serial
    assert equipment
    equipment.network.primary = way
    equipment.network.reaches_cloud = False
    await setup_entry()

    assert sensor(hass, f"{gateway}_network_interface") == way
    known = sensor(hass, f"{gateway}_signal_strength")
    assert (known not in {None, STATE_UNKNOWN}) is strength
    assert binary(hass, f"{gateway}_cloud_connection") == "off"


@STORAGE
async def test_when_the_token_ends(
    hass: HomeAssistant, simulator: Simulator, entry: ConfigEntry[Any]
) -> None:
    token = entry.runtime_data.session.token
    state = state_of(hass, "sensor", f"{simulator.serial}_token_expiry")
    assert token
    assert state
    assert state.attributes["device_class"] == "timestamp"
    assert datetime.fromisoformat(state.state).timestamp() == token.expires_at


@pytest.mark.parametrize("simulator", [{"scenario": "legacy"}], indirect=True)
async def test_old_firmware_has_neither_token_nor_tariff(
    hass: HomeAssistant, simulator: Simulator, entry: ConfigEntry[Any]
) -> None:
    for key in ("token_expiry", "import_price", "grid_state", "network_interface"):
        assert sensor(hass, f"{simulator.serial}_{key}") is None
    assert sensor(hass, f"{simulator.serial}_firmware") is not None
