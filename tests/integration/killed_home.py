"""A whole Home Assistant that is killed again and again, and notes what it promised.

A command, so that forty starts need no forty imports: each life is a fork of this
process, with the files that the one before has left. It is told on standard input
what to do and answers with a line of JSON.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
import itertools
import json
import logging
import multiprocessing
import os
from pathlib import Path
import random
import signal
import sys
import time
from typing import Any, Final

import aiohttp
from homeassistant import bootstrap, loader
from homeassistant.config_entries import ConfigEntries, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import aiohttp_client
from homeassistant.setup import async_setup_component
import pytest

from custom_components.envoy_local import connect
from custom_components.envoy_local.client import cloud
from custom_components.envoy_local.client.client import EnvoyClient
from custom_components.envoy_local.const import CONF_FINGERPRINT, CONF_SERIAL, DOMAIN
from custom_components.envoy_local.forwarding import Forwarder
from custom_components.envoy_local.influxdb.sender import Sender
from simulator import Simulator

from ..time_travel import TimeTravel

ENTRY_ID: Final = "0123456789abcdef0123456789abcdef"
STEP: Final = 5.0
"""Seconds between two readings: the least that the options allow."""
_LIFE: Final = 1800.0
"""Seconds between the beginnings of two lives, and the most that one lasts."""
_STARTS: Final = 0.4
"""Which share of the kills falls at a random moment of a start."""
_LONGEST_START: Final = 0.6
_LONGEST_LIFE: Final = 0.5
"""Real seconds from the first promise to the kill."""
_LAST_READINGS: Final = 60.0
_PATIENCE: Final = 30.0
_LOOK: Final = 0.002
_MOST_BATCHES: Final = 10_000
"""More than any life has."""


@dataclass(frozen=True, slots=True)
class Noted:
    """The lines of a reading that the forwarder was given."""

    lines: list[str]
    is_promised: bool
    """Whether it has said that they are on disk."""


class Journal:
    """What was tried and what was promised, in files that survive any kill."""

    def __init__(self, folder: Path) -> None:
        """Write into a folder; a life may go on where the last was cut off."""
        self._tried = folder / "tried"
        self._promised = folder / "promised"
        for path in (self._tried, self._promised):
            path.touch()

    @property
    def promises(self) -> int:
        """Grows with each promise."""
        return self._promised.stat().st_size

    def note_tried(self, number: int, lines: Sequence[str]) -> None:
        """Note what is about to be put."""
        _append(self._tried, [number, *lines])

    def note_promised(self, number: int) -> None:
        """Note that it is on disk now."""
        _append(self._promised, [number])

    def read(self) -> list[Noted]:
        """Return everything, in its order."""
        promised = {number for (number,) in _entries(self._promised)}
        return [
            Noted(lines, number in promised) for number, *lines in _entries(self._tried)
        ]


def _append(path: Path, entry: list[Any]) -> None:
    """Write an entry; a kill in the midst of it leaves one that can't be read."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(file, f"\n{json.dumps(entry)}".encode())
    finally:
        os.close(file)


def _entries(path: Path) -> Iterator[list[Any]]:
    for line in path.read_text().splitlines():
        # Nobody was promised anything by an entry that isn't whole.
        if line.endswith("]"):
            yield json.loads(line)


