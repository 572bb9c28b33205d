"""Home Assistant is killed at any moment: what it promised is stored, exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
import json
from pathlib import Path
import subprocess
import sys
from typing import Any, Final

import pytest

from custom_components.envoy_local.const import CONF_READINGS_INTERVAL

from ..influxdb.oracle import Value, parse
from ..influxdb.servers import OK, Influxd, free_port
from . import killed_home
from .influx_site import DATABASE, options_for
from .killed_home import Journal, Noted

type Point = tuple[str, frozenset[tuple[str, str]], int]
"""Measurement, tags and time: what a server tells points apart by."""
type Stored = dict[tuple[Point, str], Value]

PHASES: Final = ((12, False), (6, True), (10, False), (5, True), (7, False))
"""How many kills, and whether the server is up."""
SEED: Final = 4
HEALTH: Final = "envoy_forwarder"
_ROOT: Final = Path(__file__).parents[2]
_LEAVE: Final = 20


@pytest.fixture(name="_let_the_gateway_refuse", autouse=True)
def no_home_assistant_here() -> None:
    """Home Assistant and the gateway run in processes of their own."""


@pytest.fixture(name="influxd")
def influxd_fixture(socket_enabled: None, tmp_path: Path) -> Iterator[Influxd]:
    """Run InfluxDB with a database."""
    server = Influxd(tmp_path / "influxd")
    with server.running():
        server.query(f"CREATE DATABASE {DATABASE}")
        yield server


class Killer:
    """The process in which Home Assistant lives and dies."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def kill(self, times: int) -> None:
        """Have so many lives ended, each at a random moment."""
        self._ask(f"kill {times}")

    def finish(self) -> dict[str, Any]:
        """Have a last life deliver everything; return its status."""
        status: dict[str, Any] = self._ask("finish")
        return status

    def _ask(self, command: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the reason is in the captured standard error"
        return json.loads(answer)


@contextmanager
def a_home(folder: Path, url: str, *, seed: int) -> Iterator[Killer]:
    """Run the killer on a folder; its journal and Home Assistant's log are there."""
    options = {**options_for(url), CONF_READINGS_INTERVAL: int(killed_home.STEP)}
    process = subprocess.Popen(  # noqa: S603 - a program of our own
        [
            *(sys.executable, "-m", killed_home.__name__),
            *(str(folder), str(free_port()), json.dumps(options), str(seed)),
        ],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Killer(process)
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(_LEAVE) == 0
        finally:
            process.kill()


def stored_in(influxd: Influxd) -> Stored:
    """Return every field of every point, the forwarder's own health aside."""
    everything = "SELECT * FROM /.*/ GROUP BY *"
    status, said = influxd.ask("/query", q=everything, db=DATABASE, epoch="ms")
    assert status == OK, said
    [result] = json.loads(said)["results"]
    stored: Stored = {}
    for series in result["series"]:
        tags = frozenset((tag, text) for tag, text in series["tags"].items() if text)
        for time, *values in series["values"]:
            point = (series["name"], tags, time)
            for field, value in zip(series["columns"][1:], values, strict=True):
                stored[point, field] = value
    return {
        (point, field): value
        for (point, field), value in stored.items()
        if point[0] != HEALTH and value is not None
    }


def allowed_by(
    journal: list[Noted],
) -> tuple[Stored, dict[tuple[Point, str], set[Value]]]:
    """Return what must be stored, and what else may be in the place of each value.

    A reading that was cut off between the commit and the promise may be stored.
    """
    promised: Stored = {}
    possible: dict[tuple[Point, str], set[Value]] = defaultdict(set)
    for noted in journal:
        for row in map(parse, noted.lines):
            point = (row.measurement, frozenset(row.tags.items()), row.time)
            for field, value in row.fields.items():
                if noted.is_promised:
                    promised[point, field] = value
                    possible[point, field] = {value}
                else:
                    possible[point, field].add(value)
    return promised, possible


@pytest.mark.timeout(400)
def test_forty_kills_lose_nothing(influxd: Influxd, tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    influxd.stop()
    with a_home(folder, influxd.url, seed=SEED) as home:
        for kills, is_up in PHASES:
            {True: influxd.start, False: influxd.stop}[is_up]()
            home.kill(kills)
        influxd.start()
        by_the_killed = influxd.times("production", DATABASE)
        status = home.finish()

    journal = Journal(folder).read()
    promised, possible = allowed_by(journal)
    stored = stored_in(influxd)
    assert sum(kills for kills, _ in PHASES) == 40
    # How many depends on the machine: it is killed after some time, not some readings.
    assert sum(noted.is_promised for noted in journal) > 40
    assert 0 < len(by_the_killed) < len(influxd.times("production", DATABASE))
    assert promised.keys() - stored.keys() == set()
    assert stored.keys() - possible.keys() == set()
    wrong = {key: value for key, value in stored.items() if value not in possible[key]}
    assert wrong == {}
    assert {measurement for (measurement, _, _), _ in stored} >= {
        "production",
        "consumption",
        "grid",
        "battery",
        "inverter",
    }
    assert status["pending"] == status["dropped"] == status["quarantined"] == 0
    assert status["set_aside"] is None
    assert list((folder / "config").rglob("*.corrupt-*")) == []
