"""What all entities have in common: where their data comes from, and their device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, override

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
    device_info: Callable[[], DeviceInfo]
    """Describes the device as it is when an entity is made: firmware changes, and
    what only a slow endpoint knows comes later."""
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


class Described[DataT](Protocol):
    """What the descriptions of all platforms know of a value."""

    @property
    def key(self) -> str:
        """The second part of the unique id."""

    @property
    def value_fn(self) -> Callable[[DataT], object]:
        """Finds the value; the entity exists once it has been known."""

    @property
    def sections_fn(self) -> Callable[[DataT], Sections] | None:
        """What the value depends on, where it isn't what the whole source does."""

    @property
    def attributes_fn(self) -> Callable[[DataT], Mapping[str, object]] | None:
        """What is told beside the value."""


class EnvoyEntity[DataT](CoordinatorEntity[EnvoyCoordinator]):
    """An entity that shows a part of the newest snapshot."""

    _attr_has_entity_name = True

    def __init__(
        self,
        entry: EnvoyConfigEntry,
        source: Source[DataT],
        description: Described[DataT],
    ) -> None:
        """Follow the tiers that read the data."""
        coordinators = entry.runtime_data.coordinators
        self._followed = [
            coordinator
            for tier, coordinator in coordinators.items()
            if tier in {TIER_OF[section] for section in source.follows}
        ]
        super().__init__(self._followed[0])
        self._source = source
        self._described = description
        self._attr_unique_id = f"{source.serial}_{description.key}"
        self._attr_device_info = source.device_info()
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
        """The sections behind the value, as the description or the source knows."""
        data, sections_fn = self.picked, self._described.sections_fn
        if sections_fn is None or data is None:
            return self._source.sections(self.coordinator.data)
        return sections_fn(data)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, object] | None:
        """What the description tells beside the value, as far as it is known."""
        data, attributes_fn = self.picked, self._described.attributes_fn
        if attributes_fn is None or data is None:
            return None
        return dict(attributes_fn(data)) or None
