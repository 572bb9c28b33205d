"""A snapshot as points of the schema `standard`: nouns, ids as tags, floats.

Energies of the site, of the inverters and of the meters that no total shows are the
ledger's, the same as the entities show; `gateway_report` and the other energies of
`meter` are what the gateway itself counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from ..client.models.inverters import DeviceKind, DeviceReport
from ..client.models.meters import Meter, PhaseReading
from ..client.models.production import ProductionBlock
from ..client.models.snapshot import GatewaySnapshot
from ..client.models.totals import Section, Totals
from . import equipment, standard_fields as fields
from .line_protocol import Point
from .parts import Part, read_at, tags_of
from .times import Times, newest, of_reading, of_section, of_sections

type Tags = Mapping[str, str]

_TOTAL = "total"


def _balances(snapshot: GatewaySnapshot, _: Times) -> Iterator[Point]:
    tags = tags_of(snapshot)
    yield from _balance(snapshot, snapshot.totals, tags, _TOTAL)
    for number, totals in enumerate(snapshot.phases, start=1):
        yield from _balance(snapshot, totals, tags, f"l{number}")


def _balance(
    snapshot: GatewaySnapshot, totals: Totals, tags: Tags, phase: str
) -> Iterator[Point]:
    production, consumption = totals.production, totals.consumption
    if (time := of_sections(snapshot, production.sections)) is not None:
        yield fields.PRODUCTION.point(production, tags, time, phase=phase)
    if (time := of_sections(snapshot, consumption.sections)) is not None:
        yield fields.CONSUMPTION.point(consumption, tags, time, phase=phase)
    if (time := of_sections(snapshot, totals.grid.sections)) is not None:
        yield fields.GRID.point(totals.grid, tags, time, phase=phase)
    if (time := of_sections(snapshot, totals.battery.sections)) is not None:
        yield fields.BATTERY.point(totals.battery, tags, time, phase=phase)


def _readings(snapshot: GatewaySnapshot, _: Times) -> Iterator[Point]:
    tags = tags_of(snapshot)
    read_at = snapshot.read_at.get(Section.READINGS)
    if read_at is not None and Section.READINGS not in snapshot.lost:
        for kind, point in snapshot.metered.items():
            time = of_reading(point.reading.timestamp, read_at)
            whole: PhaseReading = replace(point.reading, voltage=point.voltage)
            phases = {f"l{n}": phase for n, phase in enumerate(point.phases, start=1)}
            for phase, reading in {_TOTAL: whole, **phases}.items():
                yield fields.METER.point(
                    reading, tags, time, meter=kind.key, phase=phase
                )


def _meters(snapshot: GatewaySnapshot, _: Times) -> Iterator[Point]:
    tags = tags_of(snapshot)
    if (time := of_section(snapshot, Section.METERS)) is not None:
        for name, meter in _meters_by_name(snapshot).items():
            yield fields.METER_SETUP.point(meter, tags, time, meter=name, phase=_TOTAL)


def _meters_by_name(snapshot: GatewaySnapshot) -> dict[str, Meter]:
    """Name each meter by its kind, by its eid where we don't know the kind.

    Of two of the same kind the enabled one has the name.
    """
    known = sorted(snapshot.meters or (), key=lambda meter: meter.is_enabled)
    return {meter.kind.key if meter.kind else str(meter.eid): meter for meter in known}


def _inverters(snapshot: GatewaySnapshot, times: Times) -> Iterator[Point]:
    """Yield each inverter's last report, dated by itself.

    The power can be of a newer report than the details: each has its own time.
    """
    tags = tags_of(snapshot)
    details = _details(snapshot)
    read_at = newest(snapshot, Section.INVERTER_REPORTS, Section.DEVICE_DATA)
    if read_at is None:
        return
    for serial, unit in snapshot.inverters.items():
        if unit.last_reported is not None:
            time = times.of_report(unit.last_reported, read_at)
            yield fields.INVERTER_POWER.point(unit, tags, time, inverter=serial)
        detail = details.get(serial)
        if detail and detail.last_reported is not None:
            time = times.of_report(detail.last_reported, read_at)
            yield fields.INVERTER_DETAIL.point(unit, tags, time, inverter=serial)


def _details(snapshot: GatewaySnapshot) -> dict[str, DeviceReport]:
    if snapshot.device_data is None or Section.DEVICE_DATA in snapshot.lost:
        return {}
    return {
        unit.serial: unit
        for unit in snapshot.device_data.devices
        if unit.kind is DeviceKind.INVERTER and unit.is_active
    }


def _gateway_report(snapshot: GatewaySnapshot, times: Times) -> Iterator[Point]:
    """Yield the gateway's own sums, as it tells them: not all of them are right."""
    tags = tags_of(snapshot)
    for section, summary in (
        (Section.SUMMARY, snapshot.summary),
        (Section.PAGE, snapshot.page),
    ):
        if summary and (time := of_section(snapshot, section)) is not None:
            yield fields.REPORTED_SUMMARY.point(
                summary, tags, time, source=section, phase=_TOTAL
            )
    report, read_at = snapshot.report, newest(snapshot, Section.REPORT)
    if report is None or read_at is None:
        return
    for source, block in (
        ("inverters", report.inverters),
        ("production", report.production),
        ("total_consumption", report.total_consumption),
        ("net_consumption", report.net_consumption),
    ):
        if block:
            yield from _block(block, tags, source, read_at)
    batteries = report.ac_batteries
    if batteries and batteries.active_count and batteries.reading_time is not None:
        # They sleep for days: their reading is a report, however old.
        time = times.of_report(batteries.reading_time, read_at)
        yield fields.REPORTED_AC_BATTERIES.point(
            batteries, tags, time, source="ac_batteries", phase=_TOTAL
        )


