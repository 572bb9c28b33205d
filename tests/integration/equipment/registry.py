"""Devices of the registry that a user deletes."""

from __future__ import annotations

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from ..polling.test_changes import entry_remover
from .shown import device


async def removed(
    hass: HomeAssistant, entry: ConfigEntry[Any], identifier: str
) -> bool:
    """Delete a device as the user does, where the integration lets it go."""
    found = device(hass, entry, identifier)
    may_go: bool = await entry_remover(hass, entry)(found)
    registry = dr.async_get(hass)
    for device_id in (found.id,) if may_go else ():
        registry.async_remove_device(device_id)
    await hass.async_block_till_done()
    return may_go
