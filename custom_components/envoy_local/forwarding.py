"""Forwarding to InfluxDB: snapshots in, and from here on nothing is lost."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import accumulate, chain, islice
import logging
from pathlib import Path
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.hass_dict import HassKey

from .client.models.snapshot import GatewaySnapshot
from .const import DOMAIN
from .forwarding_issues import ForwardingIssues, async_clear_forwarding_issues
from .forwarding_options import ForwardingOptions
from .gateway_zone import GatewayZone
from .influxdb.schema import PointSource
from .influxdb.sender import Sender
from .influxdb.spool import Spool, SpoolError
from .influxdb.status import ForwarderStatus
from .log_name import log_name

_LOGGER = logging.getLogger(__name__)

_MOST_IN_HAND: Final = 50_000
"""Lines kept in memory while they can't be written: about 10 MB."""
_MOST_AT_ONCE: Final = 5000
"""Lines that are written down together."""
_NEXT_TRY: Final = 30.0
"""Seconds until a disk that didn't take something is tried again."""
_SHOW_EVERY: Final = 30.0
"""Seconds between two updates of the sensors: the counts move with every reading,
and each of them is a row in the recorder."""
BACKUP_RUNS: Final[HassKey[bool]] = HassKey(f"{DOMAIN}_backup_runs")
"""Set while files are copied: whoever is set up meanwhile leaves them alone, too."""


