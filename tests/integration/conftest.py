"""A running simulator, a Home Assistant that trusts its cloud, and an entry."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.util.ssl import get_default_context
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.envoy_local.client import cloud
from custom_components.envoy_local.const import CONF_FINGERPRINT, CONF_SERIAL, DOMAIN
from simulator import Simulator

_REFUSED = "Error on transport creation for incoming connection"

type Setup = Callable[..., Awaitable[ConfigEntry[Any]]]


def state_of(entry: ConfigEntry[Any]) -> ConfigEntryState:
    """Return the state of an entry, which changes behind a type checker's back."""
    return entry.state


@pytest.fixture(autouse=True)
def _let_the_gateway_refuse(hass: HomeAssistant) -> None:
    """Take a refused handshake for what it is: the gateway's business.

    The simulator runs in the same event loop, and Home Assistant's test bed fails a
    test for whatever goes wrong in it, also on the server's side of a connection.
    """
    strict = hass.loop.get_exception_handler()
    assert strict is not None

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if context["message"] != _REFUSED:
            strict(loop, context)

    hass.loop.set_exception_handler(handle)


@pytest.fixture
async def simulator(
    request: pytest.FixtureRequest, socket_enabled: None
) -> AsyncIterator[Simulator]:
    """Run a gateway and its cloud; parametrise it indirectly with keyword arguments."""
    async with Simulator(**getattr(request, "param", {})) as running:
        yield running


@pytest.fixture
def trusting_cloud(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the integration to the pretend cloud and trust its certificate."""
    simulator.cloud.trust(get_default_context())
    monkeypatch.setattr(cloud, "ENLIGHTEN_URL", simulator.cloud.url)
    monkeypatch.setattr(cloud, "ENTREZ_URL", simulator.cloud.url)


@pytest.fixture
def entry_data(simulator: Simulator) -> dict[str, Any]:
    """What an entry holds that was set up with user name and password."""
    fingerprint, data = simulator.gateway.fingerprint, {}
    if fingerprint is not None:
        data = {CONF_FINGERPRINT: fingerprint, CONF_TOKEN: simulator.token()}
    return {
        CONF_HOST: simulator.gateway.host,
        CONF_SERIAL: simulator.serial,
        CONF_USERNAME: simulator.user,
        CONF_PASSWORD: simulator.password,
        **data,
    }


@pytest.fixture
def setup_entry(
    hass: HomeAssistant,
    simulator: Simulator,
    trusting_cloud: None,
    entry_data: dict[str, Any],
) -> Setup:
    """Set an entry up; `data` replaces its data, `changes` changes some of it."""

    async def set_up(
        data: dict[str, Any] | None = None,
        *,
        options: dict[str, Any] | None = None,
        **changes: object,
    ) -> ConfigEntry[Any]:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title=f"Envoy {simulator.serial}",
            unique_id=simulator.serial,
            data={**(entry_data if data is None else data), **changes},
            options=options or {},
        )
        entry.add_to_hass(hass)
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        return entry

    return set_up
