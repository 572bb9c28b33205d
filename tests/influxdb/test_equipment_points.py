"""Batteries, switches, units, generator and tariff in the schema `standard`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.models.storage import EnsembleInventory
from custom_components.envoy_local.client.models.tariff import (
    DayType,
    Period,
    Prices,
    Season,
    Tariff,
    Weekday,
)
from custom_components.envoy_local.client.models.totals import Section
from custom_components.envoy_local.influxdb.schema import PointSource, Schema

from ..client.sites import site
from .oracle import Row, row, rows
from .snapshots import START, Site, open_site
from .standard_lines import MS, lines

EQUIPMENT: Final = {
    "iq_battery",
    "system_controller",
    "collar",
    "combiner_controller",
    "rgm",
    "storage",
    "ac_battery",
    "relay",
    "grid_connection",
    "generator",
    "dry_contact",
    "tariff",
}
NEW_YORK: Final = ZoneInfo("America/New_York")
EVERY_DAY: Final = frozenset(Weekday)


@pytest.fixture
async def storage(socket_enabled: None) -> AsyncIterator[Site]:
    """A site with all there is; its generator is known after a second look."""
    async with open_site("storage") as opened:
        await opened.read()
        await opened.read(Tier.STORAGE)
        yield opened


async def found(opened: Site) -> list[str]:
    return lines(await opened.read(Tier.STORAGE), now=START)


async def test_a_site_with_everything(storage: Site) -> None:
    written = await found(storage)
    battery = rows(written, "iq_battery")[0].fields
    assert {"level", "inventory_level", "cell_temperature", "power"} <= set(battery)
    controller = row(written, "system_controller").fields
    assert controller["mains_oper_state"] == "closed"
    assert row(written, "collar").fields["mid_state"] == "closed"
    assert row(written, "rgm").fields["device_state"] == 80
    assert row(written, "grid_connection").fields["state"] == "on_grid"
    assert row(written, "storage").fields["battery_capacity"]
    assert {contact.tags["contact"] for contact in rows(written, "dry_contact")} == {
        "NC1",
        "NO1",
    }
    assert len({unit.tags["serial"] for unit in rows(written, "ac_battery")}) == 2
    (relay,) = {unit.tags["serial"] for unit in rows(written, "relay")}
    assert _together(rows(written, "relay"))["state"] == "closed"
    assert relay in (await storage.read(Tier.STORAGE)).relay_serials


async def test_a_generator_is_one_series(storage: Site) -> None:
    generator = _together(rows(await found(storage), "generator"))
    snapshot = storage.raw
    assert snapshot.generator_config
    assert generator["rated_power"] == snapshot.generator_config.rated_power
    assert generator["oper_state"] == "open"
    assert generator["command"] == "auto"


async def test_an_ac_battery_has_what_both_lists_say(storage: Site) -> None:
    written = await found(storage)
    serial = min(storage.raw.ac_battery_serials)
    known = _together(rows(written, "ac_battery", serial=serial))
    expected = {"power", "level", "state_of_health", "inventory_level", "sleep_state"}
    assert expected <= set(known)


async def test_nothing_is_written_of_what_is_not_there(socket_enabled: None) -> None:
    async with open_site("unmetered") as opened:
        written = lines(await opened.read(), now=START)
    assert {each for each in EQUIPMENT if rows(written, each)} == {"tariff"}


async def test_what_is_removed_is_silent(storage: Site) -> None:
    snapshot = replace(await storage.read(), inventory=EnsembleInventory(devices=()))
    written = lines(snapshot, now=START)
    gone = EQUIPMENT - {"iq_battery", "storage", "ac_battery", "relay", "tariff"}
    assert not [each for each in gone if rows(written, each)]


@pytest.mark.parametrize(
    ("section", "measurement", "field"),
    [
        (Section.RELAY, "grid_connection", "mains_oper_state"),
        (Section.RELAY, "grid_connection", "state"),
        (Section.INVENTORY, "grid_connection", "state"),
        (Section.GENERATOR, "generator", "oper_state"),
        (Section.GENERATOR_CONFIG, "generator", "rated_power"),
        (Section.GENERATOR_MODE, "generator", "command"),
        (Section.CONTACT_SETTINGS, "dry_contact", "kind"),
        (Section.DRY_CONTACTS, "dry_contact", "state"),
        (Section.INVENTORY, "collar", "mid_state"),
        (Section.UNITS, "ac_battery", "sleep_state"),
        (Section.DEVICE_DATA, "ac_battery", "state_of_health"),
        (Section.DEVICE_DATA, "relay", "changes"),
        (Section.TARIFF, "tariff", "import_price"),
        (Section.TARIFF, "storage", "mode"),
        (Section.STORAGE, "storage", "capacity"),
        (Section.BATTERY_POWER, "iq_battery", "power"),
    ],
)
async def test_what_is_lost_is_not_written(
    storage: Site, section: Section, measurement: str, field: str
) -> None:
    snapshot = await storage.read(Tier.STORAGE)
    lost = replace(snapshot, lost=frozenset({section}))
    assert field in _together(rows(lines(snapshot, now=START), measurement))
    assert field not in _together(rows(lines(lost, now=START), measurement))


async def test_settings_of_batteries_that_are_not_there(socket_enabled: None) -> None:
    async with open_site("unmetered") as opened:
        snapshot = await opened.read()
        assert snapshot.tariff
        assert snapshot.tariff.storage
        assert not rows(lines(snapshot, now=START), "storage")


def test_a_price_goes_by_the_clock_of_the_site() -> None:
    seven = datetime(2026, 6, 23, 6, 50, tzinfo=NEW_YORK).astimezone(UTC)
    source = PointSource(schemas=[Schema.STANDARD], extra_tags={}, zone=NEW_YORK)
    prices = [
        point
        for minute in range(0, 40, 5)
        for point in rows(_read(source, seven + timedelta(minutes=minute)), "tariff")
        if "import_price" in point.fields
    ]
    assert [(p.fields["import_price"], p.fields["import_period"]) for p in prices] == [
        (0.1, "night"),
        (0.3, "day"),
        (0.3, "day"),
    ]
    assert [point.time for point in prices] == [
        (seven.timestamp() + 60 * minute) * MS for minute in (0, 10, 25)
    ]
    assert "export_price" not in prices[0].fields


def test_a_price_goes_by_another_clock_once_that_is_known() -> None:
    """Noon in UTC is eight in the morning in New York, and five in Los Angeles."""
    source = PointSource(
        schemas=[Schema.STANDARD], extra_tags={}, zone=ZoneInfo("America/Los_Angeles")
    )
    noon = datetime(2026, 6, 23, 12, tzinfo=UTC)
    assert _prices(_read(source, noon)) == [0.1]
    source.follow_zone(NEW_YORK)
    assert _prices(_read(source, noon)) == [0.3]
    source.follow_zone(NEW_YORK)
    assert _read(source, noon) == []


def _prices(written: list[str]) -> list[object]:
    found = rows(written, "tariff")
    return [p.fields["import_price"] for p in found if "import_price" in p.fields]


def _read(source: PointSource, moment: datetime) -> list[str]:
    """Return the lines after a reading; the tariff itself was read at the start."""
    tariff = Tariff(
        currency="USD",
        imports=Prices(flat=0.1, seasons=(_ALL_YEAR,)),
        exports=Prices(flat=0.0, seasons=()),
        storage=None,
        changed=None,
    )
    known = site(tariff=tariff, gateway_time=None)
    read = {Section.TARIFF: 1_782_000_000.0, Section.READINGS: moment.timestamp()}
    return source.lines(replace(known, read_at=read), now=moment.timestamp())


_ALL_YEAR: Final = Season(
    id="season",
    start=(1, 1),
    day_types=(
        DayType(
            days=EVERY_DAY,
            periods=(
                Period(id="night", start=0, price=0.1),
                Period(id="day", start=7 * 60, price=0.3),
            ),
        ),
    ),
)


def _together(points: list[Row]) -> dict[str, object]:
    return {name: value for point in points for name, value in point.fields.items()}
