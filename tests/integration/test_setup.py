"""Setting up an entry: who is to blame, what is asked of the owner, and the retry."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
import time
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.loader import async_get_integration
import pytest

from custom_components.envoy_local.const import (
    CONF_FINGERPRINT,
    CONF_LOGIN_BACKOFF,
    DOMAIN,
)
from simulator import Fault, Simulator

from ..time_travel import TimeTravel
from .conftest import Setup, state_of

RETRY = ConfigEntryState.SETUP_RETRY
CHECK_JWT = "/auth/check_jwt"


@pytest.fixture
async def travel(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> TimeTravel:
    return TimeTravel(hass.loop, monkeypatch)


@pytest.fixture
async def simulator(
    request: pytest.FixtureRequest, socket_enabled: None, travel: TimeTravel
) -> AsyncIterator[Simulator]:
    """A gateway that lives in the same time."""
    async with Simulator(**getattr(request, "param", {})) as running:
        yield running


def without(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in keys}


def reauth_flows(hass: HomeAssistant) -> list[Any]:
    return [
        flow
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow["context"]["source"] == "reauth"
    ]


async def retry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Try again, as Home Assistant does after a while."""
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


TROUBLE: dict[str, tuple[Callable[[Simulator], object], str]] = {
    "booting": (lambda s: setattr(s.gateway, "booting", True), "cannot_set_up"),
    "no info": (lambda s: s.gateway.faults.add(Fault.html("/info")), "cannot_set_up"),
    "token not checked": (
        lambda s: s.gateway.faults.add(Fault.error(CHECK_JWT, 503)),
        "cannot_set_up",
    ),
    "meters unknown": (
        lambda s: s.gateway.faults.add(Fault.error("/ivp/meters", 500)),
        "no_readings",
    ),
    "no readings": (
        lambda s: s.gateway.faults.add(Fault.error("/*", 500)),
        "cannot_set_up",
    ),
    "another gateway": (
        lambda s: s.gateway.faults.add(
            Fault.raw(
                "/info",
                b"<envoy_info><device><sn>999</sn><software>D8.3.5169</software>"
                b"</device></envoy_info>",
            )
        ),
        "wrong_gateway",
    ),
}


@pytest.mark.parametrize(("trouble", "reason"), TROUBLE.values(), ids=TROUBLE.keys())
async def test_what_mends_itself_is_tried_again(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    trouble: Callable[[Simulator], object],
    reason: str,
) -> None:
    trouble(simulator)
    entry = await setup_entry()
    assert state_of(entry) is RETRY
    assert entry.error_reason_translation_key == reason
    assert not reauth_flows(hass)

    simulator.gateway.booting = False
    simulator.gateway.faults.clear()
    await retry(hass, entry)
    assert state_of(entry) is ConfigEntryState.LOADED


async def test_readings_that_never_came_are_tried_again(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    for path in (
        "/ivp/meters/readings",
        "/api/v1/production",
        "/ivp/ensemble/power",
    ):
        simulator.gateway.faults.add(Fault.error(path, 500))
    entry = await setup_entry()
    assert state_of(entry) is RETRY
    simulator.gateway.faults.clear()
    await retry(hass, entry)
    assert state_of(entry) is ConfigEntryState.LOADED


async def test_a_changed_certificate_stops_before_anything_is_sent(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    entry_data: dict[str, Any],
) -> None:
    simulator.gateway.renew_certificate()
    entry = await setup_entry(entry_data)
    assert state_of(entry) is RETRY
    assert entry.error_reason_translation_key == "certificate_changed"
    assert not len(simulator.gateway.requests)
    issue = f"certificate_changed_{entry.entry_id}"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue)

    found = simulator.gateway.fingerprint
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, CONF_FINGERPRINT: found}
    )
    await retry(hass, entry)
    assert state_of(entry) is ConfigEntryState.LOADED
    assert not ir.async_get(hass).async_get_issue(DOMAIN, issue)


