"""Whole sites at a moment of the simulator's plant, as snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from custom_components.envoy_local.client.client import derive
from custom_components.envoy_local.client.models.inverters import (
    DeviceData,
    DeviceReport,
)
from custom_components.envoy_local.client.models.meters import (
    MeterKind,
    MeterReading,
    PhaseReading,
)
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.totals import Section, Totals
from custom_components.envoy_local.ledger import Ledger
from simulator import SCENARIOS, Plant

from ..client import sites

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2026, 6, 1, tzinfo=ZONE).timestamp()
LONGEST_GAP = 300.0
HOUR = 3600.0

PRODUCTION, NET, STORAGE = (
    MeterKind.PRODUCTION,
    MeterKind.NET_CONSUMPTION,
    MeterKind.STORAGE,
)
LOAD = MeterKind.TOTAL_CONSUMPTION
HOME = Plant(SCENARIOS["home"], timezone="Europe/Berlin")

type Readings = dict[MeterKind, MeterReading]


def metered(at: float, plant: Plant = HOME) -> Readings:
    """Return what the four meters read at an epoch."""
    power, counters = plant.power(at), plant.counters(at)
    rows = {
        PRODUCTION: (power.production, counters.production, 0.0),
        NET: (power.grid, counters.grid_import, counters.grid_export),
        STORAGE: (
            power.battery,
            counters.battery_discharge,
            counters.battery_charge,
        ),
        LOAD: (power.consumption, counters.consumption, 0.0),
    }
    return {
        kind: sites.reading(
            kind,
            watts,
            delivered=delivered,
            received=received,
            channels=halves(watts, delivered, received),
        )
        for kind, (watts, delivered, received) in rows.items()
    }


def halves(watts: float, delivered: float, received: float) -> tuple[PhaseReading, ...]:
    """Share a meter out over two phases."""
    return tuple(
        sites.phase(watts * part, delivered=delivered * part, received=received * part)
        for part in (0.55, 0.45)
    )


def house(
    at: float, readings: Mapping[MeterKind, MeterReading], *, phase_count: int = 2
) -> GatewaySnapshot:
    """Return the snapshot of a site with just these meters."""
    return derive(
        GatewaySnapshot(
            info=sites.info(time=round(at)),
            meters=tuple(sites.meter(k, phase_count=phase_count) for k in readings),
            readings=tuple(readings.values()),
            read_at={Section.INFO: at, Section.READINGS: at},
        )
    )


def units(
    at: float, energies: Mapping[str, float], *, power: float = 200.0
) -> GatewaySnapshot:
    """Return the snapshot of a site with inverters only."""
    devices: tuple[DeviceReport, ...] = tuple(
        replace(sites.device(serial, power, energy=energy), last_reported=round(at))
        for serial, energy in energies.items()
    )
    return derive(
        GatewaySnapshot(
            info=sites.info(time=round(at)),
            meters=(),
            device_data=DeviceData(devices=devices, count=len(devices), limit=50),
            read_at={Section.INFO: at, Section.DEVICE_DATA: at},
        )
    )


def apply(
    ledger: Ledger, snapshot: GatewaySnapshot, at: float, *, wrong_by: float = 0.0
) -> GatewaySnapshot:
    """Book a snapshot at a true epoch, by a clock that may be wrong."""
    now = datetime.fromtimestamp(at + wrong_by, ZONE)
    return ledger.apply(snapshot, now=now, timer=at)


def energies(totals: Totals) -> list[float | None]:
    """Return the six energies of a balance."""
    return [
        totals.production.energy,
        totals.consumption.energy,
        totals.grid.import_energy,
        totals.grid.export_energy,
        totals.battery.charge_energy,
        totals.battery.discharge_energy,
    ]


def true_energies(at: float, plant: Plant = HOME) -> list[float]:
    """Return what they really are."""
    real = plant.counters(at)
    return [
        real.production,
        real.consumption,
        real.grid_import,
        real.grid_export,
        real.battery_charge,
        real.battery_discharge,
    ]


def imbalance(totals: Totals) -> float:
    """Return by how much the energies disagree."""
    made, used, bought, sold, charged, given = (e or 0.0 for e in energies(totals))
    return made + bought - sold + given - charged - used
