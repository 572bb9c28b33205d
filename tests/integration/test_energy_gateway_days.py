"""Days that the gateway gets wrong, over the wire: the shown ones are the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
import json

from homeassistant.core import HomeAssistant
import pytest

from simulator import Simulator

from ..time_travel import TimeTravel
from .conftest import Setup
from .energy_replay import SUMMARY
from .energy_site import (
    METERS,
    REPORT,
    Change,
    Witness,
    assert_truth,
    energy_of,
    go_to,
    spoil,
    truth_of,
    without_meter,
)
from .gateway_days import (
    BERLIN,
    TOTALS,
    as_the_lifetime,
    asked,
    assert_day,
    at_clock,
    frozen,
    late,
    live_through_the_night,
    live_to,
    plant_of,
    sums_of,
)
from .travelled_site import (  # noqa: F401  # the same site in the same time
    simulator,
    travel,
)

WRONG: dict[str, Callable[[], Mapping[str, Change]]] = {
    "frozen": frozen,
    "the lifetime": as_the_lifetime,
}
QUARTER, ONE_O_CLOCK = 780.0, 3600.0

pytestmark = [
    pytest.mark.parametrize("simulator", [{"scenario": "three_phase"}], indirect=True),
    pytest.mark.usefixtures("in_berlin"),
]


@pytest.fixture
async def in_berlin(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone(BERLIN)


@pytest.fixture
def witness(hass: HomeAssistant, simulator: Simulator) -> Witness:  # noqa: F811
    return Witness(hass, simulator)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_today_is_not_believed(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
    wrong: Callable[[], Mapping[str, Change]],
) -> None:
    """The first day counts from the first reading on, the next from midnight on."""
    go_to(travel, at_clock(14, 7))
    spoil(simulator).changes.update(wrong())
    entry = await setup_entry(token=simulator.token())
    begun = asked(simulator)
    first = sums_of(entry.runtime_data.client.answers)
    assert min(first) > 20_000
    assert_day(hass, simulator, begun)

    await live_to(hass, travel, at_clock(17), step=300)
    assert_day(hass, simulator, begun)
    made = energy_of(hass, simulator, "production_energy_today")
    assert 1000 < made < min(first) - 5000
    said = await live_through_the_night(
        hass, simulator, entry, travel, at_clock(0, days=1)
    )
    assert min(said) > 20_000
    witness.assert_steady()
    assert_truth(hass, simulator, keys=TOTALS)


@pytest.mark.parametrize("reset", [QUARTER, ONE_O_CLOCK])
async def test_a_gateway_whose_midnight_is_late(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
    reset: float,
) -> None:
    """The first day is known from its sums, the next begins at midnight."""
    go_to(travel, at_clock(15, 7))
    midnight, plant = at_clock(0), plant_of(simulator)
    spoil(simulator).changes.update(late(plant, reset))
    entry = await setup_entry(token=simulator.token())
    begun = {
        "production_energy": midnight.timestamp(),
        "consumption_energy": midnight.timestamp() + reset,
        "grid_import_energy": asked(simulator),
        "grid_export_energy": asked(simulator),
    }
    assert_day(hass, simulator, begun)
    assert energy_of(hass, simulator, "production_energy_today") > 20_000
    await live_to(hass, travel, at_clock(17), step=300)
    assert_day(hass, simulator, begun)

    said = await live_through_the_night(
        hass, simulator, entry, travel, at_clock(0, days=1)
    )
    assert max(said[: int(reset) // 120]) > 20_000
    assert min(said) < 10
    witness.assert_steady()
    assert_truth(hass, simulator, keys=TOTALS)


async def test_the_first_day_of_a_production_meter_alone(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
) -> None:
    """Nothing but the summary of the last full quarter of an hour knows of the day."""
    go_to(travel, at_clock(15, 7))
    spoil(simulator).changes[METERS] = without_meter("net-consumption")
    entry = await setup_entry(token=simulator.token())
    assert not simulator.gateway.requests.to(REPORT)
    midnight, made = at_clock(0).timestamp(), TOTALS[:1]
    counted = truth_of(simulator, made[0]) - truth_of(simulator, made[0], midnight)
    summary = json.loads(entry.runtime_data.client.answers[SUMMARY])
    assert summary["wattHoursToday"] < counted - 300
    assert_day(hass, simulator, midnight, keys=made)

    await live_to(hass, travel, at_clock(17), step=300)
    assert_day(hass, simulator, midnight, keys=made)
    witness.assert_steady()
    assert_truth(hass, simulator, keys=made)


@pytest.mark.parametrize(
    ("reset", "minute"),
    [(QUARTER, 5), (QUARTER, 14), (ONE_O_CLOCK, 20), (ONE_O_CLOCK, 50)],
)
async def test_a_first_start_before_the_gateways_midnight(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
    reset: float,
    minute: int,
) -> None:
    """What it calls today was yesterday; its summary is a quarter of an hour late."""
    midnight = at_clock(0, days=1)
    go_to(travel, midnight + timedelta(minutes=minute))
    spoil(simulator).changes.update(late(plant_of(simulator), reset))
    entry = await setup_entry(token=simulator.token())
    begun = asked(simulator)
    assert sums_of(entry.runtime_data.client.answers)[0] > 20_000
    assert_day(hass, simulator, begun)
    assert entry.runtime_data.snapshot.totals.production.energy_7_days is None

    await live_to(hass, travel, midnight + timedelta(hours=12), step=900)
    assert_day(hass, simulator, begun)
    witness.assert_steady()
    assert_truth(hass, simulator, keys=TOTALS)
