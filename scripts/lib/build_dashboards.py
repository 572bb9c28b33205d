"""Write the Grafana dashboards: the same panels, once in InfluxQL, once in Flux.

python scripts/lib/build_dashboards.py docs/grafana
"""

from __future__ import annotations

from collections.abc import Iterator
import itertools
import json
from pathlib import Path
import string
import sys
from typing import Any, Final

from dashboard_panels import SOON, Panel, Row
from dashboard_queries import FLUX, INFLUXQL, Language, Query
from dashboard_rows import ROWS

_COLUMNS: Final = 24
_SOURCE: Final = {"type": "influxdb", "uid": "${DS_INFLUXDB}"}
_SCHEMA: Final = 38
"""Of Grafana 10.0; newer ones bring it up to date by themselves."""


def main(folder: str) -> None:
    """Write a file for each language into a folder."""
    for language in (INFLUXQL, FLUX):
        text = json.dumps(_dashboard(language), indent=2, ensure_ascii=False)
        path = Path(folder) / f"envoy-{language.key}.json"
        path.write_text(text + "\n", "utf-8")


def _dashboard(language: Language) -> dict[str, Any]:
    return {
        "uid": f"envoy-local-{language.key}",
        "title": f"Envoy Local ({language.name})",
        "description": "Solar production, consumption, grid, battery and inverters of "
        "an Enphase IQ Gateway, as Envoy Local writes them to InfluxDB "
        "(schema `standard`).",
        "tags": ["enphase", "envoy-local", "solar"],
        "version": 1,
        "schemaVersion": _SCHEMA,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "timezone": "browser",
        "annotations": {"list": []},
        "links": [],
        "templating": {"list": list(_variables(language))},
        "panels": list(_panels(language)),
    }


def _variables(language: Language) -> Iterator[dict[str, Any]]:
    yield {
        "name": "DS_INFLUXDB",
        "label": "Data source",
        "type": "datasource",
        "query": "influxdb",
        "refresh": 1,
    }
    yield _asked("gateway", "Gateway", language.gateways)
    yield {
        "name": "resolution",
        "label": "Interval",
        "type": "interval",
        "query": "1m,5m,15m,30m,1h,6h,1d",
        "auto": True,
        "auto_count": 300,
        "auto_min": "1m",
        "current": {
            "selected": True,
            "text": "auto",
            "value": "$__auto_interval_resolution",
        },
        "refresh": 2,
    }
    yield {**_asked("timezone", "Time zone", language.timezone), "hide": 2}


def _asked(name: str, label: str, query: str) -> dict[str, Any]:
    """Return a variable whose values come from the database."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": _SOURCE,
        "query": query,
        "definition": query,
        "refresh": 1,
        "multi": False,
        "includeAll": False,
        "sort": 1,
    }


def _panels(language: Language) -> Iterator[dict[str, Any]]:
    ids = itertools.count(1)
    top = 0
    for row in ROWS:
        heading = _row(row, next(ids), top)
        placed = list(_placed(row, top + 1))
        inside = [_panel(panel, language, next(ids), place) for panel, place in placed]
        bottom = max(place["y"] + place["h"] for _, place in placed)
        yield {**heading, "panels": inside if row.is_collapsed else []}
        if not row.is_collapsed:
            yield from inside
        top = top + 1 if row.is_collapsed else bottom


def _row(row: Row, number: int, top: int) -> dict[str, Any]:
    return {
        "id": number,
        "type": "row",
        "title": row.title,
        "collapsed": row.is_collapsed,
        "gridPos": {"x": 0, "y": top, "w": _COLUMNS, "h": 1},
    }


def _placed(row: Row, top: int) -> Iterator[tuple[Panel, dict[str, int]]]:
    """Place the panels side by side, as many as fit."""
    left, bottom = 0, top
    for panel in row.panels:
        if left + panel.width > _COLUMNS:
            left, top = 0, bottom
        place = {"x": left, "y": top, "w": panel.width, "h": panel.height}
        left, bottom = left + panel.width, max(bottom, top + panel.height)
        yield panel, place


def _panel(
    panel: Panel, language: Language, number: int, place: dict[str, int]
) -> dict[str, Any]:
    defaults = {
        "unit": panel.unit,
        "color": {"mode": "palette-classic"},
        "custom": panel.custom,
        "noValue": "–",
        **panel.defaults,
    }
    own_time = {
        "timeFrom": panel.time_from,
        "hideTimeOverride": panel.time_from == SOON,
    }
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": _SOURCE,
        "gridPos": place,
        **(own_time if panel.time_from else {}),
        "targets": [
            {"refId": letter, "datasource": _SOURCE, **language.target(query)}
            for letter, query in zip(
                string.ascii_uppercase, panel.queries, strict=False
            )
        ],
        "fieldConfig": {
            "defaults": defaults,
            "overrides": [
                _override(query, is_downwards=query.name in panel.downwards)
                for query in panel.queries
                if query.color
            ],
        },
        "options": panel.options,
        "transformations": list(panel.transformations),
    }


def _override(query: Query, *, is_downwards: bool) -> dict[str, Any]:
    color = {"mode": "fixed", "fixedColor": query.color}
    properties: list[dict[str, Any]] = [{"id": "color", "value": color}]
    if is_downwards:
        properties.append({"id": "custom.transform", "value": "negative-Y"})
    return {
        "matcher": {"id": "byName", "options": query.name},
        "properties": properties,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
