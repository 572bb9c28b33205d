"""AC Batteries: full by the afternoon, empty by the night; reports every 900 s."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
import math
from typing import Final

from .equipment import Equipment, Unit
from .plant import Plant

REPORT_SECONDS: Final = 900
_LOWEST: Final = 0.2
_SWING: Final = 0.6
_ONE_WAY: Final = 0.95
_HOURS: Final = 4.0
_CHARGE_FROM: Final = 10.0
_DISCHARGE_FROM: Final = 18.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AcReport:
    """What one AC Battery said last: its level in %, joules out of it and into it."""

    at: int
    level: int
    joules_produced: int
    joules_used: int
    lifetime_produced: int
    lifetime_used: int

    @property
    def power(self) -> float:
        """Return W, + = discharge."""
        return (self.joules_produced - self.joules_used) / REPORT_SECONDS

    @property
    def state(self) -> str:
        """Return the gateway's word for what it does."""
        if self.joules_used > self.joules_produced:
            return "charging"
        return "discharging" if self.joules_produced else "idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcTotal:
    """All AC Batteries together: W (+ = discharge), Wh, and the newest report."""

    count: int
    at: int
    power: float
    energy: float
    level: int
    state: str


def ac_report(plant: Plant, unit: Unit, index: int, at: float) -> AcReport:
    """Return the newest report of the unit with this place in the list."""
    offset = index * 151 % REPORT_SECONDS
    slot = math.floor((at - offset) / REPORT_SECONDS) * REPORT_SECONDS + offset
    out, into = _lifetime(plant, unit, slot)
    out_before, into_before = _lifetime(plant, unit, slot - REPORT_SECONDS)
    return AcReport(
        at=slot,
        level=round(100 * _level(plant, slot)),
        joules_produced=out - out_before,
        joules_used=into - into_before,
        lifetime_produced=out,
        lifetime_used=into,
    )


def ac_reports(
    plant: Plant, equipment: Equipment, at: float
) -> list[tuple[Unit, AcReport]]:
    """Return the units that are installed, each with its newest report."""
    return [
        (unit, ac_report(plant, unit, index, at))
        for index, unit in enumerate(equipment.known("ac_battery"))
        if not unit.removed
    ]


def ac_total(plant: Plant, equipment: Equipment, at: float) -> AcTotal:
    """Return the sum of all units; zeros without any."""
    found = ac_reports(plant, equipment, at)
    power = sum(report.power for _, report in found)
    state = "charging" if power < 0 else "discharging"
    return AcTotal(
        count=len(found),
        at=max((report.at for _, report in found), default=0),
        power=power,
        energy=sum(unit.capacity * report.level / 100 for unit, report in found),
        level=sum(report.level for _, report in found) // max(len(found), 1),
        state=state if power else "idle",
    )


def _lifetime(plant: Plant, unit: Unit, at: float) -> tuple[int, int]:
    """Return the joules that came out of a unit and went into it since it is there."""
    out = into = 0.0
    for epoch, sign in ((at, 1), (max(unit.since, 0.0), -1)):
        days, hours = _days(plant, epoch)
        out += sign * (days + _part(hours, _DISCHARGE_FROM))
        into += sign * (days + _part(hours, _CHARGE_FROM))
    joules = unit.capacity * _SWING * 3600
    return (
        round(max(out, 0.0) * joules * _ONE_WAY),
        round(max(into, 0.0) * joules / _ONE_WAY),
    )


def _level(plant: Plant, at: float) -> float:
    _, hours = _days(plant, at)
    filled = _part(hours, _CHARGE_FROM) - _part(hours, _DISCHARGE_FROM)
    return _LOWEST + _SWING * filled


def _days(plant: Plant, at: float) -> tuple[int, float]:
    """Return the whole local days since commissioning, none before, and the hours."""
    day = datetime.fromtimestamp(at, tz=UTC).astimezone(plant.zone).date()
    days = (day - plant.scenario.commissioned).days
    return (days, (at - plant.midnight(at)) / 3600) if days >= 0 else (0, 0.0)


def _part(hours: float, start: float) -> float:
    return min(max((hours - start) / _HOURS, 0.0), 1.0)
