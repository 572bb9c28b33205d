"""The spool is back after whatever happened to its file."""

from __future__ import annotations

from pathlib import Path
import random
import shutil
import sqlite3

import pytest

from custom_components.envoy_local.influxdb.spool import Spool, SpoolError

from .conftest import readings
from .spools import fill, next_batch, taken, total


@pytest.mark.parametrize(
    "content", [b"no database at all" * 500, b"SQLite format 3\0" + bytes(5000)]
)
def test_a_damaged_file_is_set_aside(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    spool = Spool(path)

    away = spool.open()

    assert away is not None
    assert away.name.startswith(f"{path.name}.corrupt-")
    assert away.read_bytes() == content
    spool.put(readings(1, 3), now=1.0)
    assert taken(spool) == readings(1, 3)
    spool.close()
    again = Spool(path)
    assert again.open() is None
    again.close()


def test_the_log_of_a_damaged_file_is_not_played_into_the_next_one(
    path: Path, tmp_path: Path
) -> None:
    with_log = Spool(tmp_path / "other.db")
    with_log.open()
    with_log.hold()
    with_log.put(readings(1, 3), now=1.0)
    shutil.copy(f"{with_log.path}-wal", f"{path}-wal")
    path.write_bytes(b"no database at all" * 500)
    with_log.close()
    spool = Spool(path)

    assert spool.open() is not None

    spool.put(readings(4, 4), now=1.0)
    assert taken(spool) == readings(4, 4)
    spool.close()


def test_pages_that_were_overwritten_are_noticed_at_the_start(path: Path) -> None:
    spool = Spool(path)
    spool.open()
    fill(spool, range(20), size=40_000)
    spool.close()
    content = bytearray(path.read_bytes())
    content[40_000:80_000] = random.randbytes(40_000)
    path.write_bytes(content)

    again = Spool(path)
    assert again.open() is not None
    again.put(readings(1, 3), now=1.0)
    assert taken(again) == readings(1, 3)
    again.close()


def test_damage_while_running_is_set_aside_too(path: Path) -> None:
    spool = Spool(path)
    spool.open()
    fill(spool, range(30), size=400_000)
    spool.hold()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(random.randbytes(size - 4096))
    with pytest.raises(SpoolError, match="damaged"):
        taken(spool)

    spool.put(readings(1, 3), now=99.0)

    assert spool.set_aside is not None
    assert taken(spool) == readings(1, 3)
    assert total(spool.counts()) == 33
    spool.close()


def test_another_programs_database_is_set_aside(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE poll (something TEXT)")
    other.close()
    spool = Spool(path)

    assert spool.open() is not None
    spool.put(readings(1, 1), now=1.0)
    spool.close()


def test_a_poll_whose_bytes_have_changed_costs_only_itself(
    spool: Spool, path: Path
) -> None:
    for first in (1, 4, 7):
        spool.put(readings(first, first + 2), now=1.0)
    disk = sqlite3.connect(path)
    with disk:
        disk.execute("UPDATE poll SET body = x'00' WHERE id = 2")
    disk.close()
    batch = next_batch(spool)
    assert batch.lines == readings(1, 3)
    spool.remove(batch, now=2.0)

    assert taken(spool) == readings(7, 9)
    assert spool.counts().dropped == 3
    assert total(spool.counts()) == 9


def test_a_file_that_cant_be_opened_is_told_and_passes(path: Path) -> None:
    path.mkdir()
    spool = Spool(path)
    with pytest.raises(SpoolError, match="can't be opened"):
        spool.open()
    with pytest.raises(SpoolError, match="can't be opened"):
        spool.put(readings(1, 1), now=1.0)

    path.rmdir()
    spool.put(readings(2, 3), now=2.0)

    assert taken(spool) == readings(2, 3)
    spool.close()


def test_a_folder_that_cant_be_made_is_told_and_passes(tmp_path: Path) -> None:
    blocked = tmp_path / "folder"
    blocked.write_text("a file")
    spool = Spool(blocked / "spool.db")
    with pytest.raises(SpoolError, match="can't be used: File exists"):
        spool.open()

    blocked.unlink()
    spool.put(readings(1, 1), now=1.0)
    spool.close()


def test_a_file_that_another_program_holds_is_told_and_passes(
    spool: Spool, path: Path
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(SpoolError, match="Another program"):
        spool.put(readings(1, 1), now=1.0)

    other.execute("ROLLBACK")
    other.close()
    spool.put(readings(2, 2), now=1.0)

    assert taken(spool) == readings(2, 2)


def test_a_closed_spool_takes_nothing_until_it_is_opened(spool: Spool) -> None:
    spool.close()
    with pytest.raises(SpoolError, match="closed"):
        spool.put(readings(1, 1), now=1.0)
    spool.open()
    spool.put(readings(2, 2), now=1.0)

    assert taken(spool) == readings(2, 2)


def test_deletes_everything_it_has_left(path: Path) -> None:
    path.write_bytes(b"no database at all" * 500)
    spool = Spool(path)
    spool.open()
    spool.put(readings(1, 1), now=1.0)

    spool.delete()

    assert list(path.parent.iterdir()) == []
