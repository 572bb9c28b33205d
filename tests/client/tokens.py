"""Tokens as a test wants them, valid or not; the signature is never looked at."""

from __future__ import annotations

import base64
import json
from typing import Final

DAY: Final = 86_400
YEAR: Final = 365 * DAY
NOW: Final = 1_790_000_000
SERIAL: Final = "202439990001"


def part(value: object) -> str:
    """One part of a token: base64url of JSON, without padding."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def token_text(claims: object = None, **changes: object) -> str:
    """Return a token's text: an owner's, a year long, made a moment ago."""
    usual = {
        "aud": SERIAL,
        "iss": "Entrez",
        "enphaseUser": "owner",
        "iat": NOW,
        "exp": NOW + YEAR,
        "jti": "c0ffee",
        "username": "me@example.com",
    }
    header = {"kid": "7d10005d", "typ": "JWT", "alg": "ES256"}
    body = part({**usual, **changes} if claims is None else claims)
    return f"{part(header)}.{body}.{part(b'signature of the cloud')}"
