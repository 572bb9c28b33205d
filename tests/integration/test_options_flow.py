"""The options: the interval is stored as a whole number and used at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.const import CONF_READINGS_INTERVAL

from .conftest import Setup, state_of


async def open_form(hass: HomeAssistant, entry: ConfigEntry[Any]) -> ConfigFlowResult:
    """Open the options and choose what the readings are about."""
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["type"] is FlowResultType.MENU
    return await hass.config_entries.options.async_configure(
        menu["flow_id"], {"next_step_id": "general"}
    )


def defaults(form: ConfigFlowResult) -> object:
    """What is stored when the form is submitted as it is shown."""
    schema = form["data_schema"]
    assert schema is not None
    return schema({})


async def test_interval(hass: HomeAssistant, setup_entry: Setup) -> None:
    entry = await setup_entry()
    before = entry.runtime_data

    form = await open_form(hass, entry)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "general"
    assert defaults(form) == {CONF_READINGS_INTERVAL: 15}
    result = await hass.config_entries.options.async_configure(
        form["flow_id"], {CONF_READINGS_INTERVAL: 30.0}
    )
    await hass.async_block_till_done(wait_background_tasks=True)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {CONF_READINGS_INTERVAL: 30}
    assert isinstance(entry.options[CONF_READINGS_INTERVAL], int)
    assert state_of(entry) is ConfigEntryState.LOADED
    assert entry.runtime_data is not before
    readings = entry.runtime_data.coordinators[Tier.READINGS]
    assert readings.update_interval == timedelta(seconds=30)


async def test_other_options_stay(hass: HomeAssistant, setup_entry: Setup) -> None:
    entry = await setup_entry(options={CONF_READINGS_INTERVAL: 60, "later": 1})

    form = await open_form(hass, entry)
    assert defaults(form) == {CONF_READINGS_INTERVAL: 60}
    await hass.config_entries.options.async_configure(
        form["flow_id"], {CONF_READINGS_INTERVAL: 5}
    )
    await hass.async_block_till_done(wait_background_tasks=True)

    assert entry.options == {CONF_READINGS_INTERVAL: 5, "later": 1}


@pytest.mark.parametrize("interval", [4, 301, -1])
async def test_interval_that_is_not_allowed(
    hass: HomeAssistant, setup_entry: Setup, interval: int
) -> None:
    entry = await setup_entry()
    form = await open_form(hass, entry)

    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(
            form["flow_id"], {CONF_READINGS_INTERVAL: interval}
        )
    result = await hass.config_entries.options.async_configure(
        form["flow_id"], {CONF_READINGS_INTERVAL: 300}
    )
    await hass.async_block_till_done(wait_background_tasks=True)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {CONF_READINGS_INTERVAL: 300}
