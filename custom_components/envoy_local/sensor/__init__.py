"""Sensors: each is added when its value is first known."""

from __future__ import annotations

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..coordinator import EnvoyConfigEntry
from ..pending import add_when_known
from ..tariff_clock import TariffClock
from .forwarder import forwarder_sensors
from .groups import equipment_groups, gateway_groups, price_groups
from .live import live_sensors

PARALLEL_UPDATES: Final = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EnvoyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors that have a value, now and whenever one gets its first."""
    async_add_entities(forwarder_sensors(hass, entry))
    async_add_entities(live_sensors(hass, entry))
    clock = TariffClock(entry.runtime_data.zone)
    add_when_known(
        entry,
        async_add_entities,
        [
            *gateway_groups(entry),
            *price_groups(entry, clock),
            *equipment_groups(hass, entry),
        ],
    )
