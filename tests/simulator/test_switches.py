"""Grid state, generator, dry contacts, IQ relays, tariff, network and meter flags."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from simulator import Simulator
from simulator.equipment import GridState

from .equipment import Site, equipment_of


async def states(site: Site) -> tuple[Any, ...]:
    """Return what relay, controller, collar and generator say."""
    relay = await site.ask("/ivp/ensemble/relay")
    found = await site.inventory()
    (controller,), (collar,) = found["ENPOWER"], found["COLLAR"]
    generator = await site.ask("/ivp/ensemble/generator")
    return (
        relay["mains_oper_state"],
        relay["Enchg_grid_mode"],
        controller["mains_oper_state"],
        controller["Enpwr_grid_mode"],
        collar["mid_state"],
        collar["admin_state_str"],
        generator["oper_state"],
    )


ON = (
    *("closed", "multimode-ongrid", "closed", "multimode-ongrid"),
    *("close", "ENCMN_MDE_ON_GRID", "open"),
)
OFF = (
    *("open", "multimode-offgrid", "open", "multimode-offgrid"),
    *("open", "ENCMN_MDE_OFF_GRID", "open"),
)
BY_GENERATOR = (
    *("open", "multimode-generator", "open", "multimode-generator"),
    *("open", "ENCMN_MDE_OFF_GRID", "closed"),
)


@pytest.mark.parametrize(
    ("state", "expected"), [("off_grid", OFF), ("generator", BY_GENERATOR)]
)
async def test_the_grid_goes_and_returns(
    session: aiohttp.ClientSession, state: GridState, expected: tuple[str, ...]
) -> None:
    async with Simulator("storage") as simulator:
        site = Site(simulator, session)
        assert await states(site) == ON
        site.equipment.grid_state = state
        assert await states(site) == expected
        live = (await site.ask("/ivp/livedata/status"))["meters"]
        assert live["main_relay_state"] != 1
        site.equipment.grid_state = "on_grid"
        assert await states(site) == ON


async def test_a_generator_comes_and_goes(session: aiohttp.ClientSession) -> None:
    async with Simulator("home") as simulator:
        site = Site(simulator, session)
        assert await site.ask("/ivp/ss/gen_config") == {}
        await site.ask("/ivp/ss/gen_mode", status=404)
        with pytest.raises(ValueError, match="no generator"):
            site.equipment.grid_state = "generator"

        site.equipment.generator = True
        assert (await site.ask("/ivp/ss/gen_config"))["manufacturer"]
        assert (await site.ask("/ivp/ensemble/generator"))["admin_mode"] == 2
        site.equipment.generator_command = "off"
        assert (await site.ask("/ivp/ss/gen_mode"))["gen_cmd"] == "off"
        site.equipment.grid_state = "generator"

        site.equipment.generator = False
        relay = await site.ask("/ivp/ensemble/relay")
        assert relay["Enchg_grid_mode"] == "multimode-offgrid"
        assert await site.ask("/ivp/ss/gen_config") == {}
        assert (await site.ask("/ivp/ensemble/generator"))["present"] == 0


async def test_old_firmware_calls_a_generator_present(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator("unmetered") as simulator:
        site = Site(simulator, session)
        assert (await site.ask("/ivp/ensemble/generator"))["present"] == 1
        assert await site.ask("/ivp/ss/gen_config") == {}


async def test_dry_contacts_switch(session: aiohttp.ClientSession) -> None:
    async with Simulator("storage") as simulator:
        site = Site(simulator, session)
        settings = (await site.ask("/ivp/ss/dry_contact_settings"))["dry_contacts"]
        wired = {row["id"]: row["load_name"] for row in settings if row["load_name"]}
        assert wired == {"NC1": "Heat pump", "NO1": "Pool"}

        site.equipment.contacts["NC1"].closed = False
        site.equipment.contacts["NC2"].settings["type"] = "PV"
        rows = (await site.ask("/ivp/ensemble/dry_contacts"))["dry_contacts"]
        assert [row["status"] for row in rows] == ["open", "closed", "closed", "closed"]
        settings = (await site.ask("/ivp/ss/dry_contact_settings"))["dry_contacts"]
        assert [row["type"] for row in settings] == ["LOAD", "PV", "LOAD", "NONE"]

        # It answers without a controller, too.
        site.equipment.remove("482500600900")
        rows = (await site.ask("/ivp/ensemble/dry_contacts"))["dry_contacts"]
        assert {row["status"] for row in rows} == {"open"}


async def test_an_iq_relay_comes_and_goes(session: aiohttp.ClientSession) -> None:
    async with Simulator("large") as simulator:
        site = Site(simulator, session)
        relay = site.equipment.add("relay")
        (row,) = (await site.stock())["NSRB"]
        assert (row["serial_num"], row["relay"]) == (relay.serial, "closed")
        (data,) = await site.data("nsrb")
        assert data["channels"][0]["lastReading"]["temperature"] == 46
        relay.says = {"relay": "open", "reason_code": 3, "reason": "over voltage"}
        (row,) = (await site.stock())["NSRB"]
        assert (row["relay"], row["reason"]) == ("open", "over voltage")

        site.equipment.remove(relay.serial)
        assert (await site.stock())["NSRB"] == []
        assert len((await site.stock("?deleted=1"))["NSRB"]) == 1
        (data,) = await site.data("nsrb")
        assert (data["active"], data["channels"][0]["lastReading"]) == (False, {})


async def test_the_tariff_changes(session: aiohttp.ClientSession) -> None:
    async with Simulator("home") as simulator:
        site = Site(simulator, session)
        settings = site.equipment.tariff
        counts = {}
        for seasons in ("none", "one", "two"):
            settings.seasons = seasons
            told = (await site.ask("/admin/lib/tariff"))["tariff"]
            counts[seasons] = len(told["seasons"]), len(told["seasons_sell"])
        assert counts == {"none": (0, 0), "one": (1, 0), "two": (2, 1)}

        settings.mode, settings.follows_schedule = "economy", True
        settings.charges_from_grid = True
        site.equipment.configured_reserve, site.equipment.adjusted_reserve = 35, 40
        answer = await site.ask("/admin/lib/tariff")
        told = answer["tariff"]["storage_settings"]
        assert (told["mode"], told["reserved_soc"]) == ("economy", 35)
        assert (told["opt_schedules"], told["charge_from_grid"]) == (True, True)
        assert answer["schedule"]["battery_mode"] == "economy"
        limits = await site.ask("/ivp/ensemble/secctrl")
        assert limits["configured_backup_soc"] == 35
        assert limits["adjusted_backup_soc"] == 40
        assert limits["ENC_agg_backup_energy"] == 4000


async def test_the_network_changes(session: aiohttp.ClientSession) -> None:
    async with Simulator("home") as simulator:
        site = Site(simulator, session)
        carriers = {}
        for medium in ("ethernet", "wifi", "cellular"):
            site.equipment.network.primary = medium
            network = (await site.ask("/home"))["network"]
            carriers[network["primary_interface"]] = [
                row["interface"] for row in network["interfaces"] if row["carrier"]
            ]
        assert carriers == {"eth0": ["eth0"], "wlan0": ["wlan0"], "ppp0": ["ppp0"]}
        site.equipment.network.reaches_cloud = False
        assert (await site.ask("/home"))["network"]["web_comm"] is False


async def test_meters_complain(session: aiohttp.ClientSession) -> None:
    async with Simulator("home") as simulator:
        site = Site(simulator, session)
        equipment = site.equipment
        equipment.status_flags["production"] = ("negative-production",)
        equipment.metering_status["net-consumption"] = "check-wiring"
        told = [
            (row["meteringStatus"], row["statusFlags"])
            for row in await site.ask("/ivp/meters")
        ]
        assert told == [
            ("normal", ["negative-production"]),
            ("check-wiring", []),
            ("normal", []),
        ]
        equipment.status_flags.clear()
        equipment.metering_status.clear()
        rows = await site.ask("/ivp/meters")
        assert {row["meteringStatus"] for row in rows} == {"normal"}


def test_an_invented_grid_state_is_refused() -> None:
    equipment = equipment_of(Simulator("home"))
    with pytest.raises(ValueError, match="on_grid"):
        equipment.grid_state = "elsewhere"  # type: ignore[assignment] # on purpose
    assert equipment.grid_state == "on_grid"
