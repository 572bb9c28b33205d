"""CTs that are added to a site, switched off and taken away while it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
import time

import aiohttp
import pytest

from simulator import Simulator
from simulator.equipment import Ct

from .equipment import Site

HOUR = 3600.0


@pytest.fixture
async def site(
    socket_enabled: None, session: aiohttp.ClientSession
) -> AsyncIterator[Site]:
    async with Simulator("three_phase") as simulator:
        yield Site(simulator, session)


async def test_a_ct_is_added_and_taken_away(site: Site) -> None:
    assert len(await site.ask("/ivp/meters")) == 2
    site.equipment.cts["evse"] = Ct(power=-600.0, since=time.time() - HOUR)

    *_, meter = await site.ask("/ivp/meters")
    assert meter["measurementType"] == "evse"
    assert (meter["eid"], meter["state"]) == (704644864, "enabled")
    rows = {row["eid"]: row for row in await site.ask("/ivp/meters/readings")}
    reading = rows[704644864]
    assert reading["activePower"] == -600
    assert reading["actEnergyDlvd"] == 0
    assert reading["actEnergyRcvd"] == pytest.approx(600, abs=1)
    channels = [channel["activePower"] for channel in reading["channels"]]
    assert sum(channels) == pytest.approx(-600, abs=0.01)
    # The gateway computes the load from its own two CTs alone.
    assert len(await site.ask("/ivp/meters/reports")) == 3

    site.equipment.cts["evse"].enabled = False
    *_, meter = await site.ask("/ivp/meters")
    assert meter["state"] == "disabled"

    del site.equipment.cts["evse"]
    assert len(await site.ask("/ivp/meters")) == 2


async def test_a_storage_ct_measures_the_batteries(site: Site) -> None:
    site.equipment.cts["storage"] = Ct()
    *_, meter = await site.ask("/ivp/meters")
    assert (meter["measurementType"], meter["eid"]) == ("storage", 704643840)
    rows = {row["eid"]: row for row in await site.ask("/ivp/meters/readings")}
    assert rows[704643840]["activePower"] == 0


async def test_an_inverter_comes_back(socket_enabled: None) -> None:
    async with Simulator("home") as simulator:
        inverters = simulator.inverters
        assert inverters
        serial = inverters.present[0].serial
        inverters.remove(serial)
        with pytest.raises(KeyError):
            inverters.remove(serial)
        inverters.add(serial, at=time.time())
        assert [unit.serial for unit in inverters.units].count(serial) == 1
        inverters.remove(serial)
        assert serial not in {unit.serial for unit in inverters.present}
