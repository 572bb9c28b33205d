"""What tests of the queue on disk share: its limit, and what is in it."""

from __future__ import annotations

from collections.abc import Iterable
import random

from custom_components.envoy_local.influxdb.spool import (
    Batch,
    Refused,
    Spool,
    SpoolCounts,
)

LIMIT = 2**20
ALL = {"lines": 10**6, "size": 10**9}


def taken(spool: Spool) -> list[str]:
    """Return all lines, as one batch."""
    batch = spool.peek(**ALL)
    return batch.lines if batch else []


def next_batch(spool: Spool, **limits: int) -> Batch:
    """Return the next batch of a spool that has one."""
    batch = spool.peek(**{**ALL, **limits})
    assert batch is not None
    return batch


def refuse_last(spool: Spool) -> None:
    """Remove everything as delivered, but the last line, which was refused."""
    batch = next_batch(spool)
    spool.remove(batch, now=2.0, refused=[Refused(batch.lines[-1], "")])


def noise(size: int) -> str:
    """Return a line that can't be compressed, always another one."""
    return random.randbytes(size // 2).hex()


def total(counts: SpoolCounts) -> int:
    """Return how many lines were ever put, by the sum of what became of them."""
    gone = counts.delivered + counts.dropped + counts.too_old + counts.discarded
    return counts.pending + counts.quarantined + gone


def fill(spool: Spool, polls: Iterable[int], *, size: int) -> None:
    """Put a line of noise for each of these polls, which are seconds."""
    for number in polls:
        spool.put([noise(size)], now=float(number))
