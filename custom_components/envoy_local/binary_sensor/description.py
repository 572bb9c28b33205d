"""A binary sensor's description that finds its value in a part of the snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from homeassistant.components.binary_sensor import BinarySensorEntityDescription

from ..client.models.totals import Sections


@dataclass(frozen=True, kw_only=True)
class EnvoyBinarySensorDescription[DataT](BinarySensorEntityDescription):
    """One binary sensor of a device kind; it exists once its value has been known."""

    value_fn: Callable[[DataT], bool | None]
    sections_fn: Callable[[DataT], Sections] | None = None
    """What the value depends on, where it isn't what the whole source does."""
    attributes_fn: Callable[[DataT], Mapping[str, object]] | None = None
    """What is told beside the value."""
