"""What single meters counted, where it is none of the site's totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

from ..client.models.meters import (
    OWN_DELIVERED,
    OWN_RECEIVED,
    Meter,
    MeteredPoint,
    MeterKind,
    MeterReading,
    PhaseReading,
)
from ..client.models.totals import Section
from .account import Moment
from .counter import EnergyCounter, counters_as_state, counters_from_state
from .state import State

_DELIVERED: Final = "energy_delivered"
_RECEIVED: Final = "energy_received"

METER_COUNTERS: Final = (
    *(f"{kind.key}_{_DELIVERED}" for kind in MeterKind if kind in OWN_DELIVERED),
    *(f"{kind.key}_{_RECEIVED}" for kind in MeterKind if kind in OWN_RECEIVED),
)
"""By the keys of the sensors that show them."""
_PHASES: Final = ("_l1", "_l2", "_l3")
"""What the keys of a phase end with."""
_NAMES: Final = frozenset(
    name + suffix for name in METER_COUNTERS for suffix in ("", *_PHASES)
)


@dataclass(slots=True)
class MeterBook:
    """The counters of all such meters and of their phases, by the sensors' keys."""

    counters: dict[str, EnergyCounter] = field(default_factory=dict)
    _read_at: float | None = None
    _raw: tuple[MeterReading, ...] | None = None
    _meters: tuple[Meter, ...] | None = None
    _trusted: Mapping[MeterKind, MeteredPoint] = field(default_factory=dict)

    def book(self, moment: Moment) -> Mapping[MeterKind, MeteredPoint]:
        """Return the meters with energies of their own that never fall.

        The energies behind the site's totals stay as the gateway says them.
        """
        snapshot = moment.snapshot
        raw, read_at = snapshot.readings, snapshot.read_at.get(Section.READINGS)
        is_new = raw is not self._raw or read_at != self._read_at
        if is_new or snapshot.meters is not self._meters:
            self._raw, self._read_at, self._meters = raw, read_at, snapshot.meters
            if is_new:
                self._count(snapshot.metered, moment)
            self._trusted = {
                kind: self.checked(kind, point)
                for kind, point in snapshot.metered.items()
            }
        return self._trusted

    def _count(self, metered: Mapping[MeterKind, MeteredPoint], moment: Moment) -> None:
        """Take each reading once, whatever else was read meanwhile."""
        # As for the whole site: what a meter is rated for isn't told.
        limit = moment.limits.metered(moment.snapshot)
        for kind, point in metered.items():
            parts = zip(("", *_PHASES), (point.reading, *point.phases), strict=False)
            for suffix, reading in parts:
                if kind in OWN_DELIVERED:
                    name = f"{kind.key}_{_DELIVERED}{suffix}"
                    self._read(name, reading.energy_delivered, limit, moment)
                if kind in OWN_RECEIVED:
                    name = f"{kind.key}_{_RECEIVED}{suffix}"
                    self._read(name, reading.energy_received, limit, moment)

    def _read(self, name: str, raw: float | None, limit: float, moment: Moment) -> None:
        if raw is None:
            return
        self.counters.setdefault(name, EnergyCounter()).read(
            raw, now=moment.seconds, limit=limit, corrections=moment.corrections
        )

    def checked(self, kind: MeterKind, point: MeteredPoint) -> MeteredPoint:
        """Put what the counters show into a meter's reading, and into its phases'."""
        if kind not in OWN_RECEIVED:
            return point
        phases = tuple(
            self._shown(kind, suffix, phase)
            for suffix, phase in zip(_PHASES, point.phases, strict=False)
        )
        channels = (*phases, *point.reading.channels[len(phases) :])
        whole = replace(point.reading, channels=channels)
        return replace(point, reading=self._shown(kind, "", whole))

    def _shown[ReadingT: PhaseReading](
        self, kind: MeterKind, suffix: str, reading: ReadingT
    ) -> ReadingT:
        delivered = reading.energy_delivered
        if kind in OWN_DELIVERED:
            delivered = self._value(f"{kind.key}_{_DELIVERED}{suffix}")
        received = self._value(f"{kind.key}_{_RECEIVED}{suffix}")
        return replace(reading, energy_delivered=delivered, energy_received=received)

    def _value(self, name: str) -> float | None:
        counter = self.counters.get(name)
        return counter.shown if counter else None

    def resume(self, shown: Mapping[str, float]) -> None:
        """Never show less than was last shown, by the keys of the sensors."""
        for name in _NAMES & shown.keys():
            self.counters.setdefault(name, EnergyCounter()).resume(shown[name])

    def as_state(self) -> State:
        """Return everything that has to survive a restart."""
        return counters_as_state(self.counters)

    @classmethod
    def from_state(cls, state: object) -> Self:
        """Take up where it was; `StateError` where the state makes no sense."""
        return cls(counters_from_state(state))


def without_counters(
    metered: Mapping[MeterKind, MeteredPoint],
) -> Mapping[MeterKind, MeteredPoint]:
    """Return meters that say nothing yet about the energies that are their own."""
    nothing = MeterBook()
    return {kind: nothing.checked(kind, point) for kind, point in metered.items()}
