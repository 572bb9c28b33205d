"""`/stream/meter`: its moods, and another stream after each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from simulator import Gateway
from simulator.control import Control

from .helpers import Caller
from .streams import STREAM, listen_to_the_end, listening, quick, until


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
