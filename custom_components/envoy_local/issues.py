"""What only the user can mend, shown under repairs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .ledger.findings import Finding

CERTIFICATE_CHANGED: Final = "certificate_changed"
TOKEN_EXPIRING: Final = "token_expiring"  # noqa: S105 - an issue's name

ISSUE_ENTRY: Final = "entry_id"
ISSUE_PINNED: Final = "pinned"
ISSUE_FOUND: Final = "found"
ISSUE_EXPIRES_AT: Final = "expires_at"


@callback
def async_show_findings(
    hass: HomeAssistant, entry: ConfigEntry[Any], findings: Collection[Finding]
) -> None:
    """Say what is lastingly wrong with the meters, and withdraw what no longer is."""
    for finding in Finding:
        issue = f"{finding}_{entry.entry_id}"
        if finding not in findings:
            ir.async_delete_issue(hass, DOMAIN, issue)
            continue
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue,
            is_fixable=False,
            is_persistent=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=finding,
            translation_placeholders={"name": entry.title},
        )


@callback
def async_raise_certificate_issue(
    hass: HomeAssistant, entry: ConfigEntry[Any], *, pinned: str, found: str
) -> None:
    """Ask the user whether the gateway's other certificate is to be accepted."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{CERTIFICATE_CHANGED}_{entry.entry_id}",
        data={ISSUE_ENTRY: entry.entry_id, ISSUE_PINNED: pinned, ISSUE_FOUND: found},
        is_fixable=True,
        is_persistent=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=CERTIFICATE_CHANGED,
        translation_placeholders={"name": entry.title},
    )


@callback
def async_clear_certificate_issue(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Withdraw the question: the pinned certificate answers."""
    ir.async_delete_issue(hass, DOMAIN, f"{CERTIFICATE_CHANGED}_{entry.entry_id}")


@callback
def async_clear_issues(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Withdraw everything: the entry is gone."""
    for kind in (CERTIFICATE_CHANGED, TOKEN_EXPIRING, *Finding):
        ir.async_delete_issue(hass, DOMAIN, f"{kind}_{entry.entry_id}")


@callback
def async_raise_token_issue(
    hass: HomeAssistant, entry: ConfigEntry[Any], *, expires_at: int
) -> None:
    """Ask the user for a new token before his own ends (epoch seconds)."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{TOKEN_EXPIRING}_{entry.entry_id}",
        data={ISSUE_ENTRY: entry.entry_id, ISSUE_EXPIRES_AT: expires_at},
        is_fixable=True,
        is_persistent=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=TOKEN_EXPIRING,
        translation_placeholders={"name": entry.title, "date": day_of(expires_at)},
    )


@callback
def async_clear_token_issue(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Withdraw the question: the token lasts."""
    ir.async_delete_issue(hass, DOMAIN, f"{TOKEN_EXPIRING}_{entry.entry_id}")


def day_of(epoch: float) -> str:
    """Write a moment as a day that everybody reads alike: `2026-11-30`."""
    return datetime.fromtimestamp(epoch, tz=UTC).date().isoformat()
