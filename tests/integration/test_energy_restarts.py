"""Restarts, kills and damaged files: never below what was shown, then the truth."""

from __future__ import annotations

from copy import deepcopy
import logging
import time
from typing import Any

from homeassistant.components.recorder import history
from homeassistant.components.recorder.core import Recorder
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity, restore_state
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from sqlalchemy.exc import OperationalError

from custom_components.envoy_local.const import DOMAIN
from simulator import Fault, Simulator

from ..time_travel import TimeTravel
from .conftest import Setup, state_of
from .energy_site import (
    READINGS,
    TRUTH,
    Witness,
    assert_truth,
    coming,
    energy_of,
    entity_id_of,
    go_to,
    imbalance,
    live,
    spoil,
    truth_of,
)
from .travelled_site import (  # noqa: F401  # the same site in the same time
    simulator,
    travel,
)

DAMAGED: dict[str, Any] = {
    "a list": [1, 2, 3],
    "nothing in it": {},
    "wrong types": {"stored_at": "yesterday", "accounts": 7},
    "half of it": {"stored_at": 1.0, "seconds": 5.0, "limits": {"peak": 4.0}},
}
READINGS_TIER = (READINGS, "/api/v1/production", "/ivp/ensemble/power")


@pytest.fixture
def mock_recorder_before_hass(async_test_recorder: object) -> None:
    """Have the recorder's database ready before Home Assistant is."""


@pytest.fixture(autouse=True)
def _keep_the_database_quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Log no SQL: that takes longer than the SQL itself."""
    for logger in ("sqlalchemy", "sqlalchemy.engine", "homeassistant.components"):
        caplog.set_level(logging.WARNING, logger=logger)


@pytest.fixture(autouse=True)
def _let_entities_live_in_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have states stamped by the clock that tests move, which entities hold on to."""
    monkeypatch.setattr(entity, "timer", lambda: time.time())  # noqa: PLW0108  # moved time is looked up at each call


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    recorder_mock: Recorder,
    hass_storage: dict[str, Any],
    setup_entry: Setup,
    simulator: Simulator,  # noqa: F811
    travel: TimeTravel,  # noqa: F811
) -> Any:
    """A site that has been read for ten minutes, so that its books were written."""
    go_to(travel, coming("America/Los_Angeles", 6, 21, 15))
    loaded = await setup_entry(token=simulator.token())
    await live(hass, travel, 600, step=60)
    return loaded


def key_of(entry: ConfigEntry[Any]) -> str:
    """Return under which name the books are stored."""
    return f"{DOMAIN}.{entry.entry_id}.energy"


async def kill(
    hass: HomeAssistant, entry: ConfigEntry[Any], storage: dict[str, Any], stored: Any
) -> None:
    """Stop without writing the books: what is stored then is what was before."""
    await async_wait_recording_done(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    storage.pop(key_of(entry), None)
    storage.update({} if stored is None else {key_of(entry): stored})


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the owner reads in the log."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.envoy_local")
        and record.levelno >= logging.WARNING
    ]


async def test_a_restart_goes_on_exactly(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
) -> None:
    witness = Witness(hass, simulator)
    for away in (60, 5, 7200):
        await hass.config_entries.async_unload(entry.entry_id)
        travel.offset += away
        await hass.config_entries.async_setup(entry.entry_id)
        await live(hass, travel, 60)
        assert_truth(hass, simulator)
        assert abs(imbalance(hass, simulator)) < 0.01
    witness.assert_steady()


@pytest.mark.parametrize("away", [20, 5400])
@pytest.mark.parametrize("is_lost", [False, True], ids=["minutes old", "lost"])
async def test_a_kill_goes_on_exactly(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    hass_storage: dict[str, Any],
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
    away: float,
    is_lost: bool,
) -> None:
    witness = Witness(hass, simulator)
    stored = None if is_lost else deepcopy(hass_storage[key_of(entry)])
    await live(hass, travel, 200)
    shown = {key: energy_of(hass, simulator, key) for key in TRUTH}
    today = energy_of(hass, simulator, "production_energy_today")
    await kill(hass, entry, hass_storage, stored)
    travel.offset += away
    await hass.config_entries.async_setup(entry.entry_id)
    await live(hass, travel, 60)

    witness.assert_steady()
    assert_truth(hass, simulator)
    assert abs(imbalance(hass, simulator)) < 0.01
    made = energy_of(hass, simulator, "production_energy") - shown["production_energy"]
    assert made > 0
    now = energy_of(hass, simulator, "production_energy_today")
    assert now == pytest.approx(today + made, abs=0.1)