def _block(
    block: ProductionBlock, tags: Tags, source: str, read_at: float
) -> Iterator[Point]:
    """Yield a block and its lines; nothing stands behind an inactive one."""
    if not block.is_active:
        return
    time = of_reading(block.reading_time, read_at)
    yield fields.REPORTED_BLOCK.point(block, tags, time, source=source, phase=_TOTAL)
    for number, line in enumerate(block.lines, start=1):
        yield fields.REPORTED_LINE.point(
            line, tags, time, source=source, phase=f"l{number}"
        )


def _gateway(snapshot: GatewaySnapshot, _: Times) -> Iterator[Point]:
    tags = tags_of(snapshot)
    if (time := of_section(snapshot, Section.INFO)) is not None:
        yield fields.GATEWAY.point(snapshot, tags, time)
    if snapshot.home and (time := of_section(snapshot, Section.HOME)) is not None:
        yield fields.GATEWAY_HOME.point(snapshot.home, tags, time)
        for way in snapshot.home.interfaces:
            if way.name:
                yield fields.NETWORK.point(way, tags, time, interface=way.name)
    data = snapshot.device_data
    if data and (time := of_section(snapshot, Section.DEVICE_DATA)) is not None:
        yield fields.GATEWAY_DEVICES.point(data, tags, time)


_inverters_read_at = read_at(Section.INVERTER_REPORTS, Section.DEVICE_DATA)

PARTS: Final = (
    Part(
        _balances, lambda known: (known.read_at, known.lost, known.totals, known.phases)
    ),
    Part(_readings, read_at(Section.READINGS, Section.METERS)),
    Part(_meters, read_at(Section.METERS)),
    # Their energies are the ledger's, whose day ends without anything being read.
    Part(_inverters, lambda known: (_inverters_read_at(known), known.inverters)),
    *equipment.PARTS,
    Part(_gateway_report, read_at(Section.SUMMARY, Section.PAGE, Section.REPORT)),
    Part(_gateway, read_at(Section.INFO, Section.HOME, Section.DEVICE_DATA)),
)
"""Everything that is known, each with the time it was true.

What is left out: disabled meters, which deliver noise; what is behind a lost
section; units that never reported.
"""
