"""What the Grafana dashboards show: their rows, panels, words and colours."""

from __future__ import annotations

from typing import Final

from dashboard_panels import LAST, SOON, Panel, Row, chart, days, stat, total
from dashboard_queries import Query, Window

_PRODUCTION: Final = "#F2A900"
_CONSUMPTION: Final = "#3274D9"
_GRID: Final = "#8F3BB8"
_IMPORT: Final = "#C4162A"
_EXPORT: Final = "#37872D"
_BATTERY: Final = "#37A3A3"
_DISCHARGE: Final = "#E0752D"
_QUIET: Final = "#808080"

_NOW: Final = Row(
    title="Now",
    panels=(
        stat(
            "Production",
            "What the site produces at the moment.",
            "watt",
            total("production", "Production", Window.LATEST, _PRODUCTION, "power"),
            8,
        ),
        stat(
            "Consumption",
            "What the house uses at the moment, whether from the sun, the battery "
            "or the grid.",
            "watt",
            total("consumption", "Consumption", Window.LATEST, _CONSUMPTION, "power"),
            8,
        ),
        stat(
            "Grid",
            "What passes the grid connection: above zero is import, below zero export.",
            "watt",
            total("grid", "Grid", Window.LATEST, _GRID, "power"),
            8,
        ),
        chart(
            "Power",
            "Grid: above zero is import, below zero export. "
            "Battery: above zero is discharging, below zero charging.",
            "watt",
            total("production", "Production", Window.STEP, _PRODUCTION, "power"),
            total("consumption", "Consumption", Window.STEP, _CONSUMPTION, "power"),
            total("grid", "Grid", Window.STEP, _GRID, "power"),
            total("battery", "Battery", Window.STEP, _BATTERY, "power"),
            width=24,
            height=9,
        ),
    ),
)

_TODAY: Final = Row(
    title="Today",
    panels=tuple(
        stat(
            title,
            f"{description} since midnight of Home Assistant's time zone.",
            "watth",
            total(measurement, title, Window.LATEST, color, what),
            6,
        )
        for title, description, measurement, what, color in (
            ("Produced", "Produced", "production", "energy_today", _PRODUCTION),
            ("Used", "Used by the house", "consumption", "energy_today", _CONSUMPTION),
            ("Imported", "Taken from the grid", "grid", "import_energy_today", _IMPORT),
            ("Exported", "Given to the grid", "grid", "export_energy_today", _EXPORT),
        )
    ),
)

_EACH_DAY: Final = Row(
    title="Each day",
    panels=(
        days(
            "Produced and used",
            "What was produced, and, downwards, what the house used.",
            upwards=total("production", "Produced", Window.DAY, _PRODUCTION, "energy"),
            downwards=total("consumption", "Used", Window.DAY, _CONSUMPTION, "energy"),
            width=12,
        ),
        days(
            "Imported and exported",
            "What was taken from the grid, and, downwards, what was given to it.",
            upwards=total("grid", "Imported", Window.DAY, _IMPORT, "import_energy"),
            downwards=total("grid", "Exported", Window.DAY, _EXPORT, "export_energy"),
            width=12,
        ),
    ),
)


def _inverters(window: Window) -> Query:
    return Query(measurement="inverter", what="power", window=window, by=("inverter",))


_INVERTERS: Final = Row(
    title="Inverters",
    panels=(
        chart(
            "Power of each inverter",
            "Every inverter by its serial number. The power is the mean of its own "
            "report, which comes every 5 to 15 minutes by day.",
            "watt",
            _inverters(Window.STEP),
            width=16,
            height=10,
            fillOpacity=0,
        ),
        Panel(
            kind="table",
            title="Weakest panels",
            description="The five inverters with the lowest mean power in the chosen "
            "time. The same one every day is shaded, dirty or broken.",
            unit="watt",
            queries=(_inverters(Window.STEP),),
            width=8,
            height=10,
            options={"showHeader": True, "cellHeight": "sm"},
            transformations=(
                {
                    "id": "reduce",
                    "options": {"mode": "seriesToRows", "reducers": ["mean", "max"]},
                },
                {
                    "id": "sortBy",
                    "options": {"fields": {}, "sort": [{"field": "Mean"}]},
                },
                {"id": "limit", "options": {"limitField": 5}},
                {
                    "id": "organize",
                    "options": {
                        "excludeByName": {},
                        "indexByName": {},
                        "renameByName": {"Field": "Inverter", "Max": "Highest"},
                    },
                },
            ),
        ),
        Panel(
            kind="bargauge",
            title="Last report of each inverter",
            description="The power in the last report. Inverters are silent at night.",
            unit="watt",
            queries=(_inverters(Window.LATEST),),
            width=24,
            height=9,
            time_from="24h",
            defaults={"color": {"mode": "continuous-YlRd"}, "min": 0},
            options={
                "reduceOptions": LAST,
                "displayMode": "basic",
                "orientation": "vertical",
                "showUnfilled": True,
                "valueMode": "color",
                "minVizWidth": 8,
                "minVizHeight": 16,
            },
        ),
    ),
)

