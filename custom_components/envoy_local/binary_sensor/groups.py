"""Which binary sensors a site can have; each is taken from here when it has a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from ..client.models.meters import Meter, MeterKind
from ..coordinator import EnvoyConfigEntry
from ..entity import Source
from ..pending import Arrivals, EntityGroup, Pending
from ..sources import home_source, meter_setup_source, storage_settings_source
from ..sources_equipment import (
    AC_BATTERY_UNITS,
    BATTERIES,
    COLLARS,
    COMBINERS,
    CONTACTS,
    CONTROLLERS,
    GENERATORS,
    RELAYS,
    EquipmentKind,
)
from .description import EnvoyBinarySensorDescription
from .entity import EnvoyBinarySensor
from .equipment import (
    AC_BATTERY_BINARY_SENSORS,
    BATTERY_BINARY_SENSORS,
    COLLAR_BINARY_SENSORS,
    COMBINER_BINARY_SENSORS,
    CONTROLLER_BINARY_SENSORS,
    RELAY_BINARY_SENSORS,
)
from .gateway import HOME_BINARY_SENSORS, METER_PROBLEM, STORAGE_BINARY_SENSORS
from .switched import CONTACT_BINARY_SENSORS, GENERATOR_BINARY_SENSORS


def gateway_groups(entry: EnvoyConfigEntry) -> Iterator[EntityGroup]:
    """Yield what the gateway's own device can have."""
    yield _pending(entry, home_source(entry), HOME_BINARY_SENSORS)
    yield _pending(entry, storage_settings_source(entry), STORAGE_BINARY_SENSORS)
    for kind in MeterKind:
        source = meter_setup_source(entry, kind)
        yield _pending(entry, source, (_of_meter(METER_PROBLEM, kind),))


def equipment_groups(
    hass: HomeAssistant, entry: EnvoyConfigEntry
) -> Iterator[EntityGroup]:
    """Yield what other devices can have, a kind at a time."""
    yield _arrivals(hass, entry, CONTROLLERS, CONTROLLER_BINARY_SENSORS)
    yield _arrivals(hass, entry, COLLARS, COLLAR_BINARY_SENSORS)
    yield _arrivals(hass, entry, COMBINERS, COMBINER_BINARY_SENSORS)
    yield _arrivals(hass, entry, BATTERIES, BATTERY_BINARY_SENSORS)
    yield _arrivals(hass, entry, AC_BATTERY_UNITS, AC_BATTERY_BINARY_SENSORS)
    yield _arrivals(hass, entry, RELAYS, RELAY_BINARY_SENSORS)
    yield _arrivals(hass, entry, GENERATORS, GENERATOR_BINARY_SENSORS)
    yield _arrivals(hass, entry, CONTACTS, CONTACT_BINARY_SENSORS)


def _pending[DataT](
    entry: EnvoyConfigEntry,
    source: Source[DataT],
    descriptions: Sequence[EnvoyBinarySensorDescription[DataT]],
) -> EntityGroup:
    return Pending(
        source,
        descriptions,
        value=lambda description, data: description.value_fn(data),
        create=lambda description: EnvoyBinarySensor(entry, source, description),
    )


def _arrivals[DataT](
    hass: HomeAssistant,
    entry: EnvoyConfigEntry,
    kind: EquipmentKind[DataT],
    descriptions: Sequence[EnvoyBinarySensorDescription[DataT]],
) -> EntityGroup:
    return Arrivals(
        hass,
        entry,
        Platform.BINARY_SENSOR,
        kind,
        lambda source: _pending(entry, source, descriptions),
    )


def _of_meter(
    description: EnvoyBinarySensorDescription[Meter], kind: MeterKind
) -> EnvoyBinarySensorDescription[Meter]:
    key = f"{kind.key}_{description.key}"
    return replace(description, key=key, translation_key=key)
