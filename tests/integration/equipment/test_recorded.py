"""Recorded gateways show what was worked out from their bytes by hand, and no more."""

from __future__ import annotations

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from simulator import Simulator

from ...captures import capture, needs_captures
from ...time_travel import TimeTravel
from ..test_captures import assert_nothing_to_worry_about
from .recorded_sites import SITES, Site
from .shown import Shown, labels, parent, shown

pytestmark = [
    needs_captures,
    pytest.mark.usefixtures("everything_enabled"),
]
GATEWAY = "IQ Gateway 1."


@pytest.mark.parametrize(
    ("simulator", "site"),
    [
        pytest.param({"capture": capture(name).folder}, site, id=name)
        for name, site in SITES.items()
    ],
    indirect=["simulator"],
)
async def test_equipment_of_recorded_site(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
    caplog: pytest.LogCaptureFixture,
    site: Site,
) -> None:
    await travel(site.seconds, step=30)
    states = shown(hass, entry)

    assert of_equipment(states).keys() == site.equipment.keys()
    for key, value in site.equipment.items():
        assert is_shown(states, key, value), (key, states[key], value)
    for key, value in site.gateway.items():
        found = states.get(GATEWAY + key)
        assert is_shown(states, GATEWAY + key, value), (key, found, value)

    names = labels(hass, entry)
    others = {
        name: names[parent(hass, entry, identifier)]
        for identifier, name in names.items()
        if not name.startswith("IQ Gateway")
    }
    expected = dict.fromkeys(others, "IQ Gateway 1") | site.parents
    assert others == expected
    assert_nothing_to_worry_about(caplog)


def of_equipment(states: Shown) -> Shown:
    """Leave out what the gateway and the inverters show."""
    return {
        key: state
        for key, state in states.items()
        if not key.startswith((GATEWAY, "Inverter "))
    }


def is_shown(states: Shown, key: str, value: str | float | None) -> bool:
    """Whether a state is a value: numbers to a thousandth, None where there is none."""
    state = states.get(key)
    if value is None or state is None or isinstance(value, str):
        return state == value
    return float(state) == pytest.approx(value, abs=0.001)
