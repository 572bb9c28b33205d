"""Counters that wrap one by one or unseen, lose a phase, or meet a wrong clock."""

from __future__ import annotations

from datetime import datetime, timedelta
import time
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from custom_components.envoy_local import books
from custom_components.envoy_local.diagnostics import (
    async_get_config_entry_diagnostics,
)
from simulator import Fault, Simulator

from ..time_travel import TimeTravel
from .conftest import Setup
from .energy_site import (
    DEVICE_DATA,
    HIGHEST_POWER,
    METERS,
    READINGS,
    REPORT,
    Change,
    Witness,
    assert_truth,
    coming,
    energy_of,
    go_to,
    imbalance,
    live,
    meter_as,
    source_of,
    spoil,
    truth_of,
)
from .travelled_site import (  # noqa: F401  # the same site in the same time
    simulator,
    travel,
)

WRAP = 2**32 / 3600
HOME = "America/Los_Angeles"
TODAY = ("production_energy", "consumption_energy", "grid_export_energy")


@pytest.fixture
def witness(hass: HomeAssistant, simulator: Simulator) -> Witness:  # noqa: F811
    return Witness(hass, simulator)


class Roof:
    """Inverters whose sum is all there is, each with its own 32 bits."""

    def __init__(self, simulator: Simulator, leads: list[float]) -> None:  # noqa: F811
        self._simulator = simulator
        self._begun = truth_of(simulator, "production_energy", time.time())
        self._starts = [WRAP - lead for lead in leads]
        simulator.gateway.faults.add(Fault.error(DEVICE_DATA, 404))
        spoil(simulator).changes.update(
            {METERS: meter_as("production", state="disabled"), REPORT: self._report}
        )

    def total(self, at: float) -> float:
        """Return the Wh of all of them, uncut."""
        return sum(self._starts) + self._made(at)

    def told(self) -> float:
        """Return what they had counted when they were asked last."""
        return self.total(self._simulator.gateway.requests.to(REPORT)[-1].time)

    def wraps(self, at: float) -> int:
        """Return how many of them have begun again."""
        each = self._made(at) / len(self._starts)
        return sum(start + each >= WRAP for start in self._starts)

    def _made(self, at: float) -> float:
        return truth_of(self._simulator, "production_energy", at) - self._begun

    def _report(self, said: Any, now: float) -> Any:
        each = self._made(now) / len(self._starts)
        cut = sum((start + each) % WRAP for start in self._starts)
        said["production"][0]["whLifetime"] = int(cut)
        return said


@pytest.mark.parametrize(
    "leads",
    [[200.0, 500.0, 80_000.0], [300.0, 300.0, 300.0]],
    ids=["one after the other", "all at once"],
)
async def test_inverters_that_wrap_inside_their_sum(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
    leads: list[float],
) -> None:
    go_to(travel, coming(HOME, 6, 21, 12))
    roof = Roof(simulator, leads)
    entry = await setup_entry(token=simulator.token())
    assert source_of(hass, simulator, "production_energy") == "inverter_block"
    await live(hass, travel, 2400, step=30)

    witness.assert_steady()
    wraps = roof.wraps(time.time())
    assert wraps >= 2
    assert entry.runtime_data.books.ledger.corrections["wrap"] == wraps
    shown = energy_of(hass, simulator, "production_energy")
    assert shown == pytest.approx(roof.told(), abs=3)


async def test_a_wrap_while_home_assistant_is_off(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
) -> None:
    go_to(travel, coming(HOME, 6, 21, 11))
    roof = Roof(simulator, [4000.0])
    entry = await setup_entry(token=simulator.token())
    await live(hass, travel, 600, step=60)
    begun = energy_of(hass, simulator, "production_energy")
    await hass.config_entries.async_unload(entry.entry_id)
    assert not roof.wraps(time.time())
    travel.offset += 4500
    assert roof.wraps(time.time())
    await hass.config_entries.async_setup(entry.entry_id)
    await live(hass, travel, 600, step=60)

    shown = energy_of(hass, simulator, "production_energy")
    assert shown == pytest.approx(roof.told(), abs=2)
    assert entry.runtime_data.books.ledger.corrections["wrap"] == 1
    # What was made meanwhile comes in one step, as soon as the report does.
    series = [energy for _, energy in witness.shown["production_energy"]]
    assert series == sorted(series)
    assert begun in series
    assert shown - begun < HIGHEST_POWER * (4500 + 600) / 3600


