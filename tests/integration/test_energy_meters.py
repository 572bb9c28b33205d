"""A meter of its own, from the wire to its sensors: never down, never lost."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
import logging
import time
from typing import Any

from homeassistant.components.recorder.core import Recorder
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.envoy_local.const import DOMAIN
from simulator import Simulator

from ..time_travel import TimeTravel
from .charger import Charger
from .conftest import Setup
from .energy_site import Witness, coming, energy_of, entity_id_of, go_to, live
from .equipment.conftest import everything_enabled  # noqa: F401  # a fixture
from .travelled_site import (  # noqa: F401  # the same site in the same time
    simulator,
    travel,
    value,
)

WHOLE = ("evse_energy_delivered", "evse_energy_received")


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
def charger(simulator: Simulator) -> Charger:  # noqa: F811
    return Charger(simulator)


@pytest.fixture
def witness(hass: HomeAssistant, simulator: Simulator) -> Witness:  # noqa: F811
    return Witness(hass, simulator)


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    recorder_mock: Recorder,
    hass_storage: dict[str, Any],
    setup_entry: Setup,
    simulator: Simulator,  # noqa: F811
    travel: TimeTravel,  # noqa: F811
    charger: Charger,
    witness: Witness,
) -> Any:
    """A site that has been read for ten minutes, so that its books were written."""
    go_to(travel, coming("America/Los_Angeles", 6, 21, 15))
    loaded = await setup_entry(token=simulator.token())
    await live(hass, travel, 600, step=60)
    return loaded


def assert_charger(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    charger: Charger,
    *,
    keys: tuple[str, ...] = WHOLE,
) -> None:
    """Each of its sensors shows what it has counted."""
    for key in keys:
        shown = energy_of(hass, simulator, key)
        assert shown == pytest.approx(charger.truth()[key], abs=0.5), key


def assert_never_fell(witness: Witness, *keys: str) -> None:
    for key in keys:
        series = [energy for _, energy in witness.shown[key]]
        assert len(series) > 5, key
        assert all(low <= high for low, high in pairwise(series)), key


@pytest.mark.usefixtures("entry")
async def test_the_whole_is_shown_and_the_phases_wait(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    charger: Charger,
) -> None:
    assert_charger(hass, simulator, charger)
    registry = er.async_get(hass)
    for key in charger.truth():
        entity_id = entity_id_of(hass, simulator, key)
        found = registry.async_get(entity_id)
        assert found
        assert found.disabled == (key not in WHOLE), key
    meters = ("production_energy_received", "net_consumption_energy_received")
    known = [
        registry.async_get_entity_id("sensor", DOMAIN, f"{simulator.serial}_{key}")
        for key in meters
    ]
    assert known[1] is None, "that is the export"


@pytest.mark.usefixtures("everything_enabled", "entry")
async def test_the_phases_are_shown_when_they_are_wanted(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    charger: Charger,
) -> None:
    assert_charger(hass, simulator, charger, keys=tuple(charger.truth()))


@pytest.mark.usefixtures("entry")
async def test_zeros_of_a_boot_are_not_shown(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    travel: TimeTravel,  # noqa: F811
    charger: Charger,
    witness: Witness,
) -> None:
    before = energy_of(hass, simulator, "evse_energy_delivered")
    charger.is_booting = True
    await live(hass, travel, 300)
    assert energy_of(hass, simulator, "evse_energy_delivered") == before
    charger.is_booting = False
    await live(hass, travel, 120)
    assert_charger(hass, simulator, charger)
    assert_never_fell(witness, *WHOLE)


@pytest.mark.parametrize("away", [20, 5400])
async def test_a_restart_goes_on(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
    charger: Charger,
    witness: Witness,
    away: float,
) -> None:
    before = energy_of(hass, simulator, "evse_energy_delivered")
    await hass.config_entries.async_unload(entry.entry_id)
    travel.offset += away
    charger.is_booting = True
    await hass.config_entries.async_setup(entry.entry_id)
    await live(hass, travel, 60)
    assert energy_of(hass, simulator, "evse_energy_delivered") == before
    charger.is_booting = False
    await live(hass, travel, 60)
    assert_charger(hass, simulator, charger)
    assert_never_fell(witness, *WHOLE)


@pytest.mark.parametrize("is_lost", [False, True], ids=["minutes old", "lost"])
async def test_a_kill_goes_on(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    hass_storage: dict[str, Any],
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
    charger: Charger,
    witness: Witness,
    is_lost: bool,
) -> None:
    """Where the gateway boots meanwhile, only the recorder knows what was shown."""
    name = f"{DOMAIN}.{entry.entry_id}.energy"
    stored = {} if is_lost else {name: deepcopy(hass_storage[name])}
    await live(hass, travel, 200)
    before = energy_of(hass, simulator, "evse_energy_delivered")
    await async_wait_recording_done(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    hass_storage.pop(name)
    hass_storage.update(stored)
    travel.offset += 60
    charger.is_booting = True
    await hass.config_entries.async_setup(entry.entry_id)
    await live(hass, travel, 60)
    shown = energy_of(hass, simulator, "evse_energy_delivered")
    assert shown == pytest.approx(before, abs=0.01)
    charger.is_booting = False
    await live(hass, travel, 120)
    assert_charger(hass, simulator, charger)
    assert_never_fell(witness, *WHOLE)


@pytest.mark.usefixtures("entry")
async def test_a_meter_that_is_switched_off_and_on_goes_on(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    travel: TimeTravel,  # noqa: F811
    charger: Charger,
    witness: Witness,
) -> None:
    charger.is_enabled = False
    await live(hass, travel, 1000, step=100)
    assert value(hass, simulator, "evse_energy_delivered") == "unavailable"
    charger.is_enabled = True
    await live(hass, travel, 1000, step=100)
    assert_charger(hass, simulator, charger)
    assert_never_fell(witness, *WHOLE)
