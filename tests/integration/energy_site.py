"""A gateway that gets its energies wrong, and a witness of what is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time as day_time, timedelta
from itertools import pairwise
import json
import time
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfEnergy
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util.unit_conversion import EnergyConverter

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.const import DOMAIN
from simulator import Simulator
from simulator.answers import Answer
from simulator.payloads_live import Frame
from simulator.site import Site

from ..time_travel import TimeTravel

READINGS = "/ivp/meters/readings"
METERS = "/ivp/meters"
REPORT = "/production.json"
DEVICE_DATA = "/ivp/pdm/device_data"

TRUTH = {
    "production_energy": "production",
    "consumption_energy": "consumption",
    "grid_import_energy": "grid_import",
    "grid_export_energy": "grid_export",
    "battery_charge_energy": "battery_charge",
    "battery_discharge_energy": "battery_discharge",
}
"""The plant's counter behind each total."""
HIGHEST_POWER = 20_000.0
"""W: more than anything at the simulated homes can draw or give."""
ROUNDING = 0.01
"""Wh: the readings have three decimals, and a balance has five of them."""

type Change = Callable[[Any, float], Any]
"""Takes a JSON answer and its epoch second, returns what is sent instead."""


class Spoiled:
    """A site whose answers are changed on their way out."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.changes: dict[str, Change] = {}

    @property
    def serial(self) -> str:
        return self._site.serial

    @property
    def firmware(self) -> str:
        return self._site.firmware

    def digest_paths(self) -> Mapping[str, Answer]:
        return self._site.digest_paths()

    def frame(self, now: float) -> Frame | None:
        return self._site.frame(now)

    def answer(
        self, path: str, query: str, *, serial: str, now: float
    ) -> Answer | None:
        answer = self._site.answer(path, query, serial=serial, now=now)
        change = self.changes.get(path)
        if answer is None or change is None:
            return answer
        said = change(json.loads(answer.body), now)
        return replace(answer, body=json.dumps(said).encode())


def spoil(simulator: Simulator) -> Spoiled:
    """Let a gateway's answers be changed; the same object for all tests of a site."""
    site = simulator.gateway.site
    spoiled = site if isinstance(site, Spoiled) else Spoiled(site)
    simulator.gateway.site = spoiled
    return spoiled


def numbers(change: Callable[[float], float]) -> Change:
    """Change every number of an answer that isn't a name or a time."""

    def walk(item: Any, key: str = "") -> Any:
        if isinstance(item, dict):
            return {k: walk(v, k) for k, v in item.items()}
        if isinstance(item, list):
            return [walk(value, key) for value in item]
        is_name = key in {"eid", "timestamp", "createdAt"} or isinstance(item, str)
        return item if is_name else change(item)

    return lambda said, _: walk(said)


def without_meter(kind: str) -> Change:
    """Take a meter out of the list of meters."""
    return lambda rows, _: [row for row in rows if row["measurementType"] != kind]


def meter_as(kind: str, **values: object) -> Change:
    """Change a meter's row in the list of meters."""
    return lambda rows, _: [
        row | values if row["measurementType"] == kind else row for row in rows
    ]


