"""`/stream/meter`: what its frames say, and how they are written."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
import json

import aiohttp
import pytest

from simulator import SCENARIOS, Simulator

from .helpers import Caller
from .streams import READINGS, listening, quick, total


@pytest.mark.parametrize("name", ["home", "three_phase", "large"])
async def test_form(session: aiohttp.ClientSession, name: str) -> None:
    metering = SCENARIOS[name].metering
    assert metering is not None
    async with quick(name) as simulator, listening(simulator, session) as stream:
        assert stream.response.headers["Content-Type"] == "text/event-stream"
        assert stream.response.headers["Server"] == "openresty/1.17.8.1"
        frame = (await stream.read_frames(1))[0]
    assert list(frame) == ["production", "net-consumption", "total-consumption"]
    for section in frame.values():
        assert list(section) == ["ph-a", "ph-b", "ph-c"]
        phases = list(section.values())
        for phase in phases:
            assert list(phase) == ["p", "q", "s", "v", "i", "pf", "f"]
            assert all(type(value) is float for value in phase.values())
        assert all(phase["v"] > 100 for phase in phases[: metering.phase_count])
        unused = phases[metering.phase_count :]
        assert all(set(phase.values()) == {0.0} for phase in unused)


@pytest.mark.parametrize("name", ["home", "three_phase", "large"])
async def test_each_frame_is_the_plant_at_its_own_time(
    session: aiohttp.ClientSession, name: str
) -> None:
    times: list[float] = []
    async with Simulator(name) as simulator:
        simulator.gateway.stream.interval = 0.1
        simulator.gateway.stream.on_frame = lambda at, _: times.append(at)
        async with listening(simulator, session) as stream:
            frames = await stream.read_frames(5)
        plant = simulator.plant
        assert plant is not None
        for at, frame in zip(times, frames, strict=False):
            power = plant.power(at)
            assert total(frame, "production") == pytest.approx(
                power.production, abs=0.01
            )
            # Plus is import.
            assert total(frame, "net-consumption") == pytest.approx(
                power.grid, abs=0.01
            )
            assert total(frame, "total-consumption") == pytest.approx(
                power.production + power.grid, abs=0.01
            )
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps == pytest.approx([0.1] * len(gaps), abs=0.04)


def test_the_sum_holds_on_every_phase() -> None:
    simulator = Simulator("three_phase")
    noon = 1_750_413_600.0
    frame = simulator.gateway.site.frame(noon)
    assert frame is not None
    for phase in ("ph-a", "ph-b", "ph-c"):
        parts = frame["production"][phase]["p"] + frame["net-consumption"][phase]["p"]
        assert frame["total-consumption"][phase]["p"] == pytest.approx(parts, abs=1e-9)
    assert frame["net-consumption"]["ph-a"]["p"] < 0
    assert frame["net-consumption"]["ph-a"]["s"] < 0


def test_at_night_nothing_is_minus_nothing() -> None:
    midnight = 1_750_370_400.0
    frame = Simulator("three_phase").gateway.site.frame(midnight)
    assert frame is not None
    assert str(frame["production"]["ph-a"]["p"]) == "-0.0"
    assert frame["production"]["ph-a"]["pf"] == 0.0


async def test_it_agrees_with_the_readings_of_the_same_second() -> None:
    simulator = Simulator("home")
    at = 1_750_413_600.0
    site = simulator.gateway.site
    frame, answer = (
        site.frame(at),
        site.answer(READINGS, "", serial=site.serial, now=at),
    )
    assert frame is not None
    assert answer is not None
    for row, name in zip(
        json.loads(answer.body), ("production", "net-consumption"), strict=False
    ):
        channels = [channel["activePower"] for channel in row["channels"]]
        assert [phase["p"] for phase in frame[name].values()] == channels


async def test_a_section_is_left_out(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator:
        simulator.gateway.stream.leave_out = frozenset({"production"})
        async with listening(simulator, session) as stream:
            frame = (await stream.read_frames(1))[0]
    assert list(frame) == ["net-consumption", "total-consumption"]


async def test_a_ct_that_is_switched_off_says_noise(
    session: aiohttp.ClientSession,
) -> None:
    metering = SCENARIOS["home"].metering
    assert metering is not None
    off = replace(metering, disabled=("production",))
    scenario = replace(SCENARIOS["home"], metering=off)
    async with quick(scenario) as simulator:
        meters = await Caller(simulator, session).get(
            "/ivp/meters", bearer=simulator.token()
        )
        assert [meter["state"] for meter in meters.json] == [
            "disabled",
            "enabled",
            "enabled",
        ]
        readings = await Caller(simulator, session).get(
            READINGS, bearer=simulator.token()
        )
        assert -3 < readings.json[0]["activePower"] < 0
        async with listening(simulator, session) as stream:
            frame = (await stream.read_frames(1))[0]
    assert -3 < total(frame, "production") < 0


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
async def test_lines_and_comments(
    session: aiohttp.ClientSession, line_end: str
) -> None:
    async with quick() as simulator:
        simulator.gateway.stream.line_end = line_end
        simulator.gateway.stream.comments = True
        async with listening(simulator, session) as stream:
            while stream.received.count(b": keep-alive") < 3:
                await stream.read()
    lines = stream.received.decode().split(line_end)
    assert [lines[1], lines[2], lines[3]] == ["", ": keep-alive", ""]
    assert len(stream.frames) >= 2
    assert ("\r" in stream.received.decode()) is (line_end == "\r\n")


async def test_any_bytes_can_be_said(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator, listening(simulator, session) as stream:
        await stream.read_frames(1)
        simulator.gateway.stream.say(b"<html></html>\r\n")
        count = len(stream.frames)
        await stream.read_frames(count + 2)
    assert b"\r\n<html></html>\r\n" in stream.received
    assert len(stream.frames) >= count + 2
