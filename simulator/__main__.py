"""Serve a simulated site until interrupted: `python -m simulator`."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
import signal
import sys

from .control import Control
from .runner import Simulator
from .scenarios import SCENARIOS


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="A pretend Enphase gateway and cloud on loopback ports.",
    )
    site = parser.add_mutually_exclusive_group()
    site.add_argument(
        "--capture",
        type=Path,
        help="replay a recorded gateway, or a diagnostics download",
    )
    site.add_argument("--scenario", choices=sorted(SCENARIOS), default="home")
    parser.add_argument("--port", type=int, default=0, help="of the gateway")
    parser.add_argument("--cloud-port", type=int, default=0)
    parser.add_argument("--cloud-http", action="store_true", help="cloud without https")
    parser.add_argument("--latency", choices=("none", "fast", "slow"), default="none")
    parser.add_argument("--timezone", help="of the plant, e.g. Europe/Berlin")
    parser.add_argument("--ca-file", type=Path, help="write the cloud's CA here")
    parser.add_argument("--control-port", type=int, help="switch faults over http here")
    return parser.parse_args(argv)


async def _serve(arguments: argparse.Namespace) -> None:
    simulator = Simulator(
        arguments.scenario,
        capture=arguments.capture,
        latency=arguments.latency,
        timezone=arguments.timezone,
        cloud_tls=not arguments.cloud_http,
    )
    control = Control(simulator)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        await simulator.start(port=arguments.port, cloud_port=arguments.cloud_port)
        if arguments.control_port is not None:
            await control.start(arguments.control_port)
        if arguments.ca_file is not None:
            simulator.cloud.write_ca(arguments.ca_file)
        _announce(simulator, control, arguments)
        await stopped.wait()
    finally:
        await control.stop()
        await simulator.stop()


def _announce(
    simulator: Simulator, control: Control, arguments: argparse.Namespace
) -> None:
    gateway = simulator.gateway
    facts = {
        "host": gateway.host,
        "gateway_url": gateway.url,
        "cloud_url": simulator.cloud.url,
        "control_url": None if arguments.control_port is None else control.url,
        "serial": simulator.serial,
        "firmware": gateway.site.firmware,
        "user": simulator.user,
        "password": simulator.password,
        "fingerprint": gateway.fingerprint,
        "ca_file": str(arguments.ca_file) if arguments.ca_file else None,
        "timezone": str(simulator.plant.zone) if simulator.plant else None,
    }
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main(argv: list[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM."""
    arguments = _arguments(argv)
    try:
        asyncio.run(_serve(arguments))
    except (OSError, ValueError, KeyError) as err:
        sys.stderr.write(f"The simulator could not start: {err}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
