"""Imports the simulated plant's past as statistics of the integration's sensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from homeassistant.components.recorder.db_schema import Statistics, StatisticsShortTerm
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.const import UnitOfEnergy, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util

from simulator import SCENARIOS, Plant, PlantCounters, PlantPower

from .configuration import HomeSettings
from .energy import sensor_of, shown_by

WEEK = timedelta(days=7)
LENGTH = {Statistics: WEEK, StatisticsShortTerm: timedelta(days=1)}
SAMPLES = 5
"""Moments of a step that its mean is taken from."""

ENERGY: dict[str, Callable[[PlantCounters], float]] = {
    "production_energy": lambda counters: counters.production,
    "consumption_energy": lambda counters: counters.consumption,
    "grid_import_energy": lambda counters: counters.grid_import,
    "grid_export_energy": lambda counters: counters.grid_export,
    "battery_charge_energy": lambda counters: counters.battery_charge,
    "battery_discharge_energy": lambda counters: counters.battery_discharge,
}
POWER: dict[str, Callable[[PlantPower], float]] = {
    "production_power": lambda power: power.production,
    "consumption_power": lambda power: power.consumption,
    "grid_power": lambda power: power.grid,
    "battery_power": lambda power: power.battery,
}

type Table = type[Statistics | StatisticsShortTerm]


COMPILES_AFTER = timedelta(seconds=11)
"""When the recorder is sure to have worked a step out: until then, it does so itself,
and finds a row that we imported in its way."""


async def import_past(hass: HomeAssistant, home: HomeSettings) -> None:
    """Import hours of the past week and five-minute steps of the past day."""
    if home.scenario is None:
        return
    past = _Past(
        hass=hass,
        serial=home.serial,
        plant=Plant(SCENARIOS[home.scenario], timezone=home.timezone),
        now=dt_util.utcnow().replace(microsecond=0),
    )
    past.import_steps(Statistics, timedelta(hours=1))
    past.import_steps(StatisticsShortTerm, timedelta(minutes=5))
    await get_instance(hass).async_block_till_done()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """The plant's past, on its way into the recorder."""

    hass: HomeAssistant
    serial: str
    plant: Plant
    now: datetime

    def import_steps(self, table: Table, step: timedelta) -> None:
        """Import every whole step of the past that its table is for."""
        starts = list(_steps(self.now - COMPILES_AFTER, step, LENGTH[table]))
        for key, counter in ENERGY.items():
            entity_id = sensor_of(self.hass, self.serial, key)
            shown = shown_by(self.hass, entity_id)
            if entity_id and shown is not None:
                rows = self._sums(counter, shown, starts, step)
                if table is StatisticsShortTerm:
                    rows[-1] = self._sum(counter, shown, starts[-1], self.now)
                self._import(_energy_metadata(entity_id), rows, table)
        for key, read in POWER.items():
            if entity_id := sensor_of(self.hass, self.serial, key):
                rows = [self._mean(read, start, step) for start in starts]
                self._import(_power_metadata(entity_id), rows, table)

    def _import(
        self, metadata: StatisticMetaData, rows: list[StatisticData], table: Table
    ) -> None:
        get_instance(self.hass).async_import_statistics(metadata, rows, table)

    def _sums(
        self,
        counter: Callable[[PlantCounters], float],
        shown: float,
        starts: list[datetime],
        step: timedelta,
    ) -> list[StatisticData]:
        return [self._sum(counter, shown, start, start + step) for start in starts]

    def _sum(
        self,
        counter: Callable[[PlantCounters], float],
        shown: float,
        start: datetime,
        at: datetime,
    ) -> StatisticData:
        """Give a step's state and sum in kWh, as they were at that moment.

        The recorder goes on from the last five minutes. Their state is what the
        sensor shows now, so that imported and recorded energy meet without a jump.
        """
        kwh = self._kwh(counter, at)
        return {
            "start": start,
            "state": shown - self._kwh(counter, self.now) + kwh,
            "sum": kwh - self._kwh(counter, _hour_of(self.now) - WEEK),
        }

    def _kwh(self, counter: Callable[[PlantCounters], float], at: datetime) -> float:
        return counter(self.plant.counters(at.timestamp())) / 1000

    def _mean(
        self, read: Callable[[PlantPower], float], start: datetime, step: timedelta
    ) -> StatisticData:
        moments = [start + step * n / SAMPLES for n in range(SAMPLES)]
        watts = [read(self.plant.power(moment.timestamp())) for moment in moments]
        mean = sum(watts) / len(watts)
        return {"start": start, "mean": mean, "min": min(watts), "max": max(watts)}


def _hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0)


def _steps(now: datetime, step: timedelta, length: timedelta) -> Iterator[datetime]:
    """Yield the beginning of every whole step of the past, oldest first."""
    end = now - (now - _hour_of(now)) % step
    yield from (end - step * back for back in range(length // step, 0, -1))


def _energy_metadata(entity_id: str) -> StatisticMetaData:
    return _metadata(
        has_mean=False,
        mean_type=StatisticMeanType.NONE,
        has_sum=True,
        statistic_id=entity_id,
        unit_class="energy",
        unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    )


def _power_metadata(entity_id: str) -> StatisticMetaData:
    return _metadata(
        has_mean=True,
        mean_type=StatisticMeanType.ARITHMETIC,
        has_sum=False,
        statistic_id=entity_id,
        unit_class="power",
        unit_of_measurement=UnitOfPower.WATT,
    )


def _metadata(**fields: object) -> StatisticMetaData:
    """Describe a statistic; the oldest supported version has no unit class."""
    known = StatisticMetaData.__annotations__
    fields |= {"name": None, "source": "recorder"}
    described = {name: value for name, value in fields.items() if name in known}
    return cast("StatisticMetaData", described)
