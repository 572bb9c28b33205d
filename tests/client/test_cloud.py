"""Signing in to the cloud, and what its answers mean."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
import json
import logging
import traceback

from aiohttp import web
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.envoy_local.client.access_token import AccessToken
from custom_components.envoy_local.client.cloud import EnlightenCloud
from custom_components.envoy_local.client.exceptions import (
    CloudError,
    CloudLockedError,
    CloudUnavailableError,
    CredentialsRefusedError,
    SecondFactorError,
    SerialNotOnAccountError,
)
from simulator import Fault

from .conftest import CLOUD, SERIAL, House

LOGIN = "/login/login.json"
FIRST = "/entrez-auth-token"
SECOND = "/tokens"
PASSWORD = "correct horse battery & staple=1"


@pytest.fixture(autouse=True)
def _password(house: House) -> None:
    """A password that can be found again, and that a form has to escape."""
    house.sim.account.password = house.sim.password = PASSWORD


async def _fetch(house: House, *, serial: str = SERIAL) -> AccessToken:
    return await EnlightenCloud(session=house.http).fetch_token(
        username=house.sim.user, password=house.sim.password, serial=serial
    )


async def _refused(house: House, blame: type[CloudError]) -> None:
    """See who is blamed, and that nothing secret is said."""
    with pytest.raises(blame) as error:
        await _fetch(house)

    assert type(error.value) is blame
    said = repr(error.value) + "".join(traceback.format_exception(error.value))
    for secret in (PASSWORD, "battery", house.sim.user, "127.0.0.1"):
        assert secret not in said.replace(__file__, "")


def _paths(house: House) -> list[str]:
    return [request.path for request in house.sim.cloud.requests]


async def test_a_token_from_the_first_source(house: House) -> None:
    token = await _fetch(house)

    assert token.serial == SERIAL
    assert token.role == "owner"
    assert _paths(house) == [LOGIN, FIRST]


async def test_the_second_source_where_the_first_is_broken(house: House) -> None:
    house.sim.cloud.entrez_auth_token_broken = True

    assert (await _fetch(house)).serial == SERIAL
    assert _paths(house) == [LOGIN, FIRST, SECOND]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.error(FIRST, 500),
        Fault.error(FIRST, 403),
        Fault.error(FIRST, 302),
        Fault.html(FIRST),
        Fault.empty(FIRST),
        Fault.raw(FIRST, b'{"token": null}'),
        Fault.raw(FIRST, b'{"token": "a.b.c"}'),
        Fault.raw(FIRST, b"[1]"),
        Fault.raw(FIRST, b"\xff\xfe"),
        Fault.reset(FIRST),
    ],
)
async def test_any_failure_of_the_first_source_leads_to_the_second(
    house: House, fault: Fault
) -> None:
    house.sim.cloud.faults.add(fault)

    assert (await _fetch(house)).serial == SERIAL


async def test_wrong_password(house: House) -> None:
    house.sim.account.password = "another"
    await _refused(house, CredentialsRefusedError)

    house.sim.account.password = PASSWORD
    assert (await _fetch(house)).serial == SERIAL


async def test_second_factor(house: House) -> None:
    house.sim.account.second_factor = True
    await _refused(house, SecondFactorError)
    assert _paths(house) == [LOGIN]

    house.sim.account.second_factor = False
    assert (await _fetch(house)).serial == SERIAL


@pytest.mark.parametrize("how", ["blocked", "page"])
async def test_locked_out(house: House, how: str) -> None:
    house.sim.account.locked_out = how  # type: ignore[assignment]  # a parameter's str
    await _refused(house, CloudLockedError)

    house.sim.account.locked_out = None
    assert (await _fetch(house)).serial == SERIAL


async def test_serial_not_on_the_account(house: House) -> None:
    house.sim.account.serials = ["202439990002"]
    await _refused(house, SerialNotOnAccountError)
    assert _paths(house) == [LOGIN, FIRST, SECOND]

    house.sim.account.serials = [SERIAL]
    assert (await _fetch(house)).serial == SERIAL


async def test_one_broken_source_proves_nothing(house: House) -> None:
    house.sim.account.serials = []
    house.sim.cloud.entrez_auth_token_broken = True
    await _refused(house, CloudUnavailableError)

    house.sim.cloud.entrez_auth_token_broken = False
    house.sim.cloud.tokens_broken = True
    await _refused(house, CloudUnavailableError)


async def test_a_token_for_another_gateway_is_never_returned(house: House) -> None:
    house.sim.cloud.token_serial = "202439990002"
    await _refused(house, SerialNotOnAccountError)

    house.sim.cloud.token_serial = None
    assert (await _fetch(house)).serial == SERIAL


@pytest.mark.parametrize("text", ["", "no token", "a.b.c", "<html></html>"])
async def test_a_200_that_is_no_token(house: House, text: str) -> None:
    house.sim.cloud.token_text = text
    await _refused(house, CloudUnavailableError)

    house.sim.cloud.token_text = None
    assert (await _fetch(house)).serial == SERIAL


def _json(document: object, *, status: int = 200) -> Fault:
    return Fault.raw(LOGIN, json.dumps(document).encode(), status=status)


@pytest.mark.parametrize(
    ("fault", "blame"),
    [
        (Fault.error(LOGIN, 500), CloudUnavailableError),
        (Fault.error(LOGIN, 503), CloudUnavailableError),
        (Fault.error(LOGIN, 401), CloudUnavailableError),
        (Fault.error(LOGIN, 406), CloudUnavailableError),
        (Fault.html(LOGIN), CloudUnavailableError),
        (Fault.empty(LOGIN), CloudUnavailableError),
        (Fault.reset(LOGIN), CloudUnavailableError),
        (Fault.raw(LOGIN, b"\x00\xff"), CloudUnavailableError),
        (Fault.raw(LOGIN, b"x" * 2_000_000), CloudUnavailableError),
        (_json({}), CloudUnavailableError),
        (_json([]), CloudUnavailableError),
        (_json({"error": "maintenance"}), CloudUnavailableError),
        (
            _json({"session_id": "x", "message": "success"}, status=500),
            CloudUnavailableError,
        ),
        (_json({"session_id": "x\r\nEvil: 1"}), CloudUnavailableError),
        (_json({"session_id": 7}), CloudUnavailableError),
        (_json({"message": "try later"}, status=403), CloudUnavailableError),
        (_json({"message": "Invalid"}, status=401), CredentialsRefusedError),
        (_json({"message": "Bad credentials"}, status=401), CredentialsRefusedError),
        (_json({"message": "Invalid email or password"}), CredentialsRefusedError),
        (_json({"message": "success", "session_id": None}), SecondFactorError),
        (_json({"success": True, "nonce": "1"}), SecondFactorError),
        (_json({"message": "x"}, status=429), CloudLockedError),
        (_json({"message": "Your account is locked"}, status=401), CloudLockedError),
        (_json({"message": "Too many attempts"}, status=403), CloudLockedError),
        (_json({"isBlocked": True, "session_id": "x"}), CloudLockedError),
    ],
)
async def test_the_form_of_the_login_decides(
    house: House, fault: Fault, blame: type[CloudError]
) -> None:
    house.sim.cloud.faults.add(fault)
    await _refused(house, blame)

    house.sim.cloud.faults.clear()
    assert (await _fetch(house)).serial == SERIAL


@pytest.mark.parametrize(
    ("status", "body", "blame"),
    [
        (404, b"no such gateway", SerialNotOnAccountError),
        (403, b"", SerialNotOnAccountError),
        (422, b'{"message": "Invalid serial"}', SerialNotOnAccountError),
        (403, b"<html>firewall</html>", CloudUnavailableError),
        (401, b'{"message": "session"}', CloudUnavailableError),
        (406, b"{}", CloudUnavailableError),
        (429, b"{}", CloudLockedError),
        (500, b"{}", CloudUnavailableError),
        (200, b"{}", CloudUnavailableError),
        (302, b"", CloudUnavailableError),
    ],
)
async def test_the_form_of_the_token_answers_decides(
    house: House, status: int, body: bytes, blame: type[CloudError]
) -> None:
    for path in (FIRST, SECOND):
        house.sim.cloud.faults.add(Fault.raw(path, body, status=status))
    await _refused(house, blame)

    house.sim.cloud.faults.clear()
    assert (await _fetch(house)).serial == SERIAL


async def test_cloud_away_and_back(house: House) -> None:
    await house.sim.cloud.go_away()
    await _refused(house, CloudUnavailableError)

    await house.sim.cloud.come_back()
    assert (await _fetch(house)).serial == SERIAL


async def test_cloud_that_hangs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{CLOUD}._TIMEOUT", 0.3)
    house.sim.cloud.faults.add(Fault.hang(LOGIN))
    await _refused(house, CloudUnavailableError)

    house.sim.cloud.faults.clear()
    assert (await _fetch(house)).serial == SERIAL


async def test_a_certificate_that_nobody_vouches_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password goes nowhere: the gateway's self-signed certificate stands in."""
    house.sim.gateway.requests.clear()
    monkeypatch.setattr(f"{CLOUD}.ENLIGHTEN_URL", house.sim.gateway.url)

    await _refused(house, CloudUnavailableError)

    assert len(house.sim.gateway.requests) == 0


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    status=st.sampled_from([200, 302, 401, 403, 404, 406, 429, 500]),
    body=st.one_of(
        st.binary(max_size=60),
        st.dictionaries(
            st.sampled_from(["message", "session_id", "isBlocked", "success", "token"]),
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        ).map(lambda document: json.dumps(document).encode()),
    ),
)
async def test_any_answer_has_somebody_to_blame(
    house: House, status: int, body: bytes
) -> None:
    house.sim.cloud.faults.clear()
    house.sim.cloud.faults.add(Fault.raw("*", body, status=status))

    with pytest.raises(CloudError):
        await _fetch(house)


