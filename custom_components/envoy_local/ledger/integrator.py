"""Energy from power, where no counter counts it."""

from __future__ import annotations

from dataclasses import dataclass
import math

from .state import State, number
from .track import energy


@dataclass(slots=True, kw_only=True)
class Integrator:
    """Both directions of a power, each summed up in Wh.

    The power between two readings is taken as a straight line. Over a gap
    nothing is added: what happened there isn't known.
    """

    positive: float = 0.0
    negative: float = 0.0
    power: float | None = None
    at: float = 0.0

    def read(self, power: float | None, *, now: float, longest_gap: float) -> None:
        """Take a power in W; `longest_gap` in seconds still counts as continuous."""
        if power is not None and not math.isfinite(power):
            power = None
        known, since = self.power, now - self.at
        self.power, self.at = power, now
        if power is None or known is None or not 0 < since <= longest_gap:
            return
        up, down = _halves(known, power)
        self.positive += energy(up, since)
        self.negative += energy(down, since)

    def as_state(self) -> State:
        """Return what has to survive a restart, which is a gap like any other."""
        return {
            "positive": self.positive,
            "negative": self.negative,
            "power": self.power,
            "at": self.at,
        }

    @classmethod
    def from_state(cls, state: State) -> Integrator:
        """Take up where it was; `StateError` where the state makes no sense."""
        power = state["power"]
        return cls(
            positive=max(number(state["positive"]), 0.0),
            negative=max(number(state["negative"]), 0.0),
            power=None if power is None else number(power),
            at=number(state["at"]),
        )


def _halves(first: float, last: float) -> tuple[float, float]:
    """Return the mean of a straight line above zero, and the mean below it."""
    if first >= 0 and last >= 0:
        return (first + last) / 2, 0.0
    if first <= 0 and last <= 0:
        return 0.0, -(first + last) / 2
    high, low = max(first, last), -min(first, last)
    total = high + low
    return high * high / total / 2, low * low / total / 2
