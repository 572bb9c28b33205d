"""What the tests of all flows share: forms, people who fill them in, and causes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import HomeAssistant
import pytest

from custom_components.envoy_local.const import (
    DOMAIN,
    SECTION_MANUAL_TOKEN,
)
from simulator import Fault, Simulator

LEGACY = pytest.mark.parametrize("simulator", [{"scenario": "legacy"}], indirect=True)
OTHER_SERIAL = "202400000009"
BACKOFF = {"failures": 3, "retry_at": 4e9, "cause": "credentials_refused"}

type Form = dict[str, Any]
type Change = Callable[[Simulator], object]


def credentials(sim: Simulator) -> Form:
    return {
        CONF_HOST: sim.gateway.host,
        CONF_USERNAME: sim.user,
        CONF_PASSWORD: sim.password,
    }


def token_only(sim: Simulator, token: str) -> Form:
    return {CONF_HOST: sim.gateway.host, SECTION_MANUAL_TOKEN: {CONF_TOKEN: token}}


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the form of a new gateway."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )


async def submit(
    hass: HomeAssistant, flow: ConfigFlowResult, typed: Mapping[str, Any]
) -> ConfigFlowResult:
    """Submit the form that is open."""
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], dict(typed)
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    return result


def suggested(form: ConfigFlowResult) -> dict[str, Any]:
    """What the fields of a form are filled with."""
    schema = form["data_schema"]
    assert schema is not None
    return {
        str(key): key.description["suggested_value"]
        for key in schema.schema
        if key.description
    }


def is_collapsed(form: ConfigFlowResult) -> bool:
    """Whether the section for the token is closed."""
    schema = form["data_schema"]
    assert schema is not None
    collapsed: bool = schema.schema[SECTION_MANUAL_TOKEN].options["collapsed"]
    return collapsed


def nothing(_: Simulator) -> None:
    """Leave everything as it is."""


def setting(path: str, value: object) -> Change:
    """Return a change of one attribute, `account.second_factor`."""
    owner, _, name = path.rpartition(".")

    def change(sim: Simulator) -> None:
        target: object = sim
        for part in owner.split("."):
            target = getattr(target, part)
        setattr(target, name, value)

    return change


def fault(fault: Fault) -> Change:
    return lambda sim: sim.gateway.faults.add(fault)


def no_faults(sim: Simulator) -> None:
    sim.gateway.faults.clear()


@dataclass(frozen=True, kw_only=True)
class Case:
    """A cause, what it is called in the form, and how it goes away."""

    errors: dict[str, str]
    broken: Change = nothing
    mended: Change = nothing
    typed: Callable[[Simulator], Form] = credentials
    retyped: Callable[[Simulator], Form] = credentials
    placeholders: dict[str, str] = field(default_factory=dict)


def pasted(text: Callable[[Simulator], str]) -> Callable[[Simulator], Form]:
    return lambda sim: token_only(sim, text(sim))


def good_token(sim: Simulator) -> Form:
    return token_only(sim, sim.token())


def sign_in(sim: Simulator) -> Form:
    return {CONF_USERNAME: sim.user, CONF_PASSWORD: sim.password}
