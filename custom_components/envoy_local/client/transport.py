"""One request to the gateway and its answer; nothing else sends any.

The gateway is small: each of its server processes gets one request at a time.
Its certificate is self-signed, so it is pinned. While another one answers,
the connection is closed before a single byte of a request goes out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import ExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
import time
from typing import Final

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict, CIMultiDictProxy

from .address import GatewayAddress
from .exceptions import (
    CertificateChangedError,
    EnvoyConnectionError,
    EnvoyError,
    EnvoyResponseError,
    EnvoyTimeoutError,
)

MAX_BODY: Final = 8 * 1024 * 1024
"""Bytes; the largest real answer is below 200 kB."""
_CHUNK: Final = 64 * 1024
_CONNECT_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=5)
_FINGERPRINT_LENGTH: Final = 32
_NO_FINGERPRINT: Final = aiohttp.Fingerprint(bytes(_FINGERPRINT_LENGTH))


type _Blame = tuple[type[Exception], type[EnvoyError], str]
_BLAME: Final[tuple[_Blame, ...]] = (
    (
        aiohttp.ConnectionTimeoutError,
        EnvoyConnectionError,
        "Nothing answers at the gateway's address",
    ),
    (
        TimeoutError,
        EnvoyTimeoutError,
        "The gateway didn't answer in time",
    ),
    (
        aiohttp.ClientSSLError,
        EnvoyConnectionError,
        "No encrypted connection to the gateway can be made",
    ),
    (
        aiohttp.ClientConnectorDNSError,
        EnvoyConnectionError,
        "The gateway's name is not known on this network",
    ),
    (
        aiohttp.ClientConnectorError,
        EnvoyConnectionError,
        "The gateway can't be reached",
    ),
    (
        aiohttp.ClientPayloadError,
        EnvoyConnectionError,
        "The gateway broke off in the middle of its answer",
    ),
    (
        aiohttp.ClientResponseError,
        EnvoyResponseError,
        "The gateway's answer isn't HTTP",
    ),
    (
        HttpProcessingError,
        EnvoyResponseError,
        "The gateway's answer isn't HTTP",
    ),
)
"""The first that fits; the more special come first."""


class Lane(StrEnum):
    """A server process of the gateway, which takes one request at a time."""

    NATIVE = "native"
    """`/info`, `/ivp/*`, `/api/v1/*`, `/admin/*`, `/auth/*`: 0.02-0.4 s."""
    READINGS = "readings"
    """The same process, ahead of all that waits for it: after one request at most."""
    DEVICE_DATA = "device_data"
    """`/ivp/pdm/*`: hangs for 30-85 s around 23:00."""
    RUBY = "ruby"
    """`/production`, `/production.json`, `/home`, `/inventory`: 0.7-55 s."""
    STREAM = "stream"
    """`/stream/meter`: taken as long as the stream flows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayResponse:
    """What the gateway answered; what may hold a secret stays out of the repr."""

    status: int
    headers: CIMultiDictProxy[str] = field(repr=False)
    body: bytes = field(repr=False)
    seconds: float
    """From the lane being free to the last byte."""


class GatewayStream:
    """A good answer that has no end, or the status of another; `close` it."""

    def __init__(
        self, *, response: aiohttp.ClientResponse, resources: ExitStack
    ) -> None:
        """Own what has to be given back."""
        self.status = response.status
        self.headers = response.headers
        self._content = response.content
        self._resources = resources

    async def read(self, *, timeout: float) -> bytes:
        """Return what has arrived, after `timeout` s at most; b"" is the end."""
        return await _blamed(self._content.readany(), timeout)

    def close(self) -> None:
        """Close the connection at once."""
        self._resources.close()


