"""`/stream/meter`: its form, its door, its moods, and what it leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
import json
from typing import Any

import aiohttp
import pytest

from simulator import SCENARIOS, Fault, Gateway, Scenario, Simulator
from simulator.control import Control
from simulator.delivery import Delivery, deliveries
from tests.time_travel import TimeTravel

from .helpers import CAPTURES, Caller, needs_captures

STREAM = "/stream/meter"
READINGS = "/ivp/meters/readings"
QUICK = 0.01
PATIENCE = 10.0

OWNER_REFUSED = replace(SCENARIOS["home"], firmware="D8.2.4264")


@dataclass(kw_only=True)
class Listener:
    """One open stream, as a plain client reads it."""

    response: aiohttp.ClientResponse
    received: bytearray = field(default_factory=bytearray)
    chunks: list[bytes] = field(default_factory=list)

    @property
    def frames(self) -> list[Any]:
        whole = bytes(self.received).split(b"\n")[:-1]
        return [json.loads(line[6:]) for line in whole if line.startswith(b"data: ")]

    async def read(self) -> bytes:
        """Return what comes next; b"" at a proper end."""
        async with asyncio.timeout(PATIENCE):
            chunk = await self.response.content.readany()
        self.received += chunk
        self.chunks.append(chunk)
        return chunk

    async def read_frames(self, count: int) -> list[Any]:
        """Read until so many whole frames have come."""
        while bytes(self.received).count(b"\n\r\n") < count:
            assert await self.read()
        return self.frames

    async def read_to_the_end(self) -> list[Any]:
        while await self.read():
            pass
        return self.frames


@asynccontextmanager
async def listening(
    simulator: Simulator, session: aiohttp.ClientSession, *, cookie: str | None = None
) -> AsyncIterator[Listener]:
    bearer = {"Authorization": f"Bearer {simulator.token()}"}
    async with session.get(
        simulator.gateway.url + STREAM,
        headers={"Cookie": cookie} if cookie else bearer,
        ssl=False,
        timeout=aiohttp.ClientTimeout(),
    ) as response:
        assert response.status == 200
        yield Listener(response=response)


async def nothing() -> None:
    """Do nothing."""


async def listen_to_the_end(
    simulator: Simulator,
    session: aiohttp.ClientSession,
    act: Callable[[], Awaitable[None]] = nothing,
) -> None:
    """Read a frame, do something, and read on."""
    async with listening(simulator, session) as stream:
        await stream.read_frames(1)
        await act()
        await stream.read_to_the_end()


@asynccontextmanager
async def quick(scenario: Scenario | str = "home") -> AsyncIterator[Simulator]:
    """A simulator that streams a hundred frames a second."""
    async with Simulator(scenario) as simulator:
        simulator.gateway.stream.interval = QUICK
        yield simulator


async def until(condition: Callable[[], bool]) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while not condition():
        assert loop.time() < deadline, "waited in vain"
        await asyncio.sleep(0.002)


# The form


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


def total(frame: Any, section: str) -> float:
    return float(sum(phase["p"] for phase in frame[section].values()))


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


# The door


async def test_cookie_or_bearer(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator:
        caller = Caller(simulator, session)
        assert (await caller.get(STREAM)).status == 401
        await caller.log_in()
        async with listening(simulator, session, cookie=caller.cookie) as stream:
            assert await stream.read_frames(1)
        async with listening(simulator, session) as stream:
            assert "sessionId" in stream.response.headers["Set-Cookie"]
            assert await stream.read_frames(1)
        assert (await caller.ask("POST", STREAM)).status == 405


@pytest.mark.parametrize("status", [401, 403])
async def test_a_role_that_is_too_low(
    session: aiohttp.ClientSession, status: int
) -> None:
    async with quick(OWNER_REFUSED) as simulator:
        caller = Caller(simulator, session)
        simulator.gateway.forbidden_status = status
        await caller.log_in()
        refused = await caller.get(STREAM)
        assert refused.status == status
        assert refused.headers["Content-Type"] == "text/html"
        assert (await caller.get(READINGS)).status == 200
        await caller.log_in(role="installer")
        async with listening(simulator, session, cookie=caller.cookie) as stream:
            assert await stream.read_frames(1)


@pytest.mark.parametrize("name", ["unmetered", "legacy"])
async def test_without_meters_there_is_no_stream(
    session: aiohttp.ClientSession, name: str
) -> None:
    async with quick(name) as simulator:
        answer = await Caller(simulator, session).get(
            STREAM, bearer=simulator.token(role="installer")
        )
        assert (answer.status, answer.json) == (404, {"error": "404 - Not Found"})


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.error(STREAM, 401, times=1), 401),
        (Fault.error(STREAM, 503, times=1), 503),
        (Fault.html(STREAM, times=1), 200),
        (Fault.empty(STREAM, times=1), 200),
    ],
)
async def test_faults_instead_of_a_stream(
    session: aiohttp.ClientSession, fault: Fault, status: int
) -> None:
    async with quick() as simulator:
        simulator.gateway.faults.add(fault)
        answer = await Caller(simulator, session).get(STREAM, bearer=simulator.token())
        assert answer.status == status
        assert b"data:" not in answer.body
        async with listening(simulator, session) as stream:
            assert await stream.read_frames(1)


async def test_a_slow_beginning(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator:
        loop = asyncio.get_running_loop()
        simulator.gateway.faults.add(Fault.slow(STREAM, 0.3, times=1))
        start = loop.time()
        async with listening(simulator, session) as stream:
            assert await stream.read_frames(1)
        assert loop.time() - start > 0.29


@pytest.mark.parametrize("keep_bytes", [None, 1, 5000])
async def test_truncated(
    session: aiohttp.ClientSession, keep_bytes: int | None
) -> None:
    async with quick() as simulator:
        simulator.gateway.faults.add(
            Fault.truncated(STREAM, keep_bytes=keep_bytes, times=1)
        )
        async with listening(simulator, session) as stream:
            while await stream.read():
                pass
        assert len(stream.received) == (keep_bytes or 2000)
        async with listening(simulator, session) as stream:
            assert await stream.read_frames(1)


@pytest.mark.parametrize("keep_bytes", [None, 1000])
async def test_reset_by_a_fault(
    session: aiohttp.ClientSession, keep_bytes: int | None
) -> None:
    async with quick() as simulator:
        # For longer than once: aiohttp asks again where nothing was answered.
        simulator.gateway.faults.add(Fault.reset(STREAM, keep_bytes=keep_bytes))
        with pytest.raises(aiohttp.ClientError):
            await listen_to_the_end(simulator, session)
        simulator.gateway.faults.clear()
        async with listening(simulator, session) as stream:
            assert await stream.read_frames(1)


# The rhythm


def plan(count: int, *, seed: str = "1", interval: float = 1.0) -> list[Delivery]:
    made = deliveries("bursts", seed=seed, interval=interval)
    return list(islice(made, count))


@pytest.mark.parametrize("seed", ["1", "2", "3", "4", "5"])
def test_bursts_lose_nothing_and_keep_the_order(seed: str) -> None:
    made = plan(1800, seed=seed)
    assert [item.measured for item in made] == [float(n) for n in range(1800)]
    assert all(item.sent >= item.measured for item in made)
    assert all(one.sent <= other.sent for one, other in pairwise(made))
    assert made[-1].sent - made[-1].measured < 16


@pytest.mark.parametrize("seed", ["1", "2", "3", "4", "5"])
def test_bursts_have_six_silences_in_three_minutes(seed: str) -> None:
    sent = [item.sent for item in plan(181, seed=seed)]
    silences = [other - one for one, other in pairwise(sent) if other - one > 2.0]
    assert 5 <= len(silences) <= 6
    assert all(3.0 <= silence <= 14.0 for silence in silences)


def test_a_burst_has_at_most_eight_frames_within_30_ms() -> None:
    sent = [item.sent for item in plan(18_000)]
    sizes = [1]
    for one, other in pairwise(sent):
        near = other - one < 0.02
        sizes[-1] += near
        sizes += [1] * (not near)
    assert max(sizes) == 8
    fastest = min(other - one for one, other in zip(sent, sent[7:], strict=False))
    assert 0.02 < fastest <= 0.03


def test_bursts_are_repeatable() -> None:
    assert plan(500) == plan(500)
    assert plan(500, seed="2") != plan(500)
    assert plan(500, interval=0.5)[400].sent == plan(500)[400].sent / 2


async def test_bursts_over_the_wire(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator:
        simulator.gateway.stream.pattern = "bursts"
        async with listening(simulator, session) as stream:
            await stream.read_frames(100)
    assert max(chunk.count(b"data:") for chunk in stream.chunks) > 1
    assert len(stream.chunks) < 100


async def test_a_full_buffer_at_once(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator:
        simulator.gateway.stream.pattern = "buffered"
        async with listening(simulator, session) as stream:
            while len(stream.received) < 3 * 16_384:
                await stream.read()
    assert len(stream.received) == 3 * 16_384
    assert 3 * 20 < len(stream.frames) < 3 * 24
    # It is full in the middle of a frame.
    assert not stream.received.endswith(b"\n")


async def test_cut_anywhere_nothing_is_lost(session: aiohttp.ClientSession) -> None:
    sent: list[Any] = []
    async with quick() as simulator:
        simulator.gateway.stream.interval = 0.001
        simulator.gateway.stream.cut_randomly(7)
        simulator.gateway.stream.on_frame = lambda _, frame: sent.append(frame)
        async with listening(simulator, session) as stream:
            frames = await stream.read_frames(50)
        assert frames == sent[: len(frames)]
        assert len(stream.chunks) > 2 * len(frames)
        assert min(len(chunk) for chunk in stream.chunks) < 10


async def test_a_jump_in_time_is_a_burst_of_every_second(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[float] = []
    async with Simulator() as simulator:
        travel = TimeTravel(asyncio.get_running_loop(), monkeypatch)
        travel.is_quiet = lambda: simulator.gateway.requests.is_idle
        simulator.gateway.stream.on_frame = lambda at, _: times.append(at)
        async with listening(simulator, session) as stream:
            await stream.read_frames(1)
            await travel(60.0, step=20.0)
            await stream.read_frames(61)
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert gaps == pytest.approx([1.0] * len(gaps), abs=0.05)
        assert 61 <= len(times) <= 63


async def test_sending_is_work_and_waiting_is_not(
    session: aiohttp.ClientSession,
) -> None:
    """Simulated time jumps only while nothing is under way."""
    idle: list[bool] = []
    async with quick() as simulator:
        log = simulator.gateway.requests
        simulator.gateway.stream.on_frame = lambda *_: idle.append(log.is_idle)
        async with listening(simulator, session) as stream:
            await stream.read_frames(5)
            await until(lambda: log.is_idle)
    assert len(idle) >= 5
    assert not any(idle)


# The moods


async def test_stalled(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator, listening(simulator, session) as stream:
        await stream.read_frames(2)
        server = simulator.gateway.stream
        server.stalled = True
        sent = server.frames_sent
        await asyncio.sleep(0.1)
        assert (server.open_streams, server.frames_sent) == (1, sent)
        server.stalled = False
        await stream.read_frames(sent + 2)


async def abort(gateway: Gateway) -> None:
    gateway.stream.reset()


async def drop(gateway: Gateway) -> None:
    gateway.drop_connections()


async def boot(gateway: Gateway) -> None:
    gateway.booting = True


async def be_ready(gateway: Gateway) -> None:
    gateway.booting = False


async def wait(gateway: Gateway) -> None:
    await until(lambda: gateway.stream.open_streams == 0)


@pytest.mark.parametrize(
    ("act", "recover"),
    [
        (abort, wait),
        (drop, wait),
        (boot, be_ready),
        (Gateway.go_away, Gateway.come_back),
    ],
)
async def test_cut_off_and_another_stream(
    session: aiohttp.ClientSession,
    act: Callable[[Gateway], Awaitable[None]],
    recover: Callable[[Gateway], Awaitable[None]],
) -> None:
    async with quick() as simulator:
        gateway = simulator.gateway
        with pytest.raises(aiohttp.ClientError):
            await listen_to_the_end(simulator, session, lambda: act(gateway))
        await recover(gateway)
        async with listening(simulator, session) as stream:
            assert await stream.read_frames(1)
        assert (gateway.stream.connects, gateway.stream.most_streams) == (2, 1)


async def test_no_stream_while_it_boots(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator:
        simulator.gateway.booting = True
        answer = await Caller(simulator, session).get(STREAM, bearer=simulator.token())
        assert answer.status == 503
        simulator.gateway.booting = False
        async with listening(simulator, session) as stream:
            assert await stream.read_frames(1)


async def test_a_proper_end(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator, listening(simulator, session) as stream:
        await stream.read_frames(1)
        simulator.gateway.stream.end()
        assert await stream.read_to_the_end()
        await until(lambda: simulator.gateway.stream.open_streams == 0)


async def test_the_end_with_a_401(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator:
        caller = Caller(simulator, session)
        await caller.log_in()
        async with listening(simulator, session, cookie=caller.cookie) as stream:
            await stream.read_frames(1)
            simulator.gateway.stream.end_with_401()
            await stream.read_to_the_end()
        assert (await caller.get(STREAM)).status == 401
        async with listening(simulator, session, cookie=caller.cookie) as stream:
            assert await stream.read_frames(1)


async def test_an_open_stream_outlives_its_session(
    session: aiohttp.ClientSession,
) -> None:
    async with quick() as simulator:
        caller = Caller(simulator, session)
        await caller.log_in()
        async with listening(simulator, session, cookie=caller.cookie) as stream:
            count = len(await stream.read_frames(1))
            simulator.gateway.forget_sessions()
            await stream.read_frames(count + 5)
            assert (await caller.get(STREAM)).status == 401


async def test_it_may_end_with_the_session(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator:
        caller = Caller(simulator, session)
        simulator.gateway.stream.end_on_session_end = True
        await caller.log_in()
        async with listening(simulator, session, cookie=caller.cookie) as stream:
            await stream.read_frames(1)
            simulator.gateway.revoke_tokens()
            await stream.read_to_the_end()
        assert (await caller.get(STREAM)).status == 401
        await caller.log_in()
        async with listening(simulator, session, cookie=caller.cookie) as stream:
            assert await stream.read_frames(1)


async def test_moods_are_switched_over_http(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator:
        server, control = simulator.gateway.stream, Control(simulator)
        await control.start()

        async def post(path: str, data: object = None) -> int:
            async with session.post(control.url + path, json=data) as answer:
                return answer.status

        assert await post("/stream", {"pattern": "bursts", "comments": True}) == 200
        assert (server.pattern, server.comments) == ("bursts", True)
        assert await post("/stream", {"pattern": "waves"}) == 400
        assert await post("/stream", {"stalled": True, "colour": "red"}) == 400
        assert (server.pattern, server.stalled) == ("bursts", False)
        async with listening(simulator, session) as stream:
            await stream.read_frames(1)
            assert await post("/stream/end-with-401") == 200
            await stream.read_to_the_end()
        assert (await Caller(simulator, session).get(STREAM)).status == 401
        async with listening(simulator, session) as stream:
            assert await post("/stream/end") == 200
            await stream.read_to_the_end()
        async with listening(simulator, session):
            assert await post("/stream/reset") == 200
            await until(lambda: server.open_streams == 0)
        await control.stop()


# What it leaves behind


async def test_stop_leaves_nothing_behind(session: aiohttp.ClientSession) -> None:
    before = asyncio.all_tasks()
    simulator = Simulator()
    await simulator.start()
    with pytest.raises(aiohttp.ClientError):
        await listen_to_the_end(simulator, session, simulator.stop)
    assert simulator.gateway.stream.open_streams == 0
    await until(lambda: asyncio.all_tasks() == before)


async def test_a_client_that_leaves(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator:
        server = simulator.gateway.stream
        async with listening(simulator, session), listening(simulator, session):
            await until(lambda: server.open_streams == 2)
        await until(lambda: server.open_streams == 0)
        assert server.most_streams == 2
        sent = server.frames_sent
        await asyncio.sleep(0.05)
        assert server.frames_sent == sent


async def test_an_open_stream_is_no_work(session: aiohttp.ClientSession) -> None:
    async with quick() as simulator:
        log = simulator.gateway.requests
        async with listening(simulator, session) as stream:
            await stream.read_frames(1)
            await until(lambda: log.is_idle)
            assert log[-1].is_open
            assert (log[-1].family, log[-1].status) == ("stream", 200)
            await Caller(simulator, session).get(READINGS, bearer=simulator.token())
            assert log.max_in_flight == {"stream": 1, "native": 1}
        await until(lambda: not log[0].is_open)
        await until(lambda: log.is_idle)
        assert not log[0].abandoned
        log.clear()
        assert log.max_in_flight["stream"] == 0


# Recordings


@needs_captures
@pytest.mark.parametrize(
    ("folder", "phases"),
    [
        ("8.3.5169_ACB_inventory", 1),
        ("8.3.5169_with_generator", 2),
        ("8.3.5167_3rd-pv", 3),
    ],
)
async def test_a_recording_streams_its_readings(
    session: aiohttp.ClientSession, folder: str, phases: int
) -> None:
    async with Simulator(capture=CAPTURES / folder) as simulator:
        simulator.gateway.stream.interval = QUICK
        readings = await Caller(simulator, session).get(
            READINGS, bearer=simulator.token()
        )
        async with listening(simulator, session) as stream:
            frames = await stream.read_frames(2)
    assert frames[0] == frames[1]
    for row, name in zip(
        readings.json, ("production", "net-consumption"), strict=False
    ):
        recorded = [channel["activePower"] for channel in row["channels"]][:phases]
        section = list(frames[0][name].values())
        assert [phase["p"] for phase in section[:phases]] == recorded
        assert all(not any(phase.values()) for phase in section[phases:])


@needs_captures
async def test_a_recording_leaves_out_a_ct_that_is_off(
    session: aiohttp.ClientSession,
) -> None:
    folder = CAPTURES / "8.3.5289_modGone"
    async with (
        Simulator(capture=folder) as simulator,
        listening(simulator, session) as stream,
    ):
        frame = (await stream.read_frames(1))[0]
    assert list(frame) == ["production"]


@needs_captures
@pytest.mark.parametrize(
    "folder", ["7.3.466_metered_disabled_cts", "7.6.114_without_cts", "5.0.49"]
)
async def test_a_recording_without_meters_has_no_stream(
    session: aiohttp.ClientSession, folder: str
) -> None:
    async with Simulator(capture=CAPTURES / folder) as simulator:
        answer = await Caller(simulator, session).get(
            STREAM, bearer=simulator.token(role="installer")
        )
        assert answer.status == 404
