"""Sensors that many kinds of equipment have alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfTemperature,
)

from ..client.models.totals import Sections
from .description import EnvoySensorDescription, as_datetime

type Value[DataT] = Callable[[DataT], float | None]
type Origin[DataT] = Callable[[DataT], Sections] | None


def level[DataT](
    value: Value[DataT],
    *,
    key: str = "level",
    sections: Origin[DataT] = None,
) -> EnvoySensorDescription[DataT]:
    """Describe how full a battery is."""
    return EnvoySensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.BATTERY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=value,
        sections_fn=sections,
    )


def percent[DataT](
    key: str,
    value: Value[DataT],
    *,
    is_diagnostic: bool = False,
    sections: Origin[DataT] = None,
) -> EnvoySensorDescription[DataT]:
    """Describe a share that isn't a battery's level."""
    return EnvoySensorDescription(
        key=key,
        translation_key=key,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=PERCENTAGE,
        entity_category=EntityCategory.DIAGNOSTIC if is_diagnostic else None,
        suggested_display_precision=0,
        value_fn=value,
        sections_fn=sections,
    )


def power[DataT](
    value: Value[DataT], *, sections: Origin[DataT] = None
) -> EnvoySensorDescription[DataT]:
    """Describe what a battery gives, or takes where it is below zero."""
    return EnvoySensorDescription(
        key="power",
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=value,
        sections_fn=sections,
    )


def stored_energy[DataT](
    key: str, value: Value[DataT], *, sections: Origin[DataT] = None
) -> EnvoySensorDescription[DataT]:
    """Describe what a battery holds."""
    return EnvoySensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENERGY_STORAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        value_fn=value,
        sections_fn=sections,
    )


def capacity[DataT](
    key: str, value: Value[DataT], *, is_enabled: bool = True
) -> EnvoySensorDescription[DataT]:
    """Describe what a battery can hold: nothing to make statistics of."""
    return EnvoySensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENERGY_STORAGE,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=is_enabled,
        value_fn=value,
    )


def temperature[DataT](
    value: Value[DataT],
    *,
    is_diagnostic: bool = False,
    sections: Origin[DataT] = None,
) -> EnvoySensorDescription[DataT]:
    """Describe how warm a device is."""
    return EnvoySensorDescription(
        key="temperature",
        device_class=SensorDeviceClass.TEMPERATURE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        entity_category=EntityCategory.DIAGNOSTIC if is_diagnostic else None,
        suggested_display_precision=0,
        value_fn=value,
        sections_fn=sections,
    )


def last_reported[DataT](
    value: Callable[[DataT], int | None],
) -> EnvoySensorDescription[DataT]:
    """Describe when a device was last heard of."""
    return EnvoySensorDescription(
        key="last_reported",
        translation_key="last_reported",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda data: as_datetime(value(data)),
    )


def one_of[DataT](
    key: str,
    value: Callable[[DataT], str | None],
    options: Iterable[str],
    *,
    translation_key: str | None = None,
    is_diagnostic: bool = False,
    sections: Origin[DataT] = None,
) -> EnvoySensorDescription[DataT]:
    """Describe one of some states; any other is unknown."""
    known = list(options)

    def state(data: DataT) -> str | None:
        found = value(data)
        return found if found in known else None

    return EnvoySensorDescription(
        key=key,
        translation_key=translation_key or key,
        device_class=SensorDeviceClass.ENUM,
        options=known,
        entity_category=EntityCategory.DIAGNOSTIC if is_diagnostic else None,
        value_fn=state,
        sections_fn=sections,
    )


def radio_signals[DataT](
    at_2_4_ghz: Callable[[DataT], int | None],
    below_1_ghz: Callable[[DataT], int | None],
) -> tuple[EnvoySensorDescription[DataT], EnvoySensorDescription[DataT]]:
    """Describe the two radios of a device, 0 to 5; one on a wire says 0 of both."""

    def has_radio(data: DataT) -> bool:
        return bool(at_2_4_ghz(data) or below_1_ghz(data))

    return (
        _radio_signal("signal_2_4_ghz", at_2_4_ghz, has_radio),
        _radio_signal("signal_sub_ghz", below_1_ghz, has_radio),
    )


def _radio_signal[DataT](
    key: str,
    value: Callable[[DataT], int | None],
    has_radio: Callable[[DataT], bool],
) -> EnvoySensorDescription[DataT]:
    return EnvoySensorDescription(
        key=key,
        translation_key=key,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda data: value(data) if has_radio(data) else None,
    )


def as_key(member: StrEnum | None) -> str | None:
    """Return an enum's member as states are written: `self_consumption`."""
    return None if member is None else member.name.lower()
