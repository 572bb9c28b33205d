"""`/ivp/livedata/status`: its form, its switch, and how it stands still."""

from __future__ import annotations

from dataclasses import replace
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from simulator import SCENARIOS, Fault, Simulator
from simulator.control import Control

from .helpers import CAPTURES, Caller, needs_captures

STATUS = "/ivp/livedata/status"
SWITCH = "/ivp/livedata/stream"
SOURCES = ("pv", "storage", "grid", "load", "generator")
START = 1_750_455_000.0


class Clock:
    """A clock that stands until it is moved; it starts in the morning."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


class Live:
    """Asks one simulator for its live data."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self.caller = Caller(simulator, session)
        self._session = session

    async def status(self) -> Any:
        answer = await self.caller.get(STATUS, bearer=self.simulator.token())
        assert answer.status == 200
        return answer.json

    async def post(self, body: bytes = b'{"enable": 1}') -> tuple[int, bytes]:
        async with self._session.post(
            self.simulator.gateway.url + SWITCH,
            headers={"Authorization": f"Bearer {self.simulator.token()}"},
            data=body,
            ssl=False,
        ) as answer:
            return answer.status, await answer.read()

    async def switch_on(self) -> None:
        status, body = await self.post()
        assert (status, json.loads(body)) == (200, {"sc_stream": "enabled"})


@pytest.mark.parametrize("name", ["home", "three_phase", "large"])
async def test_form(session: aiohttp.ClientSession, name: str) -> None:
    metering = SCENARIOS[name].metering
    assert metering is not None
    async with Simulator(name) as simulator:
        status = await Live(simulator, session).status()
    assert status.keys() >= {"connection", "meters", "tasks", "counters"}
    assert status["connection"].keys() == {
        "mqtt_state",
        "prov_state",
        "auth_state",
        "sc_stream",
        "sc_debug",
    }
    meters = status["meters"]
    assert meters["phase_count"] == metering.phase_count
    assert meters["is_split_phase"] == (metering.phase_mode == "split")
    for source in SOURCES:
        by_phase = [meters[source][f"agg_p_ph_{letter}_mw"] for letter in "abc"]
        assert all(type(value) is int for value in by_phase)
        assert meters[source]["agg_p_mw"] == sum(by_phase)
        assert by_phase[metering.phase_count :] == [0] * (3 - metering.phase_count)


@pytest.mark.parametrize("hours", [0, 5, 12, 20])
async def test_milliwatts_of_the_plant(
    session: aiohttp.ClientSession, hours: int
) -> None:
    clock = Clock()
    clock.now += 3600 * hours
    async with Simulator(clock=clock) as simulator:
        live = Live(simulator, session)
        await live.switch_on()
        meters = (await live.status())["meters"]
        assert simulator.plant is not None
        power = simulator.plant.power(clock.now)
    milliwatts = {source: meters[source]["agg_p_mw"] for source in SOURCES}
    assert milliwatts["pv"] == pytest.approx(1000 * power.production, abs=3)
    # Plus is import, and plus is discharge.
    assert milliwatts["grid"] == pytest.approx(1000 * power.grid, abs=3)
    assert milliwatts["storage"] == pytest.approx(1000 * power.battery, abs=3)
    assert milliwatts["load"] == pytest.approx(1000 * power.consumption, abs=9)
    assert (
        milliwatts["load"]
        == milliwatts["pv"] + milliwatts["grid"] + milliwatts["storage"]
    )
    assert meters["soc"] == meters["enc_agg_soc"] == round(100 * (power.soc or 0))
    assert meters["last_update"] == int(clock.now)


async def test_frozen_until_it_is_switched_on(session: aiohttp.ClientSession) -> None:
    clock = Clock()
    async with Simulator(clock=clock) as simulator:
        live = Live(simulator, session)
        first = await live.status()
        assert first["connection"]["sc_stream"] == "disabled"
        assert first["info"]
        clock.now += 100
        assert await live.status() == first
        await live.switch_on()
        clock.now += 3
        second = await live.status()
        assert second["connection"]["sc_stream"] == "enabled"
        assert "info" not in second
        assert second["meters"]["last_update"] == START + 103
        assert second["meters"]["pv"] != first["meters"]["pv"]


