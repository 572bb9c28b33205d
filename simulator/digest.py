"""HTTP Digest as firmware 3 to 5 asks for it on its protected paths."""

from __future__ import annotations

from collections.abc import Mapping
import hashlib
import re
import secrets
from typing import Final

REALM: Final = "enphaseenergy.com"
_PART: Final = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class DigestGuard:
    """Challenge and check; MD5 is what these gateways speak."""

    def __init__(self, users: Mapping[str, str]) -> None:
        """Accept these user names with these passwords."""
        self._users = users
        self._nonce = secrets.token_hex(16)

    def challenge(self) -> str:
        """Return the WWW-Authenticate header's value."""
        return (
            f'Digest realm="{REALM}", nonce="{self._nonce}", algorithm=MD5, qop="auth"'
        )

    def accepts(self, method: str, header: str | None) -> bool:
        """Return whether an Authorization header answers our challenge."""
        if header is None or not header.startswith("Digest "):
            return False
        parts = {name: quoted or bare for name, quoted, bare in _PART.findall(header)}
        password = self._users.get(parts.get("username", ""))
        if password is None or parts.get("nonce") != self._nonce:
            return False
        ha1 = _md5(f"{parts['username']}:{REALM}:{password}")
        ha2 = _md5(f"{method}:{parts.get('uri', '')}")
        middle = [self._nonce]
        if "qop" in parts:
            middle += [parts.get(name, "") for name in ("nc", "cnonce", "qop")]
        expected = _md5(":".join([ha1, *middle, ha2]))
        return secrets.compare_digest(expected, parts.get("response", ""))
