"""Make data fit to be shown to strangers: secrets go, names become pseudonyms.

A pseudonym stands for the same thing everywhere in one download, so that it is
still possible to see what belongs together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum
from ipaddress import ip_address
import re
from typing import Final

REDACTED: Final = "**REDACTED**"
_SECRETS: Final = frozenset({"fingerprint", "password", "token"})
_NAMES: Final = frozenset(
    {
        "bucket",
        "database",
        "generator_id",
        "host",
        "load_name",
        "organization",
        "pv_serial_nb",
        "retention_policy",
        "solar_serials",
        "tag",
        "url",
        "username",
    }
)

_TAGS: Final = "extra_tags"
_TAG: Final = "tag"
"""Users choose the tags' names, so these don't say whether a value is a name."""

_TOKEN: Final = re.compile(
    r"[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
)
_FINGERPRINT: Final = re.compile(
    r"\b[0-9a-f]{64}\b|\b[0-9a-f]{2}(?::[0-9a-f]{2}){31}\b", re.IGNORECASE
)
_MAC: Final = re.compile(
    r"(?<![0-9a-f:-])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?![0-9a-f:-])", re.IGNORECASE
)
_E_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ADDRESS: Final = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}|(?<![\w:])[0-9a-f]*(?::[0-9a-f]*){2,7}(?:%[\w.]+)?",
    re.IGNORECASE,
)
_SERIAL: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")


class Redaction:
    """Replace what tells a home from all others, alike throughout one download."""

    def __init__(self, known: Mapping[str, str]) -> None:
        """Begin with what has a telling pseudonym: `{serial: "inverter 1"}`."""
        self._pseudonyms = dict(known)
        self._counts: dict[str, int] = {}
        longest_first = sorted(filter(None, known), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def redact(self, value: object, key: str = "") -> object:
        """Return plain data, redacted throughout, keys included.

        Where the key says that the value is a secret or a name, no part of it is left.
        """
        if isinstance(value, Mapping):
            return {
                self._text(str(k)): self.redact(v, _TAG if key == _TAGS else str(k))
                for k, v in value.items()
            }
        if isinstance(value, list):
            return [self.redact(item, key) for item in value]
        if isinstance(value, bool) or not isinstance(value, str | int):
            return value
        # Some firmware writes serial numbers as numbers.
        text = str(value)
        redacted = self._word(text, key)
        return value if redacted == text else redacted

    def _word(self, text: str, key: str) -> str:
        """Replace a whole value where its key says what it is, else what is in it."""
        if key in _SECRETS:
            return REDACTED
        if key in _NAMES:
            return text and self._pseudonym(key, text)
        return self._text(text)

    def _text(self, text: str) -> str:
        """Replace all that is known, and all that looks as if it ought to be."""
        text = _FINGERPRINT.sub(REDACTED, _TOKEN.sub(REDACTED, text))
        text = self._known.sub(lambda found: self._pseudonyms[found[0]], text)
        for kind, pattern, is_one in _PATTERNS:
            text = pattern.sub(self._replacement(kind, is_one), text)
        return text

    def _replacement(
        self, kind: str, is_one: Callable[[str], bool]
    ) -> Callable[[re.Match[str]], str]:
        def replace(found: re.Match[str]) -> str:
            return self._pseudonym(kind, found[0]) if is_one(found[0]) else found[0]

        return replace

    def _pseudonym(self, kind: str, name: str) -> str:
        """Return the pseudonym of a name, a new one if it is the first time."""
        if name not in self._pseudonyms:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._pseudonyms[name] = f"{kind} {self._counts[kind]}"
        return self._pseudonyms[name]


def plain(value: object) -> object:
    """Turn models into dictionaries, lists and scalars."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(str(plain(item)) for item in value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def _is_address(text: str) -> bool:
    try:
        return not ip_address(text).is_unspecified
    except ValueError:
        return False


def _always(_: str) -> bool:
    return True


_PATTERNS: Final = (
    ("e-mail", _E_MAIL, _always),
    ("mac", _MAC, _always),
    ("address", _ADDRESS, _is_address),
    ("serial", _SERIAL, _always),
)
