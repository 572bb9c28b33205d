"""What the power sensors show while power is live, through the wire."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
import time
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
import pytest

from custom_components.envoy_local.client.live.feed import LiveFeed
from custom_components.envoy_local.const import CONF_READINGS_INTERVAL
from custom_components.envoy_local.diagnostics import (
    async_get_config_entry_diagnostics,
)
from simulator import SCENARIOS, Fault, Simulator

from .live_site import (  # noqa: F401 - fixtures
    LIVEDATA,
    READINGS,
    STREAM,
    LiveHome,
    home_fixture,
    options,
    simulator_fixture,
    travel_fixture,
)

POWERS = ("production_power", "consumption_power", "grid_power", "battery_power")

REFUSING = replace(SCENARIOS["home"], firmware="D7.6.175")
"""A home with a battery whose gateway keeps the stream from its owner."""
THREE_PHASES = pytest.mark.parametrize(
    "simulator", [{"scenario": "three_phase"}], indirect=True
)
WITHOUT_STREAM = pytest.mark.parametrize(
    "simulator", [{"scenario": REFUSING}], indirect=True
)


def plant_power(home: LiveHome, at: float) -> dict[str, float]:
    """What really flows at a moment, by the keys of the sensors."""
    assert home.simulator.plant
    power = home.simulator.plant.power(at)
    return {key: getattr(power, key.removesuffix("_power")) for key in POWERS}


def assert_flows(home: LiveHome, *keys: str, within: float = 1.5) -> None:
    """What these sensors show flowed within the last seconds."""
    now = time.time()
    for key in keys:
        ends = [plant_power(home, at)[key] for at in (now - within, now)]
        assert min(ends) - 0.02 <= home.watts(key) <= max(ends) + 0.02, key


async def test_with_a_battery_the_stream_moves_production_and_grid(
    home: LiveHome,
) -> None:
    await home.set_up()
    await home.until_source("stream")
    await home.travel(8, step=1)
    before = {key: home.shown(key) for key in POWERS}
    asked = len(home.gateway.requests.to(READINGS))
    await home.travel(3, step=1)

    assert len(home.gateway.requests.to(READINGS)) == asked, "no reading came between"
    assert_flows(home, "production_power", "grid_power")
    assert home.shown("production_power") != before["production_power"]
    assert home.shown("consumption_power") == before["consumption_power"]
    assert home.shown("battery_power") == before["battery_power"]
    await home.travel(16, step=1)
    assert home.shown("consumption_power") != before["consumption_power"]
    assert home.shown("battery_power") != before["battery_power"]
    assert_flows(home, "production_power", "grid_power")


@THREE_PHASES
async def test_without_a_battery_the_stream_moves_everything(home: LiveHome) -> None:
    await home.set_up()
    await home.until_source("stream")
    await home.travel(3, step=1)

    powers = POWERS[:3]
    assert_flows(home, *powers)
    for phase in ("", "_l1", "_l2", "_l3"):
        made, used, bought = (home.watts(f"{key}{phase}") for key in powers)
        assert used == pytest.approx(made + bought, abs=0.001)
    for key in powers:
        phases = sum(home.watts(f"{key}_l{n}") for n in (1, 2, 3))
        assert phases == pytest.approx(home.watts(key), abs=0.01)
    assert home.state_of("battery_power") is None


@pytest.mark.parametrize("simulator", [{"scenario": "large"}], indirect=True)
async def test_a_single_phase_gets_no_sensors_of_the_unused_ones(
    home: LiveHome,
) -> None:
    await home.set_up()
    await home.until_source("stream")
    await home.travel(16, step=1)

    assert_flows(home, "production_power", "consumption_power", "grid_power")
    assert home.state_of("production_power_l1") is None
    assert home.state_of("grid_power_l2") is None


@WITHOUT_STREAM
async def test_live_data_moves_all_four_and_they_add_up(home: LiveHome) -> None:
    await home.set_up()
    await home.until_source("livedata")
    start = len(home.written["grid_power"])
    for _ in range(30):
        await home.travel(1, step=1)
        made, used, bought, given = map(home.watts, POWERS)
        assert used == pytest.approx(made + bought + given, abs=0.01)

    assert_flows(home, *POWERS, within=3)
    assert len(home.written["battery_power"]) > 10
    assert len(home.written["grid_power"]) - start > 15
    assert home.verdict("stream") == "refused"
    assert home.verdict("role") == "owner"


@THREE_PHASES
@pytest.mark.parametrize("interval", [1, 5, 20])
async def test_states_are_written_at_the_pace(home: LiveHome, interval: int) -> None:
    await home.set_up(options(interval))
    await home.until_source("stream")
    await home.travel(interval + 1, step=1)
    home.written.clear()
    await home.travel(240, step=0.5)

    for key in ("production_power", "grid_power_l2", "consumption_power_l3"):
        times = [at for at, _ in home.written[key]]
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert min(gaps) > interval - 0.1
        assert max(gaps) < interval + 1.6
    assert_flows(home, "production_power", within=interval + 1.5)


async def test_energy_comes_from_the_counters_alone(home: LiveHome) -> None:
    await home.set_up()
    await home.until_source("stream")
    home.written.clear()
    asked = len(home.gateway.requests.to(READINGS))
    await home.travel(60, step=0.5)

    reads = len(home.gateway.requests.to(READINGS)) - asked
    assert 3 <= reads <= 6
    assert len(home.written["production_power"]) > 50
    assert 3 <= len(home.written["production_energy"]) <= reads + 1
    snapshot = home.entry.runtime_data.snapshot
    assert snapshot.live is not None
    assert snapshot.totals.production.power != snapshot.now.production.power
    assert snapshot.totals.production.energy == snapshot.now.production.energy


@THREE_PHASES
async def test_a_reading_does_not_bring_the_past_back(home: LiveHome) -> None:
    """Between two frames at a slow pace, readings come; power stays as shown."""
    await home.set_up(options(60))
    await home.until_source("stream")
    home.written.clear()
    await home.travel(50, step=1)

    assert len(home.written["production_energy"]) >= 3
    assert len(home.written.get("production_power", [])) <= 1


async def test_power_falls_back_to_the_readings_at_once(home: LiveHome) -> None:
    await home.set_up()
    await home.until_source("stream")
    await home.travel(8, step=1)
    gateway = home.gateway
    gateway.faults.add(Fault.error(STREAM, 503))
    asked = len(gateway.requests.to(READINGS))
    gateway.stream.reset()
    await home.travel(1, step=0.25)

    assert home.source == "readings"
    assert home.verdict("stream") == "failing"
    assert home.entry.runtime_data.snapshot.live is None
    assert len(gateway.requests.to(READINGS)) == asked + 1, "read out of turn"
    assert_flows(home, *POWERS, within=2)

    gateway.faults.clear()
    await home.until_source("stream")
    assert home.verdict("stream") == "works"


async def test_readings_are_read_faster_while_they_are_all_there_is(
    home: LiveHome,
) -> None:
    for path in (STREAM, LIVEDATA):
        home.gateway.faults.add(Fault.error(path, 404))
    await home.set_up(options(1, **{CONF_READINGS_INTERVAL: 60}))
    start = len(home.gateway.requests.to(READINGS))
    await home.travel(120, step=1)

    assert home.source == "readings"
    assert home.verdict("stream") == home.verdict("livedata") == "absent"
    read = len(home.gateway.requests.to(READINGS)) - start
    assert 20 <= read <= 26

    home.gateway.faults.clear()
    await home.until_source("stream", within=700)
    await home.travel(6, step=1)
    start = len(home.gateway.requests.to(READINGS))
    await home.travel(300, step=1)
    assert 4 <= len(home.gateway.requests.to(READINGS)) - start <= 6


@pytest.mark.parametrize("interval", [20, 60])
async def test_a_slow_pace_never_slows_the_readings(
    home: LiveHome, interval: int
) -> None:
    home.gateway.faults.add(Fault.error(STREAM, 404))
    home.gateway.faults.add(Fault.error(LIVEDATA, 404))
    await home.set_up(options(interval))
    start = len(home.gateway.requests.to(READINGS))
    await home.travel(150, step=1)

    assert 9 <= len(home.gateway.requests.to(READINGS)) - start <= 11


@pytest.mark.parametrize("simulator", [{"scenario": "unmetered"}], indirect=True)
async def test_without_meters_nothing_is_asked(home: LiveHome) -> None:
    await home.set_up()
    start = len(home.gateway.requests.to("/api/v1/production"))
    await home.travel(300)

    assert home.source == "readings"
    assert home.verdict("stream") == home.verdict("livedata") == "no_meter"
    assert not home.gateway.requests.to(STREAM)
    assert not home.gateway.requests.to(LIVEDATA)
    asked = len(home.gateway.requests.to("/api/v1/production")) - start
    assert asked <= 300 / 15 + 1


@pytest.mark.parametrize("simulator", [{"scenario": "legacy"}], indirect=True)
async def test_a_gateway_of_old_is_not_asked(home: LiveHome) -> None:
    await home.set_up()
    await home.travel(300)

    assert home.source == "readings"
    assert home.verdict("stream") == home.verdict("livedata") == "not_asked"
    assert home.state_of("live_source") is not None
    assert not home.gateway.requests.to(STREAM)
    assert not home.gateway.requests.to(LIVEDATA)


async def test_power_outlives_the_readings(home: LiveHome) -> None:
    """Readings that fail for long take the energies away, not what still flows."""
    await home.set_up()
    await home.until_source("stream")
    home.gateway.faults.add(Fault.hang(READINGS))
    await home.travel(1300)

    assert home.source == "stream"
    assert home.shown("production_energy") == STATE_UNAVAILABLE
    assert home.shown("battery_power") == STATE_UNAVAILABLE
    assert_flows(home, "production_power", "grid_power", within=6)

    home.gateway.stream.stalled = True
    await home.travel(40)
    assert home.shown("production_power") == STATE_UNAVAILABLE
    home.gateway.stream.stalled = False
    home.gateway.faults.clear()
    await home.travel(120)
    assert home.source == "stream"
    assert_flows(home, "production_power", "grid_power", within=6)
    assert home.shown("production_energy") != STATE_UNAVAILABLE


async def test_setting_up_never_waits_for_the_stream(home: LiveHome) -> None:
    home.gateway.faults.add(Fault.hang(STREAM))
    home.gateway.faults.add(Fault.hang(LIVEDATA))
    await home.set_up()

    assert home.entry.state is ConfigEntryState.LOADED
    assert home.source == "readings"
    home.gateway.faults.clear()
    await home.until_source("stream", within=120)


async def test_unloading_closes_the_stream_at_once(home: LiveHome) -> None:
    await home.set_up()
    await home.until_source("stream")
    assert home.gateway.stream.open_streams == 1
    await home.unload()
    await home.travel.until(lambda: home.gateway.stream.open_streams == 0)
    asked = len(home.gateway.requests)
    await home.travel(60)
    assert len(home.gateway.requests) == asked

    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.hass.async_block_till_done()
    await home.until_source("stream")
    assert home.gateway.stream.open_streams == 1
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.hass.async_block_till_done()
    await home.until_source("stream")
    await home.travel.until(lambda: home.gateway.stream.open_streams == 1)


async def test_stopping_home_assistant_closes_the_stream(
    hass: HomeAssistant, home: LiveHome
) -> None:
    await home.set_up(options(20))
    await home.until_source("stream")
    await home.travel(3, step=1)
    await hass.async_stop(force=True)
    await home.travel.until(lambda: home.gateway.stream.open_streams == 0)


async def test_a_feed_that_ends_by_a_mistake_leaves_the_readings_and_begins_afresh(
    home: LiveHome,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No failure of the gateway's ends the feed, so that one is made up."""
    run = LiveFeed.run

    async def run_a_while(feed: LiveFeed) -> None:
        async with asyncio.timeout(20):
            await run(feed)

    monkeypatch.setattr(LiveFeed, "run", run_a_while)
    await home.set_up(options(5))
    await home.until_source("stream")
    await home.travel(30, step=1)

    assert "live power has stopped" in caplog.text
    assert home.source == "readings"
    assert home.hub.shown is None
    assert home.entry.state is ConfigEntryState.LOADED
    assert_flows(home, *POWERS, within=40)

    monkeypatch.setattr(LiveFeed, "run", run)
    await home.until_source("stream", within=310)
    await home.travel(10, step=1)
    assert home.hub.shown is not None


async def test_diagnostics_of_live_power(
    hass: HomeAssistant, home: LiveHome, simulator: Simulator
) -> None:
    await home.set_up()
    await home.until_source("stream")
    await home.travel(3, step=1)
    live: Any = (await async_get_config_entry_diagnostics(hass, home.entry))["live"]

    assert live["interval"] == 1
    assert live["status"]["source"] == "stream"
    assert live["status"]["stream"] == "works"
    assert live["status"]["livedata"] == "not_asked"
    assert live["status"]["role"] == "owner"
    assert live["status"]["frames"] >= 3
    assert live["status"]["connects"] == 1
    assert 0 <= live["newest_age"] < 10
    assert 0 <= live["shown_age"] < 10
