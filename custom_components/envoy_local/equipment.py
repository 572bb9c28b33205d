"""What stands on a site beside its inverters, each unit from all that know of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .client.models.dry_contacts import DryContact, DryContactSettings
from .client.models.generator import Generator, GeneratorConfig, GeneratorMode
from .client.models.inverters import InverterReport
from .client.models.meters import MeterKind
from .client.models.production import AcBatteryBlock
from .client.models.snapshot import GatewaySnapshot
from .client.models.storage import (
    Battery,
    BatteryPower,
    BatteryState,
    EnsembleDevice,
    SystemController,
)
from .client.models.totals import EnergySource, Section, Sections
from .client.models.units import (
    AcBattery,
    AcBatteryReport,
    Relay,
    RelayReport,
    SleepState,
)
from .client.totals.battery import ac_battery_power
from .client.totals.sources import is_fresh

MIXED = "mixed"
"""How AC Batteries sleep that don't all do the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryUnit:
    """An IQ Battery, with what it does at the moment."""

    device: Battery
    now: BatteryPower | None

    @property
    def level(self) -> float | None:
        """Percent. The inventory's can be hours old, so it is the second choice."""
        if self.now is None or self.now.level is None:
            return self.device.level
        return self.now.level

    @property
    def level_sections(self) -> Sections:
        """Where the level is from."""
        is_new = self.now is not None and self.now.level is not None
        return frozenset({Section.BATTERY_POWER if is_new else Section.INVENTORY})

    @property
    def available_energy(self) -> float | None:
        """Wh: the gateway tells the level and the capacity of a single battery only."""
        if self.level is None or self.device.capacity is None:
            return None
        return self.level * self.device.capacity / 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AcBatteryUnit:
    """An AC Battery; which of the answers know it differs with the firmware."""

    detail: AcBatteryReport | None
    report: InverterReport | None
    unit: AcBattery | None

    @property
    def level(self) -> float | None:
        """Percent."""
        known = (
            self.detail.level if self.detail else None,
            self.unit.level if self.unit else None,
        )
        return next((level for level in known if level is not None), None)

    @property
    def power(self) -> float | None:
        """W, + discharging: the mean over the last report.

        The inverters' list leaves the sign out: it counts where the unit says
        what it does.
        """
        if self.detail and self.detail.power is not None:
            return self.detail.power
        state = self.unit.charge_state if self.unit else None
        if self.report is None or self.report.power is None:
            return None
        if state is BatteryState.DISCHARGING:
            return self.report.power
        return -self.report.power if state is BatteryState.CHARGING else None

    @property
    def temperature(self) -> float | None:
        """Degrees Celsius of the warmest cell."""
        if self.detail and self.detail.warmest_cell is not None:
            return self.detail.warmest_cell
        return self.unit.cell_temperature if self.unit else None

    @property
    def last_reported(self) -> int | None:
        """Epoch second of the newest report."""
        known = (self.detail, self.report, self.unit)
        times = (each.last_reported for each in known if each)
        return max((time for time in times if time is not None), default=None)

    @property
    def power_sections(self) -> Sections:
        """Where the power is from."""
        section = Section.DEVICE_DATA if self.detail else Section.INVERTER_REPORTS
        return frozenset({section})

    @property
    def detail_sections(self) -> Sections:
        """What the values depend on that the device data knows best."""
        return frozenset({Section.DEVICE_DATA if self.detail else Section.UNITS})


@dataclass(frozen=True, slots=True, kw_only=True)
class AcBatteries:
    """All AC Batteries of a site together."""

    power: float | None
    """W, + discharging."""
    power_sections: Sections
    """Where the power is from."""
    level: float | None
    """Percent."""
    available_energy: float | None
    """Wh."""
    level_sections: Sections
    """Where level and energy are from."""
    state: BatteryState | None
    charge_energy: float | None
    """Wh; by the ledger, where the AC Batteries are all that stores energy."""
    discharge_energy: float | None
    """Wh; as `charge_energy`."""
    sleep_state: str | None
    """A `SleepState`, or mixed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayUnit:
    """An IQ Relay."""

    unit: Relay | None
    report: RelayReport | None

    @property
    def last_reported(self) -> int | None:
        """Epoch second of the newest report."""
        times = (each.last_reported for each in (self.unit, self.report) if each)
        return max((time for time in times if time is not None), default=None)

    def voltage(self, line: int) -> float | None:
        """Return the V of a line, from 0; one that isn't connected has noise only."""
        lines = self.unit.lines if self.unit else ()
        if self.report is None or line >= len(lines) or not lines[line]:
            return None
        return self.report.line_voltages[line]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorUnit:
    """The generator of a site."""

    config: GeneratorConfig
    state: Generator | None
    mode: GeneratorMode | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactUnit:
    """A dry contact that something hangs on."""

    contact: DryContact | None
    settings: DryContactSettings


def batteries(snapshot: GatewaySnapshot) -> dict[str, BatteryUnit]:
    """Return the IQ Batteries by serial number."""
    powers = {power.serial: power for power in snapshot.battery_power or ()}
    return {
        device.serial: BatteryUnit(device=device, now=powers.get(device.serial))
        for device in snapshot.equipment(Battery)
    }


