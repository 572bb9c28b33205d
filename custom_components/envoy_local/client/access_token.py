"""The token a gateway wants (ES256 JWT), read without verifying it.

Only the gateway holds the key, so the claims serve to blame the right party:
whose token it is, when it ends, when to fetch the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
import math
import re
from typing import Final

import jwt

from .exceptions import TokenExpiredError, TokenForeignError, TokenInvalidError

_DAY: Final = 86_400
_RENEW_BEFORE: Final = 30 * _DAY
_LONGEST: Final = 16_384
_LATEST: Final = 10**11
_FORM: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_PASTED_AROUND: Final = " \t\r\n\v\f\"'`\u00a0\u200b\ufeff\u201c\u201d\u2018\u2019"
_ROLES: Final = ("owner", "installer")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A token and what it says; its text never shows up in another text."""

    text: str = field(repr=False)
    serial: str
    """The gateway it was made for."""
    issued_at: int
    """Epoch seconds."""
    expires_at: int
    """Epoch seconds."""
    role: str | None
    """`owner` (lives for a year), `installer` (12 hours), None for anything else."""

    @classmethod
    def parse(cls, text: str | bytes) -> AccessToken:
        """Read a token as answered or pasted; `TokenInvalidError` where it is none."""
        bare = _bare(text)
        claims = _claims(bare)
        serial = _audience(claims.get("aud"))
        issued_at, expires_at = _epoch(claims.get("iat")), _epoch(claims.get("exp"))
        if serial is None or issued_at is None or expires_at is None:
            raise TokenInvalidError(
                "The token doesn't say whose it is and when it ends"
            )
        role = claims.get("enphaseUser")
        return cls(
            text=bare,
            serial=serial,
            issued_at=issued_at,
            expires_at=expires_at,
            role=role if role in _ROLES else None,
        )

    @property
    def lifetime(self) -> int:
        """Seconds from the first to the last moment."""
        return self.expires_at - self.issued_at

    def is_expired(self, now: float) -> bool:
        """Whether its own expiry has passed."""
        return now >= self.expires_at

    def renewal_due(self, now: float) -> bool:
        """Whether so little is left that the next token should be fetched."""
        return self.expires_at - now < min(_RENEW_BEFORE, self.lifetime / 4)

    def check(self, serial: str, now: float) -> None:
        """Raise the reason why this gateway can't accept the token, if there is one."""
        if self.serial != serial:
            raise TokenForeignError("The token was made for another gateway")
        if self.is_expired(now):
            raise TokenExpiredError("The token has expired")


def _bare(text: str | bytes) -> str:
    """Strip what comes along when a person copies a token."""
    if isinstance(text, bytes):
        text = text.decode("ascii", errors="replace")
    bare = text.strip(_PASTED_AROUND)
    if len(bare) > _LONGEST or not _FORM.fullmatch(bare):
        raise TokenInvalidError(
            "The text isn't a token: a token has three parts with dots between"
        )
    return bare


def _claims(text: str) -> dict[str, object]:
    try:
        return dict(jwt.decode(text, options={"verify_signature": False}))
    except (jwt.PyJWTError, ValueError, RecursionError):
        # Not chained: the decoder's error quotes pieces of the token.
        raise TokenInvalidError(
            "The text looks like a token but can't be read"
        ) from None


def _audience(claim: object) -> str | None:
    """Return the serial number; some tokens carry it in a list."""
    candidates = claim if isinstance(claim, list) else [claim]
    return next((each for each in candidates if isinstance(each, str) and each), None)


def _epoch(claim: object) -> int | None:
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return None
    return int(claim) if math.isfinite(claim) and 0 <= claim < _LATEST else None
