"""What the energy dashboard makes of every fault: Home Assistant's own statistics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time as day_time, timedelta
import json
import logging
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from .energy_replay import Feed, Keeper, moments, truth
from .energy_site import (
    HIGHEST_POWER,
    METERS,
    READINGS,
    REPORT,
    Change,
    coming,
    coming_clock_change,
    meter_as,
    numbers,
)

WRAP = 2**32 / 3600
HOURS = 5
STEP = 60.0
START = coming("America/Los_Angeles", 6, 21, 9)
SITE = ("production_energy", "consumption_energy")
ATTRIBUTES = {
    "state_class": "total_increasing",
    "device_class": "energy",
    "unit_of_measurement": "kWh",
    "energy_source": "meter",
}

type Series = list[tuple[float, float]]
"""Epoch seconds and kWh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One fault: what the gateway says, and what the computer's clock does."""

    changes: Mapping[str, Change] = field(default_factory=dict)
    clock: Callable[[float], float] = lambda _: 0.0
    lost: float = 0.0
    """kWh that nobody can know."""
    raw_spikes: bool = True


def between(first: float, last: float, change: Callable[[Any], Any]) -> Change:
    """Change the readings for some minutes, counted from the start."""

    def at(rows: Any, now: float) -> Any:
        minute = (now - START.timestamp()) / 60
        return numbers(change)(rows, now) if first <= minute < last else rows

    return at


def swapped(rows: Any, now: float) -> Any:
    """Let another gateway's production meter count from 150 minutes on."""
    away = now >= START.timestamp() + 9000
    rows[0]["actEnergyDlvd"] -= 20_000_000 * away
    return rows


def frozen() -> Change:
    """Let the counters stand for an hour and catch up in one step."""
    held: list[Any] = []

    def at(rows: Any, now: float) -> Any:
        minute = (now - START.timestamp()) / 60
        is_held = 120 <= minute < 180
        held[:] = (held or [rows]) if is_held else []
        return held[0] if is_held else rows

    return at


def wrapping() -> Mapping[str, Change]:
    """Leave only the inverters' sum, which passes 2^32 J after some hours."""
    plant = Feed().plant
    made = truth(plant, START.timestamp())["production_energy"]

    def report(said: Any, now: float) -> Any:
        total = truth(plant, now)["production_energy"] - made + WRAP - 12_000
        said["production"][0]["whLifetime"] = total % WRAP
        return said

    return {METERS: meter_as("production", state="disabled"), REPORT: report}


CASES = {
    "nothing": Case(raw_spikes=False),
    "boot zeros": Case(changes={READINGS: between(60, 66, lambda _: 0)}),
    "long zeros": Case(changes={READINGS: between(60, 110, lambda _: 0)}),
    "half": Case(changes={READINGS: between(60, 75, lambda value: value / 2)}),
    "4294967295": Case(changes={READINGS: between(60, 62, lambda _: 4_294_967_295)}),
    "1583": Case(changes={READINGS: between(60, 80, lambda _: 1583)}),
    "wrap": Case(changes=wrapping(), raw_spikes=False),
    "swap": Case(changes={READINGS: swapped}, lost=0.07),
    "frozen": Case(changes={READINGS: frozen()}, raw_spikes=False),
    "clock ahead": Case(
        clock=lambda at: 86400.0 * (at > START.timestamp() + 7200), raw_spikes=False
    ),
    "clock behind": Case(
        clock=lambda at: -3e8 * (at < START.timestamp() + 7200), raw_spikes=False
    ),
}


@pytest.fixture
def mock_recorder_before_hass(async_test_recorder: object) -> None:
    """Have the recorder's database ready before Home Assistant is."""


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    """Write when a test says so, not after each state."""
    return {"commit_interval": 600}


