"""Sensors of a meter: what the grid looks like where it sits."""

from __future__ import annotations

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    EntityCategory,
    UnitOfApparentPower,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfFrequency,
    UnitOfPower,
    UnitOfReactivePower,
)

from ..client.models.meters import MeteredPoint, MeterKind, PhaseReading
from .description import EnvoySensorDescription

type PhaseSensor = EnvoySensorDescription[PhaseReading]

_STATUSES: Final = ("normal", "not_metering", "check_wiring")


def _status(status: str | None) -> str | None:
    """Return the status as a state; one that we don't know is unknown."""
    state = (status or "").replace("-", "_")
    return state if state in _STATUSES else None


METER_SENSORS: Final[tuple[EnvoySensorDescription[MeteredPoint], ...]] = (
    EnvoySensorDescription(
        key="voltage",
        device_class=SensorDeviceClass.VOLTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=1,
        entity_registry_enabled_default=False,
        value_fn=lambda point: point.voltage,
    ),
    EnvoySensorDescription(
        key="metering_status",
        device_class=SensorDeviceClass.ENUM,
        options=list(_STATUSES),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda point: _status(point.meter.metering_status),
    ),
)
"""For a whole meter: its set-up, and the voltage that the gateway sums up."""

PHASE_VOLTAGE: Final = EnvoySensorDescription[PhaseReading](
    key="voltage",
    device_class=SensorDeviceClass.VOLTAGE,
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=UnitOfElectricPotential.VOLT,
    suggested_display_precision=1,
    entity_registry_enabled_default=False,
    value_fn=lambda reading: reading.voltage,
)

POWERED_KINDS: Final = frozenset(
    {MeterKind.BACKFEED, MeterKind.LOAD, MeterKind.EVSE, MeterKind.PV3P}
)
"""Meters whose power is none of the site's totals."""

METER_POWER: Final = EnvoySensorDescription[PhaseReading](
    key="power",
    device_class=SensorDeviceClass.POWER,
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=UnitOfPower.WATT,
    suggested_display_precision=0,
    value_fn=lambda reading: reading.power,
)

QUALITY_SENSORS: Final[tuple[PhaseSensor, ...]] = (
    EnvoySensorDescription(
        key="current",
        device_class=SensorDeviceClass.CURRENT,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=2,
        entity_registry_enabled_default=False,
        value_fn=lambda reading: reading.current,
    ),
    EnvoySensorDescription(
        key="frequency",
        device_class=SensorDeviceClass.FREQUENCY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfFrequency.HERTZ,
        suggested_display_precision=2,
        entity_registry_enabled_default=False,
        value_fn=lambda reading: reading.frequency,
    ),
    EnvoySensorDescription(
        key="power_factor",
        device_class=SensorDeviceClass.POWER_FACTOR,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=2,
        entity_registry_enabled_default=False,
        value_fn=lambda reading: reading.power_factor,
    ),
    EnvoySensorDescription(
        key="apparent_power",
        device_class=SensorDeviceClass.APPARENT_POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfApparentPower.VOLT_AMPERE,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
        value_fn=lambda reading: reading.apparent_power,
    ),
    EnvoySensorDescription(
        key="reactive_power",
        device_class=SensorDeviceClass.REACTIVE_POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfReactivePower.VOLT_AMPERE_REACTIVE,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
        value_fn=lambda reading: reading.reactive_power,
    ),
)
"""For a whole meter and for each of its phases."""
