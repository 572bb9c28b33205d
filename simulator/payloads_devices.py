"""Inverters on the wire: v1 inverters, device_data and `/inventory`."""

from __future__ import annotations

from typing import Final

from .inverters import REPORT_SECONDS, Inverter
from .moment import Moment
from .payloads_meters import Flow, Meter, meters
from .payloads_units import ac_inverter_rows, ac_stock, relay_stock, unit_data
from .rows import Row, channel, device, removed

DEVICE_LIMIT: Final = 50
_FIRST_EID: Final = 553648384
_FIRST_CHANNEL: Final = 1627390225


def inverter_list(moment: Moment) -> list[Row]:
    """Return `/api/v1/production/inverters`: every unit, whatever their number."""
    rows: list[Row] = []
    for unit in moment.inverters.present:
        report = moment.inverters.report(unit, moment.at)
        rows.append(
            {
                "serialNumber": unit.serial,
                "lastReportDate": report.at,
                "devType": 1,
                "lastReportWatts": report.watts,
                "maxReportWatts": report.max_watts,
            }
        )
    return rows + ac_inverter_rows(moment)


def device_data(moment: Moment) -> Row:
    """Return `/ivp/pdm/device_data`: the first 50 devices, of whatever kind."""
    units = moment.inverters.units
    meter_rows = {
        str(meter.eid): _meter(moment, meter, f"{moment.serial}EIM{index}")
        for index, meter in enumerate(meters(moment), start=1)
    }
    others = unit_data(moment)
    # These come last, but have their place in the 50.
    room = DEVICE_LIMIT - len(meter_rows) - len(others)
    rows: Row = {
        str(_FIRST_EID + 256 * index): _inverter(moment, unit, index)
        for index, unit in enumerate(units[:room])
    }
    rows |= meter_rows | others
    rows["deviceCount"] = min(len(units) + len(meter_rows) + len(others), DEVICE_LIMIT)
    rows["deviceDataLimit"] = DEVICE_LIMIT
    return rows


def inventory(moment: Moment, *, deleted: bool) -> list[Row]:
    """Return `/inventory`; removed units only with `deleted=1`."""
    units = moment.inverters.units
    return [
        {
            "type": "PCU",
            "devices": [
                _stock(moment, unit, index)
                for index, unit in enumerate(units)
                if deleted or not unit.removed
            ],
        },
        {"type": "ACB", "devices": ac_stock(moment, deleted=deleted)},
        {"type": "NSRB", "devices": relay_stock(moment, deleted=deleted)},
    ]


def _inverter(moment: Moment, unit: Inverter, index: int) -> Row:
    channel_eid = _FIRST_CHANNEL + 256 * index
    if unit.removed:
        return device(
            "pcu", unit.serial, [removed(channel_eid)], active=False, gone=True
        )
    report = moment.inverters.report(unit, moment.at)
    asleep = moment.at - report.at > 3 * REPORT_SECONDS
    reading = _reading(channel_eid, report.at, report.joules, report.watts, moment)
    lifetime = {
        "createdTime": report.at,
        "duration": max(report.at - round(unit.since or 1_709_280_000), 0),
        "joulesProduced": report.lifetime_joules,
    }
    row = channel(
        channel_eid,
        report.at,
        (report.today, report.yesterday, report.week),
        (report.watts, 0, report.max_watts),
    )
    row |= {"lastReading": reading, "lifetime": lifetime}
    return device("pcu", unit.serial, [row], active=True, gone=asleep)


def _reading(eid: int, at: int, joules: int, watts: int, moment: Moment) -> Row:
    metering = moment.scenario.metering
    hertz = 50_000 if metering is None else round(metering.frequency * 1000)
    volts = 233_000 if metering is None else round(metering.voltage * 1000)
    if metering is not None and metering.phase_mode == "split":
        volts *= 2
    dc_millivolts = 36_000 + eid % 900
    return {
        "eid": eid,
        "interval_type": 0,
        "endDate": at,
        "duration": REPORT_SECONDS,
        "flags": 0,
        "flags_hex": "0x0000000000000000",
        "joulesProduced": joules,
        "acVoltageINmV": volts + eid % 700,
        "acFrequencyINmHz": hertz - eid % 13,
        "dcVoltageINmV": dc_millivolts,
        "dcCurrentINmA": round(watts * 1_030_000 / dc_millivolts),
        "channelTemp": 14 + watts // 14,
        "pwrConvErrSecs": 0,
        "pwrConvMaxErrCycles": 0,
        "joulesUsed": 0,
        "leadingVArs": 160,
        "laggingVArs": 20,
        "acCurrentInmA": round(watts * 1_000_000 / volts),
        "l1NAcVoltageInmV": 0,
        "l2NAcVoltageInmV": 0,
        "l3NAcVoltageInmV": 0,
        "rssi": 106,
        "issi": 70,
    }


def _meter(moment: Moment, meter: Meter, serial: str) -> Row:
    """Return a CT's row: a snapshot of the last quarter of an hour."""
    then = next(row for row in meters(moment.quarter) if row.eid == meter.eid)
    first = 1778385169 + 256 * ((meter.eid - 704643328) // 256)
    rows = [
        _meter_channel(first + index, flow, moment.quarter.epoch)
        for index, flow in enumerate(then.phases)
    ]
    for index in range(len(rows), 4):
        empty = channel(first + index, 0, (0, 0, 0), (0, 0, 0))
        rows.append(empty | {"lastReading": {}, "lifetime": {}})
    return device("eim", serial, rows, active=True, gone=True)


def _meter_channel(eid: int, flow: Flow, at: int) -> Row:
    watts = round(flow.power)
    # Negative watts come out as unsigned 32-bit numbers.
    now = watts if watts >= 0 else 2**32 + watts
    row = channel(eid, at, (0, 0, 0), (now, 0, 0))
    sums = {
        "wh_dlvd_cum": round(flow.delivered),
        "varh_lead_cum": 0,
        "varh_lag_cum": 0,
        "vah_cum": round((flow.delivered + flow.received) * 1.06),
    }
    row["lastReading"] = {
        "eid": eid,
        "interval_type": 0,
        "endDate": at,
        "duration": 900,
        "curr_w": watts,
        **sums,
        "rms_mvolt": round(flow.voltage * 1000),
        "rms_mamp": round(flow.apparent / flow.voltage * 1000),
        "freq_mhz": round(flow.frequency * 1000),
        "wh_pos": round(flow.delivered),
        "wh_neg": round(flow.received),
    }
    row["lifetime"] = {"createdTime": at, "duration": 34_730_100, **sums}
    return row


def _stock(moment: Moment, unit: Inverter, index: int) -> Row:
    report = moment.inverters.report(unit, moment.at)
    awake = moment.at - report.at <= 3 * REPORT_SECONDS and not unit.removed
    state: Row = {
        "producing": awake,
        "communicating": awake,
        "provisioned": True,
        "operating": awake,
    }
    row: Row = {
        "part_num": "800-01736-r02",
        "installed": "1709280000",
        "serial_num": unit.serial,
        "device_status": ["envoy.global.ok"],
        "last_rpt_date": str(report.at),
        "admin_state": 3 if unit.removed else 1,
        "dev_type": 1,
        "created_date": "1709280000",
        "img_load_date": "1709280000",
        "img_pnum_running": "520-00082-r01-v04.30.32",
        "ptpn": "540-00169-r01-v04.30.12",
        "chaneid": _FIRST_CHANNEL + 256 * index,
        "device_control": [{"gficlearset": False}],
    }
    return row if unit.removed else row | state | {"phase": "ph-a"}
