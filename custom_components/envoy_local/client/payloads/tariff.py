"""`/admin/lib/tariff`: prices, and how the batteries are used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from ..exceptions import EnvoyResponseError
from ..models.tariff import (
    DayType,
    Period,
    Prices,
    Season,
    StorageMode,
    StorageSettings,
    Tariff,
    Weekday,
)
from .choices import Choices
from .epochs import written_epoch
from .fields import (
    Row,
    decode_object,
    flag,
    integer,
    mapping,
    number,
    rows,
    text,
)

_TARIFF: Final = "/admin/lib/tariff"
_PARTS: Final = frozenset({"currency", "storage_settings", "single_rate", "seasons"})
_MODE_SPELLINGS: Final = {
    "savings-mode": StorageMode.ECONOMY,
    "savings": StorageMode.ECONOMY,
}
_MINUTES_OF_A_DAY: Final = 1440
_LEAP_YEAR: Final = 2024


def parse_tariff(body: bytes) -> Tariff:
    """Read the tariff; a gateway that was told none has zeros in it."""
    tariff = mapping(decode_object(body, _TARIFF), "tariff")
    if not tariff.keys() & _PARTS:
        raise EnvoyResponseError(f"{_TARIFF} holds no tariff")
    choices = Choices(_TARIFF)
    single = mapping(tariff, "single_rate")
    return Tariff(
        currency=text(mapping(tariff, "currency"), "code"),
        imports=Prices(
            flat=number(single, "rate"), seasons=_seasons(tariff, "seasons", choices)
        ),
        exports=Prices(
            flat=number(single, "sell"),
            seasons=_seasons(tariff, "seasons_sell", choices),
        ),
        storage=_storage(mapping(tariff, "storage_settings"), choices),
        changed=written_epoch(tariff, "date"),
        unknown=choices.unknown,
    )


def _storage(row: Row, choices: Choices) -> StorageSettings | None:
    if not row:
        return None
    return StorageSettings(
        mode=choices.read(row, "mode", StorageMode, also=_MODE_SPELLINGS),
        sub_mode=text(row, "operation_mode_sub_type"),
        reserve=number(row, "reserved_soc"),
        very_low_level=number(row, "very_low_soc"),
        charges_from_grid=flag(row, "charge_from_grid"),
        follows_schedule=flag(row, "opt_schedules"),
        changed=written_epoch(row, "date"),
    )


def _seasons(tariff: Row, key: str, choices: Choices) -> tuple[Season, ...]:
    return tuple(
        Season(
            id=text(row, "id"),
            start=_month_and_day(text(row, "start")),
            day_types=tuple(_day_type(day, choices) for day in rows(row.get("days"))),
        )
        for row in rows(tariff.get(key))
    )


def _day_type(row: Row, choices: Choices) -> DayType:
    names = (text(row, "days") or "").split(",")
    days = (choices.one(name, "days", Weekday) for name in names)
    return DayType(
        days=frozenset(day for day in days if day), periods=_periods(row.get("periods"))
    )


def _periods(value: object) -> tuple[Period, ...]:
    """Read the periods of a day, all of them or none.

    Without one that makes no sense the others would seem to last longer.
    """
    listed = value if isinstance(value, list) else []
    periods = [_period(row) for row in listed if isinstance(row, Mapping)]
    known = [period for period in periods if period]
    if len(known) != len(listed):
        return ()
    return tuple(sorted(known, key=lambda period: period.start))


def _period(row: Row) -> Period | None:
    start = integer(row, "start")
    if start is None or not 0 <= start < _MINUTES_OF_A_DAY:
        return None
    return Period(id=text(row, "id"), start=start, price=number(row, "rate"))


def _month_and_day(start: str | None) -> tuple[int, int] | None:
    """Read `6/1`, the first of June."""
    parts = (start or "").split("/")
    if len(parts) != len(("month", "day")) or not all(map(_is_small_number, parts)):
        return None
    month, day = map(int, parts)
    try:
        date(_LEAP_YEAR, month, day)
    except ValueError:
        return None
    return month, day


def _is_small_number(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) <= len("31")
