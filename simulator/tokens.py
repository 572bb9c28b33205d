"""Entrez's tokens: ES256 JWTs with the claims a gateway looks at."""

from __future__ import annotations

from dataclasses import dataclass
import secrets
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric import ec
import jwt

from .clock import Clock, wall_clock

type Role = Literal["owner", "installer"]

LIFETIMES: Final[dict[Role, int]] = {"owner": 31_536_000, "installer": 43_200}


class TokenRefusedError(Exception):
    """A gateway would not accept this token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a gateway takes from an accepted token."""

    jti: str
    role: Role
    issued: int
    expires: int


class TokenIssuer:
    """Sign tokens as Entrez does, and check them as a gateway does."""

    def __init__(self, *, clock: Clock = wall_clock) -> None:
        """Make the signing key."""
        self._clock = clock
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._kid = secrets.token_hex(4)
        self.issued: set[str] = set()

    def issue(
        self,
        serial: str,
        *,
        role: Role = "owner",
        username: str = "demo@example.com",
        lifetime: int | None = None,
    ) -> str:
        """Return a token for `serial`; a negative `lifetime` makes an expired one."""
        now = int(self._clock())
        seconds = LIFETIMES[role] if lifetime is None else lifetime
        claims = {
            "aud": serial,
            "iss": "Entrez",
            "enphaseUser": role,
            "exp": now + seconds,
            "iat": now,
            "jti": self._new_id(),
            "username": username,
        }
        return jwt.encode(
            claims,
            self._key,
            algorithm="ES256",
            headers={"kid": self._kid, "typ": "JWT"},
        )

    def _new_id(self) -> str:
        identifier = secrets.token_hex(16)
        self.issued.add(identifier)
        return identifier

    def verify(self, token: str, serial: str) -> Claims:
        """Return the claims; raises TokenRefusedError as a gateway refuses."""
        try:
            payload = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["ES256"],
                audience=serial,
                options={"verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError as err:
            message = "signature or audience"
            raise TokenRefusedError(message) from err
        claims = Claims(
            jti=str(payload["jti"]),
            role=payload["enphaseUser"],
            issued=int(payload["iat"]),
            expires=int(payload["exp"]),
        )
        if claims.expires <= self._clock():
            message = "expired"
            raise TokenRefusedError(message)
        return claims
