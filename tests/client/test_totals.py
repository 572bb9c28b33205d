"""The grid's number and the consumption's, by the meters there are: a rule a test."""

from __future__ import annotations

import pytest

from custom_components.envoy_local.client.models.totals import Section

from .metered import BOTH_METERS, BOTH_READINGS, LOAD, NET, PRODUCTION
from .sites import block, meter, production_report, reading, site, summary


def test_meters_balance_the_site() -> None:
    totals = site(meters=BOTH_METERS, readings=BOTH_READINGS).totals
    assert totals.production.power == 3000
    assert totals.production.energy == 50_000.5
    assert totals.grid.power == -1000
    assert totals.grid.import_energy == 7000
    assert totals.grid.export_energy == 20_000
    assert totals.consumption.power == 2000
    assert totals.consumption.energy == 37_000.5
    assert totals.battery.power is None
    assert totals.consumption.sections == {Section.READINGS}


def test_a_metered_site_without_readings_yet_knows_nothing() -> None:
    totals = site(meters=BOTH_METERS, summary=summary(49_000, 2900)).totals
    assert totals.production.power is None
    assert totals.production.energy is None
    assert totals.grid.power is None
    assert totals.consumption.power is None
    assert totals.production.sections == {Section.READINGS}


def test_a_reading_that_no_meter_lists_is_nobodys() -> None:
    snapshot = site(meters=(meter(PRODUCTION),), readings=BOTH_READINGS)
    assert set(snapshot.metered) == {PRODUCTION}
    assert snapshot.totals.grid.power is None
    assert snapshot.totals.consumption.power is None


def test_a_load_meter_tells_the_consumption_and_not_the_grid_counters() -> None:
    totals = site(
        meters=(meter(PRODUCTION), meter(LOAD)),
        readings=(
            reading(PRODUCTION, 3000, delivered=50_000),
            reading(LOAD, 1200, delivered=80_000, received=0),
        ),
    ).totals
    assert totals.consumption.power == 1200
    assert totals.consumption.energy == 80_000
    assert totals.grid.power == -1800
    assert totals.grid.import_energy is None
    assert totals.grid.export_energy is None


def test_a_load_meter_alone_says_nothing_of_the_grid() -> None:
    totals = site(meters=(meter(LOAD),), readings=()).totals
    assert totals.consumption.power is None
    assert totals.grid.power is None


def test_the_house_never_uses_less_than_nothing() -> None:
    """A grid meter of this second and inverters of some minutes ago."""
    totals = site(
        meters=(meter(NET),),
        readings=(reading(NET, -3000, delivered=1, received=9),),
        summary=summary(50_000, 201),
    ).totals
    assert totals.grid.power == -3000
    assert totals.consumption.power == 0


EIM = production_report(
    production=block(3_659_506.105, 178.5, today=86.105, week=149_972.105),
    net_consumption=block(7_116_675.5, 1214.7),
    total_consumption=block(10_154_380.825, 1393.2, today=15_177.825, week=365_473.825),
)


def test_meters_that_only_the_report_knows() -> None:
    """As 7.3.130, which has no `/ivp/meters`."""
    totals = site(report=EIM).totals
    assert totals.production.power == 178.5
    assert totals.production.energy_today == 86.105
    assert totals.grid.power == 1214.7
    assert totals.grid.import_energy is None
    assert totals.consumption.power == pytest.approx(1393.2)
    assert totals.consumption.energy == 10_154_380.825
    assert totals.consumption.energy_today == 15_177.825
    assert totals.consumption.sections == {Section.REPORT}


def test_listed_meters_have_the_last_word_over_the_report() -> None:
    totals = site(
        meters=(meter(PRODUCTION), meter(NET, is_enabled=False)),
        readings=BOTH_READINGS,
        report=EIM,
    ).totals
    assert totals.production.power == 3000
    assert totals.grid.power is None
    assert totals.consumption.power is None


def test_a_consumption_block_that_repeats_the_net_block() -> None:
    """As 8.3.5433: the consumption is the net with the production on top."""
    totals = site(
        report=production_report(
            production=block(5_649_402, 100),
            net_consumption=block(14_405_465, 50, today=10, week=20),
            total_consumption=block(14_405_465, 50, today=10, week=20),
        )
    ).totals
    assert totals.consumption.energy == 20_054_867
    assert totals.consumption.power == 150
    assert totals.consumption.energy_today is None


def test_a_report_with_a_consumption_meter_alone() -> None:
    totals = site(
        report=production_report(
            production=block(1000, 100),
            total_consumption=block(9000, 450),
            net_consumption=block(0, 0, active=0),
        )
    ).totals
    assert totals.consumption.power == 450
    assert totals.consumption.energy == 9000
    assert totals.grid.power is None
