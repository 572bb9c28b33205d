"""One energy counter, as it should have been.

The gateway's counters wrap at 2^32 J, drop to zero while it boots, freeze, jump
and change their meaning with the firmware. What is shown never falls, never
rises faster than the site can, and loses nothing that was really counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
import math
from typing import Final, Self

from ..client.models.totals import EnergySource
from .corrections import Correction, Corrections
from .state import State, mapping, number
from .track import PERSISTENCE, SLACK, Elsewhere, Track, energy

_FORGOTTEN: Final = 5 * 3600.0
"""Seconds of full power between the last value shown and the first one after a
lost state: more than a day of a house."""
_FORGOTTEN_ENERGY: Final = 100_000.0
"""Wh, the same for a value that was worked out."""
_ZERO_AT_FIRST: Final = 600.0
"""Seconds for which a first zero may be the boot of the gateway."""
_INT32_RANGE: Final = 2.0**32
_LEAST_GARBAGE: Final = _INT32_RANGE - 2**16
"""4294967295 and the like: a little less than nothing, without its sign."""
_MOST: Final = 1e12
"""Wh that no site has ever counted: garbage, and too large to count on from."""
_OLDEST: Final = 30 * 365 * 86400.0
"""Seconds of full power behind the first value of a site that isn't garbage."""
_LAG: Final = 3600.0
"""Seconds that one source may be behind another."""


