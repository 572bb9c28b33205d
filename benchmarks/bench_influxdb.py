"""Forwarding to InfluxDB beside core's `influxdb` integration, on the same server.

Three questions: what a stored reading costs, how soon it is stored, and whether the
event loop stays free while a backlog is worked off. A reading is one number.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
import json
import os
from pathlib import Path
import pickle
import platform
import re
import sys
import tempfile
import time
from typing import Any, Final

import homeassistant.components

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import influxdb_lag, influxdb_measured  # noqa: E402  # after the path
from benchmarks.bench_ledger import processor  # noqa: E402  # as above
from benchmarks.influxdb_measured import Way  # noqa: E402  # as above
from benchmarks.influxdb_site import INVERTERS, Poll, record  # noqa: E402  # as above
from benchmarks.influxdb_table import Run, Side, drain_rows, row, rows  # noqa: E402  # as above
from tests.influxdb.servers import FOLDER, Influxd  # noqa: E402  # as above

_FIRST: Final = "2026.10"
"""The oldest Home Assistant that this was run on; 2025.4 knows YAML only."""
_LOOK: Final = 0.005
_PATIENCE: Final = 30.0
_TEXT: Final = re.compile(r'"(?:\\.|[^"\\])*"')
_NUMBER: Final = re.compile(r"([^,=]+)=-?\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    rounds: int
    paced: int
    """Readings of the gateway, one every `pace` seconds."""
    burst: int
    """Readings of the gateway, as fast as it goes."""
    backlog: int
    """Lines."""
    rest: float
    pace: float = 1.5
    """Longer than the second after which core's integration closes a batch."""


_FULL: Final = Plan(rounds=3, paced=20, burst=1200, backlog=1_000_000, rest=10)
_QUICK: Final = Plan(rounds=1, paced=8, burst=240, backlog=100_000, rest=3)


@dataclass(frozen=True, slots=True)
class Readings:
    """What the measured processes are given."""

    path: str
    numbers: int


def stored_numbers(server: Influxd, database: str, way: Way) -> int:
    """Count the numbers in a database.

    Of core's integration the state only: what else it stores says nothing about the
    reading. Of ours all but the line about forwarding itself.
    """
    if way is Way.CORE:
        counted = server.query('SELECT count("value") FROM /.*/', database)
        return sum(found["count"] for found in counted)
    total = 0
    measurements = server.query("SHOW MEASUREMENTS", database)
    for name in {found["name"] for found in measurements} - {"envoy_forwarder"}:
        keys = server.query(f'SHOW FIELD KEYS FROM "{name}"', database)
        numbers = [key["fieldKey"] for key in keys if key["fieldType"] == "float"]
        counts = ", ".join(f'count("{number}") AS "{number}"' for number in numbers)
        if numbers:
            query = f'SELECT {counts} FROM "{name}"'  # noqa: S608  # InfluxQL
            [found] = server.query(query, database)
            total += sum(found[number] for number in numbers)
    return total


def numbers(polls: Sequence[Poll]) -> int:
    """Count the numbers that our lines hold; what is written twice counts once."""
    found = set()
    for line in (line for poll in polls for line in poll.lines):
        series, _, rest = line.partition(" ")
        fields, _, when = rest.rpartition(" ")
        names = _NUMBER.findall(_TEXT.sub("", fields))
        found |= {(series, when, name) for name in names}
    return len(found)


class Bench:
    """A server, the readings, and one measured process after the other."""

    def __init__(self, server: Influxd, folder: Path, plan: Plan) -> None:
        """Measure with a server that runs already."""
        self._server = server
        self._folder = folder
        self._plan = plan
        self._databases = 0

    def write(self, name: str, polls: Sequence[Poll]) -> Readings:
        """Write readings to a file for the measured processes."""
        path = self._folder / name
        path.write_bytes(pickle.dumps(polls))
        return Readings(str(path), numbers(polls))

    def database(self) -> str:
        """Create a database of its own for the next process."""
        self._databases += 1
        name = f"bench_{self._databases}"
        self._server.query(f"CREATE DATABASE {name}")
        return name

    async def forward(self, way: Way, polls: Readings, pace: float) -> Run:
        """Let one way forward these readings."""
        database = self.database()
        job = influxdb_measured.Job(
            way=way,
            polls=polls.path,
            url=self._server.url,
            database=database,
            pace=pace,
        )
        run, looking = Run(), []
        async for said in spoken(influxdb_measured.__file__, asdict(job)):
            if "cpu" in said:
                run.cpu, run.memory = said["cpu"], said["rss"]
                run.polls, changes = said["polls"], said["changes"]
            elif way is not Way.NOBODY:
                looking.append(asyncio.create_task(self._look(database, said)))
        run.latencies = list(await asyncio.gather(*looking))
        if way is not Way.NOBODY:
            run.stored = stored_numbers(self._server, database, way)
        wanted = {Way.NOBODY: 0, Way.CORE: changes, Way.OURS: polls.numbers}[way]
        if run.stored != wanted:
            sys.exit(f"{run.stored} of {wanted} numbers are stored by: {way}")
        return run

    async def _look(self, database: str, said: dict[str, Any]) -> float:
        """Return how long after a reading its last point was to be seen."""
        query = partial(self._server.query, said["look_for"], database)
        at = float(said["at"])
        while not await asyncio.to_thread(query):
            if time.time() > at + _PATIENCE:
                raise RuntimeError(f"This never arrived: {said['look_for']}")
            await asyncio.sleep(_LOOK)
        return time.time() - at

    async def drain(self, polls: str) -> dict[str, Any]:
        """Work off a backlog; return its figures, with the lag of our own loop.

        That one has nothing to do: its lag is what the machine is to blame for.
        """
        job = influxdb_lag.Job(
            polls=polls,
            lines=self._plan.backlog,
            url=self._server.url,
            database=self.database(),
            watch=self._plan.rest,
        )
        figures: dict[str, Any] = {}
        probe = influxdb_lag.Probe()
        async for said in spoken(influxdb_lag.__file__, asdict(job)):
            if not said:
                await probe.end()
                probe = influxdb_lag.Probe()
            figures |= said
        return {**figures, "beside": await probe.end()}