def without_second_phase(rows: Any, _: float) -> Any:
    """Let the storage meter's second phase be zero, and its sum the first one's."""
    storage = rows[2]
    first, second, *_rest = storage["channels"]
    counts = ("actEnergyDlvd", "actEnergyRcvd", "activePower")
    second.update({key: 0.0 for key in second if key not in {"eid", "timestamp"}})
    storage.update({key: first[key] for key in counts})
    return rows


@pytest.mark.parametrize("hour", [9, 20], ids=["charging", "discharging"])
async def test_a_storage_meter_that_loses_a_phase(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
    hour: int,
) -> None:
    """As from 8.3.6000 on: all that was ever stored seems to be half of it."""
    go_to(travel, coming(HOME, 6, 21, hour))
    entry = await setup_entry(token=simulator.token())
    await live(hass, travel, 120, step=60)
    spoil(simulator).changes[READINGS] = without_second_phase
    await live(hass, travel, 1200, step=60)
    held = energy_of(hass, simulator, "battery_charge_energy")
    assert held > truth_of(simulator, "battery_charge_energy") - 3000
    spoil(simulator).changes.clear()
    await live(hass, travel, 120, step=60)

    witness.assert_steady()
    assert_truth(hass, simulator)
    assert abs(imbalance(hass, simulator)) < 0.01
    assert entry.runtime_data.books.ledger.corrections["held_low"]


@pytest.mark.parametrize(
    "wrong_by",
    [timedelta(days=-20_000), timedelta(hours=-30), timedelta(hours=30)],
    ids=["1970", "yesterday", "tomorrow"],
)
async def test_a_clock_that_is_set_wrong_and_right_again(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    witness: Witness,
    travel: TimeTravel,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    wrong_by: timedelta,
) -> None:
    """Only the ledger's clock: the plant, which is the truth, shares the loop's."""
    await hass.config.async_set_time_zone(HOME)
    go_to(travel, coming(HOME, 6, 21, 9))
    now = books._now
    await setup_entry(token=simulator.token())
    await live(hass, travel, 120, step=60)
    first = {key: energy_of(hass, simulator, f"{key}_today") for key in TODAY}
    begun = {key: truth_of(simulator, key) for key in TODAY}

    def wrong() -> datetime:
        return now() + wrong_by

    monkeypatch.setattr(books, "_now", wrong)
    await live(hass, travel, 1200, step=60)
    assert_truth(hass, simulator)
    monkeypatch.setattr(books, "_now", now)
    await live(hass, travel, 600, step=60)
    witness.assert_steady()
    assert_truth(hass, simulator)
    for key in TODAY:
        counted = truth_of(simulator, key) - begun[key]
        shown = energy_of(hass, simulator, f"{key}_today") - first[key]
        assert shown == pytest.approx(counted, abs=1), key


async def test_what_was_corrected_is_in_the_diagnostics(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    travel: TimeTravel,  # noqa: F811
) -> None:
    """Counted by kind, and still there after a restart."""
    zeros: Change = lambda rows, _: [  # noqa: E731  # a change like the others
        row | {"actEnergyDlvd": 0.0, "actEnergyRcvd": 0.0} for row in rows
    ]
    go_to(travel, coming(HOME, 6, 21, 15))
    entry = await setup_entry(token=simulator.token())
    await live(hass, travel, 60)
    assert not (await ledger_of(hass, entry))["corrections"]
    spoil(simulator).changes[READINGS] = zeros
    await live(hass, travel, 60)
    spoil(simulator).changes.clear()
    await live(hass, travel, 60)
    counted = (await ledger_of(hass, entry))["corrections"]
    assert set(counted) == {"held_zero"}
    assert counted["held_zero"] > 5
    await hass.config_entries.async_reload(entry.entry_id)
    assert (await ledger_of(hass, entry))["corrections"] == counted


async def ledger_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> dict[str, Any]:
    """Return what a user's bug report says of the ledger."""
    told = await async_get_config_entry_diagnostics(hass, entry)
    ledger: dict[str, Any] = told["ledger"]
    return ledger
