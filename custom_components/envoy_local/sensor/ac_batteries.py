"""Sensors of the AC Batteries: of each, and of all of them together."""

from __future__ import annotations

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
)

from ..client.models.storage import BatteryState
from ..client.models.totals import Section, Sections
from ..client.models.units import SleepState
from ..equipment import MIXED, AcBatteries, AcBatteryUnit
from . import common
from .description import EnvoySensorDescription

_UNITS: Final[Sections] = frozenset({Section.UNITS})
_DEVICE_DATA: Final[Sections] = frozenset({Section.DEVICE_DATA})


def _energy[DataT](
    key: str, value: common.Value[DataT]
) -> EnvoySensorDescription[DataT]:
    return EnvoySensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        value_fn=value,
        sections_fn=lambda _: _DEVICE_DATA,
    )


AC_BATTERIES_SENSORS: Final[tuple[EnvoySensorDescription[AcBatteries], ...]] = (
    common.power(
        lambda all_of_them: all_of_them.power,
        sections=lambda all_of_them: all_of_them.power_sections,
    ),
    common.level(
        lambda all_of_them: all_of_them.level,
        sections=lambda all_of_them: all_of_them.level_sections,
    ),
    common.one_of(
        "state",
        lambda all_of_them: all_of_them.state,
        BatteryState,
        translation_key="battery_state",
        sections=lambda _: frozenset({Section.REPORT}),
    ),
    common.stored_energy(
        "available_energy",
        lambda all_of_them: all_of_them.available_energy,
        sections=lambda all_of_them: all_of_them.level_sections,
    ),
    _energy("charge_energy", lambda all_of_them: all_of_them.charge_energy),
    _energy("discharge_energy", lambda all_of_them: all_of_them.discharge_energy),
    common.one_of(
        "sleep_state",
        lambda all_of_them: all_of_them.sleep_state,
        (*SleepState, MIXED),
        sections=lambda _: _UNITS,
    ),
)

AC_BATTERY_SENSORS: Final[tuple[EnvoySensorDescription[AcBatteryUnit], ...]] = (
    common.level(lambda unit: unit.level, sections=lambda unit: unit.detail_sections),
    common.power(lambda unit: unit.power, sections=lambda unit: unit.power_sections),
    _energy(
        "charge_energy", lambda unit: unit.detail.energy_used if unit.detail else None
    ),
    _energy(
        "discharge_energy", lambda unit: unit.detail.energy if unit.detail else None
    ),
    common.one_of(
        "state",
        lambda unit: unit.unit.charge_state if unit.unit else None,
        BatteryState,
        translation_key="battery_state",
        sections=lambda _: _UNITS,
    ),
    common.one_of(
        "sleep_state",
        lambda unit: unit.unit.sleep_state if unit.unit else None,
        SleepState,
        sections=lambda _: _UNITS,
    ),
    common.percent(
        "sleep_from",
        lambda unit: unit.unit.sleep_from if unit.unit else None,
        is_diagnostic=True,
        sections=lambda _: _UNITS,
    ),
    common.percent(
        "sleep_to",
        lambda unit: unit.unit.sleep_to if unit.unit else None,
        is_diagnostic=True,
        sections=lambda _: _UNITS,
    ),
    common.temperature(
        lambda unit: unit.temperature,
        is_diagnostic=True,
        sections=lambda unit: unit.detail_sections,
    ),
    common.percent(
        "state_of_health",
        lambda unit: unit.detail.state_of_health if unit.detail else None,
        is_diagnostic=True,
        sections=lambda _: _DEVICE_DATA,
    ),
    common.last_reported(lambda unit: unit.last_reported),
    EnvoySensorDescription(
        key="dc_voltage",
        translation_key="dc_voltage",
        device_class=SensorDeviceClass.VOLTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=1,
        entity_registry_enabled_default=False,
        value_fn=lambda unit: unit.detail.dc_voltage if unit.detail else None,
        sections_fn=lambda _: _DEVICE_DATA,
    ),
    EnvoySensorDescription(
        key="ac_voltage",
        translation_key="ac_voltage",
        device_class=SensorDeviceClass.VOLTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=1,
        entity_registry_enabled_default=False,
        value_fn=lambda unit: unit.detail.ac_voltage if unit.detail else None,
        sections_fn=lambda _: _DEVICE_DATA,
    ),
    EnvoySensorDescription(
        key="ac_frequency",
        translation_key="ac_frequency",
        device_class=SensorDeviceClass.FREQUENCY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfFrequency.HERTZ,
        suggested_display_precision=2,
        entity_registry_enabled_default=False,
        value_fn=lambda unit: unit.detail.ac_frequency if unit.detail else None,
        sections_fn=lambda _: _DEVICE_DATA,
    ),
)
