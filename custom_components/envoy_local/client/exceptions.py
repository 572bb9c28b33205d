"""Who is to blame when something fails: one error for each answer.

Every error carries a sentence that a home owner can read. None of them ever
carries a password, a token, a cookie or the body of an answer.
"""

from __future__ import annotations


class EnvoyError(Exception):
    """Anything that keeps the client from giving an answer."""


# --- The gateway, or the way to it -------------------------------------------


class EnvoyConnectionError(EnvoyError):
    """Nothing answers at the address."""


class EnvoyTimeoutError(EnvoyConnectionError):
    """The gateway took the request and did not answer in time."""


class EnvoyBusyError(EnvoyError):
    """The gateway answers, but only that it can't now (5xx: booting, overload)."""


class EnvoyResponseError(EnvoyError):
    """The answer isn't what this endpoint answers: garbled, HTML, truncated."""


class EnvoyNotFoundError(EnvoyResponseError):
    """This gateway doesn't have this endpoint (404)."""


class NotAnEnvoyError(EnvoyError):
    """Something answers at the address, and it is no Envoy."""


class WrongGatewayError(EnvoyError):
    """Another gateway answers at the address."""

    def __init__(self, *, expected: str, found: str) -> None:
        """Keep both serial numbers; the message names neither."""
        super().__init__("Another gateway answers at this address")
        self.expected = expected
        self.found = found


class CertificateChangedError(EnvoyError):
    """The gateway shows another certificate than the one that was pinned.

    Nothing was sent over the connection: no token, no cookie.
    """

    def __init__(self, *, pinned: str, found: str) -> None:
        """Keep both SHA-256 fingerprints, as lower-case hexadecimal text."""
        super().__init__("The gateway's certificate has changed")
        self.pinned = pinned
        self.found = found


# --- The gateway refuses us --------------------------------------------------


class EnvoyAuthError(EnvoyError):
    """The gateway refuses what we showed it."""


class EnvoyForbiddenError(EnvoyAuthError):
    """The session is good, but its role may not read this endpoint."""


class TokenRefusedError(EnvoyAuthError):
    """The gateway refuses the token itself."""


class TokenExpiredError(TokenRefusedError):
    """The token's own expiry has passed."""


class TokenInvalidError(TokenRefusedError):
    """The text isn't a token at all."""


class TokenForeignError(TokenRefusedError):
    """The token was made for another gateway."""


class LocalCredentialsError(EnvoyAuthError):
    """A gateway of the old kind (firmware below 7) refuses its local user."""


# --- The Enphase cloud -------------------------------------------------------


class CloudError(EnvoyError):
    """Anything between us and a new token."""


class CloudUnavailableError(CloudError):
    """The cloud is down, slow, or answers something that isn't an answer."""


class CredentialsRefusedError(CloudError):
    """The cloud says the user name or the password is wrong."""


class SecondFactorError(CloudError):
    """The account asks for a second factor, which only its owner can give."""


class SerialNotOnAccountError(CloudError):
    """The account is fine, but this gateway isn't on it."""


class CloudLockedError(CloudError):
    """The cloud has locked the account out for now, after too many attempts."""


class CloudBackoffError(CloudError):
    """We are holding back: the next attempt isn't due yet.

    `cause` is what the last attempt ended with, `last_time` the same in words,
    `retry_at` the epoch second at which the next one may be made.
    """

    def __init__(self, *, cause: str, last_time: str, retry_at: float) -> None:
        """Say what the last attempt ended with and when the next is due."""
        super().__init__(f"Waiting before the next sign-in; last time, {last_time}")
        self.cause = cause
        self.retry_at = retry_at
