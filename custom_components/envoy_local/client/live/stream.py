"""One run of `/stream/meter`, from its opening to its end.

Firmware 8.3 sends a frame a second, but now and then says nothing for up to
13 s and then everything at once; 7.0.88 always sends two dozen at a time. A
frame carries no time, so that only the newest of those says something about now.
"""

from __future__ import annotations

from collections.abc import Callable
import logging
from typing import Final

from ..clock import loop_time
from ..exceptions import (
    EnvoyConnectionError,
    EnvoyResponseError,
    EnvoyTimeoutError,
)
from ..models.live import LivePower, LiveSite
from ..session import EnvoySession
from ..transport import GatewayStream
from .events import EventReader
from .frames import PATH, parse_frame
from .status import LiveCounts

_LOGGER = logging.getLogger(__name__)

SILENCE: Final = 30.0
"""Seconds without a good frame after which a stream is dead."""
_LINGER: Final = 0.05
"""Seconds between the frames of a burst, at most."""
_LONGEST_BURST: Final = 0.25
_LARGEST_BURST: Final = 8


class MeterStream:
    """Follows the stream; one run at a time."""

    def __init__(
        self,
        *,
        session: EnvoySession,
        site: Callable[[], LiveSite],
        on_power: Callable[[LivePower], None],
        counts: LiveCounts,
        clock: Callable[[], float],
    ) -> None:
        """Say whom to tell of the newest frame."""
        self._session = session
        self._site = site
        self._on_power = on_power
        self._counts = counts
        self._clock = clock

    async def run(self) -> None:
        """Follow one stream to its end, which is an `EnvoyError`."""
        self._counts.connects += 1
        stream = await self._session.open_stream(PATH, timeout=SILENCE)
        try:
            await self._follow(stream)
        finally:
            stream.close()

    async def _follow(self, stream: GatewayStream) -> None:
        events = EventReader()
        frames, heard = self._counts.frames, loop_time()
        while chunk := await stream.read(timeout=heard + SILENCE - loop_time()):
            newest, count = self._read(events, chunk)
            if newest is None:
                continue
            since, heard = heard, loop_time()
            missing = min(int(heard - since), _LARGEST_BURST) - count
            self._on_power(
                await self._last_of_burst(stream, events, newest, missing=missing)
            )
        if self._counts.frames == frames:
            raise EnvoyResponseError("The gateway's answer isn't a stream")
        raise EnvoyConnectionError("The gateway ended the stream")

    async def _last_of_burst(
        self,
        stream: GatewayStream,
        events: EventReader,
        newest: LivePower,
        *,
        missing: int,
    ) -> LivePower:
        """Wait a moment for what was held back, as one frame a second was due."""
        end = loop_time() + _LONGEST_BURST
        while missing > 0 and (left := end - loop_time()) > 0:
            try:
                chunk = await stream.read(timeout=min(_LINGER, left))
            except EnvoyTimeoutError:
                break
            power, count = self._read(events, chunk)
            newest = power or newest
            missing = missing - count if chunk else 0
        return newest

    def _read(self, events: EventReader, chunk: bytes) -> tuple[LivePower | None, int]:
        """Return the newest of the frames that a chunk completes, and their number."""
        counts, site, received_at = self._counts, self._site(), self._clock()
        newest, count, dropped = None, 0, events.dropped
        for line in events.feed(chunk):
            try:
                newest = parse_frame(line, site=site, received_at=received_at)
            except EnvoyResponseError as err:
                counts.bad_frames += 1
                _LOGGER.debug("%s", err)
            else:
                count += 1
        counts.frames += count
        counts.bad_frames += events.dropped - dropped
        return newest, count
