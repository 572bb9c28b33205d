"""Which sensors a site can have; each is taken from here when it gets a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from ..client.models.meters import MeterKind
from ..coordinator import EnvoyConfigEntry
from ..entity import Source
from ..pending import Arrivals, EntityGroup, Pending
from ..sources import (
    gateway_source,
    grid_source,
    home_source,
    meter_phase_source,
    meter_source,
    phase_source,
    price_source,
    reading_source,
    site_source,
    storage_settings_source,
    storage_source,
    token_source,
)
from ..sources_equipment import (
    AC_BATTERIES,
    AC_BATTERY_UNITS,
    BATTERIES,
    COLLARS,
    COMBINER_METERS,
    COMBINERS,
    CONTROLLERS,
    GENERATORS,
    INVERTERS,
    RELAYS,
    EquipmentKind,
)
from ..tariff_clock import CurrentPrice, TariffClock
from .ac_batteries import AC_BATTERIES_SENSORS, AC_BATTERY_SENSORS
from .batteries import BATTERY_SENSORS
from .controllers import (
    COLLAR_SENSORS,
    COMBINER_METER_SENSORS,
    COMBINER_SENSORS,
    CONTROLLER_SENSORS,
)
from .description import EnvoySensorDescription
from .entity import EnvoySensor
from .gateway import GRID_SENSORS, HOME_SENSORS, INFO_SENSORS, TOKEN_EXPIRY
from .generator import GENERATOR_SENSORS
from .inverters import INVERTER_SENSORS
from .meters import (
    METER_SENSORS,
    PHASE_VOLTAGE,
    QUALITY_SENSORS,
    own_sensors,
)
from .prices import EXPORT_SENSORS, IMPORT_SENSORS, PriceSensor, PriceSensorDescription
from .relays import RELAY_SENSORS
from .storage import STORAGE_SENSORS, STORAGE_SETTINGS_SENSORS
from .totals import DAY_SENSORS, ENERGY_SENSORS, POWER_SENSORS

_PHASES: Final = (1, 2, 3)


def gateway_groups(entry: EnvoyConfigEntry) -> Iterator[EntityGroup]:
    """Yield what the gateway's own device can have, but for the prices."""
    yield _pending(entry, site_source(entry, is_live=True), POWER_SENSORS)
    yield _pending(entry, site_source(entry), (*ENERGY_SENSORS, *DAY_SENSORS))
    yield _pending(entry, storage_source(entry), STORAGE_SENSORS)
    yield _pending(entry, storage_settings_source(entry), STORAGE_SETTINGS_SENSORS)
    yield _pending(entry, grid_source(entry), GRID_SENSORS)
    yield _pending(entry, gateway_source(entry), INFO_SENSORS)
    yield _pending(entry, home_source(entry), HOME_SENSORS)
    yield _pending(entry, token_source(entry), (TOKEN_EXPIRY,))
    for phase in _PHASES:
        powers = [_of_phase(d, phase) for d in POWER_SENSORS]
        yield _pending(entry, phase_source(entry, phase, is_live=True), powers)
        energies = [_of_phase(d, phase) for d in ENERGY_SENSORS]
        yield _pending(entry, phase_source(entry, phase), energies)
    for kind in MeterKind:
        yield from _meter_groups(entry, kind)


def price_groups(entry: EnvoyConfigEntry, clock: TariffClock) -> Iterator[EntityGroup]:
    """Yield what the tariff can say."""
    imports = price_source(entry, clock.importing)
    yield _prices(entry, imports, IMPORT_SENSORS)
    exports = price_source(entry, clock.exporting)
    yield _prices(entry, exports, EXPORT_SENSORS)


def equipment_groups(
    hass: HomeAssistant, entry: EnvoyConfigEntry
) -> Iterator[EntityGroup]:
    """Yield what other devices can have, a kind at a time."""
    yield _arrivals(hass, entry, INVERTERS, INVERTER_SENSORS)
    yield _arrivals(hass, entry, CONTROLLERS, CONTROLLER_SENSORS)
    yield _arrivals(hass, entry, COLLARS, COLLAR_SENSORS)
    yield _arrivals(hass, entry, COMBINERS, COMBINER_SENSORS)
    yield _arrivals(hass, entry, COMBINER_METERS, COMBINER_METER_SENSORS)
    yield _arrivals(hass, entry, BATTERIES, BATTERY_SENSORS)
    yield _arrivals(hass, entry, AC_BATTERIES, AC_BATTERIES_SENSORS)
    yield _arrivals(hass, entry, AC_BATTERY_UNITS, AC_BATTERY_SENSORS)
    yield _arrivals(hass, entry, RELAYS, RELAY_SENSORS)
    yield _arrivals(hass, entry, GENERATORS, GENERATOR_SENSORS)


def _pending[DataT](
    entry: EnvoyConfigEntry,
    source: Source[DataT],
    descriptions: Sequence[EnvoySensorDescription[DataT]],
) -> EntityGroup:
    return Pending(
        source,
        descriptions,
        value=lambda description, data: description.value_fn(data),
        create=lambda description: EnvoySensor(entry, source, description),
    )


def _prices(
    entry: EnvoyConfigEntry,
    source: Source[CurrentPrice],
    descriptions: Sequence[PriceSensorDescription],
) -> EntityGroup:
    return Pending(
        source,
        descriptions,
        value=lambda description, data: description.value_fn(data),
        create=lambda description: PriceSensor(entry, source, description),
    )


def _arrivals[DataT](
    hass: HomeAssistant,
    entry: EnvoyConfigEntry,
    kind: EquipmentKind[DataT],
    descriptions: Sequence[EnvoySensorDescription[DataT]],
) -> EntityGroup:
    return Arrivals(
        hass,
        entry,
        Platform.SENSOR,
        kind,
        lambda source: _pending(entry, source, descriptions),
    )


def _meter_groups(entry: EnvoyConfigEntry, kind: MeterKind) -> Iterator[EntityGroup]:
    point = [_of_meter(d, kind) for d in METER_SENSORS]
    yield _pending(entry, meter_source(entry, kind), point)
    quality = (*own_sensors(kind), *QUALITY_SENSORS)
    whole = [_of_meter(d, kind) for d in quality]
    yield _pending(entry, reading_source(entry, kind), whole)
    for phase in _PHASES:
        source = meter_phase_source(entry, kind, phase)
        descriptions = [
            replace(
                _of_phase(_of_meter(d, kind), phase),
                entity_registry_enabled_default=False,
            )
            for d in (PHASE_VOLTAGE, *quality)
        ]
        yield _pending(entry, source, descriptions)


def _of_phase[DataT](
    description: EnvoySensorDescription[DataT], phase: int
) -> EnvoySensorDescription[DataT]:
    return replace(
        description,
        key=f"{description.key}_l{phase}",
        translation_key=f"{description.translation_key}_phase",
    )


def _of_meter[DataT](
    description: EnvoySensorDescription[DataT], kind: MeterKind
) -> EnvoySensorDescription[DataT]:
    key = f"{kind.key}_{description.key}"
    return replace(description, key=key, translation_key=key)
