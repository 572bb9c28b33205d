"""What an hour of live power costs a Home Assistant, beside an hour without."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
import json
from math import ceil
import os
from pathlib import Path
import platform
import sys
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import live_gateway, live_measured  # noqa: E402  # after the path
from benchmarks.bench_influxdb import say, spoken  # noqa: E402  # as above
from benchmarks.bench_ledger import processor  # noqa: E402  # as above
from benchmarks.influxdb_lag import Probe  # noqa: E402  # as above

_HOUR: Final = 3600.0
_PACES: Final = (0, 1, 5, 60)
_PACE: Final = 5
"""The default, for which the project asks something of itself."""
_MOST_SHARE: Final = 0.5
"""Percent of a core."""
_LEAST_FRAMES: Final = 0.98
_LATE: Final = 16.0
"""Frames that a silence may hold back at the end of a stretch."""

type Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    speed: float
    """How many times faster time passes than it does."""
    seconds: float
    """Of the gateway's time, for each pace."""
    real: float
    """Seconds as they are; 0 to leave these out."""
    lag: float = 30.0


_FULL: Final = Plan(speed=30, seconds=_HOUR, real=120)
_QUICK: Final = Plan(speed=30, seconds=120, real=0)


@asynccontextmanager
async def gateway(speed: float) -> AsyncIterator[dict[str, str]]:
    """Run a gateway in a process of its own; yield where it is."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        live_gateway.__file__,
        str(speed),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("Nothing to talk through")
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


async def stretches(
    paces: Sequence[int], *, speed: float, seconds: float, lag: float = 0.0
) -> dict[int, Figures]:
    """Measure one stretch for each pace; return them by pace."""
    figures: dict[int, Figures] = {}
    async with gateway(speed) as facts:
        job = live_measured.Job(
            gateway=facts, speed=speed, paces=paces, seconds=seconds, lag=lag
        )
        async for said in spoken(live_measured.__file__, asdict(job)):
            say(f"  pace {said['pace']}: {said['cpu']:.2f} s CPU")
            figures[said["pace"]] = said
    for stretch in figures.values():
        check(stretch, seconds)
    return figures


def check(said: Figures, seconds: float) -> None:
    """Stop where what was measured isn't an undisturbed stream."""
    least = seconds * _LEAST_FRAMES - _LATE if said["pace"] else 0
    if said["bad"] or said["connects"] or said["frames"] < least:
        sys.exit(f"The stream was disturbed: {said}")


def table(figures: Mapping[int, Figures], seconds: float) -> Iterator[str]:
    """Yield what an hour takes at each pace."""
    found, hours = [figures[pace] for pace in _PACES], _HOUR / seconds
    idle, *live = (hours * said["cpu"] for said in found)
    paced = found[1:]
    yield row("an hour", "without", *(f"pace {pace} s" for pace in _PACES[1:]))
    yield row("  frames", *(f"{hours * said['frames']:,.0f}" for said in found))
    yield row("  CPU of all, s", f"{idle:.2f}", *(f"{cpu:.2f}" for cpu in live))
    yield row("  CPU of live power, s", "", *(f"{cpu - idle:.2f}" for cpu in live))
    shares = [100 * (cpu - idle) / _HOUR for cpu in live]
    wanted = f"wanted: under {_MOST_SHARE} at pace {_PACE}"
    yield row("  % of one core", "", *(f"{share:.3f}" for share in shares), wanted)
    yield row(
        "  states written by power sensors",
        *(f"{hours * said['power']:,.0f}" for said in found),
    )
    most = [
        hours * ceil(seconds / said["pace"] + 1) * said["sensors"] for said in paced
    ]
    yield row("    wanted: at most", "", *(f"{bound:,.0f}" for bound in most))
    yield row(
        "  states written by the others",
        *(f"{hours * said['others']:,.0f}" for said in found),
    )
    yield from prices(found)


def prices(found: Sequence[Figures]) -> Iterator[str]:
    """Yield what a frame and a state cost, from the paces far apart."""
    idle, often, _, rarely = found
    states = often["power"] - rarely["power"]
    state = (often["cpu"] - rarely["cpu"]) / states
    rest = rarely["cpu"] - idle["cpu"] - state * (rarely["power"] - idle["power"])
    frame = rest / rarely["frames"]
    yield f"  a frame {1e6 * frame:.0f} µs, a state {1e6 * state:.0f} µs"


def real_table(
    figures: Mapping[int, Figures], beside: Mapping[str, float]
) -> Iterator[str]:
    """Yield what it takes while time passes as it does."""
    idle, live = figures[0], figures[_PACE]
    yield row(f"{live['took']:.0f} s as they are", "without", f"pace {_PACE} s")
    yield row("  frames", f"{idle['frames']}", f"{live['frames']}")
    yield row("  CPU of all, s", f"{idle['cpu']:.3f}", f"{live['cpu']:.3f}")
    share = 100 * (live["cpu"] - idle["cpu"]) / live["took"]
    yield row("  % of one core", "", f"{share:.3f}")
    yield row("  states written by power sensors", idle["power"], live["power"])
    yield row("  event loop late by, ms", "p50", "p99", "max")
    for name, lag in (
        ("without", idle["lag"]),
        (f"pace {_PACE} s", live["lag"]),
        ("an idle loop beside it", beside),
    ):
        times = (f"{lag[key]:.2f}" for key in ("p50", "p99", "max"))
        yield row(f"    {name}", *times)


async def run(plan: Plan) -> list[str]:
    """Measure everything; return the table."""
    say(f"{plan.seconds:.0f} s for each pace, {plan.speed:g} times as fast ...")
    hours = await stretches(_PACES, speed=plan.speed, seconds=plan.seconds)
    lines = list(table(hours, plan.seconds))
    measured = [*hours.values()]
    if plan.real:
        say(f"{plan.real:.0f} s as they are ...")
        real = await stretches((0, _PACE), speed=1, seconds=plan.real, lag=plan.lag)
        probe = Probe()
        await asyncio.sleep(plan.lag)
        lines += real_table(real, await probe.end())
        measured += real.values()
    loads = [said["load"] for said in measured]
    return [f"load {min(loads):.1f} to {max(loads):.1f} meanwhile", *lines]


def about(plan: Plan) -> Iterator[str]:
    """Yield what was measured, and where."""
    python, core = platform.python_version(), version("homeassistant")
    yield f"{processor()}, {os.cpu_count()} CPUs, {platform.system()}"
    yield f"Python {python}, Home Assistant {core}"
    yield (
        f"Site {live_gateway.SITE}; {plan.seconds:.0f} s for each pace,"
        f" {plan.speed:g} times as fast"
    )


def row(name: str, *cells: object) -> str:
    """Return a line of the table."""
    shown = [*cells[:4], *("" for _ in range(4 - len(cells)))]
    rest = "".join(f"   {cell}" for cell in cells[4:])
    return (f"{name:34}" + "".join(f"{cell!s:>11}" for cell in shown) + rest).rstrip()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute, roughly")
    plan = _QUICK if parser.parse_args().quick else _FULL
    lines = asyncio.run(run(plan))
    sys.stdout.write("\n".join([*about(plan), *lines]) + "\n")


if __name__ == "__main__":
    main()
