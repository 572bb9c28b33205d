"""The lines of the schema `standard`, and a metered site in words to make them of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from custom_components.envoy_local.client.models.meters import MeterKind
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.totals import Section
from custom_components.envoy_local.influxdb.line_protocol import Point
from custom_components.envoy_local.influxdb.schema import PointSource, Schema
from custom_components.envoy_local.influxdb.standard import PARTS
from custom_components.envoy_local.influxdb.times import Times

from ..client.sites import NOON, meter, reading, site

MS: Final = 1000


def points(snapshot: GatewaySnapshot) -> list[Point]:
    """Return all points of a snapshot whose gateway's clock is right."""
    return [point for part in PARTS for point in part.points(snapshot, Times())]


def lines(snapshot: GatewaySnapshot, *, now: float = NOON) -> list[str]:
    source = PointSource(schemas=[Schema.STANDARD], extra_tags={})
    return source.lines(snapshot, now=now)


def metered(**changes: Any) -> GatewaySnapshot:
    """A site with meters for production and grid, read at noon."""
    kinds = (MeterKind.PRODUCTION, MeterKind.NET_CONSUMPTION)
    snapshot = site(
        meters=tuple(meter(kind) for kind in kinds),
        readings=(
            reading(kinds[0], 3000, delivered=50_000, received=12, voltage=230),
            reading(kinds[1], -1000, delivered=7000, received=20_000),
        ),
        **changes,
    )
    read_at = {section: float(NOON) for section in (Section.METERS, Section.READINGS)}
    return replace(snapshot, read_at={**snapshot.read_at, **read_at})
