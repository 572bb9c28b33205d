"""Microinverters: each reports every five minutes, and falls silent in the dark."""

from __future__ import annotations

from dataclasses import dataclass
import math
import random
from typing import Final

from .plant import Plant

REPORT_SECONDS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class InverterReport:
    """What one inverter said last; energies in Wh unless named otherwise."""

    at: int
    joules: int
    watts: int
    max_watts: int
    lifetime_joules: int
    today: int
    yesterday: int
    week: int


@dataclass(slots=True, kw_only=True)
class Inverter:
    """One unit; `since` is when it was installed, 0 for the first ones."""

    serial: str
    share: float
    offset: int
    since: float
    removed: bool = False


class Inverters:
    """The inverters of a plant; units can be added and removed while it runs."""

    def __init__(self, plant: Plant) -> None:
        """Share the plant's production out, with small differences."""
        scenario = plant.scenario
        self._plant = plant
        source = random.Random(f"{scenario.seed}-inverters")
        count = scenario.inverter_count
        weights = [source.uniform(0.96, 1.04) for _ in range(count)]
        self.units = [
            Inverter(
                serial=str(scenario.inverter_serials_from + index * 13),
                share=weight / sum(weights),
                offset=index * 47 % REPORT_SECONDS,
                since=0.0,
            )
            for index, weight in enumerate(weights)
        ]

    @property
    def present(self) -> list[Inverter]:
        """Return the units that are installed now."""
        return [unit for unit in self.units if not unit.removed]

    def add(self, serial: str, *, at: float) -> Inverter:
        """Install another unit; it takes part from `at` on with an average yield.

        The meters know nothing of it: only the inverters' own figures grow. One that
        was taken away before begins anew.
        """
        mean = 1 / self._plant.scenario.inverter_count
        self.units = [u for u in self.units if u.serial != serial or not u.removed]
        unit = Inverter(serial=serial, share=mean, offset=0, since=at)
        self.units.append(unit)
        return unit

    def remove(self, serial: str) -> None:
        """Take a unit away; raises KeyError when there is none with this serial."""
        for unit in self.present:
            if unit.serial == serial:
                unit.removed = True
                return
        raise KeyError(serial)

    def produced(self, unit: Inverter, at: float) -> float:
        """Return a unit's energy in Wh up to `at`."""
        total = self._plant.produced(at) - self._plant.produced(unit.since)
        surplus = self._plant.scenario.inverter_surplus
        return max(total, 0.0) * unit.share * surplus

    def total(self, at: float) -> float:
        """Return the energy in Wh of all units as they last reported it."""
        return sum(
            self.produced(unit, self.reported_at(unit, at)) for unit in self.present
        )

    def reported_at(self, unit: Inverter, at: float) -> int:
        """Return the epoch of a unit's newest report."""
        slot = _slot(at, unit.offset)
        light = self._plant.last_light(slot)
        if light > slot - REPORT_SECONDS:
            return slot
        return _slot(light + REPORT_SECONDS - 1, unit.offset)

    def report(self, unit: Inverter, at: float) -> InverterReport:
        """Return a unit's newest report at epoch `at`."""
        then = self.reported_at(unit, at)
        lifetime = self.produced(unit, then)
        joules = (lifetime - self.produced(unit, then - REPORT_SECONDS)) * 3600
        today, yesterday, week = (
            self._plant.midnight(at, days_back=days) for days in (0, 1, 7)
        )
        start = self.produced(unit, today)
        before = self.produced(unit, yesterday)
        return InverterReport(
            at=then,
            joules=round(joules),
            watts=round(joules / REPORT_SECONDS),
            max_watts=round(self._plant.scenario.inverter_power * 0.9),
            lifetime_joules=round(lifetime * 3600),
            today=round(max(lifetime - start, 0.0)),
            yesterday=round(start - before),
            week=round(start - self.produced(unit, week)),
        )


def _slot(at: float, offset: int) -> int:
    return math.floor((at - offset) / REPORT_SECONDS) * REPORT_SECONDS + offset