async def test_it_is_switched_off_after_a_quarter_of_an_hour(
    session: aiohttp.ClientSession,
) -> None:
    clock = Clock()
    async with Simulator(clock=clock) as simulator:
        live = Live(simulator, session)
        await live.switch_on()
        clock.now += 600
        await live.switch_on()
        clock.now += 899
        assert (await live.status())["connection"]["sc_stream"] == "enabled"
        clock.now += 60
        last = await live.status()
        assert last["connection"]["sc_stream"] == "disabled"
        assert last["meters"]["last_update"] == START + 1500
        clock.now += 60
        assert await live.status() == last
        await live.switch_on()
        assert (await live.status())["meters"]["last_update"] == START + 1619
        assert simulator.gateway.livedata.posts == 3


async def test_it_may_last(session: aiohttp.ClientSession) -> None:
    clock = Clock()
    async with Simulator(clock=clock) as simulator:
        simulator.gateway.livedata.lasts = None
        live = Live(simulator, session)
        await live.switch_on()
        clock.now += 1e6
        assert (await live.status())["meters"]["last_update"] == START + 1e6
        status, body = await live.post(b'{"enable": 0}')
        assert (status, json.loads(body)) == (200, {"sc_stream": "disabled"})
        assert not simulator.gateway.livedata.enabled


async def test_some_move_while_it_is_off(session: aiohttp.ClientSession) -> None:
    clock = Clock()
    async with Simulator(clock=clock) as simulator:
        simulator.gateway.livedata.moves_when_disabled = True
        live = Live(simulator, session)
        seen = []
        for _ in range(12):
            clock.now += 1
            seen.append((await live.status())["meters"]["last_update"] - START)
        assert seen == [0] * 4 + [5] * 5 + [10] * 3
        assert (await live.status())["connection"]["sc_stream"] == "disabled"


async def test_some_stand_still_while_it_is_on(session: aiohttp.ClientSession) -> None:
    clock = Clock()
    async with Simulator(clock=clock) as simulator:
        live, livedata = Live(simulator, session), simulator.gateway.livedata
        await live.switch_on()
        clock.now += 10
        livedata.is_frozen = True
        clock.now += 10
        status = await live.status()
        assert status["connection"]["sc_stream"] == "enabled"
        assert status["meters"]["last_update"] == START + 10
        livedata.is_frozen = False
        assert (await live.status())["meters"]["last_update"] == START + 20
        assert not livedata.is_frozen


@pytest.mark.parametrize("refusal", [400, 401, 403, 500])
async def test_the_switch_is_refused(
    session: aiohttp.ClientSession, refusal: int
) -> None:
    async with Simulator() as simulator:
        live = Live(simulator, session)
        simulator.gateway.livedata.refuse_enable = refusal
        status, body = await live.post()
        assert status == refusal
        assert body.startswith(b"<html>")
        assert (await live.status())["connection"]["sc_stream"] == "disabled"
        simulator.gateway.livedata.refuse_enable = None
        await live.switch_on()
        assert simulator.gateway.livedata.posts == 2


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"nonsense", b"3"])
async def test_a_bad_request(session: aiohttp.ClientSession, body: bytes) -> None:
    async with Simulator() as simulator:
        live = Live(simulator, session)
        assert (await live.post(body))[0] == 400
        assert not simulator.gateway.livedata.enabled
        await live.switch_on()


