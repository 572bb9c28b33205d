"""The price of a moment, and when the next one begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from .tariff import Prices

_LONGEST_YEAR: Final = 366
_DAY: Final = 86400
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price, and the period that it belongs to."""

    price: float
    """In the tariff's currency for a kWh."""
    period: str | None
    """None where one price holds at all times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """When the price or its period changes, and to what."""

    at: datetime
    to: Price | None
    """None where the tariff says nothing of the time from then on."""


def price_at(prices: Prices, moment: datetime) -> Price | None:
    """Return the price of a moment, given in the local time of the site.

    None where the gateway was told no price: its only price is 0 then.
    """
    return _price(prices, moment.date(), moment.hour * 60 + moment.minute)


def next_change(prices: Prices, moment: datetime) -> PriceChange | None:
    """Return the next change within a year after a moment with a time zone.

    None where nothing changes. The tariff goes by the wall clock: an hour that
    comes twice has its periods twice, one that is skipped has none.
    """
    if moment.tzinfo is None:
        raise ValueError("A price changes at a moment that has a time zone")
    now = price_at(prices, moment)
    for days in range(_LONGEST_YEAR + 1 if prices.seasons else 0):
        day = moment.date() + timedelta(days=days)
        if days and _all_of(prices, day) == {now}:
            continue
        for at in _changes_of(prices, day, moment):
            then = price_at(prices, at)
            if at.timestamp() > moment.timestamp() and then != now:
                return PriceChange(at=at, to=then)
    return None


def _price(prices: Prices, day: date, minute: int) -> Price | None:
    if not prices.seasons:
        return Price(price=prices.flat, period=None) if prices.flat else None
    kind = prices.day_type_on(day)
    period = kind.at(minute) if kind else None
    if period is None or period.price is None:
        return None
    return Price(price=period.price, period=period.id)


def _boundaries(prices: Prices, day: date) -> list[int]:
    """Return the minutes of a day at which a period can begin."""
    kind = prices.day_type_on(day)
    return sorted({0, *(period.start for period in (kind.periods if kind else ()))})


def _all_of(prices: Prices, day: date) -> set[Price | None]:
    """Return the different prices of a day."""
    return {_price(prices, day, minute) for minute in _boundaries(prices, day)}


def _changes_of(prices: Prices, day: date, moment: datetime) -> list[datetime]:
    """Return the moments of a day at which the price can change, in their order."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=moment.tzinfo)
    walls = [midnight + timedelta(minutes=m) for m in _boundaries(prices, day)]
    twice = [wall.replace(fold=fold) for wall in walls for fold in (0, 1)]
    real = [wall for wall in twice if _exists(wall)]
    return sorted((*real, *_clock_changes(midnight)), key=datetime.timestamp)


def _exists(wall: datetime) -> bool:
    """Whether the clock ever shows this: not when it is put forward over it."""
    shown = datetime.fromtimestamp(wall.timestamp(), wall.tzinfo)
    return shown.replace(tzinfo=None) == wall.replace(tzinfo=None) and (
        shown.fold == wall.fold
    )


def _clock_changes(midnight: datetime) -> list[datetime]:
    """Return the moments of a day at which its clock is put forward or back."""
    start = int(midnight.timestamp())
    end = int((midnight + timedelta(days=1)).timestamp())
    if end - start == _DAY:
        return []
    # From the minute before: some countries put the clock forward at midnight.
    minutes = range(start - _MINUTE, end + _MINUTE, _MINUTE)
    shown = [datetime.fromtimestamp(minute, midnight.tzinfo) for minute in minutes]
    return [
        after
        for before, after in pairwise(shown)
        if before.utcoffset() != after.utcoffset()
    ]
