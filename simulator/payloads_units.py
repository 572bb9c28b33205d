"""AC Batteries and IQ relays among the inverters' lists, as the gateway keeps them."""

from __future__ import annotations

from typing import Final

from .acbatteries import REPORT_SECONDS, AcReport, ac_report, ac_reports
from .equipment import Unit
from .moment import Moment
from .rows import Row, channel, device, removed

_AC_EID: Final = 721420544
_AC_CHANNEL: Final = 1795162385
_RELAY_EID: Final = 738197760
_RELAY_CHANNEL: Final = 1811939601
# Meant to be today's Wh, but an AC Battery says any number.
_NOT_TODAY: Final = 57_134


def ac_inverter_rows(moment: Moment) -> list[Row]:
    """Return the rows of `/api/v1/production/inverters`: devType 11, no sign."""
    return [
        {
            "serialNumber": unit.serial,
            "lastReportDate": report.at,
            "devType": 11,
            "lastReportWatts": _unsigned(report),
            "maxReportWatts": 271,
        }
        for unit, report in ac_reports(moment.plant, moment.equipment, moment.at)
    ]


def unit_data(moment: Moment) -> Row:
    """Return the rows of `/ivp/pdm/device_data`, by eid; removed units stay in it."""
    ac_batteries: Row = {
        str(_AC_EID + 256 * index): _ac_data(moment, unit, index)
        for index, unit in enumerate(moment.equipment.known("ac_battery"))
    }
    relays: Row = {
        str(_RELAY_EID + 256 * index): _relay_data(moment, unit, index)
        for index, unit in enumerate(moment.equipment.known("relay"))
    }
    return ac_batteries | relays


def ac_stock(moment: Moment, *, deleted: bool) -> list[Row]:
    """Return the AC Batteries of `/inventory`."""
    return [
        _ac_stock(moment, unit, index)
        for index, unit in enumerate(moment.equipment.known("ac_battery"))
        if deleted or not unit.removed
    ]


def relay_stock(moment: Moment, *, deleted: bool) -> list[Row]:
    """Return the IQ relays of `/inventory`."""
    return [
        _relay_stock(moment, unit, index)
        for index, unit in enumerate(moment.equipment.known("relay"))
        if deleted or not unit.removed
    ]


def _unsigned(report: AcReport) -> int:
    """Return W as the lists have them: no sign, and some more than there are."""
    return abs(round(report.power)) + 3


def _ac_data(moment: Moment, unit: Unit, index: int) -> Row:
    eid = _AC_CHANNEL + 256 * index
    if unit.removed:
        return device("acb", unit.serial, [removed(eid)], active=False, gone=True)
    report = ac_report(moment.plant, unit, index, moment.at)
    watts = _unsigned(report), report.joules_used // REPORT_SECONDS, 271
    row = channel(eid, report.at, (_NOT_TODAY + 19 * index, 0, 0), watts)
    row["lastReading"] = _ac_reading(eid, report)
    row["lifetime"] = {
        "createdTime": report.at,
        "duration": max(report.at - round(unit.since or 1_709_280_000), 0),
        "joulesProduced": report.lifetime_produced,
        "joulesUsed": report.lifetime_used,
    }
    return device("acb", unit.serial, [row], active=True, gone=not unit.communicating)


def _ac_reading(eid: int, report: AcReport) -> Row:
    warmest = 22 + round(abs(report.power) / 40)
    return {
        "eid": eid,
        "interval_type": 0,
        "endDate": report.at,
        "duration": REPORT_SECONDS,
        "flags": 3149824,
        "flags_hex": "0x0000000000301000",
        "joulesProduced": report.joules_produced,
        "acVoltageINmV": 235_000 + eid % 700,
        "acFrequencyINmHz": 50_000 - eid % 13,
        "dcVoltageINmV": 21_000 + 45 * report.level,
        "dcCurrentINmA": round(abs(report.power) * 1000 / 24) + 64,
        "channelTemp": warmest + 4,
        "pwrConvErrSecs": 0,
        "pwrConvMaxErrCycles": 0,
        "joulesUsed": report.joules_used,
        "leadingVArs": 15_157,
        "laggingVArs": 0,
        "SOC": report.level,
        "SOH": 94,
        "minCellTemp": warmest - 1,
        "maxCellTemp": warmest,
        "totVoltage": 21_000 + 45 * report.level,
        "vendor_data": "00" * 16,
    }


