"""A site with meters for production and grid, in words."""

from __future__ import annotations

from custom_components.envoy_local.client.models.meters import MeterKind

from .sites import meter, reading

PRODUCTION = MeterKind.PRODUCTION
NET = MeterKind.NET_CONSUMPTION
LOAD = MeterKind.TOTAL_CONSUMPTION
STORAGE = MeterKind.STORAGE
BOTH_METERS = (meter(PRODUCTION), meter(NET))
BOTH_READINGS = (
    reading(PRODUCTION, 3000, delivered=50_000.5, received=12),
    reading(NET, -1000, delivered=7000, received=20_000),
)
