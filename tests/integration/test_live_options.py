"""The options of live power, and what comes and goes with them."""

from __future__ import annotations

from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.envoy_local.const import CONF_READINGS_INTERVAL, DOMAIN

from .conftest import state_of
from .influx_site import options_for
from .live_site import (  # noqa: F401 - fixtures
    STREAM,
    LiveHome,
    home_fixture,
    options,
    simulator_fixture,
    travel_fixture,
)

NOWHERE = "http://127.0.0.1:9"
"""A server that forwarding is set up for, and never reaches."""


async def open_form(home: LiveHome) -> ConfigFlowResult:
    """Open the options and choose what live power is about."""
    flows = home.hass.config_entries.options
    menu = await flows.async_init(home.entry.entry_id)
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["general", "live", "influxdb"]
    form = await flows.async_configure(menu["flow_id"], {"next_step_id": "live"})
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "live"
    return form


async def save(home: LiveHome, form: ConfigFlowResult, typed: dict[str, Any]) -> None:
    result = await home.hass.config_entries.options.async_configure(
        form["flow_id"], typed
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.hass.async_block_till_done()
    assert state_of(home.entry) is ConfigEntryState.LOADED


def defaults(form: ConfigFlowResult) -> dict[str, Any]:
    """What is stored when the form is submitted as it is shown."""
    schema = form["data_schema"]
    assert schema is not None
    shown: dict[str, Any] = schema({})
    return shown


async def test_live_power_is_off_until_it_is_switched_on(home: LiveHome) -> None:
    await home.set_up({CONF_READINGS_INTERVAL: 30})
    assert home.entry.runtime_data.live is None
    assert home.state_of("live_source") is None
    await home.travel(60)
    assert not home.gateway.requests.to(STREAM)

    form = await open_form(home)
    assert defaults(form) == {"live_power": False, "live_interval": 5}
    await save(home, form, {"live_power": True, "live_interval": 2.0})

    assert home.entry.options == {
        CONF_READINGS_INTERVAL: 30,
        "live": {"live_power": True, "live_interval": 2},
    }
    assert isinstance(home.entry.options["live"]["live_interval"], int)
    assert home.hub.options.interval == 2
    assert home.hub.options.influxdb is True
    await home.until_source("stream")


async def test_the_form_shows_what_is_stored(home: LiveHome) -> None:
    await home.set_up(options(3))

    form = await open_form(home)
    assert defaults(form) == {"live_power": True, "live_interval": 3}
    await save(home, form, {"live_power": False, "live_interval": 7})

    assert home.entry.runtime_data.live is None
    again = await open_form(home)
    assert defaults(again) == {"live_power": False, "live_interval": 7}


async def test_forwarding_is_asked_about_where_there_is_any(home: LiveHome) -> None:
    forwarding = options_for(NOWHERE)["influxdb"]
    await home.set_up({"influxdb": forwarding})

    form = await open_form(home)
    assert defaults(form) == {
        "live_power": False,
        "live_interval": 5,
        "live_influxdb": True,
    }
    typed = {"live_power": True, "live_interval": 5, "live_influxdb": False}
    await save(home, form, typed)
    assert home.entry.options == {"influxdb": forwarding, "live": typed}
    assert home.hub.options.influxdb is False

    await home.unload()
    switched_off = {**forwarding, "enabled": False}
    home.hass.config_entries.async_update_entry(
        home.entry, options={**home.entry.options, "influxdb": switched_off}
    )
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    form = await open_form(home)
    assert defaults(form) == {"live_power": True, "live_interval": 5}
    await save(home, form, {"live_power": True, "live_interval": 6})
    assert home.entry.options["live"] == {**typed, "live_interval": 6}


@pytest.mark.parametrize("interval", [0, 61, -5])
async def test_a_pace_that_is_not_allowed(home: LiveHome, interval: int) -> None:
    await home.set_up({})
    form = await open_form(home)

    with pytest.raises(InvalidData):
        await home.hass.config_entries.options.async_configure(
            form["flow_id"], {"live_power": True, "live_interval": interval}
        )
    await save(home, form, {"live_power": True, "live_interval": 60})

    assert home.entry.options["live"]["live_interval"] == 60


async def test_the_sensor_comes_and_goes_with_the_option(
    hass: HomeAssistant, home: LiveHome
) -> None:
    await home.set_up()
    registry = er.async_get(hass)
    unique_id = f"{home.simulator.serial}_live_source"
    entity_id = registry.async_get_entity_id("sensor", DOMAIN, unique_id)
    assert entity_id == f"sensor.envoy_{home.simulator.serial}_live_power_source"
    registered = registry.async_get(entity_id)
    assert registered is not None
    assert registered.entity_category is EntityCategory.DIAGNOSTIC
    state = hass.states.get(entity_id)
    assert state is not None
    assert state.attributes["options"] == ["stream", "livedata", "readings"]

    off = {"live_power": False, "live_interval": 5}
    await save(home, await open_form(home), off)
    assert registry.async_get_entity_id("sensor", DOMAIN, unique_id) is None
    assert hass.states.get(entity_id) is None

    await save(home, await open_form(home), {**off, "live_power": True})
    assert registry.async_get_entity_id("sensor", DOMAIN, unique_id) == entity_id
