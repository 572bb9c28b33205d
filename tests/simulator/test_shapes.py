"""Simulated equipment says the same things, in the same types, as recorded ones do."""

from __future__ import annotations

from collections.abc import Callable
import json
from typing import Any, Final

import aiohttp
import pytest

from simulator import Simulator

from .equipment import Row
from .helpers import CAPTURES, Caller, needs_captures

pytestmark = needs_captures

ENSEMBLE: Final = "/ivp/ensemble/inventory"
COLLAR_SITE: Final = "8.3.1598_collar"
AC_SITE: Final = "8.3.5169_ACB_inventory"
GENERATOR_SITE: Final = "8.3.5169_with_generator"
RELAY_SITE: Final = "8.3.5289_modGone"

type Pick = Callable[[Any], Row]


def device(kind: str) -> Pick:
    """Return what finds the first device of a type."""

    def pick(answer: Any) -> Row:
        devices = {row["type"]: row["devices"] for row in answer}
        first: Row = devices[kind][0]
        return first

    return pick


def listed(name: str) -> Pick:
    """Return what finds the newest reading of the first such device in device_data."""

    def pick(answer: Any) -> Row:
        rows = [row for row in answer.values() if isinstance(row, dict)]
        found = next(row for row in rows if row["devName"] == name)
        (channel,) = found["channels"]
        reading: Row = channel["lastReading"]
        return reading | {"lifetime": channel["lifetime"], "watts": channel["watts"]}

    return pick


def whole(answer: Any) -> Row:
    """Return the answer itself."""
    row: Row = answer
    return row


def block(answer: Any) -> Row:
    """Return the storage block of `/production.json`."""
    row: Row = answer["storage"][0]
    return row


def contact(answer: Any) -> Row:
    """Return the first dry contact."""
    row: Row = answer["dry_contacts"][0]
    return row


def recorded(folder: str, path: str) -> Any:
    """Return a recorded answer."""
    root = CAPTURES / folder
    index = json.loads((root / "index.json").read_text(encoding="utf-8"))
    return json.loads((root / index["responses"][path]["file"]).read_bytes())


def shape(row: Row) -> dict[str, Any]:
    """Return the type of every value, that of objects key by key."""
    return {
        key: shape(value) if isinstance(value, dict) else type(value).__name__
        for key, value in row.items()
    }


@pytest.mark.parametrize(
    ("folder", "path", "pick"),
    [
        (COLLAR_SITE, ENSEMBLE, device("ENCHARGE")),
        (COLLAR_SITE, ENSEMBLE, device("COLLAR")),
        (COLLAR_SITE, ENSEMBLE, device("C6 COMBINER CONTROLLER")),
        (COLLAR_SITE, ENSEMBLE, device("C6 RGM")),
        (GENERATOR_SITE, ENSEMBLE, device("ENPOWER")),
        (GENERATOR_SITE, "/ivp/ensemble/generator", whole),
        (GENERATOR_SITE, "/ivp/ss/gen_config", whole),
        (GENERATOR_SITE, "/ivp/ss/gen_mode", whole),
        (GENERATOR_SITE, "/ivp/ensemble/dry_contacts", contact),
        (GENERATOR_SITE, "/ivp/ss/dry_contact_settings", contact),
        (AC_SITE, "/ivp/ensemble/secctrl", whole),
        (AC_SITE, "/inventory", device("ACB")),
        (AC_SITE, "/ivp/pdm/device_data", listed("acb")),
        (AC_SITE, "/production.json", block),
        (RELAY_SITE, "/ivp/pdm/device_data", listed("nsrb")),
    ],
)
async def test_the_shape_is_the_recorded_one(
    session: aiohttp.ClientSession, folder: str, path: str, pick: Pick
) -> None:
    async with Simulator("storage") as simulator:
        caller = Caller(simulator, session)
        answer = await caller.get(path, bearer=simulator.token())
    assert shape(pick(answer.json)) == shape(pick(recorded(folder, path)))
