"""Batteries and the equipment around them: `/ivp/ensemble/*`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .unknown import UnknownValue


class EnsembleKind(StrEnum):
    """What a device of the ensemble inventory is, as `type` says it."""

    BATTERY = "ENCHARGE"
    SYSTEM_CONTROLLER = "ENPOWER"
    COLLAR = "COLLAR"
    COMBINER_CONTROLLER = "C6 COMBINER CONTROLLER"
    RGM = "C6 RGM"


class SwitchState(StrEnum):
    """How a relay or a contact stands; some firmware writes `close`."""

    OPEN = "open"
    CLOSED = "closed"


class GridMode(StrEnum):
    """How a part of the system stands to the grid, as it reports itself."""

    GRID_TIED = "grid-tied"
    ON_GRID = "multimode-ongrid"
    OFF_GRID = "multimode-offgrid"
    GENERATOR = "multimode-generator"


class BatteryState(StrEnum):
    """What a battery does."""

    CHARGING = "charging"
    DISCHARGING = "discharging"
    IDLE = "idle"
    FULL = "full"


class CollarGridState(StrEnum):
    """What a meter collar says of the grid."""

    ON_GRID = "on_grid"
    OFF_GRID = "off_grid"
    SYNCHRONIZING = "synchronizing"


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
    """Degrees Celsius."""
    level: float | None
    """Percent; batteries only."""
    capacity: float | None
    """Wh; batteries only."""
    dc_switch_off: bool | None
    grid_state: str | None
    admin_state: str | None = None
    """The state's name, e.g. `ENCHG_STATE_READY`; other names with each firmware."""
    status: tuple[str, ...] = ()
    """Conditions, e.g. `envoy.global.ok`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery(EnsembleDevice):
    """An IQ Battery.

    Its `level` can be hours behind the one of `/ivp/ensemble/power`: 8.2.4382
    says 10 here and 54 there.
    """

    cell_temperature: float | None
    """Degrees Celsius of the warmest cell."""
    battery_firmware: str | None
    """Of the battery management unit."""
    grid_mode: GridMode | None
    is_operating: bool | None
    """Firmware 7 only."""
    sleep_enabled: bool | None
    phase: str | None
    """`ph-a` to `ph-c`, or `ph-all`; from firmware 8 on."""
    led_status: int | None
    revision: int | None
    """1 to 4: the generation of the battery."""
    signal_2_4_ghz: int | None
    """0 to 5; 0 also for a battery on a wire."""
    signal_sub_ghz: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemController(EnsembleDevice):
    """An IQ System Controller: it connects the house with the grid, or doesn't."""

    mains_admin_state: SwitchState | None
    """What the relay to the grid was told."""
    mains_oper_state: SwitchState | None
    """How the relay stands."""
    grid_mode: GridMode | None
    battery_grid_mode: GridMode | None
    relay_bits: int | None
    state_id: int | None
    is_operating: bool | None
    """Firmware 7 only."""
    signal_2_4_ghz: int | None
    """0 to 5; 0 also for a controller on a wire."""
    signal_sub_ghz: int | None


_OFF_GRID_BY_ADMIN_STATE: Final = {
    "ENCMN_MDE_ON_GRID": False,
    "ENCMN_MDE_OFF_GRID": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Collar(EnsembleDevice):
    """An IQ Meter Collar: the relay to the grid sits in the meter socket."""

    mid_state: SwitchState | None
    """The microgrid interconnection device: the relay to the grid."""
    collar_grid_state: CollarGridState | None
    collar_state: str | None
    control_error: int | None

    @property
    def is_off_grid(self) -> bool | None:
        """Whether the house runs on its own.

        Owners saw `grid_state` stay as it was while the administrative state
        told the truth, so that one is asked first.
        """
        told = _OFF_GRID_BY_ADMIN_STATE.get(self.admin_state or "")
        if told is not None:
            return told
        if self.collar_grid_state is None:
            return None
        return self.collar_grid_state is not CollarGridState.ON_GRID


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinerController(EnsembleDevice):
    """The controller inside an IQ Combiner 6C."""

    dmir_firmware: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueGradeMeter(EnsembleDevice):
    """The meter inside an IQ Combiner 6C."""

    device_state: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsembleInventory:
    """The storage equipment of a site; empty where there is none."""

    devices: tuple[EnsembleDevice, ...]
    unknown: tuple[UnknownValue, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.devices)

    def of_kind(self, kind: EnsembleKind) -> tuple[EnsembleDevice, ...]:
        """Return the devices of a kind. A kind may be listed without a device."""
        return tuple(device for device in self.devices if device.kind is kind)

    def of_type[DeviceT: EnsembleDevice](
        self, kind: type[DeviceT]
    ) -> tuple[DeviceT, ...]:
        """Return the devices of a kind with all that is known of that kind."""
        return tuple(device for device in self.devices if isinstance(device, kind))


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

    @property
    def state(self) -> BatteryState | None:
        """What the battery does, by the sign of its power."""
        if self.power is None:
            return None
        if not self.power:
            return BatteryState.IDLE
        charges = self.power < 0
        return BatteryState.CHARGING if charges else BatteryState.DISCHARGING


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSummary:
    """`/ivp/ensemble/secctrl`: the batteries of the site together.

    Answers with zeros on sites without a battery: read it together with the
    inventory only. `level` and `capacity` count IQ Batteries and AC Batteries
    together, the energies and the state of health are those of the IQ Batteries
    alone.
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
    battery_capacity: float | None
    """Wh, the IQ Batteries alone."""
    commissioned_capacity: float | None
    """Wh that the IQ Batteries were set up with."""
    ac_battery_energy: float | None
    """Wh in the AC Batteries."""
    very_low_level: float | None
    """Percent below which the batteries keep what they have; from firmware 8 on."""
    is_shut_down: bool | None
    is_commissioning: bool | None

    @property
    def total_available_energy(self) -> float | None:
        """Wh in the IQ Batteries and the AC Batteries together."""
        if self.available_energy is None or self.ac_battery_energy is None:
            return None
        return self.available_energy + self.ac_battery_energy
