"""AC Batteries on all five paths, day and night, added and removed."""

from __future__ import annotations

import aiohttp
import pytest

from simulator import SCENARIOS, Plant, Simulator
from simulator.acbatteries import ac_report
from simulator.equipment import Unit

from .equipment import Site

# New York, 21 June 2026: noon, 8 pm, and 3 am of the next day.
NOON = 1_782_057_600.0
EVENING = NOON + 8 * 3600
NIGHT = NOON + 15 * 3600

UNIT = Unit(kind="ac_battery", serial="121900000001", capacity=1240.0)


@pytest.fixture
def plant() -> Plant:
    return Plant(SCENARIOS["storage"])


@pytest.mark.parametrize(
    ("at", "state", "sign"),
    [(NOON, "charging", -1), (EVENING, "discharging", 1), (NIGHT, "idle", 0)],
)
def test_power_follows_the_day(plant: Plant, at: float, state: str, sign: int) -> None:
    report = ac_report(plant, UNIT, 0, at)
    assert report.state == state
    assert report.power == pytest.approx(sign * 187, abs=12 * abs(sign))


def test_a_report_is_the_energy_of_its_interval(plant: Plant) -> None:
    for at in (NOON, EVENING):
        now, before = (ac_report(plant, UNIT, 1, then) for then in (at, at - 900))
        assert now.at - before.at == 900
        assert now.lifetime_used - before.lifetime_used == now.joules_used
        assert now.lifetime_produced - before.lifetime_produced == now.joules_produced


def test_the_counters_never_fall_and_more_goes_in(plant: Plant) -> None:
    # Three days across the change to summer time.
    start = 1_772_859_600
    reports = [
        ac_report(plant, UNIT, 0, at) for at in range(start, start + 3 * 86_400, 1200)
    ]
    for counters in (
        [report.lifetime_used for report in reports],
        [report.lifetime_produced for report in reports],
    ):
        assert counters == sorted(counters)
        assert counters[-1] - counters[0] == pytest.approx(3 * 744 * 3600, rel=0.06)
    assert reports[-1].lifetime_used > reports[-1].lifetime_produced
    levels = {report.level for report in reports}
    assert (min(levels), max(levels)) == (20, 80)


def test_a_new_unit_begins_at_nothing(plant: Plant) -> None:
    new = Unit(kind="ac_battery", serial="1", capacity=1240.0, since=NOON)
    assert ac_report(plant, new, 0, NOON - 3600).lifetime_used == 0
    assert ac_report(plant, new, 0, NOON + 1800).lifetime_used > 0
    assert ac_report(plant, new, 0, NOON + 1800).lifetime_produced == 0


async def test_every_path_tells_of_them(session: aiohttp.ClientSession) -> None:
    async with Simulator("storage", clock=lambda: NOON) as simulator:
        site = Site(simulator, session)
        first, second = [unit.serial for unit in site.equipment.of("ac_battery")]

        rows = await site.ask("/api/v1/production/inverters")
        listed = [row for row in rows if row["devType"] == 11]
        assert [row["serialNumber"] for row in listed] == [first, second]
        # No sign, although they charge.
        assert all(row["lastReportWatts"] > 100 for row in listed)

        data = await site.data("acb")
        assert [row["sn"] for row in data] == [first, second]
        reading = data[0]["channels"][0]["lastReading"]
        assert reading["joulesUsed"] > 0 == reading["joulesProduced"]

        stock = (await site.stock())["ACB"]
        assert [row["charge_status"] for row in stock] == ["charging", "charging"]
        assert reading["SOC"] == stock[0]["percentFull"]

        (block,) = (await site.ask("/production.json"))["storage"]
        assert (block["activeCount"], block["state"]) == (2, "charging")
        watts = -2 * reading["joulesUsed"] / reading["duration"]
        assert block["wNow"] == pytest.approx(watts, abs=1)

        told = await site.ask("/ivp/ensemble/secctrl")
        assert told["Max_energy"] == 10_000 + 2480
        assert told["ACB_agg_energy"] == pytest.approx(block["whNow"], abs=1)
        assert told["ACB_agg_soc"] == block["percentFull"]
        both = told["ENC_agg_avail_energy"] + told["ACB_agg_energy"]
        assert told["agg_soc"] == both * 100 // told["Max_energy"]


async def test_they_come_and_go(session: aiohttp.ClientSession) -> None:
    async with Simulator("three_phase") as simulator:
        site = Site(simulator, session)
        assert await site.data("acb") == []
        unit = site.equipment.add("ac_battery")
        (row,) = await site.data("acb")
        assert (row["sn"], row["active"]) == (unit.serial, True)
        told = await site.ask("/ivp/ensemble/secctrl")
        assert told["Max_energy"] == 1240
        # Nothing for which IQ Batteries would be needed.
        assert (told["ENC_agg_soh"], told["configured_backup_soc"]) == (0, 0)
        assert await site.ask("/ivp/ensemble/inventory") == []

        site.equipment.remove(unit.serial)
        (gone,) = await site.data("acb")
        assert (gone["active"], gone["channels"][0]["lastReading"]) == (False, {})
        assert (await site.stock())["ACB"] == []
        (deleted,) = (await site.stock("?deleted=1"))["ACB"]
        assert deleted["admin_state"] == 3
        assert "communicating" not in deleted
        assert (await site.ask("/ivp/ensemble/secctrl"))["Max_energy"] == 0
        (block,) = (await site.ask("/production.json"))["storage"]
        assert (block["activeCount"], "percentFull" in block) == (0, False)

        site.equipment.add("ac_battery", serial=unit.serial)
        (back,) = await site.data("acb")
        assert (back["sn"], back["active"]) == (unit.serial, True)


async def test_they_count_among_the_fifty(session: aiohttp.ClientSession) -> None:
    async with Simulator("large") as simulator:
        site = Site(simulator, session)
        assert len(await site.data("pcu")) == 48
        site.equipment.add("ac_battery")
        site.equipment.add("relay")
        assert len(await site.data("pcu")) == 46
        assert (await site.ask("/ivp/pdm/device_data"))["deviceCount"] == 50
