"""The balance of the whole site."""

from __future__ import annotations

from ..models.meters import MeterKind, PhaseReading
from ..models.production import ProductionBlock
from ..models.snapshot import GatewaySnapshot
from ..models.totals import (
    BatteryFlow,
    EnergySource,
    Flow,
    GridFlow,
    Section,
    Totals,
)
from .battery import battery_flow
from .day_energy import plausible_7_days, plausible_today
from .production import production_flow
from .sources import (
    FROM_NOTHING,
    FROM_READINGS,
    FROM_REPORT,
    add,
    is_as_new,
    same_counter,
    unlisted_meter_block,
)


def site_totals(snapshot: GatewaySnapshot) -> Totals:
    """Balance the whole site."""
    production = production_flow(snapshot)
    battery = battery_flow(snapshot)
    if snapshot.has_meter(MeterKind.TOTAL_CONSUMPTION):
        consumption = _metered_consumption(snapshot)
        grid = _grid_from_balance(production, consumption, battery)
    else:
        grid = _grid(snapshot)
        consumption = _consumption(snapshot, production, grid, battery)
    return Totals(
        production=production, consumption=consumption, grid=grid, battery=battery
    )


def _grid(snapshot: GatewaySnapshot) -> GridFlow:
    if snapshot.has_meter(MeterKind.NET_CONSUMPTION):
        point = snapshot.metered.get(MeterKind.NET_CONSUMPTION)
        reading = point.reading if point else None
        return metered_grid(reading)
    block = unlisted_meter_block(snapshot, MeterKind.NET_CONSUMPTION)
    if block:
        # Its energy is import less export: neither of the two.
        return GridFlow(power=block.power, sections=FROM_REPORT)
    return GridFlow()


def metered_grid(reading: PhaseReading | None) -> GridFlow:
    """Read the net meter: delivered is import, received is export."""
    if reading is None:
        return GridFlow(sections=FROM_READINGS)
    return GridFlow(
        power=reading.power,
        import_energy=reading.energy_delivered,
        export_energy=reading.energy_received,
        energy_source=EnergySource.METER,
        sections=FROM_READINGS,
    )


def _grid_from_balance(
    production: Flow, consumption: Flow, battery: BatteryFlow
) -> GridFlow:
    """Say what must come from the grid where only the load is metered."""
    given = _given(battery)
    if consumption.power is None or production.power is None or given is None:
        return GridFlow(sections=consumption.sections)
    return GridFlow(
        power=consumption.power - production.power - given,
        sections=consumption.sections | production.sections | battery.sections,
    )


def _metered_consumption(snapshot: GatewaySnapshot) -> Flow:
    point = snapshot.metered.get(MeterKind.TOTAL_CONSUMPTION)
    if point is None:
        return Flow(sections=FROM_READINGS)
    return Flow(
        power=point.reading.power,
        energy=point.reading.energy_delivered,
        energy_source=EnergySource.METER,
        sections=FROM_READINGS,
    )


def _consumption(
    snapshot: GatewaySnapshot, production: Flow, grid: GridFlow, battery: BatteryFlow
) -> Flow:
    """Work out what the house uses; the gateway counts charging as use."""
    total = unlisted_meter_block(snapshot, MeterKind.TOTAL_CONSUMPTION)
    if grid.sections:
        sections = production.sections | grid.sections | battery.sections
        power = add(production.power, grid.power, _given(battery))
        if power is not None and production.sections != FROM_READINGS:
            # Inverters tell their mean of some minutes ago: while the grid takes
            # more than that, all that is known of the house is that it uses some.
            power = max(power, 0.0)
    else:
        sections = FROM_REPORT if total else FROM_NOTHING
        power = total.power if total else None
    energy = balanced_energy(production, grid, battery)
    source = None if energy is None else EnergySource.BALANCE
    if energy is None and total:
        energy, source = _block_energy(snapshot, total), EnergySource.METER_BLOCK
    block = same_counter(energy, _consumption_day_block(snapshot))
    return Flow(
        power=power,
        energy=energy,
        energy_today=plausible_today(block) if block else None,
        energy_7_days=plausible_7_days(block) if block else None,
        energy_source=source,
        sections=sections,
    )


def _given(battery: BatteryFlow) -> float | None:
    """Return what the batteries add to a balance; None where their meter is silent.

    Batteries without a meter of their own that say nothing are asleep.
    """
    if battery.power is None and battery.sections != FROM_READINGS:
        return 0.0
    return battery.power


def balanced_energy(
    production: Flow, grid: GridFlow, battery: BatteryFlow
) -> float | None:
    """Return what was used so far; None without an import and an export counter."""
    imported, exported = grid.import_energy, grid.export_energy
    if production.energy is None or imported is None or exported is None:
        return None
    energy = production.energy + imported - exported
    charged, discharged = battery.charge_energy, battery.discharge_energy
    if charged is None or discharged is None:
        return None if battery.sections == FROM_READINGS else energy
    return energy + discharged - charged


def _block_energy(snapshot: GatewaySnapshot, total: ProductionBlock) -> float | None:
    """Return the consumption block's energy; 8.3.5433 repeats the net block in it."""
    report = snapshot.report
    net = report.net_consumption if report else None
    if net is None or net.energy != total.energy:
        return total.energy
    production = report.production if report else None
    return add(total.energy, production.energy if production else None)


def _consumption_day_block(snapshot: GatewaySnapshot) -> ProductionBlock | None:
    """Return the block with the day's consumption, where it means consumption.

    Not with storage: the gateway counts charging as consumption.
    """
    report = snapshot.report
    if report is None or snapshot.has_storage:
        return None
    if not is_as_new(snapshot, Section.REPORT):
        return None
    total, net = report.total_consumption, report.net_consumption
    if total is None or not total.is_active:
        return None
    return None if net and net.energy == total.energy else total
