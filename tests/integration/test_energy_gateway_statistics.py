"""What the energy dashboard makes of days and consumptions that gateways get wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
import json
from typing import Any

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
import pytest

from simulator import SCENARIOS, Plant, Scenario

from .energy_replay import Feed, Keeper, moments, truth
from .energy_site import HIGHEST_POWER, METERS, REPORT, Change, coming
from .gateway_days import (
    BERLIN,
    TOTALS,
    as_the_lifetime,
    frozen,
    late,
    repeating_net,
)
from .test_energy_statistics import (  # noqa: F401  # the same quiet database
    Series,
    _keep_the_database_quiet,
    mock_recorder_before_hass,
    name_of,
    record,
    recorder_config,
)

HOURS = 10
STEP = 300.0
START = coming(BERLIN, 6, 21, 16)
"""Eight hours before midnight: the sun still shines."""
SITE = SCENARIOS["three_phase"]
REPEATING = replace(SITE, firmware="D8.3.5433")
PLANT = Plant(SITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One fault, and which totals can be known in spite of it."""

    changes: Mapping[str, Change]
    scenario: Scenario = SITE
    keys: tuple[str, ...] = TOTALS

    def feed(self) -> Feed:
        return Feed(scenario=self.scenario, changes=dict(self.changes))


CASES = {
    "frozen": Case(changes=frozen()),
    "the lifetime": Case(changes=as_the_lifetime()),
    "a quarter late": Case(changes=late(PLANT, 780)),
    "an hour late": Case(changes=late(PLANT, 3600)),
    "total is net": Case(changes=repeating_net(), scenario=REPEATING),
    "total is net without list": Case(
        changes={**repeating_net(), METERS: lambda _, __: []},
        scenario=REPEATING,
        keys=TOTALS[:2],
    ),
}
RAW: dict[str, Callable[[Any], float]] = {
    "frozen": lambda said: float(said["consumption"][0]["whToday"]),
    "total is net": lambda said: float(said["consumption"][0]["whLifetime"]),
}
"""What a sensor would show that believes the gateway, by the fault."""


def series_of(case: Case) -> dict[str, Series]:
    """Return what the totals and the days show through a fault."""
    feed = case.feed()
    keeper = Keeper(feed, feed.plant.zone)
    keys = [name for key in case.keys for name in (key, f"{key}_today")]
    shown: dict[str, Series] = {key: [] for key in keys}
    for at in moments(START.timestamp(), HOURS, STEP):
        energies = keeper.read(at)
        for key, series in shown.items():
            series.append((at, energies[key] / 1000))
    return shown


def counted(key: str) -> float:
    """Return the kWh between the first and the last reading but one."""
    first, last = START.timestamp() + STEP, START.timestamp() + HOURS * 3600 - STEP
    return (truth(PLANT, last)[key] - truth(PLANT, first)[key]) / 1000


async def test_the_dashboard_shows_what_was_counted(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    every = {
        name_of(fault, key): series
        for fault, case in CASES.items()
        for key, series in series_of(case).items()
    }
    hourly = await record(hass, every, START, HOURS)
    for fault, case in CASES.items():
        for key in case.keys:
            total, today = (
                hourly[name_of(fault, name)] for name in (key, f"{key}_today")
            )
            for changes in (total, today):
                assert len(changes) == HOURS, (fault, key)
                assert min(changes) >= 0, (fault, key, changes)
                assert max(changes) <= HIGHEST_POWER / 1000, (fault, key, changes)
            assert sum(total) == pytest.approx(counted(key), rel=0.001, abs=1e-3), fault
            # What is shared out over the interval of midnight is lost to the day.
            assert sum(today) == pytest.approx(counted(key), abs=0.05), (fault, key)


async def test_the_gateways_numbers_would_have_shown_something_else(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    every: dict[str, Series] = {}
    for fault, raw in RAW.items():
        feed = CASES[fault].feed()
        every[name_of(fault, "raw")] = [
            (at, raw(json.loads(feed.ask(REPORT, at))) / 1000)
            for at in moments(START.timestamp(), HOURS, STEP)
        ]
    hourly = await record(hass, every, START, HOURS)
    for fault in RAW:
        shown = sum(hourly[name_of(fault, "raw")])
        assert abs(shown - counted("consumption_energy")) > 1, fault
