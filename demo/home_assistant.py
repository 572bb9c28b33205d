"""Runs Home Assistant as it is, only with the pretend cloud in the real one's place.

Started by the demo with its settings as one JSON argument. Says how far it is on
standard output; the log goes where Home Assistant writes it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys

from homeassistant import bootstrap, runner
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import Event, HomeAssistant

from custom_components.envoy_local.client import cloud

from .configuration import DEFAULT_INTEGRATIONS, HomeSettings, write_configuration
from .energy import fill_energy_dashboard
from .furnish import (
    DemoError,
    add_user,
    forward_to_influxdb,
    set_up_integration,
)
from .history import import_past

READY = "ready"
_LOGGER = logging.getLogger(__name__)


def say(text: str) -> None:
    """Tell the demo how far we are."""
    print(text, flush=True)


async def furnish(hass: HomeAssistant, home: HomeSettings) -> None:
    """Do what a new user would do, step by step."""
    is_new = await add_user(hass)
    say("Signing in to the pretend cloud and adding the gateway ...")
    await set_up_integration(hass, home)
    if home.influxdb_url:
        say("Forwarding readings to InfluxDB ...")
        await forward_to_influxdb(hass, home.influxdb_url)
    say("Filling the energy dashboard ...")
    await fill_energy_dashboard(hass, home.serial)
    if home.scenario and is_new:
        say("Importing the past seven days ...")
        await import_past(hass, home)
    say(READY)


def run(home: HomeSettings) -> int:
    """Run Home Assistant until it is told to stop."""
    cloud.ENLIGHTEN_URL = cloud.ENTREZ_URL = home.cloud_url  # type: ignore[misc] # Final for everybody but the demo and the tests
    bootstrap.DEFAULT_INTEGRATIONS.intersection_update(DEFAULT_INTEGRATIONS)
    write_configuration(home)

    async def set_up_and_run(runtime_config: runner.RuntimeConfig) -> int:
        hass = await bootstrap.async_setup_hass(runtime_config)
        if hass is None:
            return 1

        async def started(_: Event) -> None:
            try:
                await furnish(hass, home)
            except DemoError as err:
                say(f"The demo can't go on: {err}")
                # Not awaited: the stop would wait for this very task.
                ends.append(asyncio.ensure_future(hass.async_stop(1)))

        ends: list[asyncio.Future[None]] = []

        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STARTED, started)
        return await hass.async_run()

    runner.setup_and_run_hass = set_up_and_run
    # Everything is installed already; nothing is fetched at run time.
    return runner.run(runner.RuntimeConfig(config_dir=home.folder, skip_pip=True))


if __name__ == "__main__":
    sys.exit(run(HomeSettings(**json.loads(sys.argv[1]))))
