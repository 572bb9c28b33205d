"""What else hangs on a gateway: batteries, switches and relays that come and go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from .scenarios import Scenario

type Kind = Literal[
    "battery", "controller", "collar", "combiner", "rgm", "ac_battery", "relay"
]
type ExtraMeter = Literal["storage", "backfeed", "load", "evse", "pv3p"]
type GridState = Literal["on_grid", "off_grid", "generator"]
type GeneratorCommand = Literal["on", "off", "auto"]
type Interface = Literal["ethernet", "wifi", "cellular"]
type Seasons = Literal["none", "one", "two"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind.__value__)
COMMANDS: Final[tuple[str, ...]] = get_args(GeneratorCommand.__value__)
INTERFACES: Final[tuple[str, ...]] = get_args(Interface.__value__)
SEASONS: Final[tuple[str, ...]] = get_args(Seasons.__value__)
CONTACT_IDS: Final = ("NC1", "NC2", "NO1", "NO2")
AC_BATTERY_CAPACITY: Final = 1240.0

# Where the serial numbers of equipment begin that nobody gave one.
_FIRST_SERIALS: Final[Mapping[Kind, int]] = {
    "battery": 492_500_300_001,
    "controller": 482_500_300_001,
    "collar": 482_520_300_001,
    "combiner": 482_523_300_001,
    "rgm": 482_523_400_001,
    "ac_battery": 121_900_300_001,
    "relay": 122_000_300_001,
}

# Settings of a contact to which nothing is wired.
_UNUSED: Final[Mapping[str, object]] = {
    "type": "NONE",
    "grid_action": "none",
    "micro_grid_action": "none",
    "gen_action": "none",
    "override": "false",
    "load_name": "",
    "mode": "manual",
    "soc_low": 30.0,
    "soc_high": 70.0,
    "pv_serial_nb": [],
}

# Settings of two loads, the second one by the batteries' level.
_WIRED: Final[Mapping[str, Mapping[str, object]]] = {
    "NC1": {
        "type": "LOAD",
        "grid_action": "apply",
        "micro_grid_action": "shed",
        "gen_action": "apply",
        "essential_start_time": 39_600.0,
        "essential_end_time": 54_000.0,
        "priority": 1.0,
        "black_s_start": 5.0,
        "override": "true",
        "manual_override": "true",
        "load_name": "Heat pump",
    },
    "NO1": {
        "type": "LOAD",
        "grid_action": "apply",
        "micro_grid_action": "schedule",
        "gen_action": "shed",
        "essential_start_time": 32_400.0,
        "essential_end_time": 57_600.0,
        "priority": 2.0,
        "black_s_start": 5.0,
        "override": "false",
        "manual_override": "true",
        "load_name": "Pool",
        "mode": "soc",
        "soc_low": 25.0,
        "soc_high": 75.0,
    },
}


@dataclass(slots=True, kw_only=True)
class Unit:
    """One piece of equipment; `says` replaces fields of its inventory row, or adds."""

    kind: Kind
    serial: str
    capacity: float = 0.0
    rated_power: float = 3840.0
    # When it was installed, epoch; 0 for the first ones.
    since: float = 0.0
    communicating: bool = True
    removed: bool = False
    says: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Contact:
    """One dry contact of a system controller, with its settings as on the wire."""

    closed: bool = True
    settings: dict[str, object] = field(default_factory=lambda: dict(_UNUSED))


@dataclass(slots=True, kw_only=True)
class Ct:
    """A CT beside those of the scenario; the plant's own power doesn't know of it.

    W, + delivered and - received, all of its life since the epoch `since`. The
    storage CT measures the plant's batteries instead.
    """

    power: float = 0.0
    since: float = 0.0
    enabled: bool = True


@dataclass(slots=True, kw_only=True)
class TariffSettings:
    """What `/admin/lib/tariff` says; the reserve in % is that of the batteries."""

    mode: str = "self-consumption"
    charges_from_grid: bool = False
    follows_schedule: bool = False
    seasons: Seasons = "one"
    rate: float = 0.21
    sell: float = 0.07


@dataclass(slots=True, kw_only=True)
class Network:
    """How the gateway reaches its cloud; strength is that of the wireless ones."""

    reaches_cloud: bool = True
    primary: Interface = "ethernet"
    strength: int = 4


class Equipment:
    """Everything beside inverters; set its public attributes while it runs."""

    def __init__(self, scenario: Scenario) -> None:
        """Install what the scenario says."""
        fittings, storage = scenario.fittings, scenario.storage
        self.units: list[Unit] = []
        self.configured_reserve: float | None = None
        self.adjusted_reserve: float | None = None
        self.generator_command: GeneratorCommand = "auto"
        self.tariff = TariffSettings(seasons="two" if fittings.two_seasons else "one")
        self.network = Network()
        # CTs that were added to those of the scenario: only where that has some.
        self.cts: dict[ExtraMeter, Ct] = {}
        # By kind of CT: texts as on the wire.
        self.status_flags: dict[str, tuple[str, ...]] = {}
        self.metering_status: dict[str, str] = {}
        self.contacts = {name: Contact() for name in CONTACT_IDS}
        self._generator = fittings.generator
        self._grid_state: GridState = "on_grid"
        if storage is not None:
            self.configured_reserve = storage.reserve * 100
            for index in range(storage.count):
                serial = str(storage.serials_from + 17 * index)
                unit = self.add("battery", serial=serial)
                unit.capacity = storage.unit_capacity
                unit.rated_power = storage.unit_power
            if storage.controller_serial is not None:
                self.add("controller", serial=storage.controller_serial)
        for kind in fittings.others:
            self.add(kind)
        for name in fittings.wired_contacts:
            self.contacts[name].settings |= _WIRED[name]

    def of(self, kind: Kind) -> list[Unit]:
        """Return what is installed of a kind now."""
        return [unit for unit in self.known(kind) if not unit.removed]

    def known(self, kind: Kind) -> list[Unit]:
        """Return what was ever installed of a kind: some lists keep removed units."""
        return [unit for unit in self.units if unit.kind == kind]

    def __getitem__(self, serial: str) -> Unit:
        """Return a unit that is installed now; raises KeyError."""
        for unit in self.units:
            if unit.serial == serial and not unit.removed:
                return unit
        raise KeyError(serial)

    def add(self, kind: Kind, *, serial: str | None = None, at: float = 0.0) -> Unit:
        """Install a unit, by default with a serial number of its own.

        `at` is the epoch from which an AC Battery counts its energy. The meters know
        nothing of it. Raises ValueError for an unknown kind and for a serial number
        that is installed already.
        """
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        if serial is None:
            serial = str(_FIRST_SERIALS[kind] + 17 * len(self.known(kind)))
        if any(unit.serial == serial and not unit.removed for unit in self.units):
            raise ValueError(f"{serial} is installed already")
        self.units = [unit for unit in self.units if unit.serial != serial]
        capacity = {"battery": 5000.0, "ac_battery": AC_BATTERY_CAPACITY}.get(kind, 0.0)
        unit = Unit(kind=kind, serial=serial, capacity=capacity, since=at)
        self.units.append(unit)
        return unit

    def remove(self, serial: str) -> None:
        """Take a unit away; raises KeyError when there is none with this serial."""
        self[serial].removed = True

    @property
    def has_ensemble(self) -> bool:
        """Return whether anything of the Ensemble family is installed."""
        return any(self.of(kind) for kind in ("battery", "controller", "collar"))

    @property
    def generator(self) -> bool:
        """Whether there is a generator; it can be set, gone it feeds nobody."""
        return self._generator

    @generator.setter
    def generator(self, value: bool) -> None:
        self._generator = value
        if not value and self._grid_state == "generator":
            self._grid_state = "off_grid"

    @property
    def grid_state(self) -> GridState:
        """What feeds the house; it can be set. The plant's power doesn't follow."""
        return self._grid_state

    @grid_state.setter
    def grid_state(self, value: GridState) -> None:
        if value not in get_args(GridState.__value__):
            raise ValueError("the grid state is on_grid, off_grid or generator")
        if value == "generator" and not self._generator:
            raise ValueError("there is no generator")
        self._grid_state = value

    @property
    def grid_mode(self) -> str:
        """Return the grid mode in the gateway's own word."""
        return {
            "on_grid": "multimode-ongrid",
            "off_grid": "multimode-offgrid",
            "generator": "multimode-generator",
        }[self._grid_state]

    @property
    def mains(self) -> str:
        """Return the state of the mains relay."""
        return "closed" if self._grid_state == "on_grid" else "open"
