"""What is stored: any JSON is either a good state or refused, and never a crash."""

from __future__ import annotations

from collections.abc import Iterator
import copy
from datetime import datetime
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.envoy_local.ledger import Ledger
from custom_components.envoy_local.ledger.state import (
    State,
    StateError,
    mapping,
    number,
    numbers,
    sequence,
)

from .houses import (
    HOUR,
    LONGEST_GAP,
    NET,
    PRODUCTION,
    START,
    STORAGE,
    ZONE,
    apply,
    energies,
    house,
    metered,
    units,
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 1e308, 9.9e14])
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["0001-01-01", "9999-12-31", "9999-12-31T23:59:59+00:00"])
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def snapshot(at: float) -> Any:
    readings = metered(at)
    return house(at, {kind: readings[kind] for kind in (PRODUCTION, NET, STORAGE)})


def full_state() -> State:
    """Return the state of a house that has seen something."""
    ledger = Ledger(longest_gap=LONGEST_GAP)
    at = START
    for at in (START, START + 60, START + HOUR):
        apply(ledger, snapshot(at), at)
    apply(ledger, units(at, {"a": 1000.0, "b": 2000.0}), at)
    for n in range(1, 8):
        apply(ledger, house(at + n * HOUR, {}), at + n * HOUR)
        apply(ledger, units(at + n * HOUR, {"a": 3.0, "b": 7.0}), at + n * HOUR)
    apply(ledger, snapshot(at + 9 * HOUR), at + 9 * HOUR, wrong_by=-40 * HOUR)
    now = datetime.fromtimestamp(at + 9 * HOUR, ZONE)
    state: State = json.loads(json.dumps(ledger.as_state(now)))
    return state


STATE = full_state()


def paths(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items: list[tuple[Any, object]] = []
    items += value.items() if isinstance(value, dict) else ()
    items += enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths(inner, (*path, key))


PATHS = [path for path in paths(STATE) if path]


@pytest.fixture(
    params=[None, [], {}, "", 5, {"stored_at": 0}, {"seconds": "x"}], ids=repr
)
def nonsense(request: pytest.FixtureRequest) -> object:
    return request.param


def test_nonsense_is_refused(nonsense: object) -> None:
    with pytest.raises(StateError):
        Ledger.from_state(nonsense, longest_gap=LONGEST_GAP)
    good = Ledger.from_state(STATE, longest_gap=LONGEST_GAP)
    assert good.corrections


@settings(max_examples=300)
@given(anything)
def test_any_json_is_refused(value: object) -> None:
    with pytest.raises(StateError):
        Ledger.from_state(value, longest_gap=LONGEST_GAP)


@pytest.mark.parametrize("path", PATHS, ids=lambda p: "-".join(map(str, p)))
def test_without_any_one_part_it_is_refused_or_works(path: tuple[Any, ...]) -> None:
    state: Any = copy.deepcopy(STATE)
    parent = state
    for key in path[:-1]:
        parent = parent[key]
    del parent[path[-1]]
    assert works_or_is_refused(state)


@settings(max_examples=500)
@given(st.lists(st.tuples(st.sampled_from(PATHS), anything), min_size=1, max_size=3))
def test_with_any_part_damaged_it_is_refused_or_works(
    damages: list[tuple[tuple[Any, ...], object]],
) -> None:
    state: Any = copy.deepcopy(STATE)
    for path, value in sorted(damages, key=lambda d: -len(d[0])):
        parent = state
        for key in path[:-1]:
            parent = parent[key]
        parent[path[-1]] = value
    assert works_or_is_refused(state)


def works_or_is_refused(state: object) -> bool:
    """Take a state up and book with it; only `StateError` may stop that."""
    try:
        ledger = Ledger.from_state(state, longest_gap=LONGEST_GAP)
    except StateError:
        return True
    later = START + 30 * HOUR
    ledger.resume({"production_energy": 5.0}, is_today=True)
    before = energies(apply(ledger, snapshot(later), later).totals)
    apply(ledger, units(later, {"a": 1100.0, "b": 2100.0}), later)
    after = energies(apply(ledger, snapshot(later + 60), later + 60).totals)
    written = ledger.as_state(datetime.fromtimestamp(later, ZONE))
    Ledger.from_state(json.loads(json.dumps(written)), longest_gap=LONGEST_GAP)
    pairs = zip(before, after, strict=True)
    return all(low is None or (high or 0) >= low for low, high in pairs)


def test_a_restart_at_every_moment_of_a_day_shows_the_same() -> None:
    straight = Ledger(longest_gap=LONGEST_GAP)
    stopped = Ledger(longest_gap=LONGEST_GAP)
    for n in range(96):
        at = START + n * 900
        expected = apply(straight, snapshot(at), at)
        shown = apply(stopped, snapshot(at), at)
        assert energies(shown.totals) == energies(expected.totals)
        assert shown.totals.production == expected.totals.production
        now = datetime.fromtimestamp(at, ZONE)
        state = json.loads(json.dumps(stopped.as_state(now)))
        stopped = Ledger.from_state(state, longest_gap=LONGEST_GAP)


@pytest.mark.parametrize("value", [None, True, "5", [], 1e16, float("nan"), 10**400])
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(StateError):
        number(value)
    assert number(5) == 5


def test_what_is_no_list_or_mapping() -> None:
    with pytest.raises(StateError):
        sequence({})
    with pytest.raises(StateError):
        numbers([1, 2], count=3)
    with pytest.raises(StateError):
        mapping({1: 2})
    assert numbers([1, 2], count=2) == [1, 2]
