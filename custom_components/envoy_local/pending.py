"""Entities that wait for their first value, and equipment that may turn up any day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)

from .client.models.snapshot import GatewaySnapshot
from .const import DOMAIN
from .coordinator import EnvoyConfigEntry
from .entity import Source
from .sources_equipment import EquipmentKind

type IsKnown = Callable[[str], bool]
"""Whether Home Assistant knows an entity from before, by its unique id."""


class EntityGroup(Protocol):
    """Entities that aren't there yet."""

    def take(self, snapshot: GatewaySnapshot, is_known: IsKnown) -> list[Entity]:
        """Hand out those that have a value now."""


class Pending[DataT, DescriptionT: EntityDescription]:
    """A source with the descriptions that wait for their first value."""

    def __init__(
        self,
        source: Source[DataT],
        descriptions: Sequence[DescriptionT],
        *,
        value: Callable[[DescriptionT, DataT], object],
        create: Callable[[DescriptionT], Entity],
    ) -> None:
        """Wait; `value` finds what a description shows, `create` makes its entity."""
        self._source = source
        self._descriptions = list(descriptions)
        self._value = value
        self._create = create

    def take(self, snapshot: GatewaySnapshot, is_known: IsKnown) -> list[Entity]:
        """Hand out the entities that have a value now, each of them once."""
        data = self._source.pick(snapshot)
        if data is None or not self._descriptions:
            return []
        ready = [
            description
            for description in self._descriptions
            if self._value(description, data) is not None
            or self._may_be_unknown(description, is_known)
        ]
        self._descriptions = [d for d in self._descriptions if d not in ready]
        return [self._create(description) for description in ready]

    def _may_be_unknown(self, description: DescriptionT, is_known: IsKnown) -> bool:
        """Whether an entity of before a restart comes back without a value.

        The gateway may say a word that nobody knows: that is unknown, and not an
        entity that is gone. Numbers come back with their first value.
        """
        is_word = description.device_class is SensorDeviceClass.ENUM or isinstance(
            description, BinarySensorEntityDescription
        )
        return is_word and is_known(f"{self._source.serial}_{description.key}")


class Arrivals[DataT]:
    """All devices of a kind: each has its entities from when it is first there."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: EnvoyConfigEntry,
        platform: Platform,
        kind: EquipmentKind[DataT],
        group: Callable[[Source[DataT]], EntityGroup],
    ) -> None:
        """Look out for devices; `group` tells the entities that one can have."""
        self._hass = hass
        self._entry = entry
        self._platform = platform
        self._kind = kind
        self._group = group
        self._groups: dict[str, EntityGroup] = {}
        self._added: dict[str, str] = {}
        """The unique id of an entity of each device."""
        self._away: set[str] = set()
        self._described: dict[str, tuple[str | None, dict[str, Any]]] = {}
        """What each device hangs on, and how it was described last."""

    def take(self, snapshot: GatewaySnapshot, is_known: IsKnown) -> list[Entity]:
        """Hand out what is new: a device, or a value of one that is there."""
        found = self._kind.find(snapshot)
        self._forget_deleted(self._away & found.keys())
        for serial in found.keys() - self._groups.keys():
            source = self._kind.source(self._hass, self._entry, serial)
            self._groups[serial] = self._group(source)
        self._away = self._groups.keys() - found.keys()
        self._describe_anew(snapshot, found)
        entities: list[Entity] = []
        for serial, group in self._groups.items():
            for entity in group.take(snapshot, is_known):
                self._added[serial] = entity.unique_id or ""
                entities.append(entity)
        return entities

    def _describe_anew(
        self, snapshot: GatewaySnapshot, found: Mapping[str, DataT]
    ) -> None:
        """Keep the device pages true: parents, names and firmware change, too."""
        parent = self._kind.parent(snapshot)
        for serial, data in found.items():
            description = parent, self._kind.describe(serial, data)
            known = self._described.get(serial)
            self._described[serial] = description
            if known in (None, description) or serial not in self._added:
                continue
            info = self._kind.device_info(self._hass, self._entry, serial)
            dr.async_get(self._hass).async_get_or_create(
                config_entry_id=self._entry.entry_id, **info
            )

    def _forget_deleted(self, returned: set[str]) -> None:
        """Begin anew with what comes back after its device was deleted.

        By its own entities: other platforms may have the device back already.
        """
        registry = er.async_get(self._hass)
        for serial in returned:
            unique_id = self._added.get(serial, "")
            if not registry.async_get_entity_id(self._platform, DOMAIN, unique_id):
                del self._groups[serial]
                self._added.pop(serial, None)


@callback
def add_when_known(
    entry: EnvoyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    groups: Sequence[EntityGroup],
) -> None:
    """Add what has a value, now and whenever something gets its first."""
    data, platform = entry.runtime_data, async_get_current_platform()
    registry = er.async_get(platform.hass)

    def is_known(unique_id: str) -> bool:
        """Ask the registry, which remembers entities over a restart."""
        found = registry.async_get_entity_id(platform.domain, DOMAIN, unique_id)
        return found is not None

    @callback
    def add_new() -> None:
        """Add what is new: equipment, or a value that wasn't there before."""
        taken = (group.take(data.snapshot, is_known) for group in groups)
        if new := [entity for entities in taken for entity in entities]:
            async_add_entities(new)

    add_new()
    for coordinator in data.coordinators.values():
        entry.async_on_unload(coordinator.async_add_listener(add_new))
