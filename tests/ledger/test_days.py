"""The day's and the week's energy, through midnights and clocks set wrong."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
import json
from zoneinfo import ZoneInfo

import pytest

from custom_components.envoy_local.ledger.corrections import Correction, Corrections
from custom_components.envoy_local.ledger.days import DayBook
from custom_components.envoy_local.ledger.state import StateError

POWER = 600.0
"""W, day and night: 10 Wh a minute, so that every sum is the time that passed."""
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Days:
    """A book that is read at true times, by a clock that can be wrong."""

    def __init__(self, zone: str, begin: datetime) -> None:
        self.zone = ZoneInfo(zone)
        self.begin = begin.astimezone(UTC)
        self.book = DayBook()
        self.corrections: Corrections = Counter()

    def total(self, at: datetime) -> float:
        return POWER * (at - self.begin) / HOUR

    def read(self, at: datetime, *, off: timedelta = timedelta()) -> float | None:
        """Read at a true time; return today's Wh."""
        now = (at.astimezone(UTC) + off).astimezone(self.zone)
        self.book.read(self.total(at), now, self.corrections)
        return self.book.today(now)

    def run(self, begin: datetime, end: datetime, step: timedelta = MINUTE) -> None:
        at = begin.astimezone(UTC)
        while at < end:
            self.read(at)
            at += step

    def since(self, midnight: datetime, at: datetime) -> float:
        return self.total(at) - self.total(midnight.astimezone(UTC))


def local(zone: str, *when: int) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(zone))  # type: ignore[misc, arg-type]  # year, month, day, hour


# Zone, the day of the change, and how many hours it has.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29), 23),
    ("Europe/Berlin", date(2026, 10, 25), 25),
    ("America/Los_Angeles", date(2026, 3, 8), 23),
    ("America/Los_Angeles", date(2026, 11, 1), 25),
    ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
    ("America/Santiago", date(2026, 4, 4), 25),
    ("America/Santiago", date(2026, 9, 6), 23),
    ("America/Havana", date(2026, 11, 1), 25),
    ("Asia/Tokyo", date(2026, 3, 29), 24),
]


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
@pytest.mark.parametrize("step", [1, 7, 45])
def test_the_day_of_a_clock_change_is_as_long_as_it_is(
    zone: str, day: date, hours: float, step: int
) -> None:
    noon = datetime.combine(day, datetime.min.time(), ZoneInfo(zone)) + 12 * HOUR
    begin, end = noon.astimezone(UTC) - 2 * DAY, noon.astimezone(UTC) + 2 * DAY
    days = Days(zone, begin)
    days.run(begin, end, step * MINUTE)
    starts = days.book.page.starts
    assert starts[day + DAY] - starts[day] == pytest.approx(hours * POWER)
    assert starts[day + 2 * DAY] - starts[day + DAY] == pytest.approx(24 * POWER)
    assert not days.corrections


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
def test_the_week_over_a_clock_change(zone: str, day: date, hours: float) -> None:
    noon = datetime.combine(day, datetime.min.time(), ZoneInfo(zone)) + 12 * HOUR
    days = Days(zone, noon.astimezone(UTC) - 8 * DAY)
    days.run(days.begin, noon.astimezone(UTC) + 3 * DAY, 15 * MINUTE)
    end = datetime.combine(day + 2 * DAY, datetime.max.time(), ZoneInfo(zone))
    days.book = rewound(days, end)
    assert days.book.week(end) == pytest.approx((144 + hours) * POWER, rel=1e-4)


def rewound(days: Days, end: datetime) -> DayBook:
    """Run the same days again, to the end of one of them."""
    again = Days(days.zone.key, days.begin)
    again.run(days.begin, end)
    again.read(end)
    return again.book


def test_midnight_between_two_readings_is_shared_out() -> None:
    begin = local("Europe/Berlin", 2026, 6, 1, 20)
    days = Days("Europe/Berlin", begin)
    days.run(begin, begin + 3 * HOUR)
    assert days.read(begin + 7 * HOUR) == pytest.approx(3 * POWER, rel=0.01)


def test_days_missed_while_off_are_no_part_of_today() -> None:
    begin = local("Europe/Berlin", 2026, 6, 1, 20)
    days = Days("Europe/Berlin", begin)
    days.run(begin, begin + HOUR)
    back = begin + 3 * DAY
    assert days.read(back) == pytest.approx(20 * POWER, rel=0.001)
    assert days.book.week(back) is None
    assert days.read(begin + 30 * DAY) == pytest.approx(20 * POWER, rel=0.001)
    assert len(days.book.page.starts) <= 8


def test_the_week_is_not_known_before_seven_days() -> None:
    begin = local("Europe/Berlin", 2026, 6, 1)
    days = Days("Europe/Berlin", begin)
    days.run(begin, begin + 7 * DAY, HOUR)
    sixth = (begin + 7 * DAY - HOUR).astimezone(days.zone)
    assert days.book.week(sixth) is None
    days.read(begin + 7 * DAY + HOUR)
    known = (begin + 7 * DAY + HOUR).astimezone(days.zone)
    assert days.book.week(known) == pytest.approx(145 * POWER)


