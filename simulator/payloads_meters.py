"""`/ivp/meters` and what hangs below it: the native services behind the CTs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import math
from typing import Final

from .equipment import Ct, ExtraMeter
from .moment import Moment
from .scenarios import Metering

EID_PRODUCTION: Final = 704643328
EID_CONSUMPTION: Final = 704643584
EID_STORAGE: Final = 704643840
EID_PHANTOM: Final = 1023410688
_EXTRA_EIDS: Final[Mapping[ExtraMeter, int]] = {
    "storage": EID_STORAGE,
    "backfeed": 704644352,
    "load": 704644608,
    "evse": 704644864,
    "pv3p": 704645120,
}

CHANNELS: Final = 3
_FIRST_CHANNEL: Final = {
    EID_PRODUCTION: 1778385169,
    EID_CONSUMPTION: 1778385425,
    EID_STORAGE: 1778385681,
    704644352: 1778386193,
    704644608: 1778386449,
    704644864: 1778386705,
    704645120: 1778386961,
    EID_PHANTOM: 2097152513,
}

_STATES: Final = {True: "enabled", False: "disabled"}

# What a CT that is switched off still says, in W.
_NOISE: Final = -1.203

type Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What one CT, or one of its channels, measures: W and Wh in its own directions."""

    power: float = 0.0
    delivered: float = 0.0
    received: float = 0.0
    voltage: float = 0.0
    frequency: float = 0.0

    @property
    def reactive(self) -> float:
        """Return var: a little, and never exactly in step with the power."""
        return 0.0 if self.voltage == 0 else -18.0 - 0.03 * abs(self.power)

    @property
    def apparent(self) -> float:
        """Return VA."""
        return math.hypot(self.power, self.reactive)

    @property
    def factor(self) -> float:
        """Return the power factor, signed like the power."""
        return self.power / self.apparent if self.apparent else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One CT with its phases; `total` is the gateway's aggregate of them."""

    eid: int
    kind: str
    total: Flow
    phases: tuple[Flow, ...]


def meters(moment: Moment) -> list[Meter]:
    """Return the enabled CTs of a site; none without metering."""
    metering = moment.scenario.metering
    if metering is None:
        return []
    found = [
        _meter(moment, metering, EID_PRODUCTION, "production"),
        _meter(moment, metering, EID_CONSUMPTION, "net-consumption"),
    ]
    if metering.storage:
        found.append(_meter(moment, metering, EID_STORAGE, "storage"))
    known = {meter.kind for meter in found}
    extra = (kind for kind in _EXTRA_EIDS if kind in moment.equipment.cts)
    found += [
        _meter(moment, metering, _EXTRA_EIDS[kind], kind)
        for kind in extra
        if kind not in known
    ]
    return found


def meter_list(moment: Moment) -> list[Row]:
    """Return `/ivp/meters`."""
    metering, equipment = moment.scenario.metering, moment.equipment
    if metering is None:
        return []
    return [
        {
            "eid": meter.eid,
            "state": _STATES[_is_enabled(moment, metering, meter.kind)],
            "measurementType": meter.kind,
            "phaseMode": metering.phase_mode,
            "phaseCount": metering.phase_count,
            "meteringStatus": equipment.metering_status.get(meter.kind, "normal"),
            "statusFlags": list(equipment.status_flags.get(meter.kind, ())),
        }
        for meter in meters(moment)
    ]


def readings(moment: Moment) -> list[Row]:
    """Return `/ivp/meters/readings`, with the phantom meter of newer firmware."""
    rows = [_reading(meter, moment.epoch) for meter in meters(moment)]
    if rows and moment.firmware >= (8, 3, 1598):
        phantom = Meter(
            eid=EID_PHANTOM, kind="", total=Flow(), phases=(Flow(),) * CHANNELS
        )
        rows.append(_reading(phantom, moment.epoch - moment.epoch % 60))
    return rows


def reports(moment: Moment) -> list[Row]:
    """Return `/ivp/meters/reports`: two CTs, and the load that the gateway computes."""
    found = [meter for meter in meters(moment) if meter.kind not in _EXTRA_EIDS]
    rows = [_report(meter, moment.epoch) for meter in found]
    if found:
        rows.append(_report(computed_load(*found), moment.epoch))
    return rows


