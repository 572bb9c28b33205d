"""The fields of batteries and of what stands around them, in the schema `standard`."""

from __future__ import annotations

from typing import Final, Never

from ..client.models.dry_contacts import DryContact, DryContactSettings
from ..client.models.generator import Generator, GeneratorConfig, GeneratorMode
from ..client.models.grid import GridRelay
from ..client.models.inverters import InverterReport
from ..client.models.prices import Price
from ..client.models.snapshot import GatewaySnapshot
from ..client.models.storage import (
    Battery,
    BatteryPower,
    Collar,
    CombinerController,
    EnsembleDevice,
    RevenueGradeMeter,
    StorageSummary,
    SystemController,
)
from ..client.models.tariff import StorageSettings, Tariff
from ..client.models.units import AcBattery, AcBatteryReport, Relay, RelayReport, Unit
from .field import Field, Group

IQ_BATTERY_POWER: Final = Group[BatteryPower](
    measurement="iq_battery",
    tags=("serial",),
    fields=(
        Field("power", "W, + discharging, − charging", lambda unit: unit.power),
        Field("apparent_power", "VA", lambda unit: unit.apparent_power),
        Field("level", "%", lambda unit: unit.level),
    ),
)

_DEVICE: Final[tuple[Field[EnsembleDevice], ...]] = (
    Field("communicating", "boolean", lambda device: device.is_communicating),
    Field("temperature", "°C", lambda device: device.temperature),
    Field("last_reported", "epoch s", lambda device: device.last_reported),
    Field("installed", "epoch s", lambda device: device.installed),
    Field("dc_switch_off", "boolean", lambda device: device.dc_switch_off),
    Field("grid_state", "text", lambda device: device.grid_state),
    Field("admin_state", "text", lambda device: device.admin_state),
    Field("firmware", "text", lambda device: device.firmware),
    Field("part_number", "text", lambda device: device.part_number),
)

IQ_BATTERY: Final = Group[Battery](
    measurement="iq_battery",
    tags=("serial",),
    fields=(
        Field("inventory_level", "%, late by up to hours", lambda unit: unit.level),
        Field("capacity", "Wh", lambda unit: unit.capacity),
        Field("cell_temperature", "°C, warmest cell", lambda u: u.cell_temperature),
        Field("operating", "boolean", lambda unit: unit.is_operating),
        Field("sleep_enabled", "boolean", lambda unit: unit.sleep_enabled),
        Field("grid_mode", "text", lambda unit: unit.grid_mode),
        Field("connection", "text", lambda unit: unit.phase),
        Field("led_status", "number", lambda unit: unit.led_status),
        Field("revision", "number", lambda unit: unit.revision),
        Field("signal_2_4_ghz", "0 to 5", lambda unit: unit.signal_2_4_ghz),
        Field("signal_sub_ghz", "0 to 5", lambda unit: unit.signal_sub_ghz),
        Field("battery_firmware", "text", lambda unit: unit.battery_firmware),
        *_DEVICE,
    ),
)

SYSTEM_CONTROLLER: Final = Group[SystemController](
    measurement="system_controller",
    tags=("serial",),
    fields=(
        Field("mains_admin_state", "text", lambda unit: unit.mains_admin_state),
        Field("mains_oper_state", "text", lambda unit: unit.mains_oper_state),
        Field("grid_mode", "text", lambda unit: unit.grid_mode),
        Field("battery_grid_mode", "text", lambda unit: unit.battery_grid_mode),
        Field("relay_bits", "number", lambda unit: unit.relay_bits),
        Field("state_id", "number", lambda unit: unit.state_id),
        Field("operating", "boolean", lambda unit: unit.is_operating),
        Field("signal_2_4_ghz", "0 to 5", lambda unit: unit.signal_2_4_ghz),
        Field("signal_sub_ghz", "0 to 5", lambda unit: unit.signal_sub_ghz),
        *_DEVICE,
    ),
)

COLLAR: Final = Group[Collar](
    measurement="collar",
    tags=("serial",),
    fields=(
        Field("mid_state", "text", lambda unit: unit.mid_state),
        Field("collar_state", "text", lambda unit: unit.collar_state),
        Field("control_error", "number", lambda unit: unit.control_error),
        *_DEVICE,
    ),
)

COMBINER_CONTROLLER: Final = Group[CombinerController](
    measurement="combiner_controller",
    tags=("serial",),
    fields=(
        Field("dmir_firmware", "text", lambda unit: unit.dmir_firmware),
        *_DEVICE,
    ),
)

RGM: Final = Group[RevenueGradeMeter](
    measurement="rgm",
    tags=("serial",),
    fields=(
        Field("device_state", "number", lambda unit: unit.device_state),
        *_DEVICE,
    ),
)