class EnvoyTransport:
    """Send requests to one gateway, one at a time in each lane."""

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        address: GatewayAddress,
        fingerprint: str | None,
    ) -> None:
        """Pin the certificate by its SHA-256 in hexadecimal (None for http).

        The session must not keep cookies (`aiohttp.DummyCookieJar`).
        """
        if (address.scheme == "https") != (fingerprint is not None):
            raise ValueError("https needs a fingerprint and http has none")
        self.address = address
        self.fingerprint = fingerprint
        self._session = session
        # aiohttp reuses a connection only for the very same object.
        self._pin = (
            aiohttp.Fingerprint(bytes.fromhex(fingerprint)) if fingerprint else True
        )
        self._lanes = {lane: asyncio.Lock() for lane in Lane}
        self._lanes[Lane.READINGS] = self._lanes[Lane.NATIVE]
        self._queue = asyncio.Lock()

    async def request(
        self,
        method: str,
        path: str,
        *,
        lane: Lane,
        timeout: float,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> GatewayResponse:
        """Wait for the lane, then send and read the whole answer within `timeout` s."""
        async with self._turn(lane):
            return await _blamed(
                self._exchange(method, path, headers or {}, body), timeout
            )

    async def open_stream(
        self,
        path: str,
        *,
        timeout: float,
        headers: Mapping[str, str] | None = None,
    ) -> GatewayStream:
        """Wait for the lane, then for an answer to begin, `timeout` s at most."""
        return await _blamed(self._open(path, headers or {}), timeout)

    @asynccontextmanager
    async def _turn(self, lane: Lane) -> AsyncIterator[None]:
        """Wait for a lane; of what the readings go before, one asks for it at a time.

        A slow gateway takes 0.4 s for each, and several tiers may be due at once.
        """
        queue = self._queue if lane is Lane.NATIVE else nullcontext()
        async with queue, self._lanes[lane]:
            yield

    async def _open(self, path: str, headers: Mapping[str, str]) -> GatewayStream:
        lane = self._lanes[Lane.STREAM]
        await lane.acquire()
        with ExitStack() as resources:
            resources.callback(lane.release)
            response = await self._send("GET", path, headers, None)
            # Not released: nobody reads the rest of a stream.
            resources.callback(response.close)
            return GatewayStream(response=response, resources=resources.pop_all())

    async def _exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> GatewayResponse:
        """Send one request.

        aiohttp itself repeats a GET once, at once, when a kept-alive connection
        turns out to be dead; nothing else is ever repeated.
        """
        started = time.perf_counter()
        async with await self._send(method, path, headers, body) as response:
            content = await _read(response)
        return GatewayResponse(
            status=response.status,
            headers=CIMultiDictProxy(CIMultiDict(response.headers)),
            body=content,
            seconds=time.perf_counter() - started,
        )

    async def _send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> aiohttp.ClientResponse:
        return await self._session.request(
            method,
            self.address.url(path),
            headers={"Accept-Encoding": "identity", **headers},
            data=body,
            ssl=self._pin,
            allow_redirects=False,
            timeout=_CONNECT_TIMEOUT,
        )


async def read_fingerprint(
    session: aiohttp.ClientSession, address: GatewayAddress, *, timeout: float
) -> str:
    """Return the fingerprint of the certificate at an address; nothing is sent there.

    A fingerprint that no certificate has makes aiohttp give up right after the
    handshake, and tell what it found.
    """
    try:
        await _blamed(_shake_hands(session, address), timeout)
    except CertificateChangedError as shown:
        return shown.found
    raise EnvoyConnectionError("The gateway shows no certificate")


async def _shake_hands(session: aiohttp.ClientSession, address: GatewayAddress) -> None:
    async with session.get(
        address.with_scheme("https").url("/info"),
        ssl=_NO_FINGERPRINT,
        allow_redirects=False,
        timeout=_CONNECT_TIMEOUT,
    ):
        pass


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Read a body of a sane size."""
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > MAX_BODY:
            response.close()
            raise EnvoyResponseError("The gateway's answer has no end")
    return bytes(content)


async def _blamed[T](exchange: Coroutine[None, None, T], timeout: float) -> T:
    """Bound an exchange and turn whatever goes wrong on the way into one of our errors.

    The original is not chained: it may hold the request's headers, and always
    holds the address. A host name that the resolver can't encode is a `ValueError`.
    """
    try:
        async with asyncio.timeout(timeout):
            return await exchange
    except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as err:
        blamed = _our_error(err)
    raise blamed


def _our_error(err: Exception) -> EnvoyError:
    if (mismatch := _mismatch(err)) is not None:
        return CertificateChangedError(
            pinned=mismatch.expected.hex(), found=mismatch.got.hex()
        )
    for kind, blame, sentence in _BLAME:
        if isinstance(err, kind):
            return blame(sentence)
    return EnvoyConnectionError("The connection to the gateway broke")


def _mismatch(err: BaseException) -> aiohttp.ServerFingerprintMismatch | None:
    """Find a wrong certificate behind an error.

    With an IPv6 zone id aiohttp stumbles over the address while it handles the
    mismatch, which is then only the context of a `ValueError`.
    """
    seen: BaseException | None = err
    while isinstance(seen, ValueError):
        seen = seen.__context__
    return seen if isinstance(seen, aiohttp.ServerFingerprintMismatch) else None


def is_overloaded(status: int) -> bool:
    """Whether a status says that the gateway can't answer now: booting, or overload."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR
