"""A whole house against the simulator's plant: meters that fail, totals that agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
import json

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.envoy_local.client.models.meters import MeterKind
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.totals import EnergySource
from custom_components.envoy_local.ledger import Ledger
from custom_components.envoy_local.ledger.findings import Finding

from .houses import (
    HOUR,
    LOAD,
    LONGEST_GAP,
    NET,
    PRODUCTION,
    START,
    STORAGE,
    ZONE,
    Readings,
    apply,
    energies,
    house,
    imbalance,
    metered,
    true_energies,
    units,
)

STEP = 300.0
ALL = (PRODUCTION, NET, STORAGE)
NOON = START + 12 * HOUR


def times(hours: float, *, begin: float = START, step: float = STEP) -> Iterator[float]:
    return (begin + n * step for n in range(int(hours * HOUR / step)))


def only(at: float, *kinds: MeterKind) -> Readings:
    readings = metered(at)
    return {kind: readings[kind] for kind in kinds}


def zeros(readings: Readings) -> Readings:
    return {
        kind: replace(row, energy_delivered=0.0, energy_received=0.0)
        for kind, row in readings.items()
    }


def second_phase_lost(readings: Readings) -> Readings:
    """Let the storage meter's sum be that of its first phase."""
    row = readings[STORAGE]
    return readings | {
        STORAGE: replace(
            row,
            energy_delivered=(row.energy_delivered or 0) * 0.55,
            energy_received=(row.energy_received or 0) * 0.55,
        )
    }


def net_zeros(readings: Readings) -> Readings:
    return readings | zeros({NET: readings[NET]})


def no_net(readings: Readings) -> Readings:
    return {kind: row for kind, row in readings.items() if kind is not NET}


def book(
    ledger: Ledger, moments: Iterable[float], change: Callable[[Readings], Readings]
) -> list[GatewaySnapshot]:
    return [apply(ledger, house(at, change(only(at, *ALL))), at) for at in moments]


def never_falls(snapshots: Iterable[GatewaySnapshot]) -> bool:
    rows = [energies(s.totals) for s in snapshots]
    return all(
        (low or 0) <= (high or 0)
        for before, after in pairwise(rows)
        for low, high in zip(before, after, strict=True)
    )


def untouched(readings: Readings) -> Readings:
    return readings


def test_a_house_without_faults_is_shown_as_it_is() -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)
    done = book(ledger, times(48), untouched)
    assert never_falls(done)
    assert all(abs(imbalance(snapshot.totals)) < 0.01 for snapshot in done)
    end = START + 48 * HOUR - STEP
    assert energies(done[-1].totals) == pytest.approx(true_energies(end))
    assert not ledger.corrections
    assert not ledger.findings


@pytest.mark.parametrize("fault", [zeros, second_phase_lost, net_zeros, no_net])
@pytest.mark.parametrize("minutes", [5, 20, 180])
@pytest.mark.parametrize("hour", [3, 12, 20])
def test_meters_that_fail_for_a_while_leave_nothing_behind(
    fault: Callable[[Readings], Readings], minutes: int, hour: int
) -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)
    begin = START + hour * HOUR
    end = begin + minutes * 60
    done = book(ledger, times(hour), untouched)
    during = book(ledger, times(minutes / 60, begin=begin), fault)
    after = book(ledger, times(24, begin=end), untouched)
    assert never_falls(done + during + after)
    last = after[-1].totals
    assert energies(last) == pytest.approx(
        true_energies(end + 24 * HOUR - STEP), abs=1.0
    )
    assert abs(imbalance(last)) < 1


def test_while_a_part_is_held_the_consumption_waits() -> None:
    """What the roof makes must not pass for what the house uses."""
    ledger = Ledger(longest_gap=LONGEST_GAP)
    before = book(ledger, [NOON - STEP, NOON], untouched)[-1].totals.consumption.energy
    held = book(ledger, times(0.4, begin=NOON + STEP), net_zeros)[-1].totals
    assert held.consumption.energy == before
    assert (held.production.energy or 0) > true_energies(NOON)[0]
    again = book(ledger, [NOON + HOUR], untouched)[-1].totals
    assert again.consumption.energy == pytest.approx(true_energies(NOON + HOUR)[1])


def meter_faults(
    last: int,
) -> st.SearchStrategy[list[tuple[int, int, Callable[[Readings], Readings]]]]:
    """Return mixes of faults: where each begins, how long it lasts, what it does."""
    lengths = st.sampled_from([1, 3, 12, 30])
    changes = st.sampled_from([zeros, second_phase_lost, net_zeros, no_net])
    return st.lists(st.tuples(st.integers(3, last), lengths, changes), max_size=4)