class Witness:
    """Everything that the energy sensors of a gateway have shown, in Wh."""

    def __init__(self, hass: HomeAssistant, simulator: Simulator) -> None:
        self._hass = hass
        self._simulator = simulator
        self.shown: dict[str, list[tuple[float, float]]] = {}
        hass.bus.async_listen("state_changed", self._note)

    @callback
    def _note(self, event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        entry = er.async_get(self._hass).async_get(event.data["entity_id"])
        known = (
            [] if entry is None else self.shown.setdefault(_key(entry.unique_id), [])
        )
        energy = None if state is None else watt_hours(state)
        known += [] if energy is None else [(time.time(), energy)]

    def totals(self) -> Iterator[tuple[str, list[tuple[float, float]]]]:
        """Yield the lifetime energies, those of the phases with them."""
        for key, series in self.shown.items():
            if key.removesuffix("_l1").removesuffix("_l2") in TRUTH and series:
                yield key, series

    def assert_steady(self) -> None:
        """No total has ever fallen, nor risen faster than the site can."""
        seen = dict(self.totals())
        assert seen
        for key, series in seen.items():
            for (earlier, low), (later, high) in pairwise(series):
                assert high >= low, key
                most = HIGHEST_POWER * (later - earlier + 5) / 3600
                assert high - low <= most, key


def watt_hours(state: Any) -> float | None:
    """Return what a state says in Wh; None where it is no energy."""
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if unit not in EnergyConverter.VALID_UNITS or not state.state[0].isdigit():
        return None
    return EnergyConverter.convert(float(state.state), unit, UnitOfEnergy.WATT_HOUR)


def entity_id_of(hass: HomeAssistant, simulator: Simulator, key: str) -> str:
    """Return the entity behind a key of the gateway."""
    entity_id = er.async_get(hass).async_get_entity_id(
        "sensor", DOMAIN, f"{simulator.serial}_{key}"
    )
    assert entity_id, key
    return entity_id


def energy_of(hass: HomeAssistant, simulator: Simulator, key: str) -> float:
    """Return what an energy sensor shows, in Wh."""
    state = hass.states.get(entity_id_of(hass, simulator, key))
    assert state
    energy = watt_hours(state)
    assert energy is not None, f"{key} is {state.state}"
    return energy


def source_of(hass: HomeAssistant, simulator: Simulator, key: str) -> object:
    """Return which counter an energy sensor names as its source."""
    state = hass.states.get(entity_id_of(hass, simulator, key))
    assert state
    return state.attributes.get("energy_source")


def truth_of(simulator: Simulator, key: str, at: float | None = None) -> float:
    """Return what the plant has counted when the readings were last asked for."""
    assert simulator.plant
    moment = simulator.gateway.requests.to(READINGS)[-1].time if at is None else at
    counted: float = getattr(simulator.plant.counters(moment), TRUTH[key])
    return counted


def assert_truth(
    hass: HomeAssistant,
    simulator: Simulator,
    *,
    keys: tuple[str, ...] = tuple(TRUTH),
    within: float = 0.5,
) -> None:
    """Every total is what the plant has counted, to some Wh."""
    for key in keys:
        shown, truth = energy_of(hass, simulator, key), truth_of(simulator, key)
        assert abs(shown - truth) <= within, (key, shown - truth)


def imbalance(hass: HomeAssistant, simulator: Simulator) -> float:
    """Return how many Wh the shown consumption is off the other shown totals."""
    made, used, bought, sold, charged, given = (
        energy_of(hass, simulator, key) for key in TRUTH
    )
    return used - (made + bought - sold + given - charged)


def watch_balance(
    hass: HomeAssistant, simulator: Simulator, entry: ConfigEntry[Any], *tiers: Tier
) -> list[float]:
    """Note the imbalance after every update of these tiers, else of any tier."""
    seen: list[float] = []
    for tier in tiers or Tier:
        entry.runtime_data.coordinators[tier].async_add_listener(
            lambda: seen.append(imbalance(hass, simulator))
        )
    return seen


async def live(
    hass: HomeAssistant, travel: TimeTravel, seconds: float, *, step: float = 16
) -> None:
    """Let time pass, and what each step sets off come to its end.

    One step is a little longer than the interval of the readings.
    """
    left = seconds
    while left > 0:
        travel.offset += min(step, left)
        left -= step
        await asyncio.sleep(0.001)
        await hass.async_block_till_done(wait_background_tasks=True)


def go_to(travel: TimeTravel, moment: datetime) -> None:
    """Be at a moment, before anything has been set up."""
    travel.offset += moment.timestamp() - time.time()


def coming(zone: str, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return the next time that a date comes, in a zone; two days ahead at least."""
    local = ZoneInfo(zone)
    soon = datetime.now(UTC).astimezone(local) + timedelta(days=2)
    this = datetime(soon.year, month, day, hour, minute, tzinfo=local)
    return this if this >= soon else this.replace(year=soon.year + 1)


def coming_clock_change(zone: str, *, forward: bool) -> date:
    """Return the next day on which the clocks of a zone are changed."""
    local = ZoneInfo(zone)
    day = datetime.now(UTC).date() + timedelta(days=2)
    wanted = timedelta(hours=23 if forward else 25)
    while _length(day, local) != wanted:
        day += timedelta(days=1)
    return day


def _length(day: date, zone: ZoneInfo) -> timedelta:
    start, end = (
        datetime.combine(d, day_time(), zone).astimezone(UTC)
        for d in (day, day + timedelta(days=1))
    )
    return end - start


def _key(unique_id: str) -> str:
    """Return the key of a unique id, whose first part is a serial number."""
    return unique_id.partition("_")[2]