def phase_reading(moment: Moment, eid: int) -> list[Row]:
    """Return `/ivp/meters/gridReading` or `pvReading`."""
    for meter in meters(moment):
        if meter.eid == eid:
            return [{"channels": _phase_channels(meter)}]
    return []


def lines(moment: Moment) -> int:
    """Return how many lines a metered site has; 0 without meters."""
    metering = moment.scenario.metering
    return 0 if metering is None else metering.phase_count


def _meter(moment: Moment, metering: Metering, eid: int, kind: str) -> Meter:
    count = metering.phase_count
    phases = tuple(_phase(moment, metering, kind, index) for index in range(count))
    power, delivered, received = _values(moment, kind)
    total = Flow(
        power=power,
        delivered=delivered,
        received=received,
        voltage=sum(phase.voltage for phase in phases),
        frequency=phases[0].frequency,
    )
    return Meter(eid=eid, kind=kind, total=total, phases=phases)


def _is_enabled(moment: Moment, metering: Metering, kind: str) -> bool:
    ct = _extra(moment, kind)
    return kind not in metering.disabled and (ct is None or ct.enabled)


def _extra(moment: Moment, kind: str) -> Ct | None:
    found = (ct for name, ct in moment.equipment.cts.items() if name == kind)
    return next(found, None)


def _values(moment: Moment, kind: str) -> tuple[float, float, float]:
    metering, energy = moment.scenario.metering, moment.counters
    if metering is not None and not _is_enabled(moment, metering, kind):
        return _NOISE, 0.0, 0.0
    ct = _extra(moment, kind)
    if ct is not None and kind != "storage":
        energy_of_ct = ct.power * max(moment.at - ct.since, 0.0) / 3600
        return ct.power, max(energy_of_ct, 0.0), max(-energy_of_ct, 0.0)
    power = _power(moment, kind)
    if kind == "production":
        return power, energy.production, 12.975
    if kind == "storage":
        return power, energy.battery_discharge, energy.battery_charge
    return power, energy.grid_import, energy.grid_export


def _power(moment: Moment, kind: str) -> float:
    if kind == "production":
        return moment.power.production
    return moment.power.battery if kind == "storage" else moment.power.grid


def phase_flow(moment: Moment, metering: Metering, kind: str, index: int) -> Flow:
    """Return the power of one phase alone: much cheaper than with its energy."""
    net = kind == "net-consumption" and moment.power.grid_phases
    power = _power(moment, kind) * metering.pv_shares[index]
    if kind in metering.disabled:
        power = _NOISE
    elif net:
        power = moment.power.grid_phases[index]
    return Flow(
        power=power,
        voltage=_voltage(metering, moment.at, index),
        frequency=_frequency(metering, moment.at),
    )


def _phase(moment: Moment, metering: Metering, kind: str, index: int) -> Flow:
    power, delivered, received = _values(moment, kind)
    share = metering.pv_shares[index]
    values = power * share, delivered * share, received * share
    if kind == "net-consumption" and moment.power.grid_phases:
        values = (
            moment.power.grid_phases[index],
            moment.counters.import_phases[index],
            moment.counters.export_phases[index],
        )
    return Flow(
        power=values[0],
        delivered=values[1],
        received=values[2],
        voltage=_voltage(metering, moment.at, index),
        frequency=_frequency(metering, moment.at),
    )


def _voltage(metering: Metering, at: float, index: int) -> float:
    swing = math.sin(at / 97.0 + index * 2.1) + 0.4 * math.sin(at / 11.0 + index)
    return metering.voltage * (1 + 0.004 * swing)


def _frequency(metering: Metering, at: float) -> float:
    # The native service moves it in coarse steps.
    return metering.frequency + (0.062 if int(at / 40) % 5 == 0 else 0.0)


def computed_load(production: Meter, net: Meter) -> Meter:
    """Return the load meter that a gateway computes from its two CTs."""
    pairs = zip(production.phases, net.phases, strict=True)
    return Meter(
        eid=0,
        kind="total-consumption",
        total=_sum(production.total, net.total),
        phases=tuple(_sum(one, other) for one, other in pairs),
    )


