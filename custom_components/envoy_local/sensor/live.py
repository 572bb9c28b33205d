"""The sensor that says where the shown power comes from, and why not from better."""

from __future__ import annotations

from typing import Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..client.models.live import LiveSource
from ..const import DOMAIN
from ..coordinator import EnvoyConfigEntry
from ..live import LiveHub
from ..sources import gateway_device_info

ATTR_STREAM: Final = "stream"
ATTR_LIVEDATA: Final = "livedata"
ATTR_ROLE: Final = "role"

LIVE_SOURCE: Final = SensorEntityDescription(
    key="live_source",
    translation_key="live_source",
    device_class=SensorDeviceClass.ENUM,
    entity_category=EntityCategory.DIAGNOSTIC,
    options=[source.value for source in LiveSource],
)


class LiveSourceSensor(SensorEntity):
    """Shows the source in use, on the gateway's device."""

    entity_description = LIVE_SOURCE
    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, entry: EnvoyConfigEntry, live: LiveHub) -> None:
        """Belong to the gateway."""
        self._live = live
        serial = entry.runtime_data.snapshot.info.serial
        self._attr_unique_id = f"{serial}_{LIVE_SOURCE.key}"
        self._attr_device_info = gateway_device_info(entry)

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the choice of the source, not the power."""
        self.async_on_remove(
            self._live.async_add_status_listener(self.async_write_ha_state)
        )

    @property
    @override
    def native_value(self) -> str:
        """The source in use."""
        return self._live.status.source.value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, str | None]:
        """How each source stands, and whose token it is that asks."""
        status = self._live.status
        return {
            ATTR_STREAM: status.stream.value,
            ATTR_LIVEDATA: status.livedata.value,
            ATTR_ROLE: status.role,
        }


@callback
def live_sensors(
    hass: HomeAssistant, entry: EnvoyConfigEntry
) -> list[LiveSourceSensor]:
    """Return the sensor; take that of an earlier time away where live power is off."""
    live = entry.runtime_data.live
    if live is not None:
        return [LiveSourceSensor(entry, live)]
    registry = er.async_get(hass)
    unique_id = f"{entry.runtime_data.snapshot.info.serial}_{LIVE_SOURCE.key}"
    if entity := registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id):
        registry.async_remove(entity)
    return []
