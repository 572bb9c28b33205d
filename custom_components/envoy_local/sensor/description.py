"""A sensor description that finds its value in a part of the snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.helpers.typing import StateType

from ..client.models.totals import Sections


@dataclass(frozen=True, kw_only=True)
class EnvoySensorDescription[DataT](SensorEntityDescription):
    """One sensor of a device kind; it exists once its value has been known."""

    value_fn: Callable[[DataT], StateType | datetime]
    sections_fn: Callable[[DataT], Sections] | None = None
    """What the value depends on, where it isn't what the whole source does."""
    attributes_fn: Callable[[DataT], Mapping[str, object]] | None = None
    """What is told beside the value."""


def as_datetime(epoch: int | None) -> datetime | None:
    """Return an epoch second as a time."""
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC)
