"""The way to a stream: what is shown at the door, and who is to blame if it is shut."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
import contextlib
from typing import Final

import pytest

from custom_components.envoy_local.client.backoff import LoginBackoff
from custom_components.envoy_local.client.credentials import Credentials
from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.exceptions import (
    CertificateChangedError,
    EnvoyBusyError,
    EnvoyConnectionError,
    EnvoyForbiddenError,
    EnvoyNotFoundError,
    EnvoyResponseError,
    EnvoyTimeoutError,
    LocalCredentialsError,
    TokenRefusedError,
)
from custom_components.envoy_local.client.models.gateway import Firmware, GatewayInfo
from custom_components.envoy_local.client.session import EnvoySession
from custom_components.envoy_local.client.transport import EnvoyTransport, Lane
from simulator import Fault

from ..conftest import RawAnswer
from .conftest import (
    CHECK,
    LIVEDATA,
    OWNERS_REFUSED,
    READINGS,
    STREAM,
    SWITCH,
    LiveSite,
    OpenSite,
)

ENABLE: Final = b'{"enable": 1}'


async def _open(site: LiveSite) -> bytes:
    """Open the stream, read what comes first, close it."""
    stream = await site.session.open_stream(STREAM, timeout=5)
    try:
        return await stream.read(timeout=5)
    finally:
        stream.close()


async def _get(site: LiveSite, path: str, *, cloud: bool = True) -> int:
    answer = await site.session.get(path, lane=Lane.NATIVE, timeout=5, cloud=cloud)
    return answer.status


async def _post(site: LiveSite, body: bytes = ENABLE) -> bytes:
    answer = await site.session.post(SWITCH, body=body, lane=Lane.NATIVE, timeout=5)
    return answer.body


def _shown(site: LiveSite, path: str = STREAM) -> list[str]:
    """What was shown with each request for a path."""
    return [
        "token" if each.has_authorization else "cookie"
        for each in site.gateway.requests.to(path)
    ]


async def test_cookie_opens_it(site: LiveSite) -> None:
    assert b"data: " in await _open(site)

    assert _shown(site) == ["cookie"]
    assert site.asked(CHECK) == 0
    await site.travel.until(lambda: site.gateway.stream.open_streams == 0)


async def test_token_where_the_cookie_is_refused(site: LiveSite) -> None:
    site.gateway.faults.add(Fault.error(STREAM, 401, times=1))

    assert b"data: " in await _open(site)

    assert _shown(site) == ["cookie", "token"]
    assert site.asked(CHECK) == 1
    assert not site.session.bearer_mode

    assert b"data: " in await _open(site)
    assert _shown(site) == ["cookie", "token", "token"]
    assert await _get(site, READINGS) == 200
    assert _shown(site, READINGS) == ["cookie"]


async def test_session_that_has_ended(site: LiveSite) -> None:
    await _open(site)
    site.gateway.forget_sessions()

    assert b"data: " in await _open(site)

    assert _shown(site) == ["cookie"] * 3
    assert site.asked(CHECK) == 1


async def test_session_that_ended_before_the_first_stream(site: LiveSite) -> None:
    site.gateway.forget_sessions()

    assert b"data: " in await _open(site)

    assert _shown(site) == ["cookie", "token"]
    assert site.asked(CHECK) == 1


async def test_gateway_that_takes_its_cookie_only(site: LiveSite) -> None:
    site.gateway.refuse_bearer = True
    await _open(site)
    site.gateway.forget_sessions()

    assert b"data: " in await _open(site)

    assert _shown(site) == ["cookie"] * 3


async def test_session_opens_by_itself(open_site: OpenSite) -> None:
    site = await open_site(scenario="three_phase")
    fresh = await site.another_session()

    stream = await fresh.open_stream(STREAM, timeout=5)
    stream.close()

    assert site.asked(CHECK) == 1
    assert fresh.sessions == 1


async def test_refused_role_costs_two_requests_and_then_one(
    open_site: OpenSite,
) -> None:
    site = await open_site(scenario=OWNERS_REFUSED)

    with pytest.raises(EnvoyForbiddenError):
        await _open(site)
    assert _shown(site) == ["cookie", "token"]
    assert await _get(site, READINGS) == 200

    with pytest.raises(EnvoyForbiddenError):
        await _open(site)
    assert _shown(site) == ["cookie", "token", "cookie"]
    assert site.asked(CHECK) == 1


async def test_installer_is_let_in(open_site: OpenSite) -> None:
    site = await open_site(scenario=OWNERS_REFUSED, role="installer")

    assert b"data: " in await _open(site)


async def test_role_refused_with_403(open_site: OpenSite) -> None:
    site = await open_site(scenario=OWNERS_REFUSED)
    site.gateway.forbidden_status = 403

    with pytest.raises(EnvoyForbiddenError):
        await _open(site)

    assert _shown(site) == ["cookie"]


@pytest.mark.parametrize(
    ("fault", "blame"),
    [
        (Fault.error(STREAM, 404, times=1), EnvoyNotFoundError),
        (Fault.error(STREAM, 503, times=1), EnvoyBusyError),
        (Fault.raw(STREAM, b"", status=302, times=1), EnvoyResponseError),
        (Fault.reset(STREAM, times=2), EnvoyConnectionError),
    ],
    ids=["absent", "busy", "moved", "reset"],
)
async def test_answers_that_are_no_stream(
    site: LiveSite, fault: Fault, blame: type[Exception]
) -> None:
    site.gateway.faults.add(fault)

    with pytest.raises(blame) as error:
        await _open(site)

    assert type(error.value) is blame
    assert b"data: " in await _open(site)


async def test_gateway_that_never_begins(site: LiveSite) -> None:
    site.gateway.faults.add(Fault.hang(STREAM, times=1))

    async with site.travel.hurrying():
        with pytest.raises(EnvoyTimeoutError):
            await _open(site)

    assert b"data: " in await _open(site)


async def test_stream_that_falls_silent(site: LiveSite) -> None:
    site.gateway.stream.stalled = True

    async with site.travel.hurrying():
        with pytest.raises(EnvoyTimeoutError):
            await _open(site)

    site.gateway.stream.stalled = False
    assert b"data: " in await _open(site)


async def test_nothing_is_sent_to_another_certificate(site: LiveSite) -> None:
    site.gateway.renew_certificate()

    with pytest.raises(CertificateChangedError):
        await _open(site)

    assert site.asked(STREAM) == 0


async def test_one_stream_at_a_time(site: LiveSite) -> None:
    first = await site.session.open_stream(STREAM, timeout=5)
    second = asyncio.create_task(site.session.open_stream(STREAM, timeout=5))
    await asyncio.sleep(0.05)
    assert not second.done()
    assert site.gateway.stream.connects == 1

    first.close()
    first.close()

    (await second).close()
    await site.travel.until(lambda: site.gateway.stream.open_streams == 0)
    assert site.gateway.stream.connects == 2


async def test_opening_can_be_cancelled(site: LiveSite) -> None:
    site.gateway.faults.add(Fault.hang(STREAM, times=1))
    opening = asyncio.create_task(site.session.open_stream(STREAM, timeout=5))
    await site.travel.until(lambda: site.asked(STREAM) == 1)

    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening

    assert b"data: " in await _open(site)


async def test_cloud_is_left_to_the_readings(site: LiveSite) -> None:
    """A refused token is a matter for those who may sign in; their turn comes next."""
    site.gateway.revoke_tokens()

    with pytest.raises(TokenRefusedError):
        await _open(site)
    with pytest.raises(TokenRefusedError):
        await _get(site, LIVEDATA, cloud=False)
    with pytest.raises(TokenRefusedError):
        await _post(site)
    assert site.cloud_requests() == 0

    await site.read(Tier.READINGS)

    assert site.cloud_requests() > 0
    assert b"data: " in await _open(site)


async def test_switching_livedata_on(site: LiveSite) -> None:
    assert b"enabled" in await _post(site)

    assert site.gateway.livedata.enabled
    assert _shown(site, SWITCH) == ["cookie"]
    assert site.gateway.requests.to(SWITCH)[0].method == "POST"


@pytest.mark.parametrize(
    ("status", "blame"), [(400, EnvoyResponseError), (401, EnvoyForbiddenError)]
)
async def test_switch_that_is_refused(
    site: LiveSite, status: int, blame: type[Exception]
) -> None:
    site.gateway.livedata.refuse_enable = status

    with pytest.raises(blame):
        await _post(site)

    site.gateway.livedata.refuse_enable = None
    assert b"enabled" in await _post(site)


type RawGateway = Callable[[RawAnswer], Awaitable[EnvoyTransport]]


def _old_session(transport: EnvoyTransport) -> EnvoySession:
    return EnvoySession(
        transport=transport,
        info=GatewayInfo(
            serial="121621012167",
            part_number=None,
            firmware=Firmware("D5.0.49"),
            is_metered=True,
            web_tokens=False,
            time=None,
        ),
        token=None,
        credentials=Credentials(username="me", password="mine"),
        cloud=None,
        on_token=lambda _: None,
        backoff=LoginBackoff(),
    )


def _for(user: bytes, asked: list[bytes]) -> RawAnswer:
    """Stream to one user only."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        asked.append(request)
        challenge = b'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n'
        good = b"HTTP/1.1 200 OK\r\n\r\ndata: {}\r\n\r\n"
        bad = b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n" + challenge + b"\r\n"
        writer.write({True: good, False: bad}[b'username="' + user in request])
        await writer.drain()

    return answer


async def test_old_gateway_streams_to_a_local_user(raw_gateway: RawGateway) -> None:
    asked: list[bytes] = []
    session = _old_session(await raw_gateway(_for(b"installer", asked)))

    for _ in range(2):
        stream = await session.open_stream(STREAM, timeout=5)
        with contextlib.closing(stream):
            assert b"data: " in await stream.read(timeout=5)

    assert asked[0].count(b"Authorization") == 0
    assert b'username="installer"' in asked[-1]
    assert b'username="installer"' in asked[-2], "the user is remembered"


async def test_old_gateway_that_refuses_everybody(raw_gateway: RawGateway) -> None:
    asked: list[bytes] = []
    session = _old_session(await raw_gateway(_for(b"nobody", asked)))

    with pytest.raises(LocalCredentialsError):
        await session.open_stream(STREAM, timeout=5)
    tries = len(asked)
    with pytest.raises(LocalCredentialsError):
        await session.open_stream(STREAM, timeout=5)

    assert len(asked) - tries < tries
    with pytest.raises(EnvoyNotFoundError):
        await session.post(SWITCH, body=ENABLE, lane=Lane.NATIVE, timeout=5)
