"""Lines on their way, in a SQLite file that survives a kill at any moment.

Every method blocks and may be called from any thread; one call runs at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
import sqlite3
import threading
import time
from typing import Final

from . import spool_rows as rows
from .spool_file import (
    SpoolError,
    connect,
    describe,
    error_code,
    file_size,
    is_damage,
    is_roomy,
    number,
    relaxed,
    remove_files,
    set_aside,
    unused,
    used,
)
from .spool_rows import Batch, Refused

__all__ = ["DEFAULT_LIMIT", "Batch", "Refused", "Spool", "SpoolCounts", "SpoolError"]

DEFAULT_LIMIT: Final = 512 * 2**20
_SMALLEST_LIMIT: Final = 2**20
_WORTH_A_VACUUM: Final = 16 * 2**20
_QUICK_TO_VACUUM: Final = 2**20
"""Bytes in use, all of which are copied."""
LONGEST_HOLD: Final = 3600.0
"""Seconds. A backup that takes longer has been given up without a word."""
_CHECKPOINTS: Final = "PRAGMA wal_autocheckpoint=256"
_NO_CHECKPOINTS: Final = "PRAGMA wal_autocheckpoint=0"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolCounts:
    """What is in the spool and what has left it, in lines.

    All lines ever put are pending, delivered, dropped, too old, quarantined or
    discarded.
    """

    pending: int = 0
    oldest: float | None = None
    size: int = 0
    """Bytes of the file that are in use."""
    delivered: int = 0
    dropped: int = 0
    """For want of room."""
    too_old: int = 0
    quarantined: int = 0
    discarded: int = 0
    """Refused by the server, and not kept any longer."""
    version: int = field(default=0, compare=False)
    """Grows with each count: two may arrive in another order than they were made."""


class Spool:
    """A queue on disk: bounded, oldest first, exactly what was put."""

    def __init__(
        self, path: Path, *, limit: int = DEFAULT_LIMIT, is_held: bool = False
    ) -> None:
        """Keep at most `limit` bytes, 1 MiB or more; `open` touches the file first.

        One that begins in the middle of a backup is held from the start: `hold`
        would write to the file that is being copied.
        """
        self.path = path
        self.set_aside: Path | None = None
        """The damaged file that was replaced by a new one last."""
        self._limit = max(limit, _SMALLEST_LIMIT)
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._next = 1
        self._pending = 0
        self._lost = 0
        self._counted = 0
        self._crowded_size: int | None = None
        self._is_suspect = True
        self._is_frozen = is_held
        self._frozen_at = time.monotonic()
        self._is_closed = True
        self._stored_batch: Batch | None = None
        self._tally: Counter[str] | None = None
        self._size: int | None = None
        """Both as on disk; None where that has to be looked up again."""

    @property
    def has_acknowledged(self) -> bool:
        """Whether lines are still on disk that need not be sent again."""
        return self._stored_batch is not None

    def open(self) -> Path | None:
        """Open or create the file; return where a damaged one was moved, if it was.

        Raises SpoolError where nothing can be stored now; each later call tries again.
        """
        with self._lock:
            self._is_closed = False
            with self._use():
                return self.set_aside

    def put(self, lines: Sequence[str], *, now: float) -> Batch | None:
        """Store the lines of one poll for good; they are on disk on return.

        Drops the oldest beyond the limit. Raises SpoolError where nothing can be
        stored now: then none of the lines is, and the next call tries afresh.
        Where nothing else waits, they are returned as `peek` would read them.
        """
        if not lines:
            return None
        with self._lock, self._use() as database:
            self._thaw_in_time(database)
            stored = self._store(database, lines, now)
            return stored if stored.count == self._pending else None

    def peek(self, *, lines: int, size: int) -> Batch | None:
        """Return the oldest lines up to these limits, one at least; None if empty.

        `size` is in bytes before compression.
        """
        with self._lock, self._use() as database:
            self._forget(database)
            if not self._pending:
                return None
            while (oldest := rows.oldest(database)) is not None:
                if batch := rows.read(database, most=lines, size=size):
                    return batch
                self._drop_unreadable(database, oldest)
        return None

    def acknowledge(self, batch: Batch) -> None:
        """Note that all of a batch is stored by a server; doesn't block.

        It is taken out together with the next lines that are put, which saves a
        way to the disk, or when the next batch is wanted. Who is killed before sends
        it once more, and the server puts it where it already is.
        """
        self._stored_batch = batch

    def remove(
        self,
        batch: Batch,
        *,
        now: float,
        too_old: int = 0,
        refused: Sequence[Refused] = (),
    ) -> None:
        """Forget lines that need not be sent again, keeping what was refused.

        After a power cut the last of them may be back: a server puts a line that
        it gets twice where it already is.
        """
        with self._lock, self._use() as database:
            with relaxed(database), self._change(database):
                gone = rows.take_out(database, batch)
                refused = refused[:gone]
                too_old = min(too_old, gone - len(refused))
                rows.count(database, "too_old", too_old)
                rows.count(database, "delivered", gone - len(refused) - too_old)
                rows.quarantine(database, refused, now)
            self._pending -= gone
            self._shrink(database)

    def quarantined(self) -> list[Refused]:
        """Return the lines in quarantine, newest last."""
        with self._lock, self._use() as database:
            found = database.execute("SELECT line, reason FROM dead ORDER BY id")
            return [Refused(line, reason) for line, reason in found]

    def retry_quarantined(self, *, now: float) -> int:
        """Queue the quarantined lines once more; return how many."""
        with self._lock, self._use() as database:
            with self._change(database):
                found = database.execute("SELECT line FROM dead ORDER BY id").fetchall()
                if found:
                    database.execute("DELETE FROM dead")
                    self._insert(database, [line for (line,) in found], now)
            self._pending += len(found)
            return len(found)

    def clear_quarantined(self) -> int:
        """Drop the quarantined lines, counted; return how many."""
        with self._lock, self._use() as database, self._change(database):
            gone = database.execute("DELETE FROM dead").rowcount
            rows.count(database, "discarded", gone)
            return gone

    def counts(self) -> SpoolCounts:
        """Count, cheaply."""
        with self._lock, self._use() as database:
            done = self._stored_batch
            first = 0 if done is None else done.last + 1
            [oldest] = database.execute(
                "SELECT (SELECT at FROM poll WHERE id >= ? ORDER BY id LIMIT 1)",
                (first,),
            ).fetchone()
            delivered = 0 if done is None else done.count
            if self._tally is None:
                self._tally = rows.tally(database)
            if self._size is None:
                self._size = used(database)
            self._counted += 1
            return SpoolCounts(
                pending=self._pending - delivered,
                oldest=oldest,
                size=self._size,
                delivered=self._tally["delivered"] + delivered,
                dropped=self._tally["dropped"] + self._lost,
                too_old=self._tally["too_old"],
                discarded=self._tally["discarded"],
                quarantined=self._tally["quarantined"],
                version=self._counted,
            )

    def hold(self) -> None:
        """Bring everything into the main file and leave that alone until `release`.

        What is put meanwhile goes to the end of the write-ahead log alone, so that
        a copy of both files is whole whenever it is made. Nothing has to wait.
        """
        with self._lock, self._use() as database:
            self._is_frozen = True
            self._frozen_at = time.monotonic()
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            database.execute(_NO_CHECKPOINTS).fetchall()

    def release(self) -> None:
        """Write to the main file again, after a backup."""
        with self._lock:
            self._is_frozen = False
            with self._use() as database:
                database.execute(_CHECKPOINTS).fetchall()

    def close(self) -> None:
        """Close the file; every later call raises SpoolError until it is opened."""
        with self._lock:
            # Where the disk doesn't take it, the lines are sent once more.
            with suppress(SpoolError), self._use() as database:
                self._forget(database)
            self._is_closed = True
            self._disconnect()

    def delete(self) -> None:
        """Close and delete the file and whatever was set aside beside it."""
        self.close()
        remove_files(self.path)

    @contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        """Lend the open file; what goes wrong is a SpoolError, and a fresh start."""
        if self._is_closed:
            raise SpoolError("The spool is closed")
        try:
            if self._database is None:
                self._database = self._connect()
            yield self._database
        except (sqlite3.Error, OSError) as err:
            self._is_suspect |= isinstance(err, sqlite3.Error) and is_damage(err)
            if error_code(err) != sqlite3.SQLITE_FULL:
                self._disconnect()
            raise SpoolError(describe(err)) from err

    def _connect(self) -> sqlite3.Connection:
        try:
            database = connect(self.path, is_suspect=self._is_suspect)
        except sqlite3.DatabaseError as err:
            if not is_damage(err):
                raise
            self.set_aside = set_aside(self.path)
            done, self._stored_batch = self._stored_batch, None
            self._lost += self._pending - (done.count if done else 0)
            database = connect(self.path, is_suspect=False)
        self._is_suspect = False
        self._look_up_again()
        if self._is_frozen:
            database.execute(_NO_CHECKPOINTS).fetchall()
        self._pending = number(database, "SELECT coalesce(sum(lines), 0) FROM poll")
        last = number(database, "SELECT coalesce(max(id), 0) FROM poll")
        self._next = max(self._next, last + 1)
        return database

    def _disconnect(self) -> None:
        if self._database is not None:
            if self._is_frozen:
                # Closing would write to the file that is being copied.
                self._database.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE)
            # Closing moves the log into the file, which a full disk may refuse.
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _store(
        self, database: sqlite3.Connection, lines: Sequence[str], now: float
    ) -> Batch:
        size = used(database) if self._size is None else self._size
        # That little is kept however crowded the disk is.
        is_small = size < _SMALLEST_LIMIT // 2
        with rows.change(database):
            gone = self._take_out_acknowledged(database)
            allowed = _SMALLEST_LIMIT if is_small else self._allowed(database)
            stored = self._insert(database, lines, now)
            dropped = rows.make_room(database, allowed=allowed, newest=stored.last)
            rows.count(database, "dropped", dropped + self._lost)
            size = used(database)
        if self._tally is not None:
            self._tally.update(delivered=gone, dropped=dropped + self._lost)
        self._size = size
        self._pending += len(lines) - dropped - gone
        self._lost = 0
        self._stored_batch = None
        self._shrink(database)
        return stored

    def _forget(self, database: sqlite3.Connection) -> None:
        """Take out what was acknowledged."""
        if self._stored_batch is None:
            return
        with relaxed(database), self._change(database):
            gone = self._take_out_acknowledged(database)
        self._pending -= gone
        self._stored_batch = None
        self._shrink(database)

    def _take_out_acknowledged(self, database: sqlite3.Connection) -> int:
        """Delete what was acknowledged, within a change; return how many lines."""
        if self._stored_batch is None:
            return 0
        gone = rows.take_out(database, self._stored_batch)
        rows.count(database, "delivered", gone)
        return gone

    @contextmanager
    def _change(self, database: sqlite3.Connection) -> Iterator[None]:
        """Make all of a change, or none of it, and count afresh next time."""
        self._look_up_again()
        with rows.change(database):
            yield

    def _look_up_again(self) -> None:
        self._tally = self._size = None

    def _thaw_in_time(self, database: sqlite3.Connection) -> None:
        """End a hold that nobody ends: the log would grow without a limit."""
        if self._is_frozen and time.monotonic() - self._frozen_at > LONGEST_HOLD:
            self._is_frozen = False
            database.execute(_CHECKPOINTS).fetchall()

    def _insert(
        self, database: sqlite3.Connection, lines: Sequence[str], now: float
    ) -> Batch:
        """Add a poll under a number that is never used twice.

        Else a batch that was dropped while it was sent could take new lines along.
        """
        poll, self._next = self._next, self._next + 1
        return rows.insert(database, poll, lines, now)

    def _allowed(self, database: sqlite3.Connection) -> int:
        """Return the bytes that may be used: on a crowded disk as many as before."""
        if is_roomy(self.path):
            self._crowded_size = None
            return self._limit
        self._crowded_size = self._crowded_size or file_size(database)
        return max(min(self._limit, self._crowded_size), _SMALLEST_LIMIT)

    def _drop_unreadable(self, database: sqlite3.Connection, poll: int) -> None:
        """Give up a poll whose bytes have changed on the disk."""
        with self._change(database):
            gone = rows.delete(database, poll, poll)
            rows.count(database, "dropped", gone)
        self._pending -= gone

    def _shrink(self, database: sqlite3.Connection) -> None:
        """Give the disk back what a long outage took, once nearly all is delivered."""
        if self._is_frozen or unused(database) <= _WORTH_A_VACUUM:
            return
        # New lines come in all the time: it is never empty for long.
        if used(database) <= _QUICK_TO_VACUUM:
            self._size = None
            # Where there is no room for it, the pages are used again anyway.
            with suppress(sqlite3.OperationalError):
                database.execute("VACUUM")
