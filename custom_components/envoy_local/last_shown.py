"""What the energy sensors showed last, as the recorder and the states know it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
import logging
from typing import Final

from homeassistant.components.recorder import history
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfEnergy
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, restore_state
from homeassistant.helpers.recorder import get_instance
from homeassistant.util.unit_conversion import EnergyConverter
from sqlalchemy.exc import SQLAlchemyError

from .const import DOMAIN
from .ledger.account import COUNTERS
from .ledger.ledger import DAY_SENSORS
from .ledger.meters import METER_COUNTERS

_LOGGER = logging.getLogger(__name__)

_SUFFIXES: Final = ("", "_l1", "_l2", "_l3")
_LOOK_BACK: Final = 10
"""States. Each start while the gateway is away adds one that says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastShown:
    """Energies in Wh by the keys of their sensors."""

    energies: dict[str, float]
    is_today: bool
    """Whether the sums of the day are those of this day."""


async def async_last_shown(
    hass: HomeAssistant, serial: str, now: datetime
) -> LastShown:
    """Look up what was last shown, in the database where there is one.

    The states that Home Assistant restores are a quarter of an hour old after a
    kill, the recorder's some seconds.
    """
    entities = dict(_entities(hass, serial))
    states = _restored(hass, entities.values())
    if "recorder" in hass.config.components and entities:
        try:
            states |= await get_instance(hass).async_add_executor_job(
                _recorded, hass, list(entities.values())
            )
        except SQLAlchemyError as err:
            _LOGGER.warning(
                "The recorder doesn't say what the energies were: %s",
                type(err).__name__,
            )
    energies: dict[str, float] = {}
    is_today = False
    for key, entity_id in entities.items():
        state = states.get(entity_id)
        energy = None if state is None else _watt_hours(state)
        if state is not None and energy is not None:
            energies[key] = energy
            day = state.last_updated.astimezone(now.tzinfo).date()
            is_today |= key in DAY_SENSORS and day == now.date()
    return LastShown(energies=energies, is_today=is_today)


def _entities(hass: HomeAssistant, serial: str) -> Iterator[tuple[str, str]]:
    """Yield the energy sensors that exist, by key."""
    registry = er.async_get(hass)
    names = (*COUNTERS, *METER_COUNTERS)
    keys = [name + suffix for name in names for suffix in _SUFFIXES]
    for key in (*keys, *DAY_SENSORS):
        entity_id = registry.async_get_entity_id("sensor", DOMAIN, f"{serial}_{key}")
        if entity_id:
            yield key, entity_id


def _recorded(hass: HomeAssistant, entity_ids: list[str]) -> dict[str, State]:
    """Ask the database; to be run beside the event loop."""
    found: dict[str, State] = {}
    for entity_id in entity_ids:
        states = history.get_last_state_changes(hass, _LOOK_BACK, entity_id).get(
            entity_id, []
        )
        known = [state for state in states if _watt_hours(state) is not None]
        if known:
            found[entity_id] = known[-1]
    return found


def _restored(hass: HomeAssistant, entity_ids: Iterable[str]) -> dict[str, State]:
    """Take what Home Assistant itself restores."""
    stored = restore_state.async_get(hass).last_states
    return {
        entity_id: stored[entity_id].state
        for entity_id in entity_ids
        if entity_id in stored
    }


def _watt_hours(state: State) -> float | None:
    """Return a state in Wh, whatever unit the user has chosen."""
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    try:
        return EnergyConverter.convert(float(state.state), unit, UnitOfEnergy.WATT_HOUR)
    except (ValueError, TypeError, HomeAssistantError):
        return None
