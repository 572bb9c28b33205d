"""Lines packed for the way: what one request carries, and how much."""

from __future__ import annotations

from dataclasses import dataclass, field
import gzip
from typing import Final, Self

from .spool_rows import Batch

_MOST_LINES: Final = 5000
_MOST_BYTES: Final = 2 * 2**20
_TRY_LARGER_AFTER: Final = 10
_WORTH_GZIP: Final = 1024
"""Bytes; anything shorter goes in one packet as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A batch as it goes out."""

    batch: Batch
    body: bytes = field(repr=False)
    is_gzip: bool

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """Pack a batch; takes its time."""
        body, is_gzip = pack(batch.text)
        return cls(batch=batch, body=body, is_gzip=is_gzip)


class Portion:
    """How much goes out at once: half of what was too much, more after a while."""

    lines: Final = _MOST_LINES

    def __init__(self) -> None:
        """Begin with as much as usual servers take."""
        self.size = _MOST_BYTES
        """Bytes before compression."""
        self._accepted = 0

    def holds(self, batch: Batch) -> bool:
        """Whether a batch may go out in one request."""
        return batch.count <= self.lines and len(batch.text) < self.size

    def shrink(self, batch: Batch, *, least: int = 1) -> None:
        """Take half as much at once: the server or the way there takes no more."""
        self._accepted = 0
        self.size = max(len(batch.text) // 2, least)

    def grow(self) -> None:
        """Try larger batches again after a while: a single huge line may be gone."""
        self._accepted += 1
        if self._accepted % _TRY_LARGER_AFTER == 0:
            self.size = min(self.size * 2, _MOST_BYTES)


def pack(text: bytes) -> tuple[bytes, bool]:
    """Compress a long text; return it, and whether it was compressed."""
    if len(text) < _WORTH_GZIP:
        return text, False
    return gzip.compress(text, compresslevel=1), True