@dataclass(slots=True, kw_only=True)
class EnergyCounter:
    """A counter that never goes back, from one source or several.

    Each source keeps its own offset to what is shown, so that going from one to
    another and back loses nothing.
    """

    shown: float | None = None
    source: str | None = None
    tracks: dict[str, Track] = field(default_factory=dict)
    missing: float = 0.0
    """Wh that may be missing: a new source began after a gap."""
    first: Elsewhere | None = None
    """A first value that has to prove itself."""

    @property
    def read_at(self) -> float | None:
        """When the source in use was last read well, ledger seconds."""
        track = self.tracks.get(self.source or "")
        return track.at if track else None

    def is_held(self, now: float) -> bool:
        """Whether the gateway says something else than is shown.

        One that has said nothing for long isn't coming back to it.
        """
        track = self.tracks.get(self.source or "")
        if track is None or track.elsewhere is None:
            return False
        if now - track.elsewhere.at > PERSISTENCE:
            return False
        return abs(track.elsewhere.last - track.raw) > SLACK

    def read(
        self,
        raw: float | None,
        *,
        now: float,
        limit: float,
        corrections: Corrections,
        source: str = "",
        wraps: bool = False,
    ) -> float | None:
        """Take a raw value in Wh and return what to show.

        `limit` is the power in W that the site can't exceed, `now` are seconds
        that never go back.
        """
        if raw is None or not math.isfinite(raw):
            return self.shown
        if self._is_garbage(raw, limit):
            corrections[Correction.HELD_HIGH] += 1
            return self.shown
        track = self.tracks.get(source)
        if track is None:
            track = self._begin(raw, now, limit, source, corrections)
        else:
            track.read(raw, now=now, limit=limit, corrections=corrections, wraps=wraps)
            self._join(track, source, now, limit, corrections)
        if track is not None and source == self.source:
            self._show(track.value)
        return self.shown

    def _is_garbage(self, raw: float, limit: float) -> bool:
        """Whether no counter can say that, however long it insists."""
        if _LEAST_GARBAGE <= raw < _INT32_RANGE or abs(raw) > _MOST:
            return True
        return self.shown is None and raw > energy(limit, _OLDEST)

    def _show(self, value: float) -> None:
        self.shown = value if self.shown is None else max(self.shown, value)

    def _join(
        self,
        track: Track,
        source: str,
        now: float,
        limit: float,
        corrections: Corrections,
    ) -> None:
        """Go back to a source that was in use before, as soon as it reads well.

        What it counted more than the other is taken as far as it can be true;
        two meters that differ by a percent would make a step else.
        """
        if source == self.source or track.elsewhere:
            return
        last = self.tracks.get(self.source or "")
        ahead = 0.0 if self.shown is None else track.value - self.shown
        possible = self.missing + (last.possible(now, limit) if last else SLACK)
        if not -energy(limit, _LAG) - SLACK <= ahead <= possible:
            track.offset -= ahead
        corrections[Correction.OTHER_SOURCE] += 1
        self.source, self.missing = source, 0.0

    def _begin(
        self,
        raw: float,
        now: float,
        limit: float,
        source: str,
        corrections: Corrections,
    ) -> Track | None:
        """Let a new source go on where the last one stopped.

        Where nothing but the last value is left, a raw value a little above it
        is the same counter, and the difference the energy since then.
        """
        shown = self.shown
        if shown is None:
            offset = max(-raw, 0.0)
        elif not self.tracks and 0 <= raw - shown <= energy(limit, _FORGOTTEN):
            offset = 0.0
        else:
            offset = shown - raw
        if (first := self._proven(raw, now, limit, offset)) is None:
            return None
        track = Track.begin(raw, now, offset=offset + raw - first)
        last = self.tracks.get(self.source or "")
        if last:
            corrections[Correction.OTHER_SOURCE] += 1
            self.missing = last.possible(now, limit)
        self.tracks[source], self.source, self.first = track, source, None
        return track

    def _proven(
        self, raw: float, now: float, limit: float, offset: float
    ) -> float | None:
        """Return from which value on a new source counts, None if it isn't sure.

        A gateway that boots says zero or next to nothing, or less than that.
        """
        is_strange = bool(offset) and self.shown is not None and not self.tracks
        if raw > 0 and not is_strange:
            return raw
        if self.first is None or not self.first.goes_on(raw, now, limit):
            self.first = Elsewhere.begin(raw, now)
        patience = _ZERO_AT_FIRST if self.shown is None else PERSISTENCE
        if not self.first.has_stayed(now, patience):
            return None
        return raw if self.shown is None else raw - self.first.counted

    def follow(self, value: float, *, source: str, now: float) -> None:
        """Take a value that was worked out, from counters that were checked before.

        It may fall for a moment, when its parts aren't read at the same time.
        """
        track = self.tracks.get(source)
        if track is None:
            track = Track.begin(value, now, offset=self._offset_of(value))
            self.tracks[source] = track
        track.raw, track.at = value, now
        if source != self.source and self.shown is not None and self.source:
            track.offset = self.shown - value
        self.source = source
        self._show(track.value)

    def _offset_of(self, value: float) -> float:
        """Return what a value that is worked out lacks at its beginning."""
        if self.shown is None:
            return max(-value, 0.0)
        is_the_same = 0 <= value - self.shown <= _FORGOTTEN_ENERGY
        return 0.0 if not self.tracks and is_the_same else self.shown - value

    def resume(self, shown: float) -> None:
        """Never show less than was last shown, whatever is remembered here.

        A computed energy has no counter that would catch up by itself, and one
        that began anew meanwhile neither.
        """
        track = self.tracks.get(self.source or "")
        behind = 0.0 if self.shown is None else max(shown - self.shown, 0.0)
        if track and self.source == EnergySource.COMPUTED:
            track.offset += behind
        elif track:
            track.owed += behind
        self._show(shown)

    def as_state(self) -> State:
        """Return what has to survive a restart."""
        return {
            "shown": self.shown,
            "source": self.source,
            "missing": self.missing,
            "first": self.first.as_state() if self.first else None,
            "tracks": {source: t.as_state() for source, t in self.tracks.items()},
        }

    @classmethod
    def from_state(cls, state: State) -> Self:
        """Take up where it was; `StateError` where the state makes no sense."""
        tracks = mapping(state["tracks"])
        shown, source, first = state["shown"], state["source"], state["first"]
        return cls(
            shown=None if shown is None else number(shown),
            source=None if source is None else str(source),
            missing=number(state["missing"]),
            first=None if first is None else Elsewhere.from_state(first),
            tracks={name: Track.from_state(track) for name, track in tracks.items()},
        )


def counters_as_state(counters: Mapping[str, EnergyCounter]) -> State:
    """Return what of counters has to survive a restart."""
    return {name: counter.as_state() for name, counter in counters.items()}


def counters_from_state(state: object) -> dict[str, EnergyCounter]:
    """Take counters up where they were; `StateError` where that makes no sense."""
    return {
        name: EnergyCounter.from_state(mapping(counter))
        for name, counter in mapping(state).items()
    }
