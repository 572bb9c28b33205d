"""Wrong counters over the wire: the totals hold, and go on from the truth."""

from __future__ import annotations

from collections.abc import Callable
import time
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from custom_components.envoy_local.client.endpoints import Tier
from simulator import Fault, Simulator

from ..time_travel import TimeTravel
from .conftest import Setup
from .energy_site import (
    DEVICE_DATA,
    METERS,
    READINGS,
    REPORT,
    TRUTH,
    Witness,
    assert_truth,
    coming,
    energy_of,
    go_to,
    live,
    meter_as,
    numbers,
    source_of,
    spoil,
    truth_of,
    watch_balance,
    without_meter,
)
from .travelled_site import (  # noqa: F401  # the same site in the same time
    simulator,
    travel,
)

WRAP = 2**32 / 3600
GARBAGE: dict[str, Callable[[float], float]] = {
    "boot zeros": lambda _: 0,
    "half values": lambda value: value / 2,
    "4294967295": lambda _: 4_294_967_295,
    "4294967292": lambda _: 4_294_967_292,
    "2^32 J less": lambda value: value - WRAP,
    "twice": lambda value: value * 2,
    "minus": lambda value: -value,
}
ANSWERS: dict[str, Callable[[str], Fault]] = {
    "truncated": Fault.truncated,
    "empty": Fault.empty,
    "no rows": lambda path: Fault.raw(path, b"[]"),
    "no numbers": lambda path: Fault.raw(
        path, b'[{"eid": 704643328, "timestamp": 1}, {"eid": 704643584}]'
    ),
}


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    setup_entry: Setup,
    simulator: Simulator,  # noqa: F811
    travel: TimeTravel,  # noqa: F811
) -> Any:
    """A site in full sunshine that has been read for a minute."""
    go_to(travel, coming("America/Los_Angeles", 6, 21, 15))
    loaded = await setup_entry(token=simulator.token())
    await live(hass, travel, 60)
    return loaded


@pytest.fixture
def witness(hass: HomeAssistant, simulator: Simulator) -> Witness:  # noqa: F811
    return Witness(hass, simulator)


@pytest.mark.parametrize("change", GARBAGE.values(), ids=GARBAGE.keys())
async def test_wrong_numbers_are_not_shown(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    witness: Witness,
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
    change: Callable[[float], float],
) -> None:
    assert_truth(hass, simulator)
    balance = watch_balance(hass, simulator, entry)
    spoil(simulator).changes[READINGS] = numbers(change)
    await live(hass, travel, 1200, step=60)
    spoil(simulator).changes.clear()
    await live(hass, travel, 60)

    witness.assert_steady()
    assert_truth(hass, simulator)
    assert max(map(abs, balance)) < 0.01
    assert entry.runtime_data.books.ledger.corrections


@pytest.mark.parametrize("fault", ANSWERS.values(), ids=ANSWERS.keys())
async def test_broken_answers_are_not_shown(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    witness: Witness,
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
    fault: Callable[[str], Fault],
) -> None:
    balance = watch_balance(hass, simulator, entry)
    simulator.gateway.faults.add(fault(READINGS))
    await live(hass, travel, 240)
    simulator.gateway.faults.clear()
    await live(hass, travel, 90)

    witness.assert_steady()
    assert_truth(hass, simulator)
    assert max(map(abs, balance)) < 0.01


async def test_a_reboot_with_zeros_at_its_end(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    witness: Witness,
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
) -> None:
    await simulator.gateway.go_away()
    await live(hass, travel, 120)
    simulator.gateway.booting = True
    await simulator.gateway.come_back()
    await live(hass, travel, 180)
    spoil(simulator).changes.update(
        dict.fromkeys((READINGS, REPORT, DEVICE_DATA), numbers(lambda _: 0))
    )
    simulator.gateway.booting = False
    await live(hass, travel, 180)
    spoil(simulator).changes.clear()
    await live(hass, travel, 120)

    witness.assert_steady()
    assert_truth(hass, simulator)


async def test_a_new_gateway_counts_on_from_the_old_total(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    witness: Witness,
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
) -> None:
    """Its counters begin near zero; what they count from then on is true."""
    start = truth_of(simulator, "production_energy")

    def begin_anew(rows: Any, _: float) -> Any:
        for row in rows[:1]:
            row["actEnergyDlvd"] -= start - 200
        return rows

    spoil(simulator).changes[READINGS] = begin_anew
    await live(hass, travel, 600)
    await live(hass, travel, 2400, step=30)
    witness.assert_steady()
    assert_truth(hass, simulator, within=35.0)


async def test_each_energy_names_its_source(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    entry: ConfigEntry[Any],
) -> None:
    sources = {key: source_of(hass, simulator, key) for key in TRUTH}
    assert sources.pop("consumption_energy") == "balance"
    assert set(sources.values()) == {"meter"}


