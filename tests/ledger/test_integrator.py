"""Energy from power, where no counter counts it."""

from __future__ import annotations

import math

from hypothesis import given, strategies as st
import pytest

from custom_components.envoy_local.ledger.integrator import Integrator

LONGEST = 300.0


def feed(*powers: tuple[float, float | None]) -> Integrator:
    integrator = Integrator()
    for at, power in powers:
        integrator.read(power, now=at, longest_gap=LONGEST)
    return integrator


def sums(integrator: Integrator) -> tuple[float, float]:
    return integrator.positive, integrator.negative


@pytest.mark.parametrize(
    ("first", "last", "up", "down"),
    [
        (3600.0, 3600.0, 60.0, 0.0),
        (0.0, 7200.0, 60.0, 0.0),
        (-3600.0, -3600.0, 0.0, 60.0),
        (-3600.0, 3600.0, 15.0, 15.0),
        (3600.0, -1200.0, 22.5, 2.5),
        (0.0, 0.0, 0.0, 0.0),
    ],
)
def test_a_straight_line_over_a_minute(
    first: float, last: float, up: float, down: float
) -> None:
    assert sums(feed((0, first), (60, last))) == pytest.approx((up, down))


def test_nothing_is_added_over_a_gap() -> None:
    integrator = feed((0, 1000), (60, 1000), (60 + LONGEST + 1, 1000))
    assert sums(integrator) == pytest.approx((1000 / 60, 0))
    integrator.read(1000, now=120 + LONGEST + 1, longest_gap=LONGEST)
    assert sums(integrator) == pytest.approx((2000 / 60, 0))


@pytest.mark.parametrize("nothing", [None, math.nan, math.inf])
def test_a_power_that_is_not_known_is_a_gap(nothing: float | None) -> None:
    integrator = feed((0, 1000), (60, nothing), (120, 1000))
    assert sums(integrator) == (0, 0)
    integrator.read(1000, now=180, longest_gap=LONGEST)
    assert sums(integrator) == pytest.approx((1000 / 60, 0))


def test_the_same_moment_twice_adds_nothing() -> None:
    assert sums(feed((0, 1000), (0, 5000), (60, 5000))) == pytest.approx((5000 / 60, 0))


@given(
    st.lists(
        st.tuples(st.floats(1, 400), st.floats(-20_000, 20_000)),
        min_size=2,
        max_size=40,
    )
)
def test_both_directions_only_grow_and_balance(
    steps: list[tuple[float, float]],
) -> None:
    integrator, at, net, known = Integrator(), 0.0, 0.0, None
    for seconds, power in steps:
        before = sums(integrator)
        at += seconds
        integrator.read(power, now=at, longest_gap=1000)
        net += 0.0 if known is None else (known + power) / 2 * seconds / 3600
        known = power
        after = sums(integrator)
        assert after[0] >= before[0]
        assert after[1] >= before[1]
    assert integrator.positive - integrator.negative == pytest.approx(net, abs=1e-6)


def test_a_restart_between_two_readings_changes_nothing() -> None:
    straight = feed((0, 1000), (60, -400), (120, 300))
    again = Integrator.from_state(feed((0, 1000), (60, -400)).as_state())
    again.read(300, now=120, longest_gap=LONGEST)
    assert sums(again) == sums(straight)
