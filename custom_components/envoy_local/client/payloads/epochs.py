"""Read times: numbers on the native endpoints, texts on some others."""

from __future__ import annotations

from typing import Final

from .fields import Row, epoch, text

_MOST_DIGITS: Final = 18
"""A longer one is no time; Python refuses to read one of thousands of digits."""


def written_epoch(row: Row, key: str) -> int | None:
    """Return an epoch second, from a text or a number; 0 is "never"."""
    value = text(row, key)
    if value is None or not (value.isascii() and value.isdigit()):
        return epoch(row, key)
    return epoch({key: int(value[:_MOST_DIGITS])}, key)
