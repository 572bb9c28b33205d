"""The way into a gateway below firmware 7: no token, HTTP Digest where it asks for it.

What needs a user differs between versions: 3.9 leaves production open and
guards the inverters.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Final

from .clock import loop_time
from .credentials import Credentials, local_credentials
from .digest import DigestAuth, DigestChallenge
from .exceptions import EnvoyBusyError, LocalCredentialsError
from .transport import (
    EnvoyTransport,
    GatewayResponse,
    GatewayStream,
    Lane,
    is_overloaded,
)

_TRIAL: Final = "/api/v1/production"
_TRIAL_TIMEOUT: Final = 30.0
_REFUSED_FOR: Final = 900.0


class LocalLogin:
    """Ask openly first, then as one local user after the other; remember who got in."""

    def __init__(
        self, *, transport: EnvoyTransport, serial: str, credentials: Credentials | None
    ) -> None:
        """Start with nobody; the credentials a person gave come first."""
        self._transport = transport
        self._serial = serial
        self._credentials = credentials
        self._auth: DigestAuth | None = None
        self._stream_auth: DigestAuth | None = None
        self._refused: dict[str, float] = {}

    async def authenticate(self) -> None:
        """Ask once for something that every such gateway has."""
        answer = await self.get(_TRIAL, lane=Lane.NATIVE, timeout=_TRIAL_TIMEOUT)
        if is_overloaded(answer.status):
            raise EnvoyBusyError("The gateway is starting or busy")

    async def get(self, path: str, *, lane: Lane, timeout: float) -> GatewayResponse:
        """Ask, as a local user if need be; `LocalCredentialsError` if none gets in."""

        async def ask(auth: DigestAuth | None) -> GatewayResponse:
            headers = self._headers(path, auth)
            return await self._transport.request(
                "GET", path, lane=lane, timeout=timeout, headers=headers
            )

        auth, answer = await self._ask_as_somebody(path, self._auth, ask)
        if not is_overloaded(answer.status):
            self._auth = auth
        return answer

    async def open_stream(self, path: str, *, timeout: float) -> GatewayStream:
        """Open a stream as whoever may: the installer, where others may not."""

        async def ask(auth: DigestAuth | None) -> GatewayStream:
            stream = await self._transport.open_stream(
                path, timeout=timeout, headers=self._headers(path, auth)
            )
            if stream.status == HTTPStatus.UNAUTHORIZED:
                stream.close()
            return stream

        auth, stream = await self._ask_as_somebody(path, self._stream_auth, ask)
        self._stream_auth = auth
        return stream

    async def _ask_as_somebody[AnswerT: GatewayResponse | GatewayStream](
        self,
        path: str,
        auth: DigestAuth | None,
        ask: Callable[[DigestAuth | None], Awaitable[AnswerT]],
    ) -> tuple[DigestAuth | None, AnswerT]:
        """Ask as before, then go through the users until one isn't refused."""
        answer = await ask(auth)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            for user in self._candidates(path, auth):
                challenge = _challenge(answer)
                if challenge is None:
                    break
                auth = DigestAuth(credentials=user, challenge=challenge)
                answer = await ask(auth)
                if answer.status != HTTPStatus.UNAUTHORIZED:
                    break
        if answer.status == HTTPStatus.UNAUTHORIZED:
            self._refused.setdefault(path, loop_time())
            raise LocalCredentialsError("The gateway refuses every local user for this")
        if not is_overloaded(answer.status):
            self._refused.pop(path, None)
        return auth, answer

    def _candidates(self, path: str, auth: DigestAuth | None) -> Iterator[Credentials]:
        """Yield whom to try after a 401.

        The present user comes first, as its nonce may just be too old. Where
        all were refused lately, nobody else is tried.
        """
        everybody = tuple(local_credentials(self._serial, self._credentials))
        present = auth.credentials if auth else everybody[0]
        yield present
        refused_at = self._refused.get(path)
        if refused_at is not None and loop_time() - refused_at < _REFUSED_FOR:
            return
        self._refused.pop(path, None)
        yield from (each for each in everybody if each != present)

    def _headers(self, path: str, auth: DigestAuth | None) -> Mapping[str, str]:
        if auth is None:
            return {}
        return {
            "Authorization": auth.header(
                "GET", self._transport.address.url(path).raw_path_qs
            )
        }


def _challenge(answer: GatewayResponse | GatewayStream) -> DigestChallenge | None:
    """Find a challenge we can answer among those of a 401."""
    headers = answer.headers.getall("WWW-Authenticate", [])
    return next((found for found in map(DigestChallenge.parse, headers) if found), None)
