"""The plant obeys physics: totals agree, counters rise, nights are dark."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
import random

import pytest

from simulator import SCENARIOS, Plant, PlantCounters

NOON = datetime.fromisoformat("2026-06-21T20:00:00+00:00").timestamp()
NAMES = sorted(SCENARIOS)


def instants(count: int) -> list[float]:
    source = random.Random(7)
    start = datetime.fromisoformat("2024-04-01T00:00:00+00:00").timestamp()
    return [start + source.random() * 4 * 365 * 86_400 for _ in range(count)]


def imbalance(flow: PlantCounters) -> float:
    supplied = flow.production + flow.grid_import + flow.battery_discharge
    return supplied - flow.grid_export - flow.battery_charge - flow.consumption


def values(counters: PlantCounters) -> tuple[float, ...]:
    return (
        counters.production,
        counters.consumption,
        counters.grid_import,
        counters.grid_export,
        counters.battery_charge,
        counters.battery_discharge,
        *counters.import_phases,
        *counters.export_phases,
    )


@pytest.mark.parametrize("name", NAMES)
def test_totals_agree_at_any_instant(name: str) -> None:
    plant = Plant(SCENARIOS[name])
    worst = max(abs(imbalance(plant.counters(at))) for at in instants(500))
    assert worst < 0.001


@pytest.mark.parametrize("name", NAMES)
def test_power_agrees_at_any_instant(name: str) -> None:
    plant = Plant(SCENARIOS[name])
    powers = [plant.power(at) for at in instants(500)]
    worst = max(abs(p.production + p.grid + p.battery - p.consumption) for p in powers)
    assert worst < 1e-6


@pytest.mark.parametrize("name", NAMES)
def test_counters_are_the_integral_of_the_power(name: str) -> None:
    plant = Plant(SCENARIOS[name])
    for at in instants(200):
        power, flow = plant.power(at), plant.counters(at + 1) - plant.counters(at - 1)
        assert flow.production * 1800 == pytest.approx(power.production, abs=20)
        net = (flow.grid_import - flow.grid_export) * 1800
        assert net == pytest.approx(power.grid, abs=20)
        battery = (flow.battery_discharge - flow.battery_charge) * 1800
        assert battery == pytest.approx(power.battery, abs=20)


@pytest.mark.parametrize("name", NAMES)
def test_counters_never_fall(name: str) -> None:
    plant = Plant(SCENARIOS[name])
    series = [values(plant.counters(at)) for at in sorted(instants(800))]
    falls = [
        (before, after)
        for before, after in pairwise(series)
        if any(new < old for old, new in zip(before, after, strict=True))
    ]
    assert falls == []


@pytest.mark.parametrize("name", NAMES)
def test_counters_join_at_midnight(name: str) -> None:
    plant = Plant(SCENARIOS[name])
    for days in range(0, 400, 3):
        midnight = plant.midnight(NOON, days_back=days)
        before = values(plant.counters(midnight - 0.001))
        after = values(plant.counters(midnight + 0.001))
        assert after == pytest.approx(before, abs=0.01)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25)]
)
def test_days_of_a_clock_change(day: date, hours: int) -> None:
    plant = Plant(SCENARIOS["home"])
    noon = datetime.combine(day, datetime.min.time(), plant.zone).timestamp() + 43_200
    start, end = plant.midnight(noon), plant.midnight(noon + 86_400)
    assert end - start == hours * 3600
    assert abs(imbalance(plant.counters(end) - plant.counters(start))) < 0.001
    assert plant.power(end - 1).soc == pytest.approx(plant.power(end + 1).soc)


@pytest.mark.parametrize("name", NAMES)
def test_nights_are_dark_and_days_are_not(name: str) -> None:
    plant = Plant(SCENARIOS[name])
    for days in range(0, 365, 11):
        midnight = plant.midnight(NOON, days_back=days)
        assert plant.power(midnight + 2 * 3600).production == 0
        assert plant.power(midnight + 12.5 * 3600).production > 0


def test_the_battery_stays_within_its_limits() -> None:
    plant = Plant(SCENARIOS["home"])
    levels = [plant.power(at).soc for at in instants(2000)]
    assert all(level is not None and 0.0999 <= level <= 1.0001 for level in levels)
    known = [level for level in levels if level is not None]
    assert max(known) > 0.8


def test_the_battery_charges_by_day_and_discharges_in_the_evening() -> None:
    plant = Plant(SCENARIOS["home"])
    morning, afternoon, end = (
        plant.counters(plant.midnight(NOON) + hour * 3600) for hour in (7, 15, 24)
    )
    day, evening = afternoon - morning, end - afternoon
    assert day.battery_charge > 1000
    assert day.battery_discharge == 0
    assert evening.battery_discharge > 1000


def test_two_plants_of_a_scenario_are_the_same() -> None:
    one, other = (Plant(SCENARIOS["home"]) for _ in range(2))
    assert one.counters(NOON) == other.counters(NOON)
    assert one.power(NOON) == other.power(NOON)


def test_the_time_zone_moves_the_day() -> None:
    here = Plant(SCENARIOS["home"], timezone="Europe/Berlin")
    there = Plant(SCENARIOS["home"])
    assert there.power(NOON).production > 500
    assert here.power(NOON).production == 0


def test_a_plant_before_its_time_has_counted_nothing() -> None:
    plant = Plant(SCENARIOS["home"])
    assert set(values(plant.counters(0.0))) == {0.0}
