"""A field of a measurement, and fields that are read together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from .line_protocol import FieldValue, Point

GATEWAY_TAG: Final = "gateway"


@dataclass(frozen=True, slots=True)
class Field[DataT]:
    """A field: its name, its unit or type, and where its value is found.

    Every number becomes a float: a field's type can never change afterwards.
    """

    name: str
    unit: str
    value: Callable[[DataT], FieldValue | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group[DataT]:
    """Fields of a measurement that are read together."""

    measurement: str
    tags: tuple[str, ...] = ()
    """Beside the gateway's."""
    fields: tuple[Field[DataT], ...]

    def point(
        self, data: DataT, tags: Mapping[str, str], time: int, **more: str
    ) -> Point:
        """Return what is known now; `more` are the group's own tags."""
        return Point(
            measurement=self.measurement,
            tags={**tags, **more},
            fields={field.name: _stored(field.value(data)) for field in self.fields},
            time=time,
        )


def _stored(value: FieldValue | None) -> FieldValue | None:
    return float(value) if type(value) is int else value
