"""A snapshot as points of the schema `enphaseLocalToInfluxDB`.

The program of that name wrote names in mixed case, some numbers as integers and some
as floats, and an inverter's last five characters. A server refuses a field whose type
has changed, so all of it stays as it was; only the sources are those that are asked
here, and what the gateway doesn't tell is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..client.models.inverters import Inverter, InverterReport
from ..client.models.meters import MeterKind
from ..client.models.snapshot import GatewaySnapshot
from ..client.models.totals import EnergySource, Flow, Section
from .line_protocol import FieldValue, Point
from .parts import Part, read_at
from .times import Times, of_section, of_sections

_TAG_LENGTH: Final = 5
_STALE_REPORT: Final = 7200
"""Seconds; an inverter sleeps from its last report at dusk on."""

_INVERTER_SUMS: Final = frozenset(
    {
        EnergySource.SUMMARY,
        EnergySource.PAGE,
        EnergySource.INVERTER_BLOCK,
        EnergySource.DEVICE_COUNTERS,
    }
)

FIELD_TYPES: Final[dict[str, dict[str, type]]] = {
    "production": {
        "whLifetime": int,
        "WhLastSevenDays": float,
        "WhToday": float,
        "WNow": int,
        "activeInverterCounts": int,
    },
    "consumption": {
        "whLifetime": float,
        "WhLastSevenDays": float,
        "WhToday": float,
    },
    "inverters": {"lastReportWatts": int, "maxReportWatts": int},
}
TAGS: Final = {
    "production": ("serial", "type"),
    "consumption": ("serial", "type"),
    "inverters": ("serial", "inverter"),
}
NAMES: Final = frozenset(
    name for names in (*FIELD_TYPES.values(), *TAGS.values()) for name in names
)
"""Every tag and field."""


def inverter_tag(serial: str) -> str:
    """Return the part of a serial number that the program wrote."""
    return serial[-_TAG_LENGTH:]


def _point(
    measurement: str,
    snapshot: GatewaySnapshot,
    kind: str,
    time: int,
    **values: float | None,
) -> Point:
    return Point(
        measurement=measurement,
        tags={"serial": snapshot.info.serial, "type": kind},
        fields=_typed(measurement, values),
        time=time,
    )


def _typed(
    measurement: str, values: dict[str, float | None]
) -> dict[str, FieldValue | None]:
    """Give each number its type; whole numbers are cut, not rounded."""
    types = FIELD_TYPES[measurement]
    return {
        name: None if value is None else types[name](value)
        for name, value in values.items()
    }


def _has_production_meter(snapshot: GatewaySnapshot) -> bool:
    """Whether production is metered, listed by `/ivp/meters` or by a block only."""
    if snapshot.meters:
        return snapshot.has_meter(MeterKind.PRODUCTION)
    block = snapshot.report.production if snapshot.report else None
    return block is not None and block.is_active


def _site(snapshot: GatewaySnapshot, _: Times) -> Iterator[Point]:
    yield from _metered_production(snapshot)
    yield from _inverter_production(snapshot)
    yield from _flow(snapshot, "total-consumption", snapshot.totals.consumption)
    yield from _net_consumption(snapshot)


def _metered_production(snapshot: GatewaySnapshot) -> Iterator[Point]:
    flow = snapshot.totals.production
    time = of_sections(snapshot, flow.sections)
    if time is None or not _has_production_meter(snapshot):
        return
    yield _point(
        "production",
        snapshot,
        "eim",
        time,
        whLifetime=flow.energy,
        WhLastSevenDays=flow.energy_7_days,
        WhToday=flow.energy_today,
        WNow=flow.power,
        activeInverterCounts=1,
    )


def _inverter_production(snapshot: GatewaySnapshot) -> Iterator[Point]:
    """Yield the inverters' sum; the program read no day sums there and wrote 0."""
    units = snapshot.inverters.values()
    time = of_section(snapshot, Section.INVERTER_REPORTS)
    time = of_section(snapshot, Section.DEVICE_DATA) if time is None else time
    if time is None or not units:
        return
    powers = [
        unit.power
        for unit in units
        if unit.power is not None and _is_awake(snapshot, unit)
    ]
    yield _point(
        "production",
        snapshot,
        "inverters",
        time,
        whLifetime=_inverter_energy(snapshot),
        WhLastSevenDays=0.0,
        WhToday=0.0,
        WNow=sum(powers),
        activeInverterCounts=len(units),
    )


def _is_awake(snapshot: GatewaySnapshot, unit: Inverter) -> bool:
    """Whether a last report says something about now, by the gateway's own clock."""
    now = snapshot.gateway_time
    if now is None:
        now = max(snapshot.read_at.values())
    return (unit.last_reported or 0) >= now - _STALE_REPORT


def _inverter_energy(snapshot: GatewaySnapshot) -> float | None:
    """Return what the inverters made: the site's total without a production meter."""
    flow = snapshot.totals.production
    if flow.energy_source in _INVERTER_SUMS:
        return flow.energy
    energies = [unit.energy for unit in snapshot.inverters.values()]
    known = [energy for energy in energies if energy is not None]
    if len(known) == len(energies):
        return sum(known)
    return None


def _flow(snapshot: GatewaySnapshot, kind: str, flow: Flow) -> Iterator[Point]:
    time = of_sections(snapshot, flow.sections)
    if time is not None:
        yield _point(
            "consumption",
            snapshot,
            kind,
            time,
            whLifetime=flow.energy,
            WhLastSevenDays=flow.energy_7_days,
            WhToday=flow.energy_today,
        )


def _net_consumption(snapshot: GatewaySnapshot) -> Iterator[Point]:
    """Yield import less export, which is what the gateway counts as net.

    It keeps no day sums of it: it says 0, and so did the program.
    """
    grid = snapshot.totals.grid
    block = snapshot.report.net_consumption if snapshot.report else None
    if snapshot.has_meter(MeterKind.NET_CONSUMPTION):
        energy = _less(grid.import_energy, grid.export_energy)
    elif block and block.is_active and not snapshot.meters:
        energy = block.energy
    else:
        return
    flow = Flow(
        energy=energy, energy_today=0.0, energy_7_days=0.0, sections=grid.sections
    )
    yield from _flow(snapshot, "net-consumption", flow)


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _inverters(snapshot: GatewaySnapshot, times: Times) -> Iterator[Point]:
    units: tuple[Inverter | InverterReport, ...] = snapshot.inverter_reports or ()
    section = Section.INVERTER_REPORTS
    if not units:
        units, section = tuple(snapshot.inverters.values()), Section.DEVICE_DATA
    if of_section(snapshot, section) is None:
        return
    for unit in units:
        if unit.last_reported is None:
            continue
        time = times.of_report(unit.last_reported, snapshot.read_at[section])
        yield Point(
            measurement="inverters",
            tags={
                "serial": snapshot.info.serial,
                "inverter": inverter_tag(unit.serial),
            },
            fields=_typed(
                "inverters",
                {"lastReportWatts": unit.power, "maxReportWatts": unit.max_power},
            ),
            time=time,
        )


PARTS: Final = (
    Part(
        _site,
        lambda known: (known.read_at, known.lost, known.totals, known.inverters),
    ),
    Part(_inverters, read_at(Section.INVERTER_REPORTS, Section.DEVICE_DATA)),
)
"""Everything that is known now and that the program wrote."""
