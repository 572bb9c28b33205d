"""Every fault that gateways are known for, against the truth of the simulator."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
import json

import pytest

from custom_components.envoy_local.ledger.corrections import Correction
from custom_components.envoy_local.ledger.counter import EnergyCounter
from custom_components.envoy_local.ledger.track import WRAP

from .series import (
    DAY,
    HOUR,
    LIMIT,
    MORNING,
    NIGHT,
    NOON,
    SLACK,
    Fault,
    Feeder,
    Sample,
    assert_sane,
    during,
    frozen,
    jumping_about,
    run,
    since,
    stepwise,
    sunny_days,
    truth_at,
)

MINUTE = 60.0

PASSING: dict[str, tuple[Fault, Correction]] = {
    "boot zeros": (during(NOON, 4 * MINUTE, lambda _: 0.0), Correction.HELD_ZERO),
    "zeros for hours": (during(NOON, 3 * HOUR, lambda _: 0.0), Correction.OLD_BASE),
    "zeros at night": (during(NIGHT, 3 * HOUR, lambda _: 0.0), Correction.OLD_BASE),
    "half a boot": (during(NOON, 4 * MINUTE, lambda _: 1583.0), Correction.HELD_LOW),
    "1583 for hours": (during(NOON, 2 * HOUR, lambda _: 1583.0), Correction.OLD_BASE),
    "-1 unsigned, once": (
        during(NOON, MINUTE, lambda _: 4294967295.0),
        Correction.HELD_HIGH,
    ),
    "-1 unsigned, for hours": (
        during(NOON, 3 * HOUR, lambda _: 4294967295.0),
        Correction.HELD_HIGH,
    ),
    "-4 unsigned, for hours": (
        during(NOON, 3 * HOUR, lambda _: 4294967292.0),
        Correction.HELD_HIGH,
    ),
    "a large number, once": (
        during(NOON, MINUTE, lambda _: 6.78e9),
        Correction.HELD_HIGH,
    ),
    "a large number, for hours": (
        during(NOON, 3 * HOUR, lambda _: 6.78e9),
        Correction.OLD_BASE,
    ),
    "half, once": (during(NOON, MINUTE, lambda s: s.truth / 2), Correction.HELD_LOW),
    "half, for an hour": (
        during(MORNING, HOUR, lambda s: s.truth / 2),
        Correction.OLD_BASE,
    ),
    "a phase is missing": (
        during(NOON, 6 * MINUTE, lambda s: s.truth * 0.45),
        Correction.HELD_LOW,
    ),
    "anything, for hours": (jumping_about(NOON, 3 * HOUR), Correction.HELD_HIGH),
}


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_leaves_nothing_behind(name: str) -> None:
    fault, correction = PASSING[name]
    done = run(fault)
    assert_sane(done)
    assert done.error == pytest.approx(0, abs=0.01)
    assert done.corrections[correction]


HARMLESS: dict[str, Fault] = {
    "nothing at all": during(0, 0, lambda s: s.raw),
    "no answer for hours": during(NOON, 5 * HOUR, lambda _: None),
    "not a number": during(NOON, HOUR, lambda _: float("nan")),
    "frozen for an hour": frozen(NOON, HOUR),
    "frozen for 3 hours": frozen(MORNING, 3 * HOUR),
    "moves every quarter of an hour": stepwise(15 * MINUTE),
    "moves every hour": stepwise(HOUR),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_odd_is_taken_as_it_is(name: str) -> None:
    done = run(HARMLESS[name])
    assert_sane(done)
    assert done.error == pytest.approx(0, abs=0.01)
    assert done.corrections[Correction.NEW_BASE] == 0


LASTING: dict[str, tuple[float, Fault]] = {
    "reset": (NOON, since(NOON, lambda s, then: s.truth - then)),
    "reset at night": (NIGHT, since(NIGHT, lambda s, then: s.truth - then)),
    "another gateway, lower": (
        NOON,
        since(NOON, lambda s, then: s.truth - then + 250_000),
    ),
    "another gateway, higher": (
        NOON,
        since(NOON, lambda s, then: s.truth - then + 99_000_000),
    ),
    "another meaning, higher": (NOON, since(NOON, lambda s, _: s.truth + 6_780_000)),
    "another meaning at night": (
        NIGHT,
        since(NIGHT, lambda s, _: s.truth + 1_190_000),
    ),
    "an inverter was taken away": (NOON, since(NOON, lambda s, _: s.truth - 90_000)),
}


@pytest.mark.parametrize("step", [15.0, 60.0, 300.0, 900.0])
@pytest.mark.parametrize("name", LASTING)
def test_a_counter_that_moves_for_good_loses_one_interval_at_most(
    name: str, step: float
) -> None:
    at, fault = LASTING[name]
    truth = sunny_days(step=step)
    done = run(fault, series=truth)
    lost = truth_at(truth, at) - truth_at(truth, at - step)
    assert_sane(done)
    assert -done.error == pytest.approx(lost, abs=0.01)
    assert done.corrections[Correction.NEW_BASE] == 1


@pytest.mark.parametrize("name", LASTING)
@pytest.mark.parametrize("hours", [0.2, 1.0, 5.0])
def test_a_counter_that_comes_back_loses_and_doubles_nothing(
    name: str, hours: float
) -> None:
    at, fault = LASTING[name]
    moved = fault(sunny_days())
    done = run(during(at + hours * HOUR, DAY * 9, lambda s: s.truth), series=moved)
    assert_sane(done)
    assert done.error == pytest.approx(0, abs=0.01)


def test_it_moves_to_and_fro_and_everything_is_counted_once() -> None:
    done = run(
        during(9 * HOUR, HOUR, lambda _: 0.0),
        during(10 * HOUR, HOUR, lambda s: s.truth / 2),
        during(12 * HOUR, HOUR, lambda _: 0.0),
        during(14 * HOUR, HOUR, lambda s: s.truth + 5e6),
        during(16 * HOUR, HOUR, lambda _: 1583.0),
    )
    assert_sane(done)
    assert done.error == pytest.approx(0, abs=0.01)


def test_a_hold_shows_the_last_value_and_then_the_real_one() -> None:
    truth = sunny_days()
    done = run(during(NOON, 4 * MINUTE, lambda _: 0.0))
    held = [v for s, v in done.known() if NOON <= s.at < NOON + 4 * MINUTE]
    assert held == [truth_at(truth, NOON - MINUTE)] * 4
    after = next(v for s, v in done.known() if s.at == NOON + 4 * MINUTE)
    assert after == truth_at(truth, NOON + 4 * MINUTE)


def test_a_boot_at_the_very_first_start_shows_nothing() -> None:
    truth = sunny_days()
    done = run(during(0, 5 * MINUTE, lambda _: 0.0))
    assert done.shown[:5] == [None] * 5
    assert done.shown[5] == truth[5].truth
    assert done.error == pytest.approx(0, abs=0.01)


def test_a_new_site_begins_at_zero_after_ten_minutes() -> None:
    new = since(0, lambda s, then: s.truth - then)
    done = run(new)
    assert done.shown[:10] == [None] * 10
    assert done.shown[10] == 0.0
    grown = done.series[-1].truth - done.series[0].truth
    assert done.last == pytest.approx(grown)


def test_a_counter_that_begins_below_zero_is_shown_from_zero_on() -> None:
    done = run(series=[Sample(at=n * MINUTE, truth=n, raw=n - 20.0) for n in range(13)])
    assert done.shown == [None] * 10 + [0.0, 1.0, 2.0]


IMPOSSIBLE = [2.0**64, -(2.0**64), 1e30, -1e30, 1.1e12, float("inf")]


@pytest.mark.parametrize("raw", IMPOSSIBLE)
@pytest.mark.parametrize("begin", [0.0, NOON])
def test_what_no_counter_can_say_is_never_believed(raw: float, begin: float) -> None:
    done = run(during(begin, 5 * HOUR, lambda _: raw))
    assert_sane(done)
    assert done.error == pytest.approx(0, abs=0.01)
    state = json.loads(json.dumps(done.counter.as_state()))
    assert EnergyCounter.from_state(state) == done.counter


@pytest.mark.parametrize("raw", [6.78e9, 4294967292.0])
def test_a_first_value_is_not_more_than_thirty_years_can_give(raw: float) -> None:
    done = run(during(0, 5 * HOUR, lambda _: raw))
    assert done.shown[:300] == [None] * 300
    assert done.error == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("raw", [-596_523.0, -4.0])
def test_a_first_value_below_zero_has_to_stay(raw: float) -> None:
    done = run(during(0, 9 * MINUTE, lambda _: raw))
    assert done.shown[:9] == [None] * 9
    assert done.error == pytest.approx(0, abs=0.01)


def shifted(series: tuple[Sample, ...], begin: float) -> list[Sample]:
    """Let a series begin at another value, e.g. shortly before a wrap."""
    shift = begin - series[0].truth
    return [replace(s, truth=s.truth + shift, raw=s.truth + shift) for s in series]


@pytest.mark.parametrize("step", [60.0, 300.0, 900.0])
@pytest.mark.parametrize("before", [100.0, 20_000.0, 45_000.0])
def test_one_wrap_of_the_whole_system(before: float, step: float) -> None:
    truth = shifted(sunny_days(step=step), WRAP - before)
    done = run(during(0, 9 * DAY, lambda s: s.truth % WRAP), wraps=True, series=truth)
    assert_sane(done)
    assert done.error == pytest.approx(0, abs=0.01)
    assert done.corrections == {Correction.WRAP: 1}


def test_whole_watt_hours_wrap_as_well() -> None:
    truth = shifted(sunny_days(step=300.0), WRAP - 20_000)
    whole = during(0, 9 * DAY, lambda s: float(round(s.truth % WRAP)))
    done = run(whole, wraps=True, series=truth)
    assert_sane(done)
    assert done.error == pytest.approx(0, abs=2)


def of_units(s: Sample, starts: list[float]) -> float:
    """Return the sum of inverters that each wrap for themselves."""
    made = (s.truth - sum(starts)) / len(starts)
    return sum((start + made) % WRAP for start in starts)


@pytest.mark.parametrize(
    "starts",
    [
        [WRAP - 1000, 400_000.0, 700_000.0],
        [WRAP - 1000, WRAP - 1000, WRAP - 1000, 5000.0],
        [WRAP - 100, WRAP - 9000, WRAP - 9001, WRAP - 9002, WRAP * 3 - 50],
    ],
    ids=["one", "several at once", "several in turn"],
)
def test_inverters_that_wrap_inside_their_sum(starts: list[float]) -> None:
    truth = shifted(sunny_days(step=300.0), sum(starts))
    done = run(
        during(0, 9 * DAY, lambda s: of_units(s, starts)), wraps=True, series=truth
    )
    counted = done.last - done.known()[0][1]
    assert counted == pytest.approx(truth[-1].truth - truth[0].truth, abs=0.01)
    assert done.corrections[Correction.WRAP] >= 1
    assert done.corrections[Correction.NEW_BASE] == 0


def test_twenty_wraps_at_once_are_garbage() -> None:
    truth = shifted(sunny_days(), 30 * WRAP)
    low = during(NOON, 6 * MINUTE, lambda s: s.truth - 20 * WRAP)
    done = run(low, wraps=True, series=truth)
    assert_sane(done)
    assert done.error == pytest.approx(0, abs=0.01)
    assert done.corrections[Correction.HELD_LOW] == 6
    assert done.corrections[Correction.WRAP] == 0


@pytest.mark.parametrize("hours", [2.0, 14.0, 30.0])
def test_a_wrap_while_nobody_looked(hours: float) -> None:
    truth = shifted(sunny_days(step=300.0), WRAP - 20_000)
    wrapping = during(0, 9 * DAY, lambda s: s.truth % WRAP)(truth)
    feeder = Feeder(wraps=True)
    feeder.feed(s for s in wrapping if s.at < 8 * HOUR)
    feeder.counter = EnergyCounter.from_state(feeder.counter.as_state())
    done = feeder.feed(s for s in wrapping if s.at >= (8 + hours) * HOUR)
    assert done.error == pytest.approx(0, abs=0.01)
    assert done.corrections[Correction.WRAP] == 1


def test_days_off_and_then_a_boot_are_no_wrap() -> None:
    truth = shifted(sunny_days(days=6, step=300.0), 900_000)
    booting = during(5 * DAY, 10 * MINUTE, lambda _: 1583.0)(truth)
    seen = [s for s in booting if not DAY <= s.at < 5 * DAY]
    done = run(wraps=True, series=seen)
    assert_sane(done)
    assert done.error == pytest.approx(0, abs=0.01)
    assert done.corrections[Correction.WRAP] == 0


def test_garbage_that_looks_like_a_wrap_is_made_up_for() -> None:
    truth = shifted(sunny_days(step=300.0), WRAP - 60_000)
    just_before = next(s.at for s in truth if s.truth > WRAP - 200)
    wrapping = during(0, 9 * DAY, lambda s: s.truth % WRAP)(truth)
    short = during(just_before, 1, lambda _: 300.0)
    done = run(short, wraps=True, series=wrapping)
    assert done.error == pytest.approx(0, abs=0.01)
    assert_sane(done, ahead=LIMIT)


def test_other_counters_do_not_wrap() -> None:
    truth = shifted(sunny_days(), WRAP - 20_000)
    done = run(during(0, 9 * DAY, lambda s: s.truth % WRAP), series=truth)
    assert_sane(done)
    assert done.corrections[Correction.WRAP] == 0
    assert done.corrections[Correction.NEW_BASE] == 1


@pytest.mark.parametrize("off", [HOUR, 13 * HOUR, 30 * HOUR])
def test_what_was_counted_while_we_were_off_is_caught_up(off: float) -> None:
    series = [s for s in sunny_days() if not NOON <= s.at < NOON + off]
    done = run(series=series)
    assert_sane(done)
    assert done.error == 0
    assert not done.corrections


def test_a_counter_that_stood_for_hours_at_full_power_has_to_insist() -> None:
    steady = [
        Sample(at=n * MINUTE, truth=1e6 + n * 100, raw=1e6 + n * 100)
        for n in range(24 * 60)
    ]
    frozen_at_6_kw = frozen(9 * HOUR, 4 * HOUR)(steady)
    done = Feeder(limit=7000).feed(frozen_at_6_kw)
    assert_sane(done, limit=7000)
    assert done.error == pytest.approx(0, abs=0.01)
    assert done.corrections[Correction.LATE_RISE] == 1


def test_a_limit_that_is_too_low_delays_and_stops_nothing() -> None:
    low = 2000.0
    done = Feeder(limit=low).feed(sunny_days())
    truth = done.series[-1].truth - done.series[0].truth
    known = [shown for _, shown in done.known()]
    rises = [high - low for low, high in pairwise(known)]
    assert min(rises) >= 0
    assert max(rises) <= 2.1 * low + SLACK
    assert 0.5 * truth <= known[-1] - known[0] <= truth


@pytest.mark.parametrize("at", [NOON, NIGHT])
@pytest.mark.parametrize("step", [1e3, 2e4, 5e4, 1.5e5, 1.19e6])
def test_a_step_up_is_never_more_than_the_site_could_do(at: float, step: float) -> None:
    """A firmware that counts otherwise from now on, by any amount."""
    done = run(since(at, lambda s, _: s.truth + step))
    rises = [after - before for (_, before), (_, after) in pairwise(done.known())]
    assert max(rises) <= LIMIT * 6.6
    assert done.error <= LIMIT * 6.6