def _sum(production: Flow, net: Flow) -> Flow:
    """Return production plus net: to the gateway, a charging battery consumes."""
    return Flow(
        power=production.power + net.power,
        delivered=production.delivered + net.delivered - net.received,
        voltage=net.voltage,
        frequency=net.frequency,
    )


def _reading(meter: Meter, timestamp: int) -> Row:
    current = sum(current_of(phase) for phase in meter.phases)
    first = _FIRST_CHANNEL[meter.eid]
    unused = _unused(meter)
    channels = [*meter.phases, *[unused] * (CHANNELS - len(meter.phases))]
    row = _numbers(meter.eid, timestamp, meter.total, current)
    row["channels"] = [
        _numbers(first + index, timestamp, flow, current_of(flow))
        for index, flow in enumerate(channels)
    ]
    return row


def _unused(meter: Meter) -> Flow:
    """Return a channel without CT; in a one-phase house it picks up some volts."""
    volts = 2.714 if len(meter.phases) == 1 else 0.0
    return Flow(voltage=volts, frequency=meter.total.frequency)


def current_of(flow: Flow) -> float:
    """Return A; none on an input that only picks up noise."""
    return flow.apparent / flow.voltage if flow.voltage > 50 else 0.0


def _numbers(eid: int, timestamp: int, flow: Flow, current: float) -> Row:
    live = flow.voltage > 50
    energy = flow.delivered + flow.received
    return {
        "eid": eid,
        "timestamp": timestamp,
        "actEnergyDlvd": round(flow.delivered, 3),
        "actEnergyRcvd": round(flow.received, 3),
        "apparentEnergy": round(energy * 1.06, 3),
        "reactEnergyLagg": round(energy * 0.21, 3),
        "reactEnergyLead": round(energy * 0.004, 3),
        "instantaneousDemand": round(flow.power, 3),
        "activePower": round(flow.power, 3),
        "apparentPower": round(flow.apparent if live else 0.0, 3),
        "reactivePower": round(flow.reactive if live else 0.0, 3),
        "pwrFactor": round(flow.factor if live else 0.0, 3),
        "voltage": round(flow.voltage, 3),
        "current": round(current, 3),
        "freq": round(flow.frequency, 3),
    }


def _report(meter: Meter, created: int) -> Row:
    current = sum(current_of(phase) for phase in meter.phases)
    return {
        "createdAt": created,
        "reportType": meter.kind,
        "cumulative": _cumulative(meter, meter.total, current),
        "lines": [
            _cumulative(meter, phase, current_of(phase)) for phase in meter.phases
        ],
    }


def _cumulative(meter: Meter, flow: Flow, current: float) -> Row:
    # The net report has no direction: delivered is import minus export.
    net = meter.kind == "net-consumption"
    delivered = flow.delivered - flow.received if net else flow.delivered
    received = 0.0 if net else flow.received
    energy = flow.delivered + flow.received
    return {
        "currW": round(flow.power, 3),
        "actPower": round(flow.power, 3),
        "apprntPwr": round(flow.apparent, 3),
        "reactPwr": round(flow.reactive, 3),
        "whDlvdCum": round(delivered, 3),
        "whRcvdCum": round(received, 3),
        "varhLagCum": round(energy * 0.21, 3),
        "varhLeadCum": round(energy * 0.004, 3),
        "vahCum": round(energy * 1.06, 3),
        "rmsVoltage": round(flow.voltage, 3),
        "rmsCurrent": round(current, 3),
        "pwrFactor": round(flow.factor, 2),
        "freqHz": round(flow.frequency, 2),
    }


def _phase_channels(meter: Meter) -> list[Row]:
    unused = [_unused(meter)] * (CHANNELS - len(meter.phases))
    return [
        {
            "phase": f"L{index + 1}",
            "activePower": round(flow.power, 3),
            **_reactive(meter, flow),
            "voltage": round(flow.voltage, 3),
            "current": round(current_of(flow), 3),
            "freq": round(flow.frequency, 3),
        }
        for index, flow in enumerate([*meter.phases, *unused])
    ]


def _reactive(meter: Meter, flow: Flow) -> Row:
    """Return the field that gridReading has and pvReading lacks."""
    if meter.eid == EID_PRODUCTION:
        return {}
    return {"reactivePower": round(flow.reactive if flow.voltage > 50 else 0.0, 3)}