STORAGE: Final = Group[StorageSummary](
    measurement="storage",
    fields=(
        Field("level", "%", lambda storage: storage.level),
        Field("battery_level", "%", lambda storage: storage.battery_level),
        Field("ac_battery_level", "%", lambda storage: storage.ac_battery_level),
        Field("capacity", "Wh", lambda storage: storage.capacity),
        Field("battery_capacity", "Wh", lambda storage: storage.battery_capacity),
        Field("commissioned_capacity", "Wh", lambda each: each.commissioned_capacity),
        Field("available_energy", "Wh", lambda storage: storage.available_energy),
        Field("ac_battery_energy", "Wh", lambda storage: storage.ac_battery_energy),
        Field("reserve_energy", "Wh", lambda storage: storage.reserve_energy),
        Field("state_of_health", "%", lambda storage: storage.state_of_health),
        Field("configured_reserve", "%", lambda storage: storage.configured_reserve),
        Field("adjusted_reserve", "%", lambda storage: storage.adjusted_reserve),
        Field("very_low_level", "%", lambda storage: storage.very_low_level),
        Field("shut_down", "boolean", lambda storage: storage.is_shut_down),
        Field("commissioning", "boolean", lambda storage: storage.is_commissioning),
    ),
)

STORAGE_SETTINGS: Final = Group[StorageSettings](
    measurement="storage",
    fields=(
        Field("mode", "text", lambda settings: settings.mode),
        Field("sub_mode", "text", lambda settings: settings.sub_mode),
        Field("set_reserve", "%", lambda settings: settings.reserve),
        Field("set_very_low_level", "%", lambda settings: settings.very_low_level),
        Field("charges_from_grid", "boolean", lambda each: each.charges_from_grid),
        Field("follows_schedule", "boolean", lambda each: each.follows_schedule),
        Field("settings_changed", "epoch s", lambda settings: settings.changed),
    ),
)

AC_BATTERY_REPORT: Final = Group[InverterReport](
    measurement="ac_battery",
    tags=("serial",),
    # The inverters' list leaves the sign of the power out: charging would be written
    # as discharging, in between the signed powers of the device data.
    fields=(Field("max_power", "W, highest ever", lambda unit: unit.max_power),),
)

AC_BATTERY_DETAIL: Final = Group[AcBatteryReport](
    measurement="ac_battery",
    tags=("serial",),
    fields=(
        Field("power", "W, + discharging, − charging", lambda unit: unit.power),
        Field("max_power", "W, highest ever", lambda unit: unit.max_power),
        Field("discharge_energy", "Wh", lambda unit: unit.energy),
        Field("charge_energy", "Wh", lambda unit: unit.energy_used),
        Field("energy_today", "Wh", lambda unit: unit.energy_today),
        Field("report_duration", "s", lambda unit: unit.report_duration),
        Field("temperature", "°C", lambda unit: unit.temperature),
        Field("dc_voltage", "V", lambda unit: unit.dc_voltage),
        Field("dc_current", "A", lambda unit: unit.dc_current),
        Field("ac_voltage", "V", lambda unit: unit.ac_voltage),
        Field("ac_frequency", "Hz", lambda unit: unit.ac_frequency),
        Field("level", "%", lambda unit: unit.level),
        Field("state_of_health", "%", lambda unit: unit.state_of_health),
        Field("coldest_cell", "°C", lambda unit: unit.coldest_cell),
        Field("warmest_cell", "°C", lambda unit: unit.warmest_cell),
    ),
)

_UNIT: Final[tuple[Field[Unit], ...]] = (
    Field("communicating", "boolean", lambda unit: unit.is_communicating),
    Field("producing", "boolean", lambda unit: unit.is_producing),
    Field("operating", "boolean", lambda unit: unit.is_operating),
    Field("last_reported", "epoch s", lambda unit: unit.last_reported),
    Field("installed", "epoch s", lambda unit: unit.installed),
    Field("firmware", "text", lambda unit: unit.firmware),
    Field("part_number", "text", lambda unit: unit.part_number),
)

AC_BATTERY_LISTED: Final = Group[AcBattery](
    measurement="ac_battery",
    tags=("serial",),
    fields=(
        Field("inventory_level", "%", lambda unit: unit.level),
        Field("cell_temperature", "°C, warmest cell", lambda u: u.cell_temperature),
        Field("charge_state", "text", lambda unit: unit.charge_state),
        Field("sleep_enabled", "boolean", lambda unit: unit.sleep_enabled),
        Field("sleep_state", "text", lambda unit: unit.sleep_state),
        Field("sleep_from", "%", lambda unit: unit.sleep_from),
        Field("sleep_to", "%", lambda unit: unit.sleep_to),
        *_UNIT,
    ),
)

RELAY_DETAIL: Final = Group[RelayReport](
    measurement="relay",
    tags=("serial",),
    fields=(
        Field("temperature", "°C", lambda unit: unit.temperature),
        Field("frequency", "Hz", lambda unit: unit.ac_frequency),
        Field("voltage_l1", "V", lambda unit: unit.line_voltages[0]),
        Field("voltage_l2", "V", lambda unit: unit.line_voltages[1]),
        Field("voltage_l3", "V", lambda unit: unit.line_voltages[2]),
        Field("changes", "number", lambda unit: unit.changes),
    ),
)

RELAY_LISTED: Final = Group[Relay](
    measurement="relay",
    tags=("serial",),
    fields=(
        Field("state", "text", lambda unit: unit.relay),
        Field("reason", "text", lambda unit: unit.reason),
        Field("reason_code", "number", lambda unit: unit.reason_code),
        Field("connected_lines", "number", lambda unit: sum(map(bool, unit.lines))),
        *_UNIT,
    ),
)

