"""What the gateway sums up by itself: the energy pages of old and new."""

from __future__ import annotations

from dataclasses import dataclass

from .storage import BatteryState
from .unknown import UnknownValue, printable


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductionSummary:
    """`/api/v1/production`, and the HTML page of the oldest gateways."""

    power: float | None
    """W."""
    energy: float | None
    """Wh since the start."""
    energy_today: float | None
    energy_7_days: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductionBlock:
    """A block of `/production.json`.

    `active_count` 0 on a meter block means that the CT isn't in use, whatever
    numbers the block holds. Energies in Wh, power in W.
    """

    active_count: int
    reading_time: int | None
    power: float | None
    energy: float | None
    energy_today: float | None
    energy_7_days: float | None
    lines: tuple[LineBlock, ...]

    @property
    def is_active(self) -> bool:
        """Whether anything stands behind the numbers."""
        return self.active_count > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LineBlock:
    """One phase of a meter block, with `?details=1` only."""

    power: float | None
    energy: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcBatteryBlock:
    """The AC Batteries of `/production.json`, all of them together."""

    active_count: int
    reading_time: int | None
    """Epoch second; can be days ago while the batteries sleep."""
    power: float | None
    """W, + discharging."""
    energy_stored: float | None
    """Wh."""
    level: float | None
    """Percent."""
    state: str | None

    @property
    def known_state(self) -> BatteryState | None:
        """What they do, where we know the word for it."""
        states = {state.value: state for state in BatteryState}
        return states.get((self.state or "").lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductionReport:
    """`/production.json`: blocks that aren't there are None."""

    inverters: ProductionBlock | None
    production: ProductionBlock | None
    total_consumption: ProductionBlock | None
    net_consumption: ProductionBlock | None
    ac_batteries: AcBatteryBlock | None

    @property
    def unknown(self) -> tuple[UnknownValue, ...]:
        """A state of the AC Batteries that we don't know."""
        block = self.ac_batteries
        if block is None or not block.state or block.known_state:
            return ()
        value = printable(block.state)
        return (UnknownValue(endpoint="/production.json", field="state", value=value),)
