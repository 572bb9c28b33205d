"""Firmware 8.3.5433, which calls the net consumption the total one, over the wire."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
import json
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from simulator import SCENARIOS, Fault, Simulator

from ..time_travel import TimeTravel
from .conftest import Setup
from .energy_site import (
    METERS,
    READINGS,
    REPORT,
    Witness,
    assert_truth,
    energy_of,
    go_to,
    live,
    meter_as,
    source_of,
    spoil,
    truth_of,
)
from .gateway_days import (
    BERLIN,
    TOTALS,
    asked,
    assert_day,
    at_clock,
    live_through_the_night,
    live_to,
    load_for_net,
    plant_of,
    repeating_net,
)
from .travelled_site import (  # noqa: F401  # the same site in the same time
    simulator,
    travel,
    value,
)

SITE = replace(SCENARIOS["three_phase"], firmware="D8.3.5433")
MADE_AND_USED = TOTALS[:2]
REPEATED = ("wNow", "whLifetime")

pytestmark = [
    pytest.mark.parametrize("simulator", [{"scenario": SITE}], indirect=True),
    pytest.mark.usefixtures("in_berlin"),
]


@pytest.fixture
async def in_berlin(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone(BERLIN)


@pytest.fixture
def witness(hass: HomeAssistant, simulator: Simulator) -> Witness:  # noqa: F811
    return Witness(hass, simulator)


def consumption_of(entry: ConfigEntry[Any]) -> list[dict[str, float]]:
    """Return the total and the net consumption as they came over the wire."""
    answer = entry.runtime_data.client.answers[f"{REPORT}?details=1"]
    blocks = json.loads(answer)["consumption"]
    return [{key: block[key] for key in REPEATED} for block in blocks]


def assert_power(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    at: float,
) -> None:
    """The shown consumption is what the house takes."""
    shown = float(value(hass, simulator, "consumption_power"))
    real = plant_of(simulator).power(at)
    assert shown == pytest.approx(real.consumption, abs=10)
    assert abs(real.grid - real.consumption) > 500


def reported(simulator: Simulator) -> float:  # noqa: F811
    """Return when the report was read last."""
    return simulator.gateway.requests.to(REPORT)[-1].time


def assert_truth_of_report(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    begun: float,
) -> None:
    """What is shown is what the plant had counted at the time of the report."""
    at = reported(simulator)
    assert_power(hass, simulator, at)
    for key in MADE_AND_USED:
        real, start = (truth_of(simulator, key, time) for time in (at, begun))
        assert energy_of(hass, simulator, key) == pytest.approx(real, abs=5), key
        today = energy_of(hass, simulator, f"{key}_today")
        assert today == pytest.approx(real - start, abs=8), key


async def test_a_meter_at_the_grid(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
) -> None:
    """What the house uses comes from the readings alone."""
    go_to(travel, at_clock(14, 7))
    spoil(simulator).changes.update(repeating_net())
    entry = await setup_entry(token=simulator.token())
    begun = asked(simulator)
    total, net = consumption_of(entry)
    assert total == net
    assert source_of(hass, simulator, "consumption_energy") == "balance"
    assert_truth(hass, simulator, keys=TOTALS)
    assert_power(hass, simulator, begun)

    await live_to(hass, travel, at_clock(16), step=300)
    assert_power(hass, simulator, asked(simulator))
    assert_day(hass, simulator, begun)
    await live_through_the_night(hass, simulator, entry, travel, at_clock(0, days=1))
    assert_power(hass, simulator, asked(simulator))
    witness.assert_steady()
    assert_truth(hass, simulator, keys=TOTALS)


async def test_a_meter_around_the_load(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
) -> None:
    """The meter says it by itself, and the wrong answer isn't even asked for."""
    go_to(travel, at_clock(23, 40))
    spoil(simulator).changes.update(repeating_net())
    spoil(simulator).changes.update(
        {
            METERS: meter_as("net-consumption", measurementType="total-consumption"),
            READINGS: load_for_net(plant_of(simulator)),
        }
    )
    await setup_entry(token=simulator.token())
    begun, midnight = asked(simulator), at_clock(0, days=1)
    assert not simulator.gateway.requests.to(REPORT)
    assert source_of(hass, simulator, "consumption_energy") == "meter"
    assert source_of(hass, simulator, "grid_import_energy") == "computed"
    assert_truth(hass, simulator, keys=MADE_AND_USED)

    await live_to(hass, travel, midnight - timedelta(seconds=20))
    assert_day(hass, simulator, begun)
    await live_to(hass, travel, midnight + timedelta(hours=1))
    assert_day(hass, simulator, midnight.timestamp())
    travel.offset += 8 * 3600
    await live_to(hass, travel, midnight + timedelta(hours=9, minutes=20))
    assert_power(hass, simulator, asked(simulator))
    assert_day(hass, simulator, midnight.timestamp(), keys=MADE_AND_USED)
    witness.assert_steady()
    assert_truth(hass, simulator, keys=MADE_AND_USED)


async def test_a_gateway_that_does_not_list_its_meters(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
) -> None:
    """The report is all there is; when the list comes, nothing jumps."""
    go_to(travel, at_clock(14, 7))
    spoil(simulator).changes.update(repeating_net())
    simulator.gateway.faults.add(Fault.error(METERS, 404))
    entry = await setup_entry(token=simulator.token())
    begun = reported(simulator)
    total, net = consumption_of(entry)
    assert total == net
    assert source_of(hass, simulator, "consumption_energy") == "meter_block"
    assert_truth_of_report(hass, simulator, begun)
    await live(hass, travel, 3000, step=60)
    assert_truth_of_report(hass, simulator, begun)

    simulator.gateway.faults.clear()
    await live(hass, travel, 2400, step=60)
    assert source_of(hass, simulator, "consumption_energy") == "balance"
    assert_power(hass, simulator, asked(simulator))
    witness.assert_steady()
    # The report came every minute or two: the last of these is lost.
    assert_truth(hass, simulator, keys=MADE_AND_USED, within=400)