def _relay_data(moment: Moment, unit: Unit, index: int) -> Row:
    eid = _RELAY_CHANNEL + 256 * index
    if unit.removed:
        return device("nsrb", unit.serial, [removed(eid)], active=False, gone=True)
    at = _relay_reported(moment)
    row = channel(eid, at, (0, 0, 0), (0, 0, 0))
    row["lastReading"] = {
        "eid": eid,
        "interval_type": 0,
        "endDate": at,
        "duration": 900,
        "flags": 16,
        "flags_hex": "0x0000000000000010",
        "temperature": 46,
        "acCurrOffset": -19,
        "VrmsL1N": 235_100 + eid % 300,
        # A line that isn't wired picks up some volts.
        "VrmsL2N": 5_800,
        "VrmsL3N": 0,
        "freqInmHz": 50_003,
        "stateChngCnt": 1,
        "vrmsB1L12_or_L12": 0,
        "vrmsB2L12_or_L23": 0,
        "vrmsL31": 0,
    }
    row["lifetime"] = {}
    return device("nsrb", unit.serial, [row], active=True, gone=not unit.communicating)


def _relay_reported(moment: Moment) -> int:
    return moment.epoch - moment.epoch % 900


def _ac_stock(moment: Moment, unit: Unit, index: int) -> Row:
    report = ac_report(moment.plant, unit, index, moment.at)
    row = _stock(unit, 11, _AC_CHANNEL + 256 * index, report.at)
    row |= {
        "part_num": "800-00930-r03",
        "img_pnum_running": "520-00092-r01-v02.13.02",
        "ptpn": "540-00155-r01-v02.13.01",
    }
    if unit.removed:
        return row
    return (
        row
        | _alive(unit)
        | {
            "sleep_enabled": False,
            "percentFull": report.level,
            "maxCellTemp": 22 + round(abs(report.power) / 40),
            "sleep_min_soc": 25,
            "sleep_max_soc": 30,
            "charge_status": report.state,
        }
        | unit.says
    )


def _relay_stock(moment: Moment, unit: Unit, index: int) -> Row:
    channel_eid = _RELAY_CHANNEL + 256 * index
    row = _stock(unit, 12, channel_eid, _relay_reported(moment))
    row |= {
        "part_num": "800-00598-r04",
        "img_pnum_running": "520-00086-r01-v02.19.01",
        "ptpn": "540-00150-r01-v02.19.01",
    }
    if unit.removed:
        return row
    lines = {f"line{line}-connected": line == 1 for line in (1, 2, 3)}
    relay: Row = {
        "relay": "closed",
        "reason_code": 0,
        "reason": "ok",
        "line-count": 1,
    }
    return row | _alive(unit) | {"producing": False} | relay | lines | unit.says


def _stock(unit: Unit, kind: int, eid: int, reported: int) -> Row:
    return {
        "part_num": "",
        "installed": "1709280000",
        "serial_num": unit.serial,
        "device_status": ["envoy.global.ok"],
        "last_rpt_date": str(reported),
        "admin_state": 3 if unit.removed else 2,
        "dev_type": kind,
        "created_date": "1709280000",
        "img_load_date": "1709280000",
        "img_pnum_running": "",
        "ptpn": "",
        "chaneid": eid,
        "device_control": [{"gficlearset": False}],
    }


def _alive(unit: Unit) -> Row:
    return {
        "producing": unit.communicating,
        "communicating": unit.communicating,
        "provisioned": True,
        "operating": unit.communicating,
    }
