"""Which sensors a device can have; each is taken from here when it gets a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, Protocol

from homeassistant.components.sensor import SensorEntity
from homeassistant.core import HomeAssistant

from ..client.models.meters import MeterKind
from ..client.models.snapshot import GatewaySnapshot
from ..coordinator import EnvoyConfigEntry
from ..entity import Source
from ..sources import (
    inverter_source,
    meter_phase_source,
    meter_source,
    phase_source,
    reading_source,
    site_source,
    storage_source,
)
from .description import EnvoySensorDescription
from .entity import EnvoySensor
from .inverters import INVERTER_SENSORS
from .meters import METER_SENSORS, PHASE_VOLTAGE, QUALITY_SENSORS
from .storage import STORAGE_SENSORS
from .totals import DAY_SENSORS, ENERGY_SENSORS, POWER_SENSORS

_PHASES: Final = (1, 2, 3)


class SensorGroup(Protocol):
    """The sensors of one source that aren't there yet."""

    def take(self, snapshot: GatewaySnapshot) -> list[SensorEntity]:
        """Hand out those that have a value now."""


class _Pending[DataT]:
    """A source with the descriptions that wait for their first value."""

    def __init__(
        self,
        entry: EnvoyConfigEntry,
        source: Source[DataT],
        descriptions: Sequence[EnvoySensorDescription[DataT]],
    ) -> None:
        self._entry = entry
        self._source = source
        self._descriptions = list(descriptions)

    def take(self, snapshot: GatewaySnapshot) -> list[SensorEntity]:
        """Hand out the sensors that have a value now, each of them once."""
        data = self._source.pick(snapshot)
        if data is None:
            return []
        ready = [d for d in self._descriptions if d.value_fn(data) is not None]
        self._descriptions = [d for d in self._descriptions if d not in ready]
        return [EnvoySensor(self._entry, self._source, d) for d in ready]


def gateway_groups(entry: EnvoyConfigEntry) -> Iterator[SensorGroup]:
    """Yield what the gateway's own device can have."""
    yield _Pending(entry, site_source(entry, is_live=True), POWER_SENSORS)
    yield _Pending(entry, site_source(entry), (*ENERGY_SENSORS, *DAY_SENSORS))
    yield _Pending(entry, storage_source(entry), STORAGE_SENSORS)
    for phase in _PHASES:
        powers = [_of_phase(d, phase) for d in POWER_SENSORS]
        yield _Pending(entry, phase_source(entry, phase, is_live=True), powers)
        energies = [_of_phase(d, phase) for d in ENERGY_SENSORS]
        yield _Pending(entry, phase_source(entry, phase), energies)
    for kind in MeterKind:
        yield from _meter_groups(entry, kind)


def inverter_group(
    hass: HomeAssistant, entry: EnvoyConfigEntry, serial: str
) -> SensorGroup:
    """Return what an inverter can have."""
    return _Pending(entry, inverter_source(hass, entry, serial), INVERTER_SENSORS)


def _meter_groups(entry: EnvoyConfigEntry, kind: MeterKind) -> Iterator[SensorGroup]:
    point = [_of_meter(d, kind) for d in METER_SENSORS]
    yield _Pending(entry, meter_source(entry, kind), point)
    whole = [_of_meter(d, kind) for d in QUALITY_SENSORS]
    yield _Pending(entry, reading_source(entry, kind), whole)
    for phase in _PHASES:
        source = meter_phase_source(entry, kind, phase)
        quality = (PHASE_VOLTAGE, *QUALITY_SENSORS)
        descriptions = [_of_phase(_of_meter(d, kind), phase) for d in quality]
        yield _Pending(entry, source, descriptions)


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
