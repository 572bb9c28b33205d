"""Takes lines from the spool to the server, one request at a time, oldest first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
import logging
import math
from pathlib import Path
import random
import time
from typing import Final, Never, Protocol

import aiohttp

from .answers import RECHECK, Action, TargetProblem, Verdict
from .parcel import Parcel, Portion, pack
from .patience import Patience
from .search import Interrupted, search
from .spool import Spool, SpoolCounts
from .spool_file import SpoolError
from .spool_rows import Batch, Refused
from .status import ForwarderStatus
from .target import Target, health_line, write

_LOGGER = logging.getLogger(__name__)

_LEAST_BYTES: Final = 2**14
"""What any line to a server carries within a time-out."""
_HEALTH_INTERVAL: Final = 60.0
_FORGET_AFTER: Final = 60.0
"""Seconds for which delivered lines stay on disk at most."""
_LONGEST_FAREWELL: Final = 0.5


class RunBlocking(Protocol):
    """Runs a function beside the event loop, as `asyncio.to_thread` does."""

    def __call__[R](self, function: Callable[[], R], /) -> Awaitable[R]:
        """Return what the function returns."""


class Sender:
    """The way from readings to a server; what `put` has returned for isn't lost."""

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        target: Target,
        spool: Spool,
        entry_name: str,
        run_blocking: RunBlocking = asyncio.to_thread,
        on_change: Callable[[], None] = lambda: None,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """Prepare; `on_change` is told in the event loop whenever `status` is new.

        `entry_name` tags the health line that is written once a minute.
        """
        self.status = ForwarderStatus()
        self._session = session
        self._target = target
        self._spool = spool
        self._entry_name = entry_name
        self._run_blocking = run_blocking
        self._on_change = on_change
        self._patience = Patience(jitter=jitter)
        self._work = asyncio.Event()
        self._runner: asyncio.Task[Never] | None = None
        self._portion = Portion()
        self._version = 0
        self._next_health = -math.inf
        self._ahead: Parcel | None = None
        self._has_looked = False
        self._is_idle = False
        self._rests = 0
        self._puts = 0

    async def open(self) -> Path | None:
        """Open the spool; return where a damaged one was moved, if it was.

        Raises SpoolError where nothing can be stored now; `put` tries again.
        """
        return await self._on_disk(self._spool.open)

    async def put(self, lines: Sequence[str], now: float) -> None:
        """Store lines on disk, `now` in epoch seconds; returns when they are there.

        Never waits for the server. Raises SpoolError, whose text says why, where
        there is no way to store them now: then they are still the caller's.

        Who waits for something to send is handed it at once: each way to the disk
        and back costs more than what is done there.
        """
        was_idle, self._is_idle = self._is_idle, False
        rest = self._rests
        self._puts += 1

        def store() -> Parcel | None:
            batch = self._spool.put(lines, now=now)
            if not was_idle:
                return None
            if batch is not None and self._portion.holds(batch):
                return Parcel.of(batch)
            # What is stored is stored, whether or not it can be read just now.
            with suppress(SpoolError):
                return self._take()
            return None

        try:
            parcel = await self._on_disk(store)
            # Once that rest is over, it has been looked for on disk.
            if parcel and rest == self._rests:
                self._ahead = parcel
        finally:
            self._puts -= 1
            self._work.set()

    async def run(self) -> Never:
        """Deliver for ever; to be cancelled at any moment, which loses nothing."""
        self._runner = asyncio.current_task()
        while True:
            try:
                await self._deliver(await self._next())
            except Interrupted as err:
                await self._interrupted(err.verdict)
            except SpoolError:
                await self._patience.pause(self._patience.failed())
            except Exception as err:  # noqa: BLE001 - readings would wait unnoticed
                await self._stumbled(err)

    async def close(self) -> None:
        """Stop and close the file, whatever the server is doing."""
        if self._runner is not None and not self._runner.done():
            self._runner.cancel()
            await asyncio.wait([self._runner], timeout=_LONGEST_FAREWELL)
        await self._run_blocking(self._spool.close)

    def retry_now(self) -> None:
        """Cut the present pause short."""
        self._patience.hurry()

    async def quarantined(self) -> list[Refused]:
        """Return the lines in quarantine; raises SpoolError."""
        return await self._on_disk(self._spool.quarantined, is_write=False)

    async def retry_quarantined(self) -> int:
        """Send the quarantined lines once more; return how many; raises SpoolError."""
        count = await self._on_disk(
            partial(self._spool.retry_quarantined, now=time.time())
        )
        self._work.set()
        return count

    async def clear_quarantined(self) -> int:
        """Give the quarantined lines up; return how many; raises SpoolError."""
        return await self._on_disk(self._spool.clear_quarantined)

    async def hold(self) -> None:
        """Keep the spool's files fit to be copied until `release`; raises SpoolError.

        Putting and sending go on meanwhile.
        """
        await self._on_disk(self._spool.hold)

    async def release(self) -> None:
        """Go on as usual after a copy; raises SpoolError."""
        await self._on_disk(self._spool.release)

    async def _next(self) -> Parcel:
        """Wait for something to send; raises SpoolError."""
        while self._ahead is None:
            if self._has_looked:
                await self._rest()
            else:
                await self._look()
        parcel, self._ahead = self._ahead, None
        self._has_looked = False
        return parcel

    async def _look(self) -> None:
        self._work.clear()
        self._ahead = await self._on_disk(self._take, is_write=False)
        self._has_looked = True

    async def _rest(self) -> None:
        """Wait until something is put, not for ever while there is work on disk."""
        self._is_idle = True
        patience = _FORGET_AFTER if self._spool.has_acknowledged else None
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._work.wait()
        finally:
            self._is_idle = self._has_looked = False
            self._rests += 1
        self._work.clear()

    def _take(self) -> Parcel | None:
        """Read and pack what goes out next; blocks."""
        batch = self._spool.peek(lines=self._portion.lines, size=self._portion.size)
        return None if batch is None else Parcel.of(batch)

    async def _deliver(self, parcel: Parcel) -> None:
        """Send a batch and forget it once it is stored; raises Interrupted."""
        batch, verdict = parcel.batch, None
        if asyncio.get_running_loop().time() >= self._next_health:
            text = b"%b\n%b" % (batch.text, self._health().encode())
            verdict = await self._post(text)
        if verdict is None or verdict.action is Action.HALVE:
            # The line about ourselves may have been the one too many.
            verdict = await self._write(parcel.body, is_gzip=parcel.is_gzip)
        match verdict.action:
            case Action.ACKNOWLEDGE | Action.TOO_OLD:
                await self._stored(batch, too_old=verdict.too_old)
            case Action.HALVE if batch.count > 1:
                self._portion.shrink(batch)
            case Action.SEARCH | Action.HALVE:
                await self._search(batch, verdict)
            case Action.KEEP:
                if verdict.is_slow:
                    self._portion.shrink(batch, least=_LEAST_BYTES)
                raise Interrupted(verdict)

    async def _search(self, batch: Batch, verdict: Verdict) -> None:
        """Find the bad lines, unless it is the request that isn't liked.

        A server that refuses a line of which nothing is wrong, before the search
        or after it, refuses for another reason: then no line is to blame.
        """
        await self._probe()
        try:
            outcome = await search(batch.lines, verdict, self._send)
        except Interrupted:
            # One that takes longer than this server lets us would never end.
            self._portion.shrink(batch)
            raise
        if outcome.refused:
            await self._probe()
            _LOGGER.log(
                logging.DEBUG if self.status.quarantined else logging.WARNING,
                "The InfluxDB server refuses %d readings for good: %s",
                len(outcome.refused),
                outcome.refused[0].reason,
            )
        await self._stored(batch, too_old=outcome.too_old, refused=outcome.refused)

    async def _probe(self) -> None:
        """See whether the server takes the health line; raises Interrupted."""
        verdict = await self._send([self._health()])
        if verdict.action is Action.KEEP:
            raise Interrupted(verdict)
        if verdict.action is not Action.ACKNOWLEDGE:
            problem = verdict.problem or TargetProblem.REFUSED
            raise Interrupted(replace(verdict, problem=problem, wait=RECHECK))

    async def _stored(
        self, batch: Batch, *, too_old: int, refused: Sequence[Refused] = ()
    ) -> None:
        """Take what a server has answered for out of the spool, and look for more."""
        now = time.time()
        if self.status.problem is not None:
            _LOGGER.info("Readings are delivered to InfluxDB again")
            self._update(problem=None, detail="", failing_since=None)
        self._patience.succeeded()
        self._portion.grow()
        is_all = not self._puts and self.status.pending <= batch.count
        if is_all and not refused and not too_old:
            self._acknowledge(batch, now)
            return
        self._work.clear()

        def go_on() -> Parcel | None:
            self._spool.remove(batch, now=now, too_old=too_old, refused=refused)
            return self._take()

        self._ahead = await self._on_disk(go_on, last_success=now)
        self._has_looked = True

    def _acknowledge(self, batch: Batch, now: float) -> None:
        """Leave it to the next lines to take these out: nothing else waits."""
        self._spool.acknowledge(batch)
        self._has_looked = True
        self._update(
            last_success=now,
            pending=0,
            oldest=None,
            delivered=self.status.delivered + batch.count,
        )

    async def _send(self, lines: Sequence[str]) -> Verdict:
        return await self._post("\n".join(lines).encode())

    async def _post(self, text: bytes) -> Verdict:
        body, is_gzip = await self._run_blocking(partial(pack, text))
        return await self._write(body, is_gzip=is_gzip)

    async def _write(self, body: bytes, *, is_gzip: bool) -> Verdict:
        return await write(self._session, self._target, body, is_gzip=is_gzip)

    def _health(self) -> str:
        now = asyncio.get_running_loop().time()
        self._next_health = now + _HEALTH_INTERVAL
        return health_line(
            entry=self._entry_name,
            backlog=self.status.pending,
            dropped=self.status.dropped,
            quarantined=self.status.quarantined,
        )

    async def _interrupted(self, verdict: Verdict) -> None:
        """Note why nothing goes out, and wait."""
        if verdict.problem is not self.status.problem:
            _LOGGER.warning(
                "Readings can't be delivered to InfluxDB and are kept: %s (%s)",
                verdict.problem,
                verdict.detail,
            )
        self._update(
            problem=verdict.problem,
            detail=verdict.detail,
            failing_since=self.status.failing_since or time.time(),
        )
        pause = self._patience.failed()
        await self._patience.pause(pause if verdict.wait is None else verdict.wait)

    async def _stumbled(self, err: Exception) -> None:
        """Go on after a mistake of ours, and tell of it."""
        _LOGGER.debug("Sending to InfluxDB failed", exc_info=err)
        detail = f"{type(err).__name__} while sending"
        await self._interrupted(
            Verdict(
                action=Action.KEEP, problem=TargetProblem.UNAVAILABLE, detail=detail
            )
        )

    async def _on_disk[R](
        self,
        function: Callable[[], R],
        *,
        is_write: bool = True,
        last_success: float | None = None,
    ) -> R:
        """Run one of the spool's functions beside the loop and count what is left."""

        def work() -> tuple[R, SpoolCounts | None]:
            result = function()
            # What was done is done, even if it can't be counted just now.
            with suppress(SpoolError):
                return result, self._spool.counts()
            return result, None

        try:
            result, counts = await self._run_blocking(work)
        except SpoolError as err:
            if self.status.spool_problem is None:
                _LOGGER.warning("Readings for InfluxDB can't be stored: %s", err)
            self._update(spool_problem=str(err))
            raise
        if is_write and self.status.spool_problem is not None:
            _LOGGER.info("Readings for InfluxDB can be stored again")
            self._update(spool_problem=None)
        self._counted(counts, last_success or self.status.last_success)
        return result

    def _counted(self, counts: SpoolCounts | None, last_success: float | None) -> None:
        """Show what was counted, unless something newer was counted meanwhile."""
        if counts is None or counts.version < self._version:
            self._update(last_success=last_success)
            return
        self._version = counts.version
        self._update(
            last_success=last_success,
            set_aside=self._spool.set_aside,
            pending=counts.pending,
            oldest=counts.oldest,
            delivered=counts.delivered,
            dropped=counts.dropped,
            discarded=counts.discarded,
            too_old=counts.too_old,
            quarantined=counts.quarantined,
            spool_bytes=counts.size,
        )

    def _update(self, **changes: object) -> None:
        """Tell of a new status."""
        status = replace(self.status, **changes)  # type: ignore[arg-type] # names of its fields
        if status != self.status:
            self.status = status
            self._on_change()
