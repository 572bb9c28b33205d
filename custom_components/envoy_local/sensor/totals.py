"""Sensors of the site's balance, and of each phase's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfEnergy, UnitOfPower

from ..client.models.totals import EnergySource, Sections, Totals
from .description import EnvoySensorDescription

type TotalsSensor = EnvoySensorDescription[Totals]
type Value = Callable[[Totals], float | None]
type Origin = Callable[[Totals], Sections]

ATTR_ENERGY_SOURCE: Final = "energy_source"


def _power(key: str, value: Value, sections: Origin) -> TotalsSensor:
    return EnvoySensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=value,
        sections_fn=sections,
    )


def _energy(
    key: str,
    value: Value,
    sections: Origin,
    counter: Callable[[Totals], EnergySource | None] | None = None,
    *,
    state_class: SensorStateClass | None = SensorStateClass.TOTAL_INCREASING,
) -> TotalsSensor:

    def origin(totals: Totals) -> dict[str, object]:
        source = counter(totals) if counter else None
        return {ATTR_ENERGY_SOURCE: source.value} if source else {}

    return EnvoySensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENERGY,
        state_class=state_class,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        value_fn=value,
        sections_fn=sections,
        attributes_fn=origin,
    )


def _production(totals: Totals) -> Sections:
    return totals.production.sections


def _consumption(totals: Totals) -> Sections:
    return totals.consumption.sections


def _grid(totals: Totals) -> Sections:
    return totals.grid.sections


def _battery(totals: Totals) -> Sections:
    return totals.battery.sections


def _grid_counter(totals: Totals) -> EnergySource | None:
    return totals.grid.energy_source


def _battery_counter(totals: Totals) -> EnergySource | None:
    return totals.battery.energy_source


POWER_SENSORS: Final = (
    _power("production_power", lambda t: t.production.power, _production),
    _power("consumption_power", lambda t: t.consumption.power, _consumption),
    _power("grid_power", lambda t: t.grid.power, _grid),
    _power("battery_power", lambda t: t.battery.power, _battery),
)
"""For the site and for each of its phases; shown live where the user wants that."""

ENERGY_SENSORS: Final = (
    _energy(
        "production_energy",
        lambda t: t.production.energy,
        _production,
        lambda t: t.production.energy_source,
    ),
    _energy(
        "consumption_energy",
        lambda t: t.consumption.energy,
        _consumption,
        lambda t: t.consumption.energy_source,
    ),
    _energy("grid_import_energy", lambda t: t.grid.import_energy, _grid, _grid_counter),
    _energy("grid_export_energy", lambda t: t.grid.export_energy, _grid, _grid_counter),
    _energy(
        "battery_charge_energy",
        lambda t: t.battery.charge_energy,
        _battery,
        _battery_counter,
    ),
    _energy(
        "battery_discharge_energy",
        lambda t: t.battery.discharge_energy,
        _battery,
        _battery_counter,
    ),
)
"""For the site and for each of its phases: always by the counters."""

DAY_SENSORS: Final = (
    _energy(
        "production_energy_today", lambda t: t.production.energy_today, _production
    ),
    _energy(
        "production_energy_7_days",
        lambda t: t.production.energy_7_days,
        _production,
        state_class=None,
    ),
    _energy(
        "consumption_energy_today", lambda t: t.consumption.energy_today, _consumption
    ),
    _energy(
        "consumption_energy_7_days",
        lambda t: t.consumption.energy_7_days,
        _consumption,
        state_class=None,
    ),
    _energy("grid_import_energy_today", lambda t: t.grid.import_energy_today, _grid),
    _energy("grid_export_energy_today", lambda t: t.grid.export_energy_today, _grid),
)
"""For the site alone. Seven days roll on, so they fall as often as they rise."""
