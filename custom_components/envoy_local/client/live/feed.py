"""The one task behind live power: the best source that the gateway lets us read.

The sources are found by asking, never by version: the stream, which the gateway
pushes; live data, which is polled; and the readings, which are there anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
import logging
import random as _random
import time
from typing import Final, NoReturn

from ..clock import loop_time
from ..exceptions import EnvoyError
from ..models.live import LivePower, LiveSite, LiveSource, LiveStatus, Verdict
from ..models.meters import MeterKind
from ..models.snapshot import GatewaySnapshot
from ..session import EnvoySession
from .polling import LivedataPolling
from .status import LiveCounts, SourceRecord
from .stream import SILENCE, MeterStream
from .words import in_words

_LOGGER = logging.getLogger(__name__)

_LOOK: Final = 15.0
"""Seconds after which a long wait looks whether its reason still stands."""
_RARELY: Final = 300.0
"""Seconds between two tries of a stream that fails while live data flows."""
_STREAM_FIRST: Final = 1.0
_POLL_FIRST: Final = 2.0
_LONGEST: Final = 45.0
"""Seconds to wait after failures: live power is back a minute after the gateway."""
_STILL: Final = 900.0
"""Seconds after which live data that stood still is asked again."""
_UNDECIDED: Final = frozenset({Verdict.NOT_ASKED, Verdict.WORKS})


class LiveFeed:
    """Follow one gateway's power; no failure of it ever leaves `run`."""

    def __init__(
        self,
        *,
        session: EnvoySession,
        snapshot: Callable[[], GatewaySnapshot],
        interval: float,
        on_power: Callable[[LivePower | None], None],
        on_status: Callable[[], None],
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = _random.random,
    ) -> None:
        """Say what is known of the meters, and whom to tell.

        `interval` is the pace in seconds at which somebody looks. `on_power` gets
        the newest frame of every burst, and None once when nothing flows any more;
        `on_status` is called when `status` has changed in more than its counters.
        """
        self._session = session
        self._snapshot = snapshot
        self._on_power = on_power
        self._on_status = on_status
        self._counts = LiveCounts()
        self._stream = SourceRecord(
            first=_STREAM_FIRST, longest=_LONGEST, still=_STILL, random=random
        )
        self._livedata = SourceRecord(
            first=_POLL_FIRST, longest=_LONGEST, still=_STILL, random=random
        )
        self._follower = MeterStream(
            session=session,
            site=self._site,
            on_power=self._from_stream,
            counts=self._counts,
            clock=clock,
        )
        self._poller = LivedataPolling(
            session=session,
            site=self._site,
            interval=interval,
            on_power=self._from_livedata,
            is_wanted=self._wants_livedata,
            counts=self._counts,
            clock=clock,
        )
        self._stream_is_out = asyncio.Event()
        self._latest: LivePower | None = None
        self._last_frame_at: float | None = None
        self._stale: asyncio.TimerHandle | None = None
        self._told: tuple[object, ...] = ()
        self._said: LiveSource | None = None

    @property
    def status(self) -> LiveStatus:
        """Which source is in use, why no better one is, and the counters."""
        token, counts = self._session.token, self._counts
        return LiveStatus(
            source=self._latest.source if self._latest else LiveSource.READINGS,
            stream=self._stream.verdict,
            livedata=self._livedata.verdict,
            role=token.role if token else None,
            last_frame_at=self._last_frame_at,
            frames=counts.frames,
            bad_frames=counts.bad_frames,
            connects=counts.connects,
            polls=counts.polls,
            rearms=counts.rearms,
        )

    @property
    def latest(self) -> LivePower | None:
        """The newest power; None when nothing flows, or nothing came for 30 s."""
        return self._latest

    async def run(self) -> None:
        """Follow the power until cancelled, which closes the connection at once."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow_stream())
                group.create_task(self._poll_livedata())
        finally:
            self._forget()
            self._told = ()

    async def _follow_stream(self) -> NoReturn:
        while True:
            await self._meter_in_use()
            await self._attempt(self._stream, self._follower.run)

    async def _poll_livedata(self) -> NoReturn:
        """Step in while the stream is out."""
        while True:
            await self._stream_is_out.wait()
            await self._meter_in_use()
            await self._attempt(self._livedata, self._poller.run)

    async def _attempt(
        self, record: SourceRecord, run: Callable[[], Awaitable[None]]
    ) -> None:
        """Follow a source to its end, then wait as long as that end demands."""
        try:
            await run()
        except EnvoyError as err:
            _LOGGER.debug("Live power: %s", err)
            pause = record.failed(err)
        else:
            # A run may end before it has waited for anything.
            await asyncio.sleep(0)
            return
        if record is self._stream:
            pause = self._stream_ended(pause)
        self._tell_status()
        await self._rest(record, pause)

    def _stream_ended(self, pause: float) -> float:
        """Fall back at once; return the seconds to wait."""
        if self._latest and self._latest.source is LiveSource.STREAM:
            self._end()
        if not self._stream.is_out:
            return pause
        self._stream_is_out.set()
        return max(pause, _RARELY) if self._latest else pause

    async def _rest(self, record: SourceRecord, pause: float) -> None:
        """Wait, but not when what the answer depends on has changed."""
        end, circumstances = loop_time() + pause, self._circumstances(record)
        while (left := end - loop_time()) > 0:
            await asyncio.sleep(min(left, _LOOK))
            if self._circumstances(record) != circumstances:
                return

    def _circumstances(self, record: SourceRecord) -> object:
        """What a gateway's no depends on."""
        sessions = self._session.sessions if record.is_locked_out else None
        return self._session.token, sessions, self._site()

    async def _meter_in_use(self) -> None:
        """Wait until something is metered; no request is made before."""
        records = (self._stream, self._livedata)
        while not self._site().meters:
            if self._snapshot().meters is not None:
                for record in records:
                    record.verdict = Verdict.NO_METER
                if self._latest:
                    self._end()
                self._tell_status()
            await asyncio.sleep(_LOOK)
        for record in records:
            if record.verdict is Verdict.NO_METER:
                record.verdict = Verdict.NOT_ASKED

    def _site(self) -> LiveSite:
        snapshot = self._snapshot()
        enabled = (meter for meter in snapshot.meters or () if meter.is_enabled)
        meters = {meter.kind: meter.phase_count for meter in enabled if meter.kind}
        return LiveSite(
            meters=meters,
            has_storage=snapshot.has_storage or MeterKind.STORAGE in meters,
        )

    def _wants_livedata(self) -> bool:
        return self._stream.is_out and bool(self._site().meters)

    def _from_stream(self, power: LivePower) -> None:
        self._stream.succeeded(loop_time())
        self._stream_is_out.clear()
        self._publish(power)

    def _from_livedata(self, power: LivePower) -> None:
        self._livedata.succeeded(loop_time())
        self._publish(power)

    def _publish(self, power: LivePower) -> None:
        self._cancel_stale()
        loop = asyncio.get_running_loop()
        self._stale = loop.call_later(SILENCE, self._end)
        self._latest = power
        self._last_frame_at = power.received_at
        self._on_power(power)
        self._tell_status()

    def _end(self) -> None:
        """Say once that nothing flows."""
        self._forget()
        self._on_power(None)
        self._tell_status()

    def _forget(self) -> None:
        self._cancel_stale()
        self._latest = None

    def _cancel_stale(self) -> None:
        if self._stale is not None:
            self._stale.cancel()
            self._stale = None

    def _tell_status(self) -> None:
        """Say what has changed, but for the counters."""
        status = self.status
        key = (status.source, status.stream, status.livedata, status.role)
        if key == self._told:
            return
        self._told = key
        self._log(status)
        self._on_status()

    def _log(self, status: LiveStatus) -> None:
        """Name each source once; a hiccup is none."""
        is_settled = (
            status.source is not LiveSource.READINGS
            or status.stream is Verdict.NO_METER
            or (self._stream.is_out and status.livedata not in _UNDECIDED)
        )
        if is_settled and status.source is not self._said:
            self._said = status.source
            _LOGGER.info("%s", in_words(status))