@dataclass(slots=True)
class Home:
    """The files of a Home Assistant, and the gateway it reads in each of its lives."""

    config: Path
    port: int
    journal: Journal
    simulator: Simulator
    lives: int = 0

    def write(self, options: dict[str, Any]) -> None:
        """Write the entry as Home Assistant stores it."""
        entry = {
            "entry_id": ENTRY_ID,
            "domain": DOMAIN,
            "title": "Envoy",
            "unique_id": self.simulator.serial,
            "source": "user",
            "version": 1,
            "data": {
                "host": f"127.0.0.1:{self.port}",
                "token": self.simulator.token(),
                CONF_SERIAL: self.simulator.serial,
                CONF_FINGERPRINT: self.simulator.gateway.fingerprint,
            },
            "options": options,
        }
        key = "core.config_entries"
        stored = {"version": 1, "key": key, "data": {"entries": [entry]}}
        storage = self.config / ".storage"
        storage.mkdir(parents=True)
        (storage / key).write_text(json.dumps(stored))

    async def start(self) -> tuple[HomeAssistant, TimeTravel]:
        """Start the gateway and Home Assistant, some time after the last life."""
        patch = pytest.MonkeyPatch()
        travel = TimeTravel(asyncio.get_running_loop(), patch)
        travel.offset = self.lives * _LIFE
        travel.is_quiet = lambda: self.simulator.gateway.requests.is_idle
        # The client has looked the clock up before it was moved.
        client = partial(EnvoyClient, clock=time.time)
        patch.setattr(connect, "EnvoyClient", client)
        await self.simulator.start(port=self.port)
        # Never the real one, whatever goes wrong.
        patch.setattr(cloud, "ENLIGHTEN_URL", self.simulator.cloud.url)
        patch.setattr(cloud, "ENTREZ_URL", self.simulator.cloud.url)
        # Nor a name server: Home Assistant's own asks the network by multicast.
        patch.setattr(aiohttp_client, "_async_make_resolver", lambda _: _Resolver())
        self._note_puts(patch)
        hass = HomeAssistant(str(self.config))
        loader.async_setup(hass)
        hass.config.skip_pip = True
        hass.config_entries = ConfigEntries(hass, {})
        await bootstrap.async_load_base_functionality(hass)
        assert await async_setup_component(hass, DOMAIN, {})
        await hass.async_start()
        return hass, travel

    def _note_puts(self, patch: pytest.MonkeyPatch) -> None:
        numbers = itertools.count(self.lives * _MOST_BATCHES)
        put = Sender.put

        async def noted(sender: Sender, lines: Sequence[str], now: float) -> None:
            number = next(numbers)
            self.journal.note_tried(number, lines)
            await put(sender, lines, now)
            self.journal.note_promised(number)

        patch.setattr(Sender, "put", noted)

    async def live(self) -> None:
        """Read and forward, a reading after the other, until the kill."""
        _, travel = await self.start()
        end = travel.offset + _LIFE - STEP
        while _is_watched():
            await travel(STEP if travel.offset < end else 0)
            await asyncio.sleep(_LOOK)

    async def live_to_the_end(self) -> None:
        """Read a little, wait until everything is delivered, and stop cleanly."""
        hass, travel = await self.start()
        await travel(_LAST_READINGS)
        await self.simulator.stop()
        await asyncio.sleep(STEP / 10)
        forwarder = _forwarder(hass)
        await _until(lambda: not forwarder.in_hand and not forwarder.status.pending)
        status = asdict(forwarder.status)
        await hass.async_stop(force=True)
        _say(status)

    def kill(self, dice: random.Random) -> None:
        """Begin a life, and end it without a warning."""
        before = self.journal.promises
        life = self._begin(self.live)
        if dice.random() < _STARTS:
            time.sleep(dice.uniform(0, _LONGEST_START))
        else:
            self._wait_for_promise(before)
            time.sleep(dice.uniform(0, _LONGEST_LIFE))
        life.kill()
        life.join()
        if life.exitcode != -signal.SIGKILL:
            sys.exit("Home Assistant has ended by itself")

    def finish(self) -> None:
        """Let a last life deliver everything."""
        life = self._begin(self.live_to_the_end)
        life.join()
        if life.exitcode:
            sys.exit("Home Assistant can't deliver what it has promised")

    def _begin(self, live: Callable[[], Any]) -> multiprocessing.process.BaseProcess:
        self.lives += 1
        fork = multiprocessing.get_context("fork")
        life = fork.Process(target=_run, args=(live,), daemon=True)
        life.start()
        return life

    def _wait_for_promise(self, before: int) -> None:
        deadline = time.monotonic() + _PATIENCE
        while self.journal.promises == before:
            if time.monotonic() > deadline:
                sys.exit("Home Assistant forwards nothing")
            time.sleep(_LOOK)


def _run(live: Callable[[], Any]) -> None:
    asyncio.run(live())


class _Resolver(aiohttp.ThreadedResolver):
    """The system's, in the shape that Home Assistant wants."""

    async def real_close(self) -> None:
        """Close it, when all who share it are done."""
        await self.close()


def _is_watched() -> bool:
    """Whether there is somebody left to kill us."""
    parent = multiprocessing.parent_process()
    return parent is not None and parent.is_alive()


def _forwarder(hass: HomeAssistant) -> Forwarder:
    [entry] = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED, entry.reason
    forwarder: Forwarder = entry.runtime_data.forwarder
    return forwarder


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(_LOOK)


def _say(answer: object) -> None:
    sys.stdout.write(f"{json.dumps(answer, default=str)}\n")
    sys.stdout.flush()


def main(folder: str, port: str, options: str, seed: str) -> None:
    """Do as told: `kill` some times, or `finish`."""
    home = Home(
        Path(folder) / "config", int(port), Journal(Path(folder)), Simulator("home")
    )
    home.write(json.loads(options))
    logging.basicConfig(filename=Path(folder) / "home.log")
    dice = random.Random(int(seed))
    for command in sys.stdin:
        name, _, times = command.partition(" ")
        if name == "kill":
            for _ in range(int(times)):
                home.kill(dice)
            _say(home.lives)
        else:
            home.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
