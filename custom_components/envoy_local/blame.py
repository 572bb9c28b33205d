"""What only a person can mend, and what mends itself."""

from __future__ import annotations

from typing import Final

from .client.backoff import LoginFailure
from .client.exceptions import (
    CloudBackoffError,
    CredentialsRefusedError,
    EnvoyError,
    SecondFactorError,
    SerialNotOnAccountError,
    TokenExpiredError,
    TokenForeignError,
    TokenInvalidError,
    TokenRefusedError,
)

_NEEDS_A_PERSON: Final = (
    CredentialsRefusedError,
    SecondFactorError,
    SerialNotOnAccountError,
    TokenExpiredError,
    TokenForeignError,
    TokenInvalidError,
)
_WAITS_FOR_A_PERSON: Final = frozenset(
    {LoginFailure.CREDENTIALS, LoginFailure.SECOND_FACTOR, LoginFailure.SERIAL}
)
"""What the last attempt ended with, while the next one isn't due."""
_REFUSALS: Final = 3
_REFUSED_FOR: Final = 120.0
"""Seconds. A gateway that is starting refuses good tokens for a moment."""


class Refusals:
    """Tells a token that is no good from a gateway that had a bad moment."""

    def __init__(self, *, can_renew: bool) -> None:
        """Start without a refusal.

        A token that we can renew is never the owner's business: a gateway that
        refuses a fresh one has to come to its senses by itself.
        """
        self._can_renew = can_renew
        self._count = 0
        self._since = 0.0

    def needs_a_person(self, error: EnvoyError, now: float) -> bool:
        """Whether no retry can mend this: only then is a new sign-in asked for."""
        if isinstance(error, _NEEDS_A_PERSON):
            return True
        if isinstance(error, CloudBackoffError) and error.cause in _WAITS_FOR_A_PERSON:
            return True
        if self._can_renew or not isinstance(error, TokenRefusedError):
            return False
        if not self._count:
            self._since = now
        self._count += 1
        return self._count >= _REFUSALS and now - self._since >= _REFUSED_FOR

    def forget(self) -> None:
        """Start afresh: the gateway accepts us."""
        self._count = 0
