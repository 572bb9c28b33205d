"""Every recorded gateway, set up through the form, shows its right numbers."""

from __future__ import annotations

import logging

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_USERNAME,
    UnitOfEnergy,
    UnitOfPower,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.util.unit_conversion import EnergyConverter, PowerConverter
import pytest

from custom_components.envoy_local.const import DOMAIN
from simulator import Simulator

from ..captures import FOLDER, capture, needs_captures
from .captured_sites import SITES, Expected

pytestmark = needs_captures


def test_every_recording_has_a_row() -> None:
    assert {folder.name for folder in FOLDER.iterdir() if folder.is_dir()} == set(SITES)


@pytest.mark.parametrize(
    ("simulator", "expected"),
    [
        pytest.param({"capture": capture(name).folder}, expected, id=name)
        for name, expected in SITES.items()
    ],
    indirect=["simulator"],
)
async def test_recorded_site(
    hass: HomeAssistant,
    simulator: Simulator,
    trusting_cloud: None,
    caplog: pytest.LogCaptureFixture,
    expected: Expected,
) -> None:
    form = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"],
        {
            CONF_HOST: simulator.gateway.host,
            CONF_USERNAME: simulator.user,
            CONF_PASSWORD: simulator.password,
        },
    )
    await hass.async_block_till_done(wait_background_tasks=True)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert entry.unique_id == simulator.serial
    records = entry.runtime_data.client.records
    read = {section.value for section, record in records.items() if record.last_success}
    assert read == {"info", *expected.read.split()}

    for key in (
        "production_power",
        "production_energy",
        "consumption_power",
        "consumption_energy",
        "grid_power",
        "grid_import_energy",
        "grid_export_energy",
    ):
        shown = shown_value(hass, f"{simulator.serial}_{key}")
        assert shown == approx(getattr(expected, key)), key

    registry = er.async_get(hass)
    inverters = entry.runtime_data.snapshot.inverters
    powers = [
        shown_value(hass, known.unique_id)
        for known in er.async_entries_for_config_entry(registry, entry.entry_id)
        if known.unique_id in {f"{serial}_power" for serial in inverters}
    ]
    assert len(powers) == expected.inverters
    assert sum(power or 0 for power in powers) == pytest.approx(
        expected.inverter_power, abs=0.02
    )
    assert_nothing_to_worry_about(caplog)


def approx(value: float | None) -> object:
    """Compare energies and powers to a tenth; None is None."""
    return None if value is None else pytest.approx(value, abs=0.1)


def shown_value(hass: HomeAssistant, unique_id: str) -> float | None:
    """Return what a sensor shows, in W or Wh; None where there is no such sensor."""
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, unique_id)
    if entity_id is None:
        return None
    state = hass.states.get(entity_id)
    assert state is not None
    unit = state.attributes["unit_of_measurement"]
    converter, wanted = {
        True: (PowerConverter, UnitOfPower.WATT),
        False: (EnergyConverter, UnitOfEnergy.WATT_HOUR),
    }[unit in PowerConverter.VALID_UNITS]
    return converter.convert(float(state.state), unit, wanted)


def assert_nothing_to_worry_about(caplog: pytest.LogCaptureFixture) -> None:
    """Find no warning of ours, and no traceback in Home Assistant."""
    assert not [
        record.getMessage()
        for record in caplog.records
        if ("custom_components" in record.name and record.levelno >= logging.WARNING)
        or (record.name.startswith("homeassistant") and record.exc_info)
    ]
