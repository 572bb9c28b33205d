"""The token in use, and the one attempt at a time to get the next."""

from __future__ import annotations

from collections.abc import Callable

from .access_token import AccessToken
from .backoff import LoginBackoff, LoginFailure
from .cloud import EnlightenCloud
from .credentials import Credentials
from .exceptions import CloudError, TokenRefusedError


class TokenSource:
    """Hold the token; get another, never more often than the back-off allows."""

    def __init__(
        self,
        *,
        serial: str,
        token: AccessToken | None,
        credentials: Credentials | None,
        cloud: EnlightenCloud | None,
        on_token: Callable[[AccessToken], None],
        backoff: LoginBackoff,
        clock: Callable[[], float],
    ) -> None:
        """Start with a stored token, the only one without credentials and a cloud."""
        self.token = token
        self.backoff = backoff
        self.cloud_logins = 0
        self._serial = serial
        self._credentials = credentials
        self._cloud = cloud
        self._on_token = on_token
        self._clock = clock
        self._unproven: AccessToken | None = None

    @property
    def can_fetch(self) -> bool:
        """Whether there is anybody to ask for another token."""
        return self._cloud is not None and self._credentials is not None

    @property
    def usable(self) -> AccessToken | None:
        """The token, if it is this gateway's; another's is not to be shown to it."""
        if self.token is not None and self.token.serial == self._serial:
            return self.token
        return None

    def may_renew(self) -> bool:
        """Whether the next token should be fetched, and may be."""
        usable = self.usable
        return (
            usable is not None
            and self.can_fetch
            and usable.renewal_due(self._clock())
            and not self.backoff.is_waiting
        )

    def is_expired(self, token: AccessToken) -> bool:
        """Whether a token's own expiry has passed."""
        return token.is_expired(self._clock())

    async def fetch(self) -> AccessToken:
        """Ask the cloud once; without a cloud raise what is wrong with the token."""
        if self._cloud is None or self._credentials is None:
            raise self._refusal()
        self.backoff.begin()
        self.cloud_logins += 1
        try:
            token = await self._cloud.fetch_token(
                username=self._credentials.username,
                password=self._credentials.password,
                serial=self._serial,
            )
        except CloudError as err:
            self.backoff.failed(err)
            raise
        self._unproven = token
        return token

    def adopt(self, token: AccessToken) -> None:
        """Use a token from now on and have it stored."""
        self.token = token
        self._on_token(token)

    def accepted(self, token: AccessToken) -> None:
        """Note that the gateway takes a token; a fresh one ends the back-off.

        The cloud sometimes hands out the token it made before. One that is due
        for renewal again would otherwise mean a sign-in with every poll.
        """
        if token is not self._unproven:
            return
        self._unproven = None
        if token.renewal_due(self._clock()):
            self.backoff.note(LoginFailure.NOT_RENEWED)
        else:
            self.backoff.succeeded()

    def refused(self, token: AccessToken) -> None:
        """Note that the gateway refuses a token; a fresh one is a failed attempt."""
        if token is self._unproven:
            self._unproven = None
            self.backoff.note(LoginFailure.TOKEN_REFUSED)

    def _refusal(self) -> TokenRefusedError:
        if self.token is None:
            return TokenRefusedError("There is no token for this gateway")
        try:
            self.token.check(self._serial, self._clock())
        except TokenRefusedError as err:
            return err
        return TokenRefusedError("The gateway refuses the token")
