"""Sensors of the gateway itself, and of how the house stands to the grid."""

from __future__ import annotations

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory

from ..client.models.gateway import GatewayHome, GatewayInfo, InterfaceKind
from ..client.models.grid import GridState
from ..client.models.snapshot import GatewaySnapshot
from . import common
from .description import EnvoySensorDescription, as_datetime


def _signal(home: GatewayHome) -> float | None:
    """Return the signal of what has one: a cable says 100 percent, always."""
    primary = home.primary
    if primary is None or primary.medium is InterfaceKind.ETHERNET:
        return None
    return primary.signal


GRID_SENSORS: Final[tuple[EnvoySensorDescription[GatewaySnapshot], ...]] = (
    common.one_of("grid_state", lambda snapshot: snapshot.grid_state, GridState),
)

INFO_SENSORS: Final[tuple[EnvoySensorDescription[GatewayInfo], ...]] = (
    EnvoySensorDescription(
        key="firmware",
        translation_key="firmware",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda info: str(info.firmware) or None,
    ),
)

HOME_SENSORS: Final[tuple[EnvoySensorDescription[GatewayHome], ...]] = (
    EnvoySensorDescription(
        key="last_cloud_report",
        translation_key="last_cloud_report",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda home: as_datetime(home.last_cloud_report),
    ),
    common.one_of(
        "network_interface",
        lambda home: home.primary.medium if home.primary else None,
        InterfaceKind,
        is_diagnostic=True,
    ),
    common.percent("signal_strength", _signal, is_diagnostic=True),
)

TOKEN_EXPIRY: Final = EnvoySensorDescription[int](
    key="token_expiry",
    translation_key="token_expiry",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
    value_fn=as_datetime,
)
"""Of an epoch second."""
