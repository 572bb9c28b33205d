"""Batteries, controller, collar and combiner come and go while the gateway runs."""

from __future__ import annotations

import aiohttp
import pytest

from simulator import Simulator
from simulator.equipment import Kind

from .equipment import Site, equipment_of, serials


async def test_a_battery_comes_and_goes(session: aiohttp.ClientSession) -> None:
    async with Simulator("home") as simulator:
        site = Site(simulator, session)
        before = serials((await site.inventory())["ENCHARGE"])
        assert len(before) == 2

        added = site.equipment.add("battery", serial="492599999999")
        assert serials((await site.inventory())["ENCHARGE"]) == [*before, added.serial]
        power = await site.ask("/ivp/ensemble/power")
        assert serials(power["devices:"]) == [*before, added.serial]
        assert (await site.ask("/ivp/ensemble/secctrl"))["Max_energy"] == 15_000
        assert (await site.ask("/home"))["comm"]["encharge"][0]["num"] == 3

        site.equipment.remove(before[0])
        assert serials((await site.inventory())["ENCHARGE"]) == [
            before[1],
            added.serial,
        ]
        assert (await site.ask("/ivp/ensemble/secctrl"))["Max_energy"] == 10_000


async def test_the_batteries_that_are_there_share_the_power(
    session: aiohttp.ClientSession,
) -> None:
    # A summer's morning in Los Angeles: they charge.
    async with Simulator("home", clock=lambda: 1_782_057_600.0) as simulator:
        site = Site(simulator, session)
        two = (await site.ask("/ivp/ensemble/power"))["devices:"]
        assert two[0]["real_power_mw"] < -100_000
        site.equipment.remove(two[1]["serial_num"])
        (one,) = (await site.ask("/ivp/ensemble/power"))["devices:"]
        assert one["real_power_mw"] == pytest.approx(
            2 * two[0]["real_power_mw"], abs=1000
        )
        assert one["soc"] == two[0]["soc"]


async def test_without_batteries_the_controller_remains(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator("home") as simulator:
        site = Site(simulator, session)
        for unit in site.equipment.of("battery"):
            site.equipment.remove(unit.serial)
        found = await site.inventory()
        # A type may be listed without a device.
        assert found["ENCHARGE"] == []
        assert len(found["ENPOWER"]) == 1
        assert (await site.ask("/ivp/ensemble/power"))["devices:"] == []
        told = await site.ask("/ivp/ensemble/secctrl")
        nothing = ("Max_energy", "agg_soc", "ENC_agg_soh", "configured_backup_soc")
        assert [told[key] for key in nothing] == [0, 0, 0, 0]

        site.equipment.remove("482500100900")
        assert await site.ask("/ivp/ensemble/inventory") == []
        assert (await site.ask("/ivp/ensemble/relay"))["mains_oper_state"] == "unknown"


async def test_a_site_without_storage_gets_some(session: aiohttp.ClientSession) -> None:
    async with Simulator("three_phase") as simulator:
        site = Site(simulator, session)
        assert await site.ask("/ivp/ensemble/inventory") == []
        site.equipment.add("battery")
        site.equipment.add("controller")
        found = await site.inventory()
        assert [len(found[name]) for name in ("ENCHARGE", "ENPOWER")] == [1, 1]
        (power,) = (await site.ask("/ivp/ensemble/power"))["devices:"]
        assert (power["real_power_mw"], power["soc"]) == (0, 50)
        told = await site.ask("/ivp/ensemble/secctrl")
        assert (told["Max_energy"], told["ENC_agg_avail_energy"]) == (5000, 2500)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("controller", "ENPOWER"),
        ("collar", "COLLAR"),
        ("combiner", "C6 COMBINER CONTROLLER"),
        ("rgm", "C6 RGM"),
    ],
)
async def test_switches_and_combiners_come_and_go(
    session: aiohttp.ClientSession, kind: Kind, name: str
) -> None:
    async with Simulator("unmetered") as simulator:
        site = Site(simulator, session)
        unit = site.equipment.add(kind)
        assert serials((await site.inventory())[name]) == [unit.serial]
        site.equipment.remove(unit.serial)
        assert await site.ask("/ivp/ensemble/inventory") == []
        site.equipment.add(kind, serial=unit.serial)
        assert serials((await site.inventory())[name]) == [unit.serial]


async def test_a_unit_says_what_it_is_told_to(session: aiohttp.ClientSession) -> None:
    async with Simulator("home") as simulator:
        site = Site(simulator, session)
        battery = site.equipment.of("battery")[0]
        battery.communicating = False
        battery.says = {"temperature": -7, "dc_switch_off": True}
        row, other = (await site.inventory())["ENCHARGE"]
        assert (row["temperature"], row["dc_switch_off"]) == (-7, True)
        assert row["communicating"] is False
        assert other["communicating"] is True
        battery.says = {}
        assert (await site.inventory())["ENCHARGE"][0]["temperature"] > 0


async def test_the_storage_scenario_has_all_of_it(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator("storage") as simulator:
        site = Site(simulator, session)
        counts = {name: len(rows) for name, rows in (await site.inventory()).items()}
        assert counts == {
            "ENCHARGE": 2,
            "ENPOWER": 1,
            "COLLAR": 1,
            "C6 COMBINER CONTROLLER": 1,
            "C6 RGM": 1,
        }
        stock = {name: len(rows) for name, rows in (await site.stock()).items()}
        assert stock == {"PCU": 18, "ACB": 2, "NSRB": 1}
        heard = (await site.ask("/home"))["comm"]
        assert [heard[kind]["num"] for kind in ("acb", "nsrb", "esub")] == [2, 1, 1]


def test_what_is_not_possible_is_refused() -> None:
    equipment = equipment_of(Simulator("home"))
    taken = equipment.of("battery")[0].serial
    with pytest.raises(ValueError, match="installed already"):
        equipment.add("battery", serial=taken)
    with pytest.raises(KeyError):
        equipment.remove("nobody")
    equipment.remove(taken)
    with pytest.raises(KeyError):
        equipment.remove(taken)
    equipment.add("battery", serial=taken)
    assert equipment[taken].kind == "battery"
