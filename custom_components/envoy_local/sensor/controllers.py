"""Sensors of what connects a house with the grid, and of an IQ Combiner's parts."""

from __future__ import annotations

from typing import Final

from homeassistant.const import EntityCategory

from ..client.models.storage import (
    Collar,
    CollarGridState,
    CombinerController,
    RevenueGradeMeter,
    SystemController,
)
from . import common
from .description import EnvoySensorDescription

_COLLAR_STATES: Final = {
    "ENCMN_MDE_ON_GRID": "on_grid",
    "ENCMN_MDE_OFF_GRID": "off_grid",
}

CONTROLLER_SENSORS: Final[tuple[EnvoySensorDescription[SystemController], ...]] = (
    common.temperature(lambda device: device.temperature),
    common.last_reported(lambda device: device.last_reported),
    *common.radio_signals(
        lambda device: device.signal_2_4_ghz, lambda device: device.signal_sub_ghz
    ),
)

COLLAR_SENSORS: Final[tuple[EnvoySensorDescription[Collar], ...]] = (
    common.one_of(
        "grid_state",
        lambda device: device.collar_grid_state,
        CollarGridState,
        translation_key="collar_grid_state",
    ),
    common.one_of(
        "admin_state",
        lambda device: _COLLAR_STATES.get(device.admin_state or ""),
        _COLLAR_STATES.values(),
        translation_key="collar_admin_state",
        is_diagnostic=True,
    ),
    common.temperature(lambda device: device.temperature),
    common.last_reported(lambda device: device.last_reported),
    EnvoySensorDescription(
        key="control_error",
        translation_key="control_error",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda device: device.control_error,
    ),
)

COMBINER_SENSORS: Final[tuple[EnvoySensorDescription[CombinerController], ...]] = (
    common.last_reported(lambda device: device.last_reported),
)

COMBINER_METER_SENSORS: Final[tuple[EnvoySensorDescription[RevenueGradeMeter], ...]] = (
    EnvoySensorDescription(
        key="device_state",
        translation_key="device_state",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda device: device.device_state,
    ),
)
