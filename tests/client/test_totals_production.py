"""Which number is the production, by the source that is right: a rule a test."""

from __future__ import annotations

import pytest

from custom_components.envoy_local.client.models.totals import Section

from .metered import BOTH_METERS, BOTH_READINGS, NET, PRODUCTION
from .sites import (
    NOON,
    block,
    device,
    device_data,
    info,
    meter,
    production_report,
    report,
    site,
    summary,
)


def test_a_disabled_production_meter_is_not_believed() -> None:
    """As 7.3.466 and 8.2.4264: the summary copies the disabled meter."""
    totals = site(
        meters=(meter(PRODUCTION, is_enabled=False), meter(NET, is_enabled=False)),
        readings=BOTH_READINGS,
        summary=summary(1583, 4),
        inverter_reports=(report("1", 200), report("2", 150)),
        report=production_report(
            inverters=block(32_465_106, 349, active=2),
            production=block(1586, 3, active=0),
        ),
    ).totals
    assert totals.production.power == 350
    assert totals.production.energy == 32_465_106
    assert totals.production.energy_today is None
    assert totals.grid.power is None
    assert totals.consumption.power is None


def test_the_block_counts_inverters_that_the_list_leaves_out() -> None:
    totals = site(
        meters=(meter(PRODUCTION, is_enabled=False),),
        inverter_reports=(report("1", 200),),
        report=production_report(inverters=block(32_465_106, 5521, active=38)),
    ).totals
    assert totals.production.power == 5521


def test_unmetered_sites_take_the_summary() -> None:
    totals = site(
        meters=(),
        summary=summary(1_544_282, 586, today=10_363, week=101_742),
        report=production_report(inverters=block(351_236, 590, active=13)),
    ).totals
    assert totals.production.power == 586
    assert totals.production.energy == 1_544_282
    assert totals.production.energy_today == 10_363
    assert totals.production.energy_7_days == 101_742
    assert totals.production.sections == {Section.SUMMARY}


@pytest.mark.parametrize("energy", [0, None])
def test_a_summary_of_zeros_is_no_production(energy: float | None) -> None:
    """As unmetered gateways from 8.3.5422 on."""
    snapshot = site(
        meters=(),
        summary=summary(energy, 0),
        inverter_reports=(report("1", 200),),
    )
    assert snapshot.totals.production.power == 200
    assert snapshot.totals.production.energy is None
    healed = site(
        meters=(),
        summary=summary(energy, 0),
        inverter_reports=(report("1", 200),),
        report=production_report(inverters=block(700_000, 190)),
    )
    assert healed.totals.production.energy == 700_000


def test_the_inverters_own_counters_beat_the_cut_sum() -> None:
    totals = site(
        meters=(),
        summary=summary(10_023_493, 400),
        inverter_reports=(report("1", 200), report("2", 200)),
        device_data=device_data(
            device("1", 200, energy=1_362_250), device("2", 200, energy=900_000)
        ),
    ).totals
    assert totals.production.energy == 2_262_250
    assert totals.production.power == 400


@pytest.mark.parametrize(
    ("energy", "count"),
    [(None, None), (900_000.0, 50)],
    ids=["an inverter never counted", "the list is cut"],
)
def test_an_incomplete_sum_is_no_total(energy: float | None, count: int | None) -> None:
    totals = site(
        meters=(),
        summary=summary(2_300_000, 400),
        inverter_reports=(report("1", 200), report("2", 200)),
        device_data=device_data(
            device("1", 200, energy=1_362_250),
            device("2", 200, energy=energy),
            count=count,
        ),
    ).totals
    assert totals.production.energy == 2_300_000


