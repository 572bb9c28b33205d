"""`/stream/meter`: when its frames come, and in what pieces."""

from __future__ import annotations

import asyncio
from itertools import islice, pairwise
from typing import Any

import aiohttp
import pytest

from simulator import Simulator
from simulator.delivery import Delivery, deliveries
from tests.time_travel import TimeTravel

from .streams import listening, quick, until


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
