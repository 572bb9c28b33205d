"""Every reading delivered, none lost: all of it, with a real InfluxDB 1.6."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
import time

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.envoy_local import forwarding
from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.const import DOMAIN
from custom_components.envoy_local.influxdb.spool import Spool, SpoolError
from custom_components.envoy_local.influxdb.target import TargetProblem

from ..influxdb.servers import Influxd, quoted
from .influx_site import (  # noqa: F401 - fixtures
    DATABASE,
    Clock,
    Home,
    clock_fixture,
    guarded_fixture,
    home_fixture,
    influxd_fixture,
    options_for,
    own_disk_fixture,
    simulator_fixture,
)

SHORT = 0.05


def values(influxd: Influxd, field: str, measurement: str, **tags: str) -> list[float]:
    """Return the stored values of a field, oldest first."""
    where = " AND ".join(f'"{tag}" = {quoted(text)}' for tag, text in tags.items())
    query = f'SELECT "{field}" FROM "{measurement}" WHERE {where}'  # noqa: S608 - a test's own words
    return [row[field] for row in influxd.query(query, DATABASE)]


def powers(influxd: Influxd) -> list[float]:
    return values(influxd, "power", "production", phase="total")


def shown(hass: HomeAssistant, unique_id: str) -> float:
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, unique_id)
    assert entity_id is not None
    state = hass.states.get(entity_id)
    assert state is not None
    return float(state.state)


async def test_readings_arrive_as_they_are_shown(home: Home, influxd: Influxd) -> None:
    await home.set_up(options_for(influxd.url))
    await home.read(3)
    await home.until_delivered()

    assert len(powers(influxd)) >= 4
    assert powers(influxd)[-1] > 0
    for measurement in ("production", "consumption", "grid", "battery"):
        stored = values(influxd, "power", measurement, phase="total")
        power = shown(home.hass, f"{home.serial}_{measurement}_power")
        assert stored[-1] == pytest.approx(power)
    imported = values(influxd, "import_energy", "grid", phase="total")
    kwh = shown(home.hass, f"{home.serial}_grid_import_energy")
    assert imported[-1] == pytest.approx(kwh * 1000)
    inverters = home.entry.runtime_data.snapshot.inverters
    assert len(inverters) == 16
    for serial in inverters:
        stored = values(influxd, "power", "inverter", inverter=serial)
        power = shown(home.hass, f"{serial}_power")
        assert stored[-1] == pytest.approx(power)


@pytest.mark.parametrize(
    ("tier", "measurement"),
    [
        (Tier.INVERTERS, "inverter"),
        (Tier.STORAGE, "storage"),
        (Tier.SETTINGS, "meter"),
        (Tier.READINGS, "production"),
    ],
)
async def test_every_tier_is_forwarded(
    home: Home, influxd: Influxd, clock: Clock, tier: Tier, measurement: str
) -> None:
    await home.set_up(options_for(influxd.url))
    await home.until_delivered()
    before = len(influxd.times(measurement, DATABASE))
    clock.ahead += 280
    await home.entry.runtime_data.coordinators[tier].async_refresh()
    await home.until_delivered()

    assert len(influxd.times(measurement, DATABASE)) > before


async def test_both_schemas_and_tags_of_ones_own(home: Home, influxd: Influxd) -> None:
    await home.set_up(
        options_for(
            influxd.url,
            schemas=["standard", "enphaseLocalToInfluxDB"],
            extra_tags={"site": "home"},
        )
    )
    await home.read(2)
    await home.until_delivered()

    assert values(influxd, "power", "production", phase="total", site="home")
    watts = values(influxd, "WNow", "production", type="eim", site="home")
    assert watts[-1] == int(powers(influxd)[-1])
    assert home.status.quarantined == 0


async def test_an_outage_loses_nothing(home: Home, influxd: Influxd) -> None:
    await home.set_up(options_for(influxd.url))
    await home.read(2)
    await home.until_delivered()
    before = len(powers(influxd))
    influxd.stop()
    await home.read(5)
    await home.until_problem()
    assert home.status.problem is TargetProblem.CANNOT_CONNECT
    await home.until(lambda: not home.forwarder.in_hand)
    assert home.status.pending > 0

    influxd.start()
    await home.until_delivered()

    assert len(powers(influxd)) == before + 5
    assert home.status.dropped == 0
    assert home.issues == {}


async def test_a_server_that_is_away_from_the_start(
    home: Home, influxd: Influxd
) -> None:
    influxd.stop()
    await home.set_up(options_for(influxd.url))
    assert home.entry.state is ConfigEntryState.LOADED
    await home.read(2)
    await home.until_problem()

    influxd.start()
    await home.until_delivered()

    assert len(powers(influxd)) >= 3


async def test_a_reload_keeps_what_waits(home: Home, influxd: Influxd) -> None:
    await home.set_up(options_for(influxd.url))
    await home.until_delivered()
    influxd.stop()
    await home.read(4)
    await home.until_problem()
    await home.unload()
    assert home.spool.is_file()
    influxd.start()
    before = len(powers(influxd))

    await home.load()
    await home.until_delivered()

    assert len(powers(influxd)) >= before + 4


async def test_what_waits_goes_to_the_new_server(home: Home, influxd: Influxd) -> None:
    influxd.query("CREATE DATABASE other")
    influxd.stop()
    await home.set_up(options_for(influxd.url))
    await home.read(3)
    await home.until_problem()
    influxd.start()
    home.hass.config_entries.async_update_entry(
        home.entry, options=options_for(influxd.url, database="other")
    )
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.until_delivered()

    assert len(influxd.times("production", "other")) >= 4
    assert influxd.times("production", DATABASE) == []


async def test_a_clean_stop_in_an_outage_takes_no_time(
    home: Home, influxd: Influxd
) -> None:
    await home.set_up(options_for(influxd.url))
    await home.read(2)
    await home.until_delivered()
    stored = len(powers(influxd))
    influxd.hang()
    await home.read(3)
    await asyncio.sleep(0.2)
    await home.read(1)
    assert home.forwarder.in_hand > 0
    begin = time.monotonic()
    await home.hass.async_stop(force=True)
    took = time.monotonic() - begin
    assert home.hass.state is CoreState.stopped
    influxd.wake()

    assert took < 1
    left = lines_in(home)
    waits = [line for line in left if line.startswith("production,")]
    assert sum("phase=total" in line for line in waits) >= 4
    assert len(powers(influxd)) >= stored


def lines_in(home: Home) -> list[str]:
    """Return what a spool holds."""
    spool = Spool(home.spool)
    spool.open()
    batch = spool.peek(lines=10_000, size=10_000_000)
    spool.close()
    return list(batch.lines) if batch else []


async def test_removing_the_entry_deletes_the_file(
    home: Home, influxd: Influxd
) -> None:
    await home.set_up(options_for(influxd.url))
    await home.until_delivered()
    assert home.spool.is_file()

    await home.remove()

    assert list(home.spool.parent.iterdir()) == []


async def test_a_damaged_file_is_set_aside(home: Home, influxd: Influxd) -> None:
    home.spool.parent.mkdir(parents=True)
    home.spool.write_bytes(b"not a database at all" * 500)
    await home.set_up(options_for(influxd.url))
    await home.read(1)
    await home.until_delivered()

    [aside] = home.spool.parent.glob("*.corrupt-*")
    assert aside.read_bytes().startswith(b"not a database")
    assert home.issues == {
        "influxdb_spool_damaged": {"name": home.entry.title, "file": aside.name}
    }
    assert len(powers(influxd)) >= 2

    await home.unload()
    await home.load()
    await home.until_delivered()

    assert home.issues == {}


async def test_a_disk_that_takes_nothing_blocks_nothing(
    home: Home, influxd: Influxd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "_NEXT_TRY", SHORT)
    home.spool.mkdir(parents=True)
    await home.set_up(options_for(influxd.url))
    assert home.entry.state is ConfigEntryState.LOADED
    await home.until(lambda: "influxdb_spool_unusable" in home.issues)
    await home.read(3)
    assert home.forwarder.in_hand > 0
    assert home.state("influxdb_pending_points") == "unknown"

    home.spool.rmdir()
    await home.until_delivered()

    assert len(powers(influxd)) >= 4
    assert home.status.dropped == 0
    assert home.issues == {}


async def test_memory_is_bounded_while_the_disk_takes_nothing(
    home: Home, influxd: Influxd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "_NEXT_TRY", SHORT)
    monkeypatch.setattr(forwarding, "_MOST_IN_HAND", 60)
    home.spool.mkdir(parents=True)
    await home.set_up(options_for(influxd.url))
    await home.read(20)
    assert home.forwarder.in_hand <= 60
    assert home.status.dropped > 0

    home.spool.rmdir()
    await home.until_delivered()

    kept = powers(influxd)
    assert 0 < len(kept) < 20
    assert kept[-1] == shown(home.hass, f"{home.serial}_production_power")


async def test_a_database_that_is_created_later(home: Home, influxd: Influxd) -> None:
    influxd.query(f"DROP DATABASE {DATABASE}")
    await home.set_up(options_for(influxd.url))
    await home.read(2)
    await home.until_problem()
    assert home.issues.keys() == {"influxdb_database"}
    assert "solar" in home.issues["influxdb_database"]["detail"]

    influxd.query(f"CREATE DATABASE {DATABASE}")
    await home.act("retry_quarantine")
    await home.until_delivered()

    assert len(powers(influxd)) >= 3
    assert home.issues == {}


async def test_a_password_that_is_changed_and_repaired(
    home: Home, guarded: Influxd, caplog: pytest.LogCaptureFixture
) -> None:
    options = options_for(guarded.url, username="envoy", password="first secret")
    await home.set_up(options)
    await home.until_delivered()
    guarded.query("SET PASSWORD FOR envoy = 'second secret'")
    await home.read(3)
    await home.until_problem()
    assert home.issues.keys() == {"influxdb_credentials"}
    assert home.state("influxdb_pending_points") != "0"

    options = options_for(guarded.url, username="envoy", password="second secret")
    home.hass.config_entries.async_update_entry(home.entry, options=options)
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.until_delivered()

    assert len(powers(guarded)) >= 4
    assert home.issues == {}
    assert "secret" not in caplog.text


async def test_points_that_are_refused_are_set_aside_alone(
    home: Home, influxd: Influxd
) -> None:
    now = int(time.time() * 1000)
    influxd.ask(
        "/write",
        method="POST",
        body=f'grid power="a text" {now}',
        db=DATABASE,
        precision="ms",
    )
    await home.set_up(options_for(influxd.url))
    await home.read(2)
    await home.until_delivered()

    assert len(powers(influxd)) >= 3
    refused = home.status.quarantined
    assert refused >= 3
    assert home.issues == {
        "influxdb_quarantine": {"name": home.entry.title, "count": str(refused)}
    }
    assert home.state("influxdb_quarantined_points") == str(refused)

    influxd.query('DROP MEASUREMENT "grid"', DATABASE)
    await home.act("retry_quarantine")
    await home.until_delivered()

    assert home.status.quarantined == 0
    assert len(values(influxd, "power", "grid", phase="total")) >= 3
    assert home.issues == {}
    assert home.state("influxdb_quarantined_points") == "0"


async def test_what_is_refused_can_be_given_up(home: Home, influxd: Influxd) -> None:
    now = int(time.time() * 1000)
    body = f'grid power="a text" {now}'
    influxd.ask("/write", method="POST", body=body, db=DATABASE, precision="ms")
    await home.set_up(options_for(influxd.url))
    await home.until_delivered()
    await home.until(lambda: home.status.quarantined)

    await home.act("clear_quarantine")

    assert home.status.quarantined == 0
    assert home.issues == {}


class FullDisk:
    """Refuses to store, as long as it is full; a real one can't be filled in a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = False
        put = Spool.put

        def refuse(spool: Spool, lines: Sequence[str], *, now: float) -> None:
            if self.is_full:
                raise SpoolError("The disk is full")
            put(spool, lines, now=now)

        monkeypatch.setattr(Spool, "put", refuse)


