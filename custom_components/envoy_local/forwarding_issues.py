"""What only the user can mend about forwarding; each issue goes by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .influxdb.status import ForwarderStatus
from .influxdb.target import TargetProblem

_LONG: Final = 3600.0
"""Seconds. A server that is updated or moved is back before that."""


class ForwardingIssue(StrEnum):
    """What can be wrong, by the name of its text."""

    CREDENTIALS = "influxdb_credentials"
    DATABASE = "influxdb_database"
    REFUSED = "influxdb_refused"
    UNREACHABLE = "influxdb_unreachable"
    FULL = "influxdb_spool_full"
    QUARANTINE = "influxdb_quarantine"
    SET_ASIDE = "influxdb_spool_damaged"
    DISK = "influxdb_spool_unusable"


_OF_PROBLEM: Final = {
    TargetProblem.INVALID_AUTH: ForwardingIssue.CREDENTIALS,
    TargetProblem.DATABASE_NOT_FOUND: ForwardingIssue.DATABASE,
    TargetProblem.RETENTION_POLICY_NOT_FOUND: ForwardingIssue.DATABASE,
    TargetProblem.SSL_ERROR: ForwardingIssue.REFUSED,
    TargetProblem.NOT_INFLUXDB: ForwardingIssue.REFUSED,
    TargetProblem.REFUSED: ForwardingIssue.REFUSED,
}
_WARNINGS: Final = frozenset(
    {
        ForwardingIssue.UNREACHABLE,
        ForwardingIssue.QUARANTINE,
        ForwardingIssue.SET_ASIDE,
    }
)
"""Nothing is lost, or nothing can be done about it any more."""


class ForwardingIssues:
    """The issues of one entry: shown while they last, withdrawn when they end."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Begin with none; those of an earlier setup are looked at anew."""
        self._hass = hass
        self._entry = entry
        self._shown: dict[ForwardingIssue, Mapping[str, str] | None] = {}
        self._dropped: int | None = None

    @callback
    def opened(self, status: ForwarderStatus) -> None:
        """Take what was dropped up to now for known."""
        self._dropped = status.dropped

    @callback
    def show(self, status: ForwarderStatus, *, now: float) -> None:
        """Show what the status says, and nothing that it no longer says."""
        present = dict(self._of(status, now))
        for kind in ForwardingIssue:
            self._set(kind, present.get(kind))

    def _of(
        self, status: ForwarderStatus, now: float
    ) -> Iterator[tuple[ForwardingIssue, Mapping[str, str]]]:
        problem = status.problem
        if problem in _OF_PROBLEM:
            yield _OF_PROBLEM[problem], {"detail": status.detail or problem.value}
        elif problem and now - (status.failing_since or now) >= _LONG:
            yield ForwardingIssue.UNREACHABLE, {"detail": status.detail}
        if status.quarantined:
            yield ForwardingIssue.QUARANTINE, {"count": str(status.quarantined)}
        if status.spool_problem:
            yield ForwardingIssue.DISK, {"detail": status.spool_problem}
        if status.set_aside:
            yield ForwardingIssue.SET_ASIDE, {"file": status.set_aside.name}
        if self._is_full(status):
            yield ForwardingIssue.FULL, {}

    def _is_full(self, status: ForwarderStatus) -> bool:
        """Whether points fell out since the start, and others still wait."""
        if self._dropped is None:
            return False
        if not status.pending:
            self._dropped = status.dropped
        return status.dropped > self._dropped

    def _set(self, kind: ForwardingIssue, details: Mapping[str, str] | None) -> None:
        if kind in self._shown and self._shown[kind] == details:
            return
        self._shown[kind] = details
        issue = f"{kind}_{self._entry.entry_id}"
        if details is None:
            ir.async_delete_issue(self._hass, DOMAIN, issue)
            return
        warning = kind in _WARNINGS
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue,
            is_fixable=False,
            is_persistent=False,
            severity=ir.IssueSeverity.WARNING if warning else ir.IssueSeverity.ERROR,
            translation_key=kind,
            translation_placeholders={"name": self._entry.title, **details},
        )


@callback
def async_clear_forwarding_issues(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Withdraw everything: the entry is gone, or forwards no more."""
    for kind in ForwardingIssue:
        ir.async_delete_issue(hass, DOMAIN, f"{kind}_{entry.entry_id}")
