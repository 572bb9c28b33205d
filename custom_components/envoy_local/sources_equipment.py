"""Where entities of other equipment find their data, and how it is described."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo

from .client.models.inverters import Inverter
from .client.models.snapshot import GatewaySnapshot
from .client.models.storage import (
    Collar,
    CombinerController,
    EnsembleDevice,
    RevenueGradeMeter,
    SystemController,
)
from .client.models.totals import Section, Sections
from .compat import child_device_info
from .const import DOMAIN, MANUFACTURER
from .coordinator import EnvoyConfigEntry
from .entity import Source
from .equipment import (
    AcBatteries,
    AcBatteryUnit,
    BatteryUnit,
    ContactUnit,
    GeneratorUnit,
    RelayUnit,
    ac_batteries,
    ac_battery_units,
    batteries,
    controllers,
    devices_of,
    dry_contacts,
    generators,
    relays,
)

_INVENTORY: Final[Sections] = frozenset({Section.INVENTORY})
_BATTERIES: Final[Sections] = frozenset({Section.INVENTORY, Section.BATTERY_POWER})
_INVERTERS: Final[Sections] = frozenset({Section.INVERTER_REPORTS, Section.DEVICE_DATA})
_AC_BATTERIES: Final[Sections] = frozenset(
    {
        Section.INVERTER_REPORTS,
        Section.DEVICE_DATA,
        Section.UNITS,
        Section.STORAGE,
        Section.REPORT,
    }
)
_RELAYS: Final[Sections] = frozenset({Section.DEVICE_DATA, Section.UNITS})
_GENERATOR: Final[Sections] = frozenset(
    {Section.GENERATOR, Section.GENERATOR_CONFIG, Section.GENERATOR_MODE}
)
_CONTACTS: Final[Sections] = frozenset({Section.DRY_CONTACTS, Section.CONTACT_SETTINGS})


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentKind[DataT]:
    """A kind of device: which of them are there, and how one is described."""

    find: Callable[[GatewaySnapshot], Mapping[str, DataT]]
    """Those that are there, by what their unique ids begin with."""
    describe: Callable[[str, DataT], dict[str, Any]]
    """What the device registry says of it, beside identifiers and parent."""
    parent: Callable[[GatewaySnapshot], str | None] = lambda _: None
    """The identifier of what it hangs on; None is the gateway."""
    sections: Callable[[GatewaySnapshot], Sections]
    """What the data depends on, where a single value doesn't know it better."""
    follows: Sections

    def source(
        self, hass: HomeAssistant, entry: EnvoyConfigEntry, serial: str
    ) -> Source[DataT]:
        """Return the source of one device that is there."""
        return Source(
            serial=serial,
            device_info=lambda: self.device_info(hass, entry, serial),
            pick=lambda snapshot: self.find(snapshot).get(serial),
            sections=self.sections,
            follows=self.follows,
        )

    def device_info(
        self, hass: HomeAssistant, entry: EnvoyConfigEntry, serial: str
    ) -> DeviceInfo:
        """Describe a device that is there, and see to it that its parent exists."""
        snapshot = entry.runtime_data.snapshot
        facts = self.describe(serial, self.find(snapshot)[serial])
        parent = self.parent(snapshot)
        if parent is None:
            parent = snapshot.info.serial
        else:
            _register(hass, entry, parent)
        return child_device_info(
            hass,
            entry,
            parent,
            identifiers={(DOMAIN, serial)},
            **{"manufacturer": MANUFACTURER, **facts},
        )


@callback
def _register(hass: HomeAssistant, entry: EnvoyConfigEntry, parent: str) -> None:
    """Have a device in the registry before anything hangs on it."""
    snapshot = entry.runtime_data.snapshot
    for kind in _PARENTS:
        if parent in kind.find(snapshot):
            dr.async_get(hass).async_get_or_create(
                config_entry_id=entry.entry_id, **kind.device_info(hass, entry, parent)
            )


def present(snapshot: GatewaySnapshot) -> set[str]:
    """Return the identifiers of all devices that a gateway has at the moment."""
    found = (kind.find(snapshot).keys() for kind in ALL_KINDS)
    return {snapshot.info.serial}.union(*found)


def _first(snapshot: GatewaySnapshot, *kinds: type[EnsembleDevice]) -> str | None:
    """Return the serial number of a device of the first kind that is there.

    Of several it is always the same, in whatever order the gateway lists them.
    """
    found = (devices_of(snapshot, kind) for kind in kinds)
    return next((min(devices) for devices in found if devices), None)


def _of_inventory(
    model: str,
) -> Callable[[str, EnsembleDevice], dict[str, Any]]:
    def describe(serial: str, device: EnsembleDevice) -> dict[str, Any]:
        return {
            "model": model,
            "model_id": device.part_number,
            "name": f"{model} {serial}",
            "serial_number": serial,
            "sw_version": device.firmware,
        }

    return describe


def _inverter(serial: str, _: Inverter) -> dict[str, Any]:
    return {
        "model": "Inverter",
        "name": f"Inverter {serial}",
        "serial_number": serial,
    }


def _battery(serial: str, battery: BatteryUnit) -> dict[str, Any]:
    return _of_inventory("IQ Battery")(serial, battery.device)


def _all_ac_batteries(snapshot: GatewaySnapshot) -> dict[str, AcBatteries]:
    together = ac_batteries(snapshot)
    return {_ac_identifier(snapshot): together} if together else {}


