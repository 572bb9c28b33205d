"""What a site can physically do: generous, and learned where nothing says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
import math
from typing import Final, Self

from ..client.models.inverters import DeviceKind, Inverter
from ..client.models.meters import MeterKind
from ..client.models.snapshot import GatewaySnapshot
from .state import State, number

METER_RATING: Final = 50_000.0
"""W a phase: the largest CT is rated for 200 A."""
_LEAST_METERED: Final = 25_000.0
"""W: less is never a reason to doubt a meter. A car, a stove and a heat pump."""
_LEAST_PRODUCTION: Final = 10_000.0
"""W: less is never a reason to doubt a counter of the inverters."""
_MARGIN: Final = 1.5
_LEAST_INVERTER: Final = 500.0


@dataclass(slots=True, kw_only=True)
class Limits:
    """The powers in W that a site can't exceed.

    A limit that is too low delays a rise, it loses nothing. One that is too
    high lets garbage through.
    """

    peak: float = 0.0
    """The highest production seen."""
    flow: float = 0.0
    """The highest power seen in the house, at the grid and at the batteries."""
    _inverters: Mapping[str, Inverter] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _rated: float = field(default=0.0, init=False, repr=False, compare=False)

    def learn(self, snapshot: GatewaySnapshot) -> None:
        """Take notice of what the site does; not of more than meters can see."""
        totals, most = snapshot.totals, self._rating(snapshot)
        self.peak = _highest(self.peak, most, totals.production.power)
        self.flow = _highest(
            self.flow,
            most,
            totals.consumption.power,
            totals.grid.power,
            totals.battery.power,
        )

    def production(self, snapshot: GatewaySnapshot) -> float:
        """Return what the roof can give at most."""
        rated = self._rated_power(snapshot)
        return max(_MARGIN * max(rated, self.peak), _LEAST_PRODUCTION)

    def metered(self, snapshot: GatewaySnapshot) -> float:
        """Return what can pass a meter at most, over all phases."""
        seen = max(self._rated_power(snapshot), self.peak, self.flow)
        return min(max(_MARGIN * seen, _LEAST_METERED), self._rating(snapshot))

    def _rating(self, snapshot: GatewaySnapshot) -> float:
        """Return what the meters can measure at most, over all phases."""
        points = snapshot.metered
        kinds = (MeterKind.NET_CONSUMPTION, MeterKind.PRODUCTION)
        counts = [points[kind].meter.phase_count for kind in kinds if kind in points]
        rated = self._rated_power(snapshot)
        return max(METER_RATING * max(counts, default=3), _MARGIN * rated)

    def _rated_power(self, snapshot: GatewaySnapshot) -> float:
        """Add the inverters' highest powers up, once for each list of them."""
        if snapshot.inverters is not self._inverters:
            units = snapshot.inverters.values()
            self._rated = sum(unit.max_power or 0.0 for unit in units)
            self._inverters = snapshot.inverters
        return self._rated

    @staticmethod
    def inverter(max_power: float | None) -> float:
        """Return what one inverter or AC Battery can give at most."""
        return max(_MARGIN * (max_power or 0.0), _LEAST_INVERTER)

    @classmethod
    def ac_batteries(cls, snapshot: GatewaySnapshot) -> float:
        """Return what all AC Batteries together can take or give at most."""
        units = snapshot.device_data.devices if snapshot.device_data else ()
        return sum(
            cls.inverter(unit.max_power)
            for unit in units
            if unit.kind is DeviceKind.AC_BATTERY
        )

    def as_state(self) -> State:
        """Return what has to survive a restart."""
        return {"peak": self.peak, "flow": self.flow}

    @classmethod
    def from_state(cls, state: State) -> Self:
        """Take up where it was; `StateError` where the state makes no sense."""
        return cls(peak=number(state["peak"]), flow=number(state["flow"]))


def _highest(known: float, most: float, *powers: float | None) -> float:
    seen = (abs(p) for p in powers if p is not None and math.isfinite(p))
    return max(known, min(max(seen, default=0.0), most))
