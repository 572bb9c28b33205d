"""The way into a gateway of any kind, and who is to blame when it is closed."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
import time

from .access_token import AccessToken
from .backoff import LoginBackoff
from .cloud import EnlightenCloud
from .credentials import Credentials
from .discovery import wants_token
from .exceptions import (
    EnvoyBusyError,
    EnvoyError,
    EnvoyForbiddenError,
    EnvoyNotFoundError,
    EnvoyResponseError,
)
from .local_login import LocalLogin
from .models.gateway import GatewayInfo
from .token_login import Question, TokenLogin
from .token_source import TokenSource
from .transport import (
    EnvoyTransport,
    GatewayResponse,
    GatewayStream,
    Lane,
    is_overloaded,
)

__all__ = ["Credentials", "EnvoySession"]


class EnvoySession:
    """Ask the gateway; cookie, renewal, token and local users are its own business."""

    def __init__(
        self,
        *,
        transport: EnvoyTransport,
        info: GatewayInfo,
        token: AccessToken | None,
        credentials: Credentials | None,
        cloud: EnlightenCloud | None,
        on_token: Callable[[AccessToken], None],
        backoff: LoginBackoff,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Choose the way by the firmware; `on_token` stores each new token."""
        self.transport = transport
        self.info = info
        self.backoff = backoff
        self._source = TokenSource(
            serial=info.serial,
            token=token,
            credentials=credentials,
            cloud=cloud,
            on_token=on_token,
            backoff=backoff,
            clock=clock,
        )
        self._by_token = TokenLogin(transport=transport, source=self._source)
        self._by_user = LocalLogin(
            transport=transport, serial=info.serial, credentials=credentials
        )
        self._uses_token = wants_token(info)

    @property
    def token(self) -> AccessToken | None:
        """The token in use."""
        return self._source.token

    @property
    def check_jwt_calls(self) -> int:
        """How often the token was shown to the gateway."""
        return self._by_token.check_jwt_calls

    @property
    def sessions(self) -> int:
        """How many sessions were opened with a token."""
        return self._by_token.sessions

    @property
    def cloud_logins(self) -> int:
        """How often the cloud was signed in to."""
        return self._source.cloud_logins

    @property
    def bearer_mode(self) -> bool:
        """Whether the gateway refuses its cookie and gets the token with each call."""
        return self._by_token.bearer_mode

    async def authenticate(self) -> None:
        """Open the way in once; raises whoever is to blame if it stays closed."""
        if self._uses_token:
            await self._by_token.authenticate()
        else:
            await self._by_user.authenticate()

    async def renew_token_if_due(self) -> None:
        """Fetch the next token in good time.

        A `CloudError` or `TokenRefusedError` leaves the present token in use;
        until the back-off allows another attempt, nothing happens.
        """
        if self._uses_token:
            await self._by_token.renew_token_if_due()

    async def get(
        self, path: str, *, lane: Lane, timeout: float, cloud: bool = True
    ) -> GatewayResponse:
        """Return a good answer (200); `timeout` in seconds bounds each request.

        Without `cloud` a token that the gateway refuses is not replaced.
        """
        if self._uses_token:
            question = Question(path=path, lane=lane, timeout=timeout, cloud=cloud)
            answer = await self._by_token.ask(question)
        else:
            answer = await self._by_user.get(path, lane=lane, timeout=timeout)
        _check(answer.status)
        return answer

    async def post(
        self, path: str, *, body: bytes, lane: Lane, timeout: float
    ) -> GatewayResponse:
        """Send JSON and return a good answer (200); the cloud is never asked."""
        if not self._uses_token:
            raise EnvoyNotFoundError("This gateway takes no orders")
        question = Question(
            method="POST",
            path=path,
            body=body,
            lane=lane,
            timeout=timeout,
            cloud=False,
        )
        answer = await self._by_token.ask(question)
        _check(answer.status)
        return answer

    async def open_stream(self, path: str, *, timeout: float) -> GatewayStream:
        """Open an answer that has no end (200), to be closed; the cloud is never asked.

        `timeout` in seconds bounds each request until its answer begins.
        """
        way_in = self._by_token if self._uses_token else self._by_user
        stream = await way_in.open_stream(path, timeout=timeout)
        try:
            _check(stream.status)
        except EnvoyError:
            stream.close()
            raise
        return stream


def _check(status: int) -> None:
    """Raise what a status other than 200 means."""
    if status == HTTPStatus.OK:
        return
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise EnvoyForbiddenError("The gateway doesn't let this user read that")
    if status == HTTPStatus.NOT_FOUND:
        raise EnvoyNotFoundError("The gateway doesn't have that")
    if is_overloaded(status):
        raise EnvoyBusyError("The gateway is starting or busy")
    raise EnvoyResponseError(f"The gateway answered with status {status}")