async def test_a_wrap_at_2_to_the_32_joules(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
) -> None:
    """With the production meter off, the inverters' sum is all there is."""
    go_to(travel, coming("America/Los_Angeles", 6, 21, 12))
    start = truth_of(simulator, "production_energy", time.time())
    simulator.gateway.faults.add(Fault.error(DEVICE_DATA, 404))

    def wrapping(said: Any, now: float) -> Any:
        made = truth_of(simulator, "production_energy", now) - start
        block = said["production"][0]
        block["whLifetime"] = int((WRAP - 1000 + made) % WRAP)
        return said

    spoil(simulator).changes.update(
        {METERS: meter_as("production", state="disabled"), REPORT: wrapping}
    )
    entry = await setup_entry(token=simulator.token())
    assert source_of(hass, simulator, "production_energy") == "inverter_block"
    first = energy_of(hass, simulator, "production_energy")
    assert first == pytest.approx(WRAP - 1000, abs=10)
    await live(hass, travel, 2400, step=30)

    witness.assert_steady()
    asked = simulator.gateway.requests.to(REPORT)[-1].time
    made = truth_of(simulator, "production_energy", asked) - start
    assert made > 1500, "the counter has not wrapped"
    shown = energy_of(hass, simulator, "production_energy")
    assert shown == pytest.approx(WRAP - 1000 + made, abs=2)
    assert entry.runtime_data.books.ledger.corrections["wrap"] == 1


async def test_import_and_export_of_a_load_meter_are_computed(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
) -> None:
    """A CT around the load, none at the grid: power is added up."""
    go_to(travel, coming("America/Los_Angeles", 6, 21, 16))
    spoil(simulator).changes.update(
        {
            METERS: meter_as("net-consumption", measurementType="total-consumption"),
            READINGS: _load_for_net(simulator),
        }
    )
    await setup_entry(token=simulator.token())
    start = {key: truth_of(simulator, key) for key in TRUTH}
    await live(hass, travel, 5 * 3600, step=90)

    witness.assert_steady()
    for key in ("grid_import_energy", "grid_export_energy"):
        assert source_of(hass, simulator, key) == "computed"
        counted = truth_of(simulator, key) - start[key]
        assert counted > 50
        shown = energy_of(hass, simulator, key)
        assert shown == pytest.approx(counted, rel=0.02), key
    assert source_of(hass, simulator, "consumption_energy") == "meter"

    before = {key: energy_of(hass, simulator, key) for key in TRUTH}
    await simulator.gateway.go_away()
    await live(hass, travel, 3600, step=60)
    await simulator.gateway.come_back()
    await live(hass, travel, 180, step=60)
    sold = energy_of(hass, simulator, "grid_export_energy")
    assert sold - before["grid_export_energy"] < 500, "an outage was filled in"
    witness.assert_steady()


async def test_charge_and_discharge_without_a_storage_meter_are_computed(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
) -> None:
    go_to(travel, coming("America/Los_Angeles", 6, 21, 5, 40))
    spoil(simulator).changes[METERS] = without_meter("storage")
    entry = await setup_entry(token=simulator.token())
    # Another tier may come in between the meters and the batteries.
    balance = watch_balance(hass, simulator, entry, Tier.READINGS)
    start = {key: truth_of(simulator, key) for key in TRUTH}
    await live(hass, travel, 2.5 * 3600, step=30)

    witness.assert_steady()
    for key in ("battery_charge_energy", "battery_discharge_energy"):
        assert source_of(hass, simulator, key) == "computed"
        counted = truth_of(simulator, key) - start[key]
        assert counted > 50
        shown = energy_of(hass, simulator, key)
        assert shown == pytest.approx(counted, rel=0.02), key
    assert_truth(
        hass,
        simulator,
        keys=("production_energy", "grid_import_energy", "grid_export_energy"),
    )
    assert len(balance) > 100
    assert max(map(abs, balance)) < 0.01


async def test_the_totals_agree_at_every_moment(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    entry: ConfigEntry[Any],
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
) -> None:
    balance = watch_balance(hass, simulator, entry)
    await live(hass, travel, 1800)
    assert len(balance) > 100
    assert max(map(abs, balance)) < 0.01
    assert_truth(hass, simulator)


def _load_for_net(simulator: Simulator) -> Any:  # noqa: F811
    """Return what makes the second meter measure the load."""
    plant = simulator.plant
    assert plant

    def change(rows: Any, now: float) -> Any:
        power, counted = plant.power(now), plant.counters(now)
        rows[1] |= {
            "activePower": round(power.consumption, 3),
            "actEnergyDlvd": round(counted.consumption, 3),
            "actEnergyRcvd": 0.0,
        }
        return rows

    return change
