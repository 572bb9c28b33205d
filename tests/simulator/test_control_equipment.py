"""A person adds and removes equipment over http, while the demo runs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from simulator import Simulator
from simulator.control import Control

from .equipment import equipment_of
from .helpers import FOLDERS, needs_captures


@pytest.fixture
async def simulator(socket_enabled: None) -> AsyncIterator[Simulator]:
    async with Simulator("home") as simulator:
        yield simulator


@pytest.fixture
async def control(simulator: Simulator) -> AsyncIterator[str]:
    server = Control(simulator)
    await server.start()
    yield server.url
    await server.stop()


async def post(session: aiohttp.ClientSession, url: str, data: object) -> int:
    async with session.post(url, json=data) as answer:
        return answer.status


async def test_equipment_changes_over_http(
    session: aiohttp.ClientSession, simulator: Simulator, control: str
) -> None:
    equipment = equipment_of(simulator)
    new = {"kind": "battery", "serial": "492599999999"}
    assert await post(session, control + "/equipment/add", new) == 200
    assert await post(session, control + "/equipment/add", {"kind": "collar"}) == 200
    assert equipment["492599999999"].kind == "battery"
    assert len(equipment.of("collar")) == 1
    gone = {"serial": "492599999999"}
    assert await post(session, control + "/equipment/remove", gone) == 200
    assert len(equipment.of("battery")) == 2

    state = {"generator": True, "grid_state": "generator", "generator_command": "on"}
    assert await post(session, control + "/equipment", state) == 200
    assert equipment.grid_state == "generator"
    tariff = {"mode": "backup", "seasons": "none", "follows_schedule": True}
    assert await post(session, control + "/tariff", tariff) == 200
    assert (equipment.tariff.mode, equipment.tariff.seasons) == ("backup", "none")
    network = {"reaches_cloud": False, "primary": "wifi"}
    assert await post(session, control + "/network", network) == 200
    assert equipment.network.primary == "wifi"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/equipment", {"grid_state": "elsewhere"}),
        ("/equipment", {"grid_state": "generator"}),
        ("/equipment", {"generator_command": "maybe"}),
        ("/equipment/add", {"kind": "dishwasher"}),
        ("/equipment/add", ["battery"]),
        ("/equipment/add", {"kind": "controller", "serial": "482500100900"}),
        ("/equipment/remove", {"serial": "nobody"}),
        ("/tariff", {"seasons": "four"}),
        ("/network", {"primary": "pigeon"}),
    ],
)
async def test_impossible_equipment_is_refused(
    session: aiohttp.ClientSession,
    simulator: Simulator,
    control: str,
    path: str,
    data: object,
) -> None:
    equipment = equipment_of(simulator)
    before = [unit.serial for unit in equipment.units]
    assert await post(session, control + path, data) == 400
    assert [unit.serial for unit in equipment.units] == before
    assert await post(session, control + "/equipment/add", {"kind": "rgm"}) == 200


@needs_captures
async def test_a_recording_keeps_its_equipment(session: aiohttp.ClientSession) -> None:
    async with Simulator(capture=FOLDERS[0]) as simulator:
        assert simulator.equipment is None
        server = Control(simulator)
        await server.start()
        new = {"kind": "battery"}
        assert await post(session, server.url + "/equipment/add", new) == 400
        assert await post(session, server.url + "/tariff", {"mode": "backup"}) == 404
        await server.stop()
