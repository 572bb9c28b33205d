"""Damaged answers about equipment: nothing fails behind the parser either."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
import random
from typing import Any, Final

import pytest

from custom_components.envoy_local.client.client import derive
from custom_components.envoy_local.client.endpoints import ENDPOINTS, Tier
from custom_components.envoy_local.client.exceptions import EnvoyResponseError
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.totals import Section
from simulator import Fault

from ..client.storage.damage import damaged
from ..client.storage.samples import PARSERS, SAMPLES
from .snapshots import START, Site, open_site
from .standard_lines import lines

MUTATIONS: Final = 200
ON_THE_WIRE: Final = 10

SECTIONS: Final = {
    endpoint.path: endpoint.section
    for endpoint in ENDPOINTS
    if endpoint.path in SAMPLES
}
OF_STORAGE: Final = {
    endpoint.path: endpoint.section
    for endpoint in ENDPOINTS
    if endpoint.tier is Tier.STORAGE
}

FEEDS: Final = {
    **{path: {section} for path, section in OF_STORAGE.items()},
    # It decides which of the others are worth asking, too.
    "/ivp/ensemble/inventory": set(OF_STORAGE.values()),
}


@pytest.fixture
async def storage(socket_enabled: None) -> AsyncIterator[Site]:
    """A site with all there is."""
    async with open_site("storage") as opened:
        await opened.read()
        yield opened


def consult(snapshot: GatewaySnapshot) -> None:
    """Ask a snapshot everything, and write it down."""
    for name in dir(GatewaySnapshot):
        getattr(snapshot, name)
    lines(snapshot, now=START)


@pytest.mark.parametrize(("path", "section"), SECTIONS.items())
async def test_a_damaged_answer_makes_a_snapshot_all_the_same(
    storage: Site, path: str, section: Section
) -> None:
    known = await storage.read(Tier.STORAGE)
    chance = random.Random(path)
    read = 0
    for _ in range(MUTATIONS):
        try:
            model = PARSERS[path](damaged(SAMPLES[path], chance))
        except EnvoyResponseError:
            continue
        changed: dict[str, Any] = {section.value: model}
        consult(derive(replace(known, **changed)))
        read += 1
    assert read > MUTATIONS / 4


@pytest.mark.parametrize(("path", "fed"), FEEDS.items())
async def test_a_damaged_answer_touches_no_other_section(
    storage: Site, path: str, fed: set[Section]
) -> None:
    chance = random.Random(path)
    others = {each for each in Section if each not in OF_STORAGE.values()}
    known = await storage.read(Tier.STORAGE)
    for _ in range(ON_THE_WIRE):
        storage.sim.gateway.faults.clear()
        answer = damaged(SAMPLES[path], chance)
        storage.sim.gateway.faults.add(Fault.raw(path, answer))
        snapshot = await storage.read(Tier.STORAGE, after=1000)
        assert {each for each in others if _differs(snapshot, known, each)} == set()
        assert not snapshot.lost & set(OF_STORAGE.values()) - fed
    storage.sim.gateway.faults.clear()
    snapshot = await storage.read(Tier.STORAGE, Tier.STORAGE, after=4000)
    assert not snapshot.lost & set(OF_STORAGE.values())


def _differs(one: GatewaySnapshot, other: GatewaySnapshot, section: Section) -> bool:
    return getattr(one, section) is not getattr(other, section)
