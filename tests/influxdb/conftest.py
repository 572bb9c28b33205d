"""Servers to write to, and a way to them as the integration has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
import random
import time
from typing import Final

import aiohttp
import pytest

from custom_components.envoy_local.influxdb.sender import Sender
from custom_components.envoy_local.influxdb.spool import DEFAULT_LIMIT, Spool
from custom_components.envoy_local.influxdb.status import ForwarderStatus
from custom_components.envoy_local.influxdb.target import ServerKind, Target
from tests.time_travel import TimeTravel

from .servers import Influxd, VictoriaMetrics
from .snapshots import Site, open_site
from .spools import LIMIT

BEGINNING: Final = 1_790_000_000_000
"""Epoch milliseconds of the first pretend reading."""
DATABASE: Final = "solar"
RECHECK: Final = 310
"""Seconds until a server that refused everything has been asked again."""
_PATIENCE: Final = 20.0
_LOOK: Final = 0.005


def reading(number: int) -> str:
    """Return the line of a pretend reading."""
    return f'reading,gateway=1 power={float(number)},state="on" {BEGINNING + number}'


def readings(first: int, last: int) -> list[str]:
    """Return the lines of pretend readings, the last one included."""
    return [reading(number) for number in range(first, last + 1)]


def times(first: int, last: int) -> list[int]:
    """Return the times of pretend readings, the last one included."""
    return [BEGINNING + number for number in range(first, last + 1)]


class Work:
    """What is under way beside the loop: a jump in time would tear it."""

    def __init__(self) -> None:
        self.count = 0

    async def to_thread[R](self, function: Callable[[], R]) -> R:
        self.count += 1
        try:
            return await asyncio.to_thread(function)
        finally:
            self.count -= 1

    async def begins(self, *_: object) -> None:
        self.count += 1

    async def ends(self, *_: object) -> None:
        self.count -= 1


WORK: Final = Work()


def client_session() -> aiohttp.ClientSession:
    """Return a session that asks the system for names, and is watched at work."""
    watch = aiohttp.TraceConfig()
    watch.on_request_start.append(WORK.begins)
    watch.on_request_end.append(WORK.ends)
    watch.on_request_exception.append(WORK.ends)
    connector = aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver())
    return aiohttp.ClientSession(connector=connector, trace_configs=[watch])


@dataclass(slots=True, kw_only=True)
class Forwarding:
    """A sender at work."""

    sender: Sender
    spool: Spool
    task: asyncio.Task[None]
    history: list[ForwarderStatus] = field(default_factory=list)

    def status(self) -> ForwarderStatus:
        return self.sender.status

    async def put(self, first: int, last: int) -> None:
        await self.sender.put(readings(first, last), time.time())

    async def until(self, condition: Callable[[ForwarderStatus], bool]) -> None:
        """Wait, in real time, until the status is as wanted."""
        deadline = time.monotonic() + _PATIENCE
        while not condition(self.status()):
            assert time.monotonic() < deadline, self.status()
            await asyncio.sleep(_LOOK)

    async def until_empty(self) -> None:
        await self.until(lambda status: status.pending == 0)


@asynccontextmanager
async def forwarding(
    target: Target,
    path: Path,
    *,
    limit: int = DEFAULT_LIMIT,
    jitter: Callable[[float, float], float] = random.uniform,
) -> AsyncIterator[Forwarding]:
    """Run a sender to a server; it is cancelled at the end, as Home Assistant does."""
    spool = Spool(path, limit=limit)
    async with client_session() as session:
        sender = Sender(
            session=session,
            target=target,
            spool=spool,
            entry_name="test",
            run_blocking=WORK.to_thread,
            on_change=lambda: running.history.append(sender.status),
            jitter=jitter,
        )
        running = Forwarding(sender=sender, spool=spool, task=_nothing())
        await sender.open()
        running.task = asyncio.create_task(sender.run())
        try:
            yield running
        finally:
            running.task.cancel()
            with suppress(asyncio.CancelledError):
                await running.task
            await sender.close()


def _nothing() -> asyncio.Task[None]:
    return asyncio.create_task(asyncio.sleep(0))


@pytest.fixture
def influxd(socket_enabled: None, tmp_path: Path) -> Iterator[Influxd]:
    """Run InfluxDB 1.6 with a database."""
    server = Influxd(tmp_path / "influxd")
    with server.running():
        server.query(f"CREATE DATABASE {DATABASE}")
        yield server


@pytest.fixture
def victoria(socket_enabled: None, tmp_path: Path) -> Iterator[VictoriaMetrics]:
    """Run VictoriaMetrics."""
    server = VictoriaMetrics(tmp_path / "victoria")
    with server.running():
        yield server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the spool is."""
    return tmp_path / "entry.spool.db"


@pytest.fixture
def spool(path: Path) -> Iterator[Spool]:
    """Open a spool of the smallest size."""
    spool = Spool(path, limit=LIMIT)
    assert spool.open() is None
    yield spool
    spool.close()


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session to ask servers with."""
    async with client_session() as session:
        yield session


@pytest.fixture
async def home(socket_enabled: None) -> AsyncIterator[Site]:
    """A metered site with batteries, at noon."""
    async with open_site("home") as opened:
        yield opened


def v1(url: str, **more: str) -> Target:
    """Return a database of a 1.x server."""
    return Target(kind=ServerKind.V1, url=url, database=DATABASE, **more)


@pytest.fixture
async def travel(monkeypatch: pytest.MonkeyPatch) -> TimeTravel:
    """Let time pass for everything that waits on the loop."""
    travel = TimeTravel(asyncio.get_running_loop(), monkeypatch)
    WORK.count = 0
    travel.is_quiet = lambda: WORK.count == 0
    return travel
