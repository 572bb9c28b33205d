"""What the ledger had to put right, counted by kind."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum


class Correction(StrEnum):
    """One kind of thing that gateways get wrong."""

    WRAP = "wrap"
    """A counter passed 2^32 joules and began again."""
    HELD_ZERO = "held_zero"
    """Zero, as while the gateway boots."""
    HELD_LOW = "held_low"
    """Less than before."""
    HELD_HIGH = "held_high"
    """More than the site can have made in the time."""
    NEW_BASE = "new_base"
    """A counter that stayed elsewhere: it counts on from there."""
    OLD_BASE = "old_base"
    """A counter that came back to where it was before."""
    LATE_RISE = "late_rise"
    """A rise that stayed and was possible in the time the counter had stood."""
    OTHER_SOURCE = "other_source"
    """Another of the gateway's numbers is the right one from now on."""
    CLOCK = "clock"
    """The clock went back over midnight."""


type Corrections = Counter[Correction]