async def test_what_an_earlier_gateway_counted_outlives_the_books(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    hass_storage: dict[str, Any],
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
) -> None:
    """Only the recorder knows by how much the total is ahead of the counter."""
    witness = Witness(hass, simulator)

    def count_anew(rows: Any, _: float) -> Any:
        rows[0]["actEnergyDlvd"] -= 5_000_000
        return rows

    spoil(simulator).changes[READINGS] = count_anew
    await live(hass, travel, 2400, step=60)
    assert_truth(hass, simulator, keys=("production_energy",), within=100)
    await kill(hass, entry, hass_storage, None)
    travel.offset += 60
    await hass.config_entries.async_setup(entry.entry_id)
    await live(hass, travel, 2400, step=60)
    witness.assert_steady()
    assert_truth(hass, simulator, keys=("production_energy",), within=200)


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
async def test_damaged_books_are_set_aside(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    hass_storage: dict[str, Any],
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
    damage: Any,
) -> None:
    witness = Witness(hass, simulator)
    stored = {**hass_storage[key_of(entry)], "data": damage}
    await kill(hass, entry, hass_storage, stored)
    travel.offset += 60
    await hass.config_entries.async_setup(entry.entry_id)
    await live(hass, travel, 60)

    (warning,) = warnings(caplog)
    assert "damaged" in warning
    assert hass_storage[f"{key_of(entry)}.damaged"]["data"] == damage
    witness.assert_steady()
    assert_truth(hass, simulator)
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.config_entries.async_setup(entry.entry_id)
    assert len(warnings(caplog)) == 1


async def test_starts_without_the_gateway_do_not_hide_what_was_shown(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    hass_storage: dict[str, Any],
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
) -> None:
    """Each of them leaves an unavailable state in the database, and no value."""
    today = energy_of(hass, simulator, "production_energy_today")
    entity_id = entity_id_of(hass, simulator, "production_energy_today")
    await kill(hass, entry, hass_storage, None)
    for start in range(4):
        hass.states.async_set(
            entity_id, "unavailable", {"restored": True, "start": start}
        )
    await async_wait_recording_done(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await live(hass, travel, 60)
    now = energy_of(hass, simulator, "production_energy_today")
    assert today < now < today + 300


async def test_a_broken_database_does_not_keep_the_site_from_starting(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("malformed"))

    await hass.config_entries.async_unload(entry.entry_id)
    monkeypatch.setattr(history, "get_last_state_changes", fail)
    await hass.config_entries.async_setup(entry.entry_id)
    await live(hass, travel, 60)
    assert entry.state is ConfigEntryState.LOADED
    assert_truth(hass, simulator)


async def test_without_a_recorder_the_restored_states_count(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    hass_storage: dict[str, Any],
    setup_entry: Setup,
    travel: TimeTravel,  # noqa: F811
) -> None:
    entry = await setup_entry()
    entity_id = entity_id_of(hass, simulator, "production_energy")
    await hass.config_entries.async_unload(entry.entry_id)
    hass_storage.pop(key_of(entry))
    shown = truth_of(simulator, "production_energy") + 5_000_000
    state = State(entity_id, str(shown / 1000), {"unit_of_measurement": "kWh"})
    restored = restore_state.StoredState(state, None, dt_util.utcnow())
    restore_state.async_get(hass).last_states[entity_id] = restored
    await hass.config_entries.async_setup(entry.entry_id)
    await live(hass, travel, 60)
    assert energy_of(hass, simulator, "production_energy") == pytest.approx(shown)


async def test_a_setup_that_failed_leaves_no_old_books_behind(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    hass_storage: dict[str, Any],
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
) -> None:
    """Its books would be written some minutes later, over those in use."""
    await hass.config_entries.async_unload(entry.entry_id)
    simulator.gateway.faults.add(*(Fault.error(path, 500) for path in READINGS_TIER))
    await hass.config_entries.async_setup(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY
    simulator.gateway.faults.clear()
    await live(hass, travel, 30)
    await live(hass, travel, 100)
    assert state_of(entry) is ConfigEntryState.LOADED
    await hass.config_entries.async_unload(entry.entry_id)
    written = deepcopy(hass_storage[key_of(entry)])
    await live(hass, travel, 600)
    assert hass_storage[key_of(entry)] == written
    await hass.config_entries.async_setup(entry.entry_id)
    assert_truth(hass, simulator)
