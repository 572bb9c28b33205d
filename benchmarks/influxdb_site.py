"""The readings that are forwarded: an hour of a site with 50 inverters.

The real client reads the simulator; the real sensors say what Home Assistant would
show. Both ways to InfluxDB are given the same hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, Final, cast

from homeassistant.components.sensor import SensorEntity
from homeassistant.const import UnitOfEnergy
from homeassistant.helpers.device_registry import DeviceInfo

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.totals import Section
from custom_components.envoy_local.coordinator import EnvoyConfigEntry
from custom_components.envoy_local.entity import Source
from custom_components.envoy_local.influxdb.schema import PointSource, Schema
from custom_components.envoy_local.sensor.entity import EnvoySensor
from custom_components.envoy_local.sensor.groups import gateway_groups
from custom_components.envoy_local.sensor.inverters import INVERTER_SENSORS
from simulator.scenarios import SCENARIOS
from tests.influxdb.snapshots import START, Site, open_site

INVERTERS: Final = 50
STEP: Final = 15.0
"""Seconds between two readings, as the integration asks by default."""
STORAGE_EVERY: Final = 4
INVERTERS_EVERY: Final = 20
BEGIN: Final = START
_BENCH: Final = "bench"
_KILO: Final = 1000


@dataclass(frozen=True, slots=True)
class State:
    """What a sensor would show."""

    entity_id: str
    text: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Poll:
    """One reading of the gateway, in all the forms it takes."""

    snapshot: GatewaySnapshot
    states: tuple[State, ...]
    """The sensors that show something new."""
    lines: tuple[str, ...]
    """What our schema makes of it: to know what to look for, not to be sent."""


async def record(count: int) -> list[Poll]:
    """Read the site so many times."""
    SCENARIOS[_BENCH] = replace(
        SCENARIOS["home"], name=_BENCH, inverter_count=INVERTERS
    )
    source = PointSource(schemas=[Schema.STANDARD], extra_tags={})
    polls = []
    async with open_site(_BENCH) as site:
        sensors = Sensors(await site.read())
        for number in range(count):
            snapshot = await _read(site, number)
            lines = source.lines(snapshot, now=site.clock.now)
            states = tuple(sensors.changes(snapshot))
            polls.append(Poll(snapshot, states, tuple(lines)))
    return polls


async def _read(site: Site, number: int) -> GatewaySnapshot:
    """Read what is due, everything at first."""
    if number == 0:
        return await site.read(after=STEP)
    tiers = [Tier.READINGS]
    if number % STORAGE_EVERY == 0:
        tiers.append(Tier.STORAGE)
    if number % INVERTERS_EVERY == 0:
        tiers += [Tier.INVERTERS, Tier.DEVICE_DATA]
    return await site.read(*tiers, after=STEP)


class Sensors:
    """The integration's sensors, all of them enabled, beside no Home Assistant."""

    def __init__(self, snapshot: GatewaySnapshot) -> None:
        """Begin with a first snapshot, which says what there is."""
        self._coordinator = SimpleNamespace(data=snapshot, last_update_success=True)
        address = SimpleNamespace(url=lambda _: "")
        data = SimpleNamespace(
            snapshot=snapshot,
            coordinators=dict.fromkeys(Tier, self._coordinator),
            session=SimpleNamespace(
                transport=SimpleNamespace(address=address), token=None
            ),
        )
        self._entry = cast("EnvoyConfigEntry", SimpleNamespace(runtime_data=data))
        self._groups = list(gateway_groups(self._entry))
        self._sensors: list[SensorEntity] = list(self._of_inverters(snapshot))
        self._shown: dict[str, State] = {}

    def changes(self, snapshot: GatewaySnapshot) -> Iterator[State]:
        """Yield what is new on the sensors after this reading."""
        self._coordinator.data = snapshot
        for group in self._groups:
            new = group.take(snapshot, is_known=lambda _: False)
            self._sensors += [one for one in new if isinstance(one, SensorEntity)]
        for sensor in self._sensors:
            if sensor.available and sensor.native_value is not None:
                state = _state(sensor)
                if self._shown.get(state.entity_id) != state:
                    self._shown[state.entity_id] = state
                    yield state

    def _of_inverters(self, snapshot: GatewaySnapshot) -> Iterator[SensorEntity]:
        for serial in snapshot.inverters:
            source = _inverter(serial)
            for description in INVERTER_SENSORS:
                yield EnvoySensor(self._entry, source, description)


def _inverter(serial: str) -> Source[Any]:
    return Source(
        serial=serial,
        device_info=DeviceInfo,
        pick=lambda snapshot: snapshot.inverters.get(serial),
        sections=lambda _: frozenset({Section.INVERTER_REPORTS}),
        follows=frozenset({Section.INVERTER_REPORTS, Section.DEVICE_DATA}),
    )


def _state(sensor: SensorEntity) -> State:
    """Return the state in the unit that is suggested for it, as sensors do."""
    description = sensor.entity_description
    unit, value = description.native_unit_of_measurement, sensor.native_value
    if description.suggested_unit_of_measurement == UnitOfEnergy.KILO_WATT_HOUR:
        unit, value = UnitOfEnergy.KILO_WATT_HOUR, cast("float", value) / _KILO
    attributes = {
        "state_class": description.state_class,
        "unit_of_measurement": unit,
        "device_class": description.device_class,
        "friendly_name": f"Envoy {sensor.unique_id}",
        **(sensor.extra_state_attributes or {}),
    }
    known = {name: found for name, found in attributes.items() if found is not None}
    return State(f"sensor.envoy_{sensor.unique_id}".lower(), str(value), known)
