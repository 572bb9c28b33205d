"""One list of inverters from the two endpoints that know them."""

from __future__ import annotations

from typing import Final

from .models.inverters import (
    DeviceData,
    DeviceKind,
    DeviceReport,
    Inverter,
    InverterReport,
)

_MISSING_FOR: Final = 86400
"""Seconds without a report after which a unit that isn't listed is gone."""


def merge_inverters(
    reports: tuple[InverterReport, ...] | None, device_data: DeviceData | None
) -> dict[str, Inverter]:
    """Join the reports with the device data, by serial number.

    The reports name every unit; the device data is cut at 50 units of all
    kinds, has the detail, and knows which units were removed. Where the reports
    are missing or empty (after a boot, now and then at night) the device data
    alone says who is there.
    """
    details = {
        unit.serial: unit
        for unit in (device_data.devices if device_data else ())
        if unit.kind is DeviceKind.INVERTER
    }
    roster = {unit.serial: unit for unit in reports or () if not unit.is_ac_battery}
    if not roster:
        active = (unit for unit in details.values() if unit.is_active)
        return {unit.serial: _merge(unit.serial, None, unit) for unit in active}
    return {
        serial: _merge(serial, report, details.get(serial))
        for serial, report in roster.items()
        if serial not in details or details[serial].is_active
    }


def _merge(
    serial: str, report: InverterReport | None, detail: DeviceReport | None
) -> Inverter:
    """Take power and time from the newer report, the precise one on a tie."""
    newest: InverterReport | DeviceReport | None = detail
    if report and (detail is None or _is_newer(report, detail)):
        newest = report
    return Inverter(
        serial=serial,
        power=newest.power if newest else None,
        max_power=_highest(report, detail),
        energy=detail.energy if detail else None,
        energy_today=detail.energy_today if detail else None,
        last_reported=newest.last_reported if newest else None,
        report_duration=detail.report_duration if detail else None,
        temperature=detail.temperature if detail else None,
        dc_voltage=detail.dc_voltage if detail else None,
        dc_current=detail.dc_current if detail else None,
        ac_voltage=detail.ac_voltage if detail else None,
        ac_current=detail.ac_current if detail else None,
        ac_frequency=detail.ac_frequency if detail else None,
    )


def _is_newer(report: InverterReport, detail: DeviceReport) -> bool:
    if detail.power is None:
        return True
    return (report.last_reported or 0) > (detail.last_reported or 0)


def _highest(*units: InverterReport | DeviceReport | None) -> float | None:
    powers = [unit.max_power for unit in units if unit and unit.max_power is not None]
    return max(powers, default=None)


def keep_missing(
    known: tuple[InverterReport, ...] | None, current: tuple[InverterReport, ...]
) -> tuple[InverterReport, ...]:
    """Add the last reports of units that this list left out.

    The list is empty after a boot and now and then at night, and single units
    drop out of it for a while. A unit that is gone stays away for longer than
    a day, by the clock of the others' reports.
    """
    listed = {unit.serial for unit in current}
    newest = max((unit.last_reported or 0 for unit in current), default=0)
    limit = newest - _MISSING_FOR
    missing = (unit for unit in known or () if unit.serial not in listed)
    return current + tuple(u for u in missing if (u.last_reported or 0) >= limit)
