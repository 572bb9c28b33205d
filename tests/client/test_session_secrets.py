"""What leaves the session, and what must not."""

from __future__ import annotations

import logging
import traceback

import pytest

from custom_components.envoy_local.client.exceptions import (
    CertificateChangedError,
    EnvoyError,
)
from simulator import Fault

from .asking import DAY, get
from .conftest import House


async def test_another_certificate_gets_neither_cookie_nor_token(house: House) -> None:
    session = await house.session(token=house.token(), credentials=house.credentials)
    await get(session)
    house.sim.gateway.renew_certificate()
    house.sim.gateway.drop_connections()
    house.sim.gateway.requests.clear()

    for attempt in (session.authenticate(), get(session)):
        with pytest.raises(CertificateChangedError):
            await attempt

    assert len(house.sim.gateway.requests) == 0
    assert len(house.sim.cloud.requests) == 0
    accepted = await house.session(token=house.token())
    assert (await get(accepted)).status == 200


async def test_no_secret_in_any_text(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.sim.account.password = house.sim.password = "hunter2-and-more"
    session = await house.session(credentials=house.credentials)
    errors: list[EnvoyError] = []
    with caplog.at_level(logging.DEBUG):
        await get(session)
        for fault in (Fault.error("*", 401), Fault.reset("*"), Fault.empty("*")):
            house.sim.gateway.faults.add(fault)
            house.sim.cloud.faults.add(fault)
            with pytest.raises(EnvoyError) as error:
                await session.authenticate()
            errors.append(error.value)
            house.sim.gateway.faults.clear()
            house.sim.cloud.faults.clear()
            house.clock.now += DAY

    assert session.token is not None
    cookie = session._by_token._cookie  # a secret without a public name
    assert cookie
    said = caplog.text + repr(session) + str(session) + repr(vars(session))
    for each in errors:
        said += repr(each) + str(each) + "".join(traceback.format_exception(each))
        said += repr(each.__context__)
    for secret in ("hunter2", session.token.text, cookie):
        assert secret not in said
