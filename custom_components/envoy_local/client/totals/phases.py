"""The balance of each phase, where the meters see more than one."""

from __future__ import annotations

from ..models.meters import MeteredPoint, MeterKind, PhaseReading
from ..models.snapshot import GatewaySnapshot
from ..models.totals import BatteryFlow, EnergySource, Flow, GridFlow, Totals
from .battery import metered_battery
from .site import balanced_energy, metered_grid
from .sources import FROM_READINGS, add


def phase_totals(snapshot: GatewaySnapshot) -> tuple[Totals, ...]:
    """Balance each phase; nothing where the meters see one phase only."""
    points = snapshot.metered
    production = _phases(points.get(MeterKind.PRODUCTION))
    net = _phases(points.get(MeterKind.NET_CONSUMPTION))
    load = _phases(points.get(MeterKind.TOTAL_CONSUMPTION))
    storage = _phases(points.get(MeterKind.STORAGE))
    count = max(len(production), len(net), len(load), len(storage))
    has_storage = snapshot.has_storage or snapshot.has_meter(MeterKind.STORAGE)
    has_unmetered_storage = has_storage and not storage
    return tuple(
        _phase_balance(
            production=_at(production, phase),
            net=_at(net, phase),
            load=_at(load, phase),
            storage=_at(storage, phase),
            has_unmetered_storage=has_unmetered_storage,
        )
        for phase in range(count)
    )


def _phases(point: MeteredPoint | None) -> tuple[PhaseReading, ...]:
    return point.phases if point else ()


def _at(phases: tuple[PhaseReading, ...], index: int) -> PhaseReading | None:
    return phases[index] if index < len(phases) else None


def _phase_balance(
    *,
    production: PhaseReading | None,
    net: PhaseReading | None,
    load: PhaseReading | None,
    storage: PhaseReading | None,
    has_unmetered_storage: bool,
) -> Totals:
    """Balance one phase. Without its battery's part, its use isn't known."""
    made = Flow()
    if production:
        made = Flow(
            power=production.power,
            energy=production.energy_delivered,
            energy_source=EnergySource.METER,
            sections=FROM_READINGS,
        )
    battery = metered_battery(storage) if storage else BatteryFlow()
    grid = metered_grid(net) if net else GridFlow()
    used = Flow()
    if load:
        used = Flow(
            power=load.power,
            energy=load.energy_delivered,
            energy_source=EnergySource.METER,
            sections=FROM_READINGS,
        )
    elif production and net and not has_unmetered_storage:
        power = add(made.power, grid.power, battery.power if storage else 0.0)
        used = Flow(
            power=power,
            energy=balanced_energy(made, grid, battery),
            energy_source=EnergySource.BALANCE,
            sections=FROM_READINGS,
        )
    return Totals(production=made, consumption=used, grid=grid, battery=battery)
