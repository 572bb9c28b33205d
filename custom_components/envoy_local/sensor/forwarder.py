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

_LAST_SUCCESS_STEP: Final = 300.0
"""Seconds. Home Assistant's activity log has a line for each change of a time."""


@dataclass(frozen=True, kw_only=True)
class ForwarderSensorDescription(SensorEntityDescription):
    """One number of the status."""

    value_fn: Callable[[ForwarderStatus], int | float | None]
    step: float = 0.0
    """While all is well, a rise of less than this isn't shown."""


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
    key: str, value: Callable[[ForwarderStatus], float | None], *, step: float = 0.0
) -> ForwarderSensorDescription:
    return ForwarderSensorDescription(
        key=key,
        translation_key=key,
        entity_category=EntityCategory.DIAGNOSTIC,
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=value,
        step=step,
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
    _moment("influxdb_last_success", lambda s: s.last_success, step=_LAST_SUCCESS_STEP),
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
        self._shown: int | float | None = None
        serial = entry.runtime_data.snapshot.info.serial
        self._attr_unique_id = f"{serial}_{description.key}"
        self._attr_device_info = gateway_device_info(entry)

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the forwarder, not the gateway: it works while that is away."""
        self._shown = self._due()
        self.async_on_remove(self._forwarder.async_add_listener(self._show))

    @callback
    def _show(self) -> None:
        self._shown = self._due()
        self.async_write_ha_state()

    def _due(self) -> int | float | None:
        """Return what is to be shown now; None before the waiting points are known."""
        if not self._forwarder.is_open:
            return None
        status, shown = self._forwarder.status, self._shown
        value = self.entity_description.value_fn(status)
        if shown is None or value is None or status.problem is not None:
            return value
        return shown if 0 < value - shown < self.entity_description.step else value

    @property
    @override
    def native_value(self) -> int | float | datetime | None:
        """The number, or the time."""
        if self._shown is None or self.device_class is not SensorDeviceClass.TIMESTAMP:
            return self._shown
        return datetime.fromtimestamp(self._shown, UTC)


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
