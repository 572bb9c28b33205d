"""What the site produces, from the one source that is right for it."""

from __future__ import annotations

from dataclasses import replace

from ..models.meters import MeterKind
from ..models.production import ProductionBlock, ProductionSummary
from ..models.snapshot import GatewaySnapshot
from ..models.totals import EnergySource, Flow, Section
from .day_energy import plausible_7_days, plausible_today, uncounted
from .sources import (
    FROM_READINGS,
    FROM_REPORT,
    add,
    fresh_power,
    is_as_new,
    same_counter,
    unlisted_meter_block,
)


def production_flow(snapshot: GatewaySnapshot) -> Flow:
    """Take the production meter where it is in use, else the inverters."""
    if snapshot.has_meter(MeterKind.PRODUCTION):
        return _metered_production(snapshot)
    block = unlisted_meter_block(snapshot, MeterKind.PRODUCTION)
    if block:
        return Flow(
            power=block.power,
            energy=block.energy,
            energy_today=plausible_today(block),
            energy_7_days=plausible_7_days(block),
            energy_source=EnergySource.METER_BLOCK,
            sections=FROM_REPORT,
        )
    return _inverter_production(snapshot)


def _metered_production(snapshot: GatewaySnapshot) -> Flow:
    point = snapshot.metered.get(MeterKind.PRODUCTION)
    if point is None:
        return Flow(sections=FROM_READINGS)
    energy = point.reading.energy_delivered
    days = _days_of_meter(snapshot, energy)
    late = uncounted(days, energy) if days else None
    today = add(plausible_today(days), late) if days else None
    return Flow(
        power=point.reading.power,
        energy=energy,
        # The day may have begun between the two.
        energy_today=None if today is None else max(today, 0.0),
        energy_7_days=add(plausible_7_days(days), late) if days else None,
        energy_source=EnergySource.METER,
        sections=FROM_READINGS,
    )


def _days_of_meter(
    snapshot: GatewaySnapshot, energy: float | None
) -> ProductionSummary | ProductionBlock | None:
    """Return the gateway's sums of what the meter counts.

    In the summary's whole numbers nobody can see that the day is frozen: the
    block goes first, wherever it was read together with the meter.
    """
    block = snapshot.report.production if snapshot.report else None
    if block and block.is_active and is_as_new(snapshot, Section.REPORT):
        return same_counter(energy, block)
    return same_counter(energy, snapshot.summary)


def _inverter_production(snapshot: GatewaySnapshot) -> Flow:
    """Sum up the inverters: there is no production meter, or it isn't in use."""
    summary = snapshot.summary or snapshot.page
    source = Section.SUMMARY if snapshot.summary else Section.PAGE
    block = snapshot.report.inverters if snapshot.report else None
    if summary and _is_trusted(snapshot, summary, block):
        flow = Flow(
            power=summary.power,
            energy=summary.energy,
            energy_today=plausible_today(summary),
            energy_7_days=plausible_7_days(summary),
            energy_source=(
                EnergySource.SUMMARY if snapshot.summary else EnergySource.PAGE
            ),
            sections=frozenset({source}),
        )
    else:
        flow = _summed_production(snapshot, block)
    counted = _counted_energy(snapshot)
    if counted is None:
        return flow
    return replace(
        flow,
        energy=counted,
        energy_source=EnergySource.DEVICE_COUNTERS,
    )


def _is_trusted(
    snapshot: GatewaySnapshot,
    summary: ProductionSummary,
    block: ProductionBlock | None,
) -> bool:
    """Whether `/api/v1/production` sums up the inverters.

    Where a production meter is set up, even a disabled one, it copies the meter:
    zeros on 7.3.466, a frozen 1583 Wh on 8.2.4264. From 8.3.5422 on it is zero
    on sites without any meter too.
    """
    if snapshot.lists_production_meter:
        return False
    energy = summary.energy
    if block is None or block.energy is None:
        return bool(energy)
    return energy is not None and energy >= block.energy / 2


def _summed_production(
    snapshot: GatewaySnapshot, block: ProductionBlock | None
) -> Flow:
    """Take the power from the inverters' reports, the energy from the block."""
    inverters = snapshot.inverters.values()
    power = fresh_power(snapshot, inverters)
    sections: set[Section] = {Section.INVERTER_REPORTS}
    if block:
        sections.add(Section.REPORT)
        if block.power is not None and block.active_count > len(inverters):
            power = block.power
    return Flow(
        power=power,
        energy=block.energy if block else None,
        energy_source=EnergySource.INVERTER_BLOCK,
        sections=frozenset(sections),
    )


def _counted_energy(snapshot: GatewaySnapshot) -> float | None:
    """Sum up the inverters' own counters, which no 2^32 J limit cuts.

    Only when not one of them is missing: an incomplete sum is no total.
    """
    data = snapshot.device_data
    if data is None or Section.DEVICE_DATA in snapshot.lost:
        return None
    if not data.is_complete or not snapshot.inverters:
        return None
    energies = [inverter.energy for inverter in snapshot.inverters.values()]
    known = [energy for energy in energies if energy is not None]
    return sum(known) if len(known) == len(energies) else None
