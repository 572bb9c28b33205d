"""A server that refuses: the owner is told what to repair, then everything arrives."""

from __future__ import annotations

import time

import pytest

from ...influxdb.servers import Influxd
from ..influx_site import DATABASE, Home, options_for
from .stored import powers, values


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


def take_grid_power_for_a_text(influxd: Influxd) -> None:
    """Have the server refuse the power of the grid from here on."""
    now = int(time.time() * 1000)
    body = f'grid power="a text" {now}'
    influxd.ask("/write", method="POST", body=body, db=DATABASE, precision="ms")


async def test_points_that_are_refused_are_set_aside_alone(
    home: Home, influxd: Influxd
) -> None:
    take_grid_power_for_a_text(influxd)
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

    # Dropping the measurement alone leaves the type of its field behind at times.
    influxd.query(f"DROP DATABASE {DATABASE}")
    influxd.query(f"CREATE DATABASE {DATABASE}")
    await home.act("retry_quarantine")
    await home.until_delivered()

    assert home.status.quarantined == 0
    assert len(values(influxd, "power", "grid", phase="total")) >= 3
    assert home.issues == {}
    assert home.state("influxdb_quarantined_points") == "0"


async def test_what_is_refused_can_be_given_up(home: Home, influxd: Influxd) -> None:
    take_grid_power_for_a_text(influxd)
    await home.set_up(options_for(influxd.url))
    await home.until_delivered()
    await home.until(lambda: home.status.quarantined)

    await home.act("clear_quarantine")

    assert home.status.quarantined == 0
    assert home.issues == {}
