"""The price that InfluxDB has is the one that is shown, wherever the gateway stands."""

from __future__ import annotations

from datetime import UTC, datetime
import json

import pytest

from custom_components.envoy_local.client.endpoints import Tier
from simulator import Fault, Simulator

from ...influxdb.servers import Influxd
from ..influx_site import Home, options_for
from .stored import values

HOME_PAGE = "/home"
EVENING, CHEAP = 0.38, 0.22


@pytest.fixture(autouse=True)
async def _evening(home: Home, simulator: Simulator) -> None:
    """Let it be noon at the gateway, and six hours later at Home Assistant."""
    east = (18 - datetime.now(UTC).hour + 11) % 24 - 11
    await home.hass.config.async_set_time_zone(f"Etc/GMT{-east:+d}")
    assert simulator.equipment
    simulator.equipment.tariff.rate = CHEAP


async def read_home(home: Home) -> None:
    """Read the gateway's own page, and let a zone be loaded."""
    await home.entry.runtime_data.coordinators[Tier.IDENTITY].async_refresh()
    await home.hass.async_block_till_done()
    await home.read()


async def assert_price(home: Home, influxd: Influxd, price: float) -> None:
    assert home.state("import_price") == str(price)
    await home.until_delivered()
    stored = values(influxd, "import_price", "tariff", gateway=home.serial)
    assert stored[-1] == price


async def test_the_price_goes_by_the_clock_of_the_gateway(
    home: Home, influxd: Influxd
) -> None:
    await home.set_up(options_for(influxd.url))
    await home.until(lambda: home.state("import_price") == str(CHEAP))
    await home.read()
    await assert_price(home, influxd, CHEAP)


@pytest.mark.parametrize("name", ["Mars/Olympus_Mons", "../../etc", "", None, 7])
async def test_a_zone_that_nobody_knows(
    home: Home, influxd: Influxd, simulator: Simulator, name: object
) -> None:
    page = json.dumps({"timezone": name}).encode()
    simulator.gateway.faults.add(Fault.raw(HOME_PAGE, page))
    await home.set_up(options_for(influxd.url))
    await read_home(home)
    await assert_price(home, influxd, EVENING)

    simulator.gateway.faults.clear()
    await home.unload()
    await home.load()
    await home.until(lambda: home.state("import_price") == str(CHEAP))
    await home.read()
    await assert_price(home, influxd, CHEAP)
