"""`/admin/lib/tariff`: what it says, field by field."""

from __future__ import annotations

import pytest

from custom_components.envoy_local.client.exceptions import EnvoyResponseError
from custom_components.envoy_local.client.models.tariff import (
    Period,
    StorageMode,
    StorageSettings,
    Tariff,
    Weekday,
)
from custom_components.envoy_local.client.payloads.tariff import parse_tariff

from .gateway_samples import TARIFF
from .recorded import recorded
from .samples import body

PATH = "/admin/lib/tariff"


def storage_of(**values: object) -> StorageSettings:
    tariff = parse_tariff(body({"tariff": {"storage_settings": values}}))
    assert tariff.storage
    return tariff.storage


def tariff_with(season: object) -> Tariff:
    return parse_tariff(body({"tariff": {"seasons": [season]}}))


def test_tariff() -> None:
    tariff = parse_tariff(body(TARIFF))
    assert tariff.currency == "EUR"
    assert tariff.changed == 1760000000
    assert (tariff.imports.flat, tariff.exports.flat) == (0.25, 0.08)
    assert tariff.exports.seasons == ()
    assert tariff.unknown == ()
    summer, winter = tariff.imports.seasons
    assert (summer.id, summer.start) == ("summer", (6, 1))
    assert (winter.id, winter.start) == ("winter", (10, 1))
    weekdays, weekend = summer.day_types
    assert weekdays.days == set(Weekday) - {Weekday.SATURDAY, Weekday.SUNDAY}
    assert weekdays.periods == (
        Period(id="day", start=480, price=0.31),
        Period(id="night", start=1320, price=0.12),
    )
    assert weekend.days == {Weekday.SATURDAY, Weekday.SUNDAY}


def test_storage_settings() -> None:
    assert parse_tariff(body(TARIFF)).storage == StorageSettings(
        mode=StorageMode.SELF_CONSUMPTION,
        sub_mode="prioritize-energy",
        reserve=20,
        very_low_level=5,
        charges_from_grid=True,
        follows_schedule=False,
        changed=1760000500,
    )


@pytest.mark.parametrize(
    ("wire", "mode"),
    [
        ("backup", StorageMode.BACKUP),
        ("self-consumption", StorageMode.SELF_CONSUMPTION),
        ("economy", StorageMode.ECONOMY),
        ("savings-mode", StorageMode.ECONOMY),
        ("Backup", StorageMode.BACKUP),
        ("moonlight", None),
        ("", None),
    ],
)
def test_modes(wire: str, mode: StorageMode | None) -> None:
    assert storage_of(mode=wire).mode is mode


@pytest.mark.parametrize("settings", [None, {}, [], "none"])
def test_a_site_without_batteries_has_no_storage_settings(settings: object) -> None:
    answer = {"tariff": {"storage_settings": settings, "currency": {"code": "EUR"}}}
    assert parse_tariff(body(answer)).storage is None


@pytest.mark.parametrize(
    "answer", [{}, {"tariff": None}, {"tariff": {}}, {"tariff": {"logger": "x"}}, []]
)
def test_something_else_is_no_tariff(answer: object) -> None:
    with pytest.raises(EnvoyResponseError):
        parse_tariff(body(answer))


@pytest.mark.parametrize(
    ("start", "read"),
    [
        ("1/1", (1, 1)),
        ("2/29", (2, 29)),
        ("12/31", (12, 31)),
        ("2/30", None),
        ("13/1", None),
        ("0/1", None),
        ("6", None),
        ("6/1/2", None),
        ("²/1", None),
        ("-1/1", None),
        ("999999999/1", None),
        ("", None),
        (6, None),
    ],
)
def test_the_start_of_a_season(start: object, read: tuple[int, int] | None) -> None:
    (season,) = tariff_with({"start": start}).imports.seasons
    assert season.start == read


@pytest.mark.parametrize(
    ("days", "read"),
    [
        ("Sat,Sun", {Weekday.SATURDAY, Weekday.SUNDAY}),
        ("mon, TUE ,Wed", {Weekday.MONDAY, Weekday.TUESDAY, Weekday.WEDNESDAY}),
        ("Sat,Holiday", {Weekday.SATURDAY}),
        ("", set()),
        (None, set()),
    ],
)
def test_the_days_of_the_week(days: object, read: set[Weekday]) -> None:
    (season,) = tariff_with({"days": [{"days": days}]}).imports.seasons
    assert season.day_types[0].days == read


@pytest.mark.parametrize(
    "wrong",
    [{"start": 1440}, {"start": -1}, {"start": "8"}, {"start": 0.5}, {}, 8, None],
)
def test_a_period_that_makes_no_sense_spoils_its_day(wrong: object) -> None:
    good = {"start": 0, "rate": 0.1}
    season = {"days": [{"periods": [good, wrong]}, {"periods": [good]}]}
    spoilt, fine = tariff_with(season).imports.seasons[0].day_types
    assert spoilt.periods == ()
    assert [period.price for period in fine.periods] == [0.1]


def test_periods_are_put_in_order() -> None:
    rows = [{"start": 900, "id": "b"}, {"start": 60.0, "id": "a"}]
    (season,) = tariff_with({"days": [{"periods": rows}]}).imports.seasons
    assert [period.id for period in season.day_types[0].periods] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "mode", "reserve", "charges", "schedule"),
    [
        ("7.3.517", StorageMode.BACKUP, 100, True, None),
        ("7.3.517_legacy_savings_mode", StorageMode.ECONOMY, 100, True, None),
        (
            "7.6.185_with_cts_and_battery_3t",
            StorageMode.SELF_CONSUMPTION,
            15,
            True,
            None,
        ),
        ("8.2.4345_with_device_data", StorageMode.SELF_CONSUMPTION, 43, False, False),
        ("8.2.4382_ACB", StorageMode.SELF_CONSUMPTION, 0, False, True),
        ("8.3.1598_collar", StorageMode.BACKUP, 100, False, False),
        ("8.3.5167_3rd-pv", StorageMode.SELF_CONSUMPTION, 30, False, True),
        ("8.3.5169_ACB_inventory", StorageMode.SELF_CONSUMPTION, 0, True, False),
        ("8.3.5289_modGone", StorageMode.SELF_CONSUMPTION, 30, False, True),
    ],
)
def test_recorded_storage_settings(
    name: str, mode: StorageMode, reserve: float, charges: bool, schedule: bool | None
) -> None:
    storage = parse_tariff(recorded(name, PATH)).storage
    assert storage
    assert storage.mode is mode
    assert storage.reserve == reserve
    assert storage.charges_from_grid is charges
    assert storage.follows_schedule is schedule


def test_recorded_sub_mode() -> None:
    name = "8.2.127_with_3cts_and_battery_split"
    storage = parse_tariff(recorded(name, PATH)).storage
    assert storage
    assert storage.sub_mode == "prioritize-energy"
    assert storage.changed == 1709339757
