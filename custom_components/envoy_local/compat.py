"""The one place that knows Home Assistant versions.

Each function says with which version as the minimum it can go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from homeassistant import config_entries
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo

if TYPE_CHECKING:
    ReloadingOptionsFlow = config_entries.OptionsFlow
else:
    ReloadingOptionsFlow = getattr(
        config_entries, "OptionsFlowWithReload", config_entries.OptionsFlow
    )
"""An options flow that reloads the entry by itself where Home Assistant can
(2025.8); before that `reload_on_options_change` does."""


def reload_on_options_change(entry: ConfigEntry[Any]) -> None:
    """Reload the entry when its options change, and only then (until 2025.8)."""
    if hasattr(config_entries, "OptionsFlowWithReload"):
        return
    known = dict(entry.options)

    async def _reload(hass: HomeAssistant, changed: ConfigEntry[Any]) -> None:
        """Reload; other changes of the entry, like a new token, pass by."""
        if dict(changed.options) != known:
            await hass.config_entries.async_reload(changed.entry_id)

    entry.async_on_unload(entry.add_update_listener(_reload))


def child_device_info(
    hass: HomeAssistant, entry: ConfigEntry[Any], parent: str, **description: Any
) -> DeviceInfo:
    """Describe a device that hangs on another, given by identifier (until 2026.10).

    The link is a device id from 2026.10 on, an identifier before that.
    """
    device_info: Callable[..., DeviceInfo] = DeviceInfo
    identifier = (entry.domain, parent)
    find = getattr(dr, "async_get_device_id_by_identifier", None)
    if find is None:
        return device_info(**description, via_device=identifier)
    parent_id = find(hass, identifier, config_entry_id=entry.entry_id)
    return device_info(**description, via_device_id=parent_id)
