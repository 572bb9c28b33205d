"""Killed at any moment: what was promised is stored, exactly."""

from __future__ import annotations

from pathlib import Path
import subprocess
import sys

import pytest

from . import killed
from .conftest import DATABASE, forwarding, v1
from .killed import Journal, times_of
from .servers import Influxd

KILLS = 20
"""Of each kind; a kill is at most a tenth of a second away from the first promise."""
ROOT = Path(__file__).parents[2]


def kill_repeatedly(url: str, spool: Path, journal: Path) -> None:
    command = [sys.executable, "-m", killed.__name__]
    arguments = [url, str(spool), str(journal), str(KILLS)]
    subprocess.run(  # noqa: S603 - a program of our own
        [*command, *arguments], cwd=ROOT, check=True, timeout=100
    )


@pytest.mark.parametrize("is_outage", [False, True])
async def test_random_kills_lose_nothing(
    influxd: Influxd, tmp_path: Path, is_outage: bool
) -> None:
    journal, spool = tmp_path / "journal", tmp_path / "spool.db"
    journal.touch()
    {True: influxd.stop, False: influxd.wake}[is_outage]()
    kill_repeatedly(influxd.url, spool, journal)
    influxd.stop()
    influxd.start()

    async with forwarding(v1(influxd.url), spool) as running:
        await running.until_empty()
        assert running.status().set_aside is None
        assert running.status().dropped == 0
        assert running.status().quarantined == 0

    tried = set(Journal(journal).numbers("tried"))
    promised = set(Journal(journal).numbers("promised"))
    stored = set(influxd.times("reading", DATABASE))
    whole = {number for number in tried if stored >= set(times_of(number))}
    assert len(promised) > KILLS
    assert whole >= promised
    # A kill between the commit and the promise may leave a poll, but a whole one.
    assert len(whole - promised) <= KILLS
    assert stored == {time for number in whole for time in times_of(number)}
