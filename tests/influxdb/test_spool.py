"""The queue on disk: exact, bounded, and back after whatever happened to its file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
import random
import resource
import shutil
import sqlite3
from typing import NamedTuple

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.envoy_local.influxdb import spool as spool_module
from custom_components.envoy_local.influxdb.spool import (
    Batch,
    Refused,
    Spool,
    SpoolCounts,
    SpoolError,
)

from .conftest import readings

LIMIT = 2**20
ALL = {"lines": 10**6, "size": 10**9}


@pytest.fixture
def spool(path: Path) -> Iterator[Spool]:
    """Open a spool of the smallest size."""
    spool = Spool(path, limit=LIMIT)
    assert spool.open() is None
    yield spool
    spool.close()


def taken(spool: Spool) -> list[str]:
    """Return all lines, as one batch."""
    batch = spool.peek(**ALL)
    return batch.lines if batch else []


def whole(first: int, last: int) -> Batch:
    """Return the batch of the first two polls, which hold these readings."""
    lines = readings(first, last)
    return Batch("\n".join(lines).encode(), len(lines), 1, 2)


def noise(size: int) -> str:
    """Return a line that can't be compressed, always another one."""
    return random.randbytes(size // 2).hex()


def total(counts: SpoolCounts) -> int:
    """Return how many lines were ever put, by the sum of what became of them."""
    gone = counts.delivered + counts.dropped + counts.too_old
    return counts.pending + counts.quarantined + gone


# Put, peek, remove


def test_returns_lines_in_their_order(spool: Spool) -> None:
    spool.put(readings(1, 3), now=1.0)
    spool.put(readings(4, 5), now=2.0)

    assert taken(spool) == readings(1, 5)
    assert spool.counts().pending == 5
    assert spool.counts().oldest == 1.0


def test_an_empty_spool_has_no_batch(spool: Spool) -> None:
    spool.put([], now=1.0)

    assert spool.peek(**ALL) is None
    assert spool.counts() == SpoolCounts(size=spool.counts().size)


def test_a_batch_holds_whole_polls(spool: Spool) -> None:
    for first in (1, 4, 7):
        spool.put(readings(first, first + 2), now=1.0)

    assert spool.peek(lines=8, size=10**9) == whole(1, 6)


def test_a_batch_stays_below_its_size(spool: Spool) -> None:
    for first in (1, 4, 7):
        spool.put(readings(first, first + 2), now=1.0)
    poll = len("\n".join(readings(1, 3))) + 1

    batch = spool.peek(lines=100, size=2 * poll)

    assert batch == whole(1, 6)


@pytest.mark.parametrize("limits", [{"lines": 2}, {"size": 100}])
def test_a_poll_beyond_the_limits_leaves_in_parts(
    spool: Spool, limits: dict[str, int]
) -> None:
    spool.put(readings(1, 7), now=5.0)
    seen: list[str] = []

    while batch := spool.peek(**{**ALL, **limits}):
        assert 1 <= len(batch.lines) <= 2
        seen += batch.lines
        spool.remove(batch, now=6.0)

    assert seen == readings(1, 7)
    assert spool.counts().delivered == 7


def test_a_line_beyond_the_size_leaves_alone(spool: Spool) -> None:
    spool.put(readings(1, 2), now=1.0)

    batch = spool.peek(lines=100, size=1)

    assert batch is not None
    assert batch.lines == readings(1, 1)
    spool.remove(batch, now=1.0)
    assert taken(spool) == readings(2, 2)


def test_what_is_left_of_a_poll_keeps_its_age(spool: Spool) -> None:
    spool.put(readings(1, 3), now=5.0)
    batch = spool.peek(lines=1, size=10**9)
    assert batch is not None

    spool.remove(batch, now=9.0)

    assert spool.counts().oldest == 5.0


def test_text_beyond_ascii_comes_back(spool: Spool) -> None:
    lines = ['gateway firmware="Größe 30 €", 🌞 1', "reading,site=Île power=1 2"]
    spool.put(lines, now=1.0)

    assert taken(spool) == lines


def test_remembers_everything_when_opened_again(spool: Spool, path: Path) -> None:
    for first in (1, 4, 7):
        spool.put(readings(first, first + 2), now=float(first))
    batch = spool.peek(lines=3, size=10**9)
    assert batch is not None
    spool.remove(batch, now=9.0, too_old=1, refused=[Refused(batch.lines[0], "bad")])
    before = spool.counts()
    spool.close()

    again = Spool(path)
    again.open()

    assert again.counts() == before
    assert taken(again) == readings(4, 9)
    assert again.quarantined() == [Refused(readings(1, 1)[0], "bad")]
    again.close()


@pytest.mark.parametrize("between", [[], [Spool.close, Spool.open]])
def test_a_removed_batch_takes_no_later_lines_along(
    spool: Spool, between: list[Callable[[Spool], object]]
) -> None:
    spool.put(readings(1, 3), now=1.0)
    batch = spool.peek(**ALL)
    assert batch is not None
    spool.remove(batch, now=1.0)
    for step in between:
        step(spool)
    spool.put(readings(4, 6), now=2.0)

    spool.remove(batch, now=2.0)

    assert taken(spool) == readings(4, 6)
    assert spool.counts().delivered == 3


@settings(max_examples=40)
@given(
    st.lists(
        st.one_of(
            st.integers(1, 9), st.tuples(st.integers(1, 12), st.integers(1, 2000))
        ),
        max_size=40,
    )
)
def test_any_mix_of_puts_and_removals_is_exact(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int | tuple[int, int]]
) -> None:
    spool = Spool(tmp_path_factory.mktemp("mix") / "spool.db")
    spool.open()
    expected: list[str] = []
    ever = 0

    def step(what: int | tuple[int, int]) -> None:
        nonlocal ever, expected
        match what:
            case int(count):
                lines = readings(ever + 1, ever + count)
                ever += count
                expected += lines
                spool.put(lines, now=1.0)
            case (most, size):
                batch = spool.peek(lines=most, size=size)
                seen = batch.lines if batch else []
                assert seen == expected[: len(seen)]
                assert bool(seen) == bool(expected)
                expected = expected[len(seen) :]
                spool.remove(batch or Batch(b"", 0, 0, 0), now=1.0)

    for what in steps:
        step(what)

    assert taken(spool) == expected
    assert spool.counts().pending == len(expected)
    assert total(spool.counts()) == ever
    spool.close()


