"""Damaged storage answers for half an hour: nothing else notices, and it heals."""

from __future__ import annotations

from collections.abc import Callable
import json
import random
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from simulator import Simulator

from ...client.storage.damage import damaged
from ...time_travel import TimeTravel
from ..energy_site import Witness, spoil
from ..test_bad_answers import tracebacks
from .registry import removed
from .shown import identifier_of

HALF_AN_HOUR: Final = 1800
STORAGE: Final = (
    "/ivp/ensemble/inventory",
    "/ivp/ensemble/power",
    "/ivp/ensemble/secctrl",
    "/ivp/ensemble/relay",
    "/ivp/ensemble/dry_contacts",
    "/ivp/ss/dry_contact_settings",
    "/ivp/ensemble/generator",
    "/ivp/ss/gen_config",
    "/ivp/ss/gen_mode",
    "/admin/lib/tariff",
    "/inventory",
)
OTHERS: Final = (
    "/ivp/meters/readings",
    "/ivp/meters",
    "/api/v1/production/inverters",
    "/ivp/pdm/device_data",
)
"""Answers of the other tiers."""
UNTOUCHED: Final = (
    "production_",
    "consumption_",
    "grid_power",
    "grid_import_",
    "grid_export_",
    "battery_power",
    "net_consumption_",
    "storage_problem",
    "firmware",
    "token_expiry",
    "last_cloud_report",
)
"""What the gateway's keys begin with that no storage answer has a part in."""


class Damage:
    """Damages every answer anew, and counts them."""

    def __init__(self, seed: str) -> None:
        self._chance = random.Random(seed)
        self.count = 0

    def __call__(self, answer: Any, _: float) -> Any:
        self.count += 1
        return json.loads(damaged(answer, self._chance))


@pytest.mark.usefixtures("everything_enabled")
@pytest.mark.parametrize("simulator", [{"scenario": "storage"}], indirect=True)
@pytest.mark.parametrize("seed", ["one"])
async def test_damaged_storage_answers(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
    caplog: pytest.LogCaptureFixture,
    seed: str,
) -> None:
    data, damage = entry.runtime_data, Damage(seed)
    await travel(2000, step=15)
    simulator.gateway.requests.clear()
    await travel(HALF_AN_HOUR)
    usual = requests(simulator)
    witness = Witness(hass, simulator)
    before, devices = states(hass, entry), identifiers(hass, entry)
    caplog.clear()
    simulator.gateway.requests.clear()
    lost = losses(hass, untouched(simulator, before))

    changes = spoil(simulator).changes
    changes |= dict.fromkeys(STORAGE, damage)
    await travel(HALF_AN_HOUR)
    assert damage.count > 50
    assert lost() == []
    assert data.is_reachable
    assert tracebacks(caplog) == []
    # The steps of the journey take some real time, too.
    assert requests(simulator) == pytest.approx(usual, abs=2, rel=0.1)

    changes.clear()
    await travel(4500, step=30)
    assert lost() == []
    assert tracebacks(caplog) == []
    witness.assert_steady()
    after = states(hass, entry)
    silent = {STATE_UNAVAILABLE, STATE_UNKNOWN}
    spoke = {key for key, state in before.items() if state not in silent}
    assert {key for key in spoke if after[key] in silent} == set()
    # What never was there can be deleted, and nothing else.
    for identifier in identifiers(hass, entry):
        is_invented = identifier not in devices
        assert await removed(hass, entry, identifier) is is_invented, identifier
    assert entry.runtime_data is data


def requests(simulator: Simulator) -> dict[str, int]:
    """Return how often the other tiers were read."""
    return {path: len(simulator.gateway.requests.to(path)) for path in OTHERS}


def states(hass: HomeAssistant, entry: ConfigEntry[Any]) -> dict[str, str]:
    """Return what all entities of an entry show, by unique id."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    found = {each.unique_id: hass.states.get(each.entity_id) for each in entities}
    return {unique_id: state.state for unique_id, state in found.items() if state}


def identifiers(hass: HomeAssistant, entry: ConfigEntry[Any]) -> set[str]:
    """Return the devices of an entry."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return {identifier_of(device) for device in devices}


def untouched(simulator: Simulator, known: dict[str, str]) -> set[str]:
    """Return the unique ids that are none of the storage answers' business."""
    assert simulator.inverters
    starts = [unit.serial for unit in simulator.inverters.present]
    starts += [f"{simulator.serial}_{key}" for key in UNTOUCHED]
    return {key for key in known if key.startswith(tuple(starts))}


def losses(hass: HomeAssistant, watched: set[str]) -> Callable[[], list[str]]:
    """Watch for entities that become unavailable or unknown."""
    assert len(watched) > 100
    registry, found = er.async_get(hass), list[str]()

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        new, old = event.data["new_state"], event.data["old_state"]
        entity = registry.async_get(event.data["entity_id"])
        silent = {None, STATE_UNAVAILABLE, STATE_UNKNOWN}
        was = old.state if old else None
        now = new.state if new else None
        is_lost = was not in silent and now in silent
        found.extend([entity.unique_id] if entity and is_lost else [])

    hass.bus.async_listen("state_changed", note)
    return lambda: sorted(watched.intersection(found))
