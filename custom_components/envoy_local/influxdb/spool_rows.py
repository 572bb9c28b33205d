"""A spool's tables: polls, what was refused, and how many lines went where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
import sqlite3
from typing import Final
import zlib

from .spool_file import number, used

_MOST_QUARANTINED: Final = 1000
_LEVEL: Final = 6
"""Of zlib: two usual polls share a page then, instead of filling one each."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The oldest lines: whole polls, or the beginning of one."""

    text: bytes
    count: int
    first: int
    last: int
    is_part: bool = False

    @property
    def lines(self) -> list[str]:
        """The lines one by one."""
        return self.text.decode().split("\n")


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that a server refuses for good, and why."""

    line: str
    reason: str


@contextmanager
def change(database: sqlite3.Connection) -> Iterator[None]:
    """Make all of a change, or none of it."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def insert(
    database: sqlite3.Connection, poll: int, lines: Sequence[str], now: float
) -> Batch:
    """Add a poll; return it as what goes out."""
    text = "\n".join(lines).encode()
    database.execute(
        "INSERT INTO poll VALUES (?, ?, ?, ?, ?)",
        (poll, now, len(lines), len(text) + 1, zlib.compress(text, _LEVEL)),
    )
    return Batch(text, len(lines), poll, poll)


def count(database: sqlite3.Connection, name: str, more: int) -> None:
    """Add to what has left the spool, and how."""
    if not more:
        return
    database.execute(
        "INSERT INTO tally VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET count = count + excluded.count",
        (name, more),
    )


def tally(database: sqlite3.Connection) -> Counter[str]:
    """Return what left the spool, by how, and what is in quarantine."""
    found = Counter(dict(database.execute("SELECT name, count FROM tally").fetchall()))
    found["quarantined"] = number(database, "SELECT count(*) FROM dead")
    return found


def oldest(database: sqlite3.Connection) -> int | None:
    """Return the number of the oldest poll."""
    poll: int | None = database.execute("SELECT min(id) FROM poll").fetchone()[0]
    return poll


def make_room(database: sqlite3.Connection, *, allowed: int, newest: int) -> int:
    """Delete the oldest polls beyond the allowed bytes; return their lines."""
    dropped = 0
    while used(database) > allowed:
        poll = oldest(database)
        if poll is None or poll == newest:
            break
        dropped += delete(database, poll, poll)
    return dropped


def delete(database: sqlite3.Connection, first: int, last: int) -> int:
    """Delete polls; return their lines."""
    gone = database.execute(
        "DELETE FROM poll WHERE id BETWEEN ? AND ? RETURNING lines", (first, last)
    )
    return sum(lines for (lines,) in gone.fetchall())


def take_out(database: sqlite3.Connection, batch: Batch) -> int:
    """Delete a batch's lines; return how many of them were there still.

    The oldest may have been dropped for want of room while they were sent.
    """
    if not batch.is_part:
        return delete(database, batch.first, batch.last)
    row = database.execute(
        "SELECT at, body FROM poll WHERE id = ?", (batch.first,)
    ).fetchone()
    if row is None:
        return 0
    gone = delete(database, batch.first, batch.first)
    left = zlib.decompress(row[1]).decode().split("\n")[batch.count :]
    if left:
        insert(database, batch.first, left, row[0])
    return gone - len(left)


def quarantine(
    database: sqlite3.Connection, refused: Sequence[Refused], now: float
) -> None:
    """Keep refused lines, the newest thousand of all."""
    if not refused:
        return
    database.executemany(
        "INSERT INTO dead (at, reason, line) VALUES (?, ?, ?)",
        [(now, bad.reason, bad.line) for bad in refused],
    )
    gone = database.execute(
        "DELETE FROM dead WHERE id NOT IN"
        " (SELECT id FROM dead ORDER BY id DESC LIMIT ?)",
        (_MOST_QUARANTINED,),
    )
    count(database, "discarded", gone.rowcount)


def read(database: sqlite3.Connection, *, most: int, size: int) -> Batch | None:
    """Return the oldest lines; None where the oldest poll can't be read."""
    texts: list[bytes] = []
    count = first = last = 0
    # An open cursor would keep the log from being written back.
    with closing(
        database.execute("SELECT id, lines, size, body FROM poll ORDER BY id")
    ) as rows:
        for poll, its_lines, its_size, body in rows:
            is_too_much = count + its_lines > most or its_size > size
            if texts and is_too_much:
                break
            try:
                text = zlib.decompress(body)
            except zlib.error:
                break
            if is_too_much:
                return _beginning(text, poll, most, size)
            texts.append(text)
            first, last = first or poll, poll
            count += its_lines
            size -= its_size
    return Batch(b"\n".join(texts), count, first, last) if texts else None


def _beginning(text: bytes, poll: int, most: int, size: int) -> Batch:
    """Return as many lines of a poll as the limits allow, and one at least."""
    fitting: list[bytes] = []
    for line in text.split(b"\n")[:most]:
        size -= len(line) + 1
        if size < 0 and fitting:
            break
        fitting.append(line)
    return Batch(b"\n".join(fitting), len(fitting), poll, poll, is_part=True)
