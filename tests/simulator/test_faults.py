"""Every switch, seen by a plain client; and the answer after it is cleared."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from simulator import Fault, Simulator

from .helpers import Caller

READINGS = "/ivp/meters/readings"


async def ready(simulator: Simulator, session: aiohttp.ClientSession) -> Caller:
    caller = Caller(simulator, session)
    await caller.log_in()
    return caller


@pytest.mark.parametrize("status", [401, 403, 404, 500, 502, 503, 504])
async def test_status(session: aiohttp.ClientSession, status: int) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        simulator.gateway.faults.add(Fault.error(READINGS, status, times=2))
        seen = [(await caller.get(READINGS)).status for _ in range(3)]
        assert seen == [status, status, 200]


async def test_boot_text(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        simulator.gateway.booting = True
        for path in ("/info", READINGS, "/auth/check_jwt"):
            answer = await caller.get(path)
            assert answer.status == 503
            assert b"busy" in answer.body
        simulator.gateway.booting = False
        assert (await caller.get(READINGS)).status == 200


@pytest.mark.parametrize(
    ("fault", "body"),
    [
        (Fault.html(READINGS, times=1), None),
        (Fault.raw(READINGS, b"\x00\xff{", times=1), b"\x00\xff{"),
        (Fault.empty(READINGS, times=1), b""),
        (Fault.truncated(READINGS, keep_bytes=40, times=1), None),
        (Fault.truncated(READINGS, times=1), None),
    ],
)
async def test_bodies_that_are_no_json(
    session: aiohttp.ClientSession, fault: Fault, body: bytes | None
) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        simulator.gateway.faults.add(fault)
        answer = await caller.get(READINGS)
        assert answer.status == 200
        assert body in (None, answer.body)
        with pytest.raises(ValueError, match=r"."):
            json.loads(answer.body)
        assert (await caller.get(READINGS)).json


async def test_slow(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        loop = asyncio.get_running_loop()
        simulator.gateway.faults.add(Fault.slow(READINGS, 0.3, times=1))
        start = loop.time()
        assert (await caller.get(READINGS)).status == 200
        middle = loop.time()
        assert (await caller.get(READINGS)).status == 200
        assert middle - start > 0.29 > loop.time() - middle


async def test_hang(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        caller.timeout = 0.3
        simulator.gateway.faults.add(Fault.hang("/ivp/*"))
        with pytest.raises(TimeoutError):
            await caller.get(READINGS)
        await asyncio.sleep(0.05)
        assert simulator.gateway.requests[-1].abandoned
        simulator.gateway.faults.clear()
        assert (await caller.get(READINGS)).status == 200


async def test_stop_while_a_client_waits(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        simulator.gateway.faults.add(Fault.hang(READINGS))
        waiting = asyncio.create_task(caller.get(READINGS))
        await asyncio.sleep(0.1)
    with pytest.raises(aiohttp.ClientError):
        await waiting


@pytest.mark.parametrize("keep_bytes", [None, 0, 30])
async def test_reset(session: aiohttp.ClientSession, keep_bytes: int | None) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        simulator.gateway.faults.add(Fault.reset(READINGS, keep_bytes=keep_bytes))
        with pytest.raises(aiohttp.ClientError):
            await caller.get(READINGS)
        simulator.gateway.faults.clear(READINGS)
        assert (await caller.get(READINGS)).status == 200


async def test_newest_fault_wins_and_paths_are_told_apart(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        simulator.gateway.faults.add(
            Fault.error("/production.json?details=1", 500),
            Fault.error("/ivp/*", 500),
            Fault.error("/ivp/meters", 403),
        )
        statuses = {
            path: (await caller.get(path)).status
            for path in (
                "/production.json",
                "/production.json?details=1",
                "/ivp/meters",
                READINGS,
                "/api/v1/production",
            )
        }
        assert list(statuses.values()) == [200, 500, 403, 500, 200]


async def test_refuse_cookie_and_refuse_bearer(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        gateway, token = simulator.gateway, simulator.token()
        gateway.refuse_cookie = True
        assert (await caller.get(READINGS)).status == 401
        assert (await caller.get(READINGS, bearer=token)).status == 200
        gateway.refuse_cookie, gateway.refuse_bearer = False, True
        assert (await caller.get(READINGS)).status == 200
        assert (await caller.get(READINGS, bearer=token)).status == 401
        assert (await caller.log_in()).status == 200


async def test_revoked_tokens(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        old = simulator.token()
        simulator.gateway.revoke_tokens()
        assert (await caller.get(READINGS)).status == 401
        assert (await caller.get("/auth/check_jwt", bearer=old)).status == 401
        assert (await caller.log_in()).status == 200
        assert (await caller.get(READINGS)).status == 200


async def test_away_and_back_on_the_same_port(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        host = simulator.gateway.host
        await simulator.gateway.go_away()
        with pytest.raises(aiohttp.ClientConnectorError):
            await caller.get("/info")
        await simulator.gateway.come_back()
        assert simulator.gateway.host == host
        assert (await caller.get("/info")).status == 200
        assert (await caller.get(READINGS)).status == 401
        await caller.log_in()
        assert (await caller.get(READINGS)).status == 200


async def test_changed_certificate(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        gateway = simulator.gateway
        old = gateway.fingerprint
        assert old is not None
        url = gateway.url + "/info"
        pinned = aiohttp.Fingerprint(bytes.fromhex(old))
        async with session.get(url, ssl=pinned) as answer:
            assert answer.status == 200
        new = gateway.renew_certificate()
        assert new == gateway.fingerprint != old
        with pytest.raises(aiohttp.ServerFingerprintMismatch):
            await session.get(url, ssl=pinned)
        pinned = aiohttp.Fingerprint(bytes.fromhex(new))
        async with session.get(url, ssl=pinned) as answer:
            assert answer.status == 200


async def test_another_gateway_answers(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        token, serial = simulator.token(), simulator.serial
        certificate = simulator.gateway.fingerprint
        simulator.gateway.become_other("100000000001")
        assert b"<sn>100000000001</sn>" in (await caller.get("/info")).body
        assert simulator.gateway.fingerprint != certificate
        assert (await caller.get("/auth/check_jwt", bearer=token)).status == 401
        simulator.gateway.become_other(serial)
        assert (await caller.get("/auth/check_jwt", bearer=token)).status == 200


async def test_ruby_is_one_process_and_native_is_not(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        gateway, loop = simulator.gateway, asyncio.get_running_loop()
        for path in ("/home", "/production.json", READINGS, "/ivp/meters"):
            gateway.latency.set(path, 0.3)
        for paths, least, most in (
            (("/home", "/production.json"), 0.59, 5.0),
            ((READINGS, "/ivp/meters"), 0.29, 0.58),
        ):
            start = loop.time()
            await asyncio.gather(*(caller.get(path) for path in paths))
            assert least < loop.time() - start < most
        assert gateway.requests.max_in_flight == {"native": 2, "ruby": 2}
        gateway.latency.set("/home", 60.0)
        gateway.latency.reset()
        # The caller waits for five seconds at most.
        assert (await caller.get("/home")).status == 200


async def test_ruby_goes_on_when_its_client_gives_up(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        caller = await ready(simulator, session)
        loop = asyncio.get_running_loop()
        simulator.gateway.latency.set("/production.json", 0.6)
        caller.timeout = 0.2
        with pytest.raises(TimeoutError):
            await caller.get("/production.json")
        caller.timeout = 5.0
        start = loop.time()
        assert (await caller.get("/home")).status == 200
        assert loop.time() - start > 0.2


def test_measured_latencies() -> None:
    simulator = Simulator(latency="slow")
    latency = simulator.gateway.latency
    assert latency.seconds("/production") == 11.1
    assert latency.seconds("/home.json") == 9.3
    assert latency.seconds("/production.json?details=1") == 5.4
    assert latency.seconds(READINGS) == 0.3
    latency.profile = "fast"
    assert latency.seconds("/production.json") == 0.7
    assert latency.seconds("/ivp/meters") == 0.04
