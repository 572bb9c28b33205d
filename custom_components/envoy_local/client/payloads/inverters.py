"""`/api/v1/production/inverters`, and `/ivp/pdm/device_data` with all of its kinds."""

from __future__ import annotations

from typing import Any, Final

from ..exceptions import EnvoyResponseError
from ..models.inverters import DeviceData, DeviceKind, DeviceReport, InverterReport
from ..models.units import AcBatteryReport, RelayReport
from .choices import Choices
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
    understood,
    watts,
)

_DEVICE_DATA: Final = "/ivp/pdm/device_data"
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
    answer = decode_object(body, _DEVICE_DATA)
    if "deviceCount" not in answer:
        raise EnvoyResponseError(f"{_DEVICE_DATA} holds no device data")
    choices = Choices(_DEVICE_DATA)
    listed = (unit for unit in answer.values() if isinstance(unit, dict))
    units = [_device(unit, choices) for unit in listed]
    return DeviceData(
        devices=tuple(unit for unit in units if unit),
        count=integer(answer, "deviceCount"),
        limit=integer(answer, "deviceDataLimit"),
        unknown=choices.unknown,
    )


def _device(row: Row, choices: Choices) -> DeviceReport | None:
    serial = identifier(row, "sn")
    kind = choices.read(row, "devName", DeviceKind)
    if serial is None or kind is None:
        return None
    channel = next(iter(rows(row.get("channels"))), {})
    reading, lifetime = mapping(channel, "lastReading"), mapping(channel, "lifetime")
    common: dict[str, Any] = {
        "serial": serial,
        "kind": kind,
        "is_active": flag(row, "active") is not False,
        "power": _mean_power(reading, kind),
        "max_power": watts(mapping(channel, "watts"), "max"),
        "energy": scaled(lifetime, "joulesProduced", _JOULES_PER_WATT_HOUR),
        "energy_used": scaled(lifetime, "joulesUsed", _JOULES_PER_WATT_HOUR),
        "energy_today": number(mapping(channel, "wattHours"), "today"),
        "last_reported": epoch(reading, "endDate"),
        "report_duration": integer(reading, "duration"),
        "temperature": number(reading, "channelTemp"),
        "dc_voltage": scaled(reading, "dcVoltageINmV", _MILLI),
        "dc_current": scaled(reading, "dcCurrentINmA", _MILLI),
        "ac_voltage": scaled(reading, "acVoltageINmV", _MILLI),
        "ac_current": scaled(reading, "acCurrentInmA", _MILLI),
        "ac_frequency": scaled(reading, "acFrequencyINmHz", _MILLI),
    }
    if kind is DeviceKind.AC_BATTERY:
        return _ac_battery(reading, common)
    if kind is DeviceKind.RELAY:
        return _relay(reading, common)
    return DeviceReport(**common)


def _ac_battery(reading: Row, common: dict[str, Any]) -> AcBatteryReport:
    return AcBatteryReport(
        **common,
        level=number(reading, "SOC"),
        state_of_health=number(reading, "SOH"),
        coldest_cell=number(reading, "minCellTemp"),
        warmest_cell=number(reading, "maxCellTemp"),
    )


def _relay(reading: Row, common: dict[str, Any]) -> RelayReport:
    """Read a relay, whose temperature and frequency have keys of their own."""
    own = {
        "temperature": number(reading, "temperature"),
        "ac_frequency": scaled(reading, "freqInmHz", _MILLI),
    }
    return RelayReport(
        **{**common, **own},
        line_voltages=(
            scaled(reading, "VrmsL1N", _MILLI),
            scaled(reading, "VrmsL2N", _MILLI),
            scaled(reading, "VrmsL3N", _MILLI),
        ),
        changes=integer(reading, "stateChngCnt"),
    )


def _mean_power(reading: Row, kind: DeviceKind) -> float | None:
    """Return the joules of a report over its seconds, negative while charging."""
    produced, duration = number(reading, "joulesProduced"), number(reading, "duration")
    if produced is None or duration is None or duration <= 0:
        return None
    used = number(reading, "joulesUsed") if kind is DeviceKind.AC_BATTERY else None
    return (produced - (used or 0.0)) / duration
