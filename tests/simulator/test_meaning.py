"""What the numbers on the wire mean: signs, units, sums."""

from __future__ import annotations

from typing import Any

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest

from simulator import Simulator

from .helpers import Caller

# Afternoon, evening and night in Los Angeles.
TIMES = ["2026-06-21T20:00:00Z", "2026-06-22T03:00:00Z", "2026-06-22T09:00:00Z"]
WRAP = 2**32 / 3600


async def fetch(simulator: Simulator, session: aiohttp.ClientSession, path: str) -> Any:
    answer = await Caller(simulator, session).get(path, bearer=simulator.token())
    assert answer.status == 200
    return answer.json


@pytest.mark.parametrize("moment", TIMES)
async def test_readings_agree_with_the_plant(
    session: aiohttp.ClientSession, freezer: FrozenDateTimeFactory, moment: str
) -> None:
    freezer.move_to(moment)
    async with Simulator() as simulator:
        plant = simulator.plant
        assert plant is not None
        rows = await fetch(simulator, session, "/ivp/meters/readings")
        pv, net, storage, phantom = rows
        at = pv["timestamp"]
        power, energy = plant.power(at), plant.counters(at)
        assert pv["activePower"] == pytest.approx(power.production, abs=0.001)
        assert net["activePower"] == pytest.approx(power.grid, abs=0.001)
        assert storage["activePower"] == pytest.approx(power.battery, abs=0.001)
        assert pv["actEnergyDlvd"] == pytest.approx(energy.production, abs=0.001)
        assert net["actEnergyDlvd"] == pytest.approx(energy.grid_import, abs=0.001)
        assert net["actEnergyRcvd"] == pytest.approx(energy.grid_export, abs=0.001)
        assert storage["actEnergyDlvd"] == pytest.approx(
            energy.battery_discharge, abs=0.001
        )
        assert storage["actEnergyRcvd"] == pytest.approx(
            energy.battery_charge, abs=0.001
        )
        house = pv["activePower"] + net["activePower"] + storage["activePower"]
        assert house == pytest.approx(power.consumption, abs=0.01)
        assert phantom["eid"] == 1023410688
        assert phantom["activePower"] == 0


@pytest.mark.parametrize("scenario", ["home", "three_phase", "large"])
async def test_channels_add_up_to_their_meter(
    session: aiohttp.ClientSession, scenario: str
) -> None:
    async with Simulator(scenario) as simulator:
        for row in (await fetch(simulator, session, "/ivp/meters/readings"))[:2]:
            channels = row["channels"]
            assert len(channels) == 3
            watts = sum(channel["activePower"] for channel in channels)
            assert watts == pytest.approx(row["activePower"], abs=0.01)
            net = sum(c["actEnergyDlvd"] - c["actEnergyRcvd"] for c in channels)
            assert net == pytest.approx(
                row["actEnergyDlvd"] - row["actEnergyRcvd"], abs=30
            )
            assert -1 <= row["pwrFactor"] <= 1


@pytest.mark.parametrize(
    ("scenario", "volts"), [("home", 242), ("three_phase", 696), ("large", 233)]
)
async def test_aggregate_voltage_is_the_sum_of_the_phases(
    session: aiohttp.ClientSession, scenario: str, volts: float
) -> None:
    async with Simulator(scenario) as simulator:
        row = (await fetch(simulator, session, "/ivp/meters/readings"))[0]
        assert row["voltage"] == pytest.approx(volts, rel=0.02)


async def test_batteries_count_charging_as_negative_milliwatts(
    session: aiohttp.ClientSession, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to("2026-06-21T16:00:00Z")
    async with Simulator() as simulator:
        plant = simulator.plant
        assert plant is not None
        rows = (await fetch(simulator, session, "/ivp/ensemble/power"))["devices:"]
        power = plant.power(simulator.gateway.requests[-1].time)
        assert power.battery < -100
        total = sum(row["real_power_mw"] for row in rows)
        assert total == pytest.approx(power.battery * 1000, abs=2000)
        state = await fetch(simulator, session, "/ivp/ensemble/secctrl")
        assert state["agg_soc"] == rows[0]["soc"]
        assert state["Max_energy"] == 10_000


async def test_total_counts_the_charging_of_the_battery(
    session: aiohttp.ClientSession, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to("2026-06-21T16:00:00Z")
    async with Simulator() as simulator:
        answer = await fetch(simulator, session, "/production.json")
        total, net = answer["consumption"]
        production = answer["production"][1]
        assert total["wNow"] == pytest.approx(
            production["wNow"] + net["wNow"], abs=0.01
        )
        assert total["whLifetime"] == pytest.approx(
            production["whLifetime"] + net["whLifetime"], abs=0.01
        )
        assert (net["whToday"], net["whLastSevenDays"]) == (0, 0)
        assert 0 < production["whToday"] < production["whLastSevenDays"]


async def test_the_system_total_wraps_below_8_2(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator("unmetered") as simulator:
        right = (await fetch(simulator, session, "/api/v1/production"))[
            "wattHoursLifetime"
        ]
        wrapped = (await fetch(simulator, session, "/production.json"))["production"][0]
        wraps = (right - wrapped["whLifetime"]) / WRAP
        assert wraps > 1
        assert wraps == pytest.approx(round(wraps), abs=0.0001)


async def test_each_inverter_wraps_from_8_2_on(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        devices = await fetch(simulator, session, "/ivp/pdm/device_data")
        joules = [
            row["channels"][0]["lifetime"]["joulesProduced"]
            for row in devices.values()
            if isinstance(row, dict) and row["devName"] == "pcu"
        ]
        shown = (await fetch(simulator, session, "/production.json"))["production"][0]
        right = sum(joules) / 3600
        wraps = sum(value // 2**32 for value in joules)
        assert wraps > 0
        assert right - wraps * WRAP == pytest.approx(shown["whLifetime"], abs=5)


async def test_device_data_stops_at_fifty(session: aiohttp.ClientSession) -> None:
    async with Simulator("large") as simulator:
        devices = await fetch(simulator, session, "/ivp/pdm/device_data")
        rows = [row for row in devices.values() if isinstance(row, dict)]
        assert devices["deviceCount"] == devices["deviceDataLimit"] == len(rows) == 50
        inverters = await fetch(simulator, session, "/api/v1/production/inverters")
        assert len(inverters) == 80


async def test_a_removed_inverter_leaves_a_trace(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        units = simulator.inverters
        assert units is not None
        gone = units.units[2].serial
        units.remove(gone)
        rows = await fetch(simulator, session, "/api/v1/production/inverters")
        assert gone not in {row["serialNumber"] for row in rows}
        devices = await fetch(simulator, session, "/ivp/pdm/device_data")
        left = [row for row in devices.values() if isinstance(row, dict)]
        trace = next(row for row in left if row["sn"] == gone)
        assert trace["active"] is False
        assert trace["channels"][0]["lifetime"] == {}


async def test_today_starts_thirteen_minutes_late(
    session: aiohttp.ClientSession, freezer: FrozenDateTimeFactory
) -> None:
    async with Simulator("unmetered") as simulator:
        today = []
        for moment in ("22:10:00", "22:14:00"):
            freezer.move_to(f"2026-06-21T{moment}Z")
            answer = await fetch(simulator, session, "/api/v1/production")
            today.append(answer["wattHoursToday"])
        assert today[0] > 1000
        assert today[1] == 0