GRID_CONNECTION: Final = Group[GatewaySnapshot](
    measurement="grid_connection",
    fields=(Field("state", "text", lambda snapshot: snapshot.grid_state),),
)

GRID_RELAY: Final = Group[GridRelay](
    measurement="grid_connection",
    fields=(
        Field("mains_admin_state", "text", lambda relay: relay.mains_admin_state),
        Field("mains_oper_state", "text", lambda relay: relay.mains_oper_state),
        Field("battery_grid_mode", "text", lambda relay: relay.battery_grid_mode),
        Field("solar_grid_mode", "text", lambda relay: relay.solar_grid_mode),
    ),
)

GENERATOR: Final = Group[Generator](
    measurement="generator",
    fields=(
        Field("admin_state", "text", lambda generator: generator.admin_state),
        Field("oper_state", "text", lambda generator: generator.oper_state),
        Field("admin_mode", "number", lambda generator: generator.admin_mode),
        Field("exercising", "boolean", lambda generator: generator.is_exercising),
        Field("start_level", "%", lambda generator: generator.start_level),
        Field("stop_level", "%", lambda generator: generator.stop_level),
    ),
)

GENERATOR_CONFIG: Final = Group[GeneratorConfig](
    measurement="generator",
    fields=(
        Field("manufacturer", "text", lambda config: config.manufacturer),
        Field("model", "text", lambda config: config.model),
        Field("kind", "text", lambda config: config.kind),
        Field("rated_power", "W", lambda config: config.rated_power),
        Field("max_current", "A", lambda config: config.max_current),
        Field("start_method", "text", lambda config: config.start_method),
        Field("warm_up", "min", lambda config: config.warm_up),
        Field("cool_down", "min", lambda config: config.cool_down),
        Field("min_load", "% of the rated power", lambda config: config.min_load),
        Field("charges_batteries", "boolean", lambda each: each.charges_batteries),
    ),
)

GENERATOR_MODE: Final = Group[GeneratorMode](
    measurement="generator",
    fields=(Field("command", "text", lambda mode: mode.command),),
)

DRY_CONTACT: Final = Group[DryContact](
    measurement="dry_contact",
    tags=("contact",),
    fields=(Field("state", "text", lambda contact: contact.state),),
)

DRY_CONTACT_SETTINGS: Final = Group[DryContactSettings](
    measurement="dry_contact",
    tags=("contact",),
    fields=(
        Field("kind", "text", lambda contact: contact.kind),
        Field("name", "text", lambda contact: contact.name),
        Field("mode", "text", lambda contact: contact.mode),
        Field("grid_action", "text", lambda contact: contact.grid_action),
        Field("off_grid_action", "text", lambda contact: contact.off_grid_action),
        Field("generator_action", "text", lambda contact: contact.generator_action),
        Field("safe_state_action", "text", lambda each: each.safe_state_action),
        Field("low_level", "%", lambda contact: contact.low_level),
        Field("high_level", "%", lambda contact: contact.high_level),
        Field("essential_from", "s of the day", lambda each: each.essential_from),
        Field("essential_until", "s of the day", lambda each: each.essential_until),
        Field("priority", "number", lambda contact: contact.priority),
        Field("overridden", "boolean", lambda contact: contact.is_overridden),
        Field(
            "manually_overridden",
            "boolean",
            lambda contact: contact.is_manually_overridden,
        ),
    ),
)

TARIFF: Final = Group[Tariff](
    measurement="tariff",
    fields=(
        Field("currency", "text", lambda tariff: tariff.currency),
        Field("changed", "epoch s", lambda tariff: tariff.changed),
    ),
)

IMPORT_PRICE: Final = Group[Price](
    measurement="tariff",
    fields=(
        Field("import_price", "currency per kWh", lambda price: price.price),
        Field("import_period", "text", lambda price: price.period),
    ),
)

EXPORT_PRICE: Final = Group[Price](
    measurement="tariff",
    fields=(
        Field("export_price", "currency per kWh", lambda price: price.price),
        Field("export_period", "text", lambda price: price.period),
    ),
)

GROUPS: Final[tuple[Group[Never], ...]] = (
    AC_BATTERY_DETAIL,
    AC_BATTERY_REPORT,
    AC_BATTERY_LISTED,
    IQ_BATTERY_POWER,
    IQ_BATTERY,
    SYSTEM_CONTROLLER,
    COLLAR,
    COMBINER_CONTROLLER,
    RGM,
    STORAGE,
    STORAGE_SETTINGS,
    RELAY_DETAIL,
    RELAY_LISTED,
    GRID_CONNECTION,
    GRID_RELAY,
    GENERATOR,
    GENERATOR_CONFIG,
    GENERATOR_MODE,
    DRY_CONTACT,
    DRY_CONTACT_SETTINGS,
    TARIFF,
    IMPORT_PRICE,
    EXPORT_PRICE,
)
"""All of them, in the order in which the documentation has them."""