class Forwarder:
    """Turns an entry's snapshots into points, writes them down and has them sent."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        options: ForwardingOptions,
        *,
        zone: GatewayZone,
    ) -> None:
        """Prepare; nothing is opened before `async_start`."""
        self._hass = hass
        self._entry = entry
        self.options = options
        self._zone = zone
        self._source = PointSource(
            schemas=options.schemas, extra_tags=options.extra_tags, zone=zone.now
        )
        self._sender = Sender(
            session=async_get_clientsession(hass, verify_ssl=options.verify_ssl),
            target=options.target,
            spool=Spool(spool_path(hass, entry), is_held=BACKUP_RUNS in hass.data),
            entry_name=entry.unique_id or entry.entry_id,
            run_blocking=hass.async_add_executor_job,
            on_change=self._on_change,
        )
        self._issues = ForwardingIssues(hass, entry)
        self._hand: deque[list[str]] = deque()
        self._lost = 0
        self._due = asyncio.Event()
        self._writing = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_open = False
        self._is_closed = False
        self._closing: asyncio.Task[None] | None = None
        self._listeners: list[CALLBACK_TYPE] = []
        self._shown = self._sender.status
        self._show_later: CALLBACK_TYPE | None = None

    @property
    def status(self) -> ForwarderStatus:
        """How forwarding fares; counts nothing before `is_open`."""
        status = self._sender.status
        if not self._lost:
            return status
        return replace(status, dropped=status.dropped + self._lost)

    @property
    def is_open(self) -> bool:
        """Whether the counts are known."""
        return self._is_open

    @property
    def in_hand(self) -> int:
        """Points that aren't on disk yet."""
        return sum(map(len, self._hand))

    @callback
    def async_start(self) -> None:
        """Open the spool and begin to send, both in the background."""
        # Entries are not unloaded when Home Assistant stops.
        self._entry.async_on_unload(
            self._hass.bus.async_listen(
                EVENT_HOMEASSISTANT_FINAL_WRITE, self._async_final_write
            )
        )
        self._entry.async_on_unload(self.async_close)
        self._in_background(self._async_write_on(), "writes")

    @callback
    def async_take(self, snapshot: GatewaySnapshot) -> None:
        """Take over what is new in a snapshot; it is written in the background."""
        if self._is_closed:
            return
        now = time.time()
        self._source.follow_zone(self._zone.now)
        self._take(self._source.lines(snapshot, now=now))
        # An outage gets longer without anything else happening.
        self._issues.show(self.status, now=now)

    @callback
    def async_take_live(self, snapshot: GatewaySnapshot) -> None:
        """Take over the live power of a snapshot; it is written in the background."""
        if not self._is_closed:
            self._take(self._source.live_lines(snapshot))

    def _take(self, lines: list[str]) -> None:
        if lines:
            self._hand.append(lines)
            self._give_up_oldest()
            self._due.set()

    @callback
    def async_add_listener(self, update: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back when the status has changed, at most every half a minute."""
        self._listeners.append(update)
        return lambda: self._listeners.remove(update)

    async def async_retry_quarantined(self) -> None:
        """Send once more what the server has refused, now; raises SpoolError."""
        await self._sender.retry_quarantined()
        self._sender.retry_now()

    async def async_clear_quarantined(self) -> None:
        """Give up what the server has refused; raises SpoolError."""
        await self._sender.clear_quarantined()

    async def async_hold(self) -> None:
        """Make the file fit to be copied; what comes in goes beside it."""
        # A file that can't be used isn't worth the failure of a backup.
        with suppress(SpoolError):
            await self._sender.hold()

    async def async_release(self) -> None:
        """Go on as usual after a copy."""
        with suppress(SpoolError):
            await self._sender.release()

    async def async_close(self) -> None:
        """Write down what is in hand and close; the server is not waited for.

        Whoever asks again waits for the same end.
        """
        if self._closing is None:
            self._is_closed = True
            self._closing = self._hass.async_create_task(self._async_end())
        await asyncio.shield(self._closing)

    async def _async_end(self) -> None:
        if self._show_later is not None:
            self._show_later()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._async_write_last()
        finally:
            await self._sender.close()

    async def _async_write_last(self) -> None:
        try:
            if not self._is_open:
                await self._sender.open()
            await self._async_write()
        except SpoolError as err:
            _LOGGER.warning(
                "%s: %d readings for InfluxDB are lost, as they can't be stored: %s",
                log_name(self._entry),
                self.in_hand,
                err,
            )

    async def _async_final_write(self, _: Event) -> None:
        await self.async_close()

    async def _async_write_on(self) -> None:
        """Write down what comes in, in its order, as soon as the file is open."""
        await self._async_open()
        self._in_background(self._sender.run(), "sends")
        while True:
            await self._due.wait()
            self._due.clear()
            # What has begun to be written can't be called back when this task ends.
            writing = self._hass.async_create_task(self._async_write())
            try:
                await asyncio.shield(writing)
            except SpoolError:
                await asyncio.sleep(_NEXT_TRY)
                self._due.set()

    async def _async_open(self) -> None:
        """Open the file, as soon as that is possible."""
        while not self._is_open:
            try:
                await self._sender.open()
            except SpoolError:  # the status says why
                await asyncio.sleep(_NEXT_TRY)
            else:
                self._is_open = True
        self._issues.opened(self.status)
        self._show()

    async def _async_write(self) -> None:
        """Write what is in hand, as much of it at once as goes; raises SpoolError."""
        async with self._writing:
            while polls := self._oldest_in_hand():
                await self._sender.put(list(chain(*polls)), time.time())
                # Some may have been given up meanwhile, to make room.
                for lines in polls:
                    if self._hand and self._hand[0] is lines:
                        self._hand.popleft()

    def _oldest_in_hand(self) -> list[list[str]]:
        """Return the oldest polls that can be written together: one at least."""
        sizes = accumulate(map(len, self._hand))
        pairs = zip(self._hand, sizes, strict=False)
        fitting = [lines for lines, size in pairs if size <= _MOST_AT_ONCE]
        return fitting or list(islice(self._hand, 1))

    def _give_up_oldest(self) -> None:
        """Keep memory bounded while the disk takes nothing."""
        size = self.in_hand
        while size > _MOST_IN_HAND:
            gone = len(self._hand.popleft())
            size -= gone
            self._lost += gone

    @callback
    def _on_change(self) -> None:
        """Say what concerns the user at once, and the counts now and then."""
        if self._is_closed:
            return
        status, shown = self.status, self._shown
        self._issues.show(status, now=time.time())
        if (
            status.problem != shown.problem
            or status.quarantined != shown.quarantined
            or (shown.pending and not status.pending)
        ):
            self._show()
        elif self._show_later is None:
            self._show_later = async_call_later(self._hass, _SHOW_EVERY, self._on_time)

    @callback
    def _on_time(self, _: datetime) -> None:
        self._show_later = None
        self._show()

    @callback
    def _show(self) -> None:
        self._shown = self.status
        for update in list(self._listeners):
            update()

    def _in_background(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = self._entry.async_create_background_task(
            self._hass, work, name=f"{log_name(self._entry)} InfluxDB {name}"
        )
        task.add_done_callback(_tell_of_failure)
        self._tasks.append(task)


@callback
def _tell_of_failure(task: asyncio.Task[None]) -> None:
    """Let nobody believe that readings are forwarded when they no longer are."""
    if not task.cancelled() and (error := task.exception()):
        _LOGGER.error("%s has ended: %s", task.get_name(), error, exc_info=error)


@callback
def async_forwarder(
    hass: HomeAssistant, entry: ConfigEntry[Any], zone: GatewayZone
) -> Forwarder | None:
    """Return what forwards an entry's readings; None where that is switched off."""
    options = ForwardingOptions.of(entry.options)
    if options is None:
        async_clear_forwarding_issues(hass, entry)
        return None
    return Forwarder(hass, entry, options, zone=zone)


async def async_delete_spool(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Delete what still waits, and what was set aside."""
    await hass.async_add_executor_job(_delete, spool_path(hass, entry))


def _delete(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink(missing_ok=True)


def spool_path(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Path:
    """Return where an entry's readings wait for their server."""
    return Path(hass.config.path(STORAGE_DIR, DOMAIN, f"{entry.entry_id}.spool.db"))
