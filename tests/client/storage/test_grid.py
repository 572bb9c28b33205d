"""`/ivp/ensemble/relay`, and what it all says of the grid."""

from __future__ import annotations

import pytest

from custom_components.envoy_local.client.exceptions import EnvoyResponseError
from custom_components.envoy_local.client.models.generator import Generator
from custom_components.envoy_local.client.models.grid import (
    GridRelay,
    GridState,
    grid_state,
)
from custom_components.envoy_local.client.models.storage import (
    EnsembleInventory,
    GridMode,
    SwitchState,
)
from custom_components.envoy_local.client.payloads.ensemble import parse_inventory
from custom_components.envoy_local.client.payloads.generator import parse_generator
from custom_components.envoy_local.client.payloads.relay import parse_relay

from .recorded import recorded
from .samples import BATTERY, COLLAR, CONTROLLER, GENERATOR, RELAY, body

ON_GRID = {"mains_oper_state": "closed"}
OFF_GRID = {"mains_oper_state": "open"}


def relay(**values: object) -> GridRelay:
    return parse_relay(body({**RELAY, **values}))


def site(kind: str, row: dict[str, object], **values: object) -> EnsembleInventory:
    return parse_inventory(body([{"type": kind, "devices": [{**row, **values}]}]))


def generator(**values: object) -> Generator:
    return parse_generator(body({**GENERATOR, **values}))


def test_relay() -> None:
    assert relay() == GridRelay(
        mains_admin_state=SwitchState.CLOSED,
        mains_oper_state=SwitchState.CLOSED,
        battery_grid_mode=GridMode.ON_GRID,
        solar_grid_mode=None,
    )


def test_something_else_is_no_relay() -> None:
    with pytest.raises(EnvoyResponseError):
        parse_relay(body({"der1_state": 0}))


@pytest.mark.parametrize(
    ("answer", "state"),
    [(ON_GRID, GridState.ON_GRID), (OFF_GRID, GridState.OFF_GRID)],
)
def test_the_relay_knows(answer: dict[str, object], state: GridState) -> None:
    stale = site("ENPOWER", CONTROLLER, mains_oper_state="ajar")
    assert grid_state(relay=relay(**answer), inventory=stale) is state


def test_the_relay_is_newer_than_the_inventory() -> None:
    stale = site("ENPOWER", CONTROLLER, **OFF_GRID)
    assert grid_state(relay=relay(**ON_GRID), inventory=stale) is GridState.ON_GRID


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (ON_GRID, GridState.ON_GRID),
        (OFF_GRID, GridState.OFF_GRID),
        ({"mains_oper_state": None}, None),
    ],
)
@pytest.mark.parametrize("asked", [None, parse_relay(b'{"mains_oper_state": null}')])
def test_without_the_relay_the_controller_tells(
    asked: GridRelay | None, answer: dict[str, object], state: GridState | None
) -> None:
    inventory = site("ENPOWER", CONTROLLER, **answer)
    assert grid_state(relay=asked, inventory=inventory) is state


@pytest.mark.parametrize(
    ("admin_state", "asked", "state"),
    [
        ("ENCMN_MDE_OFF_GRID", relay(**ON_GRID), GridState.OFF_GRID),
        ("ENCMN_MDE_OFF_GRID", None, GridState.OFF_GRID),
        ("ENCMN_MDE_ON_GRID", relay(**OFF_GRID), GridState.OFF_GRID),
        ("ENCMN_MDE_ON_GRID", relay(**ON_GRID), GridState.ON_GRID),
        ("ENCMN_MDE_ON_GRID", None, GridState.ON_GRID),
    ],
)
def test_a_collar_that_has_cut_the_house_off_is_believed(
    admin_state: str, asked: GridRelay | None, state: GridState
) -> None:
    inventory = site("COLLAR", COLLAR, admin_state_str=admin_state)
    assert grid_state(relay=asked, inventory=inventory) is state


def test_a_collar_that_says_nothing() -> None:
    inventory = site("COLLAR", COLLAR, admin_state_str=None, grid_state=None)
    assert grid_state(relay=None, inventory=inventory) is None


@pytest.mark.parametrize(
    ("mains", "runs", "state"),
    [
        (OFF_GRID, "closed", GridState.GENERATOR),
        (OFF_GRID, "close", GridState.GENERATOR),
        (OFF_GRID, "open", GridState.OFF_GRID),
        (OFF_GRID, "unknown", GridState.OFF_GRID),
        (ON_GRID, "closed", GridState.ON_GRID),
    ],
)
def test_a_generator_feeds_a_house_that_is_off_the_grid(
    mains: dict[str, object], runs: str, state: GridState
) -> None:
    found = grid_state(
        relay=relay(**mains),
        inventory=site("ENPOWER", CONTROLLER),
        generator=generator(oper_state=runs),
    )
    assert found is state


@pytest.mark.parametrize("key", ["Enchg_grid_mode", "Solar_grid_mode"])
def test_a_grid_mode_can_name_the_generator(key: str) -> None:
    asked = relay(**{key: "multimode-generator"})
    inventory = site("ENPOWER", CONTROLLER)
    assert grid_state(relay=asked, inventory=inventory) is GridState.GENERATOR


@pytest.mark.parametrize(
    "inventory", [None, EnsembleInventory(devices=()), site("ENCHARGE", BATTERY)]
)
def test_without_a_switch_there_is_no_grid_state(
    inventory: EnsembleInventory | None,
) -> None:
    assert grid_state(relay=relay(**OFF_GRID), inventory=inventory) is None


@pytest.mark.parametrize(
    "name",
    [
        "7.3.517",
        "8.1.41",
        "8.2.127_with_3cts_and_battery_split",
        "8.2.4345_with_device_data",
        "8.3.1598_collar",
        "8.3.5167_3rd-pv",
        "8.3.5169_with_generator",
    ],
)
def test_recorded_sites_are_on_the_grid(name: str) -> None:
    inventory = parse_inventory(recorded(name, "/ivp/ensemble/inventory"))
    assert grid_state(relay=None, inventory=inventory) is GridState.ON_GRID


@pytest.mark.parametrize(
    "name", ["7.6.185_with_cts_and_battery_3t", "8.2.4382_ACB", "7.6.175_with_cts"]
)
def test_recorded_sites_that_nothing_cuts_off(name: str) -> None:
    inventory = parse_inventory(recorded(name, "/ivp/ensemble/inventory"))
    assert grid_state(relay=relay(**ON_GRID), inventory=inventory) is None
