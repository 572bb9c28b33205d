"""Hours of polling in seconds: on time, polite, and at the user's pace."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.const import CONF_READINGS_INTERVAL
from simulator import Simulator

from ...time_travel import TimeTravel
from ..conftest import Setup
from ..travelled_site import CHECK_JWT, READINGS, spoken, unavailable


@pytest.mark.timeout(400)
async def test_readings_stay_on_time_beside_slow_endpoints(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    travel: TimeTravel,
) -> None:
    gateway = simulator.gateway
    gateway.latency.profile = "slow"
    gateway.latency.set("/production.json", 30.0)
    gateway.latency.set("/ivp/pdm/device_data", 85.0)
    async with travel.hurrying():
        await setup_entry()
    await travel(600, step=0.5)

    times = [r.time for r in gateway.requests.to(READINGS)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) >= 35
    # Had they waited for one of those, it were 30 s and more.
    assert max(gaps) < 22
    assert gateway.requests.max_in_flight["ruby"] == 1
    slow = gateway.requests.to("/ivp/pdm/device_data")
    assert any(r.status == 200 for r in slow)
    assert any(r.status == 200 for r in gateway.requests.to("/production.json"))
    assert not unavailable(hass)


async def test_an_hour_takes_one_session_and_no_cloud(
    simulator: Simulator, entry: ConfigEntry[Any], travel: TimeTravel
) -> None:
    gateway = simulator.gateway
    assert len(gateway.requests.to(CHECK_JWT)) == 1
    assert not len(simulator.cloud.requests)
    seen = len(gateway.requests)
    await travel(3600)

    assert len(gateway.requests.to(CHECK_JWT)) == 1
    assert not len(simulator.cloud.requests)
    steady = list(gateway.requests)[seen:]
    assert len(steady) > 240
    assert all(r.has_cookie and not r.has_authorization for r in steady)
    assert all(r.status == 200 for r in steady)
    assert gateway.requests.max_in_flight["ruby"] == 1
    assert gateway.requests.max_in_flight["native"] <= 2


async def test_a_session_that_the_gateway_forgets_is_renewed_unseen(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
    caplog: pytest.LogCaptureFixture,
) -> None:
    changes: list[str] = []
    hass.bus.async_listen(
        "state_changed",
        lambda event: changes.append(event.data["new_state"].state),
    )
    simulator.gateway.forget_sessions()
    await travel(16)
    await travel.until(lambda: len(changes) > 5)

    assert len(simulator.gateway.requests.to(CHECK_JWT)) == 2
    assert STATE_UNAVAILABLE not in changes
    assert not spoken(caplog)


async def test_the_readings_interval_is_the_users(
    simulator: Simulator, setup_entry: Setup, travel: TimeTravel
) -> None:
    await setup_entry(options={CONF_READINGS_INTERVAL: 60})
    simulator.gateway.requests.clear()
    await travel(600)
    assert 9 <= len(simulator.gateway.requests.to(READINGS)) <= 11


async def test_changing_the_interval_reloads_once(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    await hass.config_entries.options.async_configure(
        flow["flow_id"], {"next_step_id": "general"}
    )
    await hass.config_entries.options.async_configure(
        flow["flow_id"], {CONF_READINGS_INTERVAL: 30}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    assert len(simulator.gateway.requests.to(CHECK_JWT)) == 2
    simulator.gateway.requests.clear()
    await travel(300)
    assert 9 <= len(simulator.gateway.requests.to(READINGS)) <= 11


async def test_unloading_leaves_nothing_behind(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert len(unavailable(hass)) == len(hass.states.async_all())
    simulator.gateway.requests.clear()
    await travel(1000)
    assert not len(simulator.gateway.requests)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not unavailable(hass)
    assert entry.runtime_data.coordinators[Tier.READINGS].last_update_success
