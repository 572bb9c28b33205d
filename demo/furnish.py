"""A user, and the integration through its own config flow and cloud login."""

from __future__ import annotations

from typing import Any

from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.auth.providers.homeassistant import HassAuthProvider
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.envoy_local.const import DOMAIN

from .configuration import HomeSettings
from .influxdb import DATABASE

USERNAME = "demo"
PASSWORD = "demo"


class DemoError(Exception):
    """The demo can't be set up, and why."""


async def add_user(hass: HomeAssistant) -> bool:
    """Add the demo's user; whether it wasn't there yet."""
    if any(not user.system_generated for user in await hass.auth.async_get_users()):
        return False
    provider = hass.auth.get_auth_provider("homeassistant", None)
    if not isinstance(provider, HassAuthProvider):
        raise DemoError("Home Assistant has no local users")
    await provider.async_initialize()
    await provider.async_add_auth(USERNAME, PASSWORD)
    credentials = await provider.async_get_or_create_credentials({"username": USERNAME})
    user = await hass.auth.async_create_user("Demo", group_ids=[GROUP_ID_ADMIN])
    await hass.auth.async_link_user(user, credentials)
    return True


async def set_up_integration(hass: HomeAssistant, home: HomeSettings) -> None:
    """Add the gateway as a user would: host, account, send.

    A kept configuration folder has it from the last start, at another port and
    with another certificate; it is replaced, its entities keep their history.
    """
    for entry in hass.config_entries.async_entries(DOMAIN):
        await hass.config_entries.async_remove(entry.entry_id)
    flow = hass.config_entries.flow
    form = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    answers = {
        "host": home.host,
        "username": home.username,
        "password": home.password,
    }
    result = await flow.async_configure(form["flow_id"], answers)
    if result["type"] is not FlowResultType.CREATE_ENTRY:
        raise DemoError(_complaint(dict(result)))
    await hass.async_block_till_done(wait_background_tasks=False)
    entry = result["result"]
    if entry.state is not ConfigEntryState.LOADED:
        raise DemoError(f"the entry is {entry.state.value}: {entry.reason}")


async def forward_to_influxdb(hass: HomeAssistant, url: str) -> None:
    """Turn forwarding on in the options, as a user would."""
    [entry] = hass.config_entries.async_entries(DOMAIN)
    flow = hass.config_entries.options
    menu = await flow.async_init(entry.entry_id)
    answers: list[dict[str, Any]] = [
        {"next_step_id": "influxdb"},
        {"enabled": True, "url": url, "kind": "auto", "verify_ssl": True},
        {"database": DATABASE, "schemas": ["standard"]},
    ]
    result: dict[str, Any] = {}
    for answer in answers:
        result = dict(await flow.async_configure(menu["flow_id"], answer))
    if result["type"] is not FlowResultType.CREATE_ENTRY:
        raise DemoError(_complaint(result))
    await hass.async_block_till_done(wait_background_tasks=False)


def _complaint(result: dict[str, Any]) -> str:
    said = result.get("errors") or result.get("reason") or result.get("step_id")
    return f"the config flow says {said}"
