"""What stays wrong with a meter is told to its owner, until it is right again."""

from __future__ import annotations

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.envoy_local.const import DOMAIN
from simulator import Fault, Simulator

from ..time_travel import TimeTravel
from .conftest import Setup
from .energy_site import (
    READINGS,
    Change,
    Witness,
    assert_truth,
    coming,
    go_to,
    live,
    spoil,
)
from .travelled_site import (  # noqa: F401  # the same site in the same time
    simulator,
    travel,
)


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    setup_entry: Setup,
    simulator: Simulator,  # noqa: F811
    travel: TimeTravel,  # noqa: F811
) -> Any:
    """A site in full sunshine."""
    go_to(travel, coming("America/Los_Angeles", 6, 21, 11))
    return await setup_entry(token=simulator.token())


def issue(
    hass: HomeAssistant, entry: ConfigEntry[Any], name: str
) -> ir.IssueEntry | None:
    """Return a repair of the site."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"{name}_{entry.entry_id}")


def freeze(key: str) -> Change:
    """Let the energies of the meters stand where they are first seen."""
    first: list[Any] = []

    def change(rows: Any, _: float) -> Any:
        first.extend([] if first else rows)
        for row, known in zip(rows, first, strict=True):
            row[key] = known[key]
        return rows

    return change


def reverse(rows: Any, _: float) -> Any:
    """Let the production meter look the other way."""
    rows[0]["activePower"] *= -1
    return rows


async def test_a_production_meter_that_looks_the_other_way(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
) -> None:
    spoil(simulator).changes[READINGS] = reverse
    await live(hass, travel, 1500, step=60)
    assert not issue(hass, entry, "production_reversed")
    await live(hass, travel, 420, step=60)
    found = issue(hass, entry, "production_reversed")
    assert found
    assert found.severity is ir.IssueSeverity.WARNING
    assert not found.is_fixable
    assert found.translation_placeholders == {"name": entry.title}
    assert not issue(hass, entry, "counter_frozen")

    spoil(simulator).changes.clear()
    await live(hass, travel, 120, step=60)
    assert not issue(hass, entry, "production_reversed")


def unplugged(rows: Any, _: float) -> Any:
    """Let the production meter see nothing."""
    rows[0] |= {"activePower": 0.0, "instantaneousDemand": 0.0}
    rows[0] |= {"actEnergyDlvd": 0.0, "actEnergyRcvd": 0.0}
    return rows


async def test_a_production_meter_without_its_ct(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    travel: TimeTravel,  # noqa: F811
) -> None:
    go_to(travel, coming("America/Los_Angeles", 6, 21, 11))
    spoil(simulator).changes[READINGS] = unplugged
    entry = await setup_entry(token=simulator.token())
    await live(hass, travel, 10_200, step=60)
    assert not issue(hass, entry, "production_silent")
    await live(hass, travel, 900, step=60)
    found = issue(hass, entry, "production_silent")
    assert found
    assert found.translation_placeholders == {"name": entry.title}
    assert not issue(hass, entry, "production_reversed")

    spoil(simulator).changes.clear()
    await live(hass, travel, 120, step=60)
    assert not issue(hass, entry, "production_silent")


async def test_a_counter_that_stands_still_under_power(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
) -> None:
    witness = Witness(hass, simulator)
    spoil(simulator).changes[READINGS] = freeze("actEnergyDlvd")
    await live(hass, travel, 6900, step=60)
    assert not issue(hass, entry, "counter_frozen")
    await live(hass, travel, 600, step=60)
    assert issue(hass, entry, "counter_frozen")
    assert not issue(hass, entry, "production_reversed")

    spoil(simulator).changes.clear()
    await live(hass, travel, 120, step=60)
    assert not issue(hass, entry, "counter_frozen")
    await live(hass, travel, 1920, step=60)
    assert_truth(hass, simulator)
    witness.assert_steady()


async def test_readings_that_fail_do_not_stand_still(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
) -> None:
    """The other endpoints go on, and the last reading says nothing new."""
    simulator.gateway.faults.add(Fault.error(READINGS, 500))
    await live(hass, travel, 9000, step=60)
    assert not issue(hass, entry, "counter_frozen")
    simulator.gateway.faults.clear()
    await live(hass, travel, 120, step=60)
    assert not issue(hass, entry, "counter_frozen")
    assert_truth(hass, simulator)


async def test_a_repair_is_withdrawn_with_a_reload(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
) -> None:
    """What is found takes its time anew, and what was put right isn't told again."""
    spoil(simulator).changes[READINGS] = reverse
    await live(hass, travel, 2000, step=60)
    assert issue(hass, entry, "production_reversed")
    spoil(simulator).changes.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await live(hass, travel, 60)
    assert not issue(hass, entry, "production_reversed")
