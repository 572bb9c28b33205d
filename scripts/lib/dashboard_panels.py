"""The kinds of panels that the Grafana dashboards are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from dashboard_queries import Query, Window

SOON: Final = "30m"
"""How old a reading that is shown as the present one may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel: its place is where the ones before it leave off."""

    kind: str
    title: str
    description: str
    unit: str
    queries: tuple[Query, ...]
    width: int
    height: int = 8
    time_from: str = ""
    """A time range of its own, back from the end of the dashboard's."""
    defaults: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    """How the chart is drawn."""
    options: dict[str, Any] = field(default_factory=dict)
    transformations: tuple[dict[str, Any], ...] = ()
    downwards: frozenset[str] = frozenset()
    """Names of series that are drawn below zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under a heading; not every site has what they show."""

    title: str
    panels: tuple[Panel, ...]
    is_collapsed: bool = False


def total(measurement: str, name: str, window: Window, color: str, what: str) -> Query:
    """Return the query for a field of the whole site."""
    return Query(
        measurement=measurement,
        what=what,
        window=window,
        name=name,
        color=color,
        tags={"phase": "total"},
    )


_LINES: Final = {
    "drawStyle": "line",
    "lineWidth": 1,
    "fillOpacity": 15,
    "showPoints": "never",
    # Three quarters of an hour without a report are a gap, not a straight line.
    "spanNulls": 2_700_000,
}
_BARS: Final = {
    "drawStyle": "bars",
    "barAlignment": 1,
    "barWidthFactor": 0.8,
    "fillOpacity": 80,
    "lineWidth": 0,
}
_LEGEND: Final = {
    "legend": {
        "displayMode": "list",
        "placement": "bottom",
        "showLegend": True,
        "calcs": [],
    },
    "tooltip": {"mode": "multi", "sort": "desc"},
}
LAST: Final = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def stat(title: str, description: str, unit: str, query: Query, width: int) -> Panel:
    """Return a single present value."""
    return Panel(
        kind="stat",
        title=title,
        description=description,
        unit=unit,
        queries=(query,),
        width=width,
        height=4,
        time_from=SOON,
        options={
            "reduceOptions": LAST,
            "colorMode": "value",
            "graphMode": "none",
            "justifyMode": "auto",
            "orientation": "auto",
            "textMode": "value",
        },
    )


def chart(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    width: int,
    height: int = 8,
    **custom: Any,
) -> Panel:
    """Return a chart over time."""
    return Panel(
        kind="timeseries",
        title=title,
        description=description,
        unit=unit,
        queries=queries,
        width=width,
        height=height,
        custom={**_LINES, **custom},
        options=_LEGEND,
    )


def days(
    title: str, description: str, *, upwards: Query, downwards: Query, width: int
) -> Panel:
    """Return a bar for each of the last 30 days; one series hangs below zero."""
    return Panel(
        kind="timeseries",
        title=title,
        description=f"{description} A day begins at the site's midnight; "
        "the first bar stands at the second day of readings.",
        unit="watth",
        queries=(upwards, downwards),
        width=width,
        time_from="30d",
        custom=_BARS,
        options=_LEGEND,
        downwards=frozenset({downwards.name}),
    )
