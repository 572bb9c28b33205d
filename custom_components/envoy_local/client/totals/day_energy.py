"""Whether the gateway's own sums of today and of seven days can be believed.

Sixteen of twenty-four recorded gateways with an active meter have a wrong or
frozen one. Three checks catch them all; a fourth is for the seven days.
"""

from __future__ import annotations

from typing import Final

from ..models.production import ProductionBlock, ProductionSummary

_MOST_UNCOUNTED: Final = 5000.0
"""Wh: a quarter of an hour of a large roof. More is another counter."""
_MOST_AHEAD: Final = 100.0
"""Wh: some seconds of it."""


def plausible_today(sums: ProductionSummary | ProductionBlock) -> float | None:
    """Return today's Wh, None where it can't be right."""
    today, week, lifetime = sums.energy_today, sums.energy_7_days, sums.energy
    if today is None or lifetime is None or today < 0:
        return None
    if today == lifetime and lifetime:
        return None  # the midnight snapshot is missing
    if week is not None and week < today:
        return None
    if today and today.is_integer() and not lifetime.is_integer():
        return None  # frozen: it would have the lifetime's fraction
    return today


def plausible_7_days(sums: ProductionSummary | ProductionBlock) -> float | None:
    """Return the Wh of the last seven days, None where it can't be right."""
    today, week, lifetime = plausible_today(sums), sums.energy_7_days, sums.energy
    if today is None or week is None or lifetime is None:
        return None
    before = lifetime - week
    if 0 < today / 2 <= before <= today + 1:
        return None  # the whole lifetime less a day: last week's snapshot is missing
    return week if before >= 0 else None


def uncounted(sums: ProductionSummary | ProductionBlock, energy: float | None) -> float:
    """Return the Wh that a meter has counted since the gateway summed up.

    The sums of `/api/v1/production` are those of 5 to 15 minutes ago. The blocks of
    `/production.json` are asked for after the meter, which is less than nothing then.
    """
    if energy is None or sums.energy is None:
        return 0.0
    since = energy - sums.energy
    least = -_MOST_AHEAD if isinstance(sums, ProductionBlock) else 0.0
    return since if least <= since <= _MOST_UNCOUNTED else 0.0