async def spoken(script: str, job: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Run a measured process and yield what it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, script, json.dumps(job), stdout=asyncio.subprocess.PIPE
    )
    if process.stdout is None:
        return
    try:
        async for line in process.stdout:
            yield json.loads(line)
    finally:
        if await process.wait():
            sys.exit(f"{Path(script).name} failed")


async def measure(bench: Bench, side: Side, polls: Readings) -> None:
    """Add a round to the figures of a pace."""
    side.nobody.append(await bench.forward(Way.NOBODY, polls, side.pace))
    side.core.append(await bench.forward(Way.CORE, polls, side.pace))
    side.ours.append(await bench.forward(Way.OURS, polls, side.pace))


async def run(bench: Bench, plan: Plan) -> list[str]:
    """Measure everything; return the table."""
    readings = await record(max(plan.paced, plan.burst))
    few = bench.write("paced", readings[: plan.paced])
    many = bench.write("burst", readings[: plan.burst])
    paced, burst = Side(plan.pace), Side(0)
    for number in range(plan.rounds):
        say(f"Round {number + 1} of {plan.rounds} ...")
        await measure(bench, paced, few)
        await measure(bench, burst, many)
    say("Working off a backlog ...")
    drained = await bench.drain(many.path)
    return [
        *rows(f"A reading every {plan.pace:g} s", paced),
        *rows("As fast as it goes", burst),
        *drain_rows(drained),
    ]


def requirements() -> list[str]:
    """Return what core's integration needs."""
    core = Path(homeassistant.components.__file__).parent / "influxdb"
    manifest = json.loads((core / "manifest.json").read_text())
    return list(manifest["requirements"])


def missing() -> Iterator[str]:
    """Yield what has to be there first."""
    if not (FOLDER / "influxd").is_file():
        yield "InfluxDB: scripts/lib/fetch_servers.sh gets it"
    if version("homeassistant") < _FIRST:
        yield f"Home Assistant {_FIRST} or newer, whose integration can be set up here"
    for requirement in requirements():
        name, _, wanted = requirement.partition("==")
        try:
            found = version(name)
        except PackageNotFoundError:
            found = ""
        if found != wanted:
            yield f"uv pip install --python {sys.executable} {requirement}"


def about(server: Influxd, plan: Plan) -> Iterator[str]:
    """Yield what was measured, and where."""
    [told] = server.query("SHOW DIAGNOSTICS FOR 'build'")
    python, core = platform.python_version(), version("homeassistant")
    yield f"{processor()}, {os.cpu_count()} CPUs, {platform.system()}"
    yield f"Python {python}, Home Assistant {core} with {', '.join(requirements())}"
    yield f"InfluxDB {told['Version']}; {INVERTERS} inverters; rounds: {plan.rounds}"
    yield row("", "core", "ours")


def say(text: str) -> None:
    """Tell how far it is, beside the table."""
    sys.stderr.write(text + "\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes, roughly")
    plan = _QUICK if parser.parse_args().quick else _FULL
    if lacking := list(missing()):
        sys.exit("\n".join(["This benchmark needs", *lacking]))
    with tempfile.TemporaryDirectory() as folder:
        server = Influxd(Path(folder, "influxd"))
        with server.running():
            bench = Bench(server, Path(folder), plan)
            table = asyncio.run(run(bench, plan))
            sys.stdout.write("\n".join([*about(server, plan), *table]) + "\n")


if __name__ == "__main__":
    main()
