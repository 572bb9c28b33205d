"""Setting up a gateway: with an account, with a token, or one that is known already."""

from __future__ import annotations

from homeassistant.config_entries import (
    SOURCE_IGNORE,
    ConfigEntryState,
)
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.envoy_local.const import (
    CONF_FINGERPRINT,
    CONF_SERIAL,
    DOMAIN,
)
from simulator import Fault, Simulator

from .conftest import Setup, state_of
from .flows import (
    LEGACY,
    begin,
    credentials,
    is_collapsed,
    submit,
    token_only,
)


@pytest.mark.usefixtures("trusting_cloud")
async def test_credentials(hass: HomeAssistant, simulator: Simulator) -> None:
    form = await begin(hass)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "user"
    assert form["errors"] == {}
    assert is_collapsed(form)

    result = await submit(hass, form, credentials(simulator))

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == f"Envoy {simulator.serial}"
    entry = result["result"]
    assert entry.unique_id == simulator.serial
    assert entry.data == {
        CONF_HOST: simulator.gateway.host,
        CONF_SERIAL: simulator.serial,
        CONF_FINGERPRINT: simulator.gateway.fingerprint,
        CONF_USERNAME: simulator.user,
        CONF_PASSWORD: simulator.password,
        CONF_TOKEN: entry.data[CONF_TOKEN],
    }
    assert state_of(entry) is ConfigEntryState.LOADED
    assert len(simulator.cloud.requests.to("/login/login.json")) == 1


@pytest.mark.usefixtures("trusting_cloud")
async def test_manual_token(hass: HomeAssistant, simulator: Simulator) -> None:
    token = simulator.token()

    typed = token_only(simulator, f'  "{token}"\n')
    result = await submit(hass, await begin(hass), typed)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {
        CONF_HOST: simulator.gateway.host,
        CONF_SERIAL: simulator.serial,
        CONF_FINGERPRINT: simulator.gateway.fingerprint,
        CONF_TOKEN: token,
    }
    assert len(simulator.cloud.requests) == 0


@pytest.mark.usefixtures("trusting_cloud")
async def test_manual_token_stands_in_place_of_credentials(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    token = simulator.token()
    typed = credentials(simulator) | token_only(simulator, token)

    result = await submit(hass, await begin(hass), typed)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert CONF_PASSWORD not in result["data"]
    assert result["data"][CONF_TOKEN] == token


@LEGACY
@pytest.mark.usefixtures("trusting_cloud")
async def test_old_gateway_asks_for_nothing(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    typed = {CONF_HOST: simulator.gateway.host}

    result = await submit(hass, await begin(hass), typed)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {
        CONF_HOST: simulator.gateway.host,
        CONF_SERIAL: simulator.serial,
    }


@LEGACY
@pytest.mark.usefixtures("trusting_cloud")
async def test_old_gateway_refuses_local_user(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    # Totals are open on these gateways; some want a user even for them.
    simulator.gateway.faults.add(Fault.error("/api/v1/production", 401))
    typed = {CONF_HOST: simulator.gateway.host}

    form = await submit(hass, await begin(hass), typed)
    assert form["errors"] == {CONF_PASSWORD: "invalid_local_auth"}

    simulator.gateway.faults.clear()
    typed = typed | {CONF_USERNAME: "someone", CONF_PASSWORD: "secret"}
    result = await submit(hass, form, typed)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"][CONF_USERNAME] == "someone"
    assert result["data"][CONF_PASSWORD] == "secret"


async def test_gateway_that_works_is_left_alone(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry()
    assert state_of(entry) is ConfigEntryState.LOADED
    before = {**entry.data, CONF_HOST: "192.0.2.4"}  # its other network interface
    hass.config_entries.async_update_entry(entry, data=before)

    result = await submit(hass, await begin(hass), credentials(simulator))

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert entry.data == before
    assert len(simulator.cloud.requests) == 0


async def test_gateway_that_is_not_found_any_more_is_moved(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry(host="127.0.0.1:9")
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY

    result = await submit(hass, await begin(hass), credentials(simulator))

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert entry.data[CONF_HOST] == simulator.gateway.host
    assert state_of(entry) is ConfigEntryState.LOADED


async def test_gateway_with_another_certificate_is_not_moved(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry(host="127.0.0.1:9", fingerprint="ab" * 32)

    result = await submit(hass, await begin(hass), credentials(simulator))

    assert result["reason"] == "already_configured"
    assert entry.data[CONF_HOST] == "127.0.0.1:9"


@pytest.mark.usefixtures("trusting_cloud")
async def test_ignored_gateway_can_be_set_up(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    ignored = MockConfigEntry(
        domain=DOMAIN, unique_id=simulator.serial, source=SOURCE_IGNORE
    )
    ignored.add_to_hass(hass)

    result = await submit(hass, await begin(hass), credentials(simulator))

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert hass.config_entries.async_entries(DOMAIN) == [result["result"]]
