"""Thousands of damaged answers: nothing but one error leaves a parser."""

from __future__ import annotations

from datetime import UTC, datetime
import random
from typing import Final
from zoneinfo import ZoneInfo

import orjson
import pytest

from custom_components.envoy_local.client.exceptions import EnvoyResponseError
from custom_components.envoy_local.client.models.grid import GridRelay, grid_state
from custom_components.envoy_local.client.models.prices import next_change, price_at
from custom_components.envoy_local.client.models.storage import EnsembleInventory
from custom_components.envoy_local.client.models.tariff import Tariff
from custom_components.envoy_local.client.models.unknown import unknown_values

from ...captures import needs_captures
from .damage import cut, damaged
from .recorded import PATHS, all_recorded, recorded
from .samples import PARSERS, SAMPLES

MUTATIONS: Final = 2000
RECORDED_MUTATIONS: Final = 50
"""Of each recorded answer: there are well over a hundred."""
TARIFFS: Final = 400

MOMENTS: Final = tuple(
    datetime(2026, month, 25, hour, 30, tzinfo=UTC).astimezone(
        ZoneInfo("Europe/Berlin")
    )
    for month, hour in ((1, 0), (3, 23), (6, 12), (10, 0))
)


def consult(model: object) -> None:
    """Ask a model everything that an entity can ask it."""
    rows = [model, *getattr(model, "devices", ()), *getattr(model, "units", ())]
    rows += [*getattr(model, "interfaces", ()), *getattr(model, "contacts", ())]
    rows += model if isinstance(model, tuple) else ()
    for row in rows:
        for name in dir(type(row)):
            getattr(row, name)
    hash(model)
    repr(model)
    unknown_values(model)


def consult_prices(tariff: Tariff) -> None:
    for prices in (tariff.imports, tariff.exports):
        for moment in MOMENTS:
            price_at(prices, moment)
            next_change(prices, moment)


def survives(path: str, body: bytes) -> bool:
    """Let nothing out of a parser but its own error; say whether it read it."""
    try:
        model = PARSERS[path](body)
    except EnvoyResponseError:
        return False
    consult(model)
    return True


@pytest.mark.parametrize("path", SAMPLES)
def test_damaged_answers(path: str) -> None:
    chance = random.Random(path)
    survived = [
        survives(path, damaged(SAMPLES[path], chance)) for _ in range(MUTATIONS)
    ]
    # Most damage costs a field or a device, not the answer.
    assert sum(survived) > MUTATIONS / 4
    assert survives(path, orjson.dumps(SAMPLES[path]))


@pytest.mark.parametrize("path", SAMPLES)
def test_cut_answers(path: str) -> None:
    chance = random.Random(path)
    answer = orjson.dumps(SAMPLES[path])
    survived = [survives(path, cut(answer, chance)) for _ in range(MUTATIONS)]
    assert not all(survived)
    assert survives(path, answer)


@needs_captures
@pytest.mark.parametrize(("name", "path"), all_recorded())
def test_damaged_recordings(name: str, path: str) -> None:
    chance = random.Random(name + path)
    answer = recorded(name, path)
    value = orjson.loads(answer)
    for _ in range(RECORDED_MUTATIONS):
        survives(PATHS[path], damaged(value, chance))
        survives(PATHS[path], cut(answer, chance))
    assert survives(PATHS[path], answer)


def test_damaged_tariffs_have_prices_or_none() -> None:
    chance = random.Random("prices")
    path = "/admin/lib/tariff"
    asked = 0
    for _ in range(TARIFFS):
        body = damaged(SAMPLES[path], chance)
        try:
            tariff = PARSERS[path](body)
        except EnvoyResponseError:
            continue
        assert isinstance(tariff, Tariff)
        consult_prices(tariff)
        asked += 1
    assert asked > TARIFFS / 4


def test_damaged_inventories_have_a_grid_state_or_none() -> None:
    chance = random.Random("grid")
    inventories, relays = (
        [
            model
            for _ in range(MUTATIONS)
            if (model := parsed(path, damaged(SAMPLES[path], chance))) is not None
        ]
        for path in ("/ivp/ensemble/inventory", "/ivp/ensemble/relay")
    )
    found = set()
    for inventory, relay in zip(inventories, relays, strict=False):
        assert isinstance(inventory, EnsembleInventory)
        assert isinstance(relay, GridRelay)
        found.add(grid_state(relay=relay, inventory=inventory))
    assert len(found) > 1


def parsed(path: str, body: bytes) -> object | None:
    """Return the model of an answer, None where it has none."""
    try:
        return PARSERS[path](body)
    except EnvoyResponseError:
        return None
