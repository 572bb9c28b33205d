"""The way in: the cookie, its end, and what a good session may not read."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.envoy_local.client.exceptions import (
    EnvoyAuthError,
    EnvoyBusyError,
    EnvoyConnectionError,
    EnvoyError,
    EnvoyForbiddenError,
    EnvoyNotFoundError,
    EnvoyResponseError,
    EnvoyTimeoutError,
    TokenRefusedError,
)
from custom_components.envoy_local.client.transport import (
    Lane,
)
from simulator import Fault

from .asking import CHECK, METERS, READINGS, asked, get
from .conftest import House

# --- In the steady state -------------------------------------------------------


async def test_token_once_then_the_cookie_alone(house: House) -> None:
    session = await house.session(token=house.token())

    await session.authenticate()
    for _ in range(3):
        assert (await get(session)).body == b"[]"

    assert asked(house) == [(CHECK, "token", 200)] + [(METERS, "cookie", 200)] * 3
    assert session.check_jwt_calls == 1
    assert not session.bearer_mode


async def test_first_request_opens_the_session(house: House) -> None:
    session = await house.session(token=house.token())

    await asyncio.gather(*(get(session) for _ in range(5)))

    assert session.check_jwt_calls == 1
    assert [each for each in asked(house) if each[0] == CHECK] == [
        (CHECK, "token", 200)
    ]


async def test_an_hour_costs_one_check_and_no_cloud(house: House) -> None:
    session = await house.session(token=house.token(), credentials=house.credentials)

    for _ in range(60):
        await session.renew_token_if_due()
        await get(session)
        house.clock.now += 60

    assert session.check_jwt_calls == 1
    assert session.cloud_logins == 0
    assert len(house.sim.cloud.requests) == 0


async def test_ten_idle_minutes_end_a_session(house: House) -> None:
    session = await house.session(token=house.token())
    await get(session)

    house.clock.now += 11 * 60
    await get(session)

    assert session.check_jwt_calls == 2
    assert asked(house)[2:] == [
        (METERS, "cookie", 401),
        (CHECK, "token", 200),
        (METERS, "cookie", 200),
    ]


# --- Sessions that end ---------------------------------------------------------


async def test_a_cookie_killed_between_two_polls(house: House) -> None:
    session = await house.session(token=house.token())
    await get(session)
    house.sim.gateway.forget_sessions()

    assert (await get(session)).status == 200
    assert (await get(session)).status == 200

    assert session.check_jwt_calls == 2
    assert not session.bearer_mode


async def test_ten_calls_share_one_renewal(house: House) -> None:
    session = await house.session(token=house.token())
    await get(session)
    house.sim.gateway.forget_sessions()
    paths = [(METERS, Lane.NATIVE), ("/production.json", Lane.RUBY)] * 5

    answers = await asyncio.gather(
        *(session.get(path, lane=lane, timeout=5) for path, lane in paths)
    )

    assert [answer.status for answer in answers] == [200] * 10
    assert session.check_jwt_calls == 2
    assert not session.bearer_mode
    assert house.sim.gateway.requests.max_in_flight["native"] == 1


async def test_ten_calls_share_one_refusal(house: House) -> None:
    session = await house.session(token=house.token())
    await get(session)
    house.sim.gateway.revoke_tokens()
    house.sim.gateway.forget_sessions()

    outcomes = await asyncio.gather(
        *(get(session) for _ in range(10)), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [TokenRefusedError] * 10
    assert session.check_jwt_calls == 1 + 2


async def test_ten_calls_share_one_busy_check(house: House) -> None:
    session = await house.session(token=house.token())
    await get(session)
    house.sim.gateway.forget_sessions()
    house.sim.gateway.faults.add(Fault.error(CHECK, 503))

    outcomes = await asyncio.gather(
        *(get(session) for _ in range(10)), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [EnvoyBusyError] * 10
    assert session.check_jwt_calls == 2
    house.sim.gateway.faults.clear()
    assert (await get(session)).status == 200


async def test_the_next_in_line_renews_when_the_first_is_cancelled(
    house: House,
) -> None:
    session = await house.session(token=house.token())
    await get(session)
    house.sim.gateway.forget_sessions()
    house.sim.gateway.faults.add(Fault.hang(CHECK, times=1))
    first = asyncio.create_task(get(session))
    second = asyncio.create_task(get(session))
    await asyncio.sleep(0.1)

    first.cancel()

    assert (await second).status == 200
    await asyncio.gather(first, return_exceptions=True)
    assert first.cancelled()
    assert (await get(session)).status == 200


async def test_a_spurious_401_costs_one_check(house: House) -> None:
    session = await house.session(token=house.token())
    await get(session)
    house.sim.gateway.faults.add(Fault.error(METERS, 401, times=1))

    assert (await get(session)).status == 200

    assert session.check_jwt_calls == 2
    assert not session.bearer_mode


# --- Bearer --------------------------------------------------------------------


async def test_a_gateway_that_refuses_its_own_cookie(house: House) -> None:
    house.sim.gateway.refuse_cookie = True
    session = await house.session(token=house.token())

    assert (await get(session)).status == 200
    assert session.bearer_mode
    house.sim.gateway.requests.clear()
    assert (await get(session)).status == 200
    assert asked(house) == [(METERS, "token", 200)]


async def test_a_gateway_that_takes_the_cookie_again(
    house: House, freezer: FrozenDateTimeFactory
) -> None:
    house.sim.gateway.refuse_cookie = True
    session = await house.session(token=house.token())
    await get(session)
    house.sim.gateway.refuse_cookie = False
    house.sim.gateway.refuse_bearer = True
    freezer.tick(2)

    assert (await get(session)).status == 200
    assert not session.bearer_mode


async def test_a_gateway_that_gives_no_cookie(house: House) -> None:
    page = b"<h2>Valid token.</h2>"
    house.sim.gateway.faults.add(Fault.raw(CHECK, page))
    session = await house.session(token=house.token())

    assert (await get(session)).status == 200
    assert session.bearer_mode
    assert asked(house)[-1] == (METERS, "token", 200)
    house.sim.gateway.faults.add(Fault.error(METERS, 401))
    with pytest.raises(EnvoyForbiddenError):
        await get(session)


# --- Forbidden, missing, broken ------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
async def test_a_forbidden_endpoint_is_no_reason_to_sign_in_again(
    house: House, status: int
) -> None:
    session = await house.session(token=house.token(), credentials=house.credentials)
    house.sim.gateway.faults.add(Fault.error(READINGS, status))
    await get(session)

    for _ in range(5):
        await get(session)
        with pytest.raises(EnvoyForbiddenError):
            await get(session, READINGS)

    assert session.check_jwt_calls <= 2
    assert session.cloud_logins == 0
    assert not session.bearer_mode
    assert len(house.sim.gateway.requests.to(READINGS)) <= 5 + 2

    house.sim.gateway.faults.clear()
    assert (await get(session, READINGS)).status == 200


async def test_an_endpoint_that_is_allowed_again_renews_as_any_other(
    house: House, freezer: FrozenDateTimeFactory
) -> None:
    session = await house.session(token=house.token())
    house.sim.gateway.faults.add(Fault.error(READINGS, 401))
    with pytest.raises(EnvoyForbiddenError):
        await get(session, READINGS)
    house.sim.gateway.faults.clear()
    freezer.tick(2)
    await get(session, READINGS)

    house.sim.gateway.forget_sessions()
    freezer.tick(2)

    assert (await get(session, READINGS)).status == 200


async def test_two_forbidden_endpoints_cost_one_check(house: House) -> None:
    session = await house.session(token=house.token())
    await session.authenticate()
    house.sim.gateway.faults.add(Fault.error(READINGS, 401), Fault.error(METERS, 401))

    for path in (READINGS, METERS):
        with pytest.raises(EnvoyForbiddenError):
            await get(session, path)

    assert session.check_jwt_calls == 2
    house.sim.gateway.faults.clear()
    assert (await get(session, METERS)).status == 200


async def test_a_forbidden_endpoint_is_looked_at_again(
    house: House, freezer: FrozenDateTimeFactory
) -> None:
    """Where it is the only one asked, its 401 may also mean that the session ended."""
    session = await house.session(token=house.token())
    house.sim.gateway.faults.add(Fault.error(READINGS, 401, times=3))
    await get(session)
    with pytest.raises(EnvoyForbiddenError):
        await get(session, READINGS)

    house.sim.gateway.forget_sessions()
    freezer.tick(timedelta(minutes=5))

    assert (await get(session, READINGS)).status == 200
    assert not session.bearer_mode


@pytest.mark.parametrize(
    ("fault", "blame"),
    [
        (Fault.error(METERS, 404), EnvoyNotFoundError),
        (Fault.error(METERS, 500), EnvoyBusyError),
        (Fault.error(METERS, 502), EnvoyBusyError),
        (Fault.error(METERS, 503), EnvoyBusyError),
        (Fault.error(METERS, 301), EnvoyResponseError),
        (Fault.error(METERS, 204), EnvoyResponseError),
        (Fault.reset(METERS), EnvoyConnectionError),
        (Fault.reset(METERS, keep_bytes=1), EnvoyConnectionError),
    ],
)
async def test_what_is_not_about_the_way_in(
    house: House, fault: Fault, blame: type[EnvoyError]
) -> None:
    session = await house.session(token=house.token())
    await get(session)
    house.sim.gateway.faults.add(fault)

    with pytest.raises(blame) as error:
        await get(session)

    assert not isinstance(error.value, EnvoyAuthError)
    assert session.check_jwt_calls == 1
    house.sim.gateway.faults.clear()
    assert (await get(session)).status == 200
    assert session.check_jwt_calls == 1


async def test_an_endpoint_that_hangs(house: House) -> None:
    session = await house.session(token=house.token())
    await session.authenticate()
    house.sim.gateway.faults.add(Fault.hang(METERS))

    with pytest.raises(EnvoyTimeoutError):
        await session.get(METERS, lane=Lane.NATIVE, timeout=0.2)

    house.sim.gateway.faults.clear()
    assert (await get(session)).status == 200
