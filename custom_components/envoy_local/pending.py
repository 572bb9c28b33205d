"""Entities that wait for their first value, and equipment that may turn up any day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .client.models.snapshot import GatewaySnapshot
from .const import DOMAIN
from .coordinator import EnvoyConfigEntry
from .entity import Source
from .sources_equipment import EquipmentKind


class EntityGroup(Protocol):
    """Entities that aren't there yet."""

    def take(self, snapshot: GatewaySnapshot) -> list[Entity]:
        """Hand out those that have a value now."""


class Pending[DataT, DescriptionT]:
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

    def take(self, snapshot: GatewaySnapshot) -> list[Entity]:
        """Hand out the entities that have a value now, each of them once."""
        data = self._source.pick(snapshot)
        if data is None or not self._descriptions:
            return []
        ready = [d for d in self._descriptions if self._value(d, data) is not None]
        self._descriptions = [d for d in self._descriptions if d not in ready]
        return [self._create(description) for description in ready]


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

    def take(self, snapshot: GatewaySnapshot) -> list[Entity]:
        """Hand out what is new: a device, or a value of one that is there."""
        present = self._kind.find(snapshot).keys()
        self._forget_deleted(self._away & present)
        for serial in present - self._groups.keys():
            source = self._kind.source(self._hass, self._entry, serial)
            self._groups[serial] = self._group(source)
        self._away = self._groups.keys() - present
        return [
            entity for serial in self._groups for entity in self._take(serial, snapshot)
        ]

    def _take(self, serial: str, snapshot: GatewaySnapshot) -> list[Entity]:
        entities = self._groups[serial].take(snapshot)
        for entity in entities:
            self._added[serial] = entity.unique_id or ""
        return entities

    def _forget_deleted(self, returned: set[str]) -> None:
        """Begin anew with what comes back after its device was deleted.

        By its own entities: other platforms may have the device back already.
        """
        registry = er.async_get(self._hass)
        for serial in returned:
            unique_id = self._added.get(serial, "")
            if not registry.async_get_entity_id(self._platform, DOMAIN, unique_id):
                del self._groups[serial]


@callback
def add_when_known(
    entry: EnvoyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    groups: Sequence[EntityGroup],
) -> None:
    """Add what has a value, now and whenever something gets its first."""
    data = entry.runtime_data

    @callback
    def add_new() -> None:
        """Add what is new: equipment, or a value that wasn't there before."""
        snapshot = data.snapshot
        if new := [entity for group in groups for entity in group.take(snapshot)]:
            async_add_entities(new)

    add_new()
    for coordinator in data.coordinators.values():
        entry.async_on_unload(coordinator.async_add_listener(add_new))
