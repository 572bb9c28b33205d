"""The energies of the day: Home Assistant's midnight, restarts, clock changes."""

from __future__ import annotations

from datetime import datetime, time as day_time, timedelta
from itertools import pairwise
import time
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from simulator import Simulator

from ..time_travel import TimeTravel
from .conftest import Setup
from .energy_site import (
    Witness,
    coming,
    coming_clock_change,
    energy_of,
    go_to,
    live,
    truth_of,
)
from .travelled_site import (  # noqa: F401  # the same site in the same time
    simulator,
    travel,
)

BERLIN = "Europe/Berlin"
TODAY = (
    "production_energy",
    "consumption_energy",
    "grid_import_energy",
    "grid_export_energy",
)
SITE = [{"scenario": "three_phase"}]


def assert_today(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    since: float,
    *,
    within: float = 2.0,
) -> None:
    """The sums of the day are what was counted since an epoch second."""
    for key in TODAY:
        shown = energy_of(hass, simulator, f"{key}_today")
        counted = truth_of(simulator, key) - truth_of(simulator, key, since)
        assert abs(shown - counted) <= within, (key, shown, counted)


@pytest.mark.parametrize("simulator", SITE, indirect=True)
async def test_the_day_begins_at_midnight_and_survives_restarts(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    travel: TimeTravel,  # noqa: F811
) -> None:
    await hass.config.async_set_time_zone(BERLIN)
    go_to(travel, coming(BERLIN, 6, 21, 22))
    entry = await setup_entry(token=simulator.token())
    await live(hass, travel, 7100, step=100)
    midnight = coming(BERLIN, 6, 22).timestamp()
    await live(hass, travel, midnight - time.time() - 5)
    late = energy_of(hass, simulator, "consumption_energy_today")
    assert late > 1000
    await live(hass, travel, 40)
    assert_today(hass, simulator, midnight)
    assert energy_of(hass, simulator, "consumption_energy_today") < 50

    await live(hass, travel, 3600, step=100)
    await hass.config_entries.async_unload(entry.entry_id)
    travel.offset += 9 * 3600
    await hass.config_entries.async_setup(entry.entry_id)
    await live(hass, travel, 60)
    assert_today(hass, simulator, midnight)
    assert energy_of(hass, simulator, "production_energy_today") > 3000


@pytest.mark.parametrize("simulator", SITE, indirect=True)
async def test_a_midnight_that_was_missed(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    travel: TimeTravel,  # noqa: F811
) -> None:
    """While Home Assistant is off the day turns; the time is shared out evenly."""
    await hass.config.async_set_time_zone(BERLIN)
    go_to(travel, coming(BERLIN, 6, 21, 23, 40))
    entry = await setup_entry(token=simulator.token())
    await live(hass, travel, 600)
    await hass.config_entries.async_unload(entry.entry_id)
    travel.offset += 1800
    await hass.config_entries.async_setup(entry.entry_id)
    await live(hass, travel, 60)
    assert_today(hass, simulator, coming(BERLIN, 6, 22).timestamp(), within=150)


@pytest.mark.parametrize("forward", [True, False], ids=["to summer", "to winter"])
@pytest.mark.parametrize("simulator", SITE, indirect=True)
async def test_the_days_on_which_the_clocks_change(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    travel: TimeTravel,  # noqa: F811
    forward: bool,
) -> None:
    """A day of 23 hours and one of 25, each from midnight to midnight."""
    await hass.config.async_set_time_zone(BERLIN)
    zone = ZoneInfo(BERLIN)
    day = coming_clock_change(BERLIN, forward=forward)
    midnight = datetime.combine(day, day_time(), zone)
    go_to(travel, midnight - timedelta(minutes=10))
    entry = await setup_entry(token=simulator.token())
    witness = Witness(hass, simulator)
    await live(hass, travel, 660, step=33)
    start = midnight.timestamp()
    assert_today(hass, simulator, start)

    await live(hass, travel, 2 * 3600, step=900)
    assert_today(hass, simulator, start)
    await hass.config_entries.async_unload(entry.entry_id)
    travel.offset += 3600
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    await live(hass, travel, 60)
    assert_today(hass, simulator, start)

    end = datetime.combine(day + timedelta(days=1), day_time(), zone).timestamp()
    await live(hass, travel, end - time.time() - 130, step=900)
    await live(hass, travel, end - time.time() - 20)
    assert_today(hass, simulator, start)
    await live(hass, travel, 60)
    # The plant takes another load curve up at midnight, within one interval.
    assert_today(hass, simulator, end, within=6)
    days = witness.shown["consumption_energy_today"]
    resets = [late for (_, early), (late, now) in pairwise(days) if now < early]
    # At midnight the time goes in steps of 33 s.
    assert [start <= at < start + 60 or at >= end for at in resets] == [True, True]
