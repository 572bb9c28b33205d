"""What a server has stored leaves the disk with the next change, not before."""

from __future__ import annotations

from pathlib import Path
import random
import shutil

import pytest

from custom_components.envoy_local.influxdb.spool import Spool, SpoolError

from .conftest import readings
from .spools import fill, next_batch, noise, taken, total


def test_counts_as_delivered_at_once(spool: Spool) -> None:
    spool.put(readings(1, 3), now=1.0)

    spool.acknowledge(next_batch(spool))

    counts = spool.counts()
    assert (counts.pending, counts.oldest, counts.delivered) == (0, None, 3)
    assert spool.has_acknowledged


def test_goes_with_the_next_lines_that_are_put(spool: Spool) -> None:
    spool.put(readings(1, 3), now=1.0)
    spool.acknowledge(next_batch(spool))

    spool.put(readings(4, 5), now=2.0)

    counts = spool.counts()
    assert (counts.pending, counts.oldest, counts.delivered) == (2, 2.0, 3)
    assert taken(spool) == readings(4, 5)
    assert not spool.has_acknowledged
    assert total(spool.counts()) == 5


def test_goes_when_the_next_batch_is_wanted(spool: Spool) -> None:
    spool.put(readings(1, 3), now=1.0)
    spool.acknowledge(next_batch(spool))

    assert taken(spool) == []
    assert not spool.has_acknowledged
    assert spool.counts().delivered == 3


def test_goes_when_the_file_is_closed(path: Path, spool: Spool) -> None:
    spool.put(readings(1, 3), now=1.0)
    spool.acknowledge(next_batch(spool))

    spool.close()

    again = Spool(path)
    again.open()
    assert taken(again) == []
    assert again.counts().delivered == 3
    again.close()


def test_is_there_again_after_a_kill_and_then_counted_once(
    path: Path, spool: Spool, tmp_path: Path
) -> None:
    spool.put(readings(1, 3), now=1.0)
    spool.acknowledge(next_batch(spool))
    left = tmp_path / "left.db"
    shutil.copy(path, left)
    shutil.copy(f"{path}-wal", f"{left}-wal")

    found = Spool(left)
    found.open()
    assert taken(found) == readings(1, 3)
    assert found.counts().delivered == 0
    found.acknowledge(next_batch(found))
    found.put(readings(4, 4), now=2.0)
    assert (found.counts().delivered, found.counts().pending) == (3, 1)
    found.close()


def test_stays_acknowledged_while_the_disk_takes_nothing(spool: Spool) -> None:
    spool.put(readings(1, 3), now=1.0)
    spool.acknowledge(next_batch(spool))
    database = spool._database
    assert database is not None
    database.execute(f"PRAGMA max_page_count={2}").fetchall()

    with pytest.raises(SpoolError, match="full"):
        spool.put([noise(2**20)], now=2.0)
    assert (spool.counts().pending, spool.counts().delivered) == (0, 3)

    database.execute(f"PRAGMA max_page_count={2**30}").fetchall()
    spool.put(readings(4, 4), now=3.0)
    assert taken(spool) == readings(4, 4)
    assert spool.counts().delivered == 3


def test_is_not_lost_with_a_file_that_is_damaged(path: Path) -> None:
    spool = Spool(path)
    spool.open()
    fill(spool, range(30), size=400_000)
    spool.acknowledge(next_batch(spool))
    spool.hold()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(random.randbytes(size - 4096))
    with pytest.raises(SpoolError, match="damaged"):
        taken(spool)

    # It replaces the file, as whatever comes first does.
    spool.release()
    assert spool.set_aside is not None
    assert (spool.counts().pending, spool.counts().dropped) == (0, 0)
    spool.put(readings(1, 3), now=99.0)
    assert (spool.counts().pending, spool.counts().dropped) == (3, 0)
    assert taken(spool) == readings(1, 3)
    spool.close()
