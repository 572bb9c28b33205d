"""The demo's child processes: started, listened to, and surely ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
from pathlib import Path
import sys

ROOT = Path(__file__).parents[1]
GRACE = 30.0
"""Seconds to end by itself; Home Assistant writes its database meanwhile."""


class Child:
    """A program, running as a process of its own."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        """Wrap a process that was just started."""
        self.name = name
        self._process = process

    async def line(self) -> str | None:
        """Its next line of output, None when it has ended."""
        if self._process.stdout is None:
            return None
        line = await self._process.stdout.readline()
        return line.decode().strip() if line else None

    async def ended(self) -> int:
        """Wait until it has ended by itself; its exit code."""
        return await self._process.wait()

    async def end(self) -> None:
        """Ask it to end, and see to it."""
        if self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(GRACE):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def running(
    module: str, *arguments: str, log: Path, **environment: str
) -> AsyncIterator[Child]:
    """Run `python -m module`; its errors go to the log."""
    command = [sys.executable, "-m", module, *arguments]
    async with running_program(module, *command, log=log, **environment) as child:
        yield child


@asynccontextmanager
async def running_program(
    name: str, *command: str, log: Path, **environment: str
) -> AsyncIterator[Child]:
    """Run a program; its errors go to the log.

    In a session of its own, so that Ctrl-C reaches it through us alone: Home
    Assistant takes a second signal for impatience and drops everything.
    """
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=ROOT,
            env=os.environ | environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    child = Child(name, process)
    try:
        yield child
    finally:
        await child.end()
