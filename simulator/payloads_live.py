"""What flows this second: a frame of `/stream/meter`, and `/ivp/livedata/status`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .moment import Moment
from .payloads_meters import CHANNELS, Flow, current_of, phase_flow

type Section = dict[str, dict[str, float]]
type Frame = dict[str, Section]
type Row = dict[str, object]

LETTERS: Final = ("a", "b", "c")
_UNUSED: Final = dict.fromkeys(("p", "q", "s", "v", "i", "pf", "f"), 0.0)


def frame(moment: Moment) -> Frame | None:
    """Return one frame of the stream; None without meters."""
    metering = moment.scenario.metering
    if metering is None:
        return None
    production = _flows(moment, "production")
    net = _flows(moment, "net-consumption")
    return {
        "production": section(production),
        "net-consumption": section(net),
        "total-consumption": section(load(production, net)),
    }


def section(flows: Sequence[Flow]) -> Section:
    """Write a CT's phases; there are always three, and those unused are all zero."""
    used = [_numbers(flow) for flow in flows]
    return {
        f"ph-{letter}": used[index] if index < len(used) else dict(_UNUSED)
        for index, letter in enumerate(LETTERS)
    }


def load(production: Sequence[Flow], net: Sequence[Flow]) -> list[Flow]:
    """Return what the gateway takes for the load: the sum of the rounded two."""
    return [
        Flow(
            power=round(round(one.power, 3) + round(other.power, 3), 3),
            voltage=other.voltage,
            frequency=other.frequency,
        )
        for one, other in zip(production, net, strict=True)
    ]


def livedata(moment: Moment) -> Row:
    """Return `/ivp/livedata/status` of a gateway that nobody has told to go on."""
    return {
        "connection": {
            "mqtt_state": "connected",
            "prov_state": "configured",
            "auth_state": "ok",
            "sc_stream": "disabled",
            "sc_debug": "disabled",
        },
        "meters": _meters(moment),
        "tasks": {"task_id": 0, "timestamp": 0},
        "counters": {},
        "info": "live data is off, these are the values from before",
    }


def _meters(moment: Moment) -> Row:
    metering, equipment = moment.scenario.metering, moment.equipment
    batteries, soc = equipment.of("battery"), moment.level
    capacity = sum(unit.capacity for unit in batteries)
    reserve = equipment.configured_reserve or 0.0
    return {
        # Without meters nothing is measured, so nothing is ever updated.
        "last_update": moment.epoch if metering else 0,
        "soc": soc,
        "main_relay_state": int(equipment.grid_state == "on_grid"),
        "gen_relay_state": 5,
        "backup_bat_mode": 1,
        "backup_soc": round(reserve) if batteries else 0,
        "is_split_phase": int(metering is not None and metering.phase_mode == "split"),
        "phase_count": metering.phase_count if metering else 0,
        "enc_agg_soc": soc,
        "enc_agg_energy": round(capacity * soc / 100),
        "acb_agg_soc": moment.ac_batteries.level,
        "acb_agg_energy": int(moment.ac_batteries.energy),
        **_sources(moment),
    }


def _sources(moment: Moment) -> Row:
    if moment.scenario.metering is None:
        names = ("pv", "storage", "grid", "load", "generator")
        return {name: _source([]) for name in names}
    pv = _milliwatts(_flows(moment, "production"))
    grid = _milliwatts(_flows(moment, "net-consumption"))
    storage = _milliwatts(_flows(moment, "storage"))
    house = [sum(parts) for parts in zip(pv, grid, storage, strict=True)]
    return {
        "pv": _source(pv),
        "storage": _source(storage),
        "grid": _source(grid),
        "load": _source(house),
        "generator": _source([]),
    }


def _source(phases: Sequence[int]) -> Row:
    values = [*phases, *[0] * (CHANNELS - len(phases))]
    by_phase = list(zip(LETTERS, values, strict=True))
    return {
        "agg_p_mw": sum(values),
        "agg_s_mva": sum(abs(value) for value in values),
        **{f"agg_p_ph_{letter}_mw": value for letter, value in by_phase},
        **{f"agg_s_ph_{letter}_mva": abs(value) for letter, value in by_phase},
    }


def _milliwatts(flows: Sequence[Flow]) -> list[int]:
    return [round(1000 * flow.power) for flow in flows]


def _flows(moment: Moment, kind: str) -> list[Flow]:
    metering = moment.scenario.metering
    if metering is None:
        return []
    return [
        phase_flow(moment, metering, kind, index)
        for index in range(metering.phase_count)
    ]


def _numbers(flow: Flow) -> dict[str, float]:
    power = round(flow.power, 3)
    apparent = flow.apparent if power >= 0 else -flow.apparent
    return {
        # A CT through which nothing flows says minus nothing.
        "p": power or -0.0,
        "q": round(flow.reactive, 3),
        "s": round(apparent, 3),
        "v": round(flow.voltage, 3),
        "i": round(current_of(flow), 3),
        "pf": round(flow.factor, 2) or 0.0,
        "f": round(flow.frequency, 2),
    }
