"""Each cause has its sentence next to its field, and each retry its success."""

from __future__ import annotations

from typing import Any

from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.envoy_local.client import discovery, transport
from custom_components.envoy_local.const import (
    CONF_SERIAL,
    SECTION_MANUAL_TOKEN,
)
from simulator import Fault, Simulator, TokenIssuer

from .flows import (
    OTHER_SERIAL,
    Case,
    begin,
    credentials,
    fault,
    good_token,
    is_collapsed,
    no_faults,
    pasted,
    setting,
    submit,
    suggested,
)

CASES = {
    "invalid_host": Case(
        typed=lambda sim: credentials(sim) | {CONF_HOST: "my gateway"},
        errors={CONF_HOST: "invalid_host"},
    ),
    "busy": Case(
        broken=setting("gateway.booting", value=True),
        mended=setting("gateway.booting", value=False),
        errors={CONF_HOST: "gateway_busy"},
    ),
    "busy_when_asked_for_a_session": Case(
        broken=fault(Fault.error("/auth/check_jwt", 503)),
        mended=no_faults,
        errors={CONF_HOST: "gateway_busy"},
    ),
    "web_page": Case(
        broken=fault(Fault.html("/info")),
        mended=no_faults,
        errors={CONF_HOST: "not_a_gateway"},
    ),
    "garbage": Case(
        broken=fault(Fault.raw("/info", b"\x00\xff<<<")),
        mended=no_faults,
        errors={CONF_HOST: "not_a_gateway"},
    ),
    "no_such_page": Case(
        broken=fault(Fault.error("/info", 404)),
        mended=no_faults,
        errors={CONF_HOST: "not_a_gateway"},
    ),
    "reset": Case(
        broken=fault(Fault.reset("/info")),
        mended=no_faults,
        errors={CONF_HOST: "cannot_connect"},
    ),
    "nonsense_for_a_session": Case(
        broken=fault(Fault.html("/auth/check_jwt")),
        mended=no_faults,
        errors={CONF_HOST: "unexpected_answer"},
    ),
    "wrong_serial": Case(
        typed=lambda sim: credentials(sim) | {CONF_SERIAL: OTHER_SERIAL},
        errors={CONF_SERIAL: "wrong_serial"},
        retyped=lambda sim: credentials(sim) | {CONF_SERIAL: f" {sim.serial} "},
        placeholders={"found_serial": "202412345678"},
    ),
    "serial_not_on_account": Case(
        broken=lambda sim: sim.account.serials.clear(),
        mended=lambda sim: sim.account.serials.append(sim.serial),
        errors={CONF_SERIAL: "serial_not_on_account"},
    ),
    "wrong_password": Case(
        typed=lambda sim: credentials(sim) | {CONF_PASSWORD: "wrong"},
        errors={CONF_PASSWORD: "invalid_auth"},
    ),
    "unknown_user": Case(
        typed=lambda sim: credentials(sim) | {CONF_USERNAME: "no@example.com"},
        errors={CONF_PASSWORD: "invalid_auth"},
    ),
    "nothing_to_sign_in_with": Case(
        typed=lambda sim: {CONF_HOST: sim.gateway.host},
        errors={CONF_USERNAME: "credentials_needed"},
    ),
    "user_without_password": Case(
        typed=lambda sim: {CONF_HOST: sim.gateway.host, CONF_USERNAME: sim.user},
        errors={CONF_PASSWORD: "credentials_needed"},
    ),
    "second_factor": Case(
        broken=setting("account.second_factor", value=True),
        errors={SECTION_MANUAL_TOKEN: "second_factor"},
        retyped=good_token,
    ),
    "locked_out": Case(
        broken=setting("account.locked_out", value="blocked"),
        mended=setting("account.locked_out", value=None),
        errors={CONF_USERNAME: "account_locked"},
    ),
    "locked_out_by_a_page": Case(
        broken=setting("account.locked_out", value="page"),
        mended=setting("account.locked_out", value=None),
        errors={CONF_USERNAME: "account_locked"},
    ),
    "cloud_down": Case(
        broken=lambda sim: sim.cloud.faults.add(Fault.error("*", 503)),
        mended=lambda sim: sim.cloud.faults.clear(),
        errors={"base": "cloud_unavailable"},
    ),
    "cloud_gives_no_token": Case(
        broken=setting("cloud.token_text", value="<html>"),
        mended=setting("cloud.token_text", value=None),
        errors={"base": "cloud_unavailable"},
    ),
    "cloud_gives_a_useless_token": Case(
        broken=setting("account.token_lifetime", value=-60),
        mended=setting("account.token_lifetime", value=None),
        errors={"base": "new_token_refused"},
    ),
    "token_is_none": Case(
        typed=pasted(lambda _: "my token"),
        errors={SECTION_MANUAL_TOKEN: "token_invalid"},
        retyped=good_token,
    ),
    "token_is_cut": Case(
        typed=pasted(lambda sim: sim.token()[3:-100]),
        errors={SECTION_MANUAL_TOKEN: "token_invalid"},
        retyped=good_token,
    ),
    "token_has_expired": Case(
        typed=pasted(lambda sim: sim.token(lifetime=-60)),
        errors={SECTION_MANUAL_TOKEN: "token_expired"},
        retyped=good_token,
    ),
    "token_of_another_gateway": Case(
        typed=pasted(lambda sim: sim.issuer.issue(OTHER_SERIAL)),
        errors={SECTION_MANUAL_TOKEN: "token_foreign"},
        retyped=good_token,
    ),
    "token_is_refused": Case(
        typed=pasted(lambda sim: TokenIssuer().issue(sim.serial)),
        errors={SECTION_MANUAL_TOKEN: "token_refused"},
        retyped=good_token,
    ),
}


