"""The figures of both ways to InfluxDB, and the table that they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

_MOST_LATENCY: Final = 1.0
"""Seconds that the project asks of itself, here and below."""
_MOST_LAG: Final = 5.0
"""Milliseconds."""
_LEAST_RATIO: Final = 4.0


@dataclass(slots=True, kw_only=True)
class Run:
    """What one way took for the readings it was given."""

    polls: int = 0
    cpu: float = 0
    memory: float = 0
    stored: int = 0
    latencies: list[float] = field(default_factory=list)
    """Seconds from a reading until the last of its points can be queried."""


@dataclass(slots=True)
class Side:
    """All rounds of core's integration and of ours, with the same readings."""

    pace: float
    nobody: list[Run] = field(default_factory=list)
    core: list[Run] = field(default_factory=list)
    ours: list[Run] = field(default_factory=list)

    @property
    def idle(self) -> float:
        """CPU seconds of a Home Assistant that gets the states and forwards nothing."""
        return median(run.cpu for run in self.nobody)

    def per_second(self, run: Run) -> float:
        """Return how many numbers are stored in a CPU-second."""
        return run.stored / (run.cpu - self.idle)

    def ratios(self) -> list[float]:
        """Return how many times core's each round of ours stores, sorted."""
        pairs = zip(self.core, self.ours, strict=True)
        return sorted(self.per_second(o) / self.per_second(c) for c, o in pairs)


def rows(name: str, side: Side) -> Iterator[str]:
    """Yield the lines of the table for one pace."""
    core, ours = side.core, side.ours
    yield f"{name}: {core[0].polls} times read"
    yield row("  numbers stored", *(f"{runs[0].stored:,}" for runs in (core, ours)))
    yield row(
        "  CPU for a time, ms",
        *(
            f"{median(1000 * (run.cpu - side.idle) / run.polls for run in runs):.2f}"
            for runs in (core, ours)
        ),
    )
    rates = [median(map(side.per_second, runs)) for runs in (core, ours)]
    ratios = side.ratios()
    yield row(
        "  numbers stored per CPU-second",
        *(f"{rate:,.0f}" for rate in rates),
        f"{rates[1] / rates[0]:.1f} times ({ratios[0]:.1f} to {ratios[-1]:.1f});"
        f" wanted: {_LEAST_RATIO:.0f}",
    )
    yield row(
        "  memory at most, MB above none",
        *(
            f"{median(run.memory for run in runs) - _memory(side):.0f}"
            for runs in (core, ours)
        ),
    )
    if side.pace:
        yield from latency_rows(core, ours)


def _memory(side: Side) -> float:
    return median(run.memory for run in side.nobody)


def latency_rows(core: Sequence[Run], ours: Sequence[Run]) -> Iterator[str]:
    """Yield how long it took until readings were stored."""
    core_, ours_ = (
        sorted(second for run in runs for second in run.latencies)
        for runs in (core, ours)
    )
    for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
        found = (
            late[min(int(share * len(late)), len(late) - 1)] for late in (core_, ours_)
        )
        wanted = f"wanted: under {_MOST_LATENCY:.0f}" if name == "max" else ""
        label = f"  from read to stored, {name}, s"
        yield row(label, *(f"{seconds:.3f}" for seconds in found), wanted)


def drain_rows(figures: dict[str, Any]) -> Iterator[str]:
    """Yield what a backlog took."""
    lines, took, memory = figures["lines"], figures["took"], figures["memory"]
    yield (
        f"a backlog of {lines:,} lines: {took:.1f} s, {lines / took:,.0f} lines/s,"
        f" {1e6 * figures['cpu'] / lines:.1f} µs CPU a line,"
        f" {memory['before']:.0f} MB before, {memory['highest']:.0f} MB at most"
    )
    yield row("  event loop late by, ms", "p50", "p99", "max")
    for name, key in (
        ("while it drains", "lag"),
        ("an idle loop beside it", "beside"),
        ("the same loop at rest, before", "rest"),
    ):
        lag = figures[key]
        wanted = f"wanted: p99 under {_MOST_LAG:.0f}" if key == "lag" else ""
        times = (f"{lag[share]:.2f}" for share in ("p50", "p99", "max"))
        yield row(f"    {name}", *times, wanted)


def row(name: str, *cells: str) -> str:
    """Return a line of the table."""
    return (
        f"{name:36}"
        + "".join(f"{cell:>12}" for cell in cells[:2])
        + "".join(f"   {cell:>9}" for cell in cells[2:])
    )
