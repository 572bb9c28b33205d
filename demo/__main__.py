"""Starts the simulator and Home Assistant, and keeps them until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import AsyncExitStack, ExitStack
from dataclasses import asdict
import json
import os
from pathlib import Path
import signal
import socket
import sys
import tempfile
import time
from typing import Any
from urllib.request import urlopen

from simulator import SCENARIOS

from . import influxdb
from .children import Child, running
from .configuration import HomeSettings
from .furnish import PASSWORD, USERNAME

PATIENCE = 180.0
"""Seconds that Home Assistant may take on a slow machine."""


class DemoStoppedError(Exception):
    """Something ended that should have gone on."""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=8123, help="where to open it (8123)")
    add("--config", type=Path, metavar="DIR", help="keep the configuration here")
    add("--capture", type=Path, metavar="DIR", help="a recorded gateway's answers")
    add(
        "--scenario", choices=sorted(SCENARIOS), default="home", help="the plant (home)"
    )
    add("--latency", default="fast", help="of the gateway: none, fast (default), slow")
    add("--timezone", default=local_timezone(), help="of house and plant (this one's)")
    add(
        "--influxdb",
        type=int,
        nargs="?",
        const=influxdb.PORT,
        metavar="PORT",
        help=f"run InfluxDB too, and forward every reading to it ({influxdb.PORT})",
    )
    add(
        "--control-port",
        type=int,
        metavar="PORT",
        help="switch faults of the simulated gateway over http here",
    )
    add("--verbose", action="store_true", help="log what the integration does")
    return parser.parse_args()


def local_timezone() -> str:
    """This machine's time zone, by name."""
    name = os.environ.get("TZ", "").removeprefix(":") or os.path.realpath(
        "/etc/localtime"
    )
    zone = name.rpartition("zoneinfo/")[2]
    return zone if zone and not zone.startswith("/") else "UTC"


def check_port(port: int, *, option: str = "--port") -> None:
    """Fail where something else has the port: Home Assistant would take another."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as err:
            raise DemoStoppedError(
                f"Port {port} can't be used ({err.strerror}); {option} takes"
                " another one"
            ) from err


async def addresses(child: Child) -> dict[str, Any]:
    """Wait for its one line: addresses, serial, user and password."""
    line = await child.line()
    if line is None:
        raise DemoStoppedError("The simulator didn't start")
    return dict(json.loads(line))


async def follow(child: Child) -> None:
    """Pass on what Home Assistant says until it is ready."""
    async with asyncio.timeout(PATIENCE):
        while (line := await child.line()) != "ready":
            if line is None:
                raise DemoStoppedError("Home Assistant ended")
            print(f"  {line}", flush=True)


def fetch(url: str) -> None:
    """Fail unless Home Assistant shows its page."""
    with urlopen(url, timeout=10) as page:  # noqa: S310 - our own loopback address
        page.read()


async def demo(options: argparse.Namespace, folder: Path) -> None:
    """Start both, say when they are ready, and watch them until cancelled."""
    began = time.monotonic()
    check_port(options.port)
    if options.influxdb:
        check_port(options.influxdb, option="--influxdb")
    if options.control_port:
        check_port(options.control_port, option="--control-port")
    log = folder / "demo.log"
    authority = folder / "simulator-ca.pem"
    async with AsyncExitStack() as stack:
        print("Starting the simulator ...", flush=True)
        given = simulator_arguments(options, authority)
        simulator = await stack.enter_async_context(
            running("simulator", *given, log=log)
        )
        told = await addresses(simulator)
        home = settings(options, folder, told)
        children = [simulator]
        if options.influxdb:
            print("Starting InfluxDB ...", flush=True)
            server = influxdb.running_influxdb(folder, options.influxdb, log)
            children.append(await stack.enter_async_context(server))
        print("Starting Home Assistant ...", flush=True)
        home_assistant = await stack.enter_async_context(
            running(
                "demo.home_assistant",
                json.dumps(asdict(home)),
                log=log,
                REQUESTS_CA_BUNDLE=str(authority),
            )
        )
        children.append(home_assistant)
        await follow(home_assistant)
        url = f"http://127.0.0.1:{options.port}"
        await asyncio.to_thread(fetch, url)
        print(f"Started in {time.monotonic() - began:.0f} s, log: {folder}/*.log")
        print(f"Ready: {url}  user {USERNAME}  password {PASSWORD}", flush=True)
        if options.influxdb:
            print(f"InfluxDB: {influxdb.example(options.influxdb)}", flush=True)
        if options.control_port:
            print(f"Faults: curl {told['control_url']}", flush=True)
        await asyncio.gather(*map(fail_at_end, children))


async def fail_at_end(child: Child) -> None:
    """Wait for what isn't to happen."""
    await child.ended()
    raise DemoStoppedError(f"{child.name} ended")


def simulator_arguments(options: argparse.Namespace, authority: Path) -> list[str]:
    """Its command line."""
    what = ["--scenario", options.scenario]
    if options.capture:
        what = ["--capture", str(options.capture.resolve())]
    zone = ["--timezone", options.timezone]
    control = []
    if options.control_port:
        control = ["--control-port", str(options.control_port)]
    latency = ["--latency", options.latency]
    return [*what, *zone, *control, *latency, "--ca-file", str(authority)]


def settings(
    options: argparse.Namespace, folder: Path, told: dict[str, Any]
) -> HomeSettings:
    """What Home Assistant has to know."""
    return HomeSettings(
        folder=str(folder),
        port=options.port,
        timezone=options.timezone,
        verbose=options.verbose,
        cloud_url=told["cloud_url"],
        host=told["host"],
        serial=told["serial"],
        username=told["user"],
        password=told["password"],
        scenario=None if options.capture else options.scenario,
        influxdb_url=influxdb.url(options.influxdb) if options.influxdb else None,
    )


async def main() -> int:
    """Run the demo in its folder, a temporary one unless it is to be kept."""
    options = arguments()
    with ExitStack() as stack:
        if options.config:
            folder = options.config.resolve()
            folder.mkdir(parents=True, exist_ok=True)
        else:
            temporary = tempfile.TemporaryDirectory(prefix="envoy-local-demo-")
            folder = Path(stack.enter_context(temporary))
        task = asyncio.create_task(demo(options, folder))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, stop, task)
        try:
            await task
        except asyncio.CancelledError:
            return 0
        except (DemoStoppedError, influxdb.NoServerError, TimeoutError) as err:
            print(err or "Home Assistant took too long", file=sys.stderr)
            print(*last_lines(folder / "demo.log"), sep="\n", file=sys.stderr)
    return 1


def stop(task: asyncio.Task[None]) -> None:
    """End the demo once; a second Ctrl-C doesn't hurry it."""
    if not task.cancelling():
        print("Stopping ...", flush=True)
        task.cancel()


def last_lines(log: Path, count: int = 20) -> list[str]:
    """The end of a log that may not exist."""
    text = log.read_text("utf-8", errors="replace") if log.exists() else ""
    return text.splitlines()[-count:]


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
