"""When the next sign-in to the cloud may be made.

Enphase locks an account for up to a day after repeated failures, so every
attempt is booked before it is made: not even a restart makes one too many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
import random
import time
from typing import Final, Self

from .exceptions import (
    CloudBackoffError,
    CloudError,
    CloudLockedError,
    CredentialsRefusedError,
    SecondFactorError,
    SerialNotOnAccountError,
)

STEPS: Final = (60, 300, 900, 3_600, 14_400, 43_200, 86_400)
"""Seconds to wait after the first, second, … failure in a row."""
_JITTER: Final = 0.1
_LOCKED_STEP: Final = STEPS.index(3_600) + 1
_LONGEST: Final = STEPS[-1] * (1 + _JITTER)
_MOST_FAILURES: Final = 1_000_000
_LATEST: Final = 1e11


class LoginFailure(StrEnum):
    """What the last attempt ended with."""

    INTERRUPTED = "interrupted"
    UNAVAILABLE = "cloud_unavailable"
    CREDENTIALS = "credentials_refused"
    SECOND_FACTOR = "second_factor"
    SERIAL = "serial_not_on_account"
    LOCKED = "account_locked"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - the name of a failure
    NOT_RENEWED = "token_not_renewed"


_IN_WORDS: Final[Mapping[LoginFailure, str]] = {
    LoginFailure.INTERRUPTED: "it was interrupted",
    LoginFailure.UNAVAILABLE: "the Enphase cloud didn't answer as it should",
    LoginFailure.CREDENTIALS: "Enphase refused the user name or the password",
    LoginFailure.SECOND_FACTOR: "the Enphase account asked for a second factor",
    LoginFailure.SERIAL: "the gateway wasn't on the Enphase account",
    LoginFailure.LOCKED: "Enphase had locked the account",
    LoginFailure.TOKEN_REFUSED: "the gateway refused the new token",
    LoginFailure.NOT_RENEWED: "the new token was about to end as well",
}
"""How to go on after "last time"."""
_FAILURES: Final[Mapping[type[CloudError], LoginFailure]] = {
    CredentialsRefusedError: LoginFailure.CREDENTIALS,
    SecondFactorError: LoginFailure.SECOND_FACTOR,
    SerialNotOnAccountError: LoginFailure.SERIAL,
    CloudLockedError: LoginFailure.LOCKED,
}


class LoginBackoff:
    """Count failed attempts and say when the next is due."""

    def __init__(
        self,
        *,
        on_change: Callable[[LoginBackoff], None] | None = None,
        clock: Callable[[], float] = time.time,
        spread: Callable[[], float] = random.random,
    ) -> None:
        """Start fresh; `on_change` is told whenever there is something to store."""
        self.failures = 0
        self.retry_at: float | None = None
        """Epoch seconds."""
        self.cause: LoginFailure | None = None
        self._on_change = on_change
        self._clock = clock
        self._spread = spread

    @property
    def is_waiting(self) -> bool:
        """Whether the next attempt isn't due yet.

        A time further away than the longest step comes from a clock that was
        wrong, and is not waited for.
        """
        return (
            self.retry_at is not None and 0 < self.retry_at - self._clock() <= _LONGEST
        )

    def begin(self) -> None:
        """Book an attempt; `CloudBackoffError` while it isn't due."""
        if self.is_waiting and self.retry_at is not None:
            cause = self.cause or LoginFailure.INTERRUPTED
            raise CloudBackoffError(
                cause=cause, last_time=_IN_WORDS[cause], retry_at=self.retry_at
            )
        self._book(LoginFailure.INTERRUPTED, self.failures + 1)

    def failed(self, error: CloudError) -> None:
        """Say what the booked attempt ended with."""
        self.note(_FAILURES.get(type(error), LoginFailure.UNAVAILABLE))

    def note(self, cause: LoginFailure) -> None:
        """Say what it ended with, where that wasn't an error of the cloud."""
        least = _LOCKED_STEP if cause is LoginFailure.LOCKED else 1
        self._book(cause, max(self.failures, least))

    def succeeded(self) -> None:
        """Forget all failures."""
        if self.failures == 0 and self.retry_at is None:
            return
        self.failures, self.retry_at, self.cause = 0, None, None
        self._changed()

    def _book(self, cause: LoginFailure, failures: int) -> None:
        self.failures = min(failures, _MOST_FAILURES)
        step = STEPS[min(self.failures, len(STEPS)) - 1]
        self.retry_at = self._clock() + step * (1 + _JITTER * (2 * self._spread() - 1))
        self.cause = cause
        self._changed()

    def _changed(self) -> None:
        if self._on_change is not None:
            self._on_change(self)

    def as_dict(self) -> dict[str, object]:
        """Return what has to survive a restart."""
        return {
            "failures": self.failures,
            "retry_at": self.retry_at,
            "cause": self.cause and self.cause.value,
        }

    @classmethod
    def from_dict(
        cls,
        stored: object,
        *,
        on_change: Callable[[LoginBackoff], None] | None = None,
        clock: Callable[[], float] = time.time,
        spread: Callable[[], float] = random.random,
    ) -> Self:
        """Take up where the stored one was; anything unreadable is a fresh start."""
        backoff = cls(on_change=on_change, clock=clock, spread=spread)
        match stored:
            case {
                "failures": int(failures),
                "retry_at": int() | float() as retry_at,
                "cause": str(cause),
            } if (
                cause in LoginFailure
                and 0 < failures <= _MOST_FAILURES
                and 0 <= retry_at < _LATEST
            ):
                backoff.failures = int(failures)
                backoff.retry_at = float(retry_at)
                backoff.cause = LoginFailure(cause)
        return backoff
