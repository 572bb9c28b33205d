"""Both schemas in one database, as real servers store them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.influxdb.schema import PointSource, Schema

from ..captures import all_captures
from .conftest import DATABASE
from .oracle import parse
from .servers import NO_CONTENT, Influxd, Server, VictoriaMetrics
from .snapshots import Site, open_site

SCENARIOS: Final = ("home", "three_phase", "unmetered", "large", "legacy")


@pytest.fixture
async def home(socket_enabled: None) -> AsyncIterator[Site]:
    """A metered site with batteries, at noon."""
    async with open_site("home") as opened:
        yield opened


def _send(server: Server, lines: list[str]) -> None:
    answer = server.ask(
        "/write", method="POST", body="\n".join(lines), db=DATABASE, precision="ms"
    )
    assert answer == (NO_CONTENT, "")


async def _written(site: Site) -> list[str]:
    """Return what half an hour of a site is, in both schemas."""
    source = PointSource(schemas=tuple(Schema), extra_tags={"site": "my home"})
    lines = source.lines(await site.read(), now=site.clock.now)
    for _ in range(2):
        snapshot = await site.read(after=900)
        lines += source.lines(snapshot, now=site.clock.now)
    snapshot = await site.read(Tier.READINGS, after=15)
    return lines + source.lines(snapshot, now=site.clock.now)


async def test_all_gateways_fit_into_one_database(
    socket_enabled: None, influxd: Influxd, victoria: VictoriaMetrics
) -> None:
    lines: list[str] = []
    for scenario in SCENARIOS:
        async with open_site(scenario) as site:
            lines += await _written(site)
    for recorded in all_captures():
        async with open_site(capture=recorded.folder) as site:
            lines += await _written(site)

    _send(influxd, lines)
    _send(victoria, lines)

    assert victoria.invalid_rows() == 0
    stored = influxd.query("SHOW FIELD KEYS", DATABASE)
    types = {(row["fieldKey"], row["fieldType"]) for row in stored}
    assert {name for name, kind in types if kind == "integer"} == {
        "whLifetime",
        "WNow",
        "activeInverterCounts",
        "lastReportWatts",
        "maxReportWatts",
    }


async def test_what_is_stored_is_what_was_read(home: Site, influxd: Influxd) -> None:
    lines = await _written(home)
    _send(influxd, lines)
    _send(influxd, lines)  # a repeat changes nothing

    sent = [parse(line) for line in lines]
    wanted = {_known({**row.fields, **row.tags, "time": row.time}) for row in sent}
    stored = influxd.query("SELECT * FROM /.*/ GROUP BY *", DATABASE)
    assert {_known(row) for row in stored} == wanted
    assert len(stored) == len({(row.series, row.time) for row in sent})
    names = {row["name"] for row in influxd.query("SHOW MEASUREMENTS", DATABASE)}
    assert names == {row.measurement for row in sent}


def _known(row: dict[str, Any]) -> frozenset[tuple[str, Any]]:
    """Leave out the tags and fields that only other rows of the answer have."""
    return frozenset((k, v) for k, v in row.items() if v not in {None, ""})
