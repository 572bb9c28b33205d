"""One counter from several of the gateway's numbers, and back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from custom_components.envoy_local.client.models.totals import EnergySource
from custom_components.envoy_local.ledger.corrections import Correction, Corrections
from custom_components.envoy_local.ledger.counter import EnergyCounter

from .series import (
    DAY,
    HOUR,
    LIMIT,
    NIGHT,
    NOON,
    Feeder,
    Sample,
    assert_sane,
    run,
    sunny_days,
    truth_at,
)

MINUTE = 60.0
BASES = {"summary": 0.0, "device_counters": 2_386_092.0, "block": -24_000_000.0}
"""The three sources speak of the same energy, and began at different times."""


def from_(source: str, sample: Sample) -> Sample:
    return replace(sample, raw=sample.truth + BASES[source], source=source)


def taking_turns(*sources: str, period: float) -> list[Sample]:
    return [
        from_(sources[int(s.at // period) % len(sources)], s)
        for s in sunny_days(step=60.0)
    ]


@pytest.mark.parametrize("period", [MINUTE, 10 * MINUTE, HOUR, 7 * HOUR])
def test_sources_that_take_turns_lose_one_interval_each(period: float) -> None:
    done = run(
        series=taking_turns("summary", "device_counters", "block", period=period)
    )
    firsts = [period, 2 * period]
    truth = sunny_days()
    lost = sum(truth_at(truth, at) - truth_at(truth, at - MINUTE) for at in firsts)
    assert_sane(done)
    assert -lost - 0.01 <= done.error <= 0.01
    assert done.corrections[Correction.OTHER_SOURCE] >= 2


def test_a_source_that_is_known_already_loses_nothing() -> None:
    """Every source begins in the night, and they take turns on the day after."""
    samples = [
        *(from_("summary", s) for s in sunny_days() if s.at < 2 * HOUR),
        *(from_("block", s) for s in sunny_days() if 2 * HOUR <= s.at < 3 * HOUR),
        *taking_turns("summary", "block", period=HOUR)[3 * 60 :],
    ]
    done = run(series=samples)
    assert_sane(done)
    assert done.error == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("percent", [-2.0, 1.2, 5.0])
def test_two_meters_that_differ_make_no_large_step(percent: float) -> None:
    """A week on one counter, then back to the other, which counts otherwise.

    At night the step is as large as what could have been counted in two hours.
    """
    week = sunny_days(days=9, step=300.0)
    factor = 1 + percent / 100
    zero = week[0].truth
    samples = [
        replace(s, raw=s.truth, source="a")
        if not DAY <= s.at < 8 * DAY
        else replace(s, raw=(s.truth - zero) * factor + zero, source="b")
        for s in week
    ]
    done = run(series=samples)
    steps = [
        (high or 0) - (low or 0)
        for low, high in zip(done.shown, done.shown[1:], strict=False)
    ]
    counted = week[-1].truth - zero
    assert min(steps) >= 0
    assert max(steps) <= LIMIT * 2.1
    assert done.error == pytest.approx(0, abs=abs(percent) / 100 * counted)


def test_the_energy_of_a_night_off_comes_with_the_source_that_knows_it() -> None:
    """After a restart the first source that answers may be a new one."""
    truth = sunny_days()
    feeder = Feeder()
    feeder.feed(from_("device_counters", s) for s in truth if s.at < 9 * HOUR)
    feeder.counter = EnergyCounter.from_state(feeder.counter.as_state())
    feeder.feed(
        from_("summary", s) for s in truth if 15 * HOUR <= s.at < 15 * HOUR + 1200
    )
    done = feeder.feed(
        from_("device_counters", s) for s in truth if s.at >= 15 * HOUR + 1200
    )
    assert done.error == pytest.approx(BASES["device_counters"], abs=0.01)


def test_a_new_source_is_not_begun_at_zero() -> None:
    truth = sunny_days()
    feeder = Feeder()
    feeder.feed(from_("summary", s) for s in truth if s.at < NOON)
    booting = [s for s in truth if NOON <= s.at < NOON + 5 * MINUTE]
    held = feeder.feed(replace(s, raw=0.0, source="block") for s in booting)
    assert set(held.shown) == {truth_at(truth, NOON - MINUTE)}
    done = feeder.feed(from_("summary", s) for s in truth if s.at >= NOON + 5 * MINUTE)
    assert done.error == pytest.approx(0, abs=0.01)


def test_a_source_that_reads_badly_is_not_gone_back_to() -> None:
    truth = sunny_days()
    feeder = Feeder()
    feeder.feed(from_("summary", s) for s in truth if s.at < 10 * HOUR)
    feeder.feed(from_("block", s) for s in truth if 10 * HOUR <= s.at < NOON)
    bad = [s for s in truth if NOON <= s.at < NOON + 5 * MINUTE]
    held = feeder.feed(replace(s, raw=1583.0, source="summary") for s in bad)
    assert len(set(held.shown)) == 1
    done = feeder.feed(from_("summary", s) for s in truth if s.at >= NOON + 5 * MINUTE)
    assert_sane(done)
    assert done.error == pytest.approx(0, abs=0.01)


# ---- a state that was lost, and the last value that the recorder knows ----------


@pytest.mark.parametrize("off", [10 * MINUTE, 5 * HOUR])
def test_a_lost_state_goes_on_from_what_was_shown(off: float) -> None:
    truth = sunny_days()
    feeder = Feeder()
    feeder.counter.resume(truth_at(truth, NOON))
    done = feeder.feed(s for s in truth if s.at >= NOON + off)
    assert_sane(done)
    assert done.error == 0


def test_a_lost_state_with_an_offset_goes_on_without_a_jump() -> None:
    truth = sunny_days()
    shown = truth_at(truth, NOON) + 1_193_046
    feeder = Feeder()
    feeder.counter.resume(shown)
    done = feeder.feed(s for s in truth if s.at >= NOON)
    assert done.shown[0] == shown
    assert done.last - shown == pytest.approx(
        truth[-1].truth - truth_at(truth, NOON), abs=0.01
    )


@pytest.mark.parametrize("raw", [0.0, 1583.0])
def test_a_lost_state_and_a_gateway_that_boots(raw: float) -> None:
    truth = sunny_days()
    feeder = Feeder()
    feeder.counter.resume(truth_at(truth, NOON))
    booting = [s for s in truth if NOON <= s.at < NOON + 5 * MINUTE]
    held = feeder.feed(replace(s, raw=raw) for s in booting)
    assert set(held.shown) == {truth_at(truth, NOON)}
    done = feeder.feed(s for s in truth if s.at >= NOON + 5 * MINUTE)
    assert_sane(done)
    assert done.error == 0


@pytest.mark.parametrize("at", [NOON, NIGHT])
def test_a_kill_after_the_last_write_loses_nothing(at: float) -> None:
    truth = sunny_days()
    feeder = Feeder()
    feeder.feed(s for s in truth if s.at < at - 300)
    written = feeder.counter.as_state()
    before = feeder.feed(s for s in truth if at - 300 <= s.at < at)
    feeder.counter = EnergyCounter.from_state(written)
    feeder.counter.resume(before.last)
    done = feeder.feed(s for s in truth if s.at >= at + 60)
    assert_sane(done)
    assert done.error == 0


@pytest.mark.parametrize("days", [0.2, 3.0])
def test_a_counter_that_began_anew_after_the_last_write_rises_again(
    days: float,
) -> None:
    """The total was shown on for hours or days; the state is of before the reset."""
    truth = sunny_days(days=6)
    feeder = Feeder()
    written = feeder.feed(s for s in truth if s.at < NOON).counter.as_state()
    shown = truth_at(truth, NOON + days * DAY)
    feeder.counter = EnergyCounter.from_state(written)
    feeder.counter.resume(shown)
    feeder.counter = EnergyCounter.from_state(feeder.counter.as_state())
    begun = NOON + days * DAY + MINUTE
    done = feeder.feed(
        replace(s, raw=s.truth - truth[0].truth) for s in truth if s.at >= begun
    )
    lost = truth_at(truth, begun) - shown
    assert_sane(done)
    assert done.error == pytest.approx(-lost, abs=0.01)


def test_what_was_shown_is_owed_to_a_new_base_only() -> None:
    """The counter goes on, and knows what it counted; only then it begins anew."""
    truth = sunny_days()
    feeder = Feeder()
    written = feeder.feed(s for s in truth if s.at < NOON).counter.as_state()
    feeder.counter = EnergyCounter.from_state(written)
    feeder.counter.resume(truth_at(truth, NOON + 10 * MINUTE))
    feeder.feed(s for s in truth if NOON + 11 * MINUTE <= s.at < 15 * HOUR)
    done = feeder.feed(
        replace(s, raw=s.truth - truth_at(truth, 15 * HOUR))
        for s in truth
        if s.at >= 15 * HOUR
    )
    lost = truth_at(truth, 15 * HOUR) - truth_at(truth, 15 * HOUR - MINUTE)
    assert_sane(done)
    assert done.error == pytest.approx(-lost, abs=0.01)


# ---- energies that are worked out ------------------------------------------------


def test_a_computed_energy_goes_on_after_a_kill() -> None:
    counter = EnergyCounter()
    counter.follow(100.0, source=EnergySource.COMPUTED, now=0)
    written = counter.as_state()
    counter.follow(180.0, source=EnergySource.COMPUTED, now=600)
    again = EnergyCounter.from_state(written)
    again.resume(180.0)
    again.follow(100.0, source=EnergySource.COMPUTED, now=700)
    assert again.shown == 180.0
    again.follow(105.0, source=EnergySource.COMPUTED, now=760)
    assert again.shown == 185.0


def test_a_counter_takes_over_from_the_computed_energy_and_back() -> None:
    corrections: Corrections = Counter()
    counter = EnergyCounter()
    counter.follow(500.0, source=EnergySource.COMPUTED, now=0)

    def meter(raw: float, now: float) -> float | None:
        return counter.read(
            raw, now=now, limit=LIMIT, corrections=corrections, source="meter"
        )

    assert meter(9_000_000.0, 60) == 500.0
    assert meter(9_000_040.0, 120) == 540.0
    counter.follow(500.0, source=EnergySource.COMPUTED, now=180)
    assert counter.shown == 540.0
    counter.follow(510.0, source=EnergySource.COMPUTED, now=240)
    assert counter.shown == 550.0


@pytest.mark.parametrize(("first", "shown"), [(-400.0, 0.0), (0.0, 0.0), (70.0, 70.0)])
def test_a_balance_begins_where_it_is_and_never_below_zero(
    first: float, shown: float
) -> None:
    counter = EnergyCounter()
    counter.follow(first, source="balance", now=0)
    assert counter.shown == shown
    counter.follow(first - 5, source="balance", now=60)
    assert counter.shown == shown
    counter.follow(first + 9, source="balance", now=120)
    assert counter.shown == shown + 9


@pytest.mark.parametrize(("value", "shown"), [(1_020_000.0, 1_020_000.0), (9e6, 1e6)])
def test_a_balance_after_a_lost_state(value: float, shown: float) -> None:
    counter = EnergyCounter()
    counter.resume(1_000_000.0)
    counter.follow(value, source="balance", now=0)
    assert counter.shown == shown
    counter.follow(value + 10, source="balance", now=60)
    assert counter.shown == shown + 10