OFFS = [
    timedelta(hours=-3),
    timedelta(hours=-30),
    timedelta(days=-20_000),
    timedelta(hours=3),
    timedelta(hours=30),
    timedelta(days=5),
    timedelta(days=1500),
]


@pytest.mark.parametrize("off", OFFS, ids=str)
@pytest.mark.parametrize("hour", [1, 10, 22])
@pytest.mark.parametrize("restart", [False, True])
def test_a_clock_set_wrong_and_right_again_costs_nothing(
    off: timedelta, hour: int, restart: bool
) -> None:
    """The clock leaps, stays wrong for an hour and leaps back."""
    midnight = local("Europe/Berlin", 2026, 6, 10)
    days = Days("Europe/Berlin", midnight - 8 * DAY)
    leap = midnight + hour * HOUR
    days.run(days.begin, leap, 15 * MINUTE)
    for minute in range(0, 60, 5):
        wrong = days.read(leap + minute * MINUTE, off=off)
        assert wrong is not None
        assert wrong >= 0
    states = [days.book.as_state() for _ in range(restart)]
    for state in states:
        days.book = DayBook.from_state(json.loads(json.dumps(state)))
    right = leap + HOUR
    assert days.read(right) == pytest.approx(days.since(midnight, right))
    week = days.since(midnight - 6 * DAY, right)
    assert days.book.week(right.astimezone(days.zone)) == pytest.approx(week)
    days.run(right, midnight + 27 * HOUR, 5 * MINUTE)
    assert days.read(midnight + 27 * HOUR) == pytest.approx(3 * POWER)


def test_a_start_without_a_clock_costs_nothing() -> None:
    """A small computer begins in 1970, until it has asked the network."""
    midnight = local("Europe/Berlin", 2026, 6, 10)
    days = Days("Europe/Berlin", midnight - 8 * DAY)
    days.run(days.begin, midnight + 9 * HOUR, 15 * MINUTE)
    days.book = DayBook.from_state(json.loads(json.dumps(days.book.as_state())))
    start = midnight + 10 * HOUR
    in_1970 = datetime(1970, 1, 1, 0, 1, tzinfo=UTC) - start.astimezone(UTC)
    days.read(start, off=in_1970)
    days.read(start + MINUTE, off=in_1970)
    right = start + 2 * MINUTE
    assert days.read(right) == pytest.approx(days.since(midnight, right))
    assert days.corrections[Correction.CLOCK] == 2


@pytest.mark.parametrize(
    ("today", "shown"), [(None, 0.0), (0.0, 0.0), (5000.0, 5000.0), (2e6, 1e6)]
)
def test_the_first_day_begins_with_the_gateways_own_sum(
    today: float | None, shown: float
) -> None:
    book, now = DayBook(), datetime(2026, 6, 1, 12, tzinfo=UTC)
    book.read(1e6, now, Counter(), today=today)
    assert book.today(now) == shown
    later = now + HOUR
    book.read(1e6 + 700, later, Counter(), today=9999.0)
    assert book.today(later) == shown + 700
    tomorrow = now + DAY
    book.read(1e6 + 700, tomorrow, Counter(), today=9999.0)
    assert (book.today(tomorrow) or 0) <= 700


def test_the_first_week_begins_with_the_gateways_own_sum() -> None:
    book, now = DayBook(), datetime(2026, 6, 1, 12, tzinfo=UTC)
    book.read(1e6, now, Counter(), today=5000.0, week=40_000.0)
    assert book.week(now) == 40_000
    assert book.today(now) == 5000


def test_a_week_that_is_less_than_its_day_is_not_believed() -> None:
    book, now = DayBook(), datetime(2026, 6, 1, 12, tzinfo=UTC)
    book.read(1e6, now, Counter(), today=5000.0, week=400.0)
    assert book.week(now) is None
    assert book.today(now) == 5000


@pytest.mark.parametrize(
    "damage",
    [
        {"last_time": "2026-05-01T12:00:00+00:00"},
        {"last_time": "2026-06-01T12:00:00"},
        {"last_time": None},
    ],
    ids=["before its day", "without a zone", "never"],
)
def test_a_book_of_no_time_is_refused(damage: dict[str, str | None]) -> None:
    book, now = DayBook(), datetime(2026, 6, 1, 12, tzinfo=UTC)
    book.read(1e6, now, Counter())
    state = book.as_state()
    assert DayBook.from_state(state) == book

    with pytest.raises(StateError):
        DayBook.from_state({**state, **damage})


def test_without_its_last_total_a_day_begins_when_it_is_read() -> None:
    book, now = DayBook(), datetime(2026, 6, 1, 12, tzinfo=UTC)
    book.read(1e6, now, Counter())
    book = DayBook.from_state({**book.as_state(), "last_total": None})
    book.read(1e6 + 900, now + DAY, Counter())
    assert book.today(now + DAY) == 0
    book.read(1e6 + 1000, now + DAY + HOUR, Counter())
    assert book.today(now + DAY + HOUR) == 100
