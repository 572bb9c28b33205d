"""The Grafana dashboards: every InfluxQL query runs on the real server.

There is no InfluxDB 2.x here: what is in Flux is compared with the other, not run.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations
import json
from pathlib import Path
import re
import subprocess
import sys
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from custom_components.envoy_local.influxdb.schema import PointSource, Schema
from custom_components.envoy_local.influxdb.target import health_line

from . import dashboards
from .conftest import DATABASE
from .dashboards import LANGUAGES, Panel
from .servers import NO_CONTENT, Influxd
from .snapshots import START, open_site

HOUR: Final = 3600
DAY: Final = 86_400
END: Final = round(START + DAY) * 1000
BATTERY: Final = "Battery"
VALUES: Final = ("last", "mean", "difference")
"""The columns that are no time and no tag."""
ZONES: Final = {"home": "America/Los_Angeles", "three_phase": "Europe/Berlin"}


async def day_of(scenario: str) -> tuple[str, list[str]]:
    """Return a gateway's serial number, and the lines from one noon to the next."""
    source = PointSource(schemas=[Schema.STANDARD], extra_tags={"site": "my home"})
    async with open_site(scenario) as site:
        snapshot = await site.read()
        serial = snapshot.info.serial
        lines = source.lines(snapshot, now=site.clock.now)
        for _ in range(DAY // HOUR):
            snapshot = await site.read(after=HOUR)
            lines += source.lines(snapshot, now=site.clock.now)
            health = health_line(entry=serial, backlog=12, dropped=0, quarantined=0)
            dateless = health.rpartition(" ")[0]
            lines.append(f"{dateless} {round(site.clock.now * 1000)}")
    return serial, lines


class Filled:
    """A server with the day of a site, and a dashboard that asks it."""

    def __init__(self, server: Influxd, dashboard: dict[str, Any], serial: str) -> None:
        self._server = server
        self.dashboard = dashboard
        self._values = {
            "gateway": serial,
            "resolution": "5m",
            "timezone": "",
        }
        self._values["timezone"] = self.choices("timezone")[0]

    def choices(self, variable: str) -> list[str]:
        """Return what is offered for a variable: the text column of the answer."""
        query = dashboards.variables(self.dashboard)[variable]["query"]
        rows = self._server.query(dashboards.substituted(query, self._values), DATABASE)
        return [row.get("value") or row["last"] for row in rows]

    def rows(self, panel: Panel, query: str, **changes: str) -> list[dict[str, Any]]:
        """Return the rows that have a value."""
        values = {
            **self._values,
            "timeFilter": dashboards.time_filter(panel.body, END),
            **changes,
        }
        found = self._server.query(dashboards.substituted(query, values), DATABASE)
        return [
            row for row in found if any(row.get(name) is not None for name in VALUES)
        ]

    def panel(self, title: str) -> Panel:
        [found] = [
            panel for panel in dashboards.panels(self.dashboard) if panel.title == title
        ]
        return found


@pytest.fixture(params=["home", "three_phase"])
def scenario(request: pytest.FixtureRequest) -> str:
    """With and without a battery."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def days() -> dict[str, tuple[str, list[str]]]:
    """Keep the days that were simulated; they are always the same."""
    return {}


@pytest.fixture
async def filled(
    influxd: Influxd, scenario: str, days: dict[str, tuple[str, list[str]]]
) -> Filled:
    """Write a day of the site into the server."""
    if scenario not in days:
        days[scenario] = await day_of(scenario)
    serial, lines = days[scenario]
    answer = influxd.ask(
        "/write", method="POST", body="\n".join(lines), db=DATABASE, precision="ms"
    )
    assert answer == (NO_CONTENT, "")
    return Filled(influxd, dashboards.load("influxql"), serial)


@pytest.mark.parametrize("scenario", ["home"], indirect=True)
async def test_every_influxql_query_returns_rows_from_a_site_with_a_battery(
    filled: Filled,
) -> None:
    found = {
        (panel.row, panel.title, query): filled.rows(panel, query)
        for panel in dashboards.panels(filled.dashboard)
        for query in panel.queries
    }

    assert len(found) > 20
    assert [key for key, rows in found.items() if not rows] == []


@pytest.mark.parametrize("scenario", ["three_phase"], indirect=True)
async def test_without_a_battery_only_its_row_is_empty(filled: Filled) -> None:
    found = {
        (panel.row, panel.title): [
            row for query in panel.queries for row in filled.rows(panel, query)
        ]
        for panel in dashboards.panels(filled.dashboard)
    }

    empty = {row for (row, _), rows in found.items() if not rows}
    assert empty == {BATTERY}
    assert [rows for (row, _), rows in found.items() if row == BATTERY and rows] == []
    [heading] = [
        body for body in filled.dashboard["panels"] if body["title"] == BATTERY
    ]
    assert heading["collapsed"] is True


async def test_the_variables_offer_the_gateway_and_its_time_zone(
    filled: Filled, scenario: str
) -> None:
    assert filled.choices("gateway") == [filled._values["gateway"]]
    assert filled.choices("timezone") == [ZONES[scenario]]


async def test_a_day_begins_at_the_midnight_of_the_site(
    filled: Filled, scenario: str
) -> None:
    panel = filled.panel("Produced and used")
    zone = ZoneInfo(ZONES[scenario])

    for query in panel.queries:
        *_, last = filled.rows(panel, query)
        begin = datetime.fromtimestamp(last["time"] / 1000, UTC).astimezone(zone)
        assert (begin.hour, begin.minute) == (0, 0)
        assert 1000 < last["difference"] < 100_000


@pytest.mark.parametrize("scenario", ["home"], indirect=True)
async def test_a_gateway_that_tells_no_time_zone_has_days_in_utc(
    filled: Filled,
) -> None:
    panel = filled.panel("Produced and used")

    for query in panel.queries:
        rows = filled.rows(panel, query, timezone="")
        assert rows
        assert {row["time"] % (DAY * 1000) for row in rows} == {0}


@pytest.mark.parametrize("scenario", ["home"], indirect=True)
async def test_each_inverter_and_each_phase_is_a_series(filled: Filled) -> None:
    inverters = filled.panel("Power of each inverter")
    voltage = filled.panel("Voltage")

    serials = {row["inverter"] for row in filled.rows(inverters, *inverters.queries)}
    phases = {
        (row["meter"], row["phase"]) for row in filled.rows(voltage, *voltage.queries)
    }

    assert len(serials) == 16
    assert {("production", "l1"), ("net_consumption", "l2")} <= phases


def test_the_files_are_up_to_date(tmp_path: Path) -> None:
    script = dashboards.ROOT / "scripts" / "lib" / "build_dashboards.py"
    subprocess.run(  # noqa: S603 - a program of our own
        [sys.executable, str(script), str(tmp_path)], check=True, timeout=60
    )

    built = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    kept = {
        path.name: path.read_text("utf-8") for path in dashboards.FOLDER.glob("*.json")
    }
    assert kept == built
    assert set(kept) == {f"envoy-{language}.json" for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dashboard_can_be_imported_anywhere(language: str) -> None:
    dashboard = dashboards.load(language)
    variables = dashboards.variables(dashboard)
    bodies = [panel.body for panel in dashboards.panels(dashboard)]

    assert dashboard["uid"] == f"envoy-local-{language}"
    assert dashboard["version"] >= 1
    assert "id" not in dashboard
    assert list(variables) == ["DS_INFLUXDB", "gateway", "resolution", "timezone"]
    sources = [
        each["datasource"] for body in bodies for each in (body, *body["targets"])
    ] + [each["datasource"] for each in variables.values() if "datasource" in each]
    assert {json.dumps(source) for source in sources} == {
        json.dumps({"type": "influxdb", "uid": "${DS_INFLUXDB}"})
    }
    text = dashboards.file_of(language).read_text("utf-8")
    assert re.findall(r"https?://|localhost|127\.", text) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_panel_is_described_and_has_a_place_of_its_own(language: str) -> None:
    dashboard = dashboards.load(language)
    found = dashboards.panels(dashboard)
    everything = [*dashboard["panels"], *(p.body for p in found)]
    numbers = {body["id"] for body in everything}

    assert [p.title for p in found if not p.body["description"]] == []
    assert [
        p.title for p in found if not p.body["fieldConfig"]["defaults"]["unit"]
    ] == []
    assert len(numbers) == len(found) + len({p.row for p in found})
    for one, other in combinations([p.body["gridPos"] for p in found], 2):
        apart_across = (
            one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        )
        apart_down = (
            one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        )
        assert apart_across or apart_down
    assert {b["gridPos"]["x"] + b["gridPos"]["w"] <= 24 for b in everything} == {True}


def test_the_page_tells_of_every_row_and_of_both_files() -> None:
    page = (dashboards.FOLDER / "README.md").read_text("utf-8")
    rows = {panel.row for panel in dashboards.panels(dashboards.load("influxql"))}

    assert [row for row in rows if f"\n| {row} | " not in page] == []
    assert [each for each in LANGUAGES if f"(envoy-{each}.json)" not in page] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_is_one_that_the_schema_writes(language: str) -> None:
    named = {
        "influxql": dashboards.named_in_influxql,
        "flux": dashboards.named_in_flux,
    }[language]
    schema = dashboards.schema()
    queries = dashboards.all_queries(dashboards.load(language))

    assert len(queries) > 20
    for query in queries:
        names = named(query)
        tags, fields = schema[names.measurement]
        assert names.fields <= fields, query
        assert names.tags <= tags, query


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_series_with_a_colour_is_one_of_its_panel(language: str) -> None:
    dashboard = dashboards.load(language)

    for panel in dashboards.panels(dashboard):
        overrides = panel.body["fieldConfig"]["overrides"]
        names = {override["matcher"]["options"] for override in overrides}
        shown = {
            target.get("alias") or _flux_name(target["query"])
            for target in panel.body["targets"]
        }
        assert names <= shown


def _flux_name(query: str) -> str:
    return ", ".join(re.findall(r'set\(key: "_field", value: "(\w+)"\)', query))


def test_flux_without_a_server_has_the_same_panels_as_influxql() -> None:
    def seen(language: str) -> list[dict[str, Any]]:
        bodies = [p.body for p in dashboards.panels(dashboards.load(language))]
        return [
            {key: value for key, value in body.items() if key != "targets"}
            | {"targets": [target["refId"] for target in body["targets"]]}
            for body in bodies
        ]

    def names(language: str) -> list[dashboards.Named]:
        named = {
            "influxql": dashboards.named_in_influxql,
            "flux": dashboards.named_in_flux,
        }[language]
        return [named(q) for q in dashboards.all_queries(dashboards.load(language))]

    assert seen("flux") == seen("influxql")
    assert names("flux") == names("influxql")


STEPS: Final = {
    "aggregateWindow",
    "difference",
    "filter",
    "group",
    "keep",
    "last",
    "map",
    "range",
    "set",
}


@pytest.mark.parametrize("query", dashboards.all_queries(dashboards.load("flux")))
def test_flux_without_a_server_is_well_formed(query: str) -> None:
    plain = re.sub(r'"[^"\n]*"', "", re.sub(r"\$\{\w+\}", "1m", query))

    assert '"' not in plain
    assert _unbalanced(plain) == ""
    steps = re.findall(r"\|> (\w+)\(", plain)
    assert set(steps) <= STEPS
    assert len(steps) == plain.count("|>")
    used = set(re.findall(r"\$\{?(\w+)", query))
    assert used <= set(dashboards.variables(dashboards.load("flux")))
    imported = {name.rpartition("/")[2] for name in re.findall(r'import "(.+)"', query)}
    assert imported == {name for name in ("timezone", "schema") if f"{name}." in plain}


def _unbalanced(text: str) -> str:
    """Return what is left of the brackets when all pairs are taken out."""
    brackets = re.sub(r"[^()\[\]{}]", "", text)
    while (less := re.sub(r"\(\)|\[\]|\{\}", "", brackets)) != brackets:
        brackets = less
    return brackets
