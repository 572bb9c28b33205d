"""A process whose work is measured: a Home Assistant that forwards, or doesn't.

It says after each reading what to look for on the server, and at the end what it took.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
import json
import logging
from pathlib import Path
import pickle
import resource
import sys
import tempfile
import time
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from homeassistant import loader  # noqa: E402  # after the path
from homeassistant.bootstrap import async_load_base_functionality  # noqa: E402  # as above
from homeassistant.config_entries import ConfigEntries, ConfigEntry  # noqa: E402  # as above
from homeassistant.const import EVENT_STATE_CHANGED  # noqa: E402  # as above
from homeassistant.core import Event, HomeAssistant, State, callback  # noqa: E402  # as above
from homeassistant.helpers.aiohttp_client import (  # noqa: E402  # as above
    async_get_clientsession,
)
from homeassistant.setup import async_setup_component  # noqa: E402  # as above
from pytest_homeassistant_custom_component.common import (  # noqa: E402  # as above
    MockConfigEntry,
)

from benchmarks.influxdb_site import Poll  # noqa: E402  # as above
from custom_components.envoy_local.const import DOMAIN  # noqa: E402  # as above
from custom_components.envoy_local.forwarding import Forwarder  # noqa: E402  # as above
from custom_components.envoy_local.forwarding_options import (  # noqa: E402  # as above
    ForwardingOptions,
)
from custom_components.envoy_local.gateway_zone import GatewayZone  # noqa: E402  # as above

_SETTLE: Final = 2.5
"""Seconds after which core's integration has surely sent an open batch."""
_LOOK: Final = 0.02
_NEAR: Final = 1000
"""Microseconds."""


class Way(StrEnum):
    """Who forwards."""

    NOBODY = "nobody"
    CORE = "core"
    OURS = "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a measured process has to do."""

    way: Way
    polls: str
    """File of pickled polls."""
    url: str
    database: str
    pace: float
    """Seconds between two readings; 0 for as fast as it goes."""


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what nobody tells of."""
    while not condition():  # noqa: ASYNC110  # as said
        await asyncio.sleep(_LOOK)


class Forwarding(Protocol):
    """A way to the server."""

    def take(self, poll: Poll) -> None:
        """Hand a reading over, beyond the states that were set."""

    async def until_delivered(self) -> None:
        """Wait for the last of it."""


class Nothing:
    """States alone: what a Home Assistant costs that forwards nothing."""

    def take(self, poll: Poll) -> None:
        """Leave it."""

    async def until_delivered(self) -> None:
        """Wait as long as with core's integration."""
        await asyncio.sleep(_SETTLE)


class Core(Nothing):
    """Core's `influxdb` integration, which listens to the states itself."""

    def __init__(self, thread: Any) -> None:
        """Take the thread that it starts."""
        self._thread = thread

    async def until_delivered(self) -> None:
        """Let the queue run empty, and the batch that is open then be sent."""
        await asyncio.get_running_loop().run_in_executor(
            None, self._thread.block_till_done
        )
        await asyncio.sleep(_SETTLE)


class Ours:
    """Our forwarder, as an entry has it."""

    def __init__(self, forwarder: Forwarder) -> None:
        """Take a forwarder that was started."""
        self._forwarder = forwarder

    def take(self, poll: Poll) -> None:
        """Hand the snapshot over, as the coordinator does."""
        self._forwarder.async_take(poll.snapshot)

    async def until_delivered(self) -> None:
        """Wait until nothing is left in memory or on disk."""
        await until(
            lambda: not self._forwarder.in_hand and not self._forwarder.status.pending
        )
        status = self._forwarder.status
        if status.dropped or status.quarantined or status.too_old:
            sys.exit(f"Not everything was delivered: {status}")


@asynccontextmanager
async def forwarding(hass: HomeAssistant, job: Job) -> AsyncIterator[Forwarding]:
    """Set a way up, and end it."""
    if job.way is Way.NOBODY:
        yield Nothing()
    elif job.way is Way.CORE:
        # Not before: it needs packages of its own. Of any type, as it
        # knows YAML only in old versions.
        influxdb: Any = import_module("homeassistant.components.influxdb")
        entry = core_entry(job)
        await influxdb.async_setup_entry(hass, entry)
        yield Core(entry.runtime_data)
        await influxdb.async_unload_entry(hass, entry)
    else:
        async with forwarder(hass, job) as ours:
            yield Ours(ours)


