"""Sensors of an IQ Relay."""

from __future__ import annotations

from functools import partial
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    EntityCategory,
    UnitOfElectricPotential,
    UnitOfFrequency,
)

from ..client.models.totals import Section, Sections
from ..equipment import RelayUnit
from . import common
from .description import EnvoySensorDescription

_LINES: Final = (1, 2, 3)


def _from_device_data(_: RelayUnit) -> Sections:
    return frozenset({Section.DEVICE_DATA})


def _voltage(line: int) -> EnvoySensorDescription[RelayUnit]:
    return EnvoySensorDescription(
        key=f"voltage_l{line}",
        translation_key=f"voltage_l{line}",
        device_class=SensorDeviceClass.VOLTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=1,
        entity_registry_enabled_default=False,
        value_fn=partial(_line_voltage, line - 1),
        sections_fn=_from_device_data,
    )


def _line_voltage(line: int, relay: RelayUnit) -> float | None:
    return relay.voltage(line)


RELAY_SENSORS: Final[tuple[EnvoySensorDescription[RelayUnit], ...]] = (
    common.temperature(
        lambda relay: relay.report.temperature if relay.report else None,
        is_diagnostic=True,
        sections=_from_device_data,
    ),
    EnvoySensorDescription(
        key="frequency",
        device_class=SensorDeviceClass.FREQUENCY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfFrequency.HERTZ,
        suggested_display_precision=2,
        entity_registry_enabled_default=False,
        value_fn=lambda relay: relay.report.ac_frequency if relay.report else None,
        sections_fn=_from_device_data,
    ),
    *map(_voltage, _LINES),
    EnvoySensorDescription(
        key="changes",
        translation_key="relay_changes",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda relay: relay.report.changes if relay.report else None,
        sections_fn=_from_device_data,
    ),
    common.last_reported(lambda relay: relay.last_reported),
)
