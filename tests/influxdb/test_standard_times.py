"""Each point of the schema `standard` has the time of its own reading."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.totals import Section
from custom_components.envoy_local.influxdb.schema import PointSource, Schema
from custom_components.envoy_local.influxdb.standard_fields import GROUPS

from ..client.sites import NOON, device, device_data, info, report, site
from .oracle import row, rows
from .snapshots import START, Site
from .standard_lines import MS, lines, metered


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


def test_a_meters_time_is_its_own_where_it_can_be() -> None:
    snapshot = metered()
    soon = replace(snapshot, read_at={**snapshot.read_at, Section.READINGS: NOON + 299})
    late = replace(snapshot, read_at={**snapshot.read_at, Section.READINGS: NOON + 301})

    assert row(lines(soon), "meter", meter="production").time == NOON * MS
    assert row(lines(soon), "grid").time == NOON * MS
    late_times = {r.time for r in rows(lines(late), "meter") if "power" in r.fields}
    assert late_times == {(NOON + 301) * MS}
    assert row(lines(late), "grid").time == (NOON + 301) * MS


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
