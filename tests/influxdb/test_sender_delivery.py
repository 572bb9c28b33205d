"""From the spool to the server, as long as both are well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
import time

import pytest

from custom_components.envoy_local.influxdb.spool import (
    Spool,
    SpoolCounts,
    SpoolError,
)
from tests.time_travel import TimeTravel

from .conftest import DATABASE, WORK, forwarding, readings, times, v1
from .servers import Influxd, VictoriaMetrics
from .stub_server import StubServer


async def test_delivers_what_was_put(influxd: Influxd, path: Path) -> None:
    async with forwarding(v1(influxd.url), path) as running:
        await running.put(1, 30)
        await running.until_empty()
        await running.put(31, 40)
        await running.until_empty()

        assert running.status().delivered == 40
        assert running.status().problem is None
        assert running.status().last_success == pytest.approx(time.time(), abs=5)
    assert influxd.times("reading", DATABASE) == times(1, 40)


async def test_delivers_to_victoria_metrics(
    victoria: VictoriaMetrics, path: Path
) -> None:
    async with forwarding(v1(victoria.url), path) as running:
        await running.put(1, 30)
        await running.until_empty()

    assert sorted(victoria.times("reading_power")) == times(1, 30)
    assert victoria.invalid_rows() == 0


async def test_what_is_put_is_on_disk_before_it_is_sent(
    influxd: Influxd, path: Path
) -> None:
    influxd.hang()
    async with forwarding(v1(influxd.url), path) as running:
        await running.put(1, 30)

        assert running.status().pending == 30
        other = Spool(path)
        other.open()
        assert other.counts().pending == 30
        other.close()
        influxd.wake()
        await running.until_empty()


async def test_large_batches_are_compressed_and_bounded(
    socket_enabled: None, path: Path
) -> None:
    server = StubServer()
    async with server.running(), forwarding(v1(server.url), path) as running:
        await running.put(1, 12_000)
        await running.until_empty()

    assert server.stored == readings(1, 12_000)
    assert [len(write.lines) for write in server.writes] == [5000, 5000, 2000]
    encodings = {write.headers.get("Content-Encoding") for write in server.writes}
    assert encodings == {"gzip"}


async def test_a_server_below_a_path_is_reached_with_the_credentials(
    socket_enabled: None, path: Path
) -> None:
    server = StubServer()
    async with server.running():
        target = v1(f"{server.url}/influx", username="me", password="pw")
        async with forwarding(target, path) as running:
            await running.put(1, 1)
            await running.until_empty()

    [write] = server.writes
    assert write.path == "/influx/write"
    assert write.query == {"db": DATABASE, "precision": "ms"}
    assert write.headers["Authorization"] == "Basic bWU6cHc="


async def test_writes_a_line_about_itself_once_a_minute(
    influxd: Influxd, path: Path, travel: TimeTravel
) -> None:
    async with forwarding(v1(influxd.url), path) as running:
        for number in range(24):
            await running.put(number, number)
            await running.until_empty()
            await travel(10)

    rows = influxd.query("SELECT * FROM envoy_forwarder", DATABASE)
    assert len(rows) == 4
    assert all(b["time"] - a["time"] >= 60_000 for a, b in pairwise(rows))
    [first, *_] = rows
    assert first["entry"] == "test"
    assert (first["backlog"], first["dropped"], first["quarantined"]) == (1, 0, 0)


async def test_tells_of_every_change_once(influxd: Influxd, path: Path) -> None:
    async with forwarding(v1(influxd.url), path) as running:
        await running.put(1, 3)
        await running.until_empty()
        history = list(running.history)

    assert all(before != after for before, after in pairwise(history))
    assert 3 in {status.pending for status in history}
    assert history[-1].delivered == 3


async def test_goes_on_where_the_last_one_stopped(influxd: Influxd, path: Path) -> None:
    influxd.stop()
    async with forwarding(v1(influxd.url), path) as running:
        await running.put(1, 10)
    influxd.start()

    async with forwarding(v1(influxd.url), path) as running:
        assert running.status().pending == 10
        await running.until_empty()

    assert influxd.times("reading", DATABASE) == times(1, 10)


async def test_keeps_what_waits_for_another_target(
    influxd: Influxd, victoria: VictoriaMetrics, path: Path
) -> None:
    influxd.stop()
    async with forwarding(v1(influxd.url), path) as running:
        await running.put(1, 10)

    async with forwarding(v1(victoria.url), path) as running:
        await running.until_empty()

    assert sorted(victoria.times("reading_power")) == times(1, 10)


async def test_a_count_that_comes_late_changes_nothing(
    influxd: Influxd, path: Path
) -> None:
    async with forwarding(v1(influxd.url), path) as running:
        is_late = asyncio.Event()

        async def first_one_late[R](function: Callable[[], R]) -> R:
            running.sender._run_blocking = WORK.to_thread
            result = await asyncio.to_thread(function)
            await is_late.wait()
            return result

        # Threads may be held up anywhere; here one is, after its work.
        await running.put(1, 3)
        await running.until_empty()
        running.sender._run_blocking = first_one_late
        late = asyncio.create_task(running.put(4, 6))
        await asyncio.sleep(0.1)
        await running.put(7, 9)
        await running.until(lambda status: status.delivered == 9)
        is_late.set()
        await late

        assert running.status().delivered == 9
        assert running.status().pending == 0

        # Nor is what it has stored sent once more.
        await asyncio.sleep(0.1)
        await running.sender.quarantined()
        assert (running.status().delivered, running.status().pending) == (9, 0)


async def test_a_backup_stops_nothing(influxd: Influxd, path: Path) -> None:
    async with forwarding(v1(influxd.url), path) as running:
        await running.sender.hold()
        await running.put(1, 10)
        await running.until_empty()
        await running.sender.release()
        await running.put(11, 20)
        await running.until_empty()

    assert influxd.times("reading", DATABASE) == times(1, 20)


async def test_a_disk_that_takes_nothing_is_shown_until_it_does(
    influxd: Influxd, path: Path, travel: TimeTravel
) -> None:
    async with forwarding(v1(influxd.url), path) as running:
        await running.put(1, 3)
        await running.until_empty()
        lose_the_file(running.spool)
        with pytest.raises(SpoolError):
            await running.put(4, 6)
        assert running.status().spool_problem == "The file can't be opened"
        await travel(60)

        remove_folder(path)
        await running.put(7, 9)
        await travel(300)
        await running.until_empty()

        assert running.status().spool_problem is None
    assert influxd.times("reading", DATABASE) == times(1, 3) + times(7, 9)


async def test_a_spool_that_cant_be_opened_is_opened_later(
    influxd: Influxd, path: Path, travel: TimeTravel
) -> None:
    put_a_folder_in_place(path)
    with pytest.raises(SpoolError):
        async with forwarding(v1(influxd.url), path):
            pytest.fail("nothing can be stored")
    remove_folder(path)

    async with forwarding(v1(influxd.url), path) as running:
        await running.put(1, 3)
        await running.until_empty()


async def test_a_damaged_spool_is_shown(influxd: Influxd, path: Path) -> None:
    damage(path)

    async with forwarding(v1(influxd.url), path) as running:
        away = running.status().set_aside
        assert away is not None
        assert away.name in names_beside(path)
        await running.put(1, 3)
        await running.until_empty()

    assert influxd.times("reading", DATABASE) == times(1, 3)


async def test_a_backlog_beyond_the_limit_loses_its_oldest(
    influxd: Influxd, path: Path
) -> None:
    influxd.stop()
    async with forwarding(v1(influxd.url), path, limit=2**20) as running:
        for first in range(0, 400_000, 40_000):
            await running.put(first, first + 39_999)
        kept = running.status().pending
        assert running.status().dropped == 400_000 - kept
        assert 40_000 <= kept < 400_000
        influxd.start()
        running.sender.retry_now()
        await running.until_empty()
        assert running.status().delivered == kept

    stored = influxd.times("reading", DATABASE)
    assert stored == times(400_000 - kept, 399_999)


async def test_small_requests_are_not_compressed(
    socket_enabled: None, path: Path
) -> None:
    server = StubServer()
    async with server.running(), forwarding(v1(server.url), path) as running:
        await running.put(1, 3)
        await running.until_empty()

    [write] = server.writes
    assert "Content-Encoding" not in write.headers
    assert server.stored == readings(1, 3)


def lose_the_file(spool: Spool) -> None:
    """Let go of the file as after an error, and have none to return to."""
    with spool._lock:
        spool._disconnect()
        put_a_folder_in_place(spool.path)


def put_a_folder_in_place(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def remove_folder(path: Path) -> None:
    path.rmdir()


def damage(path: Path) -> None:
    path.write_bytes(b"no database at all" * 500)


def names_beside(path: Path) -> set[str]:
    return {beside.name for beside in path.parent.iterdir()}


async def test_what_is_delivered_leaves_the_disk_within_a_minute(
    influxd: Influxd, path: Path, travel: TimeTravel
) -> None:
    async with forwarding(v1(influxd.url), path) as running:
        await running.put(1, 2)
        await running.until_empty()
        await asyncio.sleep(0.1)
        await running.put(3, 3)
        await running.until_empty()
        assert running.spool.has_acknowledged

        await travel(60)
        await running.until(lambda _: not running.spool.has_acknowledged)
        assert (running.status().delivered, running.status().pending) == (3, 0)

        await running.put(4, 4)
        await running.until_empty()
        assert running.status().delivered == 4
    assert influxd.times("reading", DATABASE) == times(1, 4)


async def test_what_is_stored_but_cant_be_counted_is_not_stored_again(
    influxd: Influxd, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Spool) -> SpoolCounts:
        raise SpoolError("The disk fails to read or to write")

    async with forwarding(v1(influxd.url), path) as running:
        with monkeypatch.context() as broken:
            broken.setattr(Spool, "counts", fail)
            await running.put(1, 3)
        await running.put(4, 4)
        await running.until(lambda now: now.delivered == 4)
        await running.until_empty()
    assert influxd.times("reading", DATABASE) == times(1, 4)
