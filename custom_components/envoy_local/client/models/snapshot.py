"""Everything known about a gateway at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .dry_contacts import DryContacts, DryContactsSetup
from .gateway import GatewayHome, GatewayInfo
from .generator import Generator, GeneratorConfig, GeneratorMode
from .grid import GridRelay, GridState, grid_state
from .inverters import DeviceData, DeviceReport, Inverter, InverterReport
from .live import LivePower
from .meters import Meter, MeteredPoint, MeterKind, MeterReading
from .now import balance_now
from .production import ProductionReport, ProductionSummary
from .storage import (
    BatteryPower,
    Collar,
    EnsembleDevice,
    EnsembleInventory,
    EnsembleKind,
    StorageSummary,
    SystemController,
)
from .tariff import Tariff
from .totals import Section, Sections, Totals
from .units import AcBattery, AcBatteryReport, Relay, RelayReport, Unit, UnitInventory


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySnapshot:
    """The last good answer of every endpoint, and what follows from them.

    The first fields are the sections, as the gateway said them; None where it
    never answered. The rest is derived and always fits the sections.
    """

    info: GatewayInfo
    home: GatewayHome | None = None
    meters: tuple[Meter, ...] | None = None
    readings: tuple[MeterReading, ...] | None = None
    summary: ProductionSummary | None = None
    page: ProductionSummary | None = None
    report: ProductionReport | None = None
    inverter_reports: tuple[InverterReport, ...] | None = None
    device_data: DeviceData | None = None
    inventory: EnsembleInventory | None = None
    battery_power: tuple[BatteryPower, ...] | None = None
    storage: StorageSummary | None = None
    relay: GridRelay | None = None
    dry_contacts: DryContacts | None = None
    contact_settings: DryContactsSetup | None = None
    generator_config: GeneratorConfig | None = None
    generator: Generator | None = None
    generator_mode: GeneratorMode | None = None
    tariff: Tariff | None = None
    units: UnitInventory | None = None

    read_at: Mapping[Section, float] = field(default_factory=dict)
    """When each section was read, epoch seconds of our clock."""
    gateway_time: float | None = None
    """The gateway's clock when the newest section was read, epoch seconds. It may
    be off by any amount, and reports are in its time."""
    lost: Sections = field(default_factory=frozenset)
    """Sections whose source has failed for too long to show their numbers."""

    metered: Mapping[MeterKind, MeteredPoint] = field(default_factory=dict)
    """The enabled meters with their readings."""
    inverters: Mapping[str, Inverter] = field(default_factory=dict)
    """By serial number."""
    totals: Totals = field(default_factory=Totals)
    phases: tuple[Totals, ...] = ()
    """One balance a phase, where the meters see more than one."""

    live: LivePower | None = None
    """What flows by now, where that is known better than by the readings."""

    @property
    def now(self) -> Totals:
        """The site's balance with live power in it; `totals` is the readings' own."""
        live = self.live
        if live is None:
            return self.totals
        return balance_now(
            self.totals,
            live,
            is_load_metered=self.has_meter(MeterKind.TOTAL_CONSUMPTION),
            has_battery=self._has_battery,
        )

    @property
    def phases_now(self) -> tuple[Totals, ...]:
        """As `phases`, with live power; a frame has three whatever the meters see."""
        live = self.live
        if live is None:
            return self.phases
        known = live.phases[: len(self.phases)]
        balances = (
            balance_now(
                read,
                phase,
                is_load_metered=self.has_meter(MeterKind.TOTAL_CONSUMPTION),
                has_battery=self._has_battery,
            )
            for read, phase in zip(self.phases, known, strict=False)
        )
        return (*balances, *self.phases[len(known) :])

    @property
    def _has_battery(self) -> bool:
        return self.has_storage or self.has_meter(MeterKind.STORAGE)

    def has_meter(self, kind: MeterKind) -> bool:
        """Whether such a meter is enabled."""
        return any(m.kind is kind and m.is_enabled for m in self.meters or ())

    @property
    def lists_production_meter(self) -> bool:
        """Whether there is a production meter, in use or not."""
        return any(m.kind is MeterKind.PRODUCTION for m in self.meters or ())

    @property
    def has_enabled_meter(self) -> bool:
        """Whether anything is metered at all."""
        return any(meter.is_enabled for meter in self.meters or ())

    def equipment[DeviceT: EnsembleDevice](
        self, kind: type[DeviceT]
    ) -> tuple[DeviceT, ...]:
        """Return the storage equipment of a kind, e.g. `Battery` or `Collar`."""
        return self.inventory.of_type(kind) if self.inventory else ()

    def unit_reports[ReportT: DeviceReport](
        self, kind: type[ReportT]
    ) -> dict[str, ReportT]:
        """Return what the device data says of a kind of unit, by serial number."""
        devices = self.device_data.devices if self.device_data else ()
        return {
            unit.serial: unit
            for unit in devices
            if isinstance(unit, kind) and unit.is_active
        }

    def listed_units[UnitT: Unit](self, kind: type[UnitT]) -> dict[str, UnitT]:
        """Return what `/inventory` says of a kind of unit, by serial number."""
        units = self.units.of_type(kind) if self.units else ()
        return {unit.serial: unit for unit in units}

    @property
    def ac_battery_serials(self) -> frozenset[str]:
        """The AC Batteries of the site, whichever endpoint knows of them."""
        reports = self.inverter_reports or ()
        listed = {unit.serial for unit in reports if unit.is_ac_battery}
        known = self.unit_reports(AcBatteryReport).keys()
        return frozenset(
            (listed | known | self.listed_units(AcBattery).keys()) - self._removed
        )

    @property
    def relay_serials(self) -> frozenset[str]:
        """The IQ Relays of the site."""
        known = self.unit_reports(RelayReport).keys()
        return frozenset((known | self.listed_units(Relay).keys()) - self._removed)

    @property
    def _removed(self) -> set[str]:
        """The units of which the gateway says that they are no longer there."""
        devices = self.device_data.devices if self.device_data else ()
        return {unit.serial for unit in devices if not unit.is_active}

    @property
    def has_system_controller(self) -> bool:
        """Whether there is an IQ System Controller, and so dry contacts."""
        return bool(self.equipment(SystemController))

    @property
    def has_grid_switch(self) -> bool:
        """Whether anything could cut the house off the grid."""
        return self.has_system_controller or bool(self.equipment(Collar))

    @property
    def has_generator(self) -> bool:
        """Whether there is a generator: only its configuration says so."""
        return self.has_grid_switch and bool(self.generator_config)

    @property
    def grid_state(self) -> GridState | None:
        """What feeds the house; None where nothing could cut it off the grid."""
        return grid_state(
            relay=self.relay,
            inventory=self.inventory,
            generator=self.generator if self.has_generator else None,
        )

    @property
    def grid_sections(self) -> Sections:
        """Where the grid state is from: a collar has a say beside the relay."""
        if self.relay is None:
            return frozenset({Section.INVENTORY})
        if self.equipment(Collar) or self.relay.mains_oper_state is None:
            return frozenset({Section.RELAY, Section.INVENTORY})
        return frozenset({Section.RELAY})

    @property
    def has_batteries(self) -> bool:
        """Whether there are IQ Batteries."""
        return bool(self.inventory and self.inventory.of_kind(EnsembleKind.BATTERY))

    @property
    def has_storage(self) -> bool:
        """Whether anything at all stores energy here."""
        return self.has_batteries or bool(self.ac_battery_serials)

    @property
    def battery_level(self) -> float | None:
        """Percent. The common level is zero where there are AC Batteries only."""
        storage = self.storage
        if storage is None or not self.has_storage:
            return None
        return storage.level if self.has_batteries else storage.ac_battery_level
