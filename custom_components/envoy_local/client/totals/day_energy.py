"""Whether the gateway's own sums of today and of seven days can be believed.

Sixteen of twenty-four recorded gateways with an active meter have a wrong or
frozen one. Three checks catch them all; a fourth is for the seven days.
"""

from __future__ import annotations

from ..models.production import ProductionBlock, ProductionSummary


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
