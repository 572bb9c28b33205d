"""A truth, what a faulty gateway makes of it, and what a counter shows then."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from itertools import pairwise
import random

from custom_components.envoy_local.ledger.corrections import Corrections
from custom_components.envoy_local.ledger.counter import EnergyCounter
from simulator import SCENARIOS, Plant

LIMIT = 12_000.0
"""W: one and a half times what the inverters of the plant can give."""
SLACK = 10.0
HOUR = 3600.0
DAY = 24 * HOUR
START = datetime.fromisoformat("2026-06-01T00:00:00+02:00").timestamp()
NOON = 12 * HOUR
MORNING = 9 * HOUR
NIGHT = 26 * HOUR
"""Two o'clock of the second night: the roof stands still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was read, and what had really been counted, in Wh."""

    at: float
    truth: float
    raw: float | None
    source: str = "meter"


type Fault = Callable[[Sequence[Sample]], list[Sample]]


@cache
def sunny_days(*, days: float = 2.0, step: float = 60.0) -> tuple[Sample, ...]:
    """Return what the simulator's roof produces, read without a fault."""
    plant = Plant(SCENARIOS["three_phase"])
    count = int(days * DAY / step) + 1
    produced = [plant.produced(START + n * step) for n in range(count)]
    return tuple(
        Sample(at=n * step, truth=energy, raw=energy)
        for n, energy in enumerate(produced)
    )


def during(
    start: float, seconds: float, raw: Callable[[Sample], float | None]
) -> Fault:
    """Let the gateway say something else for a while."""
    return lambda series: [
        replace(s, raw=raw(s) if start <= s.at < start + seconds else s.raw)
        for s in series
    ]


def since(start: float, raw: Callable[[Sample, float], float]) -> Fault:
    """Let the gateway say something else for good; told the truth at the start."""

    def fault(series: Sequence[Sample]) -> list[Sample]:
        then = truth_at(series, start)
        return [
            replace(s, raw=raw(s, then) if s.at >= start else s.raw) for s in series
        ]

    return fault


def frozen(start: float, seconds: float) -> Fault:
    """Let the counter stand still, and catch up in one step."""

    def fault(series: Sequence[Sample]) -> list[Sample]:
        then = truth_at(series, start)
        return during(start, seconds, lambda _: then)(series)

    return fault


def stepwise(seconds: float) -> Fault:
    """Let the counter move now and then only."""

    def fault(series: Sequence[Sample]) -> list[Sample]:
        return [
            replace(s, raw=truth_at(series, s.at // seconds * seconds)) for s in series
        ]

    return fault


def jumping_about(start: float, seconds: float, *, seed: int = 1) -> Fault:
    """Let the gateway say anything."""
    source = random.Random(seed)
    return during(start, seconds, lambda _: source.uniform(0, 2**33))


def truth_at(series: Sequence[Sample], at: float) -> float:
    """Return what had been counted at a time, by the last sample up to it."""
    return series[bisect_right(series, at, key=lambda s: s.at) - 1].truth


@dataclass(slots=True, kw_only=True)
class Run:
    """A counter that was fed with a series, and what it showed each time."""

    series: Sequence[Sample]
    shown: list[float | None]
    corrections: Corrections
    counter: EnergyCounter

    @property
    def last(self) -> float:
        """The last value shown."""
        assert self.shown[-1] is not None
        return self.shown[-1]

    @property
    def error(self) -> float:
        """What is shown too much in the end, Wh."""
        return self.last - self.series[-1].truth

    def known(self) -> list[tuple[Sample, float]]:
        """Return what was shown, from the first value on."""
        pairs = zip(self.series, self.shown, strict=True)
        return [(sample, shown) for sample, shown in pairs if shown is not None]


@dataclass(slots=True, kw_only=True)
class Feeder:
    """Feeds a counter, and can restart it between two readings."""

    limit: float = LIMIT
    wraps: bool = False
    counter: EnergyCounter = field(default_factory=EnergyCounter)
    corrections: Corrections = field(default_factory=Counter)

    def feed(self, series: Iterable[Sample]) -> Run:
        samples = list(series)
        shown = [
            self.counter.read(
                sample.raw,
                now=sample.at,
                limit=self.limit,
                corrections=self.corrections,
                source=sample.source,
                wraps=self.wraps,
            )
            for sample in samples
        ]
        return Run(
            series=samples,
            shown=shown,
            corrections=self.corrections,
            counter=self.counter,
        )


def run(*faults: Fault, wraps: bool = False, series: Sequence[Sample] = ()) -> Run:
    """Read the roof through some faults, one upon the other."""
    samples: Sequence[Sample] = series or sunny_days()
    for fault in faults:
        samples = fault(samples)
    return Feeder(wraps=wraps).feed(samples)


def assert_sane(
    done: Run,
    *,
    limit: float = LIMIT,
    ahead: float = SLACK,
    standstill: float = 0.0,
) -> None:
    """Assert what holds whatever happens.

    The total never falls. It is never ahead of the truth, so that the energy
    shown has really been there. It rises no faster than the site can, counted
    from the last time when nothing was missing, and `standstill` seconds more.
    """
    known = done.known()
    in_step = known[0][0].at
    for (before, low), (sample, high) in pairwise(known):
        assert high >= low, f"fell at {sample.at}"
        assert high <= sample.truth + ahead, f"ahead of the truth at {sample.at}"
        in_step = before.at if low >= before.truth - SLACK else in_step
        can = limit * (sample.at - in_step + standstill) / HOUR + SLACK
        assert high - low <= can, f"too fast at {sample.at}"
