"""A process whose work is measured: a Home Assistant that shows one gateway's power."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
import json
import logging
import os
from pathlib import Path
import sys
import time
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from homeassistant.const import (  # noqa: E402  # after the path
    CONF_HOST,
    CONF_TOKEN,
    EVENT_STATE_CHANGED,
)
from homeassistant.core import Event, HomeAssistant, callback  # noqa: E402  # as above
from homeassistant.helpers import entity_registry as er  # noqa: E402  # as above
from pytest_homeassistant_custom_component.common import (  # noqa: E402  # as above
    MockConfigEntry,
)

from benchmarks.influxdb_lag import Probe  # noqa: E402  # as above
from benchmarks.influxdb_measured import home_assistant, tell, until  # noqa: E402  # as above
from benchmarks.live_clock import run_hurried  # noqa: E402  # as above
from custom_components.envoy_local.client.models.live import (  # noqa: E402  # as above
    LiveSource,
    LiveStatus,
)
from custom_components.envoy_local.const import (  # noqa: E402  # as above
    CONF_FINGERPRINT,
    CONF_SERIAL,
    DOMAIN,
)
from custom_components.envoy_local.sensor.totals import (  # noqa: E402  # as above
    ENERGY_SENSORS,
    POWER_SENSORS,
)

_PHASES: Final = ("", "_l1", "_l2", "_l3")
_WARM_UP: Final = 40.0
"""Seconds, of the gateway's time, for what happens once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a measured process has to do."""

    gateway: Mapping[str, str]
    speed: float
    paces: Sequence[int]
    """One stretch for each; 0 for one without live power."""
    seconds: float
    """Of the gateway's time, for each stretch."""
    lag: float
    """Seconds after each, in which the loop is watched."""


class Writes:
    """Counts the states that change, those of the power sensors apart."""

    def __init__(self, hass: HomeAssistant, serial: str) -> None:
        """Listen from now on."""
        registry = er.async_get(hass)
        keys = [f"{serial}_{d.key}{phase}" for d in POWER_SENSORS for phase in _PHASES]
        found = (registry.async_get_entity_id("sensor", DOMAIN, key) for key in keys)
        self.sensors = {entity_id for entity_id in found if entity_id}
        self.power = self.others = 0
        self.end = hass.bus.async_listen(EVENT_STATE_CHANGED, self._async_changed)

    @callback
    def _async_changed(self, event: Event[Any]) -> None:
        if event.data["entity_id"] in self.sensors:
            self.power += 1
        else:
            self.others += 1


@asynccontextmanager
async def loaded(
    hass: HomeAssistant, entry: MockConfigEntry, pace: int
) -> AsyncIterator[None]:
    """Have an entry run with this pace, warm and with all its sensors."""
    live = {"live_power": bool(pace), "live_interval": pace or 5}
    hass.config_entries.async_update_entry(entry, options={"live": live})
    if not await hass.config_entries.async_setup(entry.entry_id):
        sys.exit("The integration could not be set up")
    serial, registry = entry.unique_id, er.async_get(hass)
    energies = [f"{serial}_{description.key}" for description in ENERGY_SENSORS]
    await until(
        lambda: (
            status_of(entry).source is (LiveSource.STREAM if pace else None)
            and any(registry.async_get_entity_id("sensor", DOMAIN, e) for e in energies)
        )
    )
    await asyncio.sleep(_WARM_UP)
    yield
    await hass.config_entries.async_unload(entry.entry_id)


@dataclass(frozen=True, slots=True)
class _Off:
    """How a source stands that nobody asks."""

    source: None = None
    frames: int = 0
    bad_frames: int = 0
    connects: int = 0


def status_of(entry: MockConfigEntry) -> LiveStatus | _Off:
    """Return how live power stands."""
    live = entry.runtime_data.live
    return live.status if live else _Off()


async def measure(
    hass: HomeAssistant, entry: MockConfigEntry, job: Job
) -> dict[str, object]:
    """Let a stretch pass; return what it took."""
    writes, before = Writes(hass, job.gateway["serial"]), status_of(entry)
    started, cpu = asyncio.get_running_loop().time(), time.process_time()
    await asyncio.sleep(job.seconds)
    cpu = time.process_time() - cpu
    took, after = asyncio.get_running_loop().time() - started, status_of(entry)
    writes.end()
    return {
        "cpu": cpu,
        "took": took,
        "frames": after.frames - before.frames,
        "bad": after.bad_frames - before.bad_frames,
        "connects": after.connects - before.connects,
        "sensors": len(writes.sensors),
        "power": writes.power,
        "others": writes.others,
    }


async def watch(seconds: float) -> dict[str, float]:
    """Return how late the loop is while nothing else is measured."""
    probe = Probe()
    await asyncio.sleep(seconds)
    return await probe.end()


async def work(job: Job) -> None:
    """Do a job and say after each stretch what it took."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Envoy",
        unique_id=job.gateway["serial"],
        data={
            CONF_HOST: job.gateway["host"],
            CONF_SERIAL: job.gateway["serial"],
            CONF_FINGERPRINT: job.gateway["fingerprint"],
            CONF_TOKEN: job.gateway["token"],
        },
    )
    async with home_assistant() as hass:
        entry.add_to_hass(hass)
        for pace in job.paces:
            async with loaded(hass, entry, pace):
                figures = await measure(hass, entry, job)
                lag = await watch(job.lag) if job.lag else {}
            tell(pace=pace, load=os.getloadavg()[0], lag=lag, **figures)


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    given = Job(**json.loads(sys.argv[1]))
    run_hurried(partial(work, given), given.speed)
