"""When a reading was true: the gateway's own times where they can be believed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Final

from ..client.models.meters import MeterReading
from ..client.models.snapshot import GatewaySnapshot
from ..client.models.totals import Section, Sections

_DAY: Final = 86_400.0
_BELIEVABLE: Final = 300.0
"""Seconds between a meter's timestamp and our clock; beyond, one of the two is off."""
_STEADY: Final = 60.0
"""Seconds by which the gateway's clock may wander before we follow it."""
_FIRST_GATEWAY: Final = 1_136_073_600.0
"""2006: a report from before is of a gateway that didn't know the time."""


class Times:
    """Times in milliseconds of our clock, for one gateway."""

    def __init__(self, *, zone: tzinfo = UTC) -> None:
        """Begin with a gateway whose clock is right, in the site's time zone."""
        self._zone = zone
        self.ahead = 0.0
        """Seconds by which the gateway's clock is ahead, where we follow it."""
        self._now = 0.0

    def set(self, snapshot: GatewaySnapshot, now: float) -> None:
        """Note how far the gateway's clock is ahead, where that is a day or more.

        A gateway that lost its clock dates its reports years back or ahead; below
        a day the report's own time stays, as the name of the report that it is.
        What is followed moves in steps only, or every report would get many names.
        """
        self._now = now
        ahead = _clock_difference(snapshot)
        wanted = float(round(ahead)) if abs(ahead) > _DAY else 0.0
        if abs(wanted - self.ahead) > _STEADY:
            self.ahead = wanted

    def local(self, time: float) -> datetime:
        """Return the site's wall clock, given epoch seconds."""
        return datetime.fromtimestamp(time, self._zone)

    def of_report(self, reported: int, read_at: float) -> int:
        """Return when a unit reported; when we read it, where that can't be."""
        time = reported - self.ahead
        if _FIRST_GATEWAY <= time <= self._now + _DAY:
            return milliseconds(time)
        return milliseconds(read_at)


def of_reading(timestamp: int | None, read_at: float) -> int:
    """Return a meter's own time, when it is near the time we read it."""
    if timestamp is None or abs(timestamp - read_at) > _BELIEVABLE:
        return milliseconds(read_at)
    return milliseconds(timestamp)


def of_section(snapshot: GatewaySnapshot, section: Section) -> int | None:
    """Return when a section was read; None where it is missing or too old to show."""
    read_at = snapshot.read_at.get(section)
    if read_at is None or section in snapshot.lost:
        return None
    if section is Section.READINGS:
        return _of_readings(
            (point.reading for point in snapshot.metered.values()), read_at
        )
    return milliseconds(read_at)


def newest(snapshot: GatewaySnapshot, *sections: Section) -> float | None:
    """Return when any of these was read last, of those that can still be shown."""
    known = [
        snapshot.read_at[section]
        for section in sections
        if section in snapshot.read_at and section not in snapshot.lost
    ]
    return max(known, default=None)


def of_sections(snapshot: GatewaySnapshot, sections: Sections) -> int | None:
    """Return the newest time of what a value comes from.

    None where one of them is too old to show: so is the value, then.
    """
    if sections & snapshot.lost:
        return None
    times = (of_section(snapshot, section) for section in sections)
    return max((time for time in times if time is not None), default=None)


def milliseconds(seconds: float) -> int:
    """Return epoch seconds as the points have them."""
    return round(seconds * 1000)


def _of_readings(readings: Iterable[MeterReading], read_at: float) -> int:
    """Return one time for all meters together: the newest."""
    times = (of_reading(reading.timestamp, read_at) for reading in readings)
    return max(times, default=milliseconds(read_at))


def _clock_difference(snapshot: GatewaySnapshot) -> float:
    if snapshot.gateway_time is None or not snapshot.read_at:
        return 0.0
    return snapshot.gateway_time - max(snapshot.read_at.values())
