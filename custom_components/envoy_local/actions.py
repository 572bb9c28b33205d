"""Actions: what is to become of points that a server has refused."""

from __future__ import annotations

from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .const import DOMAIN
from .coordinator import EnvoyConfigEntry
from .flow_forms import Form
from .forwarding import Forwarder
from .influxdb.spool import SpoolError

ATTR_CONFIG_ENTRY: Final = "config_entry"
SERVICE_RETRY_QUARANTINE: Final = "retry_quarantine"
SERVICE_CLEAR_QUARANTINE: Final = "clear_quarantine"

_SCHEMA: Final[Form] = vol.Schema({vol.Required(ATTR_CONFIG_ENTRY): cv.string})


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Make the actions known, once for all entries."""

    async def retry(call: ServiceCall) -> None:
        await _async_ask(_forwarder(call), retry=True)

    async def clear(call: ServiceCall) -> None:
        await _async_ask(_forwarder(call), retry=False)

    hass.services.async_register(DOMAIN, SERVICE_RETRY_QUARANTINE, retry, _SCHEMA)
    hass.services.async_register(DOMAIN, SERVICE_CLEAR_QUARANTINE, clear, _SCHEMA)


async def _async_ask(forwarder: Forwarder, *, retry: bool) -> None:
    try:
        if retry:
            await forwarder.async_retry_quarantined()
        else:
            await forwarder.async_clear_quarantined()
    except SpoolError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="spool_unusable",
            translation_placeholders={"reason": str(err)},
        ) from err


def _forwarder(call: ServiceCall) -> Forwarder:
    """Return the forwarder that is asked; raise where there is none."""
    entry: EnvoyConfigEntry | None = call.hass.config_entries.async_get_entry(
        call.data[ATTR_CONFIG_ENTRY]
    )
    if entry is None or entry.domain != DOMAIN:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="entry_not_found"
        )
    if entry.state is not ConfigEntryState.LOADED:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="entry_not_loaded",
            translation_placeholders={"name": entry.title},
        )
    forwarder = entry.runtime_data.forwarder
    if forwarder is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_forwarding",
            translation_placeholders={"name": entry.title},
        )
    return forwarder
