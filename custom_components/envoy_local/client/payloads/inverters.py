"""`/api/v1/production/inverters` and `/ivp/pdm/device_data`."""

from __future__ import annotations

from typing import Final

from ..exceptions import EnvoyResponseError
from ..models.inverters import DeviceData, DeviceKind, DeviceReport, InverterReport
from .fields import (
    Row,
    decode_object,
    decode_rows,
    epoch,
    flag,
    identifier,
    integer,
    mapping,
    number,
    rows,
    scaled,
    text,
    understood,
    watts,
)

_AC_BATTERY_TYPE: Final = 11
_JOULES_PER_WATT_HOUR: Final = 3600
_MILLI: Final = 1000


def parse_inverters(body: bytes) -> tuple[InverterReport, ...]:
    """Read the last report of every unit; the list has no limit."""
    answer = decode_rows(body, "/api/v1/production/inverters")
    return understood(map(_report, answer), answer, "/api/v1/production/inverters")


def _report(row: Row) -> InverterReport | None:
    serial = identifier(row, "serialNumber")
    if serial is None:
        return None
    return InverterReport(
        serial=serial,
        is_ac_battery=integer(row, "devType") == _AC_BATTERY_TYPE,
        power=watts(row, "lastReportWatts"),
        max_power=watts(row, "maxReportWatts"),
        last_reported=epoch(row, "lastReportDate"),
    )


def parse_device_data(body: bytes) -> DeviceData:
    """Read the device data: an object keyed by eid, with two numbers among them."""
    answer = decode_object(body, "/ivp/pdm/device_data")
    if "deviceCount" not in answer:
        raise EnvoyResponseError("/ivp/pdm/device_data holds no device data")
    units = (_device(unit) for unit in answer.values() if isinstance(unit, dict))
    return DeviceData(
        devices=tuple(unit for unit in units if unit),
        count=integer(answer, "deviceCount"),
        limit=integer(answer, "deviceDataLimit"),
    )


def _device(row: Row) -> DeviceReport | None:
    serial = identifier(row, "sn")
    try:
        kind = DeviceKind(text(row, "devName") or "")
    except ValueError:
        return None
    if serial is None:
        return None
    channel = next(iter(rows(row.get("channels"))), {})
    reading, lifetime = mapping(channel, "lastReading"), mapping(channel, "lifetime")
    return DeviceReport(
        serial=serial,
        kind=kind,
        is_active=flag(row, "active") is not False,
        power=_mean_power(reading, kind),
        max_power=watts(mapping(channel, "watts"), "max"),
        energy=scaled(lifetime, "joulesProduced", _JOULES_PER_WATT_HOUR),
        energy_used=scaled(lifetime, "joulesUsed", _JOULES_PER_WATT_HOUR),
        energy_today=number(mapping(channel, "wattHours"), "today"),
        last_reported=epoch(reading, "endDate"),
        report_duration=integer(reading, "duration"),
        temperature=number(reading, "channelTemp"),
        dc_voltage=scaled(reading, "dcVoltageINmV", _MILLI),
        dc_current=scaled(reading, "dcCurrentINmA", _MILLI),
        ac_voltage=scaled(reading, "acVoltageINmV", _MILLI),
        ac_frequency=scaled(reading, "acFrequencyINmHz", _MILLI),
    )


def _mean_power(reading: Row, kind: DeviceKind) -> float | None:
    """Return the joules of a report over its seconds, negative while charging."""
    produced, duration = number(reading, "joulesProduced"), number(reading, "duration")
    if produced is None or duration is None or duration <= 0:
        return None
    used = number(reading, "joulesUsed") if kind is DeviceKind.AC_BATTERY else None
    return (produced - (used or 0.0)) / duration
