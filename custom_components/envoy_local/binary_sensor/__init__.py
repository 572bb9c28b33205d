"""Binary sensors: each is added when its value is first known."""

from __future__ import annotations

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..coordinator import EnvoyConfigEntry
from ..pending import add_when_known
from .groups import equipment_groups, gateway_groups

PARALLEL_UPDATES: Final = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EnvoyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add those that have a value, now and whenever one gets its first."""
    add_when_known(
        entry,
        async_add_entities,
        [*gateway_groups(entry), *equipment_groups(hass, entry)],
    )
