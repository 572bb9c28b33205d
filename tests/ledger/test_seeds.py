"""The first day of the books, begun with the gateway's own sums or without them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.ledger import Ledger

from .houses import LONGEST_GAP, NET, PRODUCTION, ZONE, apply, house, metered

YESTERDAY = 21_500.0
"""Wh that a gateway still calls today's, after midnight."""
WEEK = 120_000.0
LONGEST, TO_SUMMER, TO_WINTER = (
    date(2026, 6, 21),
    date(2026, 3, 29),
    date(2026, 10, 25),
)


def saying(at: float) -> GatewaySnapshot:
    """Return a house whose gateway knows its sums of production and consumption."""
    readings = metered(at)
    site = house(at, {kind: readings[kind] for kind in (PRODUCTION, NET)})
    sums = {"energy_today": YESTERDAY, "energy_7_days": WEEK}
    made, used = site.totals.production, site.totals.consumption
    totals = replace(
        site.totals,
        production=replace(made, **sums),  # type: ignore[arg-type]  # two floats by name
        consumption=replace(used, **sums),  # type: ignore[arg-type]  # as above
    )
    return replace(site, totals=totals)


def begun(day: date, minutes: int) -> GatewaySnapshot:
    """Begin the books some real minutes after a midnight."""
    midnight = datetime.combine(day, time(), ZONE).timestamp()
    at = midnight + minutes * 60
    return apply(Ledger(longest_gap=LONGEST_GAP), saying(at), at)


@pytest.mark.parametrize("day", [LONGEST, TO_SUMMER, TO_WINTER], ids=str)
@pytest.mark.parametrize("minutes", [0, 5, 28, 59, 74, 89])
def test_right_after_midnight_the_gateways_today_is_yesterdays(
    day: date, minutes: int
) -> None:
    totals = begun(day, minutes).totals
    assert totals.production.energy_today == 0
    assert totals.consumption.energy_today == 0
    assert totals.production.energy_7_days is None
    assert totals.consumption.energy_7_days is None


@pytest.mark.parametrize("day", [LONGEST, TO_SUMMER, TO_WINTER], ids=str)
@pytest.mark.parametrize("minutes", [90, 600, 1370])
def test_later_the_gateways_sums_are_where_the_books_begin(
    day: date, minutes: int
) -> None:
    totals = begun(day, minutes).totals
    assert totals.production.energy_today == YESTERDAY
    assert totals.consumption.energy_today == YESTERDAY
    assert totals.production.energy_7_days == WEEK
    assert totals.consumption.energy_7_days == WEEK


def test_what_was_shown_last_is_believed_at_any_time_of_the_day() -> None:
    """A kill right after midnight, and a file that is lost with it."""
    midnight = datetime.combine(LONGEST, time(), ZONE)
    at = (midnight + timedelta(minutes=20)).timestamp()
    site = saying(at)
    assert site.totals.consumption.energy is not None
    shown = site.totals.consumption.energy - 30.0
    ledger = Ledger(longest_gap=LONGEST_GAP)
    ledger.resume(
        {"consumption_energy": shown, "consumption_energy_today": 95.0}, is_today=True
    )
    used = apply(ledger, site, at).totals.consumption
    assert used.energy_today == pytest.approx(125.0)
