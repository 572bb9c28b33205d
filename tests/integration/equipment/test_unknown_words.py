"""Words that nobody knows yet: *unknown*, one line of the log, and then as before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
import pytest

from simulator import Simulator

from ...time_travel import TimeTravel
from ..energy_site import spoil
from .shown import complaints, state_of

type Walk = Callable[[Any], Any]

ROUNDS: Final = 4000.0
"""Seconds in which everything is read twice at the least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word in a field of an answer, and the entity that shows what it means."""

    path: str
    field: str
    row: Walk = lambda answer: answer
    """Finds what has the field, in the answer."""
    platform: str
    key: str
    device: Callable[[Simulator], str] = lambda simulator: simulator.serial
    good: str
    spoiled: str = STATE_UNKNOWN


def ensemble(kind: str) -> Walk:
    return lambda groups: next(g for g in groups if g["type"] == kind)["devices"][0]


def contact(answer: Any) -> Any:
    return answer["dry_contacts"][0]


def first_of(kind: Any, suffix: str = "") -> Callable[[Simulator], str]:
    def find(simulator: Simulator) -> str:
        assert simulator.equipment
        return f"{simulator.equipment.of(kind)[0].serial}{suffix}"

    return find


def gateways(suffix: str) -> Callable[[Simulator], str]:
    return lambda simulator: f"{simulator.serial}{suffix}"


WORDS: Final = {
    "alpha": Word(
        path="/ivp/ensemble/inventory",
        row=ensemble("ENPOWER"),
        field="mains_oper_state",
        platform="binary_sensor",
        key="grid_relay",
        device=first_of("controller"),
        good="on",
        # `/ivp/ensemble/relay` says it, too.
        spoiled="on",
    ),
    "bravo": Word(
        path="/ivp/ensemble/inventory",
        row=ensemble("COLLAR"),
        field="mid_state",
        platform="binary_sensor",
        key="grid_relay",
        device=first_of("collar"),
        good="on",
    ),
    "charlie": Word(
        path="/ivp/ensemble/inventory",
        row=ensemble("COLLAR"),
        field="grid_state",
        platform="sensor",
        key="grid_state",
        device=first_of("collar"),
        good="on_grid",
    ),
    "delta": Word(
        path="/ivp/ensemble/inventory",
        row=ensemble("COLLAR"),
        field="admin_state_str",
        platform="sensor",
        key="admin_state",
        device=first_of("collar"),
        good="on_grid",
    ),
    "echo": Word(
        path="/ivp/ensemble/dry_contacts",
        row=contact,
        field="status",
        platform="binary_sensor",
        key="state",
        device=first_of("controller", "_nc1"),
        good="on",
    ),
    "foxtrot": Word(
        path="/ivp/ensemble/generator",
        field="oper_state",
        platform="binary_sensor",
        key="running",
        device=gateways("_generator"),
        good="off",
    ),
    "golf": Word(
        path="/ivp/ss/gen_mode",
        field="gen_cmd",
        platform="sensor",
        key="command",
        device=gateways("_generator"),
        good="auto",
    ),
    "hotel": Word(
        path="/admin/lib/tariff",
        row=lambda answer: answer["tariff"]["storage_settings"],
        field="mode",
        platform="sensor",
        key="storage_mode",
        good="self_consumption",
    ),
    "india": Word(
        path="/inventory",
        row=ensemble("ACB"),
        field="charge_status",
        platform="sensor",
        key="state",
        device=first_of("ac_battery"),
        good="idle",
    ),
    "juliett": Word(
        path="/inventory",
        row=ensemble("NSRB"),
        field="relay",
        platform="binary_sensor",
        key="relay",
        device=first_of("relay"),
        good="on",
    ),
    "kilo": Word(
        path="/ivp/meters",
        row=lambda answer: answer[0],
        field="meteringStatus",
        platform="sensor",
        key="production_metering_status",
        good="normal",
    ),
}


@pytest.mark.usefixtures("everything_enabled")
@pytest.mark.parametrize("simulator", [{"scenario": "storage"}], indirect=True)
async def test_words_that_nobody_knows(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def shown() -> dict[str, str | None]:
        found = {}
        for name, word in WORDS.items():
            unique_id = f"{word.device(simulator)}_{word.key}"
            state = state_of(hass, word.platform, unique_id)
            found[name] = state.state if state else None
        return found

    good = {name: word.good for name, word in WORDS.items()}
    charging = {"charging", "discharging", "idle", "full"}
    await travel(ROUNDS, step=30)
    before = shown()
    assert before.pop("india") in charging
    assert before.items() <= good.items()

    caplog.clear()
    changes = spoil(simulator).changes
    changes |= {word.path: say_on(word.path) for word in WORDS.values()}
    await travel(ROUNDS, step=30)
    assert shown() == {name: word.spoiled for name, word in WORDS.items()}
    lines = complaints(caplog)
    assert {name: sum(name in line for line in lines) for name in WORDS} == (
        dict.fromkeys(WORDS, 1)
    )
    assert len(lines) == len(WORDS)
    assert not [r for r in caplog.records if r.levelno > logging.WARNING]

    caplog.clear()
    changes.clear()
    await travel(ROUNDS, step=30)
    after = shown()
    assert after.pop("india") in charging
    assert after.items() <= good.items()
    assert complaints(caplog) == []


def say_on(path: str) -> Callable[[Any, float], Any]:
    """Put all new words of an answer where they belong."""

    def say(answer: Any, _: float) -> Any:
        for name, word in WORDS.items():
            row = word.row(answer) if word.path == path else {}
            row[word.field] = name
        return answer

    return say