async def test_a_disk_that_fills_up_and_gets_room_again(
    home: Home, influxd: Influxd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "_NEXT_TRY", SHORT)
    disk = FullDisk(monkeypatch)
    await home.set_up(options_for(influxd.url))
    await home.until_delivered()
    before = len(powers(influxd))
    disk.is_full = True
    await home.read(4)
    await home.until(lambda: "influxdb_spool_unusable" in home.issues)
    assert home.issues["influxdb_spool_unusable"]["detail"] == "The disk is full"
    assert home.forwarder.in_hand > 0

    disk.is_full = False
    await home.until_delivered()

    assert len(powers(influxd)) == before + 4
    assert home.status.dropped == 0
    assert home.issues == {}


async def test_what_a_full_disk_loses_at_the_end_is_said(
    home: Home,
    influxd: Influxd,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    disk = FullDisk(monkeypatch)
    await home.set_up(options_for(influxd.url))
    await home.until_delivered()
    disk.is_full = True
    await home.read(2)
    lost = home.forwarder.in_hand
    await home.unload()

    assert lost > 0
    assert f"{lost} readings for InfluxDB are lost" in caplog.text
    assert home.serial not in caplog.text.partition("are lost")[0].rpartition("\n")[2]

    disk.is_full = False
    await home.load()
    await home.until_delivered()


async def test_what_is_read_after_the_end_is_nobodys(
    home: Home, influxd: Influxd
) -> None:
    await home.set_up(options_for(influxd.url))
    await home.until_delivered()
    forwarder, snapshot = home.forwarder, home.entry.runtime_data.snapshot
    later = {section: time + 10 for section, time in snapshot.read_at.items()}
    await home.unload()

    forwarder.async_take(replace(snapshot, read_at=later))
    await forwarder.async_close()

    assert forwarder.in_hand == 0
