"""What the energy dashboard makes of counters that wrap one by one or lose a phase."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
import json
from typing import Any

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
import pytest

from custom_components.envoy_local.ledger.corrections import Correction, Corrections

from .energy_replay import Feed, Keeper, moments, truth
from .energy_site import (
    HIGHEST_POWER,
    METERS,
    READINGS,
    REPORT,
    Change,
    coming,
    meter_as,
)
from .test_energy_counters import without_second_phase
from .test_energy_statistics import (  # noqa: F401  # the same quiet database
    WRAP,
    Series,
    _keep_the_database_quiet,
    mock_recorder_before_hass,
    name_of,
    record,
    recorder_config,
)

HOME = "America/Los_Angeles"
HOURS = 5
STEP = 120.0
MORNING, EVENING = coming(HOME, 6, 21, 9), coming(HOME, 6, 21, 17)
SITE = ("production_energy", "consumption_energy")
PLANT = Feed().plant
NEVER = (0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One fault, in minutes since the start."""

    changes: Mapping[str, Change]
    corrections: Mapping[Correction, int]
    """How often at least each is corrected."""
    start: datetime = MORNING
    off: tuple[float, float] = NEVER
    """From when to when Home Assistant is off."""
    keys: tuple[str, ...] = SITE
    left: float = 1.0
    """The share of the truth that the gateway still counts."""
    raw: Callable[[Feed, float], float]
    """The Wh that a sensor would show that believes the gateway."""

    def times(self) -> list[float]:
        """Return when there are readings."""
        first, last = self.away()
        every = moments(self.start.timestamp(), HOURS, STEP)
        return [at for at in every if not first < at < last]

    def away(self) -> tuple[float, float]:
        """Return the last reading before we are off, and the first one after."""
        first, last = (self.start.timestamp() + 60 * minute for minute in self.off)
        return first, last

    def counted(self, key: str) -> float:
        """Return the true kWh between the first and the last reading but one."""
        first = self.start.timestamp() + STEP
        last = self.start.timestamp() + HOURS * 3600 - STEP
        return (truth(PLANT, last)[key] - truth(PLANT, first)[key]) / 1000


def roof(*leads: float) -> Mapping[str, Change]:
    """Leave only the sum of some inverters, each with its own 32 bits.

    Each begins again after as many Wh as its lead.
    """
    begun = truth(PLANT, MORNING.timestamp())["production_energy"]

    def report(said: Any, now: float) -> Any:
        made = truth(PLANT, now)["production_energy"] - begun
        each = made / len(leads)
        cut = sum((WRAP - lead + each) % WRAP for lead in leads)
        said["production"][0]["whLifetime"] = int(cut)
        return said

    return {METERS: meter_as("production", state="disabled"), REPORT: report}


def losing_a_phase(start: datetime, *, minutes: float = 20) -> Mapping[str, Change]:
    """Let the storage meter's second phase be zero from the second hour on."""
    first = start.timestamp() + 3600

    def readings(rows: Any, now: float) -> Any:
        is_lost = first <= now < first + minutes * 60
        return without_second_phase(rows, now) if is_lost else rows

    return {READINGS: readings}


def reported(feed: Feed, at: float) -> float:
    """Return what the gateway says of all its inverters."""
    return float(json.loads(feed.ask(REPORT, at))["production"][0]["whLifetime"])


def charged(feed: Feed, at: float) -> float:
    """Return what the gateway's storage meter says."""
    return float(json.loads(feed.ask(READINGS, at))[2]["actEnergyRcvd"])


def discharged(feed: Feed, at: float) -> float:
    """Return what the gateway's storage meter says."""
    return float(json.loads(feed.ask(READINGS, at))[2]["actEnergyDlvd"])


