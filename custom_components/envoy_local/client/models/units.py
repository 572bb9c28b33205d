"""The units on the power line: inverters, AC Batteries and IQ Relays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .inverters import DeviceReport
from .storage import BatteryState, SwitchState
from .unknown import UnknownValue


class UnitKind(StrEnum):
    """What a unit of `/inventory` is, as `type` says it."""

    INVERTER = "PCU"
    AC_BATTERY = "ACB"
    RELAY = "NSRB"
    ESUB = "ESUB"
    """Comes with a system controller; what it is isn't known."""


class UnitState(StrEnum):
    """How far a unit has come; the gateway writes 1 to 3."""

    DISCOVERED = "discovered"
    VERIFIED = "verified"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of `/inventory`, with what all of them have in common."""

    kind: UnitKind
    serial: str
    part_number: str | None
    firmware: str | None
    installed: int | None
    """Epoch second."""
    last_reported: int | None
    """Epoch second."""
    state: UnitState | None
    conditions: tuple[str, ...]
    """E.g. `envoy.global.ok`, `envoy.cond_flags.pcu_ctrl.dc-pwr-low`."""
    is_producing: bool | None
    is_communicating: bool | None
    """False for an inverter at night, too."""
    is_provisioned: bool | None
    is_operating: bool | None
    phase: str | None

    @property
    def is_deleted(self) -> bool:
        """Whether the unit has been taken out of the system."""
        return self.state is UnitState.DELETED


class SleepState(StrEnum):
    """Whether an AC Battery sleeps, and what it is on its way to."""

    AWAKE = "awake"
    GOING_TO_SLEEP = "going_to_sleep"
    ASLEEP = "asleep"
    WAKING = "waking"


_ASLEEP: Final = "envoy.cond_flags.pcu_ctrl.sleep-mode"
_SLEEP_STATES: Final = {
    (False, False): SleepState.AWAKE,
    (True, False): SleepState.GOING_TO_SLEEP,
    (True, True): SleepState.ASLEEP,
    (False, True): SleepState.WAKING,
}
"""By what a battery was told, and what it says itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcBattery(Unit):
    """An AC Battery, as `/inventory` has it."""

    level: float | None
    """Percent."""
    cell_temperature: float | None
    """Degrees Celsius of the warmest cell."""
    charge_state: BatteryState | None
    sleep_enabled: bool | None
    """Whether it was told to sleep."""
    sleep_from: float | None
    """Percent: the lower end of the band in which it sleeps."""
    sleep_to: float | None
    """Percent."""

    @property
    def sleep_state(self) -> SleepState | None:
        """Whether it sleeps; it takes its time when it is told to."""
        if self.sleep_enabled is None:
            return None
        return _SLEEP_STATES[self.sleep_enabled, _ASLEEP in self.conditions]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay(Unit):
    """An IQ Relay, formerly Q Relay: it cuts the inverters off the grid."""

    relay: SwitchState | None
    reason: str | None
    """Why it stands so, e.g. `ok`."""
    reason_code: int | None
    lines: tuple[bool | None, ...]
    """Whether each of the lines is connected, from the first on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitInventory:
    """`/inventory`: the units by kind. A kind may be listed without a unit."""

    units: tuple[Unit, ...]
    unknown: tuple[UnknownValue, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any; the inverters are among them."""
        return bool(self.units)

    def of_type[UnitT: Unit](self, kind: type[UnitT]) -> tuple[UnitT, ...]:
        """Return the units of a kind that are still part of the system."""
        return tuple(
            unit
            for unit in self.units
            if isinstance(unit, kind) and not unit.is_deleted
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AcBatteryReport(DeviceReport):
    """An AC Battery of the device data. `energy_used` is what it was charged with."""

    level: float | None
    """Percent."""
    state_of_health: float | None
    """Percent."""
    coldest_cell: float | None
    """Degrees Celsius."""
    warmest_cell: float | None
    """Degrees Celsius."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayReport(DeviceReport):
    """An IQ Relay of the device data."""

    line_voltages: tuple[float | None, float | None, float | None]
    """V between each line and neutral; a few volts are noise on an unused line."""
    changes: int | None
    """How often the relay has switched."""
