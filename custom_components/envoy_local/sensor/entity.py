"""The sensor entity, of whatever device."""

from __future__ import annotations

from datetime import datetime
from typing import override

from homeassistant.components.sensor import SensorEntity
from homeassistant.helpers.restore_state import RestoreEntity
from homeassistant.helpers.typing import StateType

from ..coordinator import EnvoyConfigEntry
from ..entity import EnvoyEntity, Source
from .description import EnvoySensorDescription


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
        super().__init__(entry, source, description)
        self.entity_description = description

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """The value, None where the gateway doesn't report it."""
        data = self.picked
        return None if data is None else self.entity_description.value_fn(data)
