"""What is new in a snapshot, in either schema or in both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.totals import Section
from custom_components.envoy_local.influxdb.schema import (
    PointSource,
    Schema,
    names_in_use,
)
from custom_components.envoy_local.influxdb.seed import FIELD_TYPES, TAGS
from custom_components.envoy_local.influxdb.standard_fields import GROUPS
from simulator import Fault

from ..captures import Capture, all_captures
from ..client.sites import NOON, report, site
from .filler import Filler
from .oracle import parse, row, rows
from .schema_document import PATH, render
from .snapshots import Site, open_site

BOTH: Final = tuple(Schema)
SCENARIOS: Final = ("home", "three_phase", "unmetered", "large", "legacy")


@pytest.fixture
async def home(socket_enabled: None) -> AsyncIterator[Site]:
    """A metered site with batteries, at noon."""
    async with open_site("home") as opened:
        yield opened


def lines(snapshot: GatewaySnapshot, *schemas: Schema) -> list[str]:
    source = PointSource(schemas=schemas or BOTH, extra_tags={})
    return source.lines(snapshot, now=max(snapshot.read_at.values()))


def field_types(found: list[str]) -> dict[tuple[str, str], set[type]]:
    types: defaultdict[tuple[str, str], set[type]] = defaultdict(set)
    for each in map(parse, found):
        for name, value in each.fields.items():
            types[each.measurement, name].add(type(value))
    return types


def check(found: list[str]) -> None:
    """Assert what any server wants of any set of lines."""
    parsed = [parse(line) for line in found]
    assert parsed
    assert [r for r in parsed if r.tags.keys() & r.fields.keys()] == []
    assert {name: t for name, t in field_types(found).items() if len(t) > 1} == {}
    points = [(r.series, r.time) for r in parsed]
    assert len(set(points)) == len(points)


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_every_site_is_written_in_both_schemas(
    socket_enabled: None, scenario: str
) -> None:
    async with open_site(scenario) as opened:
        found = lines(await opened.read())

    check(found)
    written = {parse(line).measurement for line in found}
    assert {"production", "inverter", "inverters", "gateway"} <= written


@pytest.mark.parametrize("recorded", all_captures(), ids=lambda each: each.name)
async def test_every_recorded_gateway_is_written_in_both_schemas(
    socket_enabled: None, recorded: Capture
) -> None:
    async with open_site(capture=recorded.folder) as opened:
        snapshot = await opened.read()
        now = opened.clock.now
        found = PointSource(schemas=BOTH, extra_tags={}).lines(snapshot, now=now)

    check(found)
    site_power = row(found, "production", phase="total").fields["power"]
    assert site_power == snapshot.totals.production.power
    day = 86_400_000
    assert all(parse(line).time <= now * 1000 + day for line in found)
    written = {r.tags["inverter"] for r in rows(found, "inverter")}
    reported = {s for s, u in snapshot.inverters.items() if u.last_reported}
    assert written == reported


def test_everything_at_once_keeps_one_type_per_field() -> None:
    everything = Filler().fill(GatewaySnapshot)

    # Here all units are of the same name, so points meet that never do.
    found = lines(everything)

    types = field_types(found)
    assert {name: kinds for name, kinds in types.items() if len(kinds) > 1} == {}
    assert types["production", "energy"] == {float}
    assert types["production", "whLifetime"] == {int}


def test_the_schemas_share_no_field() -> None:
    """They share measurements: a name of both would be a fight about its type."""
    standard = {(group.measurement, f.name) for group in GROUPS for f in group.fields}
    seed = {(name, field) for name, types in FIELD_TYPES.items() for field in types}

    assert {name for name, _ in standard} & {name for name, _ in seed}
    assert standard & seed == set()


def test_no_tag_is_a_field() -> None:
    tags: defaultdict[str, set[str]] = defaultdict(set)
    names: defaultdict[str, set[str]] = defaultdict(set)
    for group in GROUPS:
        tags[group.measurement] |= {"gateway", *group.tags}
        names[group.measurement] |= {field.name for field in group.fields}
    for measurement, types in FIELD_TYPES.items():
        tags[measurement] |= set(TAGS[measurement])
        names[measurement] |= set(types)

    assert {m: tags[m] & names[m] for m in tags if tags[m] & names[m]} == {}


async def test_a_schema_is_written_alone(home: Site) -> None:
    snapshot = await home.read()
    standard, seed = lines(snapshot, Schema.STANDARD), lines(snapshot, Schema.SEED)

    assert lines(snapshot) == standard + seed
    assert all("gateway" in parse(line).tags for line in standard)
    assert all("serial" in parse(line).tags for line in seed)


async def test_extra_tags_are_everywhere(home: Site) -> None:
    source = PointSource(schemas=BOTH, extra_tags={"site": "my home", "roof": "a,b"})
    found = source.lines(await home.read(), now=home.clock.now)

    assert found
    assert {parse(line).tags["site"] for line in found} == {"my home"}
    assert {parse(line).tags["roof"] for line in found} == {"a,b"}


@pytest.mark.parametrize("name", ["power", "gateway", "serial", "WNow", "time"])
async def test_extra_tags_take_no_name_in_use(home: Site, name: str) -> None:
    snapshot = await home.read()
    source = PointSource(schemas=BOTH, extra_tags={name: "mine"})

    assert source.lines(snapshot, now=home.clock.now) == lines(snapshot)


def test_names_in_use_are_those_of_the_schemas_chosen() -> None:
    assert "WNow" not in names_in_use([Schema.STANDARD])
    assert {"WNow", "inverter", "serial"} <= names_in_use([Schema.SEED])
    assert {"gateway", "energy_today", "WNow"} <= names_in_use(BOTH)
    assert "site" not in names_in_use(BOTH)


async def test_nothing_is_written_twice(home: Site) -> None:
    source = PointSource(schemas=BOTH, extra_tags={})
    snapshot = await home.read()

    assert source.lines(snapshot, now=home.clock.now)
    assert source.lines(snapshot, now=home.clock.now + 60) == []


async def test_a_failing_section_is_written_again_when_it_answers(home: Site) -> None:
    source = PointSource(schemas=BOTH, extra_tags={})
    source.lines(await home.read(), now=home.clock.now)

    home.sim.gateway.faults.add(Fault.error("/ivp/meters/readings", 503))
    snapshot = await home.read(Tier.READINGS, after=15)
    assert source.lines(snapshot, now=home.clock.now) == []
    snapshot = await home.read(Tier.READINGS, after=2000)
    assert Section.READINGS in snapshot.lost
    assert rows(source.lines(snapshot, now=home.clock.now), "meter") == []

    home.sim.gateway.faults.clear()
    snapshot = await home.read(Tier.READINGS, after=300)
    found = source.lines(snapshot, now=home.clock.now)
    assert row(found, "grid", phase="total").time == home.clock.now * 1000


async def test_a_new_report_is_one_line(home: Site) -> None:
    source = PointSource(schemas=[Schema.STANDARD], extra_tags={})
    await home.read()
    snapshot = await home.read(Tier.INVERTERS, Tier.DEVICE_DATA, after=900)
    source.lines(snapshot, now=home.clock.now)
    snapshot = await home.read(Tier.INVERTERS, Tier.DEVICE_DATA, after=900)
    found = rows(source.lines(snapshot, now=home.clock.now), "inverter")

    assert len(found) == len(snapshot.inverters)
    assert all({"power", "temperature"} <= each.fields.keys() for each in found)


def test_energies_that_become_known_later_are_added() -> None:
    source = PointSource(schemas=[Schema.STANDARD], extra_tags={})
    snapshot = Filler().fill(GatewaySnapshot)
    totals = snapshot.totals
    held = replace(totals, production=replace(totals.production, energy=None))

    first = source.lines(replace(snapshot, totals=held), now=NOON)
    (later,) = source.lines(snapshot, now=NOON)

    assert "energy" not in row(first, "production", phase="total").fields
    assert parse(later).fields["energy"] == totals.production.energy
    assert parse(later).time == row(first, "production", phase="total").time


def test_a_clock_that_wanders_gives_a_report_one_time() -> None:
    source = PointSource(schemas=BOTH, extra_tags={})
    away = 10 * 86_400
    unit = replace(report("482400200001", 250), last_reported=NOON + away - 60)
    times = set()
    for seconds in range(0, 600, 15):
        snapshot = replace(
            site(inverter_reports=(unit,)),
            read_at={Section.INVERTER_REPORTS: NOON + seconds},
            gateway_time=NOON + away + seconds * 1.05,
        )
        now = NOON + seconds
        times |= {r.time for r in rows(source.lines(snapshot, now=now), "inverter")}

    assert times == {(NOON - 60) * 1000}


def test_a_restart_repeats_the_last_points_unchanged() -> None:
    snapshot = Filler().fill(GatewaySnapshot)

    assert lines(snapshot) == lines(snapshot)


def test_the_names_are_documented() -> None:
    root = Path(__file__).parents[2]

    assert (root / PATH).read_text("utf-8") == render(), (
        "python -m tests.influxdb.schema_document writes the page"
    )
