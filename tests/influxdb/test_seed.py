"""The schema `enphaseLocalToInfluxDB`: as that program wrote it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final

import pytest

from custom_components.envoy_local.client.models.meters import MeterKind
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.totals import Section
from custom_components.envoy_local.influxdb.schema import PointSource, Schema
from custom_components.envoy_local.influxdb.seed import FIELD_TYPES, TAGS, inverter_tag

from ..client.sites import (
    NOON,
    block,
    device,
    device_data,
    meter,
    production_report,
    reading,
    report,
    site,
    summary,
)
from .filler import Filler
from .oracle import parse, row, rows
from .snapshots import START, Site, open_site

MS: Final = 1000
BOTH: Final = (MeterKind.PRODUCTION, MeterKind.NET_CONSUMPTION)


@pytest.fixture
async def home(socket_enabled: None) -> AsyncIterator[Site]:
    """A metered site with batteries, at noon."""
    async with open_site("home") as opened:
        yield opened


def lines(snapshot: GatewaySnapshot) -> list[str]:
    source = PointSource(schemas=[Schema.SEED], extra_tags={})
    return source.lines(snapshot, now=max(snapshot.read_at.values()))


def at_noon(snapshot: GatewaySnapshot, *sections: Section) -> GatewaySnapshot:
    read_at = {**snapshot.read_at, **dict.fromkeys(sections, float(NOON))}
    return replace(snapshot, read_at=read_at)


def metered(**changes: Any) -> GatewaySnapshot:
    snapshot = site(
        meters=tuple(meter(kind) for kind in BOTH),
        readings=(
            reading(BOTH[0], 3000.9, delivered=50_000.9, received=12),
            reading(BOTH[1], -1000, delivered=7000, received=20_000.5),
        ),
        **changes,
    )
    return at_noon(snapshot, Section.READINGS, Section.INVERTER_REPORTS)


def test_a_metered_site_to_the_letter() -> None:
    snapshot = metered(
        inverter_reports=(report("482400200001", 250.7), report("482400200002", 120)),
    )
    made = replace(
        snapshot.totals.production, energy_today=1234.5, energy_7_days=9876.25
    )
    used = replace(snapshot.totals.consumption, energy_today=600, energy_7_days=None)
    totals = replace(snapshot.totals, production=made, consumption=used)

    gateway = "serial=202412345678"
    assert lines(replace(snapshot, totals=totals)) == [
        _line(
            f"production,{gateway},type=eim",
            "whLifetime=50000i,WhLastSevenDays=9876.25,WhToday=1234.5,WNow=3000i",
            "activeInverterCounts=1i",
        ),
        _line(
            f"production,{gateway},type=inverters",
            "WhLastSevenDays=0.0,WhToday=0.0,WNow=370i,activeInverterCounts=2i",
        ),
        _line(
            f"consumption,{gateway},type=total-consumption",
            "whLifetime=37000.4,WhToday=600.0",
        ),
        _line(
            f"consumption,{gateway},type=net-consumption",
            "whLifetime=-13000.5,WhLastSevenDays=0.0,WhToday=0.0",
        ),
        _line(
            f"inverters,inverter=00001,{gateway}",
            "lastReportWatts=250i,maxReportWatts=240i",
            time=NOON - 60,
        ),
        _line(
            f"inverters,inverter=00002,{gateway}",
            "lastReportWatts=120i,maxReportWatts=240i",
            time=NOON - 60,
        ),
    ]


def _line(series: str, *values: str, time: int = NOON) -> str:
    return f"{series} {','.join(values)} {time}000"


async def test_names_types_and_tags_are_those_of_the_program(home: Site) -> None:
    found = [parse(line) for line in lines(await home.read())]

    assert {each.measurement for each in found} == set(FIELD_TYPES)
    for each in found:
        types = FIELD_TYPES[each.measurement]
        assert set(each.tags) == set(TAGS[each.measurement])
        assert each.fields.keys() <= types.keys()
        assert {name: type(value) for name, value in each.fields.items()} == {
            name: types[name] for name in each.fields
        }


def test_the_types_are_these() -> None:
    """Written out again: a change here loses the data of existing databases."""
    assert FIELD_TYPES["production"]["whLifetime"] is int
    assert FIELD_TYPES["consumption"]["whLifetime"] is float
    assert FIELD_TYPES["production"]["WNow"] is int
    assert "WNow" not in FIELD_TYPES["consumption"]
    assert FIELD_TYPES["inverters"] == {"lastReportWatts": int, "maxReportWatts": int}


@pytest.mark.parametrize(
    ("power", "written"), [(99.99, 99), (-3.98, -3), (0.5, 0), (-0.5, 0)]
)
def test_power_is_cut_not_rounded(power: float, written: int) -> None:
    snapshot = metered(inverter_reports=(report("482400200001", power),))
    flow = replace(snapshot.totals.production, power=power)
    changed = replace(snapshot, totals=replace(snapshot.totals, production=flow))
    found = lines(changed)

    assert row(found, "production", type="eim").fields["WNow"] == written
    assert row(found, "inverters").fields["lastReportWatts"] == written


async def test_inverters_sum_up_without_day_sums(home: Site) -> None:
    snapshot = await home.read()
    found = row(lines(snapshot), "production", type="inverters")

    energies = [unit.energy for unit in snapshot.inverters.values()]
    assert found.fields["whLifetime"] == int(sum(e for e in energies if e is not None))
    assert found.fields["activeInverterCounts"] == len(energies)
    assert (found.fields["WhToday"], found.fields["WhLastSevenDays"]) == (0.0, 0.0)
    assert found.fields["WNow"] == int(sum(u.power or 0 for u in _units(snapshot)))
    assert found.time == START * MS


def _units(snapshot: GatewaySnapshot) -> Any:
    return snapshot.inverters.values()


def test_without_meters_the_site_is_its_inverters() -> None:
    snapshot = at_noon(
        site(
            summary=summary(1_544_282, 586, today=10_363, week=101_742),
            inverter_reports=(report("482400200001", 300),),
        ),
        Section.SUMMARY,
        Section.INVERTER_REPORTS,
    )
    found = lines(snapshot)

    made = row(found, "production")
    assert made.tags["type"] == "inverters"
    assert made.fields["whLifetime"] == 1_544_282
    assert made.fields["WhToday"] == 0.0
    assert rows(found, "consumption") == []


def test_an_old_gateways_meter_blocks_count() -> None:
    blocks = production_report(
        production=block(50_000.5, 3000),
        total_consumption=block(60_000.5, 900),
        net_consumption=block(-4000.5, -2100),
    )
    snapshot = at_noon(site(report=blocks), Section.REPORT)
    found = lines(snapshot)

    assert row(found, "production", type="eim").fields["whLifetime"] == 50_000
    net = row(found, "consumption", type="net-consumption")
    assert net.fields["whLifetime"] == -4000.5
    total = row(found, "consumption", type="total-consumption")
    assert total.fields["whLifetime"] == 60_000.5


def test_meters_that_are_off_write_nothing() -> None:
    blocks = production_report(
        production=block(1586.6, 3.6, active=0), net_consumption=block(-5, active=0)
    )
    snapshot = at_noon(
        site(
            meters=tuple(meter(kind, is_enabled=False) for kind in BOTH), report=blocks
        ),
        Section.REPORT,
        Section.METERS,
    )

    assert lines(snapshot) == []


def test_without_reports_the_device_data_knows_the_inverters() -> None:
    unit = device("482400200001", 240, energy=5.5)
    snapshot = at_noon(site(device_data=device_data(unit)), Section.DEVICE_DATA)
    found = lines(snapshot)

    assert row(found, "inverters", inverter="00001").time == (NOON - 60) * MS
    assert row(found, "production", type="inverters").fields["whLifetime"] == 5


def test_units_that_sleep_add_nothing() -> None:
    snapshot = at_noon(
        site(
            inverter_reports=(
                report("482400200001", 250),
                report("482400200002", 120, ago=7300),
            )
        ),
        Section.INVERTER_REPORTS,
    )
    found = row(lines(snapshot), "production", type="inverters")

    assert found.fields["WNow"] == 250
    assert found.fields["activeInverterCounts"] == 2


def test_a_unit_that_never_reported_has_no_time() -> None:
    unit = replace(report("482400200001", None), last_reported=None)
    snapshot = at_noon(site(inverter_reports=(unit,)), Section.INVERTER_REPORTS)

    assert rows(lines(snapshot), "inverters") == []


def test_what_is_lost_is_not_written() -> None:
    everything = Filler().fill(GatewaySnapshot)
    lost = replace(everything, lost=frozenset(Section))

    assert lines(everything)
    assert lines(lost) == []


def test_the_end_of_a_serial_names_an_inverter() -> None:
    assert inverter_tag("482400200001") == "00001"
    assert inverter_tag("123") == "123"


def test_two_inverters_that_end_alike_are_written_once_each() -> None:
    snapshot = at_noon(
        site(
            inverter_reports=(
                report("482400200001", 250, ago=60),
                report("482511100001", 120, ago=90),
            )
        ),
        Section.INVERTER_REPORTS,
    )
    source = PointSource(schemas=[Schema.SEED], extra_tags={})

    assert len(rows(source.lines(snapshot, now=NOON), "inverters")) == 2
    assert source.lines(snapshot, now=NOON) == []
