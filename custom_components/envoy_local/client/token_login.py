"""The way into a gateway with firmware 7 and newer: token, session cookie, requests.

The token is shown once to `/auth/check_jwt`, which answers with a session
cookie. The cookie alone opens everything else and costs the gateway less. A
session ends after ten idle minutes, at a reboot, or when one of a higher role
begins; the gateway then says 401, and a new one is opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
import re
from typing import Final

from .access_token import AccessToken
from .clock import loop_time
from .exceptions import (
    CloudError,
    EnvoyBusyError,
    EnvoyConnectionError,
    EnvoyError,
    EnvoyForbiddenError,
    EnvoyResponseError,
    TokenRefusedError,
)
from .token_source import TokenSource
from .transport import (
    EnvoyTransport,
    GatewayResponse,
    GatewayStream,
    Lane,
    is_overloaded,
)

_CHECK: Final = "/auth/check_jwt"
_CHECK_TIMEOUT: Final = 20.0
_COOKIE: Final = re.compile(r"\s*sessionId\s*=\s*\"?(?P<value>[!#-+\--:<-\[\]-~]+)")
_ACCEPTED: Final = b"valid token"
_REFUSALS: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_REFUSED_FOR: Final = 30.0
"""A refused token isn't shown again for this long, however many tiers ask."""
_JUST_RENEWED: Final = 1.0
_PROVEN_FOR: Final = 60.0
_LONG_AGO: Final = float("-inf")
_JSON: Final[Mapping[str, str]] = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request, whatever is shown with it."""

    path: str
    lane: Lane
    timeout: float
    """Seconds, for each try."""
    method: str = "GET"
    body: bytes | None = None
    """JSON."""
    cloud: bool = True
    """Whether a refused token may be replaced by one from the cloud."""


class TokenLogin:
    """Open a session, keep it open, and know what the gateway refuses for good."""

    def __init__(self, *, transport: EnvoyTransport, source: TokenSource) -> None:
        """Start without a session."""
        self.source = source
        self.check_jwt_calls = 0
        self.bearer_mode = False
        """Whether the gateway refuses its cookie and gets the token with each call."""
        self._transport = transport
        self._cookie: str | None = None
        self._lock = asyncio.Lock()
        self._sessions = 0
        self._failures = 0
        self._failure: EnvoyError | None = None
        self._failed_at = _LONG_AGO
        self._renewed_at = _LONG_AGO
        self._proven_at = _LONG_AGO
        self._forbidden: set[str] = set()
        self._streams: dict[str, bool] = {}
        """The streams that worked, and whether they wanted the token itself."""

    async def authenticate(self) -> None:
        """Open a session now, whatever happened before."""
        self._failed_at = _LONG_AGO
        await self._renew(self._sessions, cloud=True)

    @property
    def sessions(self) -> int:
        """How many sessions were opened so far."""
        return self._sessions

    async def ask(self, question: Question) -> GatewayResponse:
        """Ask with the session; `EnvoyForbiddenError` where a good one isn't enough."""
        path = question.path
        if not self._sessions:
            await self._renew(0, cloud=question.cloud)
        session = self._sessions
        answer = await self._ask(question, bearer=self.bearer_mode)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return self._proven(path, answer)
        answer = await self._ask_again(session, question, answer)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return self._proven(path, answer)
        self._forbidden.add(path)
        raise EnvoyForbiddenError("The gateway doesn't let this token read that")

    async def open_stream(self, path: str, *, timeout: float) -> GatewayStream:
        """Open a stream; `timeout` in seconds bounds each try.

        Firmware 8.3 has been seen to want the token where everything else takes the
        cookie, so the one that worked is tried first. The cloud is never asked.
        """
        if not self._sessions:
            await self._renew(0, cloud=False)
        session, bearer = self._sessions, self._streams.get(path, self.bearer_mode)
        stream = await self._open_stream(path, timeout, bearer=bearer)
        if stream is None and not self._is_known_as_forbidden(path):
            await self._renew(session, cloud=False)
            if path in self._streams:
                stream = await self._open_stream(path, timeout, bearer=bearer)
            if stream is None:
                bearer = not bearer
                stream = await self._open_stream(path, timeout, bearer=bearer)
        if stream is None:
            self._forbidden.add(path)
            raise EnvoyForbiddenError("The gateway doesn't let this token read that")
        if stream.status == HTTPStatus.OK:
            self._streams[path] = bearer
            self._forbidden.discard(path)
        return stream

    async def renew_token_if_due(self) -> None:
        """Fetch the next token while this one still works."""
        if not self.source.may_renew():
            return
        async with self._lock:
            if not self.source.may_renew():
                return
            token = await self.source.fetch()
            try:
                accepted = await self._accepts(token)
            except EnvoyError:
                # The gateway is away or busy: no reason to sign in to the cloud again.
                self.source.adopt(token)
                raise
            if not accepted:
                raise TokenRefusedError(
                    "The gateway refuses a token fresh from the cloud"
                )
            self.source.adopt(token)

    async def _ask_again(
        self, session: int, question: Question, refusal: GatewayResponse
    ) -> GatewayResponse:
        """Find out whether the session ended, the cookie is refused or the path is."""
        if self._is_known_as_forbidden(question.path):
            return refusal
        # Straight after a renewal the session is not what is wrong.
        just_renewed = (
            session == self._sessions and loop_time() - self._renewed_at < _JUST_RENEWED
        )
        if not just_renewed:
            await self._renew(session, cloud=question.cloud)
            self._renewed_at = loop_time()
            answer = await self._ask(question, bearer=self.bearer_mode)
            if answer.status != HTTPStatus.UNAUTHORIZED:
                return answer
        other_way = not self.bearer_mode
        if not other_way and self._cookie is None:
            return refusal
        answer = await self._ask(question, bearer=other_way)
        if answer.status == HTTPStatus.OK and not just_renewed:
            self.bearer_mode = other_way
        return answer

    def _is_known_as_forbidden(self, path: str) -> bool:
        """Whether a path was refused before while the session is known to be good."""
        return path in self._forbidden and loop_time() - self._proven_at < _PROVEN_FOR

    def _proven(self, path: str, answer: GatewayResponse) -> GatewayResponse:
        if answer.status == HTTPStatus.OK:
            self._proven_at = loop_time()
            self._forbidden.discard(path)
        return answer

    async def _ask(self, question: Question, *, bearer: bool) -> GatewayResponse:
        kind = {} if question.body is None else _JSON
        return await self._transport.request(
            question.method,
            question.path,
            lane=question.lane,
            timeout=question.timeout,
            headers={**self._headers(bearer=bearer), **kind},
            body=question.body,
        )

    async def _open_stream(
        self, path: str, timeout: float, *, bearer: bool
    ) -> GatewayStream | None:
        """Try one way; None where it is refused."""
        stream = await self._transport.open_stream(
            path, timeout=timeout, headers=self._headers(bearer=bearer)
        )
        if stream.status != HTTPStatus.UNAUTHORIZED:
            return stream
        stream.close()
        return None

    def _headers(self, *, bearer: bool) -> Mapping[str, str]:
        token = self.source.usable
        if bearer and token is not None:
            return _bearer(token)
        return {} if self._cookie is None else {"Cookie": f"sessionId={self._cookie}"}

    async def _renew(self, session: int, *, cloud: bool) -> None:
        """Replace a session, once for everybody who finds it ended.

        Whoever waited for another's attempt shares its outcome. If the one who
        makes it is cancelled, the next in line makes it. Without the cloud a
        failure says little, so nobody shares it.
        """
        failures = self._failures
        async with self._lock:
            if self._sessions != session:
                return
            if self._failure is not None and (
                self._failures != failures or self._is_refused_for_now()
            ):
                raise self._failure
            try:
                await self._sign_in(cloud=cloud)
            except EnvoyError as err:
                if cloud:
                    self._failures += 1
                    self._failure = err.with_traceback(None)
                    self._failed_at = loop_time()
                raise
            self._failure = None

    def _is_refused_for_now(self) -> bool:
        """Whether the token was refused a moment ago; a busy gateway doesn't count."""
        refused = isinstance(self._failure, TokenRefusedError | CloudError)
        return refused and loop_time() - self._failed_at < _REFUSED_FOR

    async def _sign_in(self, *, cloud: bool) -> None:
        """Show the token; if the gateway refuses it, one from the cloud."""
        token = self.source.usable
        if token is not None and await self._accepts_at_last(token):
            return
        if not cloud:
            raise TokenRefusedError("The gateway refuses the token")
        token = await self.source.fetch()
        self.source.adopt(token)
        if not await self._accepts(token):
            raise TokenRefusedError("The gateway refuses a token fresh from the cloud")

    async def _accepts_at_last(self, token: AccessToken) -> bool:
        """Ask a second time before believing that an unexpired token is refused.

        A busy gateway has been seen to refuse a good token once.
        """
        if await self._accepts(token):
            return True
        return not self.source.is_expired(token) and await self._accepts(token)

    async def _accepts(self, token: AccessToken) -> bool:
        """Show a token and open a session with it; the old cookie stays at home.

        With the cookie the gateway would not open a new session.
        """
        if self._transport.address.scheme != "https":
            raise EnvoyConnectionError("A token is never sent without encryption")
        self.check_jwt_calls += 1
        answer = await self._transport.request(
            "GET",
            _CHECK,
            lane=Lane.NATIVE,
            timeout=_CHECK_TIMEOUT,
            headers=_bearer(token),
        )
        if answer.status in _REFUSALS:
            self.source.refused(token)
            return False
        self._open(answer)
        self.source.accepted(token)
        return True

    def _open(self, answer: GatewayResponse) -> None:
        """Take the session from a good answer; without one the token has to do."""
        if is_overloaded(answer.status):
            raise EnvoyBusyError("The gateway is too busy to check the token")
        cookie = _session_cookie(answer)
        if answer.status != HTTPStatus.OK or (
            cookie is None and _ACCEPTED not in answer.body.lower()
        ):
            raise EnvoyResponseError("The gateway's answer to the token makes no sense")
        self._cookie = cookie
        self._sessions += 1
        self._proven_at = _LONG_AGO
        if cookie is None:
            self.bearer_mode = True


def _bearer(token: AccessToken) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token.text}"}


def _session_cookie(answer: GatewayResponse) -> str | None:
    """Find the session in the `Set-Cookie` headers."""
    cookies = (_COOKIE.match(each) for each in answer.headers.getall("Set-Cookie", []))
    return next((found["value"] for found in cookies if found), None)