async def test_without_a_pin_the_certificate_is_pinned_now(
    simulator: Simulator, setup_entry: Setup, entry_data: dict[str, Any]
) -> None:
    entry = await setup_entry(without(entry_data, CONF_FINGERPRINT))
    assert state_of(entry) is ConfigEntryState.LOADED
    assert entry.data[CONF_FINGERPRINT] == simulator.gateway.fingerprint


@pytest.mark.parametrize("token", ["", "not.a.token", None])
async def test_a_lost_token_is_fetched_anew(
    simulator: Simulator,
    setup_entry: Setup,
    entry_data: dict[str, Any],
    token: str | None,
) -> None:
    entry = await setup_entry({**entry_data, CONF_TOKEN: token})
    assert state_of(entry) is ConfigEntryState.LOADED
    assert entry.data[CONF_TOKEN] not in {"", "not.a.token", None}


async def test_an_expired_token_is_fetched_anew(
    simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry(token=simulator.token(lifetime=-60))
    assert state_of(entry) is ConfigEntryState.LOADED
    assert len(simulator.cloud.requests)


async def test_with_a_good_token_the_cloud_is_not_asked(
    simulator: Simulator, setup_entry: Setup
) -> None:
    await simulator.cloud.go_away()
    entry = await setup_entry()
    assert state_of(entry) is ConfigEntryState.LOADED
    assert not len(simulator.cloud.requests)


async def test_a_cloud_that_is_down_is_waited_for(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    travel: TimeTravel,
) -> None:
    await simulator.cloud.go_away()
    entry = await setup_entry(token=simulator.token(lifetime=-60))
    assert state_of(entry) is RETRY
    assert not reauth_flows(hass)
    assert entry.data[CONF_LOGIN_BACKOFF]["failures"] == 1

    await simulator.cloud.come_back()
    await retry(hass, entry)
    # The step survives the new start: nothing was asked.
    assert state_of(entry) is RETRY
    assert not len(simulator.cloud.requests)

    travel.offset += 70
    await retry(hass, entry)
    assert state_of(entry) is ConfigEntryState.LOADED
    assert entry.data[CONF_LOGIN_BACKOFF]["failures"] == 0


NEEDS_A_PERSON: dict[str, Callable[[Simulator], object]] = {
    "password": lambda s: setattr(s.account, "password", "another"),
    "second factor": lambda s: setattr(s.account, "second_factor", True),
    "serial": lambda s: s.account.serials.clear(),
}


@pytest.mark.parametrize("trouble", NEEDS_A_PERSON.values(), ids=NEEDS_A_PERSON.keys())
async def test_what_only_the_owner_can_mend_asks_for_a_sign_in(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    trouble: Callable[[Simulator], object],
) -> None:
    trouble(simulator)
    entry = await setup_entry(token=simulator.token(lifetime=-60))
    assert state_of(entry) is ConfigEntryState.SETUP_ERROR
    assert len(reauth_flows(hass)) == 1

    hass.config_entries.async_update_entry(
        entry, data={**entry.data, CONF_TOKEN: simulator.token()}
    )
    await retry(hass, entry)
    assert state_of(entry) is ConfigEntryState.LOADED


async def test_a_new_start_does_not_forget_that_a_person_is_needed(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup, travel: TimeTravel
) -> None:
    """Refused before the restart, and the next attempt isn't due."""
    refused = {
        "failures": 4,
        "retry_at": time.time() + 3000,
        "cause": "credentials_refused",
    }
    entry = await setup_entry(
        token=simulator.token(lifetime=-60), **{CONF_LOGIN_BACKOFF: refused}
    )
    assert len(reauth_flows(hass)) == 1
    assert not len(simulator.cloud.requests)
    travel.offset += 3300
    await retry(hass, entry)
    assert state_of(entry) is ConfigEntryState.LOADED


async def test_a_manual_token_that_has_ended_asks_for_another(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    entry_data: dict[str, Any],
) -> None:
    data = without(entry_data, CONF_USERNAME, CONF_PASSWORD)
    ended = simulator.token(lifetime=-60)
    entry = await setup_entry({**data, CONF_TOKEN: ended})
    assert state_of(entry) is ConfigEntryState.SETUP_ERROR
    assert len(reauth_flows(hass)) == 1
    assert not len(simulator.cloud.requests)


async def test_a_refused_manual_token_is_doubted_for_two_minutes(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    entry_data: dict[str, Any],
    travel: TimeTravel,
) -> None:
    """A gateway that is starting refuses good tokens for a moment."""
    simulator.gateway.revoke_tokens()
    data = without(entry_data, CONF_USERNAME, CONF_PASSWORD)
    entry = await setup_entry(data)
    assert state_of(entry) is RETRY
    await retry(hass, entry)
    travel.offset += 130
    assert not reauth_flows(hass)
    await retry(hass, entry)
    assert state_of(entry) is ConfigEntryState.SETUP_ERROR
    assert len(reauth_flows(hass)) == 1

    fresh = {**entry.data, CONF_TOKEN: simulator.token()}
    hass.config_entries.async_update_entry(entry, data=fresh)
    await retry(hass, entry)
    assert state_of(entry) is ConfigEntryState.LOADED


async def test_a_manual_token_near_its_end_is_announced(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    entry_data: dict[str, Any],
) -> None:
    data = without(entry_data, CONF_USERNAME, CONF_PASSWORD)
    entry = await setup_entry(
        {**data, CONF_TOKEN: simulator.token(lifetime=20 * 86400)}
    )
    assert state_of(entry) is ConfigEntryState.LOADED
    issue = f"token_expiring_{entry.entry_id}"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue)
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, CONF_TOKEN: simulator.token()}
    )
    await retry(hass, entry)
    assert not ir.async_get(hass).async_get_issue(DOMAIN, issue)


