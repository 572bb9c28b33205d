"""Sensors of the forwarding to InfluxDB: what waits, what arrived, what didn't."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..coordinator import EnvoyConfigEntry
from ..forwarding import Forwarder
from ..influxdb.status import ForwarderStatus
from ..sources import gateway_device_info


@dataclass(frozen=True, kw_only=True)
class ForwarderSensorDescription(SensorEntityDescription):
    """One number of the status."""

    value_fn: Callable[[ForwarderStatus], int | float | None]


def _count(
    key: str, value: Callable[[ForwarderStatus], int], state_class: SensorStateClass
) -> ForwarderSensorDescription:
    return ForwarderSensorDescription(
        key=key,
        translation_key=key,
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=state_class,
        value_fn=value,
    )


def _moment(
    key: str, value: Callable[[ForwarderStatus], float | None]
) -> ForwarderSensorDescription:
    return ForwarderSensorDescription(
        key=key,
        translation_key=key,
        entity_category=EntityCategory.DIAGNOSTIC,
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=value,
    )


FORWARDER_SENSORS: Final = (
    _count(
        "influxdb_pending_points", lambda s: s.pending, SensorStateClass.MEASUREMENT
    ),
    _moment("influxdb_oldest_point", lambda s: s.oldest),
    _count(
        "influxdb_delivered_points",
        lambda s: s.delivered,
        SensorStateClass.TOTAL_INCREASING,
    ),
    _count(
        "influxdb_dropped_points",
        lambda s: s.dropped,
        SensorStateClass.TOTAL_INCREASING,
    ),
    _count(
        "influxdb_quarantined_points",
        lambda s: s.quarantined,
        SensorStateClass.MEASUREMENT,
    ),
    _moment("influxdb_last_success", lambda s: s.last_success),
)


class ForwarderSensor(SensorEntity):
    """Shows one number of the forwarder, on the gateway's device."""

    entity_description: ForwarderSensorDescription
    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self,
        entry: EnvoyConfigEntry,
        forwarder: Forwarder,
        description: ForwarderSensorDescription,
    ) -> None:
        """Belong to the gateway."""
        self.entity_description = description
        self._forwarder = forwarder
        serial = entry.runtime_data.snapshot.info.serial
        self._attr_unique_id = f"{serial}_{description.key}"
        self._attr_device_info = gateway_device_info(entry)

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the forwarder, not the gateway: it works while that is away."""
        self.async_on_remove(
            self._forwarder.async_add_listener(self.async_write_ha_state)
        )

    @property
    @override
    def native_value(self) -> int | float | datetime | None:
        """The number; None before the file of waiting points is open."""
        if not self._forwarder.is_open:
            return None
        value = self.entity_description.value_fn(self._forwarder.status)
        if self.device_class is SensorDeviceClass.TIMESTAMP and value is not None:
            return datetime.fromtimestamp(value, UTC)
        return value


@callback
def forwarder_sensors(
    hass: HomeAssistant, entry: EnvoyConfigEntry
) -> list[ForwarderSensor]:
    """Return the sensors; take those of an earlier time away where it is off."""
    forwarder = entry.runtime_data.forwarder
    if forwarder is not None:
        return [ForwarderSensor(entry, forwarder, d) for d in FORWARDER_SENSORS]
    registry = er.async_get(hass)
    serial = entry.runtime_data.snapshot.info.serial
    for description in FORWARDER_SENSORS:
        unique_id = f"{serial}_{description.key}"
        if entity := registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id):
            registry.async_remove(entity)
    return []
