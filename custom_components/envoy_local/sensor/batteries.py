"""Sensors of an IQ Battery."""

from __future__ import annotations

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    EntityCategory,
    UnitOfApparentPower,
    UnitOfTemperature,
)

from ..client.models.storage import BatteryState
from ..client.models.totals import Section, Sections
from ..equipment import BatteryUnit
from . import common
from .description import EnvoySensorDescription

_POWER: Final[Sections] = frozenset({Section.BATTERY_POWER})


def _from_power(_: BatteryUnit) -> Sections:
    return _POWER


BATTERY_SENSORS: Final[tuple[EnvoySensorDescription[BatteryUnit], ...]] = (
    common.level(lambda unit: unit.level, sections=lambda unit: unit.level_sections),
    common.power(
        lambda unit: unit.now.power if unit.now else None, sections=_from_power
    ),
    EnvoySensorDescription(
        key="apparent_power",
        device_class=SensorDeviceClass.APPARENT_POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfApparentPower.VOLT_AMPERE,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
        value_fn=lambda unit: unit.now.apparent_power if unit.now else None,
        sections_fn=_from_power,
    ),
    common.one_of(
        "state",
        lambda unit: unit.now.state if unit.now else None,
        (BatteryState.CHARGING, BatteryState.DISCHARGING, BatteryState.IDLE),
        translation_key="battery_state",
        sections=_from_power,
    ),
    common.stored_energy(
        "available_energy",
        lambda unit: unit.available_energy,
        sections=lambda unit: unit.level_sections,
    ),
    common.capacity("capacity", lambda unit: unit.device.capacity, is_enabled=False),
    common.temperature(lambda unit: unit.device.temperature),
    EnvoySensorDescription(
        key="cell_temperature",
        translation_key="cell_temperature",
        device_class=SensorDeviceClass.TEMPERATURE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        entity_category=EntityCategory.DIAGNOSTIC,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
        value_fn=lambda unit: unit.device.cell_temperature,
    ),
    common.last_reported(lambda unit: unit.device.last_reported),
    *common.radio_signals(
        lambda unit: unit.device.signal_2_4_ghz, lambda unit: unit.device.signal_sub_ghz
    ),
)
