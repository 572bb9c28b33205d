"""How the sources of live power stand, and when each is asked again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..exceptions import (
    CloudError,
    EnvoyAuthError,
    EnvoyError,
    EnvoyForbiddenError,
    EnvoyNotFoundError,
    EnvoyTimeoutError,
    LocalCredentialsError,
)
from ..models.live import LiveSource, LiveStatus, Verdict

__all__ = ["LiveCounts", "LiveSource", "LiveStatus", "SourceRecord", "Verdict"]

GIVEN_UP_AFTER: Final = 3
"""Failures in a row after which the next best source steps in."""
_STEADY: Final = 60.0
"""Seconds of good frames after which the next failure is the first again."""
_DENIED_AGAIN: Final = 300.0
"""Seconds until a no is doubted, once: a gateway that starts says all kinds of it."""
_DENIED: Final = 86_400.0
_LOCKED_OUT: Final = 300.0
"""Seconds for which a refused token is left to whoever may fetch another."""
_DOUBLINGS: Final = 16

_REFUSALS: Final = EnvoyForbiddenError | LocalCredentialsError
_NOES: Final = frozenset({Verdict.REFUSED, Verdict.ABSENT})


@dataclass(slots=True)
class LiveCounts:
    """What was counted since the start."""

    frames: int = 0
    bad_frames: int = 0
    connects: int = 0
    polls: int = 0
    rearms: int = 0


class StandsStillError(EnvoyError):
    """Live data answers, and it is always the same."""


class SourceRecord:
    """How one source fared; times are monotonic seconds."""

    def __init__(
        self,
        *,
        first: float,
        longest: float,
        still: float,
        random: Callable[[], float],
    ) -> None:
        """Wait `first` s, doubling to `longest`; where it stands still, `still` s."""
        self.verdict = Verdict.NOT_ASKED
        self.failures = 0
        """In a row, without anything good between."""
        self.is_locked_out = False
        """Whether it is the token that is refused, for everything."""
        self._first = first
        self._longest = longest
        self._still = still
        self._random = random
        self._steps = 0
        self._noes = 0
        self._has_worked = False
        self._is_out = False
        self._good_since: float | None = None

    @property
    def is_out(self) -> bool:
        """Whether it is time for the next best: until something good comes again.

        Another kind of failure is no reason to give the next best up.
        """
        return self._is_out

    def succeeded(self, now: float) -> None:
        """Note something good."""
        self.verdict = Verdict.WORKS
        self.failures = self._noes = 0
        self._has_worked = True
        self._is_out = False
        if self._good_since is None:
            self._good_since = now
        if now - self._good_since >= _STEADY:
            self._steps = 0

    def failed(self, error: EnvoyError) -> float:
        """Note a failure; return the seconds to wait."""
        self._good_since = None
        self.failures += 1
        self.verdict = _verdict(error)
        is_no = self.verdict in _NOES
        self._is_out |= is_no or self.failures >= GIVEN_UP_AFTER
        self.is_locked_out = self.verdict is Verdict.FAILING and isinstance(
            error, EnvoyAuthError | CloudError
        )
        if is_no and not self._is_doubtful:
            self._noes += 1
            return _DENIED_AGAIN if self._noes == 1 else _DENIED
        if isinstance(error, StandsStillError):
            return self._still
        if self.is_locked_out:
            return _LOCKED_OUT
        return self._back_off()

    @property
    def _is_doubtful(self) -> bool:
        """Whether a no is no answer yet: it worked, so the gateway may be starting."""
        return self._has_worked and self.failures < GIVEN_UP_AFTER

    def _back_off(self) -> float:
        """Return seconds anywhere between the first wait and twice the last."""
        ceiling = min(self._longest, self._first * 2.0**self._steps)
        self._steps = min(self._steps + 1, _DOUBLINGS)
        return max(self._first, ceiling * self._random())


def _verdict(error: EnvoyError) -> Verdict:
    if isinstance(error, _REFUSALS):
        return Verdict.REFUSED
    if isinstance(error, EnvoyNotFoundError):
        return Verdict.ABSENT
    if isinstance(error, EnvoyTimeoutError | StandsStillError):
        return Verdict.SILENT
    return Verdict.FAILING