_METERS: Final = Row(
    title="Meters",
    panels=(
        chart(
            "Voltage",
            "Of each meter and phase. The total of three phases is their mean, "
            "of a split phase their sum.",
            "volt",
            Query(
                measurement="meter",
                what="voltage",
                window=Window.STEP,
                by=("meter", "phase"),
            ),
            width=12,
            fillOpacity=0,
        ),
        chart(
            "Frequency",
            "Of the grid, as each meter measures it.",
            "hertz",
            Query(
                measurement="meter",
                what="frequency",
                window=Window.STEP,
                tags={"phase": "total"},
                by=("meter",),
            ),
            width=12,
            fillOpacity=0,
        ),
    ),
)


def _forwarder(name: str, what: str, window: Window) -> Query:
    return Query(
        measurement="envoy_forwarder",
        what=what,
        window=window,
        name=name,
        color=_QUIET,
        gateway_tag="entry",
    )


_FORWARDER: Final = Row(
    title="Forwarding",
    panels=(
        chart(
            "Waiting to be delivered",
            "Points on Home Assistant's disk that the server has not confirmed yet. "
            "It rises while the server is away, and falls to nearly nothing after.",
            "short",
            _forwarder("Waiting", "backlog", Window.STEP),
            width=12,
        ),
        *(
            stat(
                title,
                description,
                "short",
                _forwarder(title, what, Window.LATEST),
                4,
            )
            for title, description, what in (
                ("Waiting", "Points that wait on Home Assistant's disk.", "backlog"),
                (
                    "Dropped",
                    "Points that were given up for want of room. Should be 0.",
                    "dropped",
                ),
                (
                    "Quarantined",
                    "Points that the server refused one by one. Should be 0.",
                    "quarantined",
                ),
            )
        ),
    ),
)

_BATTERIES: Final = Row(
    title="Battery",
    is_collapsed=True,
    panels=(
        Panel(
            kind="gauge",
            title="Level",
            description="How full all batteries together are.",
            unit="percent",
            queries=(total("battery", "Level", Window.LATEST, _BATTERY, "level"),),
            width=6,
            time_from=SOON,
            defaults={"min": 0, "max": 100},
            options={"reduceOptions": LAST, "showThresholdMarkers": False},
        ),
        chart(
            "Level of each battery",
            "Every IQ Battery by its serial number.",
            "percent",
            Query(
                measurement="iq_battery",
                what="level",
                window=Window.STEP,
                by=("serial",),
            ),
            width=9,
            fillOpacity=0,
        ),
        chart(
            "Charging and discharging",
            "Above zero the battery feeds the house, below zero it is charged.",
            "watt",
            total("battery", "Battery", Window.STEP, _BATTERY, "power"),
            width=9,
        ),
        days(
            "Discharged and charged",
            "What the battery gave, and, downwards, what it took.",
            upwards=total(
                "battery", "Discharged", Window.DAY, _DISCHARGE, "discharge_energy"
            ),
            downwards=total(
                "battery", "Charged", Window.DAY, _BATTERY, "charge_energy"
            ),
            width=24,
        ),
    ),
)

ROWS: Final = (
    _NOW,
    _TODAY,
    _EACH_DAY,
    _INVERTERS,
    _METERS,
    _FORWARDER,
    _BATTERIES,
)
