"""The names of the schema `standard`: its measurements, their tags and fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Never

from ..client.models.gateway import GatewayHome, NetworkInterface
from ..client.models.inverters import (
    DeviceData,
    DeviceReport,
    Inverter,
    InverterReport,
)
from ..client.models.meters import Meter, PhaseReading
from ..client.models.production import (
    AcBatteryBlock,
    LineBlock,
    ProductionBlock,
    ProductionSummary,
)
from ..client.models.snapshot import GatewaySnapshot
from ..client.models.storage import (
    BatteryPower,
    EnsembleDevice,
    EnsembleKind,
    StorageSummary,
)
from ..client.models.totals import BatteryFlow, Flow, GridFlow, Section
from .line_protocol import FieldValue, Point

GATEWAY_TAG: Final = "gateway"


@dataclass(frozen=True, slots=True)
class Field[DataT]:
    """A field: its name, its unit or type, and where its value is found.

    Every number becomes a float: a field's type can never change afterwards.
    """

    name: str
    unit: str
    value: Callable[[DataT], FieldValue | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group[DataT]:
    """Fields of a measurement that are read together."""

    measurement: str
    tags: tuple[str, ...] = ()
    """Beside the gateway's."""
    fields: tuple[Field[DataT], ...]

    def point(
        self, data: DataT, tags: Mapping[str, str], time: int, **more: str
    ) -> Point:
        """Return what is known now; `more` are the group's own tags."""
        return Point(
            measurement=self.measurement,
            tags={**tags, **more},
            fields={field.name: _stored(field.value(data)) for field in self.fields},
            time=time,
        )


def _stored(value: FieldValue | None) -> FieldValue | None:
    return float(value) if type(value) is int else value


def _celsius(device: EnsembleDevice) -> float | None:
    """Return degrees Celsius; a system controller tells Fahrenheit."""
    if device.temperature is None or device.kind is not EnsembleKind.SYSTEM_CONTROLLER:
        return device.temperature
    return (device.temperature - 32) / 1.8


def _clock_offset(snapshot: GatewaySnapshot) -> float | None:
    """Return by how many seconds the gateway's clock is ahead of ours."""
    time, read_at = snapshot.info.time, snapshot.read_at.get(Section.INFO)
    return None if time is None or read_at is None else time - read_at


_FLOW: Final[tuple[Field[Flow], ...]] = (
    Field("power", "W", lambda flow: flow.power),
    Field("energy", "Wh", lambda flow: flow.energy),
    Field("energy_today", "Wh", lambda flow: flow.energy_today),
    Field("energy_7_days", "Wh", lambda flow: flow.energy_7_days),
    Field("energy_source", "text", lambda flow: flow.energy_source),
)

PRODUCTION: Final = Group(measurement="production", tags=("phase",), fields=_FLOW)
CONSUMPTION: Final = Group(measurement="consumption", tags=("phase",), fields=_FLOW)

GRID: Final = Group[GridFlow](
    measurement="grid",
    tags=("phase",),
    fields=(
        Field("power", "W, + import, − export", lambda flow: flow.power),
        Field("import_energy", "Wh", lambda flow: flow.import_energy),
        Field("export_energy", "Wh", lambda flow: flow.export_energy),
        Field("import_energy_today", "Wh", lambda flow: flow.import_energy_today),
        Field("export_energy_today", "Wh", lambda flow: flow.export_energy_today),
        Field("energy_source", "text", lambda flow: flow.energy_source),
    ),
)

BATTERY: Final = Group[BatteryFlow](
    measurement="battery",
    tags=("phase",),
    fields=(
        Field("power", "W, + discharging, − charging", lambda flow: flow.power),
        Field("charge_energy", "Wh", lambda flow: flow.charge_energy),
        Field("discharge_energy", "Wh", lambda flow: flow.discharge_energy),
        Field("energy_source", "text", lambda flow: flow.energy_source),
    ),
)

BATTERY_LEVEL: Final = Group[GatewaySnapshot](
    measurement="battery",
    tags=("phase",),
    fields=(Field("level", "%", lambda snapshot: snapshot.battery_level),),
)