# The limit


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
    batch = spool.peek(**ALL)
    assert batch is not None
    spool.put([noise(3 * LIMIT)], now=2.0)

    spool.remove(batch, now=3.0, refused=[Refused(batch.lines[0], "bad")], too_old=1)

    counts = spool.counts()
    assert (counts.pending, counts.dropped) == (1, 1)
    assert (counts.delivered, counts.quarantined, counts.too_old) == (0, 0, 0)


def test_a_part_that_made_room_meanwhile_is_not_counted_twice(spool: Spool) -> None:
    spool.put(readings(1, 5), now=1.0)
    batch = spool.peek(lines=2, size=10**9)
    assert batch is not None
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
    for number in range(100):
        spool.put([noise(40_000)], now=float(number))
    size = spool.counts().size
    assert size > LIMIT

    # Nothing else can make a disk crowded here, for a test that isn't alone on it.
    crowded = DiskUsage(total=10**9, used=95 * 10**7, free=5 * 10**7)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: crowded)
    for number in range(100, 150):
        spool.put([noise(40_000)], now=float(number))
    assert spool.counts().size <= size
    assert spool.counts().pending in {99, 100}

    monkeypatch.undo()
    dropped = spool.counts().dropped
    for number in range(150, 180):
        spool.put([noise(40_000)], now=float(number))
    assert spool.counts().dropped == dropped
    spool.close()


