"""When an endpoint is due again, by how it has behaved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .exceptions import (
    CertificateChangedError,
    CloudError,
    EnvoyAuthError,
    EnvoyConnectionError,
    EnvoyError,
    EnvoyForbiddenError,
    EnvoyNotFoundError,
    EnvoyTimeoutError,
    LocalCredentialsError,
    WrongGatewayError,
)

_NEVER_THERE: Final = EnvoyNotFoundError | EnvoyForbiddenError | LocalCredentialsError
"""What says that this gateway, or this role, doesn't have an endpoint."""

_PATIENCE: Final = 3
"""Failures in a row after which an endpoint is asked more rarely."""
_SLACK: Final = 1.0
"""Seconds by which a timer may be early."""


@dataclass(slots=True)
class EndpointRecord:
    """How the last reads of one endpoint went; times are monotonic seconds."""

    last_success: float | None = None
    last_attempt: float | None = None
    failing_since: float | None = None
    failures: int = 0
    not_before: float = 0.0
    error: EnvoyError | None = None

    @property
    def is_unsupported(self) -> bool:
        """Whether this gateway, or this role, never had the endpoint."""
        return self.last_success is None and isinstance(self.error, _NEVER_THERE)

    @property
    def is_settled(self) -> bool:
        """Whether it is known what the endpoint says, be it that there is none."""
        return self.last_success is not None or self.is_unsupported

    def is_due(self, now: float, pace: float) -> bool:
        """Whether it is time to ask again."""
        last = self.last_attempt if self.failures else self.last_success
        paced = self.not_before if last is None else last + pace
        return now + _SLACK >= max(self.not_before, paced)

    def succeeded(self, now: float) -> None:
        """Note a good answer."""
        self.last_success = self.last_attempt = now
        self.forget_failures()

    def failed(
        self,
        now: float,
        error: EnvoyError,
        *,
        interval: float,
        longest: float,
        absent: float,
    ) -> None:
        """Note a failure, and wait longer the more of them there are.

        A gateway that can't be reached says nothing about one endpoint of it.
        """
        self.failures += 1
        self.error = error
        self.last_attempt = now
        if self.failing_since is None:
            self.failing_since = now
        if self.is_unsupported:
            self.not_before = now + absent
        elif is_about_the_way(error):
            self.not_before = now
        elif self.failures >= _PATIENCE:
            wait = interval * 2 ** min(self.failures - _PATIENCE + 1, 16)
            self.not_before = now + min(wait, longest)

    def forget_failures(self) -> None:
        """Start afresh, as after an outage of the whole gateway."""
        self.failures = 0
        self.failing_since = None
        self.not_before = 0.0
        self.error = None

    def is_lost(self, now: float, limit: float) -> bool:
        """Whether the last good answer is too old to be shown."""
        return self.last_success is not None and now - self.last_success > limit


def is_about_the_way(error: EnvoyError) -> bool:
    """Whether the way to the gateway failed, and not one endpoint of it."""
    if isinstance(error, EnvoyTimeoutError | _NEVER_THERE):
        return False
    return isinstance(
        error,
        EnvoyConnectionError
        | EnvoyAuthError
        | CloudError
        | CertificateChangedError
        | WrongGatewayError,
    )
