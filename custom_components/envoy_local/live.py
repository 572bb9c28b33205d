"""Live power: the newest of it, shown at the pace that the user chose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
import logging
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .client.live.feed import LiveFeed
from .client.models.live import LivePower, LiveSource, LiveStatus
from .client.models.snapshot import GatewaySnapshot
from .client.session import EnvoySession
from .const import READINGS_INTERVAL_MIN
from .live_options import LiveOptions
from .log_name import log_name

_LOGGER = logging.getLogger(__name__)

_AFRESH: Final = 300.0
"""Seconds until live power is followed again, where that went wrong."""


class LiveHub:
    """Follows the power of a gateway beside its readings, and never in their way."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        options: LiveOptions,
        *,
        session: EnvoySession,
        snapshot: Callable[[], GatewaySnapshot],
    ) -> None:
        """Prepare; nothing is asked before `async_start`."""
        self._hass = hass
        self._entry = entry
        self.options = options
        self.shown: LivePower | None = None
        """What the power sensors show; None while that is the readings."""
        self._snapshot = snapshot
        self._feed = LiveFeed(
            session=session,
            snapshot=snapshot,
            interval=options.interval,
            on_power=self._on_power,
            on_status=self._on_status,
            clock=_now,
        )
        self._source = LiveSource.READINGS
        self._held: LivePower | None = None
        self._shown_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self._share: Callable[[], None] = _nothing
        self._source_changed: Callable[[LiveSource], None] = _nothing
        self._listeners: list[CALLBACK_TYPE] = []
        self._status_listeners: list[CALLBACK_TYPE] = []

    @property
    def status(self) -> LiveStatus:
        """Which source is in use, and why no better one is."""
        return self._feed.status

    @callback
    def async_start(
        self,
        *,
        share: Callable[[], None],
        source_changed: Callable[[LiveSource], None],
    ) -> None:
        """Begin to follow, in the background.

        `share` puts what is shown into the snapshot; `source_changed` hears when
        power comes from somewhere else.
        """
        self._share = share
        self._source_changed = source_changed
        self._entry.async_create_background_task(
            self._hass, self._follow(), name=f"{log_name(self._entry)} live power"
        )

    @callback
    def async_add_listener(self, update: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back when other power is shown, at most once in the pace."""
        self._listeners.append(update)
        return lambda: self._listeners.remove(update)

    @callback
    def async_add_status_listener(self, update: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back when another source is in use, or the reason for it is another."""
        self._status_listeners.append(update)
        return lambda: self._status_listeners.remove(update)

    def readings_interval(self, interval: float) -> float:
        """Return seconds between two readings, fewer while they are all there is."""
        is_all = self.status.source is LiveSource.READINGS
        if not is_all or not self._snapshot().has_enabled_meter:
            return interval
        return min(interval, max(self.options.interval, READINGS_INTERVAL_MIN))

    async def _follow(self) -> None:
        """Follow for ever; after a mistake of ours, begin afresh."""
        try:
            while True:
                await self._run()
                await asyncio.sleep(_AFRESH)
        finally:
            self._stop_timer()

    async def _run(self) -> None:
        """Follow to the end, which only an exception nobody thought of can bring."""
        try:
            await self._feed.run()
        except Exception:
            _LOGGER.exception("%s: live power has stopped", log_name(self._entry))
            # On its own: what failed may be whoever is told now.
            self._hass.loop.call_soon(self._fall_back)

    @callback
    def _fall_back(self) -> None:
        self._on_power(None)
        self._on_status()

    @callback
    def _on_power(self, power: LivePower | None) -> None:
        """Show it when its time has come; what has ended isn't shown any longer."""
        self._held = power
        if power is None:
            self._stop_timer()
            if self.shown is not None:
                self._show(None)
        elif self._timer is None:
            due = self._shown_at + self.options.interval
            if due <= (now := self._hass.loop.time()):
                self._show(power)
            else:
                self._timer = self._hass.loop.call_later(due - now, self._on_time)

    @callback
    def _on_time(self) -> None:
        self._timer = None
        if self._held is not None:
            self._show(self._held)

    def _show(self, power: LivePower | None) -> None:
        self.shown, self._held = power, None
        if power is not None:
            self._shown_at = self._hass.loop.time()
        self._share()
        for update in list(self._listeners):
            update()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @callback
    def _on_status(self) -> None:
        source = self.status.source
        if source is not self._source:
            self._source = source
            self._source_changed(source)
        for update in list(self._status_listeners):
            update()


def _now() -> float:
    """Return the epoch second; the clock may be set while we run."""
    return time.time()


def _nothing(_: LiveSource | None = None) -> None:
    """Wait for `async_start`."""


@callback
def async_live_hub(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    *,
    session: EnvoySession,
    snapshot: Callable[[], GatewaySnapshot],
) -> LiveHub | None:
    """Return what follows a gateway's power; None where that is switched off."""
    options = LiveOptions.of(entry.options)
    if options is None:
        return None
    return LiveHub(hass, entry, options, session=session, snapshot=snapshot)
