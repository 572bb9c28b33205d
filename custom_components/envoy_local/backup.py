"""Backups: the files of waiting readings are copied whole."""

from __future__ import annotations

import asyncio

from homeassistant.core import HomeAssistant

from .const import DOMAIN
from .coordinator import EnvoyConfigEntry
from .forwarding import BACKUP_RUNS, Forwarder


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Write everything into the files and leave them whole."""
    hass.data[BACKUP_RUNS] = True
    await asyncio.gather(*(each.async_hold() for each in _forwarders(hass)))


async def async_post_backup(hass: HomeAssistant) -> None:
    """Go on as usual; nothing had to wait."""
    hass.data.pop(BACKUP_RUNS, None)
    await asyncio.gather(*(each.async_release() for each in _forwarders(hass)))


def _forwarders(hass: HomeAssistant) -> list[Forwarder]:
    entries: list[EnvoyConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    found = (entry.runtime_data.forwarder for entry in entries)
    return [forwarder for forwarder in found if forwarder is not None]