def _ac_identifier(snapshot: GatewaySnapshot) -> str:
    return f"{snapshot.info.serial}_ac_batteries"


def _ac_batteries_device(_: str, __: AcBatteries) -> dict[str, Any]:
    return {"model": "AC Battery (aggregate)", "name": "AC Batteries"}


def _ac_battery(serial: str, battery: AcBatteryUnit) -> dict[str, Any]:
    unit = battery.unit
    return {
        "model": "AC Battery",
        "model_id": unit.part_number if unit else None,
        "name": f"AC Battery {serial}",
        "serial_number": serial,
        "sw_version": unit.firmware if unit else None,
    }


def _relay(serial: str, relay: RelayUnit) -> dict[str, Any]:
    unit = relay.unit
    return {
        "model": "IQ Relay",
        "model_id": unit.part_number if unit else None,
        "name": f"IQ Relay {serial}",
        "serial_number": serial,
        "sw_version": unit.firmware if unit else None,
    }


def _generator(_: str, generator: GeneratorUnit) -> dict[str, Any]:
    config = generator.config
    return {
        "manufacturer": config.manufacturer,
        "model": config.model or config.kind,
        "name": "Generator",
    }


def _contact(_: str, contact: ContactUnit) -> dict[str, Any]:
    settings = contact.settings
    return {
        "model": "Dry contact",
        "name": settings.name or f"Dry contact {settings.id}",
    }


def _inverter_sections(snapshot: GatewaySnapshot) -> Sections:
    """Count on the reports; on the device data alone where they are all there is."""
    if snapshot.inverter_reports:
        return frozenset({Section.INVERTER_REPORTS})
    return frozenset({Section.DEVICE_DATA})


def _relay_sections(snapshot: GatewaySnapshot) -> Sections:
    return frozenset({Section.UNITS if snapshot.units else Section.DEVICE_DATA})


INVERTERS: Final = EquipmentKind[Inverter](
    find=lambda snapshot: snapshot.inverters,
    describe=_inverter,
    sections=_inverter_sections,
    follows=_INVERTERS,
)
CONTROLLERS: Final = EquipmentKind[SystemController](
    find=controllers,
    describe=_of_inventory("IQ System Controller"),
    sections=lambda _: _INVENTORY,
    follows=_INVENTORY | {Section.RELAY},
)
COLLARS: Final = EquipmentKind[Collar](
    find=lambda snapshot: devices_of(snapshot, Collar),
    describe=_of_inventory("IQ Meter Collar"),
    sections=lambda _: _INVENTORY,
    follows=_INVENTORY,
)
COMBINERS: Final = EquipmentKind[CombinerController](
    find=lambda snapshot: devices_of(snapshot, CombinerController),
    describe=_of_inventory("IQ Combiner"),
    sections=lambda _: _INVENTORY,
    follows=_INVENTORY,
)
COMBINER_METERS: Final = EquipmentKind[RevenueGradeMeter](
    find=lambda snapshot: devices_of(snapshot, RevenueGradeMeter),
    describe=_of_inventory("IQ Combiner meter"),
    parent=lambda snapshot: _first(snapshot, CombinerController),
    sections=lambda _: _INVENTORY,
    follows=_INVENTORY,
)
BATTERIES: Final = EquipmentKind[BatteryUnit](
    find=batteries,
    describe=_battery,
    parent=lambda snapshot: _first(snapshot, SystemController, Collar),
    sections=lambda _: _INVENTORY,
    follows=_BATTERIES,
)
AC_BATTERIES: Final = EquipmentKind[AcBatteries](
    find=_all_ac_batteries,
    describe=_ac_batteries_device,
    sections=lambda _: frozenset({Section.INVERTER_REPORTS}),
    follows=_AC_BATTERIES,
)
AC_BATTERY_UNITS: Final = EquipmentKind[AcBatteryUnit](
    find=ac_battery_units,
    describe=_ac_battery,
    parent=_ac_identifier,
    sections=lambda _: frozenset({Section.INVERTER_REPORTS}),
    follows=_AC_BATTERIES - {Section.STORAGE, Section.REPORT},
)
RELAYS: Final = EquipmentKind[RelayUnit](
    find=relays,
    describe=_relay,
    sections=_relay_sections,
    follows=_RELAYS,
)
GENERATORS: Final = EquipmentKind[GeneratorUnit](
    find=generators,
    describe=_generator,
    parent=lambda snapshot: _first(snapshot, SystemController),
    sections=lambda _: frozenset({Section.GENERATOR}),
    follows=_GENERATOR,
)
CONTACTS: Final = EquipmentKind[ContactUnit](
    find=dry_contacts,
    describe=_contact,
    parent=lambda snapshot: _first(snapshot, SystemController),
    sections=lambda _: frozenset({Section.DRY_CONTACTS}),
    follows=_CONTACTS,
)

_PARENTS: Final = (CONTROLLERS, COLLARS, COMBINERS, AC_BATTERIES)
ALL_KINDS: Final = (
    INVERTERS,
    *_PARENTS,
    COMBINER_METERS,
    BATTERIES,
    AC_BATTERY_UNITS,
    RELAYS,
    GENERATORS,
    CONTACTS,
)
"""Every kind of device beside the gateway itself."""
