"""Binary sensors of batteries, of relays, and of what connects to the grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.const import EntityCategory

from ..client.models.storage import (
    Collar,
    CombinerController,
    SwitchState,
    SystemController,
)
from ..client.models.totals import Section, Sections
from ..equipment import AcBatteryUnit, BatteryUnit, RelayUnit
from .description import EnvoyBinarySensorDescription

ATTR_REASON: Final = "reason"
ATTR_CONNECTED_LINES: Final = "connected_lines"

_UNITS: Final[Sections] = frozenset({Section.UNITS})


def is_closed(state: SwitchState | None) -> bool | None:
    """Say whether a relay or a contact is closed."""
    return None if state is None else state is SwitchState.CLOSED


def _communicating[DataT](
    value: Callable[[DataT], bool | None],
    sections: Callable[[DataT], Sections] | None = None,
) -> EnvoyBinarySensorDescription[DataT]:
    return EnvoyBinarySensorDescription(
        key="communicating",
        translation_key="communicating",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=value,
        sections_fn=sections,
    )


def _grid_relay[DataT](
    value: Callable[[DataT], SwitchState | None],
) -> EnvoyBinarySensorDescription[DataT]:
    return EnvoyBinarySensorDescription(
        key="grid_relay",
        translation_key="grid_relay",
        value_fn=lambda data: is_closed(value(data)),
    )


def _from_units(_: object) -> Sections:
    return _UNITS


def _relay_facts(relay: RelayUnit) -> dict[str, object]:
    """Tell why the relay stands so, and which lines it is for."""
    unit = relay.unit
    if unit is None:
        return {}
    return {
        ATTR_REASON: unit.reason,
        ATTR_CONNECTED_LINES: [
            f"L{line}" for line, is_on in enumerate(unit.lines, start=1) if is_on
        ],
    }


BATTERY_BINARY_SENSORS: Final[tuple[EnvoyBinarySensorDescription[BatteryUnit], ...]] = (
    _communicating(lambda unit: unit.device.is_communicating),
    EnvoyBinarySensorDescription(
        key="dc_switch",
        translation_key="dc_switch",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda unit: (
            None if unit.device.dc_switch_off is None else not unit.device.dc_switch_off
        ),
    ),
)

CONTROLLER_BINARY_SENSORS: Final[
    tuple[EnvoyBinarySensorDescription[SystemController], ...]
] = (
    _communicating(lambda device: device.is_communicating),
    _grid_relay(lambda device: device.mains_oper_state),
)

COLLAR_BINARY_SENSORS: Final[tuple[EnvoyBinarySensorDescription[Collar], ...]] = (
    _communicating(lambda device: device.is_communicating),
    _grid_relay(lambda device: device.mid_state),
)

COMBINER_BINARY_SENSORS: Final[
    tuple[EnvoyBinarySensorDescription[CombinerController], ...]
] = (_communicating(lambda device: device.is_communicating),)

AC_BATTERY_BINARY_SENSORS: Final[
    tuple[EnvoyBinarySensorDescription[AcBatteryUnit], ...]
] = (
    _communicating(
        lambda battery: battery.unit.is_communicating if battery.unit else None,
        _from_units,
    ),
    EnvoyBinarySensorDescription(
        key="operating",
        translation_key="operating",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda battery: battery.unit.is_operating if battery.unit else None,
        sections_fn=_from_units,
    ),
    EnvoyBinarySensorDescription(
        key="producing",
        translation_key="producing",
        value_fn=lambda battery: battery.unit.is_producing if battery.unit else None,
        sections_fn=_from_units,
    ),
)

RELAY_BINARY_SENSORS: Final[tuple[EnvoyBinarySensorDescription[RelayUnit], ...]] = (
    EnvoyBinarySensorDescription(
        key="relay",
        translation_key="relay",
        value_fn=lambda relay: is_closed(relay.unit.relay if relay.unit else None),
        sections_fn=_from_units,
        attributes_fn=_relay_facts,
    ),
    _communicating(
        lambda relay: relay.unit.is_communicating if relay.unit else None, _from_units
    ),
)
