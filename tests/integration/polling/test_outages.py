"""What fails for a short time is unseen, for a long time unavailable; both heal."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
import pytest

from simulator import Fault, Simulator

from ...time_travel import TimeTravel
from ..travelled_site import READINGS, spoken, unavailable, value

SELDOM_READ: Final = (
    ("binary_sensor", "cloud_connection"),
    ("sensor", "firmware"),
    ("sensor", "last_cloud_report"),
    ("sensor", "network_interface"),
    ("sensor", "token_expiry"),
)
"""What the gateway says of itself, a few times a day: it holds for that long."""


async def test_a_short_outage_keeps_the_last_values(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = value(hass, simulator, "production_energy")
    await simulator.gateway.go_away()
    await travel(600)

    assert not unavailable(hass)
    assert value(hass, simulator, "production_energy") == before
    (lost,) = spoken(caplog)
    assert "does not answer" in lost

    await simulator.gateway.come_back()
    await travel(90)
    assert not unavailable(hass)
    assert value(hass, simulator, "consumption_energy") != before
    _, back = spoken(caplog)
    assert "answers again" in back


async def test_a_long_outage_ends_in_unavailable_and_heals(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await simulator.gateway.go_away()
    await travel(1200)
    assert value(hass, simulator, "production_power") == STATE_UNAVAILABLE
    await travel(6000, step=15)
    assert {s.entity_id for s in hass.states.async_all()} - set(unavailable(hass)) == {
        f"{platform}.envoy_{simulator.serial}_{key}" for platform, key in SELDOM_READ
    }
    said = spoken(caplog)
    assert len(said) == 2
    assert "does not answer" in said[0]
    assert "unavailable" in said[1]

    await simulator.gateway.come_back()
    await travel(120)
    assert not unavailable(hass)
    assert len(spoken(caplog)) == 3
    assert "answers again" in spoken(caplog)[2]


async def test_while_it_is_away_the_gateway_is_knocked_at_gently(
    simulator: Simulator, entry: ConfigEntry[Any], travel: TimeTravel
) -> None:
    simulator.gateway.booting = True
    simulator.gateway.requests.clear()
    await travel(3600, step=15)
    # Less than half of what it is asked while it is well; after the first few tries
    # nothing comes more than once a minute.
    assert len(simulator.gateway.requests) < 200
    assert max(Counter(r.path for r in simulator.gateway.requests).values()) < 65
    simulator.gateway.booting = False
    await travel(90)
    assert entry.runtime_data.is_reachable


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/production",
        "/api/v1/production/inverters",
        "/ivp/pdm/device_data",
        "/ivp/ensemble/inventory",
        "/ivp/ensemble/secctrl",
        "/ivp/ensemble/power",
        "/ivp/meters",
        "/production.json",
        "/home",
    ],
)
async def test_one_endpoint_failing_touches_only_what_it_feeds(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
    path: str,
) -> None:
    simulator.gateway.faults.add(Fault.html(path))
    before = value(hass, simulator, "consumption_energy")
    await travel(1000)
    assert entry.runtime_data.is_reachable
    assert value(hass, simulator, "consumption_energy") != before
    assert value(hass, simulator, "production_power") != STATE_UNAVAILABLE
    simulator.gateway.faults.clear()
    await travel(3700, step=9)
    assert not unavailable(hass)
    assert not entry.runtime_data.snapshot.lost


async def test_an_endpoint_silent_for_long_takes_its_own_entities_along(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
    caplog: pytest.LogCaptureFixture,
) -> None:
    simulator.gateway.faults.add(Fault.error("/ivp/ensemble/secctrl", 500))
    await travel(1300)
    assert value(hass, simulator, "battery_level") == STATE_UNAVAILABLE
    assert value(hass, simulator, "battery_power") != STATE_UNAVAILABLE
    (lost,) = [line for line in spoken(caplog) if "storage" in line]
    assert "too long" in lost
    simulator.gateway.faults.clear()
    await travel(3700, step=9)
    assert value(hass, simulator, "battery_level") != STATE_UNAVAILABLE
    _, back = [line for line in spoken(caplog) if "storage" in line]
    assert "back" in back


async def test_the_readings_alone_failing_is_no_outage(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
    caplog: pytest.LogCaptureFixture,
) -> None:
    simulator.gateway.faults.add(Fault.error(READINGS, 500))
    await travel(2400)
    assert value(hass, simulator, "production_power") == STATE_UNAVAILABLE
    assert value(hass, simulator, "battery_level") != STATE_UNAVAILABLE
    assert len(spoken(caplog)) <= 3
    simulator.gateway.faults.clear()
    await travel(120)
    assert value(hass, simulator, "production_power") != STATE_UNAVAILABLE
    assert len(spoken(caplog)) <= 4
