"""What nobody read for a while: shared out by time, and never waited for for ever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
import json

import pytest

from custom_components.envoy_local.client.models.meters import MeterKind, MeterReading
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.ledger import Ledger

from ..client import sites
from .houses import (
    HOUR,
    LONGEST_GAP,
    NET,
    PRODUCTION,
    START,
    STORAGE,
    ZONE,
    apply,
    house,
    metered,
    true_energies,
)

DAY = 24 * HOUR
STEP = 300.0
EVENING = START + 20 * HOUR
POWER = 600.0


def steady(at: float) -> GatewaySnapshot:
    """Return a house that makes 600 W day and night."""
    made = 5e6 + POWER * (at - START) / HOUR
    row = sites.reading(PRODUCTION, POWER, delivered=made, received=0.0)
    return house(at, {PRODUCTION: row}, phase_count=1)


def restarted(ledger: Ledger, at: float) -> Ledger:
    state = json.dumps(ledger.as_state(datetime.fromtimestamp(at, ZONE)))
    return Ledger.from_state(json.loads(state), longest_gap=LONGEST_GAP)


def times(begin: float, end: float, step: float = STEP) -> Iterable[float]:
    return (begin + n * step for n in range(int((end - begin) / step)))


def without_energy(snapshot: GatewaySnapshot) -> GatewaySnapshot:
    """Let the meters not be read yet, as at each start."""
    totals = snapshot.totals
    made = replace(totals.production, energy=None, energy_source=None)
    return replace(snapshot, totals=replace(totals, production=made), read_at={})


@pytest.mark.parametrize("outage", [7 * HOUR, DAY + 7 * HOUR, 4 * DAY + 7 * HOUR])
@pytest.mark.parametrize(
    ("restart", "first"),
    [
        (False, "stale"),
        (False, "boot"),
        (False, "nothing"),
        (False, "good"),
        (True, "boot"),
        (True, "nothing"),
        (True, "good"),
    ],
)
def test_an_outage_over_midnights_is_shared_out_by_time(
    outage: float, restart: bool, first: str
) -> None:
    """Whatever the first look after it says, and whether we looked meanwhile."""
    ledger = Ledger(longest_gap=LONGEST_GAP)
    for at in times(START - 2 * DAY, EVENING + 1):
        apply(ledger, steady(at), at)
    last, back = steady(EVENING), EVENING + outage
    for at in times(EVENING, back, HOUR):
        apply(ledger, last, at)
    ledgers = {False: ledger, True: restarted(ledger, back - HOUR)}
    ledger = ledgers[restart]
    booting = house(
        back, {PRODUCTION: sites.reading(PRODUCTION, 0.0, delivered=0.0, received=0.0)}
    )
    looks = {
        "stale": last,
        "boot": booting,
        "nothing": without_energy(last),
        "good": steady(back),
    }
    early = apply(ledger, looks[first], back).totals.production
    assert (early.energy_today or 0) <= 3 * POWER + 1
    late = back + STEP
    made = apply(ledger, steady(late), late).totals.production
    assert made.energy == pytest.approx(steady(late).totals.production.energy)
    assert made.energy_today == pytest.approx(POWER * (3 * HOUR + STEP) / HOUR, abs=1)
    for at in times(late, late + 7 * DAY + 1, HOUR):
        made = apply(ledger, steady(at), at).totals.production
    assert made.energy_7_days == pytest.approx(POWER * (144 + 2 + 1 / 12), abs=1)


def test_a_day_that_was_not_read_yet_has_nothing() -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)
    for at in times(START + HOUR, EVENING + 1):
        apply(ledger, steady(at), at)
    last = steady(EVENING)
    before = apply(ledger, last, START + DAY - 1).totals.production
    after = apply(ledger, last, START + DAY + 1).totals.production
    assert before.energy_today == pytest.approx(POWER * 19, abs=1)
    assert after.energy_today == 0
    assert after.energy == before.energy


def only(at: float, *kinds: MeterKind) -> dict[MeterKind, MeterReading]:
    readings = metered(at)
    return {kind: readings[kind] for kind in kinds}


def test_a_part_that_never_comes_back_stops_nothing_for_ever() -> None:
    """The batteries' meter says zero, and then nothing any more: it was taken away."""
    ledger = Ledger(longest_gap=LONGEST_GAP)
    noon = START + 12 * HOUR
    for at in times(START, noon):
        apply(ledger, house(at, only(at, PRODUCTION, NET, STORAGE)), at)
    rows = only(noon, PRODUCTION, NET, STORAGE)
    zero = replace(rows[STORAGE], energy_delivered=0.0, energy_received=0.0)
    held = apply(ledger, house(noon, rows | {STORAGE: zero}), noon).totals
    used = held.consumption.energy or 0
    assert used == pytest.approx(true_energies(noon - STEP)[1])
    for at in times(noon + STEP, noon + 0.4 * HOUR):
        waits = apply(ledger, house(at, only(at, PRODUCTION, NET)), at).totals
        assert waits.consumption.energy == used
    begin, end = noon + HOUR, noon + 4 * HOUR
    shown = [
        apply(ledger, house(at, only(at, PRODUCTION, NET)), at).totals.consumption
        for at in times(begin, end)
    ]
    first, last = true_energies(begin), true_energies(end - STEP)
    made, _, bought, sold, _, _ = (b - a for a, b in zip(first, last, strict=True))
    rise = (shown[-1].energy or 0) - (shown[0].energy or 0)
    assert rise == pytest.approx(made + bought - sold)
    assert rise > 1000
