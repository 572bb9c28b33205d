"""What a site can do at most: rated, seen, and never more than its meters can see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.ledger.limits import Limits

from .houses import NET, PRODUCTION, house, metered, units

AT = 1_780_000_000.0


def with_grid(power: float, *, phase_count: int = 1) -> GatewaySnapshot:
    row = replace(metered(AT)[NET], power=power)
    return house(AT, {NET: row}, phase_count=phase_count)


def test_the_least_is_never_doubted() -> None:
    limits, empty = Limits(), house(AT, {})
    limits.learn(empty)
    assert limits.production(empty) == 10_000
    assert limits.metered(empty) == 25_000


@pytest.mark.parametrize(
    ("seen", "phases", "limit"),
    [
        (9_000, 1, 25_000),
        (-30_000, 1, 45_000),
        (45_000, 1, 50_000),
        (4294967292, 1, 50_000),
        (80_000, 3, 120_000),
        (float("nan"), 1, 25_000),
    ],
)
def test_it_learns_from_what_it_sees(seen: float, phases: int, limit: float) -> None:
    limits = Limits()
    snapshot = with_grid(seen, phase_count=phases)
    limits.learn(snapshot)
    assert limits.metered(snapshot) == limit
    limits.learn(with_grid(10, phase_count=phases))
    assert limits.metered(snapshot) == limit


def test_it_knows_what_the_inverters_can_do() -> None:
    roof = units(AT, {str(n): 1.0 for n in range(100)})
    limits = Limits()
    assert limits.production(roof) == 1.5 * 100 * 250
    assert limits.metered(roof) == 1.5 * 100 * 250


def test_it_learns_the_production_and_keeps_it_over_a_restart() -> None:
    row = replace(metered(AT)[PRODUCTION], power=20_000.0)
    snapshot = house(AT, {PRODUCTION: row}, phase_count=1)
    limits = Limits()
    limits.learn(snapshot)
    again = Limits.from_state(limits.as_state())
    assert again.production(snapshot) == 30_000
    assert again.metered(snapshot) == 30_000


@pytest.mark.parametrize(("power", "limit"), [(None, 500), (240.0, 500), (480.0, 720)])
def test_one_inverter(power: float | None, limit: float) -> None:
    assert Limits.inverter(power) == limit