async def test_the_same_door_as_everywhere(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        live = Live(simulator, session)
        assert (await live.caller.get(STATUS)).status == 401
        assert (await live.caller.ask("POST", SWITCH)).status == 401
        assert simulator.gateway.livedata.posts == 0
        refused = await live.caller.get(SWITCH, bearer=simulator.token())
        assert refused.status == 404
        simulator.gateway.faults.add(Fault.error(SWITCH, 502, times=1))
        assert (await live.post())[0] == 502
        await live.switch_on()


async def test_a_restart_switches_it_off(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        live = Live(simulator, session)
        await live.switch_on()
        await simulator.gateway.go_away()
        await simulator.gateway.come_back()
        assert (await live.status())["connection"]["sc_stream"] == "disabled"
        await live.switch_on()


async def test_totals_only(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        simulator.gateway.livedata.by_phase = False
        status = await Live(simulator, session).status()
    for source in SOURCES:
        assert status["meters"][source].keys() == {"agg_p_mw", "agg_s_mva"}
    assert status["meters"]["soc"] >= 0


async def test_zeros_without_meters(session: aiohttp.ClientSession) -> None:
    clock = Clock()
    async with Simulator("unmetered", clock=clock) as simulator:
        live = Live(simulator, session)
        await live.switch_on()
        first = await live.status()
        clock.now += 30
        assert await live.status() == first
    assert first["meters"]["last_update"] == 0
    assert not any(first["meters"][source]["agg_p_mw"] for source in SOURCES)


async def test_firmware_5_has_none(session: aiohttp.ClientSession) -> None:
    async with Simulator("legacy") as simulator:
        caller = Caller(simulator, session)
        assert (await caller.get(STATUS)).status == 404
        assert (await caller.ask("POST", SWITCH)).status == 405


async def test_owners_may_where_the_stream_is_closed_to_them(
    session: aiohttp.ClientSession,
) -> None:
    scenario = replace(SCENARIOS["home"], firmware="D7.6.175")
    async with Simulator(scenario) as simulator:
        live = Live(simulator, session)
        refused = await live.caller.get("/stream/meter", bearer=simulator.token())
        assert refused.status == 401
        await live.switch_on()
        assert (await live.status())["connection"]["sc_stream"] == "enabled"


async def test_it_is_switched_over_http(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        livedata, control = simulator.gateway.livedata, Control(simulator)
        await control.start()

        async def post(data: object) -> int:
            async with session.post(control.url + "/livedata", json=data) as answer:
                return answer.status

        assert await post({"refuse_enable": 401, "moves_when_disabled": True}) == 200
        assert (livedata.refuse_enable, livedata.moves_when_disabled) == (401, True)
        assert await post({"refuse_enable": "often"}) == 400
        assert await post({"refuse_enable": None, "enabled": True}) == 200
        assert (livedata.refuse_enable, livedata.enabled) == (None, True)
        await control.stop()


def recording(tmp_path: Path, body: str) -> Path:
    """Write a recording that holds live data."""
    (tmp_path / "status").write_text(body)
    index = {
        "firmware": "D8.2.4264",
        "serial": "122412345603",
        "responses": {STATUS: {"status": 200, "file": "status"}},
    }
    (tmp_path / "index.json").write_text(json.dumps(index))
    return tmp_path


async def test_a_recording_stands_still(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    recorded = {"connection": {"sc_stream": "disabled"}, "meters": {"last_update": 17}}
    folder = recording(tmp_path, json.dumps(recorded))
    async with Simulator(capture=folder) as simulator:
        live = Live(simulator, session)
        assert await live.status() == recorded
        await live.switch_on()
        assert await live.status() == {
            "connection": {"sc_stream": "enabled"},
            "meters": {"last_update": 17},
        }


@pytest.mark.parametrize("body", ["", "[]", '{"connection": {}}', "<html></html>"])
async def test_a_recorded_answer_of_another_form(
    session: aiohttp.ClientSession, tmp_path: Path, body: str
) -> None:
    async with Simulator(capture=recording(tmp_path, body)) as simulator:
        live = Live(simulator, session)
        await live.switch_on()
        answer = await live.caller.get(STATUS, bearer=simulator.token())
        assert answer.body == body.encode()


@needs_captures
async def test_a_recording_without_it(session: aiohttp.ClientSession) -> None:
    folder = CAPTURES / "8.3.5169_with_generator"
    async with Simulator(capture=folder) as simulator:
        answer = await Caller(simulator, session).get(STATUS, bearer=simulator.token())
        assert answer.status == 404
