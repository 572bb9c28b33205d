"""Days of readings in a moment: the plant's answers, parsed, straight into a ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
import json
from typing import Any
from zoneinfo import ZoneInfo

from custom_components.envoy_local.client.client import derive
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.totals import Section
from custom_components.envoy_local.client.payloads.ensemble import (
    parse_battery_power,
    parse_inventory,
)
from custom_components.envoy_local.client.payloads.info import parse_info
from custom_components.envoy_local.client.payloads.meters import (
    parse_meters,
    parse_readings,
)
from custom_components.envoy_local.client.payloads.production import (
    parse_production,
    parse_v1_production,
)
from custom_components.envoy_local.const import LONGEST_GAP
from custom_components.envoy_local.ledger import Ledger
from custom_components.envoy_local.ledger.account import COUNTERS
from custom_components.envoy_local.ledger.ledger import DAY_SENSORS
from simulator import SCENARIOS, Plant, Scenario
from simulator.plantsite import PlantSite

from .energy_site import METERS, READINGS, REPORT, Change, Spoiled

SUMMARY = "/api/v1/production"
_READ = (Section.READINGS, Section.BATTERY_POWER, Section.REPORT, Section.SUMMARY)


@dataclass(slots=True, kw_only=True)
class Feed:
    """A site's snapshots at any moment, without a wire in between."""

    scenario: str | Scenario = "home"
    changes: dict[str, Change] = field(default_factory=dict)
    """By path: what the gateway says instead of the truth."""
    plant: Plant = field(init=False)
    _site: Spoiled = field(init=False)

    def __post_init__(self) -> None:
        known = self.scenario
        self.plant = Plant(SCENARIOS[known] if isinstance(known, str) else known)
        self._site = Spoiled(PlantSite(self.plant))
        self._site.changes = self.changes

    def snapshot(self, at: float) -> GatewaySnapshot:
        """Return what the gateway says at an epoch second."""
        report, summary = REPORT in self.changes, SUMMARY in self.changes
        return derive(
            GatewaySnapshot(
                info=parse_info(self.ask("/info", at)),
                meters=parse_meters(self.ask(METERS, at)),
                readings=parse_readings(self.ask(READINGS, at)),
                inventory=parse_inventory(self.ask("/ivp/ensemble/inventory", at)),
                battery_power=parse_battery_power(self.ask("/ivp/ensemble/power", at)),
                report=parse_production(self.ask(REPORT, at)) if report else None,
                summary=(
                    parse_v1_production(self.ask(SUMMARY, at)) if summary else None
                ),
                read_at=dict.fromkeys(_READ, at),
            )
        )

    def ask(self, path: str, at: float) -> bytes:
        """Return an answer as it comes over the wire."""
        answer = self._site.answer(path, "", serial=self._site.serial, now=at)
        assert answer
        return answer.body


class Keeper:
    """Keeps a ledger as Home Assistant does: its clock, its storage, its sensors."""

    def __init__(self, feed: Feed, zone: ZoneInfo) -> None:
        self._feed = feed
        self._zone = zone
        self.ledger = Ledger(longest_gap=LONGEST_GAP)
        self.shown: dict[str, float] = {}
        self.shown_on: Any = None
        self.stored: str | None = None

    def read(self, at: float, *, clock: float = 0.0) -> dict[str, float]:
        """Take a reading, and return what the sensors show from then on, in Wh.

        The clock of the computer is wrong by `clock` seconds.
        """
        now = self._now(at + clock)
        snapshot = self.ledger.apply(self._feed.snapshot(at), now=now, timer=at)
        known = dict(_energies(snapshot))
        # Sensors show kWh with six decimals.
        self.shown = {key: round(energy, 3) for key, energy in known.items()}
        self.shown_on = now.date()
        return self.shown

    def store(self, at: float) -> None:
        """Write the state, as text."""
        self.stored = json.dumps(self.ledger.as_state(self._now(at)))

    def restart(self, at: float, *, stored: str | None) -> None:
        """Begin with what is on disk and with what the recorder knows."""
        self.ledger = Ledger(longest_gap=LONGEST_GAP)
        if stored is not None:
            state = json.loads(stored)
            self.ledger = Ledger.from_state(state, longest_gap=LONGEST_GAP)
        is_today = self._now(at).date() == self.shown_on
        self.ledger.resume(self.shown, is_today=is_today)

    def _now(self, at: float) -> datetime:
        return datetime.fromtimestamp(at, self._zone)


def moments(start: float, hours: float, step: float) -> Iterator[float]:
    """Yield the moments of readings."""
    for index in range(1, round(hours * 3600 / step) + 1):
        yield start + index * step


def truth(plant: Plant, at: float) -> Mapping[str, float]:
    """Return the plant's counters by the keys of the sensors."""
    counted = plant.counters(at)
    return {
        "production_energy": counted.production,
        "consumption_energy": counted.consumption,
        "grid_import_energy": counted.grid_import,
        "grid_export_energy": counted.grid_export,
        "battery_charge_energy": counted.battery_charge,
        "battery_discharge_energy": counted.battery_discharge,
    }


def _energies(snapshot: GatewaySnapshot) -> Iterator[tuple[str, float]]:
    totals = snapshot.totals
    parts = {
        "production": totals.production,
        "consumption": totals.consumption,
        "grid": totals.grid,
        "battery": totals.battery,
    }
    for key in (*COUNTERS, *DAY_SENSORS):
        part, _, name = key.partition("_")
        energy = getattr(parts[part], name)
        if energy is not None:
            yield key, energy
