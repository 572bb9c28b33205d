"""What the parts of the balance share: fresh reports, blocks of old gateways."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..models.inverters import DeviceReport, Inverter
from ..models.meters import MeterKind
from ..models.production import ProductionBlock, ProductionSummary
from ..models.snapshot import GatewaySnapshot
from ..models.totals import Section, Sections

FROM_NOTHING: Final[Sections] = frozenset()
FROM_READINGS: Final[Sections] = frozenset({Section.READINGS})
FROM_REPORT: Final[Sections] = frozenset({Section.REPORT})

_STALE_REPORT: Final = 2 * 3600
"""Seconds after which a unit's last report says nothing about now. Reports come
every 5 to 15 minutes, on some sites once an hour, and stop at dusk."""
_SAME_TIME: Final = 900.0
"""Seconds between two answers that still speak of the same hour of the day."""


def fresh_power(
    snapshot: GatewaySnapshot, units: Iterable[Inverter | DeviceReport]
) -> float | None:
    """Sum up the units that reported lately; the others are asleep."""
    known = [unit for unit in units if unit.power is not None]
    if not known:
        return None
    limit = gateway_time(snapshot) - _STALE_REPORT
    return sum(u.power or 0.0 for u in known if (u.last_reported or 0) >= limit)


def gateway_time(snapshot: GatewaySnapshot) -> float:
    """Return the gateway's clock; ours, where it doesn't tell its own."""
    if snapshot.gateway_time is not None:
        return snapshot.gateway_time
    return max(snapshot.read_at.values(), default=0.0)


def unlisted_meter_block(
    snapshot: GatewaySnapshot, kind: MeterKind
) -> ProductionBlock | None:
    """Return an active meter block of a gateway that doesn't have `/ivp/meters`.

    Where `/ivp/meters` answers it has the last word: the blocks count disabled
    meters as inactive, but on 8.3.5528 enabled ones too, now and then.
    """
    if snapshot.meters or snapshot.report is None:
        return None
    block = {
        MeterKind.PRODUCTION: snapshot.report.production,
        MeterKind.NET_CONSUMPTION: snapshot.report.net_consumption,
        MeterKind.TOTAL_CONSUMPTION: snapshot.report.total_consumption,
    }.get(kind)
    return block if block and block.is_active else None


def same_counter[SumsT: ProductionSummary | ProductionBlock](
    energy: float | None, sums: SumsT | None
) -> SumsT | None:
    """Return the gateway's sums if they speak of the same energy as the meters.

    They are some minutes late, and the consumption drifts by half a percent.
    """
    if energy is None or sums is None or sums.energy is None:
        return None
    return sums if abs(sums.energy - energy) <= 5000 + 0.01 * energy else None


def is_as_new(snapshot: GatewaySnapshot, section: Section) -> bool:
    """Whether a section was read about when the meters were, and not hours before."""
    read_at = snapshot.read_at
    metered = read_at.get(Section.READINGS, 0.0)
    return metered - read_at.get(section, 0.0) <= _SAME_TIME


def add(*values: float | None) -> float | None:
    """Add up; None where one of the values isn't known."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def is_fresh(snapshot: GatewaySnapshot, reported: int | None) -> bool:
    """Whether a report is recent enough to say something about now."""
    return (reported or 0) >= gateway_time(snapshot) - _STALE_REPORT
