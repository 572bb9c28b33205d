"""`/admin/lib/tariff`: prices that the owner told the cloud, storage settings."""

from __future__ import annotations

from typing import Final

from .equipment import TariffSettings
from .moment import Moment

type Row = dict[str, object]

_DATE: Final = "1709280000"
_WEEK: Final = "Mon,Tue,Wed,Thu,Fri,Sat,Sun"
_WORKDAYS: Final = "Mon,Tue,Wed,Thu,Fri"
_WEEKEND: Final = "Sat,Sun"


def tariff(moment: Moment) -> Row:
    """Return the whole answer; prices are dearer in the evening."""
    asked = moment.equipment.tariff
    configured = moment.equipment.configured_reserve
    reserve = 30.0 if configured is None else configured
    settings = {
        "mode": asked.mode,
        "operation_mode_sub_type": "",
        "reserved_soc": reserve,
        "very_low_soc": 5,
        "charge_from_grid": asked.charges_from_grid,
        "date": _DATE,
        "opt_schedules": asked.follows_schedule,
    }
    return {
        "tariff": {
            "currency": {"code": moment.scenario.currency},
            "logger": "mylogger",
            "date": _DATE,
            "storage_settings": settings,
            "single_rate": {"rate": asked.rate, "sell": asked.sell},
            "seasons": _seasons(asked),
            "seasons_sell": _seasons_sell(asked),
        },
        "schedule": _schedule(asked, reserve),
    }


def _schedule(asked: TariffSettings, reserve: float) -> Row:
    return {
        "filename": "Tariff",
        "source": "Tariff",
        "date": "2024-03-01 08:00:00 UTC",
        "version": "00.00.02",
        "reserved_soc": reserve,
        "very_low_soc": 5,
        "charge_from_grid": asked.charges_from_grid,
        "batt_mode": asked.mode,
        "battery_mode": asked.mode,
        "operation_mode_sub_type": "",
        "opt_schedules": asked.follows_schedule,
        "override": False,
        "override_backup_soc": 30.0,
        "override_chg_dischg_rate": 0.0,
        "override_tou_mode": "StorageTouMode_DEFAULT_TOU_MODE",
        "schedule": {},
    }


def _seasons(asked: TariffSettings) -> list[Row]:
    low = asked.rate
    if asked.seasons == "none":
        return []
    evening = _periods(("filler", 0, low), ("peak-1", 960, 0.38), ("filler", 1260, low))
    if asked.seasons == "one":
        return [_season("all_year_long", "1/1", [_day("all_days", _WEEK, evening)])]
    cold = round(low + 0.05, 3)
    morning = _periods(
        ("filler", 0, cold), ("peak-1", 360, 0.44), ("filler", 600, cold)
    )
    flat = _periods(("filler", 0, low))
    return [
        _season(
            "summer",
            "6/1",
            [_day("weekdays", _WORKDAYS, evening), _day("weekend", _WEEKEND, flat)],
        ),
        _season("winter", "10/1", [_day("all_days", _WEEK, morning)]),
    ]


def _seasons_sell(asked: TariffSettings) -> list[Row]:
    if asked.seasons != "two":
        return []
    noon = _periods(
        ("filler", 0, asked.sell), ("peak-1", 660, 0.02), ("filler", 900, asked.sell)
    )
    return [_season("all_year_long", "1/1", [_day("all_days", _WEEK, noon)])]


def _season(name: str, start: str, days: list[Row]) -> Row:
    return {"id": name, "start": start, "days": days, "tiers": []}


def _day(name: str, days: str, periods: list[Row]) -> Row:
    return {
        "id": name,
        "days": days,
        "must_charge_start": 0,
        "must_charge_duration": 0,
        "must_charge_mode": "CG",
        "peak_rule": "DL",
        "enable_discharge_to_grid": False,
        "periods": periods,
    }


def _periods(*parts: tuple[str, int, float]) -> list[Row]:
    """Return periods from their id, minute of the day and price."""
    return [{"id": name, "start": at, "rate": rate} for name, at, rate in parts]
