"""A token is renewed in good time, and the old one works until then."""

from __future__ import annotations

import asyncio

import pytest

from custom_components.envoy_local.client.backoff import LoginFailure
from custom_components.envoy_local.client.exceptions import (
    CloudUnavailableError,
    EnvoyBusyError,
    TokenRefusedError,
)
from custom_components.envoy_local.client.session import EnvoySession
from simulator import Fault

from .asking import CHECK, DAY, get
from .conftest import House


async def due(house: House) -> EnvoySession:
    """Return a session whose token works, and is due for its renewal."""
    session = await house.session(
        token=house.token(lifetime=30 * DAY), credentials=house.credentials
    )
    house.clock.now += 25 * DAY
    return session


async def test_renewal_is_made_while_the_old_token_works(house: House) -> None:
    session = await house.session(
        token=house.token(lifetime=30 * DAY), credentials=house.credentials
    )
    old = session.token
    await get(session)
    house.clock.now += 23 * DAY

    await asyncio.gather(*(session.renew_token_if_due() for _ in range(3)))

    assert session.cloud_logins == 1
    assert session.token != old
    assert house.stored == [session.token]
    assert (await get(session)).status == 200
    assert session.check_jwt_calls == 2
    await session.renew_token_if_due()
    assert session.cloud_logins == 1


async def test_renewal_waits_for_who_is_signing_in_already(house: House) -> None:
    session = await due(house)
    house.sim.gateway.revoke_tokens()
    house.clock.now += 1
    house.sim.gateway.faults.add(Fault.slow(CHECK, 0.1, times=1))
    signing_in = asyncio.create_task(session.authenticate())
    await asyncio.sleep(0.02)

    await session.renew_token_if_due()

    await signing_in
    assert session.cloud_logins == 1
    assert house.stored == [session.token]


async def test_cloud_down_at_renewal_harms_nothing(house: House) -> None:
    session = await due(house)
    house.sim.cloud.faults.add(Fault.error("*", 503))
    await get(session)

    with pytest.raises(CloudUnavailableError):
        await session.renew_token_if_due()
    for _ in range(5):
        await session.renew_token_if_due()  # waits in silence
        assert (await get(session)).status == 200
    assert session.cloud_logins == 1

    house.sim.cloud.faults.clear()
    house.sim.gateway.forget_sessions()
    await get(session)
    assert session.backoff.failures == 1  # the old token's session proves nothing
    house.clock.now += 61
    await session.renew_token_if_due()
    assert len(house.stored) == 1
    assert session.backoff.failures == 0


async def test_a_renewed_token_that_is_refused_leaves_the_old_one(
    house: House,
) -> None:
    session = await due(house)
    old = session.token
    await get(session)
    house.sim.gateway.faults.add(Fault.error(CHECK, 401, times=1))

    with pytest.raises(TokenRefusedError):
        await session.renew_token_if_due()

    assert session.token == old
    assert house.stored == []
    assert (await get(session)).status == 200
    house.clock.now += 61
    await session.renew_token_if_due()
    assert house.stored == [session.token]


async def test_a_gateway_too_busy_for_the_renewed_token(house: House) -> None:
    session = await due(house)
    await get(session)
    house.sim.gateway.faults.add(Fault.error(CHECK, 503, times=1))

    with pytest.raises(EnvoyBusyError):
        await session.renew_token_if_due()

    assert house.stored == [session.token]
    assert (await get(session)).status == 200
    await session.renew_token_if_due()
    assert session.cloud_logins == 1


async def test_a_cloud_that_hands_out_what_is_due_again(house: House) -> None:
    session = await due(house)
    stale = house.sim.issuer.issue(
        house.sim.serial, role="owner", username=house.sim.user, lifetime=60
    )
    house.sim.cloud.token_text = stale
    house.clock.now += 50

    await session.renew_token_if_due()
    for _ in range(5):
        await session.renew_token_if_due()

    assert session.cloud_logins == 1
    assert session.backoff.cause is LoginFailure.NOT_RENEWED
    house.sim.cloud.token_text = None
    house.clock.now += 61
    await get(session)
    assert session.backoff.failures == 0


async def test_a_manual_token_is_not_renewed(house: House) -> None:
    session = await house.session(token=house.token(lifetime=30 * DAY))
    house.clock.now += 25 * DAY

    await session.renew_token_if_due()

    assert len(house.sim.cloud.requests) == 0
