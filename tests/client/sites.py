"""Sites in words: snapshots built from as few facts as a rule needs."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

from custom_components.envoy_local.client.client import derive
from custom_components.envoy_local.client.models.gateway import Firmware, GatewayInfo
from custom_components.envoy_local.client.models.inverters import (
    DeviceData,
    DeviceKind,
    DeviceReport,
    InverterReport,
)
from custom_components.envoy_local.client.models.meters import (
    Meter,
    MeterKind,
    MeterReading,
    PhaseReading,
)
from custom_components.envoy_local.client.models.production import (
    ProductionBlock,
    ProductionReport,
    ProductionSummary,
)
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.storage import (
    Battery,
    EnsembleInventory,
    EnsembleKind,
)
from custom_components.envoy_local.client.models.totals import Section
from custom_components.envoy_local.client.models.units import (
    AcBatteryReport,
    RelayReport,
)

NOON = 1_750_000_000
"""The gateway's clock in these sites, and ours."""


_UNREPORTED: Final[dict[str, None]] = dict.fromkeys(
    ("apparent_power", "reactive_power", "power_factor", "current", "frequency")
)


def info(*, firmware: str = "D8.3.5169", time: int | None = NOON) -> GatewayInfo:
    return GatewayInfo(
        serial="202412345678",
        part_number=None,
        firmware=Firmware(firmware),
        is_metered=True,
        web_tokens=True,
        time=time,
    )


def site(**sections: Any) -> GatewaySnapshot:
    """Return the snapshot of a site, with everything that follows."""
    known = sections.setdefault("info", info())
    sections.setdefault("gateway_time", known.time)
    return derive(GatewaySnapshot(read_at={Section.INFO: NOON}, **sections))


def meter(
    kind: MeterKind,
    *,
    is_enabled: bool = True,
    phase_count: int = 1,
    phase_mode: str = "three",
) -> Meter:
    return Meter(
        eid=_EIDS[kind],
        kind=kind,
        is_enabled=is_enabled,
        phase_mode=phase_mode,
        phase_count=phase_count,
        metering_status="normal",
        status_flags=(),
    )


def phase(
    power: float | None = None,
    *,
    delivered: float | None = None,
    received: float | None = None,
    voltage: float | None = None,
) -> PhaseReading:
    return PhaseReading(
        energy_delivered=delivered,
        energy_received=received,
        power=power,
        voltage=voltage,
        **_UNREPORTED,
    )


def reading(
    kind: MeterKind,
    power: float | None = None,
    *,
    delivered: float | None = None,
    received: float | None = None,
    voltage: float | None = None,
    channels: tuple[PhaseReading, ...] = (),
) -> MeterReading:
    return MeterReading(
        eid=_EIDS[kind],
        timestamp=NOON,
        channels=channels,
        energy_delivered=delivered,
        energy_received=received,
        power=power,
        voltage=voltage,
        **_UNREPORTED,
    )


def report(
    serial: str,
    power: float | None,
    *,
    ago: int = 60,
    is_ac_battery: bool = False,
) -> InverterReport:
    return InverterReport(
        serial=serial,
        is_ac_battery=is_ac_battery,
        power=power,
        max_power=240.0,
        last_reported=NOON - ago,
    )


def device(
    serial: str,
    power: float | None = None,
    *,
    kind: DeviceKind = DeviceKind.INVERTER,
    energy: float | None = None,
    energy_used: float | None = None,
    ago: int = 60,
    is_active: bool = True,
) -> DeviceReport:
    known: dict[str, Any] = {
        "serial": serial,
        "kind": kind,
        "is_active": is_active,
        "power": power,
        "max_power": 250.0,
        "energy": energy,
        "energy_used": energy_used,
        "last_reported": NOON - ago,
        "report_duration": 300,
    }
    model = _REPORTS.get(kind, DeviceReport)
    nothing: dict[str, Any] = dict.fromkeys(field.name for field in fields(model))
    return model(**{**nothing, **known})


_REPORTS: Final[dict[DeviceKind, type[DeviceReport]]] = {
    DeviceKind.AC_BATTERY: AcBatteryReport,
    DeviceKind.RELAY: RelayReport,
}


def device_data(*devices: DeviceReport, count: int | None = None) -> DeviceData:
    known = len(devices) if count is None else count
    return DeviceData(devices=devices, count=known, limit=50)


def summary(
    energy: float | None,
    power: float | None = 0.0,
    *,
    today: float | None = None,
    week: float | None = None,
) -> ProductionSummary:
    return ProductionSummary(
        power=power, energy=energy, energy_today=today, energy_7_days=week
    )


def block(
    energy: float | None,
    power: float | None = 0.0,
    *,
    active: int = 1,
    today: float | None = None,
    week: float | None = None,
) -> ProductionBlock:
    return ProductionBlock(
        active_count=active,
        reading_time=NOON,
        power=power,
        energy=energy,
        energy_today=today,
        energy_7_days=week,
        lines=(),
    )


def production_report(**blocks: Any) -> ProductionReport:
    nothing: dict[str, Any] = {
        "inverters": None,
        "production": None,
        "total_consumption": None,
        "net_consumption": None,
        "ac_batteries": None,
    }
    return ProductionReport(**{**nothing, **blocks})


def batteries(*serials: str) -> EnsembleInventory:
    return EnsembleInventory(devices=tuple(_battery(serial) for serial in serials))


def _battery(serial: str) -> Battery:
    values: dict[str, Any] = dict.fromkeys(field.name for field in fields(Battery))
    known = {"kind": EnsembleKind.BATTERY, "serial": serial, "status": ()}
    return Battery(**{**values, **known})


_EIDS = {
    MeterKind.PRODUCTION: 704643328,
    MeterKind.NET_CONSUMPTION: 704643584,
    MeterKind.TOTAL_CONSUMPTION: 704643584,
    MeterKind.STORAGE: 704643840,
    MeterKind.BACKFEED: 704644352,
    MeterKind.LOAD: 704644608,
    MeterKind.EVSE: 704644864,
    MeterKind.PV3P: 704645120,
}