def test_counters_that_fell_silent_leave_it_to_the_summary() -> None:
    known = {
        "meters": (),
        "summary": summary(2_300_000, 400),
        "inverter_reports": (report("1", 200),),
        "device_data": device_data(device("1", 200, energy=2_262_250)),
    }
    counted = site(**known).totals.production
    assert counted.energy == 2_262_250
    assert counted.sections == {Section.SUMMARY}
    silent = site(**known, lost=frozenset({Section.DEVICE_DATA})).totals.production
    assert silent.energy == 2_300_000
    assert silent.power == 400


def test_reports_from_before_dusk_do_not_count() -> None:
    totals = site(
        meters=(meter(PRODUCTION, is_enabled=False),),
        inverter_reports=(report("1", 3, ago=5 * 3600), report("2", 2, ago=6 * 3600)),
    ).totals
    assert totals.production.power == 0


def test_reports_are_in_the_gateways_time() -> None:
    """A gateway whose clock is a year off still has fresh reports."""
    totals = site(
        info=info(time=NOON - 365 * 86400),
        meters=(meter(PRODUCTION, is_enabled=False),),
        inverter_reports=(report("1", 250, ago=365 * 86400 + 60),),
    ).totals
    assert totals.production.power == 250


def test_the_oldest_gateways_have_a_page() -> None:
    totals = site(info=info(firmware="R3.7.0"), page=summary(133e6, 6630)).totals
    assert totals.production.power == 6630
    assert totals.production.energy == 133e6
    assert totals.production.sections == {Section.PAGE}


@pytest.mark.parametrize(
    ("energy", "today", "week", "right_today", "right_week"),
    [
        (1000.5, 100.5, 700.5, 100.5, 700.5),
        (1000.5, 1000.5, 1000.5, None, None),
        (1000.5, 100.5, 50.5, None, None),
        (27_293_408.638, 33_182.0, 341_686.0, None, None),
        (1_510_198.655, 55_037.655, 1_456_156.655, 55_037.655, None),
        (1000.5, -3.0, 700.0, None, None),
        (1000.5, 0.0, 700.5, 0.0, 700.5),
        (1000.5, 10.5, None, 10.5, None),
        (1000.5, None, 700.5, None, None),
        (1000.5, 10.5, 2000.5, 10.5, None),
        (2_432_969, 0, 73_002, 0, 73_002),
    ],
    ids=[
        "right",
        "today is the lifetime",
        "the week is shorter than today",
        "frozen",
        "the week is the lifetime less a day",
        "negative",
        "night",
        "no week",
        "no today",
        "the week is longer than the lifetime",
        "whole numbers of the summary",
    ],
)
def test_the_gateways_own_sums_of_the_day(
    energy: float,
    today: float | None,
    week: float | None,
    right_today: float | None,
    right_week: float | None,
) -> None:
    production = site(
        meters=(), summary=summary(energy, today=today, week=week)
    ).totals.production
    assert production.energy_today == right_today
    assert production.energy_7_days == right_week


@pytest.mark.parametrize(
    ("today", "right_today"),
    [(10_000.5, 9_996.5), (2.5, 0)],
    ids=["at noon", "at midnight"],
)
def test_a_day_that_was_summed_up_after_the_meter_was_read(
    today: float, right_today: float
) -> None:
    """50 000.5 Wh are read, and a moment later the report says 4 more."""
    production = site(
        meters=BOTH_METERS,
        readings=BOTH_READINGS,
        report=production_report(
            production=block(50_004.5, 3000, today=today, week=20_000.5)
        ),
    ).totals.production
    assert production.energy_today == right_today
    assert production.energy_7_days == 19_996.5


@pytest.mark.parametrize(
    ("energy", "today"),
    [(38_000, None), (49_900, 200.5)],
    ids=["another counter", "the meter's"],
)
def test_a_summary_of_another_counter_has_no_say_about_the_day(
    energy: float, today: float | None
) -> None:
    """As 8.2.127, where the summary is three quarters of the meter."""
    production = site(
        meters=BOTH_METERS,
        readings=BOTH_READINGS,
        summary=summary(energy, today=100, week=700),
    ).totals.production
    assert production.energy_today == today