@pytest.fixture(autouse=True)
def _keep_the_database_quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Log no SQL: that takes longer than the SQL itself."""
    for logger in ("sqlalchemy", "sqlalchemy.engine", "homeassistant"):
        caplog.set_level(logging.WARNING, logger=logger)


def series_of(case: Case) -> dict[str, Series]:
    """Return what the sensors show through a fault."""
    feed = Feed(changes=dict(case.changes))
    keeper = Keeper(feed, feed.plant.zone)
    shown: dict[str, Series] = {key: [] for key in SITE}
    for at in moments(START.timestamp(), HOURS, STEP):
        energies = keeper.read(at, clock=case.clock(at))
        for key, series in shown.items():
            series.append((at, energies[key] / 1000))
    return shown


def raw_series_of(case: Case) -> dict[str, Series]:
    """Return what a sensor would show that believes the gateway."""
    feed = Feed(changes=dict(case.changes))
    return {
        "production_energy": [
            (at, json.loads(feed.ask(READINGS, at))[0]["actEnergyDlvd"] / 1000)
            for at in moments(START.timestamp(), HOURS, STEP)
        ]
    }


async def record(
    hass: HomeAssistant, every: Mapping[str, Series], start: datetime, hours: float
) -> dict[str, list[float]]:
    """Have series recorded and compiled; return each one's kWh hour by hour."""
    assert await async_setup_component(hass, "sensor", {})
    for name, series in every.items():
        for at, value in series:
            state = f"{value:.6f}"
            hass.states.async_set(f"sensor.{name}", state, ATTRIBUTES, timestamp=at)
    await async_wait_recording_done(hass)
    utc = start.astimezone(UTC)
    for index in range(round(hours * 12)):
        do_adhoc_statistics(hass, start=utc + timedelta(minutes=5 * index))
    await async_wait_recording_done(hass)
    names = {f"sensor.{name}" for name in every}
    found = await hass.async_add_executor_job(
        lambda: statistics_during_period(
            hass, utc, None, names, "hour", None, {"change"}
        )
    )
    return {
        name: [row["change"] or 0.0 for row in found[f"sensor.{name}"]]
        for name in every
    }


def name_of(fault: str, key: str) -> str:
    """Return a name that an entity can have."""
    return f"{key}_{fault.replace(' ', '_')}"


async def test_no_fault_reaches_the_energy_dashboard(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    every = {
        name_of(fault, key): series
        for fault, case in CASES.items()
        for key, series in series_of(case).items()
    }
    hourly = await record(hass, every, START, HOURS)

    plant, first = Feed().plant, START.timestamp() + STEP
    last = START.timestamp() + HOURS * 3600 - STEP
    begun, ended = truth(plant, first), truth(plant, last)
    for fault, case in CASES.items():
        for key in SITE:
            changes = hourly[name_of(fault, key)]
            assert len(changes) == HOURS, fault
            assert min(changes) >= 0, (fault, key, changes)
            assert max(changes) <= HIGHEST_POWER / 1000, (fault, key, changes)
            real = (ended[key] - begun[key]) / 1000
            assert sum(changes) == pytest.approx(real, rel=0.001, abs=case.lost), fault


async def test_the_raw_counters_would_have_reached_it(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    """The faults are real ones: believed, they stay in the statistics for ever."""
    spiky = {fault: case for fault, case in CASES.items() if case.raw_spikes}
    every = {
        name_of(fault, key): series
        for fault, case in spiky.items()
        for key, series in raw_series_of(case).items()
    }
    hourly = await record(hass, every, START, HOURS)
    for fault in spiky:
        changes = hourly[name_of(fault, "production_energy")]
        assert max(changes) > 1000 or min(changes) < 0, (fault, changes)


@pytest.mark.parametrize("forward", [True, False], ids=["to summer", "to winter"])
async def test_the_day_that_begins_anew_adds_up(
    recorder_mock: Recorder, hass: HomeAssistant, forward: bool
) -> None:
    """Over the midnights around a clock change, the day's sums lose nothing."""
    zone = ZoneInfo("Europe/Berlin")
    day = coming_clock_change("Europe/Berlin", forward=forward)
    start = datetime.combine(day, day_time(), zone) - timedelta(hours=1)
    feed = Feed(scenario="three_phase")
    keeper = Keeper(feed, zone)
    keys = ("consumption_energy", "consumption_energy_today")
    every: dict[str, Series] = {key: [] for key in keys}
    hours = 27
    for at in moments(start.timestamp(), hours, 300):
        energies = keeper.read(at)
        for key, series in every.items():
            series.append((at, energies[key] / 1000))
    hourly = await record(hass, every, start, hours)
    total, today = (hourly[key] for key in keys)
    for shown in (total, today):
        assert len(shown) == hours
        assert min(shown) >= 0
        assert max(shown) < HIGHEST_POWER / 1000
    assert sum(today) == pytest.approx(sum(total), abs=0.1)
