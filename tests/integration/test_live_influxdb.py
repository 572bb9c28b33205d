"""Live power in a real InfluxDB: what is shown is stored, at the pace of the option."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import pytest

from custom_components.envoy_local.forwarding import Forwarder

from ..influxdb.servers import Influxd
from .influx_site import (  # noqa: F401 - fixtures
    DATABASE,
    influxd_fixture,
    options_for,
    own_disk_fixture,
)
from .live_site import (  # noqa: F401 - fixtures
    LiveHome,
    home_fixture,
    options,
    simulator_fixture,
    travel_fixture,
)

_GRID: Final = (
    "SELECT power, import_energy FROM grid WHERE phase = 'total' ORDER BY time"
)


async def stored(home: LiveHome, influxd: Influxd) -> list[dict[str, Any]]:
    """Return the points of the grid, once all of them are delivered."""
    forwarder: Forwarder = home.entry.runtime_data.forwarder
    await home.travel.until(
        lambda: not forwarder.in_hand and not forwarder.status.pending
    )
    return influxd.query(_GRID, DATABASE)


def live(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those without an energy, which the readings always have."""
    return [row for row in rows if row.get("import_energy") is None]


async def test_what_is_shown_is_stored(home: LiveHome, influxd: Influxd) -> None:
    await home.set_up(options(2, **options_for(influxd.url)))
    await home.until_source("stream")
    home.written.clear()

    await home.travel(20, step=0.5)

    shown = [float(text) for _, text in home.written["grid_power"]]
    rows = live(await stored(home, influxd))
    assert len(rows) >= 8
    assert [row["power"] for row in rows][-len(shown) :] == pytest.approx(shown)
    gaps = [b["time"] - a["time"] for a, b in pairwise(rows)]
    assert min(gaps) >= 1000
    assert sum(gaps) / len(gaps) == pytest.approx(2000, rel=0.2)


async def test_live_power_stays_out_where_that_is_wanted(
    home: LiveHome, influxd: Influxd
) -> None:
    chosen = options(2, **options_for(influxd.url))
    chosen["live"]["live_influxdb"] = False
    await home.set_up(chosen)
    await home.until_source("stream")
    await home.travel(40, step=1)

    rows = await stored(home, influxd)
    assert len(rows) >= 2
    assert live(rows) == []


async def test_an_outage_of_the_server_costs_no_live_point(
    home: LiveHome, influxd: Influxd
) -> None:
    await home.set_up(options(2, **options_for(influxd.url)))
    await home.until_source("stream")
    await stored(home, influxd)
    influxd.stop()
    home.written.clear()
    await home.travel(30, step=0.5)
    shown = [float(text) for _, text in home.written["grid_power"]]
    influxd.start()

    async with home.travel.hurrying():
        rows = live(await stored(home, influxd))

    assert len(shown) >= 12
    powers = [row["power"] for row in rows]
    assert all(any(power == pytest.approx(each) for power in powers) for each in shown)
