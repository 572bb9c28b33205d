"""What all entities have in common: where their data comes from, and their device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .client.endpoints import TIER_OF
from .client.models.snapshot import GatewaySnapshot
from .client.models.totals import Sections
from .coordinator import EnvoyConfigEntry, EnvoyCoordinator


@dataclass(frozen=True, slots=True, kw_only=True)
class Source[DataT]:
    """Where entities of one kind find their data, and the device they belong to."""

    serial: str
    """Of the device: the first part of the unique ids."""
    device_info: DeviceInfo
    pick: Callable[[GatewaySnapshot], DataT | None]
    """Finds the data in a snapshot; None when the device is gone."""
    sections: Callable[[GatewaySnapshot], Sections]
    """What the data depends on at the moment."""
    follows: Sections
    """The sections whose reading may change the data."""
    phase: int | None = None
    """The phase, from 1, where the data is one phase's."""
    is_live: bool = False
    """Whether live power is part of the data, where the user wants that."""


class EnvoyEntity[DataT](CoordinatorEntity[EnvoyCoordinator]):
    """An entity that shows a part of the newest snapshot."""

    _attr_has_entity_name = True

    def __init__(
        self, entry: EnvoyConfigEntry, source: Source[DataT], *, key: str
    ) -> None:
        """Follow the tier that reads the data most often."""
        coordinators = entry.runtime_data.coordinators
        self._followed = [
            coordinator
            for tier, coordinator in coordinators.items()
            if tier in {TIER_OF[section] for section in source.follows}
        ]
        super().__init__(self._followed[0])
        self._source = source
        self._attr_unique_id = f"{source.serial}_{key}"
        self._attr_device_info = source.device_info
        if source.phase is not None:
            self._attr_translation_placeholders = {"phase": str(source.phase)}

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the other tiers that the data comes from, too."""
        await super().async_added_to_hass()
        for coordinator in self._followed[1:]:
            self.async_on_remove(
                coordinator.async_add_listener(self._handle_coordinator_update)
            )
        live = self.coordinator.config_entry.runtime_data.live
        if self._source.is_live and live is not None:
            self.async_on_remove(
                live.async_add_listener(self._handle_coordinator_update)
            )

    @property
    def picked(self) -> DataT | None:
        """The entity's part of the newest snapshot."""
        return self._source.pick(self.coordinator.data)

    @property
    @override
    def available(self) -> bool:
        """Whether the device is there and its source hasn't been silent too long."""
        if not super().available or self.picked is None:
            return False
        return not self.depends_on & self.coordinator.data.lost

    @property
    def depends_on(self) -> Sections:
        """The sections behind the value."""
        return self._source.sections(self.coordinator.data)
