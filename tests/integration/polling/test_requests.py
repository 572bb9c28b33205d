"""How much an hour asks of the gateway: it is small, and locks up when it is pushed."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
import pytest

from simulator import Simulator

from ...time_travel import TimeTravel

SLOW: Final = ("/production.json", "/inventory", "/home", "/production")
"""What the one Ruby process answers."""

BARE: Final = {
    "/ivp/ensemble/inventory": 4,
    "/ivp/meters": 4,
    "/admin/lib/tariff": 4,
    "/api/v1/production/inverters": 12,
}
METERED: Final = {
    "/ivp/meters/readings": 240,
    "/api/v1/production": 12,
    "/ivp/ensemble/inventory": 12,
    "/ivp/ensemble/power": 60,
    "/ivp/ensemble/secctrl": 60,
    "/ivp/ensemble/relay": 60,
    "/ivp/ensemble/dry_contacts": 60,
    "/ivp/ensemble/generator": 0,
    "/ivp/ss/dry_contact_settings": 4,
    "/ivp/ss/gen_config": 4,
    "/ivp/ss/gen_mode": 0,
    "/inventory": 0,
}
EVERYTHING: Final = {
    **METERED,
    "/ivp/ensemble/inventory": 60,
    "/ivp/ensemble/generator": 60,
    "/ivp/ss/gen_mode": 4,
    "/inventory": 2,
    "/production.json": 4,
}


@pytest.mark.parametrize(
    ("simulator", "expected", "slow", "total"),
    [
        ({"scenario": "unmetered"}, BARE, 13, 310),
        ({"scenario": "home"}, METERED, 1, 550),
        ({"scenario": "storage"}, EVERYTHING, 7, 680),
    ],
    indirect=["simulator"],
    ids=["unmetered", "home", "storage"],
)
async def test_an_hour_of_requests(
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
    expected: dict[str, int],
    slow: int,
    total: int,
) -> None:
    gateway = simulator.gateway
    await travel(120)
    gateway.requests.clear()
    await travel(3600)

    asked = Counter(request.path for request in gateway.requests)
    # A turn begins when the one before has ended: it's never more, and a bit less.
    other = {
        path: (asked[path], count)
        for path, count in expected.items()
        if not 0.8 * count - 1 <= asked[path] <= count + 1
    }
    assert not other
    assert sum(asked[path] for path in SLOW) <= slow
    assert len(gateway.requests) <= total
    assert gateway.requests.max_in_flight["ruby"] <= 1
    assert gateway.requests.max_in_flight["native"] <= 2
