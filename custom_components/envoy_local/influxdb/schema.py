"""The schemas that a snapshot can be written in, and what is new in a snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import Final

from ..client.models.live import LivePower
from ..client.models.snapshot import GatewaySnapshot
from . import seed, standard, standard_fields
from .line_protocol import Point, encode_all
from .live import live_points
from .parts import Part
from .times import Times


class Schema(StrEnum):
    """A way to name measurements, tags and fields."""

    STANDARD = "standard"
    SEED = "enphaseLocalToInfluxDB"


_PARTS: Final[Mapping[Schema, tuple[Part, ...]]] = {
    Schema.STANDARD: standard.PARTS,
    Schema.SEED: seed.PARTS,
}
_NAMES: Final = {
    Schema.STANDARD: standard_fields.NAMES,
    Schema.SEED: seed.NAMES,
}


def names_in_use(schemas: Iterable[Schema]) -> frozenset[str]:
    """Return every tag and field of these schemas: an extra tag can't have its name."""
    return frozenset[str]().union(*(_NAMES[schema] for schema in schemas))


class PointSource:
    """Turns snapshots into lines; each reading once.

    What was written is known in memory only: a restart repeats the last points,
    and the server puts them where they already are.
    """

    def __init__(
        self,
        *,
        schemas: Collection[Schema],
        extra_tags: Mapping[str, str],
        zone: tzinfo = UTC,
    ) -> None:
        """Write in these schemas, with tags of the user's own at every point.

        An extra tag with the name of a tag or a field of a schema is left out. A
        tariff goes by the clock of the zone.
        """
        self._parts = [
            part for schema in Schema if schema in schemas for part in _PARTS[schema]
        ]
        self._states: dict[int, object] = {}
        self._has_live = Schema.STANDARD in schemas
        self._live: LivePower | None = None
        taken = names_in_use(schemas) | {"time"}
        self._extra_tags = {
            name: value for name, value in extra_tags.items() if name not in taken
        }
        self._zone = zone
        self._times = Times(zone=zone)
        self._written: dict[tuple[tuple[str, ...], int], Point] = {}

    def follow_zone(self, zone: tzinfo) -> None:
        """Go by another clock from now on; what it tells otherwise is new."""
        if zone is self._zone:
            return
        ahead = self._times.ahead
        self._zone, self._times = zone, Times(zone=zone)
        self._times.ahead = ahead
        self._states.clear()

    def lines(self, snapshot: GatewaySnapshot, *, now: float) -> list[str]:
        """Return the lines of what is new in this snapshot.

        That is a section read again, an inverter with a new report, or a value that
        wasn't known before. `now` is our clock, epoch seconds.
        """
        self._times.set(snapshot, now)
        points = (
            point
            for part in self._changed(snapshot)
            for point in part.points(snapshot, self._times)
        )
        return encode_all(self._joined(self._new(points)))

    def live_lines(self, snapshot: GatewaySnapshot) -> list[str]:
        """Return the lines of the live power in this snapshot, where it is new.

        The schema of enphaseLocalToInfluxDB keeps the pace of its readings.
        """
        if not self._has_live or snapshot.live is self._live:
            return []
        self._live = snapshot.live
        return encode_all(map(self._tagged, live_points(snapshot)))

    def _changed(self, snapshot: GatewaySnapshot) -> Iterator[Part]:
        """Yield the parts that can have new points."""
        for number, part in enumerate(self._parts):
            state = self._times.ahead, part.state(snapshot)
            if self._states.get(number) != state:
                self._states[number] = state
                yield part

    def _new(self, points: Iterable[Point]) -> Iterator[Point]:
        """Yield what differs from what was written last of the same fields.

        A series can come twice, where two inverters' serials end alike.
        """
        seen: Counter[tuple[str, ...]] = Counter()
        for point in points:
            series = (point.measurement, *point.tags.values(), "", *point.fields)
            seen[series] += 1
            key = (series, seen[series])
            known = self._written.get(key)
            if known is None or (known.time, known.fields) != (
                point.time,
                point.fields,
            ):
                self._written[key] = point
                yield point

    def _joined(self, points: Iterable[Point]) -> Iterator[Point]:
        """Make one point of what is of the same series and time."""
        joined: dict[tuple[object, ...], Point] = {}
        for point in points:
            key = (point.measurement, point.time, tuple(point.tags.items()))
            known = joined.get(key)
            joined[key] = self._tagged(point) if known is None else _both(known, point)
        yield from joined.values()

    def _tagged(self, point: Point) -> Point:
        if not self._extra_tags:
            return point
        return Point(
            measurement=point.measurement,
            tags={**point.tags, **self._extra_tags},
            fields=point.fields,
            time=point.time,
        )


def _both(one: Point, other: Point) -> Point:
    """Return both points' fields; the other's where both know a value."""
    known = {name: value for name, value in other.fields.items() if value is not None}
    return Point(
        measurement=one.measurement,
        tags=one.tags,
        fields={**one.fields, **known},
        time=one.time,
    )
