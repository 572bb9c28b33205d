"""While a backup is made the spool's file stands still, and nothing is lost."""

from __future__ import annotations

from pathlib import Path
import shutil

import pytest

from custom_components.envoy_local.influxdb import spool as spool_module
from custom_components.envoy_local.influxdb.spool import Spool

from .spools import fill, noise, taken


def test_a_copy_made_while_held_is_whole(path: Path, tmp_path: Path) -> None:
    spool = Spool(path)
    spool.open()
    for number in range(30):
        spool.put([noise(20_000), noise(400)], now=float(number))
    before = taken(spool)
    spool.hold()
    copy = tmp_path / "copy.db"
    content = Path(spool.path).read_bytes()
    fill(spool, range(30, 160), size=40_000)
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
    fill(spool, range(80), size=80_000)
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
    fill(spool, range(80), size=80_000)
    assert path.read_bytes() == content

    spool.release()
    spool.put([noise(8000)], now=1.0)

    assert path.read_bytes() != content


def test_one_that_begins_in_a_backup_leaves_the_file_alone(path: Path) -> None:
    spool = Spool(path)
    spool.open()
    spool.put([noise(4000)], now=1.0)
    spool.hold()
    spool.close()
    content = path.read_bytes()

    again = Spool(path, is_held=True)
    again.open()
    fill(again, range(80), size=80_000)
    everything = taken(again)
    again.close()
    assert path.read_bytes() == content

    last = Spool(path)
    last.open()
    assert taken(last) == everything
    last.close()
