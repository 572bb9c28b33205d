"""The SQLite file behind a spool: opened, checked, set aside, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import shutil
import sqlite3
import time
from typing import Final

_APPLICATION: Final = 0x456E766F
"""Says in the file's header that the file is ours: `Envo`."""
_VERSION: Final = 1
_PAGE: Final = 4096
"""Bytes."""
_PATIENCE: Final = 1.0
_RESERVE: Final = 2**30
_RESERVE_SHARE: Final = 10

# FULL costs a fraction of a millisecond a poll, and a power cut costs nothing then.
_SETTINGS: Final = (
    f"PRAGMA page_size={_PAGE}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA wal_autocheckpoint=256",
    "PRAGMA journal_size_limit=1048576",
)
_SCHEMA: Final = f"""
    BEGIN IMMEDIATE;
    CREATE TABLE poll (
        id INTEGER PRIMARY KEY,
        at REAL NOT NULL,
        lines INTEGER NOT NULL,
        size INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT;
    CREATE TABLE dead (
        id INTEGER PRIMARY KEY,
        at REAL NOT NULL,
        reason TEXT NOT NULL,
        line TEXT NOT NULL
    ) STRICT;
    CREATE TABLE tally (
        name TEXT PRIMARY KEY,
        count INTEGER NOT NULL
    ) STRICT;
    PRAGMA application_id={_APPLICATION};
    PRAGMA user_version={_VERSION};
    COMMIT;
"""
_WORDS: Final = {
    sqlite3.SQLITE_FULL: "The disk is full",
    sqlite3.SQLITE_READONLY: "The file may not be written to",
    sqlite3.SQLITE_CANTOPEN: "The file can't be opened",
    sqlite3.SQLITE_IOERR: "The disk fails to read or to write",
    sqlite3.SQLITE_BUSY: "Another program holds the file",
    sqlite3.SQLITE_CORRUPT: "The file is damaged",
    sqlite3.SQLITE_NOTADB: "The file is damaged",
}


class SpoolError(Exception):
    """Lines can't be stored or read now; the text says why, and it may pass."""


class DamagedError(sqlite3.DatabaseError):
    """The file isn't a spool, or not any more."""


def connect(path: Path, *, is_suspect: bool) -> sqlite3.Connection:
    """Open or create a spool's file, reading it through where it is suspect.

    Raises sqlite3.Error; `is_damage` says what will not pass by itself.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(
        path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        _prepare(database, is_suspect=is_suspect)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: sqlite3.Connection, *, is_suspect: bool) -> None:
    for setting in _SETTINGS:
        database.execute(setting).fetchall()
    if is_suspect:
        report = database.execute("PRAGMA quick_check(1)").fetchall()
        if report != [("ok",)]:
            raise DamagedError
    if number(database, "SELECT count(*) FROM sqlite_schema") == 0:
        database.executescript(_SCHEMA)
    application = number(database, "PRAGMA application_id")
    version = number(database, "PRAGMA user_version")
    if (application, version) != (_APPLICATION, _VERSION):
        raise DamagedError


@contextmanager
def relaxed(database: sqlite3.Connection) -> Iterator[None]:
    """Don't wait for the disk: a power cut may undo the change, a kill does not."""
    database.execute("PRAGMA synchronous=NORMAL").fetchall()
    try:
        yield
    finally:
        database.execute("PRAGMA synchronous=FULL").fetchall()


def is_damage(err: sqlite3.Error) -> bool:
    """Whether the file itself is to blame."""
    return isinstance(err, DamagedError) or error_code(err) in {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    }


def error_code(err: Exception) -> int:
    """Return SQLite's primary code; 0 where the error isn't SQLite's own."""
    code: int = getattr(err, "sqlite_errorcode", 0)
    return code & 0xFF


def describe(err: Exception) -> str:
    """Say what is wrong, in a sentence that names no path."""
    if isinstance(err, OSError):
        return f"The file can't be used: {err.strerror}"
    return _WORDS.get(error_code(err), f"The file can't be used: {err}")


def set_aside(path: Path) -> Path:
    """Move a damaged file out of the way; return where it is now."""
    away = path.with_name(f"{path.name}.corrupt-{time.time_ns() // 10**6}")
    path.rename(away)
    # The log belongs to that file, and would be replayed into the next one.
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        log.rename(f"{away}-wal")
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    return away


def remove_files(path: Path) -> None:
    """Delete a spool, its logs and whatever was set aside."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    for away in path.parent.glob(f"{path.name}.corrupt-*"):
        away.unlink()


def is_roomy(path: Path) -> bool:
    """Whether the disk has room to grow: a tenth of it is free, or 1 GiB."""
    disk = shutil.disk_usage(path.parent)
    return disk.free >= min(disk.total // _RESERVE_SHARE, _RESERVE)


def file_size(database: sqlite3.Connection) -> int:
    """Return the bytes of the file, used or not."""
    return _PAGE * number(database, "PRAGMA page_count")


def used(database: sqlite3.Connection) -> int:
    """Return the bytes that are in use."""
    return file_size(database) - unused(database)


def unused(database: sqlite3.Connection) -> int:
    """Return the bytes that wait to be used again."""
    return _PAGE * number(database, "PRAGMA freelist_count")


def number(database: sqlite3.Connection, question: str) -> int:
    """Return the one number that is the answer."""
    found: int = database.execute(question).fetchone()[0]
    return found
