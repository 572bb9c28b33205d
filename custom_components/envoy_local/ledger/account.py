"""The books of a site, or of one of its phases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ..client.models.meters import MeterKind
from ..client.models.snapshot import GatewaySnapshot
from ..client.models.totals import (
    BatteryFlow,
    EnergySource,
    Flow,
    GridFlow,
    Section,
    Totals,
)
from .corrections import Corrections
from .counter import EnergyCounter, counters_as_state, counters_from_state
from .integrator import Integrator
from .limits import Limits
from .state import State, mapping

PRODUCTION: Final = "production_energy"
CONSUMPTION: Final = "consumption_energy"
IMPORT: Final = "grid_import_energy"
EXPORT: Final = "grid_export_energy"
CHARGE: Final = "battery_charge_energy"
DISCHARGE: Final = "battery_discharge_energy"

COUNTERS: Final = (PRODUCTION, CONSUMPTION, IMPORT, EXPORT, CHARGE, DISCHARGE)
"""By the keys of the sensors that show them."""
_PARTS: Final = (PRODUCTION, IMPORT, EXPORT, CHARGE, DISCHARGE)
"""What the consumption is balanced from."""
_INTEGRATORS: Final = ("grid", "battery")
_INTEGRATOR_OF: Final = {
    IMPORT: "grid",
    EXPORT: "grid",
    CHARGE: "battery",
    DISCHARGE: "battery",
}
_ROUNDING: Final = 1.0
"""Wh by which a sensor's state may be above what it was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What all books of a site share when they are written."""

    snapshot: GatewaySnapshot
    seconds: float
    limits: Limits
    corrections: Corrections
    longest_gap: float
    """Seconds between two powers that still belong together."""


