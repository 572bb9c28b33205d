"""The schema `standard`: what it says of a site, and that it leaves nothing out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from enum import StrEnum
from fnmatch import fnmatchcase
from types import NoneType
from typing import Any, Final

import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.models.inverters import (
    DeviceKind,
)
from custom_components.envoy_local.client.models.meters import MeterKind
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.storage import (
    EnsembleKind,
    StorageSummary,
)
from custom_components.envoy_local.client.models.totals import Section
from custom_components.envoy_local.influxdb.line_protocol import Point, encode_all
from custom_components.envoy_local.influxdb.schema import PointSource, Schema
from custom_components.envoy_local.influxdb.standard import standard_points
from custom_components.envoy_local.influxdb.standard_fields import GROUPS
from custom_components.envoy_local.influxdb.times import Times

from ..client.sites import (
    NOON,
    batteries,
    block,
    device,
    device_data,
    info,
    meter,
    phase,
    production_report,
    reading,
    report,
    site,
)
from .filler import Filler
from .oracle import row, rows
from .snapshots import START, Site, open_site

MS: Final = 1000


@pytest.fixture
async def home(socket_enabled: None) -> AsyncIterator[Site]:
    """A metered site with batteries, at noon."""
    async with open_site("home") as opened:
        yield opened


def lines(snapshot: GatewaySnapshot, *, now: float = NOON) -> list[str]:
    source = PointSource(schemas=[Schema.STANDARD], extra_tags={})
    return source.lines(snapshot, now=now)


def metered(**changes: Any) -> GatewaySnapshot:
    """A site with meters for production and grid, read at noon."""
    kinds = (MeterKind.PRODUCTION, MeterKind.NET_CONSUMPTION)
    snapshot = site(
        meters=tuple(meter(kind) for kind in kinds),
        readings=(
            reading(kinds[0], 3000, delivered=50_000, received=12, voltage=230),
            reading(kinds[1], -1000, delivered=7000, received=20_000),
        ),
        **changes,
    )
    read_at = {section: float(NOON) for section in (Section.METERS, Section.READINGS)}
    return replace(snapshot, read_at={**snapshot.read_at, **read_at})


async def test_the_balance_is_what_the_entities_show(home: Site) -> None:
    snapshot = await home.read()
    found = lines(snapshot, now=START)
    totals = snapshot.totals

    made = row(found, "production", phase="total")
    assert made.tags == {"gateway": home.sim.serial, "phase": "total"}
    assert made.time == START * MS
    assert made.fields == {
        "power": totals.production.power,
        "energy": totals.production.energy,
        "energy_today": totals.production.energy_today,
        "energy_7_days": totals.production.energy_7_days,
        "energy_source": "meter",
    }
    used = row(found, "consumption", phase="total")
    assert used.fields["power"] == totals.consumption.power
    assert used.fields["energy_source"] == "balance"
    grid = row(found, "grid", phase="total")
    assert grid.fields["power"] == totals.grid.power
    assert grid.fields["import_energy"] == totals.grid.import_energy
    assert grid.fields["export_energy_today"] == totals.grid.export_energy_today
    battery = row(found, "battery", phase="total")
    assert battery.fields["charge_energy"] == totals.battery.charge_energy
    assert battery.fields["level"] == snapshot.battery_level
    first = row(found, "grid", phase="l1")
    assert first.fields["power"] == snapshot.phases[0].grid.power


async def test_all_numbers_are_floats(home: Site) -> None:
    points = list(standard_points(await home.read(), Times()))
    kinds = {type(value) for point in points for value in point.fields.values()}

    assert kinds <= {float, bool, str, NoneType, *_string_enums(points)}
    assert encode_all(points)


def _string_enums(points: list[Point]) -> set[type]:
    values = {type(v) for point in points for v in point.fields.values()}
    return {kind for kind in values if issubclass(kind, StrEnum)}


async def test_an_inverter_has_its_own_time(home: Site) -> None:
    await home.read()
    snapshot = await home.read(Tier.READINGS, after=15)
    serial, inverter = next(iter(snapshot.inverters.items()))
    assert inverter.last_reported is not None

    found = row(lines(snapshot, now=START), "inverter", inverter=serial)

    assert found.time == inverter.last_reported * MS
    assert found.tags == {"gateway": home.sim.serial, "inverter": serial}
    assert found.fields["power"] == inverter.power
    assert found.fields["energy"] == inverter.energy
    assert found.fields["temperature"] == inverter.temperature


async def test_a_battery_is_one_series(home: Site) -> None:
    snapshot = await home.read()
    units = rows(lines(snapshot, now=START), "iq_battery")

    assert len({unit.series for unit in units}) == len(units) == 2
    assert {"power", "level", "capacity", "temperature", "firmware"} <= set(
        units[0].fields
    )
    assert units[0].fields["communicating"] is True


async def test_a_system_controller_is_in_celsius(home: Site) -> None:
    snapshot = await home.read()
    assert snapshot.inventory is not None
    (unit,) = snapshot.inventory.of_kind(EnsembleKind.SYSTEM_CONTROLLER)
    found = row(lines(snapshot, now=START), "system_controller")

    assert unit.temperature == 79
    assert found.fields["temperature"] == pytest.approx(26.1, abs=0.05)


def test_a_meters_time_is_its_own_where_it_can_be() -> None:
    snapshot = metered()
    soon = replace(snapshot, read_at={**snapshot.read_at, Section.READINGS: NOON + 299})
    late = replace(snapshot, read_at={**snapshot.read_at, Section.READINGS: NOON + 301})

    assert row(lines(soon), "meter", meter="production").time == NOON * MS
    assert row(lines(soon), "grid").time == NOON * MS
    late_times = {r.time for r in rows(lines(late), "meter") if "power" in r.fields}
    assert late_times == {(NOON + 301) * MS}
    assert row(lines(late), "grid").time == (NOON + 301) * MS


def test_a_three_phase_meters_voltage_is_the_mean() -> None:
    kind = MeterKind.PRODUCTION
    channels = tuple(phase(1000, voltage=v) for v in (230, 235, 240))
    snapshot = replace(
        site(
            meters=(meter(kind, phase_count=3),),
            readings=(reading(kind, 3000, voltage=705, channels=channels),),
        ),
        read_at={Section.READINGS: NOON},
    )
    found = lines(snapshot)

    assert row(found, "meter", phase="total").fields["voltage"] == 235
    assert row(found, "meter", phase="l3").fields["voltage"] == 240


def test_a_disabled_meter_says_only_that_it_is() -> None:
    kind = MeterKind.PRODUCTION
    snapshot = replace(
        site(
            meters=(meter(kind, is_enabled=False),),
            readings=(reading(kind, 3, delivered=1583),),
        ),
        read_at={Section.READINGS: NOON, Section.METERS: NOON},
    )
    found = row(lines(snapshot), "meter")

    assert found.fields["enabled"] is False
    assert "power" not in found.fields


def test_an_enabled_meter_has_the_name_of_its_kind() -> None:
    kind = MeterKind.PRODUCTION
    other = replace(meter(kind, is_enabled=False), eid=5)
    unknown = replace(meter(kind), eid=6, kind=None)
    snapshot = replace(
        site(meters=(meter(kind), other, unknown)), read_at={Section.METERS: NOON}
    )
    found = lines(snapshot)

    assert row(found, "meter", meter="production").fields["enabled"] is True
    assert row(found, "meter", meter="6").fields["phase_count"] == 1.0


def test_held_energies_are_not_written() -> None:
    snapshot = metered()
    flow = replace(snapshot.totals.production, energy=None, energy_today=None)
    held = replace(snapshot, totals=replace(snapshot.totals, production=flow))
    found = row(lines(held), "production")

    assert found.fields["power"] == 3000
    assert "energy" not in found.fields
    assert "energy_today" not in found.fields


@pytest.mark.parametrize(
    ("section", "gone"),
    [
        (Section.READINGS, {"production", "consumption", "grid", "battery"}),
        (Section.INFO, {"gateway"}),
    ],
)
def test_what_is_lost_is_not_written(section: Section, gone: set[str]) -> None:
    snapshot = metered()
    known = {point.measurement for point in standard_points(snapshot, Times())}
    lost = replace(snapshot, lost=frozenset({section}))
    left = {point.measurement for point in standard_points(lost, Times())}

    assert known & gone
    assert not left & gone
    assert rows(lines(lost), "meter")  # how the meters are set up is another section


def test_details_of_an_older_report_keep_their_time() -> None:
    snapshot = replace(
        site(
            inverter_reports=(report("482400200001", 250, ago=60),),
            device_data=device_data(device("482400200001", 240, energy=5.0, ago=360)),
        ),
        read_at={Section.INVERTER_REPORTS: NOON, Section.DEVICE_DATA: NOON - 200},
    )
    details, power = sorted(rows(lines(snapshot), "inverter"), key=lambda r: r.time)

    assert (power.time, power.fields["power"]) == ((NOON - 60) * MS, 250)
    assert (details.time, details.fields["energy"]) == ((NOON - 360) * MS, 5.0)
    assert "power" not in details.fields
    assert "energy" not in power.fields


def test_an_ac_battery_is_no_inverter() -> None:
    serial = "122035000001"
    from_reports = report(serial, -100, ago=400, is_ac_battery=True)
    from_devices = replace(
        device(serial, -90, energy=7.0, energy_used=9.0, ago=400),
        kind=DeviceKind.AC_BATTERY,
    )
    snapshot = replace(
        site(
            inverter_reports=(from_reports,),
            device_data=device_data(from_devices),
        ),
        read_at={Section.INVERTER_REPORTS: NOON, Section.DEVICE_DATA: NOON},
    )
    found = row(lines(snapshot), "ac_battery", serial=serial)

    assert rows(lines(snapshot), "inverter") == []
    assert found.time == (NOON - 400) * MS
    assert found.fields["power"] == -90
    assert found.fields["discharge_energy"] == 7.0
    assert found.fields["charge_energy"] == 9.0


def test_a_removed_ac_battery_is_silent() -> None:
    unit = replace(device("1", -90, is_active=False), kind=DeviceKind.AC_BATTERY)
    snapshot = replace(
        site(device_data=device_data(unit)), read_at={Section.DEVICE_DATA: NOON}
    )

    assert rows(lines(snapshot), "ac_battery") == []


def test_a_block_without_anything_behind_it_is_silent() -> None:
    blocks = production_report(
        production=block(5.0), net_consumption=block(6.0, active=0)
    )
    snapshot = replace(site(report=blocks), read_at={Section.REPORT: NOON})

    found = row(lines(snapshot), "gateway_report", phase="total")
    assert found.tags["source"] == "production"


def test_a_sum_with_a_lost_part_is_not_written() -> None:
    snapshot = metered()
    both = frozenset({Section.READINGS, Section.BATTERY_POWER})
    flow = replace(snapshot.totals.consumption, sections=both)
    totals = replace(snapshot.totals, consumption=flow)
    lost = frozenset({Section.BATTERY_POWER})
    found = lines(replace(snapshot, totals=totals, lost=lost))

    assert rows(found, "consumption") == []
    assert row(found, "production").fields["power"] == 3000


def test_two_reports_of_a_unit_complete_each_other() -> None:
    snapshot = replace(
        site(
            inverter_reports=(report("1", -100, ago=60, is_ac_battery=True),),
            device_data=device_data(
                replace(device("1", None), kind=DeviceKind.AC_BATTERY)
            ),
        ),
        read_at={Section.INVERTER_REPORTS: NOON, Section.DEVICE_DATA: NOON},
    )

    found = row(lines(snapshot), "ac_battery", serial="1")
    assert (found.fields["power"], found.fields["max_power"]) == (-100, 250)


def test_without_a_battery_there_is_no_storage() -> None:
    summary = Filler().fill(StorageSummary, "")
    read = {Section.STORAGE: float(NOON)}
    bare = replace(site(storage=summary), read_at=read)
    equipped = replace(site(storage=summary, inventory=batteries("1")), read_at=read)

    assert rows(lines(bare), "storage") == rows(lines(bare), "battery") == []
    assert row(lines(equipped), "storage").fields["level"] == summary.level


@pytest.mark.parametrize("off_by", [-3 * 365 * 86_400, 5 * 365 * 86_400, 90_000])
def test_a_gateways_wrong_clock_is_put_right(off_by: int) -> None:
    clock = NOON + off_by
    unit = replace(report("482400200001", 250), last_reported=clock - 60)
    snapshot = replace(
        site(info=info(time=clock), inverter_reports=(unit,)),
        read_at={Section.INFO: NOON, Section.INVERTER_REPORTS: NOON},
        gateway_time=clock,
    )
    found = lines(snapshot)

    assert row(found, "inverter").time == (NOON - 60) * MS
    assert row(found, "gateway").fields["clock_offset"] == off_by


def test_a_clock_that_is_a_little_off_names_the_report_all_the_same() -> None:
    unit = replace(report("482400200001", 250), last_reported=NOON + 3540)
    snapshot = replace(
        site(inverter_reports=(unit,)),
        read_at={Section.INFO: NOON, Section.INVERTER_REPORTS: NOON},
        gateway_time=NOON + 3600,
    )

    assert row(lines(snapshot), "inverter").time == (NOON + 3540) * MS


@pytest.mark.parametrize("reported", [300, NOON + 2 * 86_400, 10**11 - 1])
def test_a_report_of_an_impossible_time_is_dated_by_us(reported: int) -> None:
    unit = replace(report("482400200001", 250), last_reported=reported)
    snapshot = replace(
        site(inverter_reports=(unit,)),
        read_at={Section.INVERTER_REPORTS: NOON - 5},
        gateway_time=NOON,
    )

    assert row(lines(snapshot), "inverter").time == (NOON - 5) * MS


async def test_only_what_was_read_again_is_written_again(home: Site) -> None:
    source = PointSource(schemas=[Schema.STANDARD], extra_tags={})
    snapshot = await home.read()

    assert source.lines(snapshot, now=home.clock.now)
    assert source.lines(snapshot, now=home.clock.now) == []
    snapshot = await home.read(Tier.READINGS, after=15)
    written = {r.measurement for r in _rows(source, snapshot, home)}
    assert written == {"production", "consumption", "grid", "battery", "meter"}


def _rows(source: PointSource, snapshot: GatewaySnapshot, home: Site) -> list[Any]:
    found = source.lines(snapshot, now=home.clock.now)
    return [each for group in MEASUREMENTS for each in rows(found, group)]


MEASUREMENTS: Final = {group.measurement for group in GROUPS}


NOT_WRITTEN: Final = {
    "info.time": "`clock_offset` tells how far it is off",
    "*.eid": "names a row",
    "*.timestamp": "the point's time",
    "*.reading_time": "the point's time",
    "inverter*.last_reported": "the point's time",
    "device_data*.last_reported": "the point's time",
    "readings*": "`metered` joins them with their meters",
    "metered*.meter.phase_count": "`meters` has it",
    "inverter_reports(False).*": "`inverters` has the newer report",
    "device_data.devices(pcu).*": "`inverters` has the newer report, and energies that"
    " the ledger has checked; an inverter takes nothing in",
    "device_data.devices(eim).*": "quarter hours of a meter that `metered` has",
    "device_data.devices(nsrb).*": "a relay reports no quantity",
    "inventory.devices(ENPOWER).temperature": "in Fahrenheit; written in Celsius",
    **{
        f"inventory.devices({kind}).{name}": "batteries only"
        for kind in EnsembleKind
        if kind is not EnsembleKind.BATTERY
        for name in ("level", "capacity")
    },
}
"""Numbers of the snapshot without a field of their own, and why."""


def test_every_number_of_the_snapshot_is_written() -> None:
    filler = Filler()
    snapshot = filler.fill(GatewaySnapshot, "")
    points = list(standard_points(snapshot, Times()))
    written = {
        value
        for point in points
        for value in point.fields.values()
        if isinstance(value, float)
    }

    missing = {path for number, path in filler.paths.items() if number not in written}
    excused = {
        pattern: {path for path in missing if fnmatchcase(path, pattern)}
        for pattern in NOT_WRITTEN
    }

    assert missing - set().union(*excused.values()) == set()
    assert [pattern for pattern, paths in excused.items() if not paths] == []
    assert len(filler.paths) > 2 * len(missing)
