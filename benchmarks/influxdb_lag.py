"""A process whose event loop is watched while its sender works off a backlog."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
import json
from pathlib import Path
import pickle
import resource
import sys
import tempfile
import time
from typing import Final

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.influxdb_measured import until  # noqa: E402  # after the path
from benchmarks.influxdb_site import Poll  # noqa: E402  # after the path
from custom_components.envoy_local.influxdb.sender import Sender  # noqa: E402  # as above
from custom_components.envoy_local.influxdb.spool import Spool  # noqa: E402  # as above
from custom_components.envoy_local.influxdb.spool_file import (  # noqa: E402  # as above
    connect,
)
from custom_components.envoy_local.influxdb.spool_rows import (  # noqa: E402  # as above
    change,
    insert,
)
from custom_components.envoy_local.influxdb.target import (  # noqa: E402  # as above
    ServerKind,
    Target,
)

_STEP: Final = 0.001
_MILLISECONDS: Final = 1000
_MEGABYTE: Final = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A backlog to work off."""

    polls: str
    """File of pickled polls; the backlog repeats them, later and later."""
    lines: int
    url: str
    database: str
    watch: float
    """Seconds to watch the loop at rest before."""


class Probe:
    """A task that sleeps in steps of a millisecond and notes how late it wakes."""

    def __init__(self) -> None:
        """Begin at once."""
        self._late: list[float] = []
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_STEP)
            self._late.append(time.perf_counter() - before - _STEP)

    async def end(self) -> dict[str, float]:
        """Return the lateness in milliseconds."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        late = sorted(self._late)
        return {
            "p50": _MILLISECONDS * late[len(late) // 2],
            "p99": _MILLISECONDS * late[len(late) * 99 // 100],
            "max": _MILLISECONDS * late[-1],
            "count": len(late),
        }


async def at_rest(seconds: float) -> dict[str, float]:
    """Watch the loop while nothing is done."""
    probe = Probe()
    await asyncio.sleep(seconds)
    return await probe.end()


def fill(path: Path, polls: Sequence[Poll], lines: int) -> int:
    """Put an outage's readings into a spool; return how many lines these are.

    All in one transaction: a disk has better things to do than a month's commits.
    """
    written = [poll.lines for poll in polls]
    begin, end = _time(written[0][-1]), _time(written[-1][-1])
    span = end - begin + (end - begin) // len(written)
    filled = number = 0
    with closing(connect(path, is_suspect=False)) as database, change(database):
        while filled < lines:
            shift, poll = number // len(written) * span, written[number % len(written)]
            number += 1
            insert(
                database, number, [_later(line, shift) for line in poll], time.time()
            )
            filled += len(poll)
    return filled


def _time(line: str) -> int:
    return int(line.rpartition(" ")[2])


def _later(line: str, milliseconds: int) -> str:
    what, _, when = line.rpartition(" ")
    return f"{what} {int(when) + milliseconds}"


async def drain(job: Job, spool: Spool) -> dict[str, object]:
    """Deliver all that is in a spool, and watch the loop meanwhile."""
    target = Target(kind=ServerKind.V1, url=job.url, database=job.database)
    async with aiohttp.ClientSession() as session:
        sender = Sender(
            session=session, target=target, spool=spool, entry_name="benchmark"
        )
        await sender.open()
        rest = await at_rest(job.watch)
        tell({})
        probe, cpu, started = Probe(), time.process_time(), time.perf_counter()
        sending = asyncio.create_task(sender.run())
        await until(lambda: not sender.status.pending)
        took = time.perf_counter() - started
        cpu = time.process_time() - cpu
        lag, status = await probe.end(), sender.status
        sending.cancel()
        await sender.close()
    if status.dropped or status.quarantined or status.too_old:
        sys.exit(f"Not everything was delivered: {status}")
    return {"took": took, "cpu": cpu, "lag": lag, "rest": rest}


def work(job: Job) -> dict[str, object]:
    """Do a job; return the figures."""
    polls: Sequence[Poll] = pickle.loads(Path(job.polls).read_bytes())  # noqa: S301  # our own
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "backlog.spool.db")
        filled = fill(path, polls, job.lines)
        before = _resident()
        figures = asyncio.run(drain(job, Spool(path)))
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    memory = {"before": before / _MEGABYTE, "highest": highest / _MEGABYTE}
    return {**figures, "lines": filled, "memory": memory}


def tell(what: dict[str, object]) -> None:
    """Write a line for whoever started us; an empty one when the work begins."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _resident() -> int:
    """Return the bytes of memory in use now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    tell(work(Job(**json.loads(sys.argv[1]))))
