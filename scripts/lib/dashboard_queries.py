"""The queries of the Grafana dashboards, written in InfluxQL and in Flux."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class Window(Enum):
    """What the rows of an answer stand for."""

    LATEST = "the last reading"
    STEP = "the mean of a step of the chart"
    DAY = "the rise of a counter in a day of the site's time zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One field of one measurement, and how it is shown."""

    measurement: str
    what: str
    """The field."""
    window: Window
    name: str = ""
    """Of the series, where there is one only."""
    color: str = ""
    gateway_tag: str = "gateway"
    tags: dict[str, str] = field(default_factory=dict)
    """Beside the gateway's."""
    by: tuple[str, ...] = ()
    """Tags that make a series of their own, and its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A query language of InfluxDB, and what a dashboard says in it."""

    key: str
    name: str
    gateways: str
    """The query for the choice of gateways."""
    timezone: str
    """The query for the time zone of the chosen gateway."""
    target: Callable[[Query], dict[str, object]]
    """A query as the panels have it."""


def _influxql_target(query: Query) -> dict[str, object]:
    alias = " ".join(f"$tag_{tag}" for tag in query.by) or query.name
    return {
        "query": _influxql(query),
        "rawQuery": True,
        "alias": alias,
        "resultFormat": "time_series",
    }


def _influxql(query: Query) -> str:
    groups = [f'"{tag}"' for tag in query.by]
    match query.window:
        case Window.LATEST:
            value, end = f'last("{query.what}")', ""
        case Window.STEP:
            value, end = f'mean("{query.what}")', " fill(null)"
            groups.insert(0, "time($resolution)")
        case Window.DAY:
            value, end = (
                f'difference(last("{query.what}"))',
                " fill(none) tz('$timezone')",
            )
            groups.insert(0, "time(1d)")
    tags = {query.gateway_tag: "$gateway", **query.tags}
    conditions = [f"\"{tag}\" = '{value}'" for tag, value in tags.items()]
    where = " AND ".join([*conditions, "$timeFilter"])
    group = f" GROUP BY {', '.join(groups)}" if groups else ""
    return f'SELECT {value} FROM "{query.measurement}" WHERE {where}{group}{end}'  # noqa: S608 - nothing from outside


_WINDOWS: Final = {
    Window.LATEST: ("last()",),
    Window.STEP: (
        'aggregateWindow(every: ${resolution}, fn: mean, timeSrc: "_start")',
    ),
    Window.DAY: (
        'aggregateWindow(every: 1d, fn: last, createEmpty: false, timeSrc: "_start")',
        "difference()",
    ),
}
# A gateway that doesn't tell its time zone leaves the variable empty.
_TIME_ZONE: Final = """\
import "timezone"

option location = timezone.location(
  name: if "${timezone}" == "" then "UTC" else "${timezone}"
)

"""


def _flux_target(query: Query) -> dict[str, object]:
    return {"query": _flux(query)}


def _flux(query: Query) -> str:
    tags = {query.gateway_tag: "${gateway}", **query.tags}
    wanted = {"_measurement": query.measurement, "_field": query.what, **tags}
    conditions = " and ".join(f'r.{name} == "{v}"' for name, v in wanted.items())
    steps = (
        "from(bucket: v.defaultBucket)",
        "range(start: v.timeRangeStart, stop: v.timeRangeStop)",
        f"filter(fn: (r) => {conditions})",
        *_WINDOWS[query.window],
        *_flux_name(query),
    )
    head = _TIME_ZONE if query.window is Window.DAY else ""
    return head + "\n  |> ".join(steps)


def _flux_name(query: Query) -> tuple[str, ...]:
    """Return the steps that name the series: Grafana shows `_field`."""
    if not query.by:
        return (
            'keep(columns: ["_time", "_value"])',
            f'set(key: "_field", value: "{query.name}")',
        )
    name = ' + " " + '.join(f"r.{tag}" for tag in query.by)
    return (
        f"map(fn: (r) => ({{_time: r._time, _value: r._value, _field: {name}}}))",
        'group(columns: ["_field"])',
    )


INFLUXQL: Final = Language(
    key="influxql",
    name="InfluxQL",
    gateways='SHOW TAG VALUES FROM "production" WITH KEY = "gateway"',
    timezone=('SELECT last("timezone") FROM "gateway" WHERE "gateway" = \'$gateway\''),
    target=_influxql_target,
)
FLUX: Final = Language(
    key="flux",
    name="Flux",
    gateways="""\
import "influxdata/influxdb/schema"

schema.measurementTagValues(
  bucket: v.defaultBucket,
  measurement: "production",
  tag: "gateway"
)""",
    timezone="""\
from(bucket: v.defaultBucket)
  |> range(start: -90d)
  |> filter(fn: (r) => r._measurement == "gateway" and r._field == "timezone")
  |> filter(fn: (r) => r.gateway == "${gateway}")
  |> last()
  |> keep(columns: ["_value"])""",
    target=_flux_target,
)
