"""The ledger's place in Home Assistant: its storage, its clock and its findings."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
import logging
from pathlib import Path
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .client.models.snapshot import GatewaySnapshot
from .const import DOMAIN, LONGEST_GAP
from .issues import async_show_findings
from .last_shown import async_last_shown
from .ledger import Ledger, without_energies
from .ledger.findings import Finding
from .ledger.state import State, StateError
from .log_name import log_name

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
_WRITE_EVERY: Final = 300
"""Seconds. Flash storage wears out; what a kill loses, the gateway's counters and
the recorder know."""


class EnergyBooks:
    """The ledger of an entry, opened from and written to storage."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], serial: str
    ) -> None:
        """Begin with empty books."""
        self._hass = hass
        self._entry = entry
        self._serial = serial
        self._store = energy_store(hass, entry)
        self._is_due = False
        # What an earlier setup found isn't known: the first look says it anew.
        self._findings: frozenset[Finding] | None = None
        self._is_settled = False
        self.ledger = Ledger(longest_gap=LONGEST_GAP)

    async def async_open(self) -> None:
        """Take up the books where they were left, and never below what was shown.

        Whatever ends the setup closes them: of two that are open, the older one
        would overwrite the newer one's state.
        """
        self._entry.async_on_unload(self.async_close)
        stored = await self._async_load()
        if stored is not None:
            await self._async_take_up(stored)
        shown = await async_last_shown(self._hass, self._serial, _now())
        self.ledger.resume(shown.energies, is_today=shown.is_today)
        self._is_settled = stored is not None or bool(shown.energies)

    async def async_close(self) -> None:
        """Write the books, if anything was entered since they were written."""
        if self._is_due:
            await self._store.async_save(self._write())

    @callback
    def settle(self) -> None:
        """Begin to count: every endpoint has been asked by now."""
        self._is_settled = True

    @callback
    def apply(self, snapshot: GatewaySnapshot) -> GatewaySnapshot:
        """Return a snapshot whose energies can be trusted.

        New books wait until all endpoints have been asked. The first counter
        that answers isn't always the right one, and what it begins goes on.
        """
        if not self._is_settled:
            return without_energies(snapshot)
        trusted = self.ledger.apply(snapshot, now=_now(), timer=self._hass.loop.time())
        if not self._is_due:
            self._is_due = True
            self._store.async_delay_save(self._write, _WRITE_EVERY)
        if self.ledger.findings != self._findings:
            self._findings = self.ledger.findings
            async_show_findings(self._hass, self._entry, self._findings)
        return trusted

    @callback
    def _write(self) -> State:
        self._is_due = False
        return self.ledger.as_state(_now())

    async def _async_load(self) -> State | None:
        """Read the file. One of a later version, or no store's at all, is set aside."""
        try:
            return await self._store.async_load()
        except (HomeAssistantError, LookupError, NotImplementedError, TypeError):
            self._warn()
            await self._hass.async_add_executor_job(_set_aside, self._store.path)
            return None

    async def _async_take_up(self, stored: State) -> None:
        """Use what was stored; set it aside where it makes no sense."""
        try:
            self.ledger = Ledger.from_state(stored, longest_gap=LONGEST_GAP)
        except StateError:
            self._warn()
            aside: Store[State] = Store(
                self._hass, _VERSION, f"{self._store.key}.damaged"
            )
            await aside.async_save(stored)

    def _warn(self) -> None:
        _LOGGER.warning(
            "The stored energy totals of %s are damaged and were set aside; they go"
            " on from what was last shown",
            log_name(self._entry),
        )


def energy_store(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Store[State]:
    """Return where an entry's books are kept."""
    return Store(hass, _VERSION, f"{DOMAIN}.{entry.entry_id}.energy")


def _set_aside(path: str) -> None:
    """Keep a file under another name, for whoever wants to look into it."""
    with suppress(FileNotFoundError):
        Path(path).replace(f"{path}.damaged")


def _now() -> datetime:
    """Return the time in the user's zone."""
    return datetime.fromtimestamp(time.time(), dt_util.get_default_time_zone())
