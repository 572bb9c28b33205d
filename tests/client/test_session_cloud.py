"""The cloud is asked once for each step of the back-off, whatever it answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from custom_components.envoy_local.client.backoff import LoginBackoff, LoginFailure
from custom_components.envoy_local.client.exceptions import (
    CloudBackoffError,
    CloudError,
    CloudLockedError,
    CloudUnavailableError,
    CredentialsRefusedError,
    EnvoyBusyError,
    SecondFactorError,
    SerialNotOnAccountError,
    TokenRefusedError,
)
from simulator import Fault

from .asking import CHECK, logins
from .conftest import House

SAID = {
    LoginFailure.UNAVAILABLE: "cloud didn't answer",
    LoginFailure.CREDENTIALS: "user name or the password",
    LoginFailure.SECOND_FACTOR: "second factor",
    LoginFailure.SERIAL: "wasn't on the Enphase account",
    LoginFailure.LOCKED: "locked the account",
    LoginFailure.TOKEN_REFUSED: "refused the new token",
}
"""What the owner reads while the next attempt isn't due, under the entry's name."""


@pytest.mark.parametrize(
    ("trouble", "blame", "cause"),
    [
        ("down", CloudUnavailableError, LoginFailure.UNAVAILABLE),
        ("password", CredentialsRefusedError, LoginFailure.CREDENTIALS),
        ("factor", SecondFactorError, LoginFailure.SECOND_FACTOR),
        ("serial", SerialNotOnAccountError, LoginFailure.SERIAL),
        ("locked", CloudLockedError, LoginFailure.LOCKED),
    ],
)
async def test_one_attempt_for_each_step_even_over_restarts(
    house: House, trouble: str, blame: type[CloudError], cause: LoginFailure
) -> None:
    account = house.sim.account
    good = house.credentials
    break_it: dict[str, Callable[[], object]] = {
        "down": lambda: house.sim.cloud.faults.add(Fault.error("*", 503)),
        "password": lambda: setattr(account, "password", "another"),
        "factor": lambda: setattr(account, "second_factor", True),
        "serial": account.serials.clear,
        "locked": lambda: setattr(account, "locked_out", "blocked"),
    }
    break_it[trouble]()
    backoff = house.backoff()
    first = await house.session(credentials=good, backoff=backoff)
    with pytest.raises(blame):
        await first.authenticate()
    with pytest.raises(CloudBackoffError) as waiting:
        await first.authenticate()
    assert waiting.value.cause == cause
    said = str(waiting.value)
    assert SAID[cause] in said
    assert cause not in said

    restarted = LoginBackoff.from_dict(backoff.as_dict(), clock=house.clock)
    second = await house.session(credentials=good, backoff=restarted)
    with pytest.raises(CloudBackoffError):
        await second.authenticate()
    assert logins(house) == 1

    house.sim.cloud.faults.clear()
    account.password = good.password
    account.second_factor = False
    account.locked_out = None
    account.serials[:] = [house.sim.serial]
    house.clock.now = waiting.value.retry_at + 1
    await second.authenticate()
    assert logins(house) == 2
    assert restarted.as_dict()["failures"] == 0


async def test_a_fresh_token_that_the_gateway_refuses_is_no_login_loop(
    house: House,
) -> None:
    house.sim.gateway.faults.add(Fault.error(CHECK, 401))
    session = await house.session(credentials=house.credentials)

    with pytest.raises(TokenRefusedError, match="fresh from the cloud"):
        await session.authenticate()
    for _ in range(5):
        with pytest.raises(CloudBackoffError, match=SAID[LoginFailure.TOKEN_REFUSED]):
            await session.authenticate()

    assert session.cloud_logins == 1
    assert session.backoff.cause is LoginFailure.TOKEN_REFUSED
    house.clock.now += 61
    with pytest.raises(TokenRefusedError):
        await session.authenticate()
    assert session.backoff.failures == 2
    house.sim.gateway.faults.clear()
    await session.authenticate()
    assert session.cloud_logins == 2


async def test_a_fresh_token_outlives_a_busy_gateway(house: House) -> None:
    house.sim.gateway.faults.add(Fault.error(CHECK, 503))
    session = await house.session(credentials=house.credentials)

    with pytest.raises(EnvoyBusyError):
        await session.authenticate()
    assert house.stored == [session.token]

    house.sim.gateway.faults.clear()
    await session.authenticate()
    assert session.cloud_logins == 1
    assert session.backoff.failures == 0
