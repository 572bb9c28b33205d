"""Discovery: a new gateway is offered, one that works is never moved."""

from __future__ import annotations

from ipaddress import ip_address

from homeassistant.config_entries import (
    SOURCE_IGNORE,
    SOURCE_USER,
    SOURCE_ZEROCONF,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.const import CONF_FINGERPRINT, CONF_SERIAL, DOMAIN
from simulator import Simulator

from .conftest import Setup, state_of
from .flows import submit, suggested

SERIAL = "202412345678"
NOBODY = "127.0.0.1:9"


def announcement(
    address: str = "127.0.0.1", port: int | None = 80, serial: str | None = SERIAL
) -> ZeroconfServiceInfo:
    """What a gateway says of itself."""
    properties = {"serialnum": serial, "protovers": "8.3.5169"}
    return ZeroconfServiceInfo(
        ip_address=ip_address(address),
        ip_addresses=[ip_address(address)],
        port=port,
        hostname="envoy.local.",
        type="_enphase-envoy._tcp.local.",
        name="envoy._enphase-envoy._tcp.local.",
        properties={key: value for key, value in properties.items() if value},
    )


async def announce(hass: HomeAssistant, info: ZeroconfServiceInfo) -> ConfigFlowResult:
    """Let Home Assistant hear an announcement."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=info
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    return result


@pytest.mark.usefixtures("trusting_cloud")
async def test_new_gateway(hass: HomeAssistant, simulator: Simulator) -> None:
    form = await announce(hass, announcement(port=simulator.gateway.port))

    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "user"
    host = simulator.gateway.host
    assert suggested(form) == {CONF_HOST: host, CONF_SERIAL: simulator.serial}
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["context"]["unique_id"] == simulator.serial
    name = f"Envoy {simulator.serial} ({host})"
    assert flow["context"]["title_placeholders"] == {"name": name}

    typed = {CONF_USERNAME: simulator.user, CONF_PASSWORD: simulator.password}
    result = await submit(hass, form, suggested(form) | typed)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == simulator.serial
    assert len(simulator.gateway.requests.to("/info")) >= 1


@pytest.mark.parametrize(
    ("address", "port", "host"),
    [
        ("192.0.2.4", 80, "192.0.2.4"),
        ("192.0.2.4", 443, "192.0.2.4"),
        ("192.0.2.4", None, "192.0.2.4"),
        ("192.0.2.4", 8443, "192.0.2.4:8443"),
        ("2001:db8::4", 80, "[2001:db8::4]"),
        ("fe80::1%2", 80, "[fe80::1%2]"),
        ("fe80::1%eth0", 8443, "[fe80::1%eth0]:8443"),
    ],
)
async def test_every_kind_of_address(
    hass: HomeAssistant, address: str, port: int | None, host: str
) -> None:
    form = await announce(hass, announcement(address, port))

    assert suggested(form)[CONF_HOST] == host


async def test_announcement_without_a_serial(hass: HomeAssistant) -> None:
    result = await announce(hass, announcement(serial=None))

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "not_a_gateway"


async def test_second_announcement(hass: HomeAssistant) -> None:
    await announce(hass, announcement("192.0.2.4"))

    result = await announce(hass, announcement("192.0.2.5"))

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_in_progress"


@pytest.mark.usefixtures("trusting_cloud")
async def test_set_up_by_hand_ends_the_discovery(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    await announce(hass, announcement(port=simulator.gateway.port))
    form = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )

    typed = {
        CONF_HOST: simulator.gateway.host,
        CONF_USERNAME: simulator.user,
        CONF_PASSWORD: simulator.password,
    }
    result = await submit(hass, form, typed)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert hass.config_entries.flow.async_progress() == []


async def test_ignored_gateway(hass: HomeAssistant) -> None:
    ignored = MockConfigEntry(domain=DOMAIN, unique_id=SERIAL, source=SOURCE_IGNORE)
    ignored.add_to_hass(hass)

    result = await announce(hass, announcement())

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_gateway_that_works_is_never_moved(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry()
    elsewhere = {**entry.data, CONF_HOST: "192.0.2.4"}  # its other network interface
    hass.config_entries.async_update_entry(entry, data=elsewhere)
    simulator.gateway.requests.clear()

    result = await announce(hass, announcement(port=simulator.gateway.port))

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert entry.data == elsewhere
    assert len(simulator.gateway.requests) == 0


async def test_gateway_that_failed_to_set_up_is_moved(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry(host=NOBODY)
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY
    before = dict(entry.data)

    result = await announce(hass, announcement(port=simulator.gateway.port))

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert entry.data == before | {CONF_HOST: simulator.gateway.host}
    assert state_of(entry) is ConfigEntryState.LOADED


async def test_gateway_that_was_lost_is_moved(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry()
    await simulator.gateway.go_away()
    await entry.runtime_data.coordinators[Tier.READINGS].async_refresh()
    assert state_of(entry) is ConfigEntryState.LOADED
    old = {**entry.data, CONF_HOST: NOBODY}
    hass.config_entries.async_update_entry(entry, data=old)
    await simulator.gateway.come_back()

    await announce(hass, announcement(port=simulator.gateway.port))

    assert entry.data[CONF_HOST] == simulator.gateway.host
    assert state_of(entry) is ConfigEntryState.LOADED
    assert entry.runtime_data.is_reachable


async def test_nobody_at_the_announced_address(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry(host=NOBODY)

    result = await announce(hass, announcement(port=10))
    assert result["reason"] == "already_configured"
    assert entry.data[CONF_HOST] == NOBODY

    await announce(hass, announcement(port=simulator.gateway.port))

    assert entry.data[CONF_HOST] == simulator.gateway.host


async def test_another_gateway_at_the_announced_address(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry(host=NOBODY)
    simulator.gateway.serial = "202400000009"

    result = await announce(hass, announcement(port=simulator.gateway.port))
    assert result["reason"] == "already_configured"
    assert entry.data[CONF_HOST] == NOBODY

    simulator.gateway.serial = simulator.gateway.site.serial
    await announce(hass, announcement(port=simulator.gateway.port))

    assert entry.data[CONF_HOST] == simulator.gateway.host


async def test_another_certificate_at_the_announced_address(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry(host=NOBODY)
    pinned = entry.data[CONF_FINGERPRINT]
    simulator.gateway.renew_certificate()

    result = await announce(hass, announcement(port=simulator.gateway.port))

    assert result["reason"] == "already_configured"
    assert entry.data[CONF_HOST] == NOBODY
    assert entry.data[CONF_FINGERPRINT] == pinned
    assert not any(request.has_authorization for request in simulator.gateway.requests)
