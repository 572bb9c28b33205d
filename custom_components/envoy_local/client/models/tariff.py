"""The tariff that the gateway knows: prices, and how the batteries are used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from .unknown import UnknownValue


class StorageMode(StrEnum):
    """What the batteries are for; old firmware writes `savings-mode` for economy."""

    BACKUP = "backup"
    SELF_CONSUMPTION = "self-consumption"
    ECONOMY = "economy"


class Weekday(StrEnum):
    """A day of the week as the tariff writes it, in the order of Python's numbers."""

    MONDAY = "Mon"
    TUESDAY = "Tue"
    WEDNESDAY = "Wed"
    THURSDAY = "Thu"
    FRIDAY = "Fri"
    SATURDAY = "Sat"
    SUNDAY = "Sun"


_WEEKDAYS: Final = tuple(Weekday)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSettings:
    """How the batteries are used; None for a site that never had any."""

    mode: StorageMode | None
    sub_mode: str | None
    """E.g. `prioritize-energy`; often blank."""
    reserve: float | None
    """Percent that is kept for an outage."""
    very_low_level: float | None
    """Percent."""
    charges_from_grid: bool | None
    follows_schedule: bool | None
    """`opt_schedules`: Enphase plans the battery, and what is set here is ignored.
    From firmware 8.2.42 on."""
    changed: int | None
    """Epoch second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A price, from a minute of the day until the day's next period."""

    id: str | None
    """E.g. `peak-1`, `period_1`, or `filler` for the rest of the day."""
    start: int
    """Minute of the day."""
    price: float | None
    """In the tariff's currency for a kWh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayType:
    """The periods of some days of the week."""

    days: frozenset[Weekday]
    periods: tuple[Period, ...]
    """By their start; none where any of them made no sense."""

    def at(self, minute: int) -> Period | None:
        """Return the period of a minute of such a day.

        The day's last one also holds before its first: a night rate from 22:00
        isn't written down a second time for 0:00.
        """
        begun = [period for period in self.periods if period.start <= minute]
        return begun[-1] if begun else next(reversed(self.periods), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """A part of the year, until the next season starts."""

    id: str | None
    start: tuple[int, int] | None
    """Month and day; None where it made no sense."""
    day_types: tuple[DayType, ...]

    def on(self, day: date) -> DayType | None:
        """Return what holds on a day."""
        weekday = _WEEKDAYS[day.weekday()]
        return next((kind for kind in self.day_types if weekday in kind.days), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """The prices of one direction, for a kWh."""

    flat: float | None
    """Where there are no seasons; zero on a gateway that was told no price."""
    seasons: tuple[Season, ...]

    def season_on(self, day: date) -> Season | None:
        """Return the season of a day; None where the seasons make no sense."""
        starts = [(each.start, each) for each in self.seasons if each.start]
        if len(starts) != len(self.seasons):
            # One season is all the year long, whenever it starts.
            return self.seasons[0] if len(self.seasons) == 1 else None
        starts.sort(key=lambda pair: pair[0])
        begun = [each for start, each in starts if start <= (day.month, day.day)]
        return begun[-1] if begun else next((s for _, s in reversed(starts)), None)

    def day_type_on(self, day: date) -> DayType | None:
        """Return the periods of a day."""
        season = self.season_on(day)
        return season.on(day) if season else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """`/admin/lib/tariff`."""

    currency: str | None
    """Its code, e.g. `EUR`."""
    imports: Prices
    exports: Prices
    storage: StorageSettings | None
    changed: int | None
    """Epoch second."""
    unknown: tuple[UnknownValue, ...] = ()
