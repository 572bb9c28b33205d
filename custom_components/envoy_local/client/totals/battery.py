"""What the batteries give and take."""

from __future__ import annotations

from ..models.inverters import DeviceKind, DeviceReport
from ..models.meters import MeterKind, PhaseReading
from ..models.snapshot import GatewaySnapshot
from ..models.totals import BatteryFlow, EnergySource, Section
from .sources import FROM_READINGS, fresh_power, is_fresh


def battery_flow(snapshot: GatewaySnapshot) -> BatteryFlow:
    """Say it by the storage meter, else by what the batteries report."""
    if snapshot.has_meter(MeterKind.STORAGE):
        point = snapshot.metered.get(MeterKind.STORAGE)
        return metered_battery(point.reading if point else None)
    if not snapshot.has_storage:
        return BatteryFlow()
    powers: list[float] = []
    sections: set[Section] = set()
    if snapshot.has_batteries:
        sections.add(Section.BATTERY_POWER)
        units = snapshot.battery_power or ()
        powers += [unit.power for unit in units if unit.power is not None]
    ac_power, ac_section = ac_battery_power(snapshot)
    if ac_power is not None:
        powers.append(ac_power)
        sections.add(ac_section)
    charge, discharge = _ac_battery_energy(snapshot)
    return BatteryFlow(
        power=sum(powers) if powers else None,
        charge_energy=charge,
        discharge_energy=discharge,
        energy_source=None if charge is None else EnergySource.DEVICE_COUNTERS,
        sections=frozenset(sections),
    )


def metered_battery(reading: PhaseReading | None) -> BatteryFlow:
    """Read the storage meter: delivered is discharge, received is charge."""
    if reading is None:
        return BatteryFlow(sections=FROM_READINGS)
    return BatteryFlow(
        power=reading.power,
        charge_energy=reading.energy_received,
        discharge_energy=reading.energy_delivered,
        energy_source=EnergySource.METER,
        sections=FROM_READINGS,
    )


def _ac_batteries(snapshot: GatewaySnapshot) -> list[DeviceReport]:
    devices = snapshot.device_data.devices if snapshot.device_data else ()
    return [d for d in devices if d.kind is DeviceKind.AC_BATTERY and d.is_active]


def ac_battery_power(snapshot: GatewaySnapshot) -> tuple[float | None, Section]:
    """Return the AC Batteries' power in W, and what says it: the best that is there."""
    units = _ac_batteries(snapshot)
    if units:
        return fresh_power(snapshot, units), Section.DEVICE_DATA
    block = snapshot.report.ac_batteries if snapshot.report else None
    if block is None or not block.active_count:
        return None, Section.REPORT
    fresh = is_fresh(snapshot, block.reading_time)
    return (block.power if fresh else None), Section.REPORT


def _ac_battery_energy(
    snapshot: GatewaySnapshot,
) -> tuple[float | None, float | None]:
    """Return charged and discharged Wh where AC Batteries are all there is."""
    units = _ac_batteries(snapshot)
    if snapshot.has_batteries or not units:
        return None, None
    charged = [unit.energy_used for unit in units if unit.energy_used is not None]
    discharged = [unit.energy for unit in units if unit.energy is not None]
    if len(charged) != len(units) or len(discharged) != len(units):
        return None, None
    return sum(charged), sum(discharged)
