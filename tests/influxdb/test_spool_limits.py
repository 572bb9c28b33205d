"""A full spool or a full disk costs the oldest readings, and each is counted once."""

from __future__ import annotations

from pathlib import Path
import resource
import shutil
from typing import NamedTuple

import pytest

from custom_components.envoy_local.influxdb.spool import Refused, Spool, SpoolError

from .conftest import readings
from .spools import LIMIT, fill, next_batch, noise, taken, total


def test_beyond_the_limit_the_oldest_go_and_are_counted(spool: Spool) -> None:
    polls = [[noise(20_000), noise(20_000)] for _ in range(100)]

    for number, poll in enumerate(polls):
        spool.put(poll, now=float(number))

    kept = [poll for poll in polls if poll[0] in set(taken(spool))]
    counts = spool.counts()
    assert kept == polls[-len(kept) :]
    assert counts.pending == 2 * len(kept)
    assert counts.dropped == 2 * (len(polls) - len(kept))
    assert counts.oldest == len(polls) - len(kept)
    assert LIMIT * 0.9 < counts.size <= LIMIT


def test_the_newest_poll_is_kept_whatever_its_size(spool: Spool) -> None:
    spool.put(readings(1, 1), now=1.0)
    huge = [noise(3 * LIMIT)]

    spool.put(huge, now=2.0)

    assert taken(spool) == huge
    assert spool.counts().dropped == 1


def test_a_batch_that_made_room_meanwhile_is_not_counted_twice(spool: Spool) -> None:
    spool.put([noise(4000)], now=1.0)
    batch = next_batch(spool)
    spool.put([noise(3 * LIMIT)], now=2.0)

    spool.remove(batch, now=3.0, refused=[Refused(batch.lines[0], "bad")], too_old=1)

    counts = spool.counts()
    assert (counts.pending, counts.dropped) == (1, 1)
    assert (counts.delivered, counts.quarantined, counts.too_old) == (0, 0, 0)


def test_a_part_that_made_room_meanwhile_is_not_counted_twice(spool: Spool) -> None:
    spool.put(readings(1, 5), now=1.0)
    batch = next_batch(spool, lines=2)
    spool.put([noise(3 * LIMIT)], now=2.0)

    spool.remove(batch, now=3.0)

    assert spool.counts().dropped == 5
    assert total(spool.counts()) == 6


class DiskUsage(NamedTuple):
    """What the system says of a disk."""

    total: int
    used: int
    free: int


def test_a_crowded_disk_is_left_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(path, limit=8 * LIMIT)
    spool.open()
    fill(spool, range(100), size=40_000)
    size = spool.counts().size
    assert size > LIMIT

    # Nothing else can make a disk crowded here, for a test that isn't alone on it.
    crowded = DiskUsage(total=10**9, used=95 * 10**7, free=5 * 10**7)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: crowded)
    fill(spool, range(100, 150), size=40_000)
    assert spool.counts().size <= size
    assert spool.counts().pending in {99, 100}

    monkeypatch.undo()
    dropped = spool.counts().dropped
    fill(spool, range(150, 180), size=40_000)
    assert spool.counts().dropped == dropped
    spool.close()


def test_a_crowded_disk_takes_a_short_outage_still(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowded = DiskUsage(total=10**9, used=10**9, free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: crowded)

    fill(spool, range(100), size=4000)

    assert spool.counts().pending == 100


def test_gives_the_disk_back_what_a_long_outage_took(path: Path) -> None:
    spool = Spool(path)
    spool.open()
    fill(spool, range(50), size=800_000)
    spool.hold()
    spool.release()
    assert path.stat().st_size > 20 * 2**20

    while batch := spool.peek(lines=100, size=2**22):
        spool.remove(batch, now=1.0)
    spool.close()

    assert path.stat().st_size < 2**17


def test_gives_it_back_though_there_is_always_something_new(path: Path) -> None:
    spool = Spool(path)
    spool.open()
    fill(spool, range(50), size=800_000)
    for _ in range(49):
        spool.remove(next_batch(spool, lines=1), now=1.0)
    for number in range(50, 60):
        spool.acknowledge(next_batch(spool))
        fill(spool, [number], size=100)

    # Everything is in the main file then.
    spool.hold()
    assert path.stat().st_size < 2**20
    assert total(spool.counts()) == 60
    assert spool.counts().pending == 1
    spool.close()


def test_a_full_disk_is_told_and_passes(spool: Spool) -> None:
    spool.put(readings(1, 3), now=1.0)
    # SQLite's own limit answers as a full disk does.
    database = spool._database
    assert database is not None
    [pages] = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(SpoolError, match=r"^The disk is full$"):
        spool.put([noise(90_000)], now=2.0)
    assert taken(spool) == readings(1, 3)

    database.execute("PRAGMA max_page_count=100000")
    spool.put(readings(4, 5), now=3.0)

    assert taken(spool) == readings(1, 5)
    assert total(spool.counts()) == 5


def test_a_disk_that_fails_to_write_is_told_and_passes(path: Path) -> None:
    spool = Spool(path)
    spool.open()
    spool.put(readings(1, 3), now=1.0)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The kernel refuses every file of this process to grow, a full disk's way.
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**15, before[1]))
    try:
        with pytest.raises(SpoolError):
            spool.put([noise(200_000)], now=2.0)
        with pytest.raises(SpoolError):
            spool.put([noise(200_000)], now=2.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    spool.put(readings(4, 5), now=3.0)

    assert taken(spool) == readings(1, 5)
    spool.close()
