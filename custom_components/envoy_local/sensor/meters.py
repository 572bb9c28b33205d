"""Sensors of a meter: what the grid looks like where it sits."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    EntityCategory,
    UnitOfApparentPower,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfPower,
    UnitOfReactivePower,
)

from ..client.models.meters import (
    OWN_DELIVERED,
    OWN_RECEIVED,
    MeteredPoint,
    MeterKind,
    PhaseReading,
)
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

_APART: Final = frozenset(
    {MeterKind.BACKFEED, MeterKind.LOAD, MeterKind.EVSE, MeterKind.PV3P}
)
"""Meters whose power and energies are none of the site's totals."""

_POWER: Final = EnvoySensorDescription[PhaseReading](
    key="power",
    device_class=SensorDeviceClass.POWER,
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=UnitOfPower.WATT,
    suggested_display_precision=0,
    value_fn=lambda reading: reading.power,
)

_ENERGY_DELIVERED: Final = EnvoySensorDescription[PhaseReading](
    key="energy_delivered",
    device_class=SensorDeviceClass.ENERGY,
    state_class=SensorStateClass.TOTAL_INCREASING,
    native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
    suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    suggested_display_precision=2,
    value_fn=lambda reading: reading.energy_delivered,
)
_ENERGY_RECEIVED: Final = replace(
    _ENERGY_DELIVERED,
    key="energy_received",
    value_fn=lambda reading: reading.energy_received,
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


def own_sensors(kind: MeterKind) -> tuple[PhaseSensor, ...]:
    """Return the power and the energies of a meter that the totals don't have."""
    found = [_POWER] if kind in OWN_DELIVERED else []
    found += [_ENERGY_DELIVERED] if kind in OWN_DELIVERED else []
    found += [_ENERGY_RECEIVED] if kind in OWN_RECEIVED else []
    if kind in _APART:
        return tuple(found)
    # The house's are nearly the same, and what inverters take in is next to nothing.
    return tuple(replace(d, entity_registry_enabled_default=False) for d in found)
