"""`/stream/meter`: what it leaves behind, and that an open stream is no work."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from simulator import Simulator

from .helpers import Caller
from .streams import READINGS, listen_to_the_end, listening, quick, until


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
