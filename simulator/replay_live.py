"""A frame of `/stream/meter`, made of the meters that a recording holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
import json
from typing import Any, Final

from .answers import Answer
from .payloads_live import LETTERS, Frame, Section

_FIELDS: Final = {
    "p": "activePower",
    "q": "reactivePower",
    "s": "apparentPower",
    "v": "voltage",
    "i": "current",
    "pf": "pwrFactor",
    "f": "freq",
}
_KINDS: Final = ("production", "net-consumption", "total-consumption")


def recorded_frame(recorded: Mapping[str, Answer]) -> Frame | None:
    """Return the frame; None where no CT was enabled that a stream tells of."""
    by_eid = {row.get("eid"): row for row in _rows(recorded, "/ivp/meters/readings")}
    found: Frame = {}
    for meter in _rows(recorded, "/ivp/meters"):
        reading = by_eid.get(meter.get("eid"))
        kind = meter.get("measurementType")
        if kind in _KINDS and meter.get("state") == "enabled" and reading:
            found[kind] = _section(reading)
    if "production" in found and "net-consumption" in found:
        found["total-consumption"] = _load(found)
    return found or None


def _rows(recorded: Mapping[str, Answer], path: str) -> Iterator[dict[str, Any]]:
    try:
        rows = json.loads(recorded[path].body)
    except (KeyError, ValueError):
        return
    if isinstance(rows, list):
        yield from (row for row in rows if isinstance(row, dict))


def _section(reading: Mapping[str, Any]) -> Section:
    """Write all channels: those that no phase is connected to aren't always zero."""
    channels: Sequence[Mapping[str, Any]] = reading.get("channels") or [reading]
    used = channels[: len(LETTERS)]
    unused: list[Mapping[str, Any]] = [{}] * (len(LETTERS) - len(used))
    return {
        f"ph-{letter}": {
            short: float(channel.get(name, 0.0)) for short, name in _FIELDS.items()
        }
        for letter, channel in zip(LETTERS, [*used, *unused], strict=True)
    }


def _load(found: Frame) -> Section:
    """Return production plus net, which is what a gateway calls the load."""
    production, net = found["production"], found["net-consumption"]
    return {
        phase: {**numbers, "p": round(production[phase]["p"] + numbers["p"], 3)}
        for phase, numbers in net.items()
    }