def devices_of[DeviceT: EnsembleDevice](
    snapshot: GatewaySnapshot, kind: type[DeviceT]
) -> dict[str, DeviceT]:
    """Return other equipment of the inventory by serial number."""
    return {device.serial: device for device in snapshot.equipment(kind)}


def controllers(snapshot: GatewaySnapshot) -> dict[str, SystemController]:
    """Return the system controllers by serial number.

    Their relay is asked for five times as often as the inventory, for the grid
    state: both have to say the same.
    """
    found = devices_of(snapshot, SystemController)
    relay = snapshot.relay
    if (
        relay is None
        or relay.mains_oper_state is None
        or Section.RELAY in snapshot.lost
    ):
        return found
    return {
        serial: replace(device, mains_oper_state=relay.mains_oper_state)
        for serial, device in found.items()
    }


def ac_battery_units(snapshot: GatewaySnapshot) -> dict[str, AcBatteryUnit]:
    """Return the AC Batteries by serial number."""
    details = snapshot.unit_reports(AcBatteryReport)
    reports = {report.serial: report for report in snapshot.inverter_reports or ()}
    units = snapshot.listed_units(AcBattery)
    return {
        serial: AcBatteryUnit(
            detail=details.get(serial),
            report=reports.get(serial),
            unit=units.get(serial),
        )
        for serial in sorted(snapshot.ac_battery_serials)
    }


def ac_batteries(snapshot: GatewaySnapshot) -> AcBatteries | None:
    """Return the AC Batteries together; None where there are none."""
    if not snapshot.ac_battery_serials:
        return None
    block = snapshot.report.ac_batteries if snapshot.report else None
    storage = snapshot.storage
    charged, discharged = _counted(snapshot)
    power, power_section = _ac_power(snapshot)
    if storage:
        level, energy = storage.ac_battery_level, storage.ac_battery_energy
    else:
        level = block.level if block else None
        energy = block.energy_stored if block else None
    return AcBatteries(
        power=power,
        power_sections=frozenset({power_section}),
        level=level,
        available_energy=energy,
        level_sections=frozenset({Section.STORAGE if storage else Section.REPORT}),
        state=_ac_state(snapshot, block) if block else None,
        charge_energy=charged,
        discharge_energy=discharged,
        sleep_state=common_sleep(snapshot.listed_units(AcBattery).values()),
    )


def _ac_state(snapshot: GatewaySnapshot, block: AcBatteryBlock) -> BatteryState | None:
    """Say what they do; the report of batteries asleep can be days old."""
    return block.known_state if is_fresh(snapshot, block.reading_time) else None


def _counted(snapshot: GatewaySnapshot) -> tuple[float | None, float | None]:
    """Return charged and discharged Wh, where the site's are the AC Batteries'."""
    flow = snapshot.totals.battery
    if flow.energy_source is not EnergySource.DEVICE_COUNTERS:
        return None, None
    return flow.charge_energy, flow.discharge_energy


def _ac_power(snapshot: GatewaySnapshot) -> tuple[float | None, Section]:
    """Return what the AC Batteries give, from the best that knows it."""
    if not snapshot.has_batteries and snapshot.has_meter(MeterKind.STORAGE):
        return snapshot.totals.battery.power, Section.READINGS
    return ac_battery_power(snapshot)


def common_sleep(units: Iterable[AcBattery]) -> str | None:
    """Say how they sleep: one that is on its way counts for all of them."""
    states = [unit.sleep_state for unit in units]
    for on_its_way in (SleepState.GOING_TO_SLEEP, SleepState.WAKING):
        if on_its_way in states:
            return on_its_way.value
    known = {state for state in states if state}
    if not known or None in states:
        return None
    return known.pop().value if len(known) == 1 else MIXED


def relays(snapshot: GatewaySnapshot) -> dict[str, RelayUnit]:
    """Return the IQ Relays by serial number."""
    units, reports = snapshot.listed_units(Relay), snapshot.unit_reports(RelayReport)
    return {
        serial: RelayUnit(unit=units.get(serial), report=reports.get(serial))
        for serial in sorted(snapshot.relay_serials)
    }


def generators(snapshot: GatewaySnapshot) -> Mapping[str, GeneratorUnit]:
    """Return the generator, under a name that no installer typed in."""
    config = snapshot.generator_config
    if config is None or not snapshot.has_generator:
        return {}
    unit = GeneratorUnit(
        config=config, state=snapshot.generator, mode=snapshot.generator_mode
    )
    return {f"{snapshot.info.serial}_generator": unit}


def dry_contacts(snapshot: GatewaySnapshot) -> dict[str, ContactUnit]:
    """Return the dry contacts in use; the gateway doesn't say whose they are."""
    owner = min(devices_of(snapshot, SystemController), default=None)
    setup = snapshot.contact_settings
    if owner is None or setup is None:
        return {}
    states = snapshot.dry_contacts.contacts if snapshot.dry_contacts else ()
    contacts = {contact.id: contact for contact in states}
    return {
        f"{owner}_{settings.id.lower()}": ContactUnit(
            contact=contacts.get(settings.id), settings=settings
        )
        for settings in setup.contacts
        if settings.is_in_use
    }
