"""Every kind of equipment comes, goes, is deleted and comes back, without a reload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import time
from typing import Any, Final

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
import pytest

from simulator import Equipment, Simulator
from simulator.equipment import Kind

from ...time_travel import TimeTravel
from ..conftest import Setup
from .registry import removed
from .shown import complaints, device, parent, state_of

SECONDS: Final = 420.0
"""Within which most lists are read again where there is such equipment."""
SETTINGS: Final = 1000.0
SERIAL: Final = "492599999999"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """How equipment of a kind comes and goes, and what shows it."""

    come: Callable[[Simulator], object]
    go: Callable[[Simulator], object]
    identifier: Callable[[Simulator], str] = lambda _: SERIAL
    platform: str = "sensor"
    key: str
    model: str
    parent: Callable[[Simulator], str] = lambda simulator: simulator.serial
    seconds: float = SECONDS


def equipment_of(simulator: Simulator) -> Equipment:
    assert simulator.equipment
    return simulator.equipment


def controller_of(simulator: Simulator) -> str:
    (controller,) = equipment_of(simulator).of("controller")
    return controller.serial


def unit(kind: Kind, *, key: str, model: str, **values: Any) -> Coming:
    return Coming(
        come=lambda simulator: equipment_of(simulator).add(kind, serial=SERIAL),
        go=lambda simulator: equipment_of(simulator).remove(SERIAL),
        key=key,
        model=model,
        **values,
    )


def _generator(*, is_there: bool) -> Callable[[Simulator], object]:
    return lambda simulator: setattr(equipment_of(simulator), "generator", is_there)


def _contact(kind: str) -> Callable[[Simulator], object]:
    return lambda simulator: (
        equipment_of(simulator).contacts["NO2"].settings.update(type=kind)
    )


def _inverters(simulator: Simulator) -> Any:
    assert simulator.inverters
    return simulator.inverters


def _combiner_and_meter(simulator: Simulator) -> None:
    equipment_of(simulator).add("combiner", serial="482599999999")
    equipment_of(simulator).add("rgm", serial=SERIAL)


def _without_combiner(simulator: Simulator) -> None:
    equipment_of(simulator).remove("482599999999")
    equipment_of(simulator).remove(SERIAL)


KINDS: Final = {
    "battery": unit("battery", key="level", model="IQ Battery", parent=controller_of),
    "collar": unit("collar", key="grid_state", model="IQ Meter Collar"),
    "combiner": unit(
        "combiner", platform="binary_sensor", key="communicating", model="IQ Combiner"
    ),
    "rgm": Coming(
        come=_combiner_and_meter,
        go=_without_combiner,
        key="device_state",
        model="IQ Combiner meter",
        parent=lambda _: "482599999999",
    ),
    "ac_battery": unit(
        "ac_battery",
        key="level",
        model="AC Battery",
        parent=lambda simulator: f"{simulator.serial}_ac_batteries",
    ),
    "ac_batteries": unit(
        "ac_battery",
        identifier=lambda simulator: f"{simulator.serial}_ac_batteries",
        key="level",
        model="AC Battery (aggregate)",
    ),
    "relay": unit("relay", key="temperature", model="IQ Relay"),
    "generator": Coming(
        come=_generator(is_there=True),
        go=_generator(is_there=False),
        identifier=lambda simulator: f"{simulator.serial}_generator",
        platform="binary_sensor",
        key="running",
        model="PG-18",
        parent=controller_of,
        seconds=SETTINGS,
    ),
    "contact": Coming(
        come=_contact("LOAD"),
        go=_contact("NONE"),
        identifier=lambda simulator: f"{controller_of(simulator)}_no2",
        platform="binary_sensor",
        key="state",
        model="Dry contact",
        parent=controller_of,
        seconds=SETTINGS,
    ),
    "inverter": Coming(
        come=lambda simulator: _inverters(simulator).add(SERIAL, at=time.time()),
        go=lambda simulator: _inverters(simulator).remove(SERIAL),
        key="power",
        model="Inverter",
    ),
}


@pytest.mark.usefixtures("everything_enabled")
@pytest.mark.parametrize(
    ("simulator", "kind"),
    [pytest.param({"scenario": "home"}, kind, id=name) for name, kind in KINDS.items()],
    indirect=["simulator"],
)
async def test_a_kind_of_equipment(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    travel: TimeTravel,
    caplog: pytest.LogCaptureFixture,
    kind: Coming,
) -> None:
    identifier = kind.identifier(simulator)
    unique_id = f"{identifier}_{kind.key}"

    def shows() -> str | None:
        state = state_of(hass, kind.platform, unique_id)
        return state.state if state else None

    entry = await setup_entry()
    data = entry.runtime_data
    caplog.clear()
    assert device(hass, entry, identifier) is None
    assert shows() is None

    # It comes, and can't be deleted as long as it is there.
    kind.come(simulator)
    await travel(kind.seconds, step=20)
    assert device(hass, entry, identifier).model.startswith(kind.model)
    assert parent(hass, entry, identifier) == kind.parent(simulator)
    assert shows() not in {None, STATE_UNAVAILABLE, STATE_UNKNOWN}
    assert not await removed(hass, entry, identifier)

    # It goes, and comes back to where it was.
    kind.go(simulator)
    await travel(kind.seconds, step=20)
    assert shows() == STATE_UNAVAILABLE
    kind.come(simulator)
    await travel(kind.seconds, step=20)
    assert shows() not in {None, STATE_UNAVAILABLE, STATE_UNKNOWN}

    # It goes, is deleted, and stays away.
    kind.go(simulator)
    await travel(kind.seconds, step=20)
    assert await removed(hass, entry, identifier)
    await travel(kind.seconds, step=20)
    assert device(hass, entry, identifier) is None
    assert shows() is None

    # It comes back, as new.
    kind.come(simulator)
    await travel(kind.seconds, step=20)
    assert parent(hass, entry, identifier) == kind.parent(simulator)
    assert shows() not in {None, STATE_UNAVAILABLE, STATE_UNKNOWN}

    assert entry.runtime_data is data
    assert complaints(caplog) == []
