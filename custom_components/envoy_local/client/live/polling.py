"""One run of live data: poll it, and have it switched on again when it stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
import logging
from typing import Final

from ..clock import loop_time
from ..exceptions import EnvoyError, EnvoyForbiddenError, EnvoyResponseError
from ..models.live import LiveData, LivePower, LiveSite
from ..session import EnvoySession
from ..transport import Lane
from .livedata import PATH, live_power, parse_livedata
from .status import LiveCounts, StandsStillError

_LOGGER = logging.getLogger(__name__)

SWITCH: Final = "/ivp/livedata/stream"
_ENABLE: Final = b'{"enable": 1}'

_TIMEOUT: Final = 5.0
"""Seconds, three times the slowest answer that was seen: the readings wait for it."""
_QUICKEST: Final = 1.0
_SLOWEST: Final = 15.0
"""Seconds between two polls at most: what is shown must not be stale."""
_LOOKING: Final = 5.0
"""Seconds between two polls while nothing moves."""
_FORGOTTEN: Final = 30.0
"""Seconds after which the last answer says nothing about movement any more."""
_STILL: Final = 30.0
"""Seconds without movement after which it is switched on again."""
_FROZEN: Final = 120.0
"""Seconds without movement after which it is no source."""
_REARM: Final = 60.0
_REARM_REFUSED: Final = 900.0

type _Sign = tuple[object, ...]


class LivedataPolling:
    """Polls live data; one run at a time."""

    def __init__(
        self,
        *,
        session: EnvoySession,
        site: Callable[[], LiveSite],
        interval: float,
        on_power: Callable[[LivePower], None],
        is_wanted: Callable[[], bool],
        counts: LiveCounts,
        clock: Callable[[], float],
    ) -> None:
        """Say how often, as long as what, and whom to tell."""
        self._session = session
        self._site = site
        self._interval = min(max(interval, _QUICKEST), _SLOWEST)
        self._on_power = on_power
        self._is_wanted = is_wanted
        self._counts = counts
        self._clock = clock
        self._sign: _Sign | None = None
        self._polled_at = 0.0
        self._rearm_at = 0.0
        self._rearm_wait = _REARM

    async def run(self) -> None:
        """Poll while wanted; an `EnvoyError` says why it can't go on."""
        moved_at = loop_time()
        while self._is_wanted():
            data = await self._poll()
            now, has_moved = loop_time(), self._has_moved(data)
            if has_moved:
                moved_at = now
                self._tell(data)
            elif now - moved_at >= _FROZEN:
                raise StandsStillError("The gateway's live data stands still")
            await self._keep_going(data, now - moved_at)
            await asyncio.sleep(
                self._interval if has_moved else min(self._interval, _LOOKING)
            )

    async def _poll(self) -> LiveData:
        self._counts.polls += 1
        answer = await self._session.get(
            PATH, lane=Lane.READINGS, timeout=_TIMEOUT, cloud=False
        )
        try:
            return parse_livedata(answer.body)
        except EnvoyResponseError:
            self._counts.bad_frames += 1
            raise

    def _has_moved(self, data: LiveData) -> bool:
        """Whether the answer is another than the last, which is all that shows life."""
        now, sign, known = loop_time(), _sign(data), self._sign
        if now - self._polled_at > _FORGOTTEN:
            known = None
        self._sign, self._polled_at = sign, now
        return known is not None and sign != known and not data.is_blank

    def _tell(self, data: LiveData) -> None:
        self._counts.frames += 1
        if self._is_wanted():
            self._on_power(
                live_power(data, site=self._site(), received_at=self._clock())
            )

    async def _keep_going(self, data: LiveData, still: float) -> None:
        """Ask for fresh numbers where they stopped, once a minute at most."""
        now = loop_time()
        if data.is_enabled and still < _STILL:
            self._rearm_wait = _REARM
            return
        if now < self._rearm_at:
            return
        self._counts.rearms += 1
        try:
            await self._session.post(
                SWITCH, body=_ENABLE, lane=Lane.NATIVE, timeout=_TIMEOUT
            )
        except (EnvoyForbiddenError, EnvoyResponseError) as err:
            # Some gateways refuse owners, and the numbers move all the same.
            _LOGGER.debug("Live data can't be switched on: %s", err)
            self._rearm_wait = _REARM_REFUSED
        except EnvoyError as err:
            _LOGGER.debug("Live data was not switched on: %s", err)
        self._rearm_at = now + self._rearm_wait
        # What is switched on every minute and never stays so is left alone.
        self._rearm_wait = min(2 * self._rearm_wait, _REARM_REFUSED)


def _sign(data: LiveData) -> _Sign:
    """Return what changes while live data is alive."""
    if data.last_update is not None:
        return (data.last_update,)
    return (data.production, data.storage, data.grid, data.load)
