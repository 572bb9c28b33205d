"""The price of a moment: seasons, days of the week, nights, and summer time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.envoy_local.client.models.prices import (
    Price,
    next_change,
    price_at,
)
from custom_components.envoy_local.client.models.tariff import (
    DayType,
    Period,
    Prices,
    Season,
    Weekday,
)
from custom_components.envoy_local.client.payloads.tariff import parse_tariff

from .gateway_samples import TARIFF
from .recorded import recorded
from .samples import body

BERLIN = ZoneInfo("Europe/Berlin")
SANTIAGO = ZoneInfo("America/Santiago")
NEW_YORK = ZoneInfo("America/New_York")
SAMPLE = parse_tariff(body(TARIFF)).imports

EVERY_DAY = frozenset(Weekday)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def day_type(*periods: tuple[int, float], days: frozenset[Weekday]) -> DayType:
    return DayType(
        days=days,
        periods=tuple(
            Period(id=str(start), start=start, price=price) for start, price in periods
        ),
    )


def all_year(*periods: tuple[int, float]) -> Prices:
    kind = day_type(*periods, days=EVERY_DAY)
    season = Season(id=None, start=(1, 1), day_types=(kind,))
    return Prices(flat=9, seasons=(season,))


def told(prices: Prices, moment: datetime) -> float | None:
    found = price_at(prices, moment)
    return found.price if found else None


def change(prices: Prices, moment: datetime) -> tuple[datetime, float | None] | None:
    """Return when the price changes, in UTC, and to what."""
    found = next_change(prices, moment)
    if found is None:
        return None
    return found.at.astimezone(UTC), found.to.price if found.to else None


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "price", "period"),
    [
        ("2026-06-01 07:59:59", 0.12, "night"),  # a Monday, and a night of Monday's
        ("2026-06-01 08:00", 0.31, "day"),
        ("2026-06-01 21:59", 0.31, "day"),
        ("2026-06-01 22:00", 0.12, "night"),
        ("2026-06-02 00:00", 0.12, "night"),
        ("2026-06-05 23:59", 0.12, "night"),  # Friday
        ("2026-06-06 00:00", 0.2, "all"),  # Saturday
        ("2026-06-07 23:59", 0.2, "all"),
        ("2026-09-30 23:59", 0.12, "night"),  # the summer's last day
        ("2026-10-01 00:00", 0.4, "flat"),
        ("2026-12-31 23:59", 0.4, "flat"),
        ("2027-01-01 00:00", 0.4, "flat"),  # the winter that began last year
        ("2027-05-31 23:59", 0.4, "flat"),
    ],
)
def test_price(moment: str, price: float, period: str) -> None:
    assert price_at(SAMPLE, at(moment)) == Price(price=price, period=period)


@pytest.mark.parametrize(
    ("moment", "when", "price"),
    [
        ("2026-06-01 07:59:59.5", "2026-06-01 06:00", 0.31),
        ("2026-06-01 08:00", "2026-06-01 20:00", 0.12),
        ("2026-06-01 22:00", "2026-06-02 06:00", 0.31),
        ("2026-06-05 22:00", "2026-06-05 22:00", 0.2),  # Saturday's midnight
        ("2026-06-06 12:00", "2026-06-07 22:00", 0.12),  # Monday's night
        ("2026-09-30 23:00", "2026-09-30 22:00", 0.4),
        ("2026-10-01 00:00", "2027-05-31 22:00", 0.12),  # half a year of one price
        ("2027-05-31 23:59", "2027-05-31 22:00", 0.12),
    ],
)
def test_next_change(moment: str, when: str, price: float) -> None:
    assert change(SAMPLE, at(moment)) == (utc(when), price)


def test_one_price_at_all_times() -> None:
    prices = Prices(flat=0.2, seasons=())
    assert price_at(prices, at("2026-01-01 12:00")) == Price(price=0.2, period=None)
    assert next_change(prices, at("2026-01-01 12:00")) is None


@pytest.mark.parametrize("flat", [0.0, None])
def test_a_gateway_that_was_told_no_price(flat: float | None) -> None:
    prices = Prices(flat=flat, seasons=())
    assert price_at(prices, at("2026-01-01 12:00")) is None
    assert next_change(prices, at("2026-01-01 12:00")) is None


def test_a_period_can_be_free() -> None:
    assert told(all_year((0, 0.0), (720, 0.3)), at("2026-01-01 06:00")) == 0


def test_a_period_that_only_changes_its_name_is_a_change() -> None:
    prices = all_year((0, 0.2), (720, 0.2))
    moment = at("2026-01-01 06:00")
    assert change(prices, moment) == (utc("2026-01-01 11:00"), 0.2)


def test_prices_that_never_change() -> None:
    assert change(all_year((300, 0.2)), at("2026-01-01 06:00")) is None


def test_a_period_without_a_price() -> None:
    day = DayType(
        days=EVERY_DAY,
        periods=(
            Period(id="a", start=0, price=0.1),
            Period(id="b", start=720, price=None),
        ),
    )
    prices = Prices(flat=1, seasons=(Season(id=None, start=None, day_types=(day,)),))
    assert told(prices, at("2026-01-01 06:00")) == 0.1
    assert told(prices, at("2026-01-01 12:00")) is None
    assert change(prices, at("2026-01-01 06:00")) == (utc("2026-01-01 11:00"), None)
    assert change(prices, at("2026-01-01 13:00")) == (utc("2026-01-01 23:00"), 0.1)


def test_days_that_the_tariff_leaves_out() -> None:
    kind = day_type((0, 0.1), days=frozenset({Weekday.MONDAY}))
    season = Season(id=None, start=(1, 1), day_types=(kind,))
    prices = Prices(flat=1, seasons=(season,))
    assert told(prices, at("2026-06-01 12:00")) == 0.1
    assert told(prices, at("2026-06-02 12:00")) is None
    assert change(prices, at("2026-06-01 12:00")) == (utc("2026-06-01 22:00"), None)


def test_a_season_that_starts_nobody_knows_when() -> None:
    kind = day_type((0, 0.1), days=EVERY_DAY)
    seasons = tuple(
        Season(id=None, start=start, day_types=(kind,)) for start in ((6, 1), None)
    )
    assert told(Prices(flat=1, seasons=seasons), at("2026-06-01 12:00")) is None
    assert told(Prices(flat=1, seasons=seasons[1:]), at("2026-06-01 12:00")) == 0.1


def test_seasons_come_in_any_order() -> None:
    seasons = tuple(reversed(SAMPLE.seasons))
    prices = Prices(flat=1, seasons=seasons)
    assert told(prices, at("2026-06-06 12:00")) == 0.2
    assert told(prices, at("2026-03-06 12:00")) == 0.4


def test_a_change_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        next_change(SAMPLE, datetime(2026, 6, 1))  # noqa: DTZ001 (the point of it)


def test_a_fixed_offset_will_do() -> None:
    zone = timezone(timedelta(hours=2))
    moment = datetime(2026, 6, 1, 7, tzinfo=zone)
    assert change(SAMPLE, moment) == (utc("2026-06-01 06:00"), 0.31)


# In Berlin the clock goes from 2:00 to 3:00 on 2026-03-29, at 1:00 UTC, and from
# 3:00 back to 2:00 on 2026-10-25, at 1:00 UTC.


def test_a_period_that_starts_in_the_skipped_hour_starts_with_the_next() -> None:
    prices = all_year((0, 0.1), (150, 0.2), (600, 0.3))
    assert told(prices, at("2026-03-29 01:59")) == 0.1
    assert told(prices, at("2026-03-29 03:00")) == 0.2
    assert change(prices, at("2026-03-29 01:00")) == (utc("2026-03-29 01:00"), 0.2)


def test_a_period_that_the_skipped_hour_swallows_is_none() -> None:
    prices = all_year((0, 0.1), (130, 0.2), (170, 0.3))
    assert change(prices, at("2026-03-29 01:00")) == (utc("2026-03-29 01:00"), 0.3)


def test_the_hour_that_comes_twice_has_its_periods_twice() -> None:
    prices = all_year((0, 0.1), (150, 0.2))
    moment = at("2026-10-25 01:00")
    seen = []
    for _ in range(3):
        found = next_change(prices, moment)
        assert found
        assert found.to
        seen.append((found.at.astimezone(UTC), found.to.price))
        moment = found.at
    assert seen == [
        (utc("2026-10-25 00:30"), 0.2),
        (utc("2026-10-25 01:00"), 0.1),
        (utc("2026-10-25 01:30"), 0.2),
    ]


def test_a_day_that_starts_at_one_o_clock() -> None:
    """In Santiago midnight of 2026-09-06 is skipped: it is 1:00 at 4:00 UTC."""
    saturday = day_type((0, 0.1), days=frozenset({Weekday.SATURDAY}))
    others = day_type((0, 0.2), days=EVERY_DAY - {Weekday.SATURDAY})
    season = Season(id=None, start=(1, 1), day_types=(saturday, others))
    prices = Prices(flat=1, seasons=(season,))
    moment = at("2026-09-05 23:00", SANTIAGO)
    assert change(prices, moment) == (utc("2026-09-06 04:00"), 0.2)


@given(
    starts=st.lists(st.integers(0, 1439), min_size=1, max_size=6, unique=True),
    minute=st.integers(0, 366 * 1440),
    zone=st.sampled_from([BERLIN, SANTIAGO, NEW_YORK]),
)
def test_the_next_change_is_the_first_by_the_minute(
    starts: list[int], minute: int, zone: ZoneInfo
) -> None:
    """Walk minute by minute, and see the price change where it was foretold."""
    prices = all_year(*((start, start / 100) for start in starts))
    moment = utc("2026-01-01") + timedelta(minutes=minute)
    now = price_at(prices, moment.astimezone(zone))
    minutes = (moment + timedelta(minutes=m) for m in range(1, 2 * 1440))
    first = next(
        (m for m in minutes if price_at(prices, m.astimezone(zone)) != now), None
    )
    found = next_change(prices, moment.astimezone(zone))
    assert (found.at.astimezone(UTC) if found else None) == first


@pytest.mark.parametrize(
    ("name", "zone", "moment", "price", "period", "when", "next_price"),
    [
        (
            "8.3.1598_collar",
            NEW_YORK,
            "2025-07-21 15:30",  # a Monday
            0.375,
            "peak-1_",
            "2025-07-21 19:00",
            0.19,
        ),
        (
            "8.3.1598_collar",
            NEW_YORK,
            "2025-07-19 21:25",  # the Saturday of the recording
            0.152,
            "filler",
            "2025-07-19 23:00",
            0.153,
        ),
        (
            "8.2.127_with_3cts_and_battery_split",
            NEW_YORK,
            "2024-07-01 16:00",
            0.63003,
            "period_1",
            "2024-07-01 21:00",
            0.52125,
        ),
        (
            "8.2.127_with_3cts_and_battery_split",
            NEW_YORK,
            "2024-03-07 15:00",
            0.48958,
            "period_2",
            "2024-03-07 16:00",
            0.50479,
        ),
        (
            "8.3.5169_ACB_inventory",
            ZoneInfo("Europe/London"),
            "2026-06-20 22:38",
            0.08,
            "filler",
            "2026-06-21 11:00",  # the night goes on past midnight
            0.3,
        ),
        (
            "8.3.5169_with_generator",
            ZoneInfo("US/Central"),
            "2026-08-01 09:09",
            0.141542,
            "period_1",
            "2026-12-01 00:00",
            0.07235,
        ),
        (
            "7.6.185_with_cts_and_battery_3t",
            BERLIN,
            "2023-09-27 01:04",
            0.1034,
            "filler",
            "2023-09-27 08:00",
            0.1898,
        ),
    ],
)
def test_recorded_prices(
    name: str,
    zone: ZoneInfo,
    moment: str,
    price: float,
    period: str,
    when: str,
    next_price: float,
) -> None:
    prices = parse_tariff(recorded(name, "/admin/lib/tariff")).imports
    now = price_at(prices, at(moment, zone))
    assert now
    assert now.price == pytest.approx(price, abs=1e-5)
    assert now.period == period
    found = next_change(prices, at(moment, zone))
    assert found
    assert found.to
    assert found.at == at(when, zone)
    assert found.to.price == pytest.approx(next_price, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "price"),
    [
        ("8.2.4345_with_device_data", 0.25795),
        ("8.2.4382_ACB", 0.2),
        ("7.3.517", None),
        ("8.2.4264_metered_noct", None),
        ("8.3.5167_3rd-pv", None),
        ("8.3.5289_modGone", None),  # whose /home says that there is no tariff
    ],
)
def test_recorded_single_prices(name: str, price: float | None) -> None:
    tariff = parse_tariff(recorded(name, "/admin/lib/tariff"))
    assert told(tariff.imports, at("2026-01-01 12:00")) == pytest.approx(price)