METER: Final = Group[PhaseReading](
    measurement="meter",
    tags=("meter", "phase"),
    fields=(
        Field("power", "W", lambda reading: reading.power),
        Field("energy_delivered", "Wh", lambda reading: reading.energy_delivered),
        Field("energy_received", "Wh", lambda reading: reading.energy_received),
        Field("apparent_power", "VA", lambda reading: reading.apparent_power),
        Field("reactive_power", "var", lambda reading: reading.reactive_power),
        Field("power_factor", "−1 to 1", lambda reading: reading.power_factor),
        Field("voltage", "V", lambda reading: reading.voltage),
        Field("current", "A", lambda reading: reading.current),
        Field("frequency", "Hz", lambda reading: reading.frequency),
    ),
)

METER_SETUP: Final = Group[Meter](
    measurement="meter",
    tags=("meter", "phase"),
    fields=(
        Field("enabled", "boolean", lambda meter: meter.is_enabled),
        Field("phase_count", "number", lambda meter: meter.phase_count),
        Field("phase_mode", "text", lambda meter: meter.phase_mode),
        Field("metering_status", "text", lambda meter: meter.metering_status),
        Field(
            "status_flags", "text", lambda meter: ",".join(sorted(meter.status_flags))
        ),
    ),
)

INVERTER_POWER: Final = Group[Inverter](
    measurement="inverter",
    tags=("inverter",),
    fields=(
        Field("power", "W, mean of the report", lambda unit: unit.power),
        Field("max_power", "W, highest ever", lambda unit: unit.max_power),
    ),
)

INVERTER_DETAIL: Final = Group[Inverter](
    measurement="inverter",
    tags=("inverter",),
    fields=(
        Field("energy", "Wh", lambda unit: unit.energy),
        Field("energy_today", "Wh", lambda unit: unit.energy_today),
        Field("report_duration", "s", lambda unit: unit.report_duration),
        Field("temperature", "°C", lambda unit: unit.temperature),
        Field("dc_voltage", "V", lambda unit: unit.dc_voltage),
        Field("dc_current", "A", lambda unit: unit.dc_current),
        Field("ac_voltage", "V", lambda unit: unit.ac_voltage),
        Field("ac_frequency", "Hz", lambda unit: unit.ac_frequency),
    ),
)

AC_BATTERY_POWER: Final = Group[InverterReport](
    measurement="ac_battery",
    tags=("serial",),
    fields=(
        Field("power", "W, + discharging, − charging", lambda unit: unit.power),
        Field("max_power", "W, highest ever", lambda unit: unit.max_power),
    ),
)

AC_BATTERY_DETAIL: Final = Group[DeviceReport](
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
    ),
)

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
    Field("temperature", "°C", _celsius),
    Field("last_reported", "epoch s", lambda device: device.last_reported),
    Field("installed", "epoch s", lambda device: device.installed),
    Field("dc_switch_off", "boolean", lambda device: device.dc_switch_off),
    Field("grid_state", "text", lambda device: device.grid_state),
    Field("firmware", "text", lambda device: device.firmware),
    Field("part_number", "text", lambda device: device.part_number),
)


def _device_group(
    measurement: str, *fields: Field[EnsembleDevice]
) -> Group[EnsembleDevice]:
    return Group(measurement=measurement, tags=("serial",), fields=(*fields, *_DEVICE))


DEVICES: Final[Mapping[EnsembleKind, Group[EnsembleDevice]]] = {
    EnsembleKind.BATTERY: _device_group(
        "iq_battery",
        Field("level", "%", lambda device: device.level),
        Field("capacity", "Wh", lambda device: device.capacity),
    ),
    EnsembleKind.SYSTEM_CONTROLLER: _device_group("system_controller"),
    EnsembleKind.COLLAR: _device_group("collar"),
    EnsembleKind.COMBINER_CONTROLLER: _device_group("combiner_controller"),
    EnsembleKind.RGM: _device_group("rgm"),
}

STORAGE: Final = Group[StorageSummary](
    measurement="storage",
    fields=(
        Field("level", "%", lambda storage: storage.level),
        Field("battery_level", "%", lambda storage: storage.battery_level),
        Field("ac_battery_level", "%", lambda storage: storage.ac_battery_level),
        Field("capacity", "Wh", lambda storage: storage.capacity),
        Field("available_energy", "Wh", lambda storage: storage.available_energy),
        Field("reserve_energy", "Wh", lambda storage: storage.reserve_energy),
        Field("state_of_health", "%", lambda storage: storage.state_of_health),
        Field("configured_reserve", "%", lambda storage: storage.configured_reserve),
        Field("adjusted_reserve", "%", lambda storage: storage.adjusted_reserve),
    ),
)