CASES = {
    "one by one": Case(
        changes=roof(1500, 3000, 600_000),
        corrections={Correction.WRAP: 2},
        raw=reported,
    ),
    "three at once": Case(
        changes=roof(2000, 2000, 2000, 600_000),
        corrections={Correction.WRAP: 3},
        raw=reported,
    ),
    "one while off": Case(
        changes=roof(4000, 600_000),
        corrections={Correction.WRAP: 1},
        off=(100, 190),
        raw=reported,
    ),
    "two while off": Case(
        changes=roof(2600, 3000, 600_000),
        corrections={Correction.WRAP: 2},
        off=(100, 190),
        raw=reported,
    ),
    "a phase lost while charging": Case(
        changes=losing_a_phase(MORNING),
        corrections={Correction.HELD_LOW: 10},
        keys=(*SITE, "battery_charge_energy"),
        raw=charged,
    ),
    "a phase lost while discharging": Case(
        changes=losing_a_phase(EVENING),
        corrections={Correction.HELD_LOW: 10},
        start=EVENING,
        keys=(*SITE, "battery_discharge_energy"),
        raw=discharged,
    ),
    "a phase lost for good": Case(
        changes=losing_a_phase(EVENING, minutes=300),
        corrections={Correction.HELD_LOW: 10, Correction.NEW_BASE: 1},
        start=EVENING,
        keys=("battery_discharge_energy",),
        left=0.5,
        raw=discharged,
    ),
}


def series_of(case: Case) -> tuple[dict[str, Series], Corrections]:
    """Return what the sensors show through a fault, and what was corrected."""
    feed = Feed(changes=dict(case.changes))
    keeper = Keeper(feed, feed.plant.zone)
    shown: dict[str, Series] = {key: [] for key in case.keys}
    last, again = case.away()
    for at in case.times():
        if at == again:
            keeper.restart(at, stored=keeper.stored)
        energies = keeper.read(at)
        if at == last:
            keeper.store(at)
        for key, series in shown.items():
            series.append((at, energies[key] / 1000))
    return shown, keeper.ledger.corrections


def beginning(start: datetime) -> dict[str, Case]:
    """Return the faults of a part of the day."""
    return {fault: case for fault, case in CASES.items() if case.start == start}


@pytest.mark.parametrize("start", [MORNING, EVENING], ids=["morning", "evening"])
async def test_the_dashboard_shows_what_was_counted(
    recorder_mock: Recorder, hass: HomeAssistant, start: datetime
) -> None:
    every: dict[str, Series] = {}
    for fault, case in beginning(start).items():
        shown, corrections = series_of(case)
        every |= {name_of(fault, key): series for key, series in shown.items()}
        for kind, least in case.corrections.items():
            assert corrections[kind] >= least, (fault, corrections)
    hourly = await record(hass, every, start, HOURS)
    for fault, case in beginning(start).items():
        for key in case.keys:
            changes = hourly[name_of(fault, key)]
            assert len(changes) == HOURS, (fault, key)
            assert min(changes) >= 0, (fault, key, changes)
            assert max(changes) <= HIGHEST_POWER / 1000, (fault, key, changes)
            real = case.counted(key) * case.left
            assert sum(changes) == pytest.approx(real, rel=0.001, abs=1e-3), fault


@pytest.mark.parametrize("start", [MORNING, EVENING], ids=["morning", "evening"])
async def test_the_gateways_counters_would_have_shown_spikes(
    recorder_mock: Recorder, hass: HomeAssistant, start: datetime
) -> None:
    """Half a MWh in an hour and more, which stays in the statistics for ever."""
    every: dict[str, Series] = {}
    for fault, case in beginning(start).items():
        feed = Feed(changes=dict(case.changes))
        every[name_of(fault, "raw")] = [
            (at, case.raw(feed, at) / 1000) for at in case.times()
        ]
    hourly = await record(hass, every, start, HOURS)
    for fault in beginning(start):
        changes = hourly[name_of(fault, "raw")]
        assert max(changes) > 500, (fault, changes)
