"""The plant's answers have the form that real gateways gave, field by field."""

from __future__ import annotations

from collections.abc import Callable
import json
from typing import Any

import aiohttp
import pytest

from simulator import Recording, Simulator

from .helpers import CAPTURES, Caller, needs_captures

GENERATOR = "8.3.5169_with_generator"
COLLAR = "8.3.1598_collar"
THREE = "8.3.5167_3rd-pv"
MOD_GONE = "8.3.5289_modGone"
UNMETERED = "7.6.114_without_cts"

type Pick = Callable[[Any], Any]


def whole(value: Any) -> Any:
    return value


def item(index: int) -> Pick:
    return lambda rows: rows[index]


def device(kind: str) -> Pick:
    """Pick the first active device of a kind from device_data."""

    def pick(rows: Any) -> Any:
        found = [row for row in rows.values() if isinstance(row, dict)]
        active = [row for row in found if row["active"] and row["devName"] == kind]
        row = dict(active[0])
        row["channels"] = row["channels"][:1]
        return row

    return pick


def equipment(kind: str) -> Pick:
    def pick(rows: Any) -> Any:
        return next(row for row in rows if row["type"] == kind)["devices"][0]

    return pick


def without(name: str, key: str) -> Pick:
    """Drop one part whose keys are data, not form."""

    def pick(value: Any) -> Any:
        kept = dict(value)
        kept[name] = {k: v for k, v in value[name].items() if k != key}
        return kept

    return pick


CASES = [
    ("home", "/ivp/meters", GENERATOR, whole),
    ("home", "/ivp/meters/readings", GENERATOR, whole),
    ("home", "/ivp/meters/readings", COLLAR, item(2)),
    ("home", "/ivp/meters/reports", GENERATOR, whole),
    ("home", "/ivp/meters/gridReading", GENERATOR, whole),
    ("home", "/ivp/meters/pvReading", GENERATOR, whole),
    ("home", "/api/v1/production", GENERATOR, whole),
    ("home", "/api/v1/production/inverters", GENERATOR, whole),
    ("home", "/production", GENERATOR, whole),
    ("home", "/production.json", GENERATOR, whole),
    ("home", "/production.json?details=1", GENERATOR, whole),
    ("home", "/ivp/pdm/device_data", GENERATOR, device("pcu")),
    ("home", "/ivp/pdm/device_data", GENERATOR, device("eim")),
    ("home", "/ivp/pdm/energy", GENERATOR, whole),
    ("home", "/inventory", GENERATOR, equipment("PCU")),
    ("home", "/home", GENERATOR, without("network", "interfaces")),
    ("home", "/admin/lib/tariff", GENERATOR, without("schedule", "schedule")),
    ("home", "/ivp/ensemble/power", COLLAR, whole),
    ("home", "/ivp/ensemble/secctrl", GENERATOR, whole),
    ("home", "/ivp/ensemble/inventory", COLLAR, equipment("ENCHARGE")),
    ("home", "/ivp/ensemble/inventory", GENERATOR, equipment("ENPOWER")),
    ("home", "/ivp/ensemble/generator", MOD_GONE, whole),
    ("home", "/ivp/ensemble/dry_contacts", GENERATOR, whole),
    ("home", "/ivp/ss/dry_contact_settings", MOD_GONE, whole),
    ("home", "/ivp/ss/gen_config", MOD_GONE, whole),
    ("home", "/ivp/ss/gen_schedule", MOD_GONE, whole),
    ("three_phase", "/ivp/meters", THREE, whole),
    ("three_phase", "/ivp/meters/readings", THREE, whole),
    ("three_phase", "/production.json?details=1", THREE, whole),
    ("three_phase", "/ivp/pdm/device_data", THREE, device("pcu")),
    ("large", "/ivp/meters", MOD_GONE, whole),
    ("large", "/ivp/meters/readings", MOD_GONE, whole),
    ("large", "/production.json?details=1", MOD_GONE, whole),
    ("large", "/ivp/ensemble/inventory", MOD_GONE, whole),
    ("unmetered", "/api/v1/production", UNMETERED, whole),
    ("unmetered", "/api/v1/production/inverters", UNMETERED, whole),
    ("unmetered", "/production.json", UNMETERED, whole),
    ("unmetered", "/ivp/ensemble/inventory", UNMETERED, whole),
    ("unmetered", "/ivp/ensemble/power", UNMETERED, whole),
    ("unmetered", "/ivp/ss/dry_contact_settings", UNMETERED, whole),
    ("legacy", "/api/v1/production", "5.0.49", whole),
    ("legacy", "/production.json", "5.0.49", whole),
]


def differences(ours: Any, theirs: Any, path: str = "$") -> list[str]:
    """Return where two JSON values differ in keys or types; values do not matter."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = [f"{path}.{key} missing" for key in theirs.keys() - ours.keys()]
        found += [f"{path}.{key} invented" for key in ours.keys() - theirs.keys()]
        for key in ours.keys() & theirs.keys():
            found += differences(ours[key], theirs[key], f"{path}.{key}")
        return found
    if isinstance(ours, list) and isinstance(theirs, list):
        pairs = zip(ours, theirs, strict=False)
        return [
            line
            for index, (one, other) in enumerate(pairs)
            for line in differences(one, other, f"{path}[{index}]")
        ]
    if type(ours) is not type(theirs):
        return [f"{path}: {type(ours).__name__}, not {type(theirs).__name__}"]
    return []


@needs_captures
@pytest.mark.parametrize(("scenario", "path", "capture", "pick"), CASES)
async def test_form(
    session: aiohttp.ClientSession,
    scenario: str,
    path: str,
    capture: str,
    pick: Pick,
) -> None:
    recorded = Recording.load(CAPTURES / capture)
    where, _, query = path.partition("?")
    theirs = recorded.answer(where, query, serial=recorded.serial, now=0.0)
    assert theirs is not None
    async with Simulator(scenario) as simulator:
        ours = await Caller(simulator, session).get(path, bearer=simulator.token())
    assert ours.status == 200
    expected = pick(json.loads(theirs.body))
    assert differences(pick(ours.json), expected) == []


async def test_native_answers_have_no_content_type(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        answer = await Caller(simulator, session).get(
            "/ivp/meters", bearer=simulator.token()
        )
        assert "Content-Type" not in answer.headers
        assert answer.headers["Server"] == "openresty/1.17.8.1"
        assert int(answer.headers["Content-Length"]) == len(answer.body)


async def test_ruby_answers_are_chunked_and_close(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        answer = await Caller(simulator, session).get(
            "/production.json", bearer=simulator.token()
        )
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.headers["Connection"] == "close"


async def test_unknown_path(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        answer = await Caller(simulator, session).get(
            "/ivp/nothing", bearer=simulator.token()
        )
        assert (answer.status, answer.json) == (404, {"error": "404 - Not Found"})
