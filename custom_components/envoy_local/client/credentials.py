"""User names and passwords, and those every old gateway is made with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
import hashlib
from typing import Final

_ENVOY_USER: Final = "envoy"
_INSTALLER_USER: Final = "installer"
_PASSWORD_LENGTH: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A user name and its password; neither ever shows up in a text."""

    username: str = field(repr=False)
    password: str = field(repr=False)


def local_credentials(serial: str, given: Credentials | None) -> Iterator[Credentials]:
    """Yield what a gateway below firmware 7 may accept, the likeliest first.

    An e-mail address is a user of the Enphase cloud; it has no business on a
    gateway that is spoken to without encryption.
    """
    if given is not None and "@" not in given.username:
        yield given
    yield Credentials(username=_ENVOY_USER, password=serial[-6:])
    yield Credentials(username=_INSTALLER_USER, password=installer_password(serial))


def installer_password(serial: str) -> str:
    """Derive the installer's password, which the factory makes from the serial number.

    It is the end of an MD5 digest, read backwards. Each 0 and 1 becomes a letter
    that depends on how many of them are left.
    """
    seed = f"[e]{_INSTALLER_USER}@enphaseenergy.com#{serial} EnPhAsE eNeRgY "
    digest = hashlib.md5(seed.encode(), usedforsecurity=False).hexdigest()
    letters = {
        "0": _Letters(
            first="f", left=digest.count("0"), skipped=frozenset({3, 6, 9}), most=20
        ),
        "1": _Letters(
            first="@", left=digest.count("1"), skipped=frozenset({9, 15}), most=26
        ),
    }
    password = ""
    for digit in digest[: -_PASSWORD_LENGTH - 1 : -1]:
        for kind in letters.values():
            kind.settle()
        password += letters[digit].take() if digit in letters else digit
    return password


@dataclass(slots=True, kw_only=True)
class _Letters:
    """The letters that stand for one digit; those that look alike are skipped."""

    first: str
    left: int
    skipped: frozenset[int]
    most: int

    def settle(self) -> None:
        """Step over a letter that isn't used and stay within the alphabet."""
        if self.left in self.skipped:
            self.left -= 1
        self.left = max(0, min(self.left, self.most))

    def take(self) -> str:
        """Return the letter for the number that is left, and count it."""
        letter = chr(ord(self.first) + self.left)
        self.left -= 1
        return letter
