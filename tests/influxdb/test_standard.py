"""The schema `standard`: what it says of a site, and what it doesn't."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from types import NoneType

import pytest

from custom_components.envoy_local.client.models.inverters import DeviceKind
from custom_components.envoy_local.client.models.meters import MeterKind
from custom_components.envoy_local.client.models.storage import (
    StorageSummary,
)
from custom_components.envoy_local.client.models.totals import Section
from custom_components.envoy_local.influxdb.line_protocol import Point, encode_all

from ..client.sites import (
    NOON,
    batteries,
    block,
    device,
    device_data,
    meter,
    phase,
    production_report,
    reading,
    report,
    site,
)
from .filler import Filler
from .oracle import row, rows
from .snapshots import START, Site
from .standard_lines import MS, lines, metered, points


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
    found = points(await home.read())
    kinds = {type(value) for point in found for value in point.fields.values()}

    assert kinds <= {float, bool, str, NoneType, *_string_enums(found)}
    assert encode_all(found)


def _string_enums(found: list[Point]) -> set[type]:
    values = {type(v) for point in found for v in point.fields.values()}
    return {kind for kind in values if issubclass(kind, StrEnum)}


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
    found = row(lines(snapshot, now=START), "system_controller")

    assert found.fields["temperature"] == pytest.approx(26.1, abs=0.05)  # 79 °F


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
    known = {point.measurement for point in points(snapshot)}
    lost = replace(snapshot, lost=frozenset({section}))
    left = {point.measurement for point in points(lost)}

    assert known & gone
    assert not left & gone
    assert rows(lines(lost), "meter")  # how the meters are set up is another section


def test_an_ac_battery_is_no_inverter() -> None:
    serial = "122035000001"
    from_reports = report(serial, 100, ago=400, is_ac_battery=True)
    from_devices = device(
        serial,
        -90,
        kind=DeviceKind.AC_BATTERY,
        energy=7.0,
        energy_used=9.0,
        ago=400,
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
    unit = device("1", -90, is_active=False, kind=DeviceKind.AC_BATTERY)
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
    from_devices = device("1", -90, kind=DeviceKind.AC_BATTERY)
    snapshot = replace(
        site(
            inverter_reports=(report("1", 90, is_ac_battery=True),),
            device_data=device_data(replace(from_devices, max_power=None)),
        ),
        read_at={Section.INVERTER_REPORTS: NOON, Section.DEVICE_DATA: NOON},
    )

    found = row(lines(snapshot), "ac_battery", serial="1")
    assert (found.fields["power"], found.fields["max_power"]) == (-90, 240)


def test_a_power_without_its_sign_is_not_written() -> None:
    """The list is newer than the details, and doesn't tell charging."""
    snapshot = replace(
        site(
            inverter_reports=(report("1", 4, ago=60, is_ac_battery=True),),
            device_data=device_data(
                device("1", -1, ago=960, kind=DeviceKind.AC_BATTERY)
            ),
        ),
        read_at={Section.INVERTER_REPORTS: NOON, Section.DEVICE_DATA: NOON},
    )

    found = {each.time: each.fields for each in rows(lines(snapshot), "ac_battery")}

    assert found[(NOON - 960) * MS]["power"] == -1
    assert found[(NOON - 60) * MS] == {"max_power": 240}


def test_ac_batteries_that_no_details_are_told_of_have_no_power() -> None:
    snapshot = replace(
        site(inverter_reports=(report("1", 4, is_ac_battery=True),)),
        read_at={Section.INVERTER_REPORTS: NOON},
    )

    assert row(lines(snapshot), "ac_battery").fields == {"max_power": 240}


def test_without_a_battery_there_is_no_storage() -> None:
    summary = Filler().fill(StorageSummary, "")
    read = {Section.STORAGE: float(NOON)}
    bare = replace(site(storage=summary), read_at=read)
    equipped = replace(site(storage=summary, inventory=batteries("1")), read_at=read)

    assert rows(lines(bare), "storage") == rows(lines(bare), "battery") == []
    assert row(lines(equipped), "storage").fields["level"] == summary.level
