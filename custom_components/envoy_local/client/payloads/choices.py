"""Read fields that have a fixed set of values; take note of the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from ..models.unknown import UnknownValue, printable
from .fields import Row

_UNSAID: Final = frozenset({"", "unknown"})
"""What the gateway writes itself where it doesn't know."""
_MOST_VALUES: Final = 20
"""Of one answer: garbage would otherwise fill the log."""


class Choices:
    """Reads the enums of one answer, whatever their case; keeps what is unknown."""

    def __init__(self, endpoint: str) -> None:
        """Remember the endpoint, which names the unknown values."""
        self._endpoint = endpoint
        self._unknown: dict[UnknownValue, None] = {}

    @property
    def unknown(self) -> tuple[UnknownValue, ...]:
        """The values that came along and that we don't know, each once."""
        return tuple(self._unknown)

    def read[KindT: StrEnum](
        self,
        row: Row,
        key: str,
        kinds: type[KindT],
        *,
        also: Mapping[str, KindT] | None = None,
    ) -> KindT | None:
        """Return the field's value; `also` are other spellings, in lower case."""
        value = row.get(key)
        if value is None:
            return None
        return self.one(value, key, kinds, also=also)

    def one[KindT: StrEnum](
        self,
        value: object,
        key: str,
        kinds: type[KindT],
        *,
        also: Mapping[str, KindT] | None = None,
    ) -> KindT | None:
        """Return a single value, as `read` does."""
        word = value.strip().lower() if isinstance(value, str) else None
        if word in _UNSAID:
            return None
        found = (also or {}).get(word or "") or _named(word, kinds)
        if found is None:
            self._note(key, value)
        return found

    def _note(self, key: str, value: object) -> None:
        if len(self._unknown) < _MOST_VALUES:
            unknown = UnknownValue(
                endpoint=self._endpoint, field=key, value=printable(value)
            )
            self._unknown[unknown] = None


def _named[KindT: StrEnum](word: str | None, kinds: Iterable[KindT]) -> KindT | None:
    return next((kind for kind in kinds if kind.value.lower() == word), None)