@dataclass(slots=True, kw_only=True)
class Account:
    """Six counters and, where there is no counter, the integrated power."""

    counters: dict[str, EnergyCounter] = field(
        default_factory=lambda: {name: EnergyCounter() for name in COUNTERS}
    )
    integrators: dict[str, Integrator] = field(
        default_factory=lambda: {name: Integrator() for name in _INTEGRATORS}
    )
    seen: dict[str, float] = field(default_factory=dict)
    """When the section behind a counter was read last: nothing counts twice."""

    def book(self, raw: Totals, moment: Moment, *, integrates: bool) -> Totals:
        """Return the totals with the energies that can be trusted."""
        made = self._production(raw.production, moment)
        grid = self._grid(raw.grid, moment, integrates=integrates)
        battery = self._battery(raw.battery, moment, integrates=integrates)
        used = self._consumption(raw.consumption, made, grid, battery, moment)
        return Totals(production=made, consumption=used, grid=grid, battery=battery)

    def _production(self, raw: Flow, moment: Moment) -> Flow:
        source = raw.energy_source
        is_metered = source in (EnergySource.METER, EnergySource.METER_BLOCK)
        limits, snapshot = moment.limits, moment.snapshot
        limit = limits.metered(snapshot) if is_metered else limits.production(snapshot)
        energy = self._read(PRODUCTION, raw.energy, source, moment, limit=limit)
        return replace(raw, energy=energy)

    def _grid(self, raw: GridFlow, moment: Moment, *, integrates: bool) -> GridFlow:
        snapshot = moment.snapshot
        has_counter = raw.energy_source or snapshot.has_meter(MeterKind.NET_CONSUMPTION)
        source = raw.energy_source
        imported, exported = raw.import_energy, raw.export_energy
        if integrates and not has_counter and raw.power is not None:
            sums = self._integrate("grid", raw.power, raw.sections, moment)
            imported, exported = sums.positive, sums.negative
            source = EnergySource.COMPUTED
        return replace(
            raw,
            import_energy=self._read(IMPORT, imported, source, moment),
            export_energy=self._read(EXPORT, exported, source, moment),
            energy_source=source,
        )

    def _battery(
        self, raw: BatteryFlow, moment: Moment, *, integrates: bool
    ) -> BatteryFlow:
        snapshot = moment.snapshot
        has_counter = raw.energy_source or snapshot.has_meter(MeterKind.STORAGE)
        source = raw.energy_source
        charged, discharged = raw.charge_energy, raw.discharge_energy
        if integrates and not has_counter and raw.power is not None:
            sums = self._integrate("battery", raw.power, raw.sections, moment)
            charged, discharged = sums.negative, sums.positive
            source = EnergySource.COMPUTED
        is_of_units = source is EnergySource.DEVICE_COUNTERS
        limit = Limits.ac_batteries(snapshot) if is_of_units else None
        return replace(
            raw,
            charge_energy=self._read(CHARGE, charged, source, moment, limit=limit),
            discharge_energy=self._read(
                DISCHARGE, discharged, source, moment, limit=limit
            ),
            energy_source=source,
        )

    def _consumption(
        self,
        raw: Flow,
        made: Flow,
        grid: GridFlow,
        battery: BatteryFlow,
        moment: Moment,
    ) -> Flow:
        """Take the load meter, else what the other books leave for the house."""
        if raw.energy_source is not EnergySource.BALANCE:
            source = raw.energy_source
            energy = self._read(CONSUMPTION, raw.energy, source, moment)
            return replace(raw, energy=energy)
        parts = [made.energy, grid.import_energy]
        minus = [grid.export_energy]
        formula = "balance"
        if battery.charge_energy is not None and battery.discharge_energy is not None:
            parts.append(battery.discharge_energy)
            minus.append(battery.charge_energy)
            formula = "balance with battery"
        counter = self.counters[CONSUMPTION]
        left = _difference(parts, minus)
        # While one part stands and the others go on, the balance says nothing.
        is_held = any(self.counters[part].is_held(moment.seconds) for part in _PARTS)
        if left is not None and not is_held and not _is_torn(battery, moment):
            counter.follow(left, source=formula, now=moment.seconds)
        return replace(raw, energy=counter.shown)

    def _read(
        self,
        name: str,
        raw: float | None,
        source: EnergySource | None,
        moment: Moment,
        *,
        limit: float | None = None,
    ) -> float | None:
        """Bring a counter up to date, once for each reading of its section."""
        counter = self.counters[name]
        if source is None or raw is None:
            return counter.shown
        read_at = (
            moment.snapshot.read_at.get(source.section) if source.section else None
        )
        if read_at is not None and self.seen.get(name) == read_at:
            return counter.shown
        if read_at is not None:
            self.seen[name] = read_at
        if source is EnergySource.COMPUTED:
            counter.follow(raw, source=source, now=moment.seconds)
            return counter.shown
        return counter.read(
            raw,
            now=moment.seconds,
            limit=moment.limits.metered(moment.snapshot) if limit is None else limit,
            corrections=moment.corrections,
            source=source,
            wraps=source is EnergySource.INVERTER_BLOCK,
        )

    def _integrate(
        self,
        name: str,
        power: float,
        sections: Iterable[Section],
        moment: Moment,
    ) -> Integrator:
        """Add the power up, once for each reading of what it comes from."""
        integrator = self.integrators[name]
        read_at = max(
            (moment.snapshot.read_at.get(s, 0.0) for s in sections), default=0
        )
        if self.seen.get(name) != read_at:
            self.seen[name] = read_at
            integrator.read(power, now=moment.seconds, longest_gap=moment.longest_gap)
        return integrator

    def resume(self, shown: Mapping[str, float]) -> None:
        """Never show less than was last shown, by the names of the counters.

        What was shown after the state was written has been integrated already:
        it doesn't count again with the gap.
        """
        for name, energy in shown.items():
            counter = self.counters[name]
            behind = 0.0 if counter.shown is None else energy - counter.shown
            counter.resume(energy)
            if counter.source == EnergySource.COMPUTED and behind > _ROUNDING:
                self.integrators[_INTEGRATOR_OF[name]].power = None

    def as_state(self) -> State:
        """Return what has to survive a restart."""
        return {
            "counters": counters_as_state(
                {n: c for n, c in self.counters.items() if c.shown is not None}
            ),
            "integrators": {n: i.as_state() for n, i in self.integrators.items()},
        }

    @classmethod
    def from_state(cls, state: State) -> Account:
        """Take up where it was; `StateError` where the state makes no sense."""
        account = cls()
        account.counters |= counters_from_state(state["counters"])
        for name, integrator in mapping(state["integrators"]).items():
            account.integrators[name] = Integrator.from_state(mapping(integrator))
        return account


def _is_torn(battery: BatteryFlow, moment: Moment) -> bool:
    """Whether the batteries' share of the time since they were read may still come.

    Their power is asked for right after the meters. With the one and without the
    other the balance would be off by what the batteries took meanwhile.
    """
    read_at = moment.snapshot.read_at
    if battery.energy_source is not EnergySource.COMPUTED:
        return False
    behind = read_at.get(Section.READINGS, 0.0) - max(
        (read_at.get(section, 0.0) for section in battery.sections), default=0.0
    )
    return 0 < behind <= moment.longest_gap


def _difference(
    parts: Iterable[float | None], minus: Iterable[float | None]
) -> float | None:
    """Return a sum less another; None where a part isn't known."""
    total = 0.0
    for sign, values in ((1, parts), (-1, minus)):
        for value in values:
            if value is None:
                return None
            total += sign * value
    return total
