"""Another address or another way in, for the same gateway."""

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
)
from simulator import Simulator

from .conftest import Setup, state_of
from .flows import (
    BACKOFF,
    LEGACY,
    OTHER_SERIAL,
    Case,
    credentials,
    setting,
    submit,
    suggested,
    token_only,
)


async def begin_reconfigure(hass: HomeAssistant, entry: Any) -> ConfigFlowResult:
    """Open the form in which a known gateway's connection is changed."""
    result: ConfigFlowResult = await entry.start_reconfigure_flow(hass)
    return result


async def test_another_address_keeps_the_way_in(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry(host="127.0.0.1:9", login_backoff=BACKOFF)
    before = dict(entry.data)

    form = await begin_reconfigure(hass, entry)
    assert form["step_id"] == "reconfigure"
    assert suggested(form) == {
        CONF_HOST: "127.0.0.1:9",
        CONF_USERNAME: simulator.user,
    }
    typed = {CONF_HOST: simulator.gateway.host, CONF_USERNAME: simulator.user}
    result = await submit(hass, form, typed)

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    del before[CONF_LOGIN_BACKOFF]
    assert entry.data == before | {CONF_HOST: simulator.gateway.host}
    assert state_of(entry) is ConfigEntryState.LOADED
    assert len(simulator.cloud.requests) == 0


async def test_another_address_keeps_a_manual_token(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    entry_data: dict[str, Any],
) -> None:
    del entry_data[CONF_USERNAME], entry_data[CONF_PASSWORD]
    entry = await setup_entry(host="127.0.0.1:9")

    typed = {CONF_HOST: simulator.gateway.host}
    result = await submit(hass, await begin_reconfigure(hass, entry), typed)

    assert result["reason"] == "reconfigure_successful"
    assert entry.data == entry_data


async def test_stored_token_that_has_expired_is_replaced(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry(host="127.0.0.1:9", token=simulator.token(lifetime=-60))
    before = entry.data[CONF_TOKEN]

    typed = {CONF_HOST: simulator.gateway.host}
    result = await submit(hass, await begin_reconfigure(hass, entry), typed)

    assert result["reason"] == "reconfigure_successful"
    assert entry.data[CONF_TOKEN] != before
    assert len(simulator.cloud.requests.to("/login/login.json")) == 1


@LEGACY
async def test_old_gateway_gets_another_address(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry(host="127.0.0.1:9")

    typed = {CONF_HOST: simulator.gateway.host}
    result = await submit(hass, await begin_reconfigure(hass, entry), typed)

    assert result["reason"] == "reconfigure_successful"
    assert entry.data[CONF_HOST] == simulator.gateway.host
    assert entry.data[CONF_PASSWORD] == simulator.password


async def test_another_way_in_at_the_same_address(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry()
    token = simulator.token()

    typed = token_only(simulator, token)
    result = await submit(hass, await begin_reconfigure(hass, entry), typed)

    assert result["reason"] == "reconfigure_successful"
    assert CONF_USERNAME not in entry.data
    assert entry.data[CONF_TOKEN] == token


RECONFIGURE_ERRORS = {
    "other_gateway": Case(
        broken=setting("gateway.serial", value=OTHER_SERIAL),
        mended=lambda sim: setattr(sim.gateway, "serial", sim.gateway.site.serial),
        errors={CONF_HOST: "wrong_gateway"},
        placeholders={"found_serial": OTHER_SERIAL},
    ),
    "another_user_without_password": Case(
        typed=lambda sim: {
            CONF_HOST: sim.gateway.host,
            CONF_USERNAME: "other@example.com",
        },
        errors={CONF_PASSWORD: "credentials_needed"},
    ),
    "invalid_host": Case(
        typed=lambda sim: credentials(sim) | {CONF_HOST: "http://"},
        errors={CONF_HOST: "invalid_host"},
    ),
    "not_on_account": Case(
        broken=lambda sim: sim.account.serials.clear(),
        mended=lambda sim: sim.account.serials.append(sim.serial),
        errors={"base": "serial_not_on_account"},
    ),
}


@pytest.mark.parametrize(
    "case", RECONFIGURE_ERRORS.values(), ids=RECONFIGURE_ERRORS.keys()
)
async def test_reconfigure_after_an_error(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup, case: Case
) -> None:
    entry = await setup_entry()
    before = dict(entry.data)
    case.broken(simulator)

    form = await submit(
        hass, await begin_reconfigure(hass, entry), case.typed(simulator)
    )

    assert form["step_id"] == "reconfigure"
    assert form["errors"] == case.errors
    placeholders = form["description_placeholders"]
    assert placeholders is not None
    assert case.placeholders.items() <= placeholders.items()
    assert entry.data == before

    case.mended(simulator)
    result = await submit(hass, form, case.retyped(simulator))

    assert result["reason"] == "reconfigure_successful"


async def test_other_certificate_has_to_be_accepted(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry()
    pinned = entry.data[CONF_FINGERPRINT]
    found = simulator.gateway.renew_certificate()
    simulator.gateway.requests.clear()

    flow = await begin_reconfigure(hass, entry)
    form = await submit(hass, flow, credentials(simulator))

    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "certificate"
    assert form["description_placeholders"] == {
        "pinned": ":".join(pinned[i : i + 2] for i in range(0, 64, 2)).upper(),
        "found": ":".join(found[i : i + 2] for i in range(0, 64, 2)).upper(),
    }
    assert {request.path for request in simulator.gateway.requests} == {"/info"}
    assert not any(request.has_authorization for request in simulator.gateway.requests)
    assert not any(request.has_cookie for request in simulator.gateway.requests)
    assert entry.data[CONF_FINGERPRINT] == pinned

    result = await submit(hass, form, {})

    assert result["reason"] == "reconfigure_successful"
    assert entry.data[CONF_FINGERPRINT] == found
    assert state_of(entry) is ConfigEntryState.LOADED


async def test_only_the_certificate_that_was_shown_is_accepted(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry()
    simulator.gateway.renew_certificate()
    flow = await begin_reconfigure(hass, entry)
    form = await submit(hass, flow, credentials(simulator))
    found = simulator.gateway.renew_certificate()

    form = await submit(hass, form, {})
    assert form["step_id"] == "certificate"
    placeholders = form["description_placeholders"]
    assert placeholders is not None
    assert placeholders["found"].replace(":", "").lower() == found

    result = await submit(hass, form, {})

    assert result["reason"] == "reconfigure_successful"
    assert entry.data[CONF_FINGERPRINT] == found


async def test_error_after_the_certificate_leads_back_to_the_form(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry()
    simulator.gateway.renew_certificate()
    flow = await begin_reconfigure(hass, entry)
    typed = credentials(simulator) | {CONF_PASSWORD: "wrong"}
    form = await submit(hass, flow, typed)

    form = await submit(hass, form, {})
    assert form["step_id"] == "reconfigure"
    assert form["errors"] == {CONF_PASSWORD: "invalid_auth"}

    result = await submit(hass, form, credentials(simulator))

    assert result["reason"] == "reconfigure_successful"


@LEGACY
async def test_encryption_is_not_given_up(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry(fingerprint="ab" * 32)
    typed = {CONF_HOST: simulator.gateway.host}

    form = await submit(hass, await begin_reconfigure(hass, entry), typed)
    assert form["errors"] == {CONF_HOST: "encryption_lost"}

    data = {k: v for k, v in entry.data.items() if k != CONF_FINGERPRINT}
    hass.config_entries.async_update_entry(entry, data=data)
    result = await submit(hass, form, typed)

    assert result["reason"] == "reconfigure_successful"
