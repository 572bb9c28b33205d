"""Devices, firmware, certificate, gateway and the right to ask, changed on the way."""

from __future__ import annotations

import time
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.loader import async_get_integration

from custom_components.envoy_local.const import DOMAIN
from simulator import Fault, Simulator

from ...time_travel import TimeTravel
from ..conftest import Setup
from ..travelled_site import CHECK_JWT, unavailable


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