async def test_a_refused_manual_token_while_running_asks_after_two_minutes(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    entry_data: dict[str, Any],
    travel: TimeTravel,
) -> None:
    entry = await setup_entry(without(entry_data, CONF_USERNAME, CONF_PASSWORD))
    assert state_of(entry) is ConfigEntryState.LOADED
    simulator.gateway.revoke_tokens()
    simulator.gateway.forget_sessions()
    await travel(60)
    assert not reauth_flows(hass)
    await travel(300)
    assert len(reauth_flows(hass)) == 1
    assert state_of(entry) is ConfigEntryState.LOADED


async def test_a_token_that_cannot_be_renewed_yet_goes_on_working(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    travel: TimeTravel,
) -> None:
    travel.offset = -345 * 86400
    token = simulator.token()
    travel.offset = 0
    await simulator.cloud.go_away()
    entry = await setup_entry(token=token)
    await travel(60)
    assert state_of(entry) is ConfigEntryState.LOADED
    assert entry.data[CONF_TOKEN] == token
    assert not reauth_flows(hass)
    await simulator.cloud.come_back()
    await travel(1900, step=15)
    assert entry.data[CONF_TOKEN] != token


async def test_a_device_stays_while_nobody_knows_what_the_gateway_lists(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    simulator.gateway.booting = True
    entry = await setup_entry()
    assert state_of(entry) is RETRY
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "1")}
    )
    integration = await async_get_integration(hass, DOMAIN)
    component = await integration.async_get_component()
    assert not await component.async_remove_config_entry_device(hass, entry, device)
    simulator.gateway.booting = False
    await retry(hass, entry)
    assert await component.async_remove_config_entry_device(hass, entry, device)


async def test_removing_the_entry_removes_its_books(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    hass_storage: dict[str, Any],
) -> None:
    entry = await setup_entry()
    await hass.config_entries.async_unload(entry.entry_id)
    assert any(entry.entry_id in key for key in hass_storage)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not any(entry.entry_id in key for key in hass_storage)


@pytest.mark.parametrize("simulator", [{"scenario": "legacy"}], indirect=True)
async def test_an_old_gateway_needs_neither_token_nor_pin(
    simulator: Simulator, setup_entry: Setup, entry_data: dict[str, Any]
) -> None:
    entry = await setup_entry(without(entry_data, CONF_USERNAME, CONF_PASSWORD))
    assert state_of(entry) is ConfigEntryState.LOADED
    assert CONF_TOKEN not in entry.data
    assert CONF_FINGERPRINT not in entry.data
    assert len(entry.runtime_data.snapshot.inverters) > 0
