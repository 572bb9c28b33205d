"""The names of the schema `standard`: its measurements, their tags and fields."""

from __future__ import annotations

from typing import Final, Never

from ..client.models.gateway import GatewayHome, NetworkInterface
from ..client.models.inverters import DeviceData, Inverter
from ..client.models.meters import Meter, PhaseReading
from ..client.models.production import (
    AcBatteryBlock,
    LineBlock,
    ProductionBlock,
    ProductionSummary,
)
from ..client.models.snapshot import GatewaySnapshot
from ..client.models.totals import BatteryFlow, Flow, GridFlow, Section
from . import equipment_fields
from .field import GATEWAY_TAG, Field, Group


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
        Field("ac_current", "A", lambda unit: unit.ac_current),
        Field("ac_frequency", "Hz", lambda unit: unit.ac_frequency),
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
        Field("reaches_cloud", "boolean", lambda home: home.reaches_cloud),
        Field("tariff", "text", lambda home: home.tariff),
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
        Field("status", "text", lambda way: way.status),
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
    *equipment_fields.GROUPS,
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
