"""The way into a gateway below firmware 7."""

from __future__ import annotations

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.envoy_local.client.credentials import installer_password
from custom_components.envoy_local.client.exceptions import (
    EnvoyBusyError,
    EnvoyForbiddenError,
    LocalCredentialsError,
)
from custom_components.envoy_local.client.session import Credentials, EnvoySession
from simulator import Fault

from .asking import METERS, asked, get
from .conftest import INVERTERS, OLD_SERIAL, House


async def _old_session(
    house: House, credentials: Credentials | None = None
) -> EnvoySession:
    return await house.session(credentials=credentials)


async def test_an_old_gateway_is_read_openly(old_house: House) -> None:
    session = await _old_session(old_house)

    await session.authenticate()
    await session.renew_token_if_due()

    assert (await get(session, "/api/v1/production")).status == 200
    assert {each[1] for each in asked(old_house)} == {"nothing"}
    assert len(old_house.sim.cloud.requests) == 0
    assert session.token is None


@pytest.mark.parametrize(
    ("user", "password", "requests"),
    [
        ("envoy", OLD_SERIAL[-6:], 2),
        ("installer", installer_password(OLD_SERIAL), 3),
    ],
)
async def test_both_users_of_the_factory(
    guarded_house: House, user: str, password: str, requests: int
) -> None:
    users = guarded_house.sim.gateway.local_users
    users.clear()
    users[user] = password
    session = await _old_session(guarded_house)

    assert (await get(session, INVERTERS)).body == b"[]"
    assert len(guarded_house.sim.gateway.requests) == requests

    guarded_house.sim.gateway.requests.clear()
    assert (await get(session, INVERTERS)).status == 200
    assert asked(guarded_house) == [(INVERTERS, "token", 200)]


async def test_the_user_a_person_gave_comes_first(guarded_house: House) -> None:
    users = guarded_house.sim.gateway.local_users
    users.clear()
    users["me"] = "mine"
    session = await _old_session(
        guarded_house, Credentials(username="me", password="mine")
    )

    assert (await get(session, INVERTERS)).status == 200
    assert len(guarded_house.sim.gateway.requests) == 2


async def test_a_nonce_that_got_too_old(guarded_house: House) -> None:
    session = await _old_session(guarded_house)
    await get(session, INVERTERS)
    guarded_house.sim.gateway.requests.clear()
    guarded_house.renew_nonce()

    assert (await get(session, INVERTERS)).status == 200

    assert [each[2] for each in asked(guarded_house)] == [401, 200]


async def test_nobody_is_let_in_and_then_somebody(
    guarded_house: House, freezer: FrozenDateTimeFactory
) -> None:
    users = guarded_house.sim.gateway.local_users
    users.clear()
    session = await _old_session(guarded_house)
    with pytest.raises(LocalCredentialsError):
        await get(session, INVERTERS)
    assert len(guarded_house.sim.gateway.requests) == 3

    guarded_house.sim.gateway.requests.clear()
    with pytest.raises(LocalCredentialsError):
        await get(session, INVERTERS)
    assert len(guarded_house.sim.gateway.requests) == 2

    assert (await get(session, "/api/v1/production")).status == 200
    users["installer"] = installer_password(OLD_SERIAL)
    freezer.tick(timedelta(minutes=16))
    assert (await get(session, INVERTERS)).status == 200


async def test_a_401_that_asks_for_nothing(old_house: House) -> None:
    old_house.sim.gateway.faults.add(Fault.error("/api/v1/production", 401))
    session = await _old_session(old_house)

    with pytest.raises(LocalCredentialsError):
        await session.authenticate()

    old_house.sim.gateway.faults.clear()
    await session.authenticate()


async def test_an_old_gateway_that_is_starting(old_house: House) -> None:
    old_house.sim.gateway.booting = False
    session = await _old_session(old_house)
    old_house.sim.gateway.faults.add(Fault.error("*", 503))

    with pytest.raises(EnvoyBusyError):
        await session.authenticate()
    with pytest.raises(EnvoyBusyError):
        await get(session, "/api/v1/production")

    old_house.sim.gateway.faults.clear()
    await session.authenticate()


async def test_a_forbidden_page_of_an_old_gateway(old_house: House) -> None:
    old_house.sim.gateway.faults.add(Fault.error(METERS, 403))
    session = await _old_session(old_house)

    with pytest.raises(EnvoyForbiddenError):
        await get(session)

    old_house.sim.gateway.faults.clear()
    assert (await get(session)).status == 200
