"""Sensors: each is added when its value is first known."""

from __future__ import annotations

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..coordinator import EnvoyConfigEntry
from .forwarder import forwarder_sensors
from .groups import SensorGroup, gateway_groups, inverter_group
from .live import live_sensors

PARALLEL_UPDATES: Final = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EnvoyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors that have a value, now and whenever one gets its first."""
    data = entry.runtime_data
    async_add_entities(forwarder_sensors(hass, entry))
    async_add_entities(live_sensors(hass, entry))
    inverters: dict[str, SensorGroup] = {}
    groups = list(gateway_groups(entry))

    @callback
    def add_new() -> None:
        """Add what is new: equipment, or a value that wasn't there before."""
        snapshot = data.snapshot
        for serial in snapshot.inverters.keys() - inverters.keys():
            inverters[serial] = inverter_group(hass, entry, serial)
        ready = (
            sensor
            for group in (*groups, *inverters.values())
            for sensor in group.take(snapshot)
        )
        if new := list(ready):
            async_add_entities(new)

    add_new()
    for coordinator in data.coordinators.values():
        entry.async_on_unload(coordinator.async_add_listener(add_new))
