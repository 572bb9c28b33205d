"""`/stream/meter`: who gets in, and what meets the request for a stream."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import aiohttp
import pytest

from simulator import SCENARIOS, Fault

from .helpers import Caller
from .streams import READINGS, STREAM, listen_to_the_end, listening, quick

OWNER_REFUSED = replace(SCENARIOS["home"], firmware="D8.2.4264")


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
