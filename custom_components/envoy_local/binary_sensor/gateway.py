"""Binary sensors of the gateway itself: its link, its meters, its storage settings."""

from __future__ import annotations

from typing import Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.const import EntityCategory

from ..client.models.gateway import GatewayHome
from ..client.models.meters import Meter
from ..client.models.tariff import StorageSettings
from .description import EnvoyBinarySensorDescription

ATTR_STATUS_FLAGS: Final = "status_flags"
ATTR_METERING_STATUS: Final = "metering_status"


def _meter_facts(meter: Meter) -> dict[str, object]:
    """Tell what the gateway finds wrong, in its own words."""
    return {
        ATTR_STATUS_FLAGS: list(meter.status_flags),
        ATTR_METERING_STATUS: (meter.metering_status or "").replace("-", "_") or None,
    }


HOME_BINARY_SENSORS: Final[tuple[EnvoyBinarySensorDescription[GatewayHome], ...]] = (
    EnvoyBinarySensorDescription(
        key="cloud_connection",
        translation_key="cloud_connection",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda home: home.reaches_cloud,
    ),
)

STORAGE_BINARY_SENSORS: Final[
    tuple[EnvoyBinarySensorDescription[StorageSettings], ...]
] = (
    EnvoyBinarySensorDescription(
        key="follows_schedule",
        translation_key="follows_schedule",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda settings: settings.follows_schedule,
    ),
    EnvoyBinarySensorDescription(
        key="charges_from_grid",
        translation_key="charges_from_grid",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda settings: settings.charges_from_grid,
    ),
)

METER_PROBLEM: Final = EnvoyBinarySensorDescription[Meter](
    key="problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
    value_fn=lambda meter: meter.has_problem,
    attributes_fn=_meter_facts,
)
