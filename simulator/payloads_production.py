"""`/production.json`, `/api/v1/production` and `/ivp/pdm/energy`."""

from __future__ import annotations

import math
from typing import Final

from .moment import Moment
from .payloads_meters import Flow, Meter, computed_load, current_of, meters

# Firmware keeps joules in 32 bits: for the system below 8.2.4264, later per inverter.
WRAP_JOULES: Final = 2**32
_PER_INVERTER: Final = (8, 2, 4264)

type Row = dict[str, object]


def production_json(moment: Moment, *, details: bool) -> Row:
    """Return `/production.json`; `lines` only with `details=1`."""
    found = {meter.kind: meter for meter in meters(moment)}
    result: Row = {"production": [_inverters(moment)]}
    if found:
        production, net = found["production"], found["net-consumption"]
        ruby = _Block(moment, details=details)
        rows = [_inverters(moment), ruby.production(production)]
        result["production"] = rows
        result["consumption"] = [ruby.total(production, net), ruby.net(net)]
    result["storage"] = [_ac_batteries(moment)]
    return result


def api_production(moment: Moment) -> Row:
    """Return `/api/v1/production`: the meter, else the inverters, minutes ago."""
    return _energy(moment, metered=moment.scenario.metering is not None)


def pdm_energy(moment: Moment) -> Row:
    """Return `/ivp/pdm/energy`."""
    nothing = {
        "wattHoursToday": 0,
        "wattHoursSevenDays": 0,
        "wattHoursLifetime": 0,
        "wattsNow": 0,
    }
    metered = moment.scenario.metering is not None
    return {
        "production": {
            "pcu": _energy(moment, metered=False),
            "rgm": nothing,
            "eim": _energy(moment, metered=True) if metered else nothing,
        },
        "consumption": {"eim": _consumption(moment) if metered else nothing},
    }


def inverters_lifetime(moment: Moment) -> int:
    """Return the inverters' Wh as `/production.json` shows them, wraps included."""
    units = moment.inverters
    joules = [
        units.produced(unit, units.reported_at(unit, moment.at)) * 3600
        for unit in units.present
    ]
    if moment.firmware >= _PER_INVERTER:
        return round(sum(value % WRAP_JOULES for value in joules) / 3600)
    return round(sum(joules) % WRAP_JOULES / 3600)


def _inverters(moment: Moment) -> Row:
    units = moment.inverters
    reports = [units.report(unit, moment.at) for unit in units.present]
    return {
        "type": "inverters",
        "activeCount": len(reports),
        "readingTime": max((report.at for report in reports), default=0),
        "wNow": sum(report.watts for report in reports),
        "whLifetime": inverters_lifetime(moment),
    }


def _ac_batteries(moment: Moment) -> Row:
    """Return the storage block: AC Batteries alone, negative while they charge."""
    total = moment.ac_batteries
    row: Row = {
        "type": "acb",
        "activeCount": total.count,
        "readingTime": total.at,
        "wNow": round(total.power),
        # Rounded up here, and down in secctrl.
        "whNow": math.ceil(total.energy),
        "state": total.state,
    }
    return row | {"percentFull": total.level} if total.count else row


def _energy(moment: Moment, *, metered: bool) -> Row:
    then = moment.quarter
    units, produced = moment.inverters, moment.plant.produced
    if metered:
        factor, lifetime = 1.0, produced(then.at)
        watts = then.power.production
    else:
        factor, lifetime = moment.scenario.inverter_surplus, units.total(moment.at)
        watts = sum(units.report(unit, moment.at).watts for unit in units.present)
    return {
        "wattHoursToday": _whole(lifetime - produced(moment.day_start) * factor),
        "wattHoursSevenDays": _whole(lifetime - produced(moment.week_start) * factor),
        "wattHoursLifetime": _whole(lifetime),
        "wattsNow": round(watts),
    }


def _consumption(moment: Moment) -> Row:
    then = moment.quarter
    return {
        "wattHoursToday": _whole(_load(then) - _load_at(moment, moment.day_start)),
        "wattHoursSevenDays": 0,
        "wattHoursLifetime": _whole(_load(then)),
        "wattsNow": round(then.power.production + then.power.grid),
    }


def _load(moment: Moment) -> float:
    """Return what the gateway takes for consumption: production + import − export."""
    energy = moment.counters
    return energy.production + energy.grid_import - energy.grid_export


def _load_at(moment: Moment, at: float) -> float:
    return _load(moment.earlier(moment.at - at))


def _whole(value: float) -> int:
    return max(int(value), 0)


class _Block:
    """The eim blocks: numbers of the meters, with the sums that only Ruby keeps."""

    def __init__(self, moment: Moment, *, details: bool) -> None:
        self._moment = moment
        self._details = details
        self._day = moment.earlier(moment.at - moment.day_start)
        self._week = moment.earlier(moment.at - moment.week_start)

    def production(self, meter: Meter) -> Row:
        day, week = (then.counters.production for then in (self._day, self._week))
        return self._block(meter, day, week)

    def total(self, production: Meter, net: Meter) -> Row:
        day, week = (_load(then) for then in (self._day, self._week))
        return self._block(computed_load(production, net), day, week)

    def net(self, meter: Meter) -> Row:
        """Return the net block: import − export, and no sums at all."""
        row = self._row(meter, meter.total) | _net(meter.total)
        if self._details:
            row["lines"] = [
                _flow(flow, current_of(flow)) | _net(flow) for flow in meter.phases
            ]
        return row

    def _block(self, meter: Meter, day: float, week: float) -> Row:
        row = self._row(meter, meter.total) | _sums(meter.total.delivered, day, week)
        if self._details:
            whole = meter.total.delivered or 1.0
            shares = [flow.delivered / whole for flow in meter.phases]
            row["lines"] = [
                _flow(flow, current_of(flow))
                | _sums(flow.delivered, day * share, week * share)
                for flow, share in zip(meter.phases, shares, strict=True)
            ]
        return row

    def _row(self, meter: Meter, flow: Flow) -> Row:
        head: Row = {
            "type": "eim",
            "activeCount": 1,
            "measurementType": meter.kind,
            "readingTime": self._moment.epoch,
        }
        current = sum(current_of(phase) for phase in meter.phases)
        return head | _flow(flow, current)


def _sums(now: float, day: float, week: float) -> Row:
    """Return today and seven days: lifetime minus whole-number snapshots."""
    today, seven = max(now - int(day), 0.0), max(now - int(week), 0.0)
    return {
        "whToday": round(today, 3),
        "whLastSevenDays": round(seven, 3),
        "vahToday": round(today * 1.06, 3),
        "varhLeadToday": round(today * 0.004, 3),
        "varhLagToday": round(today * 0.21, 3),
    }


def _net(flow: Flow) -> Row:
    nothing: Row = dict.fromkeys(_sums(0.0, 0.0, 0.0), 0)
    return {"whLifetime": round(flow.delivered - flow.received, 3)} | nothing


def _flow(flow: Flow, current: float) -> Row:
    energy = flow.delivered + flow.received
    return {
        "wNow": round(flow.power, 3),
        "whLifetime": round(flow.delivered, 3),
        "varhLeadLifetime": round(energy * 0.004, 3),
        "varhLagLifetime": round(energy * 0.21, 3),
        "vahLifetime": round(energy * 1.06, 3),
        "rmsCurrent": round(current, 3),
        "rmsVoltage": round(flow.voltage, 3),
        "reactPwr": round(flow.reactive, 3),
        "apprntPwr": round(flow.apparent, 3),
        "pwrFactor": round(flow.factor, 2),
    }
