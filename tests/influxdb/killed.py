"""A forwarder that is killed again and again, and writes down what it was promised.

A command, so that forty starts need no forty imports: each is a fork of this process.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
import random
import signal
import sys
import time
from typing import Final

import aiohttp

from custom_components.envoy_local.influxdb.sender import Sender
from custom_components.envoy_local.influxdb.spool import Spool
from custom_components.envoy_local.influxdb.target import ServerKind, Target

POLL: Final = 12
_PATIENCE: Final = 20.0


class Journal:
    """What was tried and what was promised, in a file that survives any kill."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, what: str, number: int) -> None:
        """Add an entry; one `write` is never torn."""
        with self._path.open("a") as file:
            file.write(f"{what} {number}\n")

    def numbers(self, what: str) -> list[int]:
        """Return the entries of a kind."""
        entries = [line.split() for line in self._path.read_text().splitlines()]
        return [int(number) for name, number in entries if name == what]


def lines_of(number: int) -> list[str]:
    """Return the lines of a poll."""
    return [f"reading power={number}.0 {time}" for time in times_of(number)]


def times_of(number: int) -> range:
    """Return the times of a poll's readings."""
    return range(number * POLL, number * POLL + POLL)


def main(url: str, spool: str, journal: str, kills: str) -> None:
    """Kill a forwarder to this address so many times, each at a random moment."""
    known = Journal(Path(journal))
    first = 0
    for _ in range(int(kills)):
        child = os.fork()
        if child == 0:
            asyncio.run(_forward(url, Spool(Path(spool)), known, first))
        _wait_for(known, first)
        time.sleep(random.uniform(0, 0.08))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit("The forwarder has ended by itself")
        first = known.numbers("tried")[-1] + 1


def _wait_for(journal: Journal, number: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while number not in journal.numbers("promised"):
        if time.monotonic() > deadline:
            sys.exit("The forwarder takes nothing")
        time.sleep(0.002)


async def _forward(url: str, spool: Spool, journal: Journal, first: int) -> None:
    target = Target(kind=ServerKind.V1, url=url, database="solar")
    async with aiohttp.ClientSession() as session:
        sender = Sender(
            session=session, target=target, spool=spool, entry_name="killed"
        )
        await sender.open()
        sending = asyncio.create_task(sender.run())
        number = first
        while not sending.done():
            journal.note("tried", number)
            await sender.put(lines_of(number), time.time())
            journal.note("promised", number)
            number += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
