"""Sensors of the batteries, all of them together."""

from __future__ import annotations

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import PERCENTAGE

from ..client.models.snapshot import GatewaySnapshot
from .description import EnvoySensorDescription

STORAGE_SENSORS: Final[tuple[EnvoySensorDescription[GatewaySnapshot], ...]] = (
    EnvoySensorDescription(
        key="battery_level",
        translation_key="battery_level",
        device_class=SensorDeviceClass.BATTERY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=lambda snapshot: snapshot.battery_level,
    ),
)
