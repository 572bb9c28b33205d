"""The gateway's sums of the day beside the meter that they are of: a rule a test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from custom_components.envoy_local.client.client import derive
from custom_components.envoy_local.client.models.meters import MeterKind
from custom_components.envoy_local.client.models.production import ProductionBlock
from custom_components.envoy_local.client.models.totals import Section, Totals

from .sites import NOON, block, meter, production_report, reading, site, summary

PRODUCTION, NET = MeterKind.PRODUCTION, MeterKind.NET_CONSUMPTION
METERS = {
    "meters": (meter(PRODUCTION), meter(NET)),
    "readings": (
        reading(PRODUCTION, 3000, delivered=50_000.5, received=12),
        reading(NET, -1000, delivered=7000.25, received=20_000),
    ),
}
USED = 37_000.75
"""Wh: what the two meters leave for the house."""
QUARTER = 900.0


def totals_of(**sections: Any) -> Totals:
    return site(**METERS, **sections).totals


def report(*, active: int = 1, today: float, week: float) -> ProductionBlock:
    return block(50_000.5, 3000, today=today, week=week, active=active)


@pytest.mark.parametrize(
    ("energy", "today", "week"),
    [
        (50_000, 1200.5, 9000.5),
        (49_400, 1800.5, 9600.5),
        (45_001, 6199.5, 13_999.5),
        (44_999, 1200.0, 9000.0),
        (50_100, 1200.0, 9000.0),
    ],
    ids=["of now", "a quarter late", "the most", "another counter", "ahead"],
)
def test_what_was_made_since_the_summary_belongs_to_the_day(
    energy: float, today: float, week: float
) -> None:
    late = totals_of(summary=summary(energy, today=1200, week=9000)).production
    assert late.energy_today == pytest.approx(today)
    assert late.energy_7_days == pytest.approx(week)


def test_a_day_that_is_not_plausible_does_not_become_so() -> None:
    late = totals_of(summary=summary(49_400, today=1200, week=900)).production
    assert late.energy_today is None
    assert late.energy_7_days is None


def test_only_the_block_shows_that_the_day_is_frozen() -> None:
    """The summary repeats it in whole numbers, as it says everything."""
    said = summary(50_000, today=1200, week=9000)
    frozen = production_report(production=report(today=1200.0, week=9000.0))
    good = production_report(production=report(today=1300.5, week=9100.5))
    assert totals_of(summary=said, report=frozen).production.energy_today is None
    assert totals_of(summary=said, report=good).production.energy_today == 1300.5


def test_a_block_that_is_not_in_use_leaves_it_to_the_summary() -> None:
    said = summary(50_000, today=1200, week=9000)
    unused = production_report(production=report(active=0, today=7.5, week=8.5))
    assert totals_of(summary=said, report=unused).production.energy_today == 1200.5


@pytest.mark.parametrize(
    ("late", "made", "used"),
    [(QUARTER, 1300.5, 800.75), (QUARTER + 1, 1200.5, None)],
)
def test_a_report_of_long_ago_says_nothing_of_today(
    late: float, made: float, used: float | None
) -> None:
    """It is read once, and the meters may begin to answer a day later."""
    snapshot = site(
        **METERS,
        summary=summary(50_000, today=1200, week=9000),
        report=production_report(
            production=report(today=1300.5, week=9100.5),
            total_consumption=block(USED, 2000, today=800.75, week=7000.75),
        ),
    )
    read_at = {Section.REPORT: NOON, Section.READINGS: NOON + late}
    totals = derive(replace(snapshot, read_at=read_at)).totals
    assert totals.production.energy_today == pytest.approx(made)
    assert totals.consumption.energy_today == used
