"""Session cookies of a gateway: ten minutes after the last request they are gone."""

from __future__ import annotations

from dataclasses import dataclass
import secrets
from typing import Final

from .clock import Clock, wall_clock
from .tokens import Claims

IDLE_SECONDS: Final = 600.0


@dataclass(slots=True, kw_only=True)
class Session:
    """One logged-in client."""

    claims: Claims
    last_used: float


class Sessions:
    """The sessions that a gateway knows."""

    def __init__(self, *, clock: Clock = wall_clock) -> None:
        """Start without sessions."""
        self._clock = clock
        self._sessions: dict[str, Session] = {}

    def __len__(self) -> int:
        """Return how many sessions are kept, idle ones included."""
        return len(self._sessions)

    def create(self, claims: Claims) -> str:
        """Return a new session id, bound to the token's jti."""
        identifier = secrets.token_hex(16)
        self._sessions[identifier] = Session(claims=claims, last_used=self._clock())
        return identifier

    def use(self, identifier: str) -> Claims | None:
        """Return a session's claims and restart its ten minutes; None if it is gone."""
        session = self._sessions.get(identifier)
        now = self._clock()
        if session is None:
            return None
        if now - session.last_used > IDLE_SECONDS or session.claims.expires <= now:
            del self._sessions[identifier]
            return None
        session.last_used = now
        return session.claims

    def forget(self) -> None:
        """Drop every session."""
        self._sessions.clear()
