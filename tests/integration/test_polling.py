"""Hours of polling in seconds: on time, polite, and through every bad patch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise
import logging
import time
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.loader import async_get_integration
import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.const import CONF_READINGS_INTERVAL, DOMAIN
from simulator import Fault, Simulator

from ..time_travel import TimeTravel
from .conftest import Setup

READINGS = "/ivp/meters/readings"
CHECK_JWT = "/auth/check_jwt"


@pytest.fixture
async def travel(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> TimeTravel:
    """Time that passes as fast as a test wants."""
    return TimeTravel(hass.loop, monkeypatch)


@pytest.fixture
async def simulator(
    request: pytest.FixtureRequest, socket_enabled: None, travel: TimeTravel
) -> AsyncIterator[Simulator]:
    """A site with meters and batteries that lives in the same time."""
    options = getattr(request, "param", {})
    async with Simulator(**options) as running:
        requests = running.gateway.requests
        travel.is_quiet = lambda: requests.is_idle
        yield running


@pytest.fixture
async def entry(setup_entry: Setup) -> ConfigEntry[Any]:
    """A loaded entry."""
    entry = await setup_entry()
    assert entry.state is ConfigEntryState.LOADED
    return entry


def value(hass: HomeAssistant, simulator: Simulator, key: str) -> str:
    """Return what a sensor of the gateway shows."""
    entity_id = er.async_get(hass).async_get_entity_id(
        "sensor", DOMAIN, f"{simulator.serial}_{key}"
    )
    assert entity_id
    state = hass.states.get(entity_id)
    assert state
    return state.state


def unavailable(hass: HomeAssistant) -> list[str]:
    return [
        s.entity_id for s in hass.states.async_all() if s.state == STATE_UNAVAILABLE
    ]


def spoken(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the integration said, debug aside."""
    return [
        record.getMessage()
        for record in caplog.records
        if "custom_components.envoy_local" in record.name
        and record.levelno >= logging.INFO
    ]


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
    assert max(gaps) < 18
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
    assert len(unavailable(hass)) == len(hass.states.async_all("sensor"))
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
    assert len(simulator.gateway.requests) < 180
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


async def test_a_new_token_does_not_reload(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    travel: TimeTravel,
) -> None:
    """Some weeks before its end a token is renewed, and everything goes on."""
    travel.offset = -345 * 86400
    token = simulator.token()
    travel.offset = 0
    entry = await setup_entry(token=token)
    await travel(60)
    data = entry.runtime_data
    assert entry.data["token"] != token
    assert entry.runtime_data is data
    assert len(simulator.cloud.requests) > 0
    seen = len(simulator.cloud.requests)
    await travel(3600, step=15)
    assert len(simulator.cloud.requests) == seen


async def test_new_inverters_appear_and_removed_ones_can_go(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    added = (
        b'[{"serialNumber": "482299999999", "lastReportDate": %d, "devType": 1,'
        b'"lastReportWatts": 123, "maxReportWatts": 300}]' % int(time.time())
    )
    simulator.gateway.faults.add(Fault.raw("/api/v1/production/inverters", added))
    await travel(310)
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id("sensor", DOMAIN, "482299999999_power")
    assert entity_id
    state = hass.states.get(entity_id)
    assert state
    assert state.state == "123.0"

    devices = dr.async_get(hass)
    kept, gone = (
        devices.async_get_or_create(
            config_entry_id=entry.entry_id, identifiers={(DOMAIN, serial)}
        )
        for serial in ("482299999999", "1")
    )
    remove = entry_remover(hass, entry)
    assert not await remove(kept)
    assert await remove(gone)


def entry_remover(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Any:
    """Return what Home Assistant asks before it removes a device."""

    async def remove(device: dr.DeviceEntry) -> bool:
        integration = await entry_module(hass)
        answer: bool = await integration.async_remove_config_entry_device(
            hass, entry, device
        )
        return answer

    return remove


async def entry_module(hass: HomeAssistant) -> Any:
    integration = await async_get_integration(hass, DOMAIN)
    return await integration.async_get_component()


async def test_a_changed_certificate_asks_the_user_and_tells_nothing(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    gateway = simulator.gateway
    gateway.renew_certificate()
    gateway.drop_connections()
    gateway.requests.clear()
    await travel(60)
    issue = ir.async_get(hass).async_get_issue(
        DOMAIN, f"certificate_changed_{entry.entry_id}"
    )
    assert issue
    assert issue.is_fixable
    assert not len(gateway.requests)
    assert not unavailable(hass)


async def test_a_firmware_update_sets_up_anew(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    known = entry.runtime_data
    simulator.gateway.faults.add(
        Fault.raw(
            "/info",
            b"<envoy_info><device><sn>%s</sn><software>D9.1.2</software>"
            b"<imeter>true</imeter></device><web-tokens>true</web-tokens>"
            b"</envoy_info>" % simulator.serial.encode(),
        )
    )
    await travel.up_to(
        lambda: vars(entry).get("runtime_data", known) is not known,
        within=15_000,
        step=12,
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, simulator.serial)}
    )
    assert device.sw_version == "D9.1.2"


async def test_another_gateway_at_the_address_is_not_shown_as_ours(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    simulator.gateway.faults.add(
        Fault.raw(
            "/info",
            b"<envoy_info><device><sn>999</sn><software>D8.3.5169</software>"
            b"</device></envoy_info>",
        )
    )
    await travel.up_to(
        lambda: entry.state is ConfigEntryState.SETUP_RETRY, within=15_000, step=12
    )
    assert entry.error_reason_translation_key == "wrong_gateway"
    simulator.gateway.faults.clear()
    await travel.up_to(lambda: entry.state is ConfigEntryState.LOADED, within=900)


async def test_a_refused_token_with_the_cloud_down_keeps_polling(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    """The cloud's outage is nobody's fault: no new sign-in is asked for."""
    await simulator.cloud.go_away()
    simulator.gateway.revoke_tokens()
    simulator.gateway.forget_sessions()
    await travel(100)
    assert not hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert not unavailable(hass)
    assert len(simulator.gateway.requests.to(CHECK_JWT)) < 12
    await simulator.cloud.come_back()
    await travel(700)
    assert entry.runtime_data.is_reachable
    assert not hass.config_entries.flow.async_progress_by_handler(DOMAIN)


async def test_refused_credentials_ask_for_a_new_sign_in_once(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    simulator.cloud.accounts[simulator.user].password = "changed"
    simulator.gateway.revoke_tokens()
    simulator.gateway.forget_sessions()
    await travel(3600, step=15)
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == "reauth"
    logins = [r for r in simulator.cloud.requests if "login" in r.path]
    assert len(logins) <= 4


async def test_unloading_leaves_nothing_behind(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert len(unavailable(hass)) == len(hass.states.async_all("sensor"))
    simulator.gateway.requests.clear()
    await travel(1000)
    assert not len(simulator.gateway.requests)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not unavailable(hass)
    assert entry.runtime_data.coordinators[Tier.READINGS].last_update_success
