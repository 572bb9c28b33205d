"""`/ivp/ensemble/dry_contacts` and `/ivp/ss/dry_contact_settings`."""

from __future__ import annotations

from typing import Final

from ..exceptions import EnvoyResponseError
from ..models.dry_contacts import (
    ContactAction,
    ContactKind,
    ContactMode,
    DryContact,
    DryContacts,
    DryContactSettings,
    DryContactsSetup,
)
from .choices import Choices
from .ensemble import switch_state
from .fields import Row, decode, flag, identifier, integer, number, rows, text, texts

_CONTACTS: Final = "/ivp/ensemble/dry_contacts"
_SETTINGS: Final = "/ivp/ss/dry_contact_settings"
_FLAGS: Final = {"true": True, "false": False}


def parse_dry_contacts(body: bytes) -> DryContacts:
    """Read how the contacts stand."""
    choices = Choices(_CONTACTS)
    contacts = tuple(
        DryContact(id=name, state=switch_state(row, "status", choices))
        for row in _rows(body, _CONTACTS)
        if (name := identifier(row, "id"))
    )
    return DryContacts(contacts=contacts, unknown=choices.unknown)


def parse_dry_contact_settings(body: bytes) -> DryContactsSetup:
    """Read what the contacts are for."""
    choices = Choices(_SETTINGS)
    contacts = tuple(
        _settings(row, name, choices)
        for row in _rows(body, _SETTINGS)
        if (name := identifier(row, "id"))
    )
    return DryContactsSetup(contacts=contacts, unknown=choices.unknown)


def _settings(row: Row, name: str, choices: Choices) -> DryContactSettings:
    return DryContactSettings(
        id=name,
        kind=choices.read(row, "type", ContactKind),
        name=text(row, "load_name"),
        mode=choices.read(row, "mode", ContactMode),
        grid_action=choices.read(row, "grid_action", ContactAction),
        off_grid_action=choices.read(row, "micro_grid_action", ContactAction),
        generator_action=choices.read(row, "gen_action", ContactAction),
        safe_state_action=choices.read(row, "safe_state_action", ContactAction),
        low_level=number(row, "soc_low"),
        high_level=number(row, "soc_high"),
        essential_from=integer(row, "essential_start_time"),
        essential_until=integer(row, "essential_end_time"),
        priority=integer(row, "priority"),
        is_overridden=_flag(row, "override"),
        is_manually_overridden=_flag(row, "manual_override"),
        solar_serials=texts(row.get("pv_serial_nb")),
    )


def _rows(body: bytes, endpoint: str) -> list[Row]:
    """Return the contacts: a list, in an object or alone."""
    answer = decode(body, endpoint)
    listed = answer.get("dry_contacts") if isinstance(answer, dict) else answer
    if not isinstance(listed, list):
        raise EnvoyResponseError(f"{endpoint} holds no contacts")
    found = rows(listed)
    if listed and not any(identifier(row, "id") for row in found):
        raise EnvoyResponseError(f"{endpoint} names no contact")
    return found


def _flag(row: Row, key: str) -> bool | None:
    """Return a boolean that the gateway writes as a text."""
    word = (text(row, key) or "").lower()
    return _FLAGS.get(word, flag(row, key))
