"""The way in: which token is shown, and who is to blame where it is refused."""

from __future__ import annotations

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.envoy_local.client.discovery import probe_gateway
from custom_components.envoy_local.client.exceptions import (
    EnvoyAuthError,
    EnvoyBusyError,
    EnvoyConnectionError,
    EnvoyError,
    EnvoyResponseError,
    EnvoyTimeoutError,
    TokenExpiredError,
    TokenForeignError,
    TokenRefusedError,
)
from custom_components.envoy_local.client.session import EnvoySession
from custom_components.envoy_local.client.transport import EnvoyTransport
from simulator import Fault

from .asking import CHECK, get, logins
from .conftest import House


@pytest.mark.parametrize(
    ("fault", "blame"),
    [
        (Fault.error(CHECK, 500), EnvoyBusyError),
        (Fault.error(CHECK, 503), EnvoyBusyError),
        (Fault.error(CHECK, 504), EnvoyBusyError),
        (Fault.error(CHECK, 404), EnvoyResponseError),
        (Fault.html(CHECK), EnvoyResponseError),
        (Fault.empty(CHECK), EnvoyResponseError),
        (Fault.reset(CHECK), EnvoyConnectionError),
    ],
)
async def test_a_gateway_that_cannot_check_is_never_a_bad_token(
    house: House, fault: Fault, blame: type[EnvoyError]
) -> None:
    session = await house.session(token=house.token(), credentials=house.credentials)
    await get(session)
    house.sim.gateway.forget_sessions()
    house.sim.gateway.faults.add(fault)

    with pytest.raises(blame) as error:
        await get(session)

    assert not isinstance(error.value, EnvoyAuthError)
    assert len(house.sim.cloud.requests) == 0
    house.sim.gateway.faults.clear()
    assert (await get(session)).status == 200


async def test_check_that_hangs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    module = "custom_components.envoy_local.client.token_login"
    monkeypatch.setattr(f"{module}._CHECK_TIMEOUT", 0.2)
    session = await house.session(token=house.token(), credentials=house.credentials)
    house.sim.gateway.faults.add(Fault.hang(CHECK))

    with pytest.raises(EnvoyTimeoutError):
        await session.authenticate()

    assert len(house.sim.cloud.requests) == 0
    house.sim.gateway.faults.clear()
    await session.authenticate()


async def test_one_spurious_refusal_of_a_good_token(house: House) -> None:
    session = await house.session(token=house.token(), credentials=house.credentials)
    await get(session)
    house.sim.gateway.forget_sessions()
    house.sim.gateway.faults.add(Fault.error(CHECK, 401, times=1))

    assert (await get(session)).status == 200

    assert len(house.sim.cloud.requests) == 0


async def test_no_token_yet(house: House) -> None:
    session = await house.session(credentials=house.credentials)

    await session.authenticate()

    assert session.cloud_logins == 1
    assert house.stored == [session.token]
    assert not session.backoff.is_waiting
    assert (await get(session)).status == 200


async def test_with_a_good_token_the_cloud_is_not_asked(house: House) -> None:
    await house.sim.cloud.go_away()
    session = await house.session(token=house.token(), credentials=house.credentials)

    await session.authenticate()
    house.sim.gateway.forget_sessions()
    await get(session)
    await session.renew_token_if_due()

    assert session.cloud_logins == 0
    assert house.stored == []


@pytest.mark.parametrize("lifetime", [-60, None], ids=["expired", "revoked"])
async def test_a_refused_token_is_replaced_inside_the_call(
    house: House, lifetime: int | None
) -> None:
    session = await house.session(
        token=house.token(lifetime=lifetime), credentials=house.credentials
    )
    old = session.token
    house.clock.now += 1
    house.sim.gateway.revoke_tokens()
    house.clock.now += 1

    assert (await get(session)).status == 200

    assert logins(house) == 1
    assert house.stored == [session.token]
    assert session.token != old
    assert session.backoff.failures == 0


async def test_a_token_that_runs_out_while_we_run(house: House) -> None:
    session = await house.session(
        token=house.token(lifetime=3600), credentials=house.credentials
    )
    await get(session)
    house.clock.now += 3601

    assert (await get(session)).status == 200

    assert session.cloud_logins == 1
    assert len(house.stored) == 1


@pytest.mark.parametrize(
    ("lifetime", "blame"), [(-60, TokenExpiredError), (None, TokenRefusedError)]
)
async def test_a_manual_token_that_is_refused(
    house: House, lifetime: int | None, blame: type[EnvoyError]
) -> None:
    house.sim.gateway.faults.add(Fault.error(CHECK, 401))
    session = await house.session(token=house.token(lifetime=lifetime))

    with pytest.raises(blame) as error:
        await session.authenticate()

    assert type(error.value) is blame
    assert len(house.sim.cloud.requests) == 0
    house.sim.gateway.faults.clear()
    again = await house.session(token=house.token())
    await again.authenticate()


async def test_no_token_and_nobody_to_ask(house: House) -> None:
    session = await house.session()

    with pytest.raises(TokenRefusedError, match="no token"):
        await session.authenticate()

    assert len(house.sim.gateway.requests) == 0


async def test_a_token_for_another_gateway_is_not_shown(house: House) -> None:
    token = house.token()
    house.sim.gateway.become_other("202439990002")
    session = await house.session(token=token)

    with pytest.raises(TokenForeignError):
        await session.authenticate()

    assert len(house.sim.gateway.requests) == 0
    house.sim.account.serials.append("202439990002")
    with_cloud = await house.session(token=token, credentials=house.credentials)
    await with_cloud.authenticate()
    assert with_cloud.token == house.stored[-1]


async def test_a_refused_token_is_not_shown_by_every_tier(
    house: House, freezer: FrozenDateTimeFactory
) -> None:
    session = await house.session(token=house.token())
    house.sim.gateway.faults.add(Fault.error(CHECK, 401))

    for _ in range(10):
        with pytest.raises(TokenRefusedError):
            await get(session)
    assert session.check_jwt_calls == 2

    house.sim.gateway.faults.clear()
    with pytest.raises(TokenRefusedError):
        await get(session)
    freezer.tick(timedelta(seconds=31))
    assert (await get(session)).status == 200


async def test_asked_outright_a_refused_token_is_shown_at_once(house: House) -> None:
    session = await house.session(token=house.token())
    house.sim.gateway.faults.add(Fault.error(CHECK, 401, times=2))
    with pytest.raises(TokenRefusedError):
        await session.authenticate()

    await session.authenticate()

    assert (await get(session)).status == 200


async def test_a_token_never_goes_over_http(house: House) -> None:
    _, info = await probe_gateway(house.http, house.address)
    good = await house.session(token=house.token())
    plain = EnvoyTransport(
        session=house.http, address=house.address.with_scheme("http"), fingerprint=None
    )
    session = EnvoySession(
        transport=plain,
        info=info,
        token=house.token(),
        credentials=None,
        cloud=None,
        on_token=house.stored.append,
        backoff=house.backoff(),
    )

    with pytest.raises(EnvoyConnectionError, match="without encryption"):
        await session.authenticate()

    assert len(house.sim.gateway.requests) == 0
    await good.authenticate()
