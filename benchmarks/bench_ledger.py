"""How long the ledger takes for one update of a large site.

200 inverters, three phases, storage, new device data and new readings each time:
more than any real update brings, because the device data come every five minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
import platform
from statistics import median
import sys
import time
from typing import Final
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from custom_components.envoy_local.client.client import derive  # noqa: E402  # after the path
from custom_components.envoy_local.client.models.inverters import (  # noqa: E402  # as above
    DeviceData,
    DeviceKind,
    DeviceReport,
)
from custom_components.envoy_local.client.models.meters import (  # noqa: E402  # as above
    MeterKind,
)
from custom_components.envoy_local.client.models.snapshot import (  # noqa: E402  # as above
    GatewaySnapshot,
)
from custom_components.envoy_local.client.models.totals import Section  # noqa: E402  # as above
from custom_components.envoy_local.ledger import Ledger  # noqa: E402  # as above
from tests.client import sites  # noqa: E402  # as above

INVERTERS: Final = 200
PHASES: Final = 3
UPDATES: Final = 3000
WARM_UP: Final = 300
STEP: Final = 15.0
BEGIN: Final = 100_000.0
BEFORE_WRAP: Final = 2**32 / 3600 - 300.0
"""Wh of an inverter; 300 updates later it begins again."""
ZONE: Final = ZoneInfo("Europe/Berlin")
KINDS: Final = (MeterKind.PRODUCTION, MeterKind.NET_CONSUMPTION, MeterKind.STORAGE)


def readings(count: int) -> GatewaySnapshot:
    """Return the meters of a site after some readings."""
    energy = 5e7 + 80.0 * count
    channel = sites.phase(6000.0, delivered=energy / PHASES, received=energy / PHASES)
    return GatewaySnapshot(
        info=sites.info(),
        meters=tuple(sites.meter(kind, phase_count=PHASES) for kind in KINDS),
        readings=tuple(
            sites.reading(
                kind,
                18_000.0,
                delivered=energy,
                received=energy,
                channels=(channel,) * PHASES,
            )
            for kind in KINDS
        ),
    )


def devices(count: int, begin: float) -> DeviceData:
    """Return the inverters of a site after some reports."""
    energy = (begin + count) % (2**32 / 3600)
    units: tuple[DeviceReport, ...] = tuple(
        sites.device(f"4824002{n:05}", 250.0, kind=DeviceKind.INVERTER, energy=energy)
        for n in range(INVERTERS)
    )
    return DeviceData(devices=units, count=INVERTERS, limit=INVERTERS + 100)


def snapshot(
    count: int, known: GatewaySnapshot | None, begin: float = BEGIN
) -> GatewaySnapshot:
    """Return the site; with `known`, its inverters have not reported since."""
    at = sites.NOON + count * STEP
    data = known.device_data if known else devices(count, begin)
    heard_at = known.read_at[Section.DEVICE_DATA] if known else at
    read_at = {Section.READINGS: at, Section.DEVICE_DATA: heard_at}
    return derive(replace(readings(count), device_data=data, read_at=read_at))


def measure(*, fresh: bool, begin: float = BEGIN) -> list[float]:
    """Return the milliseconds of each update."""
    ledger = Ledger(longest_gap=300)
    known = None if fresh else snapshot(0, None)
    taken = []
    for count in range(UPDATES + WARM_UP):
        site = snapshot(count, known, begin)
        at = sites.NOON + count * STEP
        now = datetime.fromtimestamp(at, ZONE)
        started = time.perf_counter()
        ledger.apply(site, now=now, timer=at)
        taken.append(1000 * (time.perf_counter() - started))
    return taken[WARM_UP:]


def row(name: str, taken: Sequence[float]) -> str:
    """Return a line of figures."""
    ninety_ninth = sorted(taken)[len(taken) * 99 // 100]
    return f"{name:32} median {median(taken):6.3f} ms   p99 {ninety_ninth:6.3f} ms"


def processor() -> str:
    """Return what the machine calls its processor."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.processor() or platform.machine()


def main() -> None:
    """Measure and print."""
    python, core = platform.python_version(), version("homeassistant")
    lines = (
        f"{processor()}, {platform.system()} {platform.release()}",
        f"Python {python}, Home Assistant {core}",
        f"{INVERTERS} inverters, {PHASES} phases, storage; {UPDATES} updates",
        row("new readings, new device data", measure(fresh=True)),
        row("the same, every unit has wrapped", measure(fresh=True, begin=BEFORE_WRAP)),
        row("new readings only", measure(fresh=False)),
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
