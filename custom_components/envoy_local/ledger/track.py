"""One source of a counter: where it stands, and whether what it says can be.

Counters of the gateway leave their place for minutes (a boot, a lost phase) or
for good (a reset, another firmware), and some come back from either.
"""

from __future__ import annotations

from dataclasses import dataclass, field
import math
from typing import Final, Self

from .corrections import Correction, Corrections
from .state import State, mapping, number, numbers, sequence

WRAP: Final = 2**32 / 3600
"""Wh after which a counter of 32-bit joules begins again: 1 193 046.47."""
SLACK: Final = 10.0
"""Wh: rounding to whole Wh, and the seconds between a reading and its time."""
STANDSTILL: Final = 2 * 3600.0
"""Seconds for which a counter that stood still may catch up in one step. The
gateway's sums move every 5 to 15 minutes, on some sites once an hour."""
PERSISTENCE: Final = 1800.0
"""Seconds for which a counter has to stay elsewhere to be believed."""
_PERSISTENT_READS: Final = 5
_HOUR: Final = 3600.0
_USUAL_STANDSTILL: Final = _HOUR
"""Seconds for which a counter may have stood still when it is seen first."""
_SURE_WRAP: Final = _HOUR
"""Seconds of full power: a wrap that lands further on is believed if it stays."""
_MOST_TURNS: Final = 16
"""Inverters that wrap between two reads; a hundred are garbage."""
_LONGEST_FREEZE: Final = 6 * _HOUR
"""Seconds of full power that a frozen counter may have missed."""
_DAY: Final = 24 * _HOUR
_REMEMBERED: Final = 7 * _DAY
"""Seconds for which a counter may come back to a place that it left."""
_REMEMBERED_PLACES: Final = 4
_OTHERS_SHARE: Final = 0.05
"""Two counters of the same energy agree that well."""
_GARBAGE_GROWTH: Final = 2000.0
"""Wh that garbage may seem to count, from zero to a first few numbers."""
_IMPATIENCE: Final = 3.0
"""Times the limit: how fast a counter elsewhere may run and still be one."""