def book_through(
    ledger: Ledger,
    faults: list[tuple[int, int, Callable[[Readings], Readings]]],
    restart: int,
) -> list[GatewaySnapshot]:
    """Book 330 readings, with a restart after one of them."""
    changes: list[Callable[[Readings], Readings]] = [untouched] * 330
    for begin, length, change in faults:
        changes[begin : begin + length] = [change] * length
    done = []
    for n, change in enumerate(changes):
        at = START + n * STEP
        done += book(ledger, [at], change)
        restarts = [json.dumps(ledger.as_state(datetime.fromtimestamp(at, ZONE)))]
        for state in restarts[: n == restart]:
            ledger = Ledger.from_state(json.loads(state), longest_gap=LONGEST_GAP)
    return done


END = START + 329 * STEP


@settings(max_examples=40)
@given(faults=meter_faults(240), restart=st.integers(5, 280))
def test_any_mix_of_meter_faults(
    faults: list[tuple[int, int, Callable[[Readings], Readings]]], restart: int
) -> None:
    """The meters were known for a day, which is longer than all faults last."""
    ledger = Ledger(longest_gap=LONGEST_GAP)
    done = book(ledger, [START - 24 * HOUR], untouched)
    done += book_through(ledger, faults, restart)
    assert never_falls(done)
    assert energies(done[-1].totals) == pytest.approx(true_energies(END), abs=20)
    assert abs(imbalance(done[-1].totals)) < 20


@settings(max_examples=30)
@given(faults=meter_faults(40), restart=st.integers(5, 280))
def test_faults_that_last_longer_than_the_truth_was_known(
    faults: list[tuple[int, int, Callable[[Readings], Readings]]], restart: int
) -> None:
    """Nobody can tell which of the two is the fault; it costs what was counted then."""
    done = book_through(Ledger(longest_gap=LONGEST_GAP), faults, restart)
    first = min((begin for begin, _, _ in faults), default=0)
    last = max((begin + length for begin, length, _ in faults), default=0)
    before = true_energies(START + (first - 1) * STEP)
    after = true_energies(START + last * STEP + HOUR)
    counted = sum(after) - sum(before)
    assert never_falls(done)
    assert energies(done[-1].totals) == pytest.approx(
        true_energies(END), abs=20 + counted
    )


def test_phases_have_books_of_their_own() -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)
    first, second = book(ledger, [NOON], untouched)[-1].phases
    made = true_energies(NOON)[0]
    assert first.production.energy == pytest.approx(made * 0.55)
    assert second.production.energy == pytest.approx(made * 0.45)


@pytest.mark.parametrize("step", [15.0, 60.0])
def test_import_and_export_without_a_meter_for_them(step: float) -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)
    moments = list(times(24, step=step))
    done = [
        apply(ledger, house(at, only(at, PRODUCTION, LOAD), phase_count=1), at)
        for at in moments
    ]
    grid = done[-1].totals.grid
    assert grid.energy_source is EnergySource.COMPUTED
    assert never_falls(done)
    begun, ended = true_energies(START), true_energies(moments[-1])
    computed = (grid.import_energy or 0) - (grid.export_energy or 0)
    assert computed == pytest.approx(
        (ended[1] - begun[1]) - (ended[0] - begun[0]), rel=0.001, abs=5
    )


def test_nothing_is_invented_while_nobody_looked() -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)
    sites = [PRODUCTION, LOAD]
    before = apply(ledger, house(NOON, only(NOON, *sites)), NOON).totals.grid
    late = NOON + 5 * HOUR
    after = apply(ledger, house(late, only(late, *sites)), late).totals.grid
    assert after.export_energy == before.export_energy
    assert after.import_energy == before.import_energy


@pytest.mark.parametrize("wrong_by", [-56 * 365 * 86400.0, -3 * HOUR, 3 * HOUR, 1e9])
def test_a_wrong_clock_at_the_start_costs_nothing(wrong_by: float) -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)
    book(ledger, times(10), untouched)
    state = ledger.as_state(datetime.fromtimestamp(START + 10 * HOUR, ZONE))
    again = Ledger.from_state(json.loads(json.dumps(state)), longest_gap=LONGEST_GAP)
    back = START + 11 * HOUR
    booting = house(back, zeros(only(back, *ALL)))
    shown = apply(again, booting, back, wrong_by=wrong_by)
    assert energies(shown.totals) == pytest.approx(
        true_energies(START + 10 * HOUR - STEP)
    )
    late = back + 600
    right = apply(again, house(late, only(late, *ALL)), late)
    assert energies(right.totals) == pytest.approx(true_energies(late))
    today = true_energies(late)[0] - true_energies(START)[0]
    assert right.totals.production.energy_today == pytest.approx(today)