@asynccontextmanager
async def _stand_in(
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[web.Request], Awaitable[web.Response]],
) -> AsyncIterator[None]:
    """Let another server stand in for the cloud."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    monkeypatch.setattr(f"{CLOUD}.ENLIGHTEN_URL", url)
    monkeypatch.setattr(f"{CLOUD}.ENTREZ_URL", url)
    yield
    await runner.cleanup()


async def test_the_password_follows_no_redirect(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with _stand_in(monkeypatch, redirect):
        await _refused(house, CloudUnavailableError)

    assert asked == [LOGIN]


async def test_what_is_sent(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, dict[str, str], bytes]] = []

    async def answer(request: web.Request) -> web.Response:
        body = await request.read()
        seen.append((request.path_qs, dict(request.headers), body))
        session = {"session_id": "abc123"}
        return web.json_response(session, headers={"Set-Cookie": "a=b"})

    async with _stand_in(monkeypatch, answer):
        await _refused(house, CloudUnavailableError)

    login, first, second = seen
    assert login[0] == LOGIN
    assert b"user%5Bemail%5D=demo%40example.com" in login[2]
    assert PASSWORD.encode() not in login[2]  # escaped
    assert b"correct+horse+battery" in login[2]
    assert first[0] == f"{FIRST}?serial_num={SERIAL}"
    assert first[1]["Cookie"] == "_enlighten_4_session=abc123"
    assert second[0] == SECOND
    assert json.loads(second[2]) == {
        "session_id": "abc123",
        "serial_num": SERIAL,
        "username": house.sim.user,
    }
    assert "Cookie" not in login[1]
    assert "Cookie" not in second[1]
    for path, headers, _ in seen:
        assert "homeassistant" not in headers["User-Agent"].lower()
        assert "horse" not in path
    for _, _, body in (first, second):
        assert b"horse" not in body


async def test_secrets_are_not_logged(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        token = await _fetch(house)
        house.sim.cloud.faults.add(Fault.reset(FIRST), Fault.reset(SECOND))
        with pytest.raises(CloudUnavailableError):
            await _fetch(house)

    for secret in (PASSWORD, "battery", token.text):
        assert secret not in caplog.text
