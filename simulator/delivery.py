"""When the frames of a stream leave the gateway: measured once a second, sent later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
import random
from typing import Final, Literal

type Pattern = Literal["steady", "bursts", "buffered"]

PATTERNS: Final[tuple[Pattern, ...]] = ("steady", "bursts", "buffered")

# Firmware D8.3.6086: six silences in three minutes, each of 3 to 13 s. What was held
# back comes in bursts of up to 8 frames within 30 ms, so most silences are short.
_CYCLE: Final = 30
_SHORTEST: Final = 3.0
_USUAL: Final = 6.0
_LONGEST: Final = 13.0
_BURST: Final = 8
_BURST_SECONDS: Final = 0.03


@dataclass(frozen=True, slots=True)
class Delivery:
    """One frame, in seconds since its stream was opened."""

    measured: float
    sent: float


def deliveries(
    pattern: Pattern, *, seed: str, interval: float = 1.0
) -> Iterator[Delivery]:
    """Return the frames of one stream, without end; none is lost or overtakes."""
    if pattern == "bursts":
        yield from _bursts(random.Random(seed), interval)
    # What is buffered is held back by its bytes, not by time.
    for number in count():
        yield Delivery(number * interval, number * interval)


def _bursts(source: random.Random, interval: float) -> Iterator[Delivery]:
    last = 0.0
    for cycle in count():
        length = source.triangular(_SHORTEST, _LONGEST, _USUAL)
        start = source.uniform(1.0, _CYCLE - length - 3.0)
        held = 0
        for number in range(_CYCLE):
            measured = sent = float(number)
            if start < number < start + length + held // _BURST:
                # The next burst of the same backlog is a second later.
                wave, place = divmod(held, _BURST)
                sent = start + length + wave + place * _BURST_SECONDS / _BURST
                held += 1
            offset = cycle * _CYCLE
            last = max(last, offset + sent)
            yield Delivery((offset + measured) * interval, last * interval)
