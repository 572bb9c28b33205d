"""Any mix of the known faults, at any time: the invariants hold, the end is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
import json
from operator import attrgetter

from hypothesis import assume, example, given, settings, strategies as st

from custom_components.envoy_local.ledger.corrections import Correction
from custom_components.envoy_local.ledger.counter import EnergyCounter
from custom_components.envoy_local.ledger.track import WRAP

from .series import (
    DAY,
    HOUR,
    LIMIT,
    SLACK,
    Feeder,
    Run,
    Sample,
    assert_sane,
    sunny_days,
    truth_at,
)

STEP = 300.0
TRUTH = sunny_days(days=3, step=STEP)
TRUTH = (replace(TRUTH[0], at=-DAY), *TRUTH)
"""Three days, after one on which the counter was known already."""
GROWTH = 2000.0
"""Wh of what garbage seems to count; the truth catches up with them."""
SETTLES = 40 * 60.0
"""Seconds in which a counter is believed where it is, with a step to spare."""

LIES: dict[str, Callable[[Sample], float | None]] = {
    "zero": lambda _: 0.0,
    "1583": lambda _: 1583.0,
    "-1 unsigned": lambda _: 4294967295.0,
    "large": lambda _: 6.78e9,
    "half": lambda s: s.raw and s.raw / 2,
    "a phase": lambda s: s.raw and s.raw * 0.45,
    "nothing": lambda _: None,
}
"""What a gateway says for a while instead of its counter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lie:
    kind: str
    start: float
    seconds: float

    @property
    def end(self) -> float:
        return self.start + self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A counter that goes on from elsewhere.

    Not from next to nothing: there a lie and the truth, or two lies, are less
    apart than what the site can do in a day, and nobody can tell which is which.
    """

    at: float
    to: float


at_of, to_of = attrgetter("at"), attrgetter("to")
starts = st.integers(12, int(2 * DAY / STEP)).map(lambda n: n * STEP)
lies = st.builds(
    Lie,
    kind=st.sampled_from(sorted(LIES)),
    start=starts,
    seconds=st.sampled_from([1, 2, 3, 7, 12, 36, 48]).map(lambda n: n * STEP),
)
moves = st.builds(Move, at=starts, to=st.sampled_from([9e6, 3e7, 9e7, 4e8]))
restarts = st.lists(starts, max_size=4).map(sorted)


def moved(series: Sequence[Sample], move: Move) -> list[Sample]:
    shift = move.to - truth_at(series, move.at)
    return [replace(s, raw=s.truth + shift) if s.at >= move.at else s for s in series]


def lied(series: Sequence[Sample], lie: Lie, real: Sequence[Sample]) -> list[Sample]:
    """Lay a lie upon others; the last one is told."""
    say = LIES[lie.kind]
    return [
        replace(s, raw=say(true)) if lie.start <= s.at < lie.end else s
        for s, true in zip(series, real, strict=True)
    ]


def broken(
    series: Sequence[Sample], told: Sequence[Lie], changes: Sequence[Move]
) -> list[Sample]:
    samples = list(series)
    for change in sorted(changes, key=lambda m: m.at):
        samples = moved(samples, change)
    real = samples
    for lie in told:
        samples = lied(samples, lie, real)
    return samples


def feed(series: Sequence[Sample], off: Sequence[float], *, wraps: bool = False) -> Run:
    """Feed a counter that is written and read again now and then."""
    feeder = Feeder(wraps=wraps)
    shown: list[float | None] = []
    begin = -DAY
    for end in (*off, 9 * DAY):
        part = feeder.feed(s for s in series if begin <= s.at < end)
        shown += part.shown
        state = json.loads(json.dumps(feeder.counter.as_state()))
        feeder.counter = EnergyCounter.from_state(state)
        begin = end
    return Run(
        series=series,
        shown=shown,
        corrections=feeder.corrections,
        counter=feeder.counter,
    )


def proves(told: Sequence[Lie]) -> float:
    """Return the seconds after which a place is known for longer than the lies last.

    Until then nobody can tell which of the two is the lie.
    """
    return max(4 * HOUR, sum(lie.seconds for lie in told)) + SETTLES


def lost_by(change: Move, told: Sequence[Lie], changes: Sequence[Move]) -> float:
    """Return the Wh that nobody can know, of a counter that moves for good.

    From its last good read in the old place to the first one of those that
    stayed in the new one.
    """
    noise = [(lie.start, lie.end) for lie in told]
    noise += [(c.at, c.at) for c in changes]
    first, last = change.at - STEP, change.at
    grown = True
    while grown:
        touching = [
            (begin, end)
            for begin, end in noise
            if begin <= last + proves(told) and end >= first - SETTLES
        ]
        low = min([first, *(begin - STEP for begin, _ in touching)])
        high = max([last, *(end for _, end in touching)])
        grown = (low, high) != (first, last)
        first, last = low, high
    return truth_at(TRUTH, last) - truth_at(TRUTH, first)


def energy_during(lie: Lie) -> float:
    """Return what was produced meanwhile, and until the end of it is believed."""
    return truth_at(TRUTH, lie.end + SETTLES) - truth_at(TRUTH, lie.start - STEP)


@settings(max_examples=400)
@given(told=st.lists(lies, max_size=5), off=restarts)
def test_lies_leave_nothing_behind(told: list[Lie], off: list[float]) -> None:
    done = feed(broken(TRUTH, told, []), off)
    assert_sane(done, ahead=GROWTH, standstill=HOUR)
    assert abs(done.error) <= SLACK


def lies_but(kind: str) -> st.SearchStrategy[list[Lie]]:
    return st.lists(lies.filter(lambda lie: lie.kind != kind), max_size=4)


a_small_lie = st.sampled_from(["zero", "1583"]).flatmap(lies_but)
"""Lies with one small number at most. Zero and then 1583 are what a counter says
that was reset and has begun to count: nobody can tell them apart."""
one_or_two_moves = st.lists(moves, min_size=1, max_size=2, unique_by=(at_of, to_of))


@settings(max_examples=400)
@given(told=a_small_lie, changes=one_or_two_moves, off=restarts)
def test_moves_lose_no_more_than_nobody_can_know(
    told: list[Lie], changes: list[Move], off: list[float]
) -> None:
    done = feed(broken(TRUTH, told, changes), off)
    lost = sum(lost_by(change, told, changes) for change in changes)
    assert_sane(done, ahead=GROWTH, standstill=HOUR)
    assert -lost - SLACK <= done.error <= SLACK


@settings(max_examples=300)
@given(
    told=st.lists(lies, min_size=1, max_size=4),
    changes=one_or_two_moves,
    off=restarts,
)
def test_a_lie_that_looks_like_a_reset_adds_no_more_than_it_says(
    told: list[Lie], changes: list[Move], off: list[float]
) -> None:
    """Zero and then 1583, and the counter never comes back to where it was."""
    done = feed(broken(TRUTH, told, changes), off)
    lost = sum(lost_by(change, told, changes) for change in changes)
    said = 1583.0 * sum(lie.kind == "1583" for lie in told)
    assert_sane(done, ahead=GROWTH + said, standstill=HOUR)
    assert -lost - SLACK <= done.error <= said + SLACK


def wrapping(before: Sequence[float]) -> list[Sample]:
    """Return the sum of inverters, each so many Wh before its wrap."""
    begun = sum(WRAP - lead for lead in before)
    made = [s.truth - TRUTH[0].truth for s in TRUTH]
    return [
        replace(
            s,
            truth=begun + energy,
            raw=sum((WRAP - lead + energy / len(before)) % WRAP for lead in before),
        )
        for s, energy in zip(TRUTH, made, strict=True)
    ]


def wraps_during(told: Sequence[Lie], series: Sequence[Sample]) -> bool:
    """Whether one wraps while a lie is told, or before its end is believed."""
    wrapped = [
        after.at
        for before, after in pairwise(series)
        if (after.raw or 0.0) < (before.raw or 0.0)
    ]
    return any(
        lie.start - STEP <= at <= lie.end + SETTLES for lie in told for at in wrapped
    )


leads = st.lists(st.floats(10, 90_000), min_size=1, max_size=6)
far_leads = st.lists(st.floats(200_000, 280_000), min_size=1, max_size=3)
whole_lies = lies.filter(lambda lie: lie.kind not in {"half", "a phase"})
large_or_zero = whole_lies.filter(lambda lie: lie.kind != "1583")
"""Close to a wrap 1583 Wh can be what a counter says that has just wrapped, or a
little later: nobody can tell them apart while they last."""
small_lie = st.builds(replace, whole_lies, kind=st.just("1583"))


@settings(max_examples=300)
@given(before=leads, told=st.lists(large_or_zero, max_size=5), off=restarts)
def test_wraps_and_lies_leave_nothing_behind(
    before: list[float], told: list[Lie], off: list[float]
) -> None:
    """Inverters that wrap inside their sum, one by one and at once."""
    series = wrapping(before)
    assume(not wraps_during(told, series))
    done = feed(broken(series, told, []), off, wraps=True)
    assert_sane(done, standstill=HOUR)
    assert abs(done.error) <= SLACK


@settings(max_examples=300)
@given(before=far_leads, told=st.lists(whole_lies, max_size=5), off=restarts)
def test_far_from_a_wrap_no_lie_looks_like_one(
    before: list[float], told: list[Lie], off: list[float]
) -> None:
    done = feed(broken(wrapping(before), told, []), off, wraps=True)
    assert_sane(done, ahead=GROWTH, standstill=HOUR)
    assert abs(done.error) <= SLACK
    assert not done.corrections[Correction.WRAP]


@settings(max_examples=200)
@given(before=leads, lie=whole_lies, off=restarts)
def test_a_wrap_behind_a_lie_costs_no_more_than_the_lie(
    before: list[float], lie: Lie, off: list[float]
) -> None:
    """A wrap that nobody sees can't always be told from a reset.

    Nor a lie from a wrap: then the total is ahead for a while, by what the site
    can do in a few hours, and the truth catches up with it.
    """
    done = feed(broken(wrapping(before), [lie], []), off, wraps=True)
    assert_sane(done, ahead=3 * LIMIT, standstill=3 * HOUR)
    assert -energy_during(lie) - SLACK <= done.error <= 3 * LIMIT


@settings(max_examples=300)
@given(
    before=leads,
    small=small_lie,
    told=st.lists(whole_lies, max_size=3),
    off=restarts,
)
def test_lies_that_look_like_wraps_cost_what_the_site_does_in_hours(
    before: list[float], small: Lie, told: list[Lie], off: list[float]
) -> None:
    done = feed(broken(wrapping(before), [small, *told], []), off, wraps=True)
    assert_sane(done, ahead=8 * LIMIT, standstill=8 * HOUR)
    assert abs(done.error) <= 8 * LIMIT


@settings(max_examples=300)
@given(
    told=st.lists(lies, max_size=4),
    changes=st.lists(moves, max_size=1),
    off=restarts,
)
@example(told=[], changes=[], off=[HOUR])
def test_a_restart_at_any_moment_changes_nothing(
    told: list[Lie], changes: list[Move], off: list[float]
) -> None:
    series = broken(TRUTH, told, changes)
    assert feed(series, off).shown == feed(series, []).shown