@dataclass(slots=True, kw_only=True)
class Elsewhere:
    """Where a counter is that left its place: garbage, or its new base."""

    last: float
    since: float
    at: float
    changed_at: float
    counted: float = 0.0
    """Wh that it has counted there, as far as they can be true."""
    reads: int = 1

    @classmethod
    def begin(cls, raw: float, now: float) -> Self:
        """Note a first sight."""
        return cls(last=raw, since=now, at=now, changed_at=now)

    def goes_on(self, raw: float, now: float, limit: float) -> bool:
        """Take another value if it counts on from the last one."""
        stood = min(self.at - self.changed_at, STANDSTILL)
        possible = energy(limit, now - self.at + stood) + SLACK
        rise = raw - self.last
        if not 0 <= rise <= _IMPATIENCE * possible:
            return False
        self.counted += min(rise, possible)
        if rise:
            self.changed_at = now
        self.last, self.at, self.reads = raw, now, self.reads + 1
        return True

    def has_stayed(self, now: float, seconds: float) -> bool:
        """Whether it has been there for long enough to be believed."""
        return self.reads >= _PERSISTENT_READS and now - self.since >= seconds

    def as_state(self) -> list[float]:
        """Return what has to survive a restart."""
        return [
            self.last,
            self.since,
            self.at,
            self.changed_at,
            self.counted,
            float(self.reads),
        ]

    @classmethod
    def from_state(cls, state: object) -> Self:
        """Take up where it was; `StateError` where the state makes no sense."""
        last, since, at, changed_at, counted, reads = numbers(state, count=6)
        return cls(
            last=last,
            since=since,
            at=at,
            changed_at=changed_at,
            counted=counted,
            reads=int(reads),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a counter was when it left; it may come back."""

    raw: float
    offset: float
    at: float
    stayed: float
    """Seconds for which it was there. The real place is the one of long ago."""
    spare: float = 0.0
    """Wh that were counted on leaving, and didn't happen if it comes back."""


@dataclass(slots=True, kw_only=True)
class Track:
    """One source of a counter: where it is, and what has to be added to it."""

    raw: float
    offset: float
    at: float
    """When it was last read well, ledger seconds."""
    changed_at: float
    """When it last moved."""
    since: float
    """When it came to this place."""
    owed: float = 0.0
    """Wh that were shown after this was written. A counter that goes on knows of
    them; a new base doesn't."""
    elsewhere: Elsewhere | None = None
    left: tuple[Place, ...] = field(default_factory=tuple)

    @classmethod
    def begin(cls, raw: float, now: float, *, offset: float) -> Self:
        """Begin with a value; how long it has stood there isn't known."""
        moved = now - _USUAL_STANDSTILL
        return cls(raw=raw, offset=offset, at=now, changed_at=moved, since=now)

    @property
    def value(self) -> float:
        """The counter as it should be, Wh."""
        return self.raw + self.offset

    def possible(self, now: float, limit: float) -> float:
        """Return the Wh that can have been counted since the last good read."""
        stood = min(self.at - self.changed_at, STANDSTILL)
        return energy(limit, now - self.at + stood) + SLACK

    def read(
        self,
        raw: float,
        *,
        now: float,
        limit: float,
        corrections: Corrections,
        wraps: bool,
    ) -> None:
        """Move to a new raw value, or stay; `limit` in W."""
        rise = raw - self.raw
        possible = self.possible(now, limit)
        place = None
        if self.left:
            stayed = max(self.at - self.since, PERSISTENCE)
            place = self._place_of(raw, now, limit, stayed=stayed)
        if 0 <= rise <= possible and not self._steps_back(place, raw, possible):
            self._move(raw, now)
        elif place:
            self._return_to(place, raw, now, corrections)
        elif wraps and self._wraps_to(raw, min(possible, energy(limit, _SURE_WRAP))):
            self._wrap(raw, now, corrections)
        else:
            self._note_elsewhere(raw, now, limit)
            self._count_hold(raw, corrections)
            self._settle(raw, now, limit, corrections, wraps=wraps)

    def _steps_back(self, place: Place | None, raw: float, possible: float) -> bool:
        """Whether a counter that never moved here is back where it was before.

        Both can be so near to each other that the step looks like a rise.
        """
        if place is None or self.changed_at > self.since:
            return False
        return raw - self.raw > SLACK and raw + place.offset - self.value <= possible

    def _move(self, raw: float, now: float) -> None:
        """Believe a value."""
        if raw != self.raw:
            self.changed_at = now
        self.raw, self.at, self.elsewhere, self.owed = raw, now, None, 0.0

    def _turns(self, raw: float) -> int:
        """Return how often a counter wrapped that is lower than before."""
        return math.ceil((self.raw - raw) / WRAP) if 0 < raw < self.raw else 0

    def _wraps_to(self, raw: float, possible: float) -> bool:
        """Whether a lower value is the old one and a little, less whole wraps.

        In a sum of inverters several can wrap between two reads.
        """
        turns = self._turns(raw)
        is_a_few = 0 < turns <= _MOST_TURNS
        return is_a_few and raw + turns * WRAP - self.raw <= possible

    def _wrap(self, raw: float, now: float, corrections: Corrections) -> None:
        turns = self._turns(raw)
        corrections[Correction.WRAP] += turns
        self._leave(spare=raw + turns * WRAP - self.raw)
        self.offset += turns * WRAP
        self._move(raw, now)

    def _place_of(
        self,
        raw: float,
        now: float,
        limit: float,
        *,
        stayed: float = 0.0,
        longest: float = _REMEMBERED,
    ) -> Place | None:
        """Return the place that a counter has come back to.

        It has counted at least what was counted elsewhere meanwhile, and not
        more than the site can in the time it was away. A place where it has
        stayed for less than `stayed` seconds may be garbage that came again.
        """
        for place in reversed(self.left):
            away = min(now - place.at, _DAY)
            counted = self.value - place.raw - place.offset
            doubtful = place.spare + max(_OTHERS_SHARE * counted, _GARBAGE_GROWTH)
            most = counted + energy(limit, away) + SLACK
            is_known = now - place.at <= longest and place.stayed >= stayed
            if is_known and max(counted - doubtful, 0) <= raw - place.raw <= most:
                return place
        return None

    def _return_to(
        self, place: Place, raw: float, now: float, corrections: Corrections
    ) -> None:
        """Go on where the counter was before.

        What was counted elsewhere meanwhile is in this counter as well.
        """
        corrections[Correction.OLD_BASE] += 1
        stayed = self.at - self.since
        self.left = self.left[: self.left.index(place)]
        if stayed > place.stayed:
            self._leave()
        self.raw, self.offset = place.raw, place.offset
        self.since = self.changed_at = now - place.stayed
        self._move(raw, now)

    def _note_elsewhere(self, raw: float, now: float, limit: float) -> None:
        """Follow a counter that is elsewhere; what jumps about is garbage."""
        if self.elsewhere is None or not self.elsewhere.goes_on(raw, now, limit):
            self.elsewhere = Elsewhere.begin(raw, now)

    def _count_hold(self, raw: float, corrections: Corrections) -> None:
        if raw > self.raw:
            corrections[Correction.HELD_HIGH] += 1
        elif raw <= 0:
            corrections[Correction.HELD_ZERO] += 1
        else:
            corrections[Correction.HELD_LOW] += 1

    def _settle(
        self,
        raw: float,
        now: float,
        limit: float,
        corrections: Corrections,
        *,
        wraps: bool,
    ) -> None:
        """Believe a counter that stayed elsewhere, its step only if it can be."""
        place = self.elsewhere
        if place is None or not place.has_stayed(now, PERSISTENCE):
            return
        rise = raw - self.raw
        frozen = min(now - self.changed_at, _LONGEST_FREEZE)
        if wraps and self._wraps_to(raw, self.possible(now, limit)):
            self._wrap(raw, now, corrections)
        elif left := self._place_of(raw, now, limit, longest=_LONGEST_FREEZE):
            self._return_to(left, raw, now, corrections)
        elif 0 <= rise <= energy(limit, frozen):
            corrections[Correction.LATE_RISE] += 1
            self._move(raw, now)
        elif not -SLACK <= rise < 0:
            self._take_new_base(raw, now, place.counted, corrections)

    def _take_new_base(
        self, raw: float, now: float, counted: float, corrections: Corrections
    ) -> None:
        """Count on from the new place, with what it has counted there so far."""
        corrections[Correction.NEW_BASE] += 1
        self._leave()
        self.offset, self.since = self.value + self.owed + counted - raw, now
        self._move(raw, now)

    def _leave(self, *, spare: float = 0.0) -> None:
        """Remember the place that is left."""
        place = Place(
            raw=self.raw,
            offset=self.offset,
            at=self.at,
            stayed=self.at - self.since,
            spare=spare,
        )
        self.left = (*self.left, place)[-_REMEMBERED_PLACES:]

    def as_state(self) -> State:
        """Return what has to survive a restart."""
        state: State = {
            "at": [self.raw, self.offset, self.at, self.changed_at, self.since]
        }
        if self.owed:
            state["owed"] = self.owed
        if self.elsewhere:
            state["elsewhere"] = self.elsewhere.as_state()
        if self.left:
            state["left"] = [
                [p.raw, p.offset, p.at, p.stayed, p.spare] for p in self.left
            ]
        return state

    @classmethod
    def from_state(cls, state: object) -> Self:
        """Take up where it was; `StateError` where the state makes no sense."""
        known = mapping(state)
        raw, offset, at, changed_at, since = numbers(known["at"], count=5)
        elsewhere = known.get("elsewhere")
        return cls(
            raw=raw,
            offset=offset,
            at=at,
            changed_at=changed_at,
            since=since,
            owed=max(number(known.get("owed", 0.0)), 0.0),
            elsewhere=None if elsewhere is None else Elsewhere.from_state(elsewhere),
            left=tuple(map(_place, sequence(known.get("left", [])))),
        )


def energy(power: float, seconds: float) -> float:
    """Return the Wh of a power in W over some seconds."""
    return power * max(seconds, 0.0) / _HOUR


def _place(state: object) -> Place:
    raw, offset, at, stayed, spare = numbers(state, count=5)
    return Place(raw=raw, offset=offset, at=at, stayed=stayed, spare=spare)
