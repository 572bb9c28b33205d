"""Runs a real InfluxDB for the demo, with a database to forward to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
from pathlib import Path
import socket
import time
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from .children import ROOT, Child, running_program

DATABASE = "envoy"
PORT = 8086
PATIENCE = 20.0
"""Seconds until it answers; it takes a small part of one."""

_PAUSE = 0.1

QUERY = (
    "SELECT mean(power) FROM production WHERE phase = 'total' AND time > now() - 1h"
    " GROUP BY time(1m) fill(none)"
)

_CONFIGURATION = """\
# Written by scripts/demo at every start.
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
log-enabled = false
[logging]
level = "warn"
"""


class NoServerError(Exception):
    """InfluxDB can't be started, and why."""


async def _program() -> Path:
    """Return the server's path; it is fetched once, as the tests do."""
    fetch = await asyncio.create_subprocess_exec(
        ROOT / "scripts" / "lib" / "fetch_servers.sh"
    )
    await fetch.wait()
    folder = Path(os.environ.get("ENVOY_SERVERS", ROOT / ".cache" / "servers"))
    program = folder / "usr" / "bin" / "influxd"
    if not program.is_file():
        raise NoServerError(
            "There is no InfluxDB here: it comes from Debian's package influxdb, and"
            " apt-get could not fetch it"
        )
    return program


@asynccontextmanager
async def running_influxdb(folder: Path, port: int, log: Path) -> AsyncIterator[Child]:
    """Run it on loopback with its data in the demo's folder."""
    place = folder / "influxdb"
    place.mkdir(exist_ok=True)
    configuration = place / "influxdb.conf"
    text = _CONFIGURATION.format(folder=place, port=port, rpc=_free_port())
    configuration.write_text(text, "utf-8")
    command = [str(await _program()), "run", "-config", str(configuration)]
    async with running_program("InfluxDB", *command, log=log) as server:
        await asyncio.to_thread(_create_database, port)
        yield server


def url(port: int) -> str:
    """Return its address."""
    return f"http://127.0.0.1:{port}"


def example(port: int) -> str:
    """Return a command that shows what has arrived."""
    return (
        f"curl --get '{url(port)}/query' --data-urlencode db={DATABASE}"
        f' --data-urlencode "q={QUERY}"'
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _create_database(port: int) -> None:
    """Wait until it answers, and create the database unless it is there."""
    body = urlencode({"q": f"CREATE DATABASE {DATABASE}"}).encode()
    request = Request(f"{url(port)}/query", body)  # noqa: S310 - loopback
    for _ in range(int(PATIENCE / _PAUSE)):
        try:
            with urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
                answer.read()
        except (URLError, ConnectionError):
            time.sleep(_PAUSE)
        else:
            return
    raise NoServerError("InfluxDB doesn't answer")