def core_entry(job: Job) -> ConfigEntry[Any]:
    """Return an entry as the form of core's integration makes it for 1.x."""
    address = urlsplit(job.url)
    data = {
        "api_version": "1",
        "host": address.hostname,
        "port": address.port,
        "ssl": False,
        "verify_ssl": False,
        "database": job.database,
    }
    return MockConfigEntry(domain="influxdb", data=data)


@asynccontextmanager
async def forwarder(hass: HomeAssistant, job: Job) -> AsyncIterator[Forwarder]:
    """Run our forwarder as an entry does."""
    stored = {
        "enabled": True,
        "url": job.url,
        "kind": "1",
        "verify_ssl": True,
        "database": job.database,
        "schemas": ["standard"],
        "extra_tags": {},
    }
    options = ForwardingOptions.of({"influxdb": stored})
    if options is None:
        sys.exit("The options don't switch forwarding on")
    entry = MockConfigEntry(domain=DOMAIN, unique_id="202412345678", title="Envoy")
    entry.add_to_hass(hass)
    ours = Forwarder(hass, entry, options, zone=GatewayZone(hass, entry))
    ours.async_start()
    await until(lambda: ours.is_open)
    try:
        yield ours
    finally:
        await ours.async_close()


@contextmanager
def configuration() -> Iterator[str]:
    """Lend a folder with an empty configuration."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "configuration.yaml").touch()
        yield folder


@asynccontextmanager
async def home_assistant() -> AsyncIterator[HomeAssistant]:
    """Run a Home Assistant with nothing in it."""
    with configuration() as folder:
        hass = HomeAssistant(folder)
        loader.async_setup(hass)
        hass.config.skip_pip = True
        hass.config_entries = ConfigEntries(hass, {})
        await async_load_base_functionality(hass)
        await async_setup_component(hass, "network", {})
        # Found here already, so that nobody is charged for what all of it share.
        async_get_clientsession(hass)
        await hass.async_start()
        yield hass
        await hass.async_stop(force=True)


class Changes:
    """Counts the numbers that Home Assistant learns, and knows the latest."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Listen from now on."""
        self.numbers = 0
        self._latest: tuple[State, int] | None = None
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._async_changed)

    @callback
    def _async_changed(self, event: Event[Any]) -> None:
        state: State = event.data["new_state"]
        try:
            float(state.state)
        except ValueError:
            return
        self.numbers += 1
        self._latest = state, round(event.time_fired_timestamp * 1_000_000)

    @property
    def look_for(self) -> str:
        """A query for the point that core's integration makes of the latest.

        Its client turns times into floats and back, which moves them a little.
        """
        if self._latest is None:
            return ""
        state, time_fired = self._latest
        measurement = state.attributes.get("unit_of_measurement") or state.entity_id
        where = f"entity_id = '{state.object_id}' AND time > {time_fired - _NEAR}u"
        return f'SELECT "value" FROM "{measurement}" WHERE {where}'  # noqa: S608  # InfluxQL


def mark(poll: Poll) -> str:
    """Return a query for the last point of a reading."""
    series, _, rest = poll.lines[-1].partition(" ")
    measurement, *tags = series.split(",")
    time_of_it = rest.rpartition(" ")[2]
    where = [f"time = {time_of_it}ms"]
    for tag in tags:
        name, _, text = tag.partition("=")
        where.append(f"\"{name}\" = '{text}'")
    return f'SELECT * FROM "{measurement}" WHERE {" AND ".join(where)}'  # noqa: S608  # InfluxQL


async def work(job: Job, polls: Sequence[Poll]) -> None:
    """Do a job and say what it took."""
    async with home_assistant() as hass, forwarding(hass, job) as way:
        changes = Changes(hass)
        started, before = time.perf_counter(), time.process_time()
        for poll in polls:
            at = time.time()
            for state in poll.states:
                hass.states.async_set(state.entity_id, state.text, state.attributes)
            way.take(poll)
            look_for = mark(poll) if job.way is Way.OURS else changes.look_for
            if job.pace:
                tell(at=at, look_for=look_for)
            await asyncio.sleep(job.pace)
        await way.until_delivered()
        tell(
            cpu=time.process_time() - before,
            took=time.perf_counter() - started,
            changes=changes.numbers,
            polls=len(polls),
            rss=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )


def tell(**what: object) -> None:
    """Write a line for whoever started us."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main(given: str) -> None:
    """Do the job that is given as JSON."""
    logging.basicConfig(level=logging.ERROR)
    fields = json.loads(given)
    job = Job(**{**fields, "way": Way(fields["way"])})
    polls = pickle.loads(Path(job.polls).read_bytes())  # noqa: S301  # our own
    asyncio.run(work(job, polls))


if __name__ == "__main__":
    main(sys.argv[1])
