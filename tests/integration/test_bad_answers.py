"""Anything in place of any answer: nothing breaks, nothing is lost, and it heals."""

from __future__ import annotations

from collections.abc import Callable
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.envoy_local.const import DOMAIN
from simulator import Fault, Simulator

from ..time_travel import TimeTravel
from .conftest import Setup
from .travelled_site import (  # noqa: F401  # the same site in the same time
    entry,
    simulator,
    travel,
    unavailable,
    value,
)

ANYTHING: dict[str, Callable[[str], Fault]] = {
    "bytes": lambda path: Fault.raw(path, b"\x00\xff\xfe{]\r\n" * 40),
    "html": Fault.html,
    "empty": Fault.empty,
    "truncated": Fault.truncated,
    "zeros": lambda path: Fault.raw(path, b"0"),
    "list": lambda path: Fault.raw(path, b'[null, 7, "x", {"eid": {}}, [[]]]'),
    "object": lambda path: Fault.raw(path, b'{"a": {"b": [1e308, -1e308, true]}}'),
    "not found": lambda path: Fault.error(path, 404),
    "forbidden": lambda path: Fault.error(path, 403),
    "unauthorized": lambda path: Fault.error(path, 401),
    "server error": lambda path: Fault.error(path, 500),
    "bad gateway": lambda path: Fault.error(path, 502),
    "booting": lambda path: Fault.error(path, 503),
    "reset": Fault.reset,
    "hanging": Fault.hang,
}


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what Home Assistant or the integration logged with a traceback."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.exc_info and record.name.startswith(("homeassistant", "custom"))
    ]


def energy_source(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    key: str,
) -> object:
    """Return where a total comes from; how much it is depends on the hour."""
    state = hass.states.get(
        er.async_get(hass).async_get_entity_id(
            "sensor", DOMAIN, f"{simulator.serial}_{key}"
        )
        or ""
    )
    return state and state.attributes["energy_source"]


@pytest.mark.parametrize("fault", ANYTHING.values(), ids=ANYTHING.keys())
async def test_while_running(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    entry: ConfigEntry[Any],  # noqa: F811
    travel: TimeTravel,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
    fault: Callable[[str], Fault],
) -> None:
    before = float(value(hass, simulator, "production_energy"))
    simulator.gateway.faults.add(fault("*"))
    await travel(650)
    assert not unavailable(hass)
    assert float(value(hass, simulator, "production_energy")) >= before

    simulator.gateway.faults.clear()
    await travel(200)
    await travel.until(lambda: entry.runtime_data.is_reachable)
    assert not unavailable(hass)
    assert float(value(hass, simulator, "consumption_energy")) > 0
    assert not tracebacks(caplog)
    assert not hass.config_entries.flow.async_progress()


@pytest.mark.parametrize("fault", ANYTHING.values(), ids=ANYTHING.keys())
async def test_while_starting(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    travel: TimeTravel,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
    fault: Callable[[str], Fault],
) -> None:
    simulator.gateway.faults.add(fault("/ivp/meters*"))
    caplog.set_level(logging.INFO)
    async with travel.hurrying():
        entry = await setup_entry()
    assert entry.state is not ConfigEntryState.SETUP_ERROR

    simulator.gateway.faults.clear()
    await travel(4000, step=15)
    await travel.until(lambda: entry.state is ConfigEntryState.LOADED)
    assert float(value(hass, simulator, "consumption_energy")) > 0
    assert energy_source(hass, simulator, "grid_import_energy") == "meter"
    assert not tracebacks(caplog)
    assert not hass.config_entries.flow.async_progress()
