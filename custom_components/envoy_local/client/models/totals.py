"""What the site as a whole produces, uses, and trades with the grid."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Section(StrEnum):
    """A part of the snapshot: the answer of one endpoint.

    The value is the name of the snapshot's field.
    """

    INFO = "info"
    HOME = "home"
    METERS = "meters"
    READINGS = "readings"
    SUMMARY = "summary"
    PAGE = "page"
    REPORT = "report"
    INVERTER_REPORTS = "inverter_reports"
    DEVICE_DATA = "device_data"
    INVENTORY = "inventory"
    BATTERY_POWER = "battery_power"
    STORAGE = "storage"
    RELAY = "relay"
    DRY_CONTACTS = "dry_contacts"
    CONTACT_SETTINGS = "contact_settings"
    GENERATOR_CONFIG = "generator_config"
    GENERATOR = "generator"
    GENERATOR_MODE = "generator_mode"
    TARIFF = "tariff"
    UNITS = "units"


type Sections = frozenset[Section]


class EnergySource(StrEnum):
    """Which of the gateway's counters an energy comes from."""

    METER = "meter"
    """The readings of a meter (CT)."""
    METER_BLOCK = "meter_block"
    """A meter's block of `/production.json`."""
    SUMMARY = "summary"
    """`/api/v1/production`."""
    PAGE = "page"
    """The HTML page of the oldest gateways."""
    INVERTER_BLOCK = "inverter_block"
    """The inverters' block of `/production.json`, cut at 2^32 J."""
    DEVICE_COUNTERS = "device_counters"
    """The counters of the units themselves, added up."""
    BALANCE = "balance"
    """Worked out from the other energies of the site."""
    COMPUTED = "computed"
    """Integrated from power: there is no counter."""

    @property
    def section(self) -> Section | None:
        """The section whose reading moves the counter."""
        return _SECTION_OF.get(self)


_SECTION_OF: Final = {
    EnergySource.METER: Section.READINGS,
    EnergySource.METER_BLOCK: Section.REPORT,
    EnergySource.SUMMARY: Section.SUMMARY,
    EnergySource.PAGE: Section.PAGE,
    EnergySource.INVERTER_BLOCK: Section.REPORT,
    EnergySource.DEVICE_COUNTERS: Section.DEVICE_DATA,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Power in W and energy in Wh of production or of consumption."""

    power: float | None = None
    energy: float | None = None
    energy_today: float | None = None
    energy_7_days: float | None = None
    energy_source: EnergySource | None = None
    sections: Sections = field(default_factory=frozenset)
    """Where the numbers come from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFlow:
    """What passes the grid connection: + import, - export."""

    power: float | None = None
    import_energy: float | None = None
    export_energy: float | None = None
    import_energy_today: float | None = None
    export_energy_today: float | None = None
    energy_source: EnergySource | None = None
    sections: Sections = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryFlow:
    """What the batteries give and take: + discharging, - charging."""

    power: float | None = None
    charge_energy: float | None = None
    discharge_energy: float | None = None
    energy_source: EnergySource | None = None
    sections: Sections = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The balance of the site, or of one of its phases, at one moment.

    consumption = production + grid + battery, wherever all of them are known.
    """

    production: Flow = field(default_factory=Flow)
    consumption: Flow = field(default_factory=Flow)
    grid: GridFlow = field(default_factory=GridFlow)
    battery: BatteryFlow = field(default_factory=BatteryFlow)
