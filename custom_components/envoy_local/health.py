"""How the gateway fares: said once in the log, and to the user where he can help."""

from __future__ import annotations

from collections.abc import Iterable
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.const import CONF_USERNAME
from homeassistant.core import HomeAssistant, callback

from .blame import Refusals
from .client.exceptions import (
    CertificateChangedError,
    EnvoyError,
    WrongGatewayError,
)
from .client.models.totals import Sections
from .client.pace import is_about_the_way
from .issues import (
    async_clear_certificate_issue,
    async_clear_token_issue,
    async_raise_certificate_issue,
    async_raise_token_issue,
)
from .log_name import log_name

if TYPE_CHECKING:
    from .coordinator import EnvoyConfigEntry

_LOGGER = logging.getLogger(__name__)

_QUIET_FAILURES: Final = 1
"""A single lost answer isn't worth a line."""
_TOKEN_WARNING: Final = 30 * 86400
"""Seconds before the end of a manual token at which its owner is told."""


class GatewayHealth:
    """What happens to the gateway as a whole, seen through the readings."""

    def __init__(self, hass: HomeAssistant, entry: EnvoyConfigEntry) -> None:
        """Start with a gateway that answers."""
        self._hass = hass
        self._entry = entry
        self._failures = 0
        self._failing_since = 0.0
        self._refusals = Refusals(can_renew=CONF_USERNAME in entry.data)
        self._is_cut_off = False
        self._lost: Sections = frozenset()
        self._unsaid: Sections = frozenset()
        self._is_long = False

    @property
    def is_reachable(self) -> bool:
        """Whether the last readings came in."""
        return self._failures == 0

    @property
    def is_cut_off(self) -> bool:
        """Whether it makes no sense to ask the gateway anything else."""
        return self._is_cut_off

    @property
    def failures(self) -> int:
        """How many readings in a row have failed."""
        return self._failures

    @callback
    def async_answered(self) -> bool:
        """Note that readings came in; return whether that ends an outage."""
        was_away = self._failures > _QUIET_FAILURES
        if was_away:
            minutes = (self._hass.loop.time() - self._failing_since) / 60
            _LOGGER.warning(
                "%s answers again after %.0f min", log_name(self._entry), minutes
            )
        self._failures = 0
        self._is_cut_off = False
        self._refusals.forget()
        async_clear_certificate_issue(self._hass, self._entry)
        return was_away

    @callback
    def async_failed(self, error: EnvoyError) -> None:
        """Note that readings didn't come in."""
        self._failures += 1
        self._is_cut_off = is_about_the_way(error)
        if self._failures == 1:
            self._failing_since = self._hass.loop.time()
        if self._failures == _QUIET_FAILURES + 1:
            _LOGGER.warning(
                "%s does not answer (%s); its last values are kept",
                log_name(self._entry),
                error,
            )

    @callback
    def async_show_lost(self, lost: Sections) -> None:
        """Say once what has been silent for too long, and once when it is back.

        While the whole gateway is silent, one line for all of it is enough.
        """
        if not self.is_reachable:
            if lost and not self._is_long:
                self._is_long = True
                _LOGGER.warning(
                    "%s has been silent for too long; its entities are unavailable",
                    log_name(self._entry),
                )
            return
        if self._is_long:
            # What else the outage took along comes back by and by, unsaid.
            self._is_long = False
            self._unsaid = lost
        self._unsaid &= lost
        self._say_lost(lost - self._unsaid)

    def _say_lost(self, lost: Sections) -> None:
        for section in sorted(lost - self._lost):
            _LOGGER.warning(
                "%s: no %s for too long; what depends on them is unavailable",
                log_name(self._entry),
                section,
            )
        for section in sorted(self._lost - lost):
            _LOGGER.warning("%s: %s are back", log_name(self._entry), section)
        self._lost = lost

    @callback
    def async_blame(self, errors: Iterable[EnvoyError]) -> None:
        """Turn to the user where the error is one that only he can mend."""
        for error in errors:
            if isinstance(error, CertificateChangedError):
                async_raise_certificate_issue(
                    self._hass, self._entry, pinned=error.pinned, found=error.found
                )
            elif self._refusals.needs_a_person(error, self._hass.loop.time()):
                self._entry.async_start_reauth(self._hass)
            elif isinstance(error, WrongGatewayError):
                _LOGGER.error("Another gateway answers for %s", log_name(self._entry))
                self._hass.config_entries.async_schedule_reload(self._entry.entry_id)

    @callback
    def async_check_token(self, expires_at: int | None, now: float) -> None:
        """Tell the owner of a manual token in time; others renew themselves."""
        is_manual = CONF_USERNAME not in self._entry.data
        if expires_at and is_manual and expires_at - now < _TOKEN_WARNING:
            async_raise_token_issue(self._hass, self._entry, expires_at=expires_at)
        else:
            async_clear_token_issue(self._hass, self._entry)
