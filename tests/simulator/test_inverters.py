"""Inverters share the production out, one report every five minutes."""

from __future__ import annotations

import pytest

from simulator import SCENARIOS, Inverters, Plant

# 1 pm and 1 am in Los Angeles, 21 and 22 June 2026.
NOON = 1_782_072_000.0
NIGHT = NOON + 12 * 3600


@pytest.fixture
def plant() -> Plant:
    return Plant(SCENARIOS["home"])


def test_all_inverters_together_make_the_production(plant: Plant) -> None:
    inverters = Inverters(plant)
    watts = sum(inverters.report(unit, NOON).watts for unit in inverters.present)
    window = plant.produced(NOON) - plant.produced(NOON - 600)
    assert watts == pytest.approx(window * 6 * 1.012, rel=0.15)
    total = inverters.total(NOON)
    assert total == pytest.approx(plant.produced(NOON) * 1.012, rel=1e-4)


def test_reports_are_staggered_and_fresh_by_day(plant: Plant) -> None:
    inverters = Inverters(plant)
    times = {inverters.report(unit, NOON).at for unit in inverters.present}
    assert len(times) > 10
    assert all(NOON - 300 < at <= NOON for at in times)


def test_reports_stand_still_at_night(plant: Plant) -> None:
    inverters = Inverters(plant)
    unit = inverters.present[0]
    first, later = (inverters.report(unit, NIGHT + wait) for wait in (0, 3600))
    assert first == later
    assert first.at < NIGHT - 3600
    assert first.watts <= 2


def test_a_report_is_the_energy_of_its_interval(plant: Plant) -> None:
    inverters = Inverters(plant)
    unit = inverters.present[3]
    now, before = (inverters.report(unit, at) for at in (NOON, NOON - 300))
    assert now.at - before.at == 300
    assert now.lifetime_joules - before.lifetime_joules == pytest.approx(
        now.joules, abs=2
    )
    assert now.watts == round(now.joules / 300)


def test_units_come_and_go(plant: Plant) -> None:
    inverters = Inverters(plant)
    inverters.add("482499999999", at=NOON - 3600)
    inverters.remove(inverters.units[0].serial)
    serials = [unit.serial for unit in inverters.present]
    assert len(serials) == 16
    assert serials[-1] == "482499999999"
    newest = inverters.report(inverters.present[-1], NOON)
    assert 0 < newest.lifetime_joules / 3600 < 1000
    with pytest.raises(KeyError):
        inverters.remove("nobody")
