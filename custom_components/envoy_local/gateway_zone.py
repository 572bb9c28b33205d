"""The time zone of a gateway's clock: its tariff and its own days go by that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .client.models.snapshot import GatewaySnapshot
from .log_name import log_name


class GatewayZone:
    """The zone that the gateway tells, Home Assistant's where that isn't known."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Begin in Home Assistant's zone."""
        self._hass = hass
        self._entry = entry
        self._name: str | None = None
        self._zone: tzinfo | None = None

    @property
    def now(self) -> tzinfo:
        """The zone, as far as it is known by now."""
        return self._zone or dt_util.get_default_time_zone()

    @callback
    def async_follow(
        self, snapshot: GatewaySnapshot, on_change: Callable[[], None]
    ) -> None:
        """Find the zone that a snapshot names, and call back when it is there."""
        name = snapshot.home.timezone if snapshot.home else None
        if name == self._name:
            return
        self._name = name
        self._entry.async_create_background_task(
            self._hass,
            self._async_load(name, on_change),
            name=f"{log_name(self._entry)} zone",
        )

    async def _async_load(
        self, name: str | None, on_change: Callable[[], None]
    ) -> None:
        """Read a zone from the disk; the gateway's name may be one of no zone."""
        try:
            zone = await dt_util.async_get_time_zone(name) if name else None
        except (OSError, ValueError):
            # Not a name that a file could have; the gateway may say anything.
            zone = None
        if name == self._name:
            self._zone = zone
            on_change()