def test_a_crowded_disk_takes_a_short_outage_still(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowded = DiskUsage(total=10**9, used=10**9, free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: crowded)

    for number in range(100):
        spool.put([noise(4000)], now=float(number))

    assert spool.counts().pending == 100


def test_gives_the_disk_back_what_a_long_outage_took(path: Path) -> None:
    spool = Spool(path)
    spool.open()
    for number in range(50):
        spool.put([noise(800_000)], now=float(number))
    spool.hold()
    spool.release()
    assert path.stat().st_size > 20 * 2**20

    while batch := spool.peek(lines=100, size=2**22):
        spool.remove(batch, now=1.0)
    spool.close()

    assert path.stat().st_size < 2**17


# Quarantine


def test_refused_lines_are_kept_apart(spool: Spool) -> None:
    spool.put(readings(1, 5), now=1.0)
    batch = spool.peek(**ALL)
    assert batch is not None
    bad = [Refused(batch.lines[1], "a conflict"), Refused(batch.lines[3], "no field")]

    spool.remove(batch, now=2.0, refused=bad, too_old=1)

    counts = spool.counts()
    assert spool.quarantined() == bad
    assert (counts.quarantined, counts.delivered, counts.too_old) == (2, 2, 1)
    assert total(counts) == 5


def test_the_newest_thousand_refused_lines_are_kept(spool: Spool) -> None:
    spool.put(readings(1, 1200), now=1.0)
    batch = spool.peek(**ALL)
    assert batch is not None

    spool.remove(batch, now=2.0, refused=[Refused(line, "") for line in batch.lines])

    assert [bad.line for bad in spool.quarantined()] == readings(201, 1200)
    assert spool.counts().dropped == 200


def test_refused_lines_can_be_sent_again(spool: Spool) -> None:
    spool.put(readings(1, 3), now=1.0)
    batch = spool.peek(**ALL)
    assert batch is not None
    spool.remove(batch, now=2.0, refused=[Refused(batch.lines[2], "")])

    assert spool.retry_quarantined(now=3.0) == 1
    assert taken(spool) == readings(3, 3)
    assert spool.quarantined() == []
    assert total(spool.counts()) == 3
    assert spool.retry_quarantined(now=4.0) == 0


def test_refused_lines_can_be_given_up(spool: Spool) -> None:
    spool.put(readings(1, 3), now=1.0)
    batch = spool.peek(**ALL)
    assert batch is not None
    spool.remove(batch, now=2.0, refused=[Refused(batch.lines[2], "")])

    assert spool.clear_quarantined() == 1
    assert spool.quarantined() == []
    assert spool.counts().dropped == 1
    assert total(spool.counts()) == 3


# What happens to files


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
    for number in range(20):
        spool.put([noise(40_000)], now=float(number))
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
    for number in range(30):
        spool.put([noise(400_000)], now=float(number))
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
    batch = spool.peek(**ALL)
    assert batch is not None
    assert batch.lines == readings(1, 3)
    spool.remove(batch, now=2.0)

    assert taken(spool) == readings(7, 9)
    assert spool.counts().dropped == 3
    assert total(spool.counts()) == 9


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


# Backups


def test_a_copy_made_while_held_is_whole(path: Path, tmp_path: Path) -> None:
    spool = Spool(path)
    spool.open()
    for number in range(30):
        spool.put([noise(20_000), noise(400)], now=float(number))
    before = taken(spool)
    spool.hold()
    copy = tmp_path / "copy.db"
    content = Path(spool.path).read_bytes()
    for number in range(30, 160):
        spool.put([noise(40_000)], now=float(number))
    assert Path(spool.path).read_bytes() == content
    shutil.copy(spool.path, copy)
    shutil.copy(f"{spool.path}-wal", f"{copy}-wal")
    everything = taken(spool)
    spool.release()
    spool.close()

    restored = Spool(copy)
    assert restored.open() is None
    assert taken(restored) == everything
    assert everything[: len(before)] == before
    restored.close()
    log = tmp_path / "copy.db-wal"
    log.unlink(missing_ok=True)
    copy.write_bytes(content)
    assert restored.open() is None
    assert taken(restored) == before
    restored.close()


def test_closing_while_held_leaves_the_file_alone(path: Path) -> None:
    spool = Spool(path)
    spool.open()
    spool.put([noise(4000)], now=1.0)
    spool.hold()
    content = path.read_bytes()
    spool.put([noise(80_000)], now=2.0)
    everything = taken(spool)
    spool.close()
    assert path.read_bytes() == content

    again = Spool(path)
    again.open()
    assert taken(again) == everything
    again.close()


def test_a_hold_that_nobody_ends_ends_by_itself(
    spool: Spool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.hold()
    content = path.read_bytes()
    for number in range(80):
        spool.put([noise(80_000)], now=float(number))
    assert path.read_bytes() == content

    monkeypatch.setattr(spool_module, "LONGEST_HOLD", -1.0)
    spool.put([noise(80_000)], now=100.0)

    assert path.read_bytes() != content


def test_stays_held_when_the_file_has_to_be_opened_again(
    spool: Spool, path: Path
) -> None:
    spool.hold()
    spool.close()
    spool.open()
    content = path.read_bytes()
    for number in range(80):
        spool.put([noise(80_000)], now=float(number))
    assert path.read_bytes() == content

    spool.release()
    spool.put([noise(8000)], now=1.0)

    assert path.read_bytes() != content
