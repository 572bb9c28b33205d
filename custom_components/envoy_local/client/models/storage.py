"""Batteries and the equipment around them: `/ivp/ensemble/*`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EnsembleKind(StrEnum):
    """What a device of the ensemble inventory is, as `type` says it."""

    BATTERY = "ENCHARGE"
    SYSTEM_CONTROLLER = "ENPOWER"
    COLLAR = "COLLAR"
    COMBINER_CONTROLLER = "C6 COMBINER CONTROLLER"
    RGM = "C6 RGM"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsembleDevice:
    """What every device of `/ivp/ensemble/inventory` has in common."""

    kind: EnsembleKind
    serial: str
    part_number: str | None
    firmware: str | None
    installed: int | None
    """Epoch second."""
    last_reported: int | None
    """Epoch second."""
    is_communicating: bool | None
    temperature: float | None
    """Degrees Celsius, but Fahrenheit for a system controller."""
    level: float | None
    """Percent; batteries only."""
    capacity: float | None
    """Wh; batteries only."""
    dc_switch_off: bool | None
    grid_state: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsembleInventory:
    """The storage equipment of a site; empty where there is none."""

    devices: tuple[EnsembleDevice, ...]

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.devices)

    def of_kind(self, kind: EnsembleKind) -> tuple[EnsembleDevice, ...]:
        """Return the devices of a kind. A kind may be listed without a device."""
        return tuple(device for device in self.devices if device.kind is kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryPower:
    """A row of `/ivp/ensemble/power`."""

    serial: str
    power: float | None
    """W, + discharging, - charging."""
    apparent_power: float | None
    """VA."""
    level: float | None
    """Percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSummary:
    """`/ivp/ensemble/secctrl`: the batteries of the site together.

    Answers with zeros on sites without a battery: read it together with the
    inventory only.
    """

    level: float | None
    """Percent, IQ Batteries and AC Batteries together."""
    battery_level: float | None
    """Percent, the IQ Batteries alone."""
    ac_battery_level: float | None
    capacity: float | None
    """Wh."""
    available_energy: float | None
    """Wh."""
    reserve_energy: float | None
    """Wh."""
    state_of_health: float | None
    """Percent."""
    configured_reserve: float | None
    """Percent."""
    adjusted_reserve: float | None
    """Percent."""
