"""A recorded gateway, set up in a Home Assistant, with every entity switched on.

The wall clock stands at the moment of the recording, so that the age of a report, the
price of the hour and the validity of a token are what they were then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
import logging
import re
import tempfile
from typing import Any, Final
from unittest.mock import patch

from aiohttp.resolver import ThreadedResolver
from freezegun import freeze_time
from homeassistant import loader
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import aiohttp_client
from homeassistant.helpers.entity import Entity
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.envoy_local.const import CONF_FINGERPRINT, CONF_SERIAL
from simulator import Simulator

from ...captures import Capture

ZONE: Final = "UTC"
_TIME: Final = re.compile(rb"<time>\s*(\d+)")


def recorded_at(site: Capture) -> datetime:
    """Return the moment of a recording, by the gateway's own clock."""
    found = _TIME.search(site.answers()["/info"])
    if found is None:
        raise ValueError(f"{site.name} doesn't tell its time")
    return datetime.fromtimestamp(int(found[1]), UTC)


@asynccontextmanager
async def replaying(site: Capture) -> AsyncIterator[Simulator]:
    """Run the gateway at the moment of its recording; the loop's clock goes on."""
    with freeze_time(recorded_at(site), real_asyncio=True):
        async with Simulator(capture=site.folder) as simulator:
            yield simulator


@asynccontextmanager
async def home_assistant() -> AsyncIterator[HomeAssistant]:
    """Run a Home Assistant without a test around it."""
    with tempfile.TemporaryDirectory() as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
            try:
                with patch.object(aiohttp_client, "_async_make_resolver", _Resolver):
                    yield hass
            finally:
                await hass.async_stop(force=True)


class _Resolver(ThreadedResolver):
    """Asks the system, as Home Assistant's would listen to the network."""

    def __init__(self, _: HomeAssistant) -> None:
        """Need nothing of Home Assistant."""
        super().__init__()

    async def real_close(self) -> None:
        """Do what Home Assistant asks its own for."""
        await self.close()


def our_data(simulator: Simulator) -> dict[str, Any]:
    """Return what an entry of ours holds; with a token no cloud is asked."""
    told = {CONF_HOST: simulator.gateway.host, CONF_SERIAL: simulator.serial}
    if simulator.gateway.fingerprint is None:
        name, password = next(iter(simulator.gateway.local_users.items()))
        return {**told, CONF_USERNAME: name, CONF_PASSWORD: password}
    return {
        **told,
        CONF_FINGERPRINT: simulator.gateway.fingerprint,
        CONF_TOKEN: simulator.token(),
    }


async def set_up(
    hass: HomeAssistant, domain: str, serial: str, data: Mapping[str, Any]
) -> ConfigEntry[Any]:
    """Set an entry up and wait until everything has been read once."""
    await hass.config.async_set_time_zone(ZONE)
    entry = MockConfigEntry(domain=domain, unique_id=serial, data=dict(data))
    entry.add_to_hass(hass)
    if not await hass.config_entries.async_setup(entry.entry_id):
        raise RuntimeError(f"{domain} was not set up: {entry.reason}")
    await hass.async_block_till_done(wait_background_tasks=True)
    return entry


@contextmanager
def everything_on() -> Iterator[dict[str, bool]]:
    """Switch on what waits to be switched on; yields unique id -> on by itself."""
    by_default: dict[str, bool] = {}

    def record(entity: Entity) -> bool:
        own = getattr(entity, "_attr_entity_registry_enabled_default", None)
        if own is None:
            described = getattr(entity, "entity_description", None)
            own = getattr(described, "entity_registry_enabled_default", True)
        by_default[str(entity.unique_id)] = bool(own)
        return True

    with patch.object(Entity, "entity_registry_enabled_default", property(record)):
        yield by_default


def be_quiet() -> None:
    """Leave the log to what went wrong."""
    logging.basicConfig(level=logging.ERROR)
