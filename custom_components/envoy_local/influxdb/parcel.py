"""Lines packed for the way: what one request carries."""

from __future__ import annotations

from dataclasses import dataclass, field
import gzip
from typing import Final, Self

from .spool_rows import Batch

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


def pack(text: bytes) -> tuple[bytes, bool]:
    """Compress a long text; return it, and whether it was compressed."""
    if len(text) < _WORTH_GZIP:
        return text, False
    return gzip.compress(text, compresslevel=1), True