# ---- inverters --------------------------------------------------------------------


def test_every_inverter_has_a_counter_of_its_own() -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)
    good = units(START, {"a": 1_193_000.0, "b": 400_000.0})
    assert apply(ledger, good, START).inverters["a"].energy == 1_193_000
    at = START + 600
    wrapped = apply(ledger, units(at, {"a": 3.5, "b": 0.0}), at)
    assert wrapped.inverters["a"].energy == pytest.approx(1_193_049.97, abs=0.01)
    assert wrapped.inverters["b"].energy == 400_000
    at += 600
    later = apply(ledger, units(at, {"a": 33.5, "b": 400_020.0}), at)
    assert later.inverters["a"].energy == pytest.approx(1_193_079.97, abs=0.01)
    assert later.inverters["b"].energy == 400_020


def test_an_inverter_shows_its_energy_before_the_device_data_is_read_again() -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)
    apply(ledger, units(START, {"a": 1000.0}), START)
    state = ledger.as_state(datetime.fromtimestamp(START, ZONE))
    again = Ledger.from_state(state, longest_gap=LONGEST_GAP)
    silent = units(START, {"a": 1000.0})
    silent = replace(
        silent,
        read_at={},
        inverters={"a": replace(silent.inverters["a"], energy=None)},
    )
    assert apply(again, silent, START + 60).inverters["a"].energy == 1000
    at = START + 600
    assert apply(again, units(at, {"a": 1005.0}), at).inverters["a"].energy == 1005


# ---- findings ---------------------------------------------------------------------


def test_a_frozen_meter_is_found_and_forgotten_when_it_moves() -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)
    stuck = only(NOON, PRODUCTION)
    for at in times(1.9, begin=NOON):
        apply(ledger, house(at, stuck), at)
        assert not ledger.findings
    for at in times(0.5, begin=NOON + 1.9 * HOUR):
        apply(ledger, house(at, stuck), at)
    assert ledger.findings == {Finding.COUNTER_FROZEN}
    at = NOON + 3 * HOUR
    apply(ledger, house(at, only(at, PRODUCTION)), at)
    assert not ledger.findings


def test_readings_that_do_not_come_are_no_frozen_meter() -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)
    last = house(NOON, only(NOON, PRODUCTION))
    for at in times(4, begin=NOON):
        apply(ledger, last, at)
    assert not ledger.findings


def test_a_meter_without_counters_is_no_frozen_one() -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)
    for at in times(4, begin=NOON):
        row = only(at, PRODUCTION)[PRODUCTION]
        row = replace(row, energy_delivered=None, energy_received=None)
        apply(ledger, house(at, {PRODUCTION: row}), at)
    assert not ledger.findings


def test_a_production_meter_that_points_the_other_way_is_found() -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)

    def look(at: float, sign: float) -> None:
        row = only(at, PRODUCTION)[PRODUCTION]
        row = replace(row, power=sign * 2000.0)
        snapshot = house(at, {PRODUCTION: row})
        made = units(at, {"a": 1.0, "b": 2.0}).inverters
        apply(ledger, replace(snapshot, inverters=made), at)

    for at in times(0.6, begin=NOON):
        look(at, -1)
    assert ledger.findings == {Finding.PRODUCTION_REVERSED}
    look(NOON + HOUR, 1)
    assert not ledger.findings


def test_a_production_meter_without_a_ct_is_found() -> None:
    ledger = Ledger(longest_gap=LONGEST_GAP)

    def look(at: float, power: float | None, *, said_at: float) -> None:
        row = only(at, PRODUCTION)[PRODUCTION]
        row = replace(row, power=power, energy_delivered=0.0)
        made = units(said_at, {"a": 1.0, "b": 2.0}).inverters
        snapshot = house(at, {PRODUCTION: row})
        apply(ledger, replace(snapshot, inverters=made), at)

    for at in times(2.9, begin=NOON):
        look(at, 1.5, said_at=at - 900)
        assert not ledger.findings
    for at in times(0.3, begin=NOON + 2.9 * HOUR):
        look(at, 1.5, said_at=at - 900)
    assert ledger.findings == {Finding.PRODUCTION_SILENT}
    look(NOON + 3.2 * HOUR, None, said_at=NOON + 3 * HOUR)
    assert not ledger.findings

    # The grid is out: neither says anything of the sun any more.
    begin = NOON + 3.5 * HOUR
    for at in times(6, begin=begin):
        look(at, 0.0, said_at=begin)
        assert not ledger.findings
