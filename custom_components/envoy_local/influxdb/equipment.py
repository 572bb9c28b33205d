"""The points of batteries and of what stands around them, in the schema `standard`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..client.models.dry_contacts import DryContactSettings
from ..client.models.prices import price_at
from ..client.models.snapshot import GatewaySnapshot
from ..client.models.storage import (
    Battery,
    Collar,
    CombinerController,
    RevenueGradeMeter,
    SystemController,
)
from ..client.models.totals import Section
from ..client.models.units import AcBattery, AcBatteryReport, Relay, RelayReport
from . import equipment_fields as fields, standard_fields
from .line_protocol import Point
from .parts import Part, read_at, tags_of
from .times import Times, milliseconds, newest, of_section, of_sections

_TARIFF_EVERY: Final = 900
"""Seconds. Prices change at a quarter of an hour, in every time zone."""


def _batteries(snapshot: GatewaySnapshot, _: Times) -> Iterator[Point]:
    tags = tags_of(snapshot)
    if (time := of_section(snapshot, Section.BATTERY_POWER)) is not None:
        for unit in snapshot.battery_power or ():
            yield fields.IQ_BATTERY_POWER.point(unit, tags, time, serial=unit.serial)
    # On a site without a battery the summary is all zeros.
    if not snapshot.has_storage or snapshot.storage is None:
        return
    if (time := of_section(snapshot, Section.STORAGE)) is not None:
        yield fields.STORAGE.point(snapshot.storage, tags, time)
        yield standard_fields.BATTERY_LEVEL.point(snapshot, tags, time, phase="total")


def _inventory(snapshot: GatewaySnapshot, _: Times) -> Iterator[Point]:
    tags, time = tags_of(snapshot), of_section(snapshot, Section.INVENTORY)
    if time is None:
        return
    for battery in snapshot.equipment(Battery):
        yield fields.IQ_BATTERY.point(battery, tags, time, serial=battery.serial)
    for switch in snapshot.equipment(SystemController):
        yield fields.SYSTEM_CONTROLLER.point(switch, tags, time, serial=switch.serial)
    for collar in snapshot.equipment(Collar):
        yield fields.COLLAR.point(collar, tags, time, serial=collar.serial)
    for combiner in snapshot.equipment(CombinerController):
        yield fields.COMBINER_CONTROLLER.point(
            combiner, tags, time, serial=combiner.serial
        )
    for meter in snapshot.equipment(RevenueGradeMeter):
        yield fields.RGM.point(meter, tags, time, serial=meter.serial)


def _ac_batteries(snapshot: GatewaySnapshot, times: Times) -> Iterator[Point]:
    tags = tags_of(snapshot)
    read_at = newest(snapshot, Section.INVERTER_REPORTS, Section.DEVICE_DATA)
    if read_at is None:
        return
    for report in snapshot.inverter_reports or ():
        if report.is_ac_battery and report.last_reported is not None:
            time = times.of_report(report.last_reported, read_at)
            yield fields.AC_BATTERY_REPORT.point(
                report, tags, time, serial=report.serial
            )
    if Section.DEVICE_DATA in snapshot.lost:
        return
    for serial, unit in snapshot.unit_reports(AcBatteryReport).items():
        if unit.last_reported is not None:
            time = times.of_report(unit.last_reported, read_at)
            yield fields.AC_BATTERY_DETAIL.point(unit, tags, time, serial=serial)


def _relays(snapshot: GatewaySnapshot, times: Times) -> Iterator[Point]:
    tags = tags_of(snapshot)
    if (read_at := newest(snapshot, Section.DEVICE_DATA)) is None:
        return
    for serial, unit in snapshot.unit_reports(RelayReport).items():
        if unit.last_reported is not None:
            time = times.of_report(unit.last_reported, read_at)
            yield fields.RELAY_DETAIL.point(unit, tags, time, serial=serial)


def _units(snapshot: GatewaySnapshot, _: Times) -> Iterator[Point]:
    tags, time = tags_of(snapshot), of_section(snapshot, Section.UNITS)
    if time is None:
        return
    for serial, battery in snapshot.listed_units(AcBattery).items():
        yield fields.AC_BATTERY_LISTED.point(battery, tags, time, serial=serial)
    for serial, relay in snapshot.listed_units(Relay).items():
        yield fields.RELAY_LISTED.point(relay, tags, time, serial=serial)


def _grid_connection(snapshot: GatewaySnapshot, _: Times) -> Iterator[Point]:
    """Yield how the house stands to the grid, where anything could cut it off."""
    if not snapshot.has_grid_switch:
        return
    tags = tags_of(snapshot)
    if (time := of_sections(snapshot, snapshot.grid_sections)) is not None:
        yield fields.GRID_CONNECTION.point(snapshot, tags, time)
    relay, time = snapshot.relay, of_section(snapshot, Section.RELAY)
    if relay and time is not None:
        yield fields.GRID_RELAY.point(relay, tags, time)


def _generator(snapshot: GatewaySnapshot, _: Times) -> Iterator[Point]:
    if not snapshot.has_generator:
        return
    tags = tags_of(snapshot)
    state, time = snapshot.generator, of_section(snapshot, Section.GENERATOR)
    if state and time is not None:
        yield fields.GENERATOR.point(state, tags, time)
    config, time = (
        snapshot.generator_config,
        of_section(snapshot, Section.GENERATOR_CONFIG),
    )
    if config and time is not None:
        yield fields.GENERATOR_CONFIG.point(config, tags, time)
    mode, time = snapshot.generator_mode, of_section(snapshot, Section.GENERATOR_MODE)
    if mode and time is not None:
        yield fields.GENERATOR_MODE.point(mode, tags, time)


def _dry_contacts(snapshot: GatewaySnapshot, _: Times) -> Iterator[Point]:
    """Yield the contacts that something hangs on."""
    if not snapshot.has_system_controller:
        return
    tags, known = tags_of(snapshot), _contact_settings(snapshot)
    contacts, time = snapshot.dry_contacts, of_section(snapshot, Section.DRY_CONTACTS)
    if contacts and time is not None:
        for contact in contacts.contacts:
            if contact.id not in known or known[contact.id].is_in_use:
                yield fields.DRY_CONTACT.point(contact, tags, time, contact=contact.id)
    if (time := of_section(snapshot, Section.CONTACT_SETTINGS)) is not None:
        for name, settings in known.items():
            if settings.is_in_use:
                yield fields.DRY_CONTACT_SETTINGS.point(
                    settings, tags, time, contact=name
                )


def _contact_settings(snapshot: GatewaySnapshot) -> dict[str, DryContactSettings]:
    setup = snapshot.contact_settings
    return {contact.id: contact for contact in setup.contacts} if setup else {}


def _tariff(snapshot: GatewaySnapshot, _: Times) -> Iterator[Point]:
    tags, time = tags_of(snapshot), of_section(snapshot, Section.TARIFF)
    tariff = snapshot.tariff
    if tariff is None or time is None:
        return
    yield fields.TARIFF.point(tariff, tags, time)
    # Gateways without a battery have settings for one, too.
    if tariff.storage and snapshot.has_storage:
        yield fields.STORAGE_SETTINGS.point(tariff.storage, tags, time)


def _prices(snapshot: GatewaySnapshot, times: Times) -> Iterator[Point]:
    """Yield what a kWh costs now: the tariff stays, the price goes with the clock."""
    tags, tariff = tags_of(snapshot), snapshot.tariff
    if tariff is None or of_section(snapshot, Section.TARIFF) is None:
        return
    now = max(snapshot.read_at.values())
    for prices, group in (
        (tariff.imports, fields.IMPORT_PRICE),
        (tariff.exports, fields.EXPORT_PRICE),
    ):
        price = price_at(prices, times.local(now))
        if price:
            yield group.point(price, tags, milliseconds(now))


def _prices_state(snapshot: GatewaySnapshot) -> object:
    now = max(snapshot.read_at.values(), default=0.0)
    return snapshot.tariff, snapshot.lost, now // _TARIFF_EVERY


PARTS: Final = (
    Part(
        _batteries,
        read_at(Section.BATTERY_POWER, Section.STORAGE, Section.INVERTER_REPORTS),
    ),
    Part(_inventory, read_at(Section.INVENTORY)),
    Part(_ac_batteries, read_at(Section.INVERTER_REPORTS, Section.DEVICE_DATA)),
    Part(_relays, read_at(Section.DEVICE_DATA)),
    Part(_units, read_at(Section.UNITS)),
    Part(_grid_connection, read_at(Section.RELAY, Section.INVENTORY)),
    Part(
        _generator,
        read_at(
            Section.GENERATOR,
            Section.GENERATOR_CONFIG,
            Section.GENERATOR_MODE,
            Section.INVENTORY,
        ),
    ),
    Part(
        _dry_contacts,
        read_at(Section.DRY_CONTACTS, Section.CONTACT_SETTINGS, Section.INVENTORY),
    ),
    Part(_tariff, read_at(Section.TARIFF)),
    Part(_prices, _prices_state),
)
"""Everything that is known of the equipment, where it is there."""
