"""What stays wrong at a site, and only its owner can put right."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ..client.models.meters import MeteredPoint, MeterKind
from ..client.models.snapshot import GatewaySnapshot
from ..client.models.totals import Section

_REVERSED_FOR: Final = 1800.0
_FROZEN_FOR: Final = 2 * 3600.0
"""Seconds. Some firmware moves its counters every quarter of an hour only."""
_SILENT_FOR: Final = 3 * 3600.0
_LATELY: Final = 2 * 3600.0
"""Seconds. A silence lasts longer: inverters that fell silent with their meter, as
in an outage of the grid, are no news of the sun."""
_CLEARLY: Final = 200.0
"""W: more than inverters draw at night and meters drift."""
_HARDLY: Final = 0.05
"""Of what the inverters make: what a CT picks up that is clamped around nothing."""


class Finding(StrEnum):
    """One lasting fault."""

    PRODUCTION_REVERSED = "production_reversed"
    """The production meter counts backwards: its CT points the other way."""
    PRODUCTION_SILENT = "production_silent"
    """The production meter sees nothing of what is produced: it has no CT."""
    COUNTER_FROZEN = "counter_frozen"
    """A meter shows power, and its counter stands still."""


@dataclass(slots=True, kw_only=True)
class Watchman:
    """Notices what lasts; a moment of it is nothing."""

    since: dict[tuple[Finding, MeterKind], float] = field(default_factory=dict)
    counters: dict[MeterKind, float] = field(default_factory=dict)
    findings: frozenset[Finding] = frozenset()
    read_at: float | None = None

    def look(self, snapshot: GatewaySnapshot, now: float) -> None:
        """Look at the meters, `now` in ledger seconds; once at each reading.

        Without a new reading nothing is known: what the gateway doesn't say
        can't stand still.
        """
        read_at = snapshot.read_at.get(Section.READINGS)
        if read_at is not None and read_at == self.read_at:
            return
        self.read_at = read_at
        for kind, point in snapshot.metered.items():
            self._note(
                Finding.COUNTER_FROZEN, kind, now, is_so=self._stands(kind, point)
            )
        production = snapshot.metered.get(MeterKind.PRODUCTION)
        if production:
            kind, shown = MeterKind.PRODUCTION, production.reading.power
            self._note(
                Finding.PRODUCTION_REVERSED,
                kind,
                now,
                is_so=_is_backwards(snapshot, shown),
            )
            self._note(
                Finding.PRODUCTION_SILENT,
                kind,
                now,
                is_so=_is_silent(snapshot, shown),
            )
        self.findings = frozenset(
            finding
            for (finding, _), since in self.since.items()
            if now - since >= _PATIENCE[finding]
        )

    def _note(
        self, finding: Finding, kind: MeterKind, now: float, *, is_so: bool
    ) -> None:
        if is_so:
            self.since.setdefault((finding, kind), now)
        else:
            self.since.pop((finding, kind), None)

    def _stands(self, kind: MeterKind, point: MeteredPoint) -> bool:
        """Whether a meter shows power and has not counted since the last look."""
        reading = point.reading
        energies = (reading.energy_delivered, reading.energy_received)
        counts = [energy for energy in energies if energy is not None]
        if not counts:
            return False
        known, counted = self.counters.get(kind), sum(counts)
        self.counters[kind] = counted
        return known == counted and abs(reading.power or 0.0) > _CLEARLY


_PATIENCE: Final = {
    Finding.PRODUCTION_REVERSED: _REVERSED_FOR,
    Finding.PRODUCTION_SILENT: _SILENT_FOR,
    Finding.COUNTER_FROZEN: _FROZEN_FOR,
}


def _is_backwards(snapshot: GatewaySnapshot, shown: float | None) -> bool:
    """Whether the inverters produce while their meter says that they draw."""
    made = sum(unit.power or 0.0 for unit in snapshot.inverters.values())
    return made > _CLEARLY and (shown or 0.0) < -_CLEARLY


def _is_silent(snapshot: GatewaySnapshot, shown: float | None) -> bool:
    """Whether the inverters produce while their meter shows next to nothing."""
    told_at = snapshot.gateway_time or snapshot.read_at.get(Section.READINGS)
    if shown is None or told_at is None:
        return False
    made = sum(
        unit.power or 0.0
        for unit in snapshot.inverters.values()
        if (unit.last_reported or 0) >= told_at - _LATELY
    )
    return made > _CLEARLY and abs(shown) < _HARDLY * made
