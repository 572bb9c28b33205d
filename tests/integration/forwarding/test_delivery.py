"""Every reading delivered, none lost: all of it, with a real InfluxDB 1.6."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CoreState
import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.influxdb.spool import Spool, SpoolError
from custom_components.envoy_local.influxdb.target import TargetProblem

from ...influxdb.servers import Influxd
from ...waiting import measured
from ..influx_site import DATABASE, Clock, Home, options_for
from .stored import powers, shown, values

TIMEOUT = 15.0
"""Seconds after which a server that hangs is given up."""


async def test_readings_arrive_as_they_are_shown(home: Home, influxd: Influxd) -> None:
    await home.set_up(options_for(influxd.url))
    await home.until_books()
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
    async with measured() as stop:
        await home.hass.async_stop(force=True)
    assert home.hass.state is CoreState.stopped
    influxd.wake()

    assert stop.waited < 1
    assert stop.total < TIMEOUT
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


async def test_whoever_closes_a_second_time_waits_for_the_same_end(
    home: Home, influxd: Influxd
) -> None:
    await home.set_up(options_for(influxd.url))
    await home.until(lambda: home.forwarder.is_open)
    forwarder = home.forwarder

    first = home.hass.async_create_task(forwarder.async_close())
    await forwarder.async_close()

    with pytest.raises(SpoolError, match="closed"):
        await forwarder.async_clear_quarantined()
    await first
