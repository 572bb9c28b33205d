"""Signing in again: what is typed replaces what was stored, of whatever kind."""

from __future__ import annotations

from typing import Any

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.envoy_local.const import (
    CONF_FINGERPRINT,
    CONF_LOGIN_BACKOFF,
    CONF_SERIAL,
    SECTION_MANUAL_TOKEN,
)
from simulator import Simulator

from .conftest import Setup, state_of
from .flows import (
    BACKOFF,
    OTHER_SERIAL,
    Case,
    setting,
    sign_in,
    submit,
    suggested,
)


async def begin_reauth(hass: HomeAssistant, entry: Any) -> ConfigFlowResult:
    """Ask for a new sign-in, as a failing entry does."""
    result: ConfigFlowResult = await entry.start_reauth_flow(hass)
    return result


async def test_sign_in_again_with_credentials(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry(login_backoff=BACKOFF)
    simulator.account.password = "new"
    before = entry.data[CONF_TOKEN]
    simulator.gateway.requests.clear()

    form = await begin_reauth(hass, entry)
    assert form["step_id"] == "reauth_confirm"
    assert suggested(form)[CONF_USERNAME] == simulator.user
    assert CONF_PASSWORD not in suggested(form)
    typed = {CONF_USERNAME: simulator.user, CONF_PASSWORD: "new"}
    result = await submit(hass, form, typed)

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    assert entry.data[CONF_PASSWORD] == "new"
    assert entry.data[CONF_TOKEN] != before
    assert CONF_LOGIN_BACKOFF not in entry.data
    assert state_of(entry) is ConfigEntryState.LOADED


async def test_sign_in_again_with_a_token(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry()
    token = simulator.token()

    typed = {SECTION_MANUAL_TOKEN: {CONF_TOKEN: token}}
    result = await submit(hass, await begin_reauth(hass, entry), typed)

    assert result["reason"] == "reauth_successful"
    assert entry.data == {
        CONF_HOST: simulator.gateway.host,
        CONF_SERIAL: simulator.serial,
        CONF_FINGERPRINT: simulator.gateway.fingerprint,
        CONF_TOKEN: token,
    }


async def test_credentials_take_the_place_of_a_token(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    entry_data: dict[str, Any],
) -> None:
    del entry_data[CONF_USERNAME], entry_data[CONF_PASSWORD]
    entry = await setup_entry()

    typed = {CONF_USERNAME: simulator.user, CONF_PASSWORD: simulator.password}
    result = await submit(hass, await begin_reauth(hass, entry), typed)

    assert result["reason"] == "reauth_successful"
    assert entry.data[CONF_USERNAME] == simulator.user
    assert entry.data[CONF_TOKEN] != entry_data[CONF_TOKEN]


REAUTH_ERRORS = {
    "wrong_password": Case(
        typed=lambda sim: {CONF_USERNAME: sim.user, CONF_PASSWORD: "wrong"},
        errors={CONF_PASSWORD: "invalid_auth"},
    ),
    "nothing": Case(typed=lambda _: {}, errors={CONF_USERNAME: "credentials_needed"}),
    "not_on_account": Case(
        typed=sign_in,
        broken=lambda sim: sim.account.serials.clear(),
        mended=lambda sim: sim.account.serials.append(sim.serial),
        errors={"base": "serial_not_on_account"},
    ),
    "busy": Case(
        typed=sign_in,
        broken=setting("gateway.booting", value=True),
        mended=setting("gateway.booting", value=False),
        errors={"base": "gateway_busy"},
    ),
    "other_gateway": Case(
        typed=sign_in,
        broken=setting("gateway.serial", value=OTHER_SERIAL),
        mended=lambda sim: setattr(sim.gateway, "serial", sim.gateway.site.serial),
        errors={"base": "wrong_gateway"},
        placeholders={"found_serial": OTHER_SERIAL},
    ),
    "foreign_token": Case(
        typed=lambda sim: {
            SECTION_MANUAL_TOKEN: {CONF_TOKEN: sim.issuer.issue(OTHER_SERIAL)}
        },
        errors={SECTION_MANUAL_TOKEN: "token_foreign"},
    ),
}


@pytest.mark.parametrize("case", REAUTH_ERRORS.values(), ids=REAUTH_ERRORS.keys())
async def test_sign_in_again_after_an_error(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup, case: Case
) -> None:
    entry = await setup_entry()
    case.broken(simulator)

    form = await submit(hass, await begin_reauth(hass, entry), case.typed(simulator))

    assert form["errors"] == case.errors
    placeholders = form["description_placeholders"]
    assert placeholders is not None
    assert case.placeholders.items() <= placeholders.items()
    assert placeholders["name"] == entry.title

    case.mended(simulator)
    result = await submit(hass, form, sign_in(simulator))

    assert result["reason"] == "reauth_successful"


async def test_new_sign_in_waits_for_the_certificate(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry()
    pinned = entry.data[CONF_FINGERPRINT]
    typed = sign_in(simulator)
    found = simulator.gateway.renew_certificate()
    simulator.gateway.requests.clear()

    form = await submit(hass, await begin_reauth(hass, entry), typed)
    assert form["errors"] == {"base": "certificate_changed"}
    assert not any(request.has_authorization for request in simulator.gateway.requests)
    assert entry.data[CONF_FINGERPRINT] == pinned

    data = {**entry.data, CONF_FINGERPRINT: found}  # as the repair does
    hass.config_entries.async_update_entry(entry, data=data)
    result = await submit(hass, form, typed)

    assert result["reason"] == "reauth_successful"
