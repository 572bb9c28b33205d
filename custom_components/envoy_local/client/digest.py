"""HTTP Digest (RFC 7616) as gateways below firmware 7 ask for it.

aiohttp has its own only since a version newer than the oldest we run on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import hashlib
import re
import secrets
from typing import Final, Self

from .credentials import Credentials

_SCHEME: Final = re.compile(
    r"(?:^|,)\s*Digest\s+(?P<parameters>.*)", re.IGNORECASE | re.DOTALL
)
_PARAMETER: Final = re.compile(
    r'(?P<name>[A-Za-z]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s,"]+))'
)
_ALGORITHM: Final = "MD5"
_QOP: Final = "auth"
_HIGHEST_COUNT: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestChallenge:
    """What a gateway wants to be answered."""

    realm: str
    nonce: str
    opaque: str | None
    algorithm: str | None
    with_qop: bool
    """Whether `qop=auth` is offered; else the older form is answered (RFC 2069)."""

    @classmethod
    def parse(cls, header: str) -> Self | None:
        """Read a `WWW-Authenticate` header; None if there is nothing we can answer."""
        found = _SCHEME.search(header)
        if found is None:
            return None
        given = {
            name.lower(): value for name, value in _parameters(found["parameters"])
        }
        algorithm = given.get("algorithm")
        offered = [
            each.strip().lower()
            for each in given.get("qop", "").split(",")
            if each.strip()
        ]
        if "nonce" not in given or (algorithm or _ALGORITHM).upper() != _ALGORITHM:
            return None
        if offered and _QOP not in offered:
            return None
        return cls(
            realm=given.get("realm", ""),
            nonce=given["nonce"],
            opaque=given.get("opaque"),
            algorithm=algorithm,
            with_qop=bool(offered),
        )


def _parameters(text: str) -> list[tuple[str, str]]:
    return [
        (
            found["name"],
            found["plain"] or re.sub(r"\\(.)", r"\1", found["quoted"] or ""),
        )
        for found in _PARAMETER.finditer(text)
    ]


class DigestAuth:
    """Answer one challenge for one user, again and again."""

    def __init__(
        self,
        *,
        credentials: Credentials,
        challenge: DigestChallenge,
        make_cnonce: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        """Start counting the nonce's uses."""
        self.credentials = credentials
        self.challenge = challenge
        self._make_cnonce = make_cnonce
        self._count = 0

    def header(self, method: str, path: str) -> str:
        """Return the `Authorization` header for a request; `path` with its query."""
        self._count = self._count % _HIGHEST_COUNT + 1
        count, cnonce = f"{self._count:08x}", self._make_cnonce()
        asked = self.challenge
        quoted = {
            "username": self.credentials.username,
            "realm": asked.realm,
            "nonce": asked.nonce,
            "uri": path,
            "response": self._response(method, path, count, cnonce),
        }
        if asked.opaque is not None:
            quoted["opaque"] = asked.opaque
        parts = [f"{name}={_quote(value)}" for name, value in quoted.items()]
        if asked.algorithm is not None:
            parts.append(f"algorithm={asked.algorithm}")
        if asked.with_qop:
            parts += [f"qop={_QOP}", f"nc={count}", f"cnonce={_quote(cnonce)}"]
        return "Digest " + ", ".join(parts)

    def _response(self, method: str, path: str, count: str, cnonce: str) -> str:
        asked, user = self.challenge, self.credentials
        secret = _md5(f"{user.username}:{asked.realm}:{user.password}")
        request = _md5(f"{method}:{path}")
        between = f"{count}:{cnonce}:{_QOP}:" if asked.with_qop else ""
        return _md5(f"{secret}:{asked.nonce}:{between}{request}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _quote(text: str) -> str:
    """Quote a value; line breaks and other controls can't be sent in a header."""
    printable = "".join(each for each in text if each.isprintable())
    return '"' + printable.replace("\\", "\\\\").replace('"', '\\"') + '"'
