"""The forms of the config flow, alike wherever the same is asked."""

from __future__ import annotations

from typing import Any, Final

from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .const import CONF_SERIAL, SECTION_MANUAL_TOKEN

type Form = Any
"""A schema of voluptuous, which Home Assistant calls by another name since 2026."""

_TEXT: Final = TextSelector(TextSelectorConfig(autocomplete="off"))
_USERNAME: Final = TextSelector(TextSelectorConfig(autocomplete="username"))
_PASSWORD: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
_TOKEN: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)


def user_form(*, open_section: bool) -> Form:
    """Ask for a new gateway."""
    return vol.Schema(
        {
            vol.Required(CONF_HOST): _TEXT,
            vol.Optional(CONF_USERNAME): _USERNAME,
            vol.Optional(CONF_PASSWORD): _PASSWORD,
            vol.Optional(CONF_SERIAL): _TEXT,
            **_manual_token(open_section=open_section),
        }
    )


def reauth_form(*, open_section: bool) -> Form:
    """Ask for another way into a known gateway."""
    return vol.Schema(
        {
            vol.Optional(CONF_USERNAME): _USERNAME,
            vol.Optional(CONF_PASSWORD): _PASSWORD,
            **_manual_token(open_section=open_section),
        }
    )


def reconfigure_form(*, open_section: bool) -> Form:
    """Ask for the address of a known gateway and, if need be, another way in."""
    return vol.Schema(
        {
            vol.Required(CONF_HOST): _TEXT,
            **reauth_form(open_section=open_section).schema,
        }
    )


def confirm_form() -> Form:
    """Ask for nothing but a yes."""
    return vol.Schema({})


def token_form() -> Form:
    """Ask for a token and nothing else."""
    return vol.Schema({vol.Required(CONF_TOKEN): _TOKEN})


def grouped(fingerprint: str) -> str:
    """Write a fingerprint the way browsers do: `AB:CD:…`."""
    pairs = (fingerprint[i : i + 2] for i in range(0, len(fingerprint), 2))
    return ":".join(pairs).upper()


def _manual_token(*, open_section: bool) -> dict[vol.Marker, section]:
    """Build the section anew each time: Home Assistant 2025.4 writes into it."""
    fields: Form = vol.Schema({vol.Optional(CONF_TOKEN): _TOKEN})
    return {
        vol.Optional(SECTION_MANUAL_TOKEN): section(
            fields, {"collapsed": not open_section}
        )
    }
