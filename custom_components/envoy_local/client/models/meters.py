"""The meters (CTs) of the gateway and what they read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean
from typing import Final

from .unknown import UnknownValue, printable

THREE_PHASES: Final = 3
_TWO_OF_THREE: Final = 2
_THREE: Final = "three"
_CONNECTED: Final = 50.0
"""V: an input that nothing is connected to floats at up to a dozen."""


class MeterKind(StrEnum):
    """What a meter measures, as `measurementType` says it."""

    PRODUCTION = "production"
    NET_CONSUMPTION = "net-consumption"
    TOTAL_CONSUMPTION = "total-consumption"
    STORAGE = "storage"
    BACKFEED = "backfeed"
    LOAD = "load"
    EVSE = "evse"
    PV3P = "pv3p"

    @property
    def key(self) -> str:
        """The kind as entity keys and field names write it."""
        return self.value.replace("-", "_")


OWN_DELIVERED: Final = frozenset(
    {
        MeterKind.TOTAL_CONSUMPTION,
        MeterKind.BACKFEED,
        MeterKind.LOAD,
        MeterKind.EVSE,
        MeterKind.PV3P,
    }
)
"""Meters whose delivered energy is shown as their own, besides the site's totals."""
OWN_RECEIVED: Final = OWN_DELIVERED | {MeterKind.PRODUCTION}
"""The same for the received: inverters take a little in at night."""


class MeteringStatus(StrEnum):
    """How a meter fares."""

    NORMAL = "normal"
    NOT_METERING = "not-metering"
    CHECK_WIRING = "check-wiring"


class MeterFlag(StrEnum):
    """What the gateway finds wrong with a meter."""

    PRODUCTION_IMBALANCE = "production-imbalance"
    NEGATIVE_PRODUCTION = "negative-production"
    POWER_ON_UNUSED_PHASE = "power-on-unused-phase"
    NEGATIVE_TOTAL_CONSUMPTION = "negative-total-consumption"


_STATUSES: Final = frozenset(MeteringStatus)
_FLAGS: Final = frozenset(MeterFlag)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A row of `/ivp/meters`: how a meter is set up."""

    eid: int
    kind: MeterKind | None
    """None for a kind that we don't know."""
    is_enabled: bool
    """A disabled meter still delivers numbers: frozen ones, or noise."""
    phase_mode: str | None
    phase_count: int
    """The phases in use, 1 to 3. Not `phase_mode`: `three` with one phase is common."""
    metering_status: str | None
    """`normal`, `not-metering` or `check-wiring`."""
    status_flags: tuple[str, ...]
    unknown_kind: str | None = None
    """What `measurementType` says where we don't know it."""

    @property
    def has_problem(self) -> bool | None:
        """Whether the gateway finds anything wrong; None where it doesn't say.

        A flag that we don't know is one, too.
        """
        if self.status_flags:
            return True
        if self.metering_status not in _STATUSES:
            return None
        return self.metering_status != MeteringStatus.NORMAL

    @property
    def unknown(self) -> tuple[UnknownValue, ...]:
        """The kind, the status and the flags that we don't know."""
        kind, status = self.unknown_kind, self.metering_status
        found = [("measurementType", kind)] if kind else []
        if status is not None and status not in _STATUSES:
            found.append(("meteringStatus", status))
        found += [("statusFlags", f) for f in self.status_flags if f not in _FLAGS]
        return tuple(
            UnknownValue(endpoint="/ivp/meters", field=name, value=printable(value))
            for name, value in found
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseReading:
    """What a meter reads on one phase, or on all of them together.

    Energies in Wh since the meter was set up, power in W, VA and var. Signs:
    net-consumption + is import, storage + is discharge. On the grid meter
    delivered is import and received is export; on the storage meter delivered
    is discharge and received is charge.
    """

    energy_delivered: float | None
    energy_received: float | None
    power: float | None
    apparent_power: float | None
    reactive_power: float | None
    power_factor: float | None
    voltage: float | None
    current: float | None
    frequency: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReading(PhaseReading):
    """A row of `/ivp/meters/readings`: the whole meter and its channels."""

    eid: int
    timestamp: int | None
    """Epoch second of the gateway's clock."""
    channels: tuple[PhaseReading, ...]
    """Always three on the wire; only the first `phase_count` mean anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredPoint:
    """A meter together with its reading."""

    meter: Meter
    reading: MeterReading

    @property
    def phases(self) -> tuple[PhaseReading, ...]:
        """The channels in use, where there is more than one phase."""
        count = self.meter.phase_count
        return self.reading.channels[:count] if count > 1 else ()

    @property
    def voltage(self) -> float | None:
        """Line voltage: the mean of three phases or of two of them, the sum of a split.

        The gateway sums up the phases that are connected; 713 V says nothing to
        anybody. A meter that is set up for three can be connected to fewer (7.3.466
        says 235 V of one): the others are left out here as well.
        """
        total, count = self.reading.voltage, self.meter.phase_count
        is_of_three = count == THREE_PHASES or (
            count == _TWO_OF_THREE and self.meter.phase_mode == _THREE
        )
        if total is None or not is_of_three:
            return total
        voltages = [c.voltage for c in self.phases if c.voltage is not None]
        connected = [voltage for voltage in voltages if voltage >= _CONNECTED]
        return fmean(connected or voltages or [total / count])
