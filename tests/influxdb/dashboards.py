"""The Grafana dashboards as files, and their queries as Grafana sends them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import json
from pathlib import Path
import re
from typing import Any, Final

from custom_components.envoy_local.influxdb.field import GATEWAY_TAG
from custom_components.envoy_local.influxdb.standard_fields import GROUPS
from custom_components.envoy_local.influxdb.target import health_line

from .oracle import parse

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "docs" / "grafana"
LANGUAGES: Final = ("influxql", "flux")

_UNITS: Final = {"m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel that shows data, and the row it stands in."""

    row: str
    body: dict[str, Any]

    @property
    def title(self) -> str:
        title: str = self.body["title"]
        return title

    @property
    def queries(self) -> list[str]:
        return [target["query"] for target in self.body["targets"]]


def file_of(language: str) -> Path:
    return FOLDER / f"envoy-{language}.json"


def load(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file_of(language).read_text("utf-8"))
    return found


def panels(dashboard: dict[str, Any]) -> list[Panel]:
    """Return all panels with data, those in collapsed rows too."""
    return list(_panels(dashboard))


def _panels(dashboard: dict[str, Any]) -> Iterator[Panel]:
    row = ""
    for body in dashboard["panels"]:
        if body["type"] != "row":
            yield Panel(row=row, body=body)
            continue
        row = body["title"]
        yield from (Panel(row=row, body=inner) for inner in body["panels"])


def variables(dashboard: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in dashboard["templating"]["list"]}


def all_queries(dashboard: dict[str, Any]) -> list[str]:
    """Return the queries of the panels and of the variables."""
    asked = [
        each["query"]
        for each in dashboard["templating"]["list"]
        if each["type"] == "query"
    ]
    return asked + [query for panel in panels(dashboard) for query in panel.queries]


def substituted(query: str, values: dict[str, str]) -> str:
    """Put values in for variables, as Grafana does; an unknown one is an error."""
    return re.sub(r"\$(\w+)", lambda found: values[found[1]], query)


def time_filter(panel: dict[str, Any], end: int, hours: int = 24) -> str:
    """Return what `$timeFilter` is for a panel at a moment (epoch milliseconds)."""
    length = panel.get("timeFrom", f"{hours}h")
    begin = end - int(length[:-1]) * _UNITS[length[-1]] * 1000
    return f"time >= {begin}ms and time <= {end}ms"


def schema() -> dict[str, tuple[set[str], set[str]]]:
    """Return tags and fields of each measurement that is written."""
    known: dict[str, tuple[set[str], set[str]]] = {}
    for group in GROUPS:
        tags, fields = known.setdefault(group.measurement, ({GATEWAY_TAG}, set()))
        tags.update(group.tags)
        fields.update(field.name for field in group.fields)
    health = parse(health_line(entry="1", backlog=0, dropped=0, quarantined=0))
    known[health.measurement] = (set(health.tags), set(health.fields))
    return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The names in a query."""

    measurement: str
    fields: set[str]
    tags: set[str]


def named_in_influxql(query: str) -> Named:
    if query.startswith("SHOW TAG VALUES"):
        measurement, tag = re.findall(r'"(\w+)"', query)
        return Named(measurement=measurement, fields=set(), tags={tag})
    selected, _, rest = query.partition(" FROM ")
    measurement, *tags = re.findall(r'"(\w+)"', rest)
    fields = set(re.findall(r'"(\w+)"', selected))
    return Named(measurement=measurement, fields=fields, tags=set(tags))


def named_in_flux(query: str) -> Named:
    if "measurementTagValues" in query:
        [measurement] = re.findall(r'measurement: "(\w+)"', query)
        tags = set(re.findall(r'tag: "(\w+)"', query))
        return Named(measurement=measurement, fields=set(), tags=tags)
    [measurement] = re.findall(r'r\._measurement == "(\w+)"', query)
    fields = set(re.findall(r'r\._field == "(\w+)"', query))
    tags = set(re.findall(r"\br\.([a-z]\w*)", query))
    return Named(measurement=measurement, fields=fields, tags=tags)
