"""The binary sensor entity, of whatever device."""

from __future__ import annotations

from typing import override

from homeassistant.components.binary_sensor import BinarySensorEntity

from ..coordinator import EnvoyConfigEntry
from ..entity import EnvoyEntity, Source
from .description import EnvoyBinarySensorDescription


class EnvoyBinarySensor[DataT](EnvoyEntity[DataT], BinarySensorEntity):
    """A binary sensor that shows one value of its source."""

    entity_description: EnvoyBinarySensorDescription[DataT]

    def __init__(
        self,
        entry: EnvoyConfigEntry,
        source: Source[DataT],
        description: EnvoyBinarySensorDescription[DataT],
    ) -> None:
        """Take name and class from the description."""
        super().__init__(entry, source, description)
        self.entity_description = description

    @property
    @override
    def is_on(self) -> bool | None:
        """The value, None where the gateway doesn't report it."""
        data = self.picked
        return None if data is None else self.entity_description.value_fn(data)