REPORTED_SUMMARY: Final = Group[ProductionSummary](
    measurement="gateway_report",
    tags=("source", "phase"),
    fields=(
        Field("power", "W", lambda summary: summary.power),
        Field("energy", "Wh", lambda summary: summary.energy),
        Field("energy_today", "Wh", lambda summary: summary.energy_today),
        Field("energy_7_days", "Wh", lambda summary: summary.energy_7_days),
    ),
)

REPORTED_BLOCK: Final = Group[ProductionBlock](
    measurement="gateway_report",
    tags=("source", "phase"),
    fields=(
        Field("active_count", "number", lambda block: block.active_count),
        Field("power", "W", lambda block: block.power),
        Field("energy", "Wh", lambda block: block.energy),
        Field("energy_today", "Wh", lambda block: block.energy_today),
        Field("energy_7_days", "Wh", lambda block: block.energy_7_days),
    ),
)

REPORTED_LINE: Final = Group[LineBlock](
    measurement="gateway_report",
    tags=("source", "phase"),
    fields=(
        Field("power", "W", lambda line: line.power),
        Field("energy", "Wh", lambda line: line.energy),
    ),
)

REPORTED_AC_BATTERIES: Final = Group[AcBatteryBlock](
    measurement="gateway_report",
    tags=("source", "phase"),
    fields=(
        Field("active_count", "number", lambda block: block.active_count),
        Field("power", "W", lambda block: block.power),
        Field("energy_stored", "Wh", lambda block: block.energy_stored),
        Field("level", "%", lambda block: block.level),
        Field("state", "text", lambda block: block.state),
    ),
)

GATEWAY: Final = Group[GatewaySnapshot](
    measurement="gateway",
    fields=(
        Field("firmware", "text", lambda snapshot: snapshot.info.firmware.text),
        Field("part_number", "text", lambda snapshot: snapshot.info.part_number),
        Field("metered", "boolean", lambda snapshot: snapshot.info.is_metered),
        Field("web_tokens", "boolean", lambda snapshot: snapshot.info.web_tokens),
        Field("clock_offset", "s, + ahead of Home Assistant", _clock_offset),
    ),
)

GATEWAY_HOME: Final = Group[GatewayHome](
    measurement="gateway",
    fields=(
        Field("timezone", "text", lambda home: home.timezone),
        Field("last_cloud_report", "epoch s", lambda home: home.last_cloud_report),
    ),
)

GATEWAY_DEVICES: Final = Group[DeviceData](
    measurement="gateway",
    fields=(
        Field("device_count", "number", lambda data: data.count),
        Field("device_limit", "number", lambda data: data.limit),
    ),
)

NETWORK: Final = Group[NetworkInterface](
    measurement="network",
    tags=("interface",),
    fields=(
        Field("kind", "text", lambda way: way.kind),
        Field("primary", "boolean", lambda way: way.is_primary),
        Field("carrier", "boolean", lambda way: way.has_carrier),
        Field("signal_strength", "number", lambda way: way.signal_strength),
        Field("signal_strength_max", "number", lambda way: way.signal_strength_max),
    ),
)

GROUPS: Final[tuple[Group[Never], ...]] = (
    PRODUCTION,
    CONSUMPTION,
    GRID,
    BATTERY,
    BATTERY_LEVEL,
    METER,
    METER_SETUP,
    INVERTER_POWER,
    INVERTER_DETAIL,
    AC_BATTERY_POWER,
    AC_BATTERY_DETAIL,
    IQ_BATTERY_POWER,
    *DEVICES.values(),
    STORAGE,
    REPORTED_SUMMARY,
    REPORTED_BLOCK,
    REPORTED_LINE,
    REPORTED_AC_BATTERIES,
    GATEWAY,
    GATEWAY_HOME,
    GATEWAY_DEVICES,
    NETWORK,
)
"""Everything that the schema can write."""

NAMES: Final = frozenset(
    name
    for group in GROUPS
    for name in (GATEWAY_TAG, *group.tags, *(field.name for field in group.fields))
)
"""Every tag and field."""
