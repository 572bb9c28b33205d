"""A recorded gateway, set up with core's `enphase_envoy` and with our integration.

Core's library signs in by itself. It is given what an entry of core holds: the token
that its user entered, which the pretend gateway issued, so that nothing is asked of the
cloud; below firmware 7 the user `envoy` with the password that it works out from the
serial number. Neither the library nor the integration is changed; the library doesn't
check the gateway's certificate, so the pretend one will do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from homeassistant.const import (
    CONF_HOST,
    CONF_NAME,
    CONF_PASSWORD,
    CONF_TOKEN,
    CONF_USERNAME,
)
from homeassistant.core import HomeAssistant

from simulator import Simulator
from tests.captures import Capture
from tests.integration.equipment_contract.listing import Listed, entities
from tests.integration.equipment_contract.lists import our_entities
from tests.integration.equipment_contract.replaying import (
    everything_on,
    home_assistant,
    replaying,
    set_up,
)

DOMAIN: Final = "enphase_envoy"
PLATFORMS: Final = ("binary_sensor", "sensor")
"""Those that show readings; core's others are controls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What both make of a recorded gateway."""

    name: str
    core: tuple[Listed, ...]
    ours: tuple[Listed, ...]


async def both(recording: Capture) -> Site:
    """Set both up, one after the other, each in a Home Assistant of its own."""
    async with replaying(recording) as simulator:
        async with home_assistant() as hass:
            core = await _core_entities(hass, simulator)
        async with home_assistant() as hass:
            ours = await our_entities(hass, simulator)
    return Site(name=recording.name, core=tuple(core), ours=tuple(ours))


async def _core_entities(hass: HomeAssistant, simulator: Simulator) -> list[Listed]:
    with everything_on() as by_default:
        entry = await set_up(hass, DOMAIN, simulator.serial, _core_data(simulator))
        found = entities(hass, entry, by_default, platforms=PLATFORMS)
    await hass.config_entries.async_unload(entry.entry_id)
    return found


def _core_data(simulator: Simulator) -> dict[str, Any]:
    told = {CONF_HOST: simulator.gateway.host, CONF_NAME: "Envoy"}
    if simulator.gateway.fingerprint is None:
        return {**told, CONF_USERNAME: "envoy", CONF_PASSWORD: ""}
    account = {CONF_USERNAME: simulator.user, CONF_PASSWORD: simulator.password}
    return {**told, **account, CONF_TOKEN: simulator.token()}
