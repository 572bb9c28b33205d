"""The sensor entity, of whatever device."""

from __future__ import annotations

from datetime import datetime
from typing import Final, override

from homeassistant.components.sensor import SensorEntity
from homeassistant.helpers.restore_state import RestoreEntity
from homeassistant.helpers.typing import StateType

from ..client.models.totals import Sections
from ..coordinator import EnvoyConfigEntry
from ..entity import EnvoyEntity, Source
from .description import EnvoySensorDescription

ATTR_ENERGY_SOURCE: Final = "energy_source"


class EnvoySensor[DataT](EnvoyEntity[DataT], RestoreEntity, SensorEntity):
    """A sensor that shows one value of its source.

    Its last state is kept for the books, where there is no recorder to ask.
    """

    entity_description: EnvoySensorDescription[DataT]

    def __init__(
        self,
        entry: EnvoyConfigEntry,
        source: Source[DataT],
        description: EnvoySensorDescription[DataT],
    ) -> None:
        """Take name and unit from the description."""
        super().__init__(entry, source, key=description.key)
        self.entity_description = description

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """The value, None where the gateway doesn't report it."""
        data = self.picked
        return None if data is None else self.entity_description.value_fn(data)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, str] | None:
        """Where an energy comes from: a counter, or worked out."""
        data, source_fn = self.picked, self.entity_description.energy_source_fn
        source = source_fn(data) if source_fn and data is not None else None
        return {ATTR_ENERGY_SOURCE: source.value} if source else None

    @property
    @override
    def depends_on(self) -> Sections:
        """What the value depends on, where the description knows it better."""
        data, sections_fn = self.picked, self.entity_description.sections_fn
        if sections_fn is None or data is None:
            return super().depends_on
        return sections_fn(data)
