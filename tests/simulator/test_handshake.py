"""Token, cookie, role: as the reference says, step by step."""

from __future__ import annotations

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest

from simulator import Simulator, TokenIssuer

from .helpers import Caller

READINGS = "/ivp/meters/readings"


async def test_info_is_open_and_the_rest_is_not(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        caller = Caller(simulator, session)
        info = await caller.get("/info")
        assert info.status == 200
        assert simulator.serial.encode() in info.body
        refused = await caller.get(READINGS)
        assert refused.status == 401
        assert refused.headers["Content-Type"] == "text/html"
        assert b"401 Authorization Required" in refused.body


async def test_token_to_cookie_to_readings(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        caller = Caller(simulator, session)
        answer = await caller.log_in()
        assert answer.status == 200
        assert b"Valid token." in answer.body
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("sessionId=")
        assert cookie.endswith("; Secure; HttpOnly; path=/")
        readings = await caller.get(READINGS)
        assert readings.status == 200
        assert "Set-Cookie" not in readings.headers


async def test_a_bearer_on_a_call_brings_a_new_cookie_each_time(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        caller = Caller(simulator, session)
        token = simulator.token()
        one, two = [await caller.get(READINGS, bearer=token) for _ in range(2)]
        assert one.status == two.status == 200
        assert one.headers["Set-Cookie"] != two.headers["Set-Cookie"]


async def test_an_old_cookie_at_check_jwt_brings_none(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        caller = Caller(simulator, session)
        await caller.log_in()
        simulator.gateway.forget_sessions()
        answer = await caller.get(
            "/auth/check_jwt", bearer=simulator.token(), cookie=caller.cookie
        )
        assert answer.status == 200
        assert "Set-Cookie" not in answer.headers
        assert (await caller.get(READINGS)).status == 401
        await caller.log_in()
        assert (await caller.get(READINGS)).status == 200


@pytest.mark.parametrize("kind", ["expired", "other serial", "other issuer", "text"])
async def test_bad_tokens_are_refused(
    session: aiohttp.ClientSession, kind: str
) -> None:
    async with Simulator() as simulator:
        caller = Caller(simulator, session)
        tokens = {
            "expired": simulator.token(lifetime=-1),
            "other serial": simulator.issuer.issue("100000000001"),
            "other issuer": TokenIssuer().issue(simulator.serial),
            "text": "not.a.token",
        }
        for path in ("/auth/check_jwt", READINGS):
            answer = await caller.get(path, bearer=tokens[kind])
            assert answer.status == 401
            assert "Set-Cookie" not in answer.headers


async def test_a_session_ends_after_ten_idle_minutes(
    session: aiohttp.ClientSession, freezer: FrozenDateTimeFactory
) -> None:
    async with Simulator() as simulator:
        caller = Caller(simulator, session)
        await caller.log_in()
        for _ in range(3):
            freezer.tick(590)
            assert (await caller.get(READINGS)).status == 200
        freezer.tick(610)
        assert (await caller.get(READINGS)).status == 401
        await caller.log_in()
        assert (await caller.get(READINGS)).status == 200


async def test_a_token_expires_under_a_running_session(
    session: aiohttp.ClientSession, freezer: FrozenDateTimeFactory
) -> None:
    async with Simulator() as simulator:
        caller = Caller(simulator, session)
        await caller.log_in(lifetime=300)
        freezer.tick(301)
        assert (await caller.get(READINGS)).status == 401


async def test_roles(session: aiohttp.ClientSession) -> None:
    async with Simulator("unmetered") as simulator:
        caller = Caller(simulator, session)
        await caller.log_in()
        assert (await caller.get("/ivp/pdm/energy")).status == 401
        simulator.gateway.forbidden_status = 403
        assert (await caller.get("/ivp/pdm/energy")).status == 403
        await caller.log_in(role="installer")
        assert (await caller.get("/ivp/pdm/energy")).status == 200


async def test_log_counts_cookies_and_headers(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        caller = Caller(simulator, session)
        await caller.log_in()
        await caller.get(READINGS)
        check, readings = simulator.gateway.requests
        assert (check.has_authorization, check.has_cookie) == (True, False)
        assert (readings.has_authorization, readings.has_cookie) == (False, True)
        assert (readings.family, readings.status) == ("native", 200)
        assert simulator.gateway.requests.max_in_flight["native"] == 1