@pytest.mark.usefixtures("trusting_cloud")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_each_cause_is_named_and_a_retry_works(
    hass: HomeAssistant, simulator: Simulator, case: Case
) -> None:
    case.broken(simulator)
    typed = case.typed(simulator)

    form = await submit(hass, await begin(hass), typed)

    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "user"
    assert form["errors"] == case.errors
    placeholders = form["description_placeholders"]
    assert placeholders is not None
    assert placeholders["token_page"] == simulator.cloud.url
    assert case.placeholders.items() <= placeholders.items()
    assert suggested(form)[CONF_HOST] == typed[CONF_HOST]
    assert is_collapsed(form) == (SECTION_MANUAL_TOKEN not in case.errors)

    case.mended(simulator)
    result = await submit(hass, form, case.retyped(simulator))

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == simulator.serial


@pytest.mark.usefixtures("trusting_cloud")
async def test_gateway_is_away(hass: HomeAssistant, simulator: Simulator) -> None:
    await simulator.gateway.go_away()

    form = await submit(hass, await begin(hass), credentials(simulator))
    assert form["errors"] == {CONF_HOST: "cannot_connect"}

    await simulator.gateway.come_back()
    result = await submit(hass, form, credentials(simulator))

    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.usefixtures("trusting_cloud")
async def test_gateway_does_not_answer(
    hass: HomeAssistant, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "_TIMEOUT", 0.2)  # 30 s would be long for a test
    simulator.gateway.faults.add(Fault.hang("/info"))

    form = await submit(hass, await begin(hass), credentials(simulator))
    assert form["errors"] == {CONF_HOST: "timeout"}

    simulator.gateway.faults.clear()
    result = await submit(hass, form, credentials(simulator))

    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.usefixtures("trusting_cloud")
async def test_certificate_changes_during_the_check(
    hass: HomeAssistant, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = transport.read_fingerprint

    async def read_and_change(*args: Any, **kwargs: Any) -> str:
        """Let another gateway answer from the second connection on."""
        fingerprint = await read(*args, **kwargs)
        simulator.gateway.renew_certificate()
        return fingerprint

    with monkeypatch.context() as patch:
        patch.setattr(discovery, "read_fingerprint", read_and_change)
        form = await submit(hass, await begin(hass), credentials(simulator))
    assert form["errors"] == {CONF_HOST: "certificate_unsteady"}
    assert len(simulator.gateway.requests) == 0

    result = await submit(hass, form, credentials(simulator))

    assert result["type"] is FlowResultType.CREATE_ENTRY
