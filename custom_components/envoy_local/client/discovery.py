"""The first contact with a gateway: who it is and how it wants to be spoken to."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import aiohttp

from .address import GatewayAddress
from .exceptions import (
    EnvoyBusyError,
    EnvoyConnectionError,
    EnvoyError,
    EnvoyResponseError,
    EnvoyTimeoutError,
    NotAnEnvoyError,
)
from .models.gateway import GatewayInfo
from .payloads.info import parse_info
from .transport import (
    EnvoyTransport,
    GatewayResponse,
    Lane,
    is_overloaded,
    read_fingerprint,
)

_TIMEOUT: Final = 30.0
_INFO: Final = "/info"
# A redirect from the http port, a complaint from the https port.
_SENT_TO_HTTPS: Final = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.BAD_REQUEST)
_NO_ENVOY: Final = "What answers at this address is not an Envoy"


def wants_token(info: GatewayInfo) -> bool:
    """Whether this gateway is read with a token, over https only."""
    return info.firmware.needs_token or info.web_tokens is True


async def probe_gateway(
    session: aiohttp.ClientSession, address: GatewayAddress
) -> tuple[EnvoyTransport, GatewayInfo]:
    """Find a gateway at an address and pin the certificate it shows.

    https first. http only where that leads to no gateway, and only for firmware
    below 7: a token never goes over http.
    """
    first: EnvoyError
    try:
        return await _probe_https(session, address)
    except EnvoyTimeoutError:
        raise
    except (EnvoyConnectionError, NotAnEnvoyError) as err:
        first = err
    try:
        return await _probe_http(session, address)
    except _NotEncryptedError as err:
        raise first if isinstance(first, NotAnEnvoyError) else err from None
    except EnvoyConnectionError:
        raise first from None


async def identify(transport: EnvoyTransport) -> GatewayInfo:
    """Ask who answers, over a way that is known already."""
    return _identity(await _ask(transport))


class _NotEncryptedError(EnvoyConnectionError):
    """A newer gateway answers, but takes no encrypted connection."""

    def __init__(self) -> None:
        super().__init__("The gateway takes no encrypted connection right now")


async def _probe_https(
    session: aiohttp.ClientSession, address: GatewayAddress
) -> tuple[EnvoyTransport, GatewayInfo]:
    address = address.with_scheme("https")
    fingerprint = await read_fingerprint(session, address, timeout=_TIMEOUT)
    transport = EnvoyTransport(
        session=session, address=address, fingerprint=fingerprint
    )
    return transport, await identify(transport)


async def _probe_http(
    session: aiohttp.ClientSession, address: GatewayAddress
) -> tuple[EnvoyTransport, GatewayInfo]:
    address = address.with_scheme("http")
    transport = EnvoyTransport(session=session, address=address, fingerprint=None)
    answer = await _ask(transport)
    if answer.status in _SENT_TO_HTTPS:
        raise _NotEncryptedError
    info = _identity(answer)
    if wants_token(info):
        raise _NotEncryptedError
    return transport, info


async def _ask(transport: EnvoyTransport) -> GatewayResponse:
    try:
        return await transport.request("GET", _INFO, lane=Lane.NATIVE, timeout=_TIMEOUT)
    except EnvoyResponseError:
        raise NotAnEnvoyError(_NO_ENVOY) from None


def _identity(answer: GatewayResponse) -> GatewayInfo:
    """Tell a gateway from one that is starting and from anything else."""
    if is_overloaded(answer.status) or (
        answer.status == HTTPStatus.OK and not answer.body.strip()
    ):
        raise EnvoyBusyError("The gateway is starting or busy")
    if answer.status != HTTPStatus.OK:
        raise NotAnEnvoyError(_NO_ENVOY)
    try:
        return parse_info(answer.body)
    except EnvoyResponseError:
        raise NotAnEnvoyError(_NO_ENVOY) from None
