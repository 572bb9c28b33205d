"""Writes `docs/influxdb-schema.md` from the names that the code writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from custom_components.envoy_local.influxdb.field import GATEWAY_TAG
from custom_components.envoy_local.influxdb.seed import FIELD_TYPES, TAGS
from custom_components.envoy_local.influxdb.standard_fields import GROUPS

PATH: Final = "docs/influxdb-schema.md"

_INTRODUCTION: Final = """\
# What is written to InfluxDB

Two schemas, alone or both at once into the same database. Each point is written once,
with the time it was true: a meter's own timestamp where it is within five minutes of
the moment it was read, an inverter's last report, else the moment of the reading. Where
the gateway's clock is wrong by more than a day, the times of its reports are put right.

What the gateway doesn't report, and energies that are being checked, are left out;
nothing is filled up with zeros.

Tags of your own (*extra tags* in the options) stand at every point. They can't have the
name of a tag or a field below.

## `standard`

One measurement for each kind of thing, its id as a tag. All numbers are floats, states
are texts or booleans. The tag `gateway` is the gateway's serial number; `phase` is
`total`, `l1`, `l2` or `l3`. The energies of `production`, `consumption`, `grid`,
`battery` and `inverter` are the ones that Home Assistant shows: they never fall and
never jump.

With live power switched on, `power` of `production`, `consumption`, `grid` and
`battery` comes more often, at the pace of that option, each with the time it arrived.
"""

_NOTES: Final = {
    "production": "What the site produces, and each of its phases.",
    "consumption": "What the house uses.",
    "grid": "What passes the grid connection.",
    "battery": "All batteries of the site together.",
    "meter": (
        "The meters (CTs). `meter` is `production`, `net_consumption`,"
        " `total_consumption`, `storage`, `backfeed`, `load`, `evse` or `pv3p`. The"
        " energies of `net_consumption` and `storage`, and what `production` delivered,"
        " are the gateway's own counters; their checked ones are in `grid`, `battery`"
        " and `production`. All other energies are the ones that Home Assistant shows:"
        " they never fall and never jump. On the grid meter (`net_consumption`)"
        " delivered is import, on the storage meter it is discharge. The voltage of"
        " three phases is the mean of those that are connected, of a split phase their"
        " sum."
    ),
    "inverter": (
        "One series for each inverter, at the time of its own report; every 5 to 15"
        " minutes by day. `inverter` is its serial number."
    ),
    "ac_battery": (
        "AC Batteries (the first generation), at the time of their report; from"
        " `inventory_level` on at the time of reading. Gateways without the details of"
        " their units (`/ivp/pdm/device_data`) don't say which way the power goes, and"
        " have no `power` here."
    ),
    "iq_battery": (
        "IQ Batteries. `inventory_level` is the level of another list of the gateway,"
        " which can be hours behind `level`."
    ),
    "system_controller": "The switch between grid and house.",
    "collar": "A meter collar.",
    "combiner_controller": "The controller of an IQ Combiner.",
    "rgm": "A revenue grade meter.",
    "storage": (
        "The state of all batteries together, as the gateway says it, and how they are"
        " set up to be used. `level` and `capacity` count IQ Batteries and AC Batteries"
        " together; `battery_…`, `available_energy`, `reserve_energy` and"
        " `state_of_health` are of the IQ Batteries alone."
    ),
    "relay": "IQ Relays. `state` is `open` or `closed`.",
    "grid_connection": (
        "Only where something could cut the house off the grid. `state` is `on_grid`,"
        " `off_grid` or `generator`."
    ),
    "generator": "Only where one is set up.",
    "dry_contact": (
        "The contacts of a system controller that something hangs on. `contact` is"
        " `NC1`, `NC2`, `NO1` or `NO2`."
    ),
    "tariff": (
        "The prices that the gateway was told. `import_price` and `export_price` are"
        " those of the moment, as the entities show them: by the clock of the gateway's"
        " time zone, of Home Assistant's until that is known. They come every quarter"
        " of an hour, at which prices change."
    ),
    "gateway_report": (
        "The sums that the gateway keeps by itself, unchecked: some are frozen, wrong"
        " or cut. `source` is `summary` (`/api/v1/production`), `page` (the HTML page"
        " of the oldest gateways), or a block of `/production.json`: `inverters`,"
        " `production`, `total_consumption`, `net_consumption`, `ac_batteries`."
    ),
    "gateway": "The gateway itself.",
    "network": "Its ways to the network.",
}

_SEED: Final = """
## `enphaseLocalToInfluxDB`

The names and types of the program of that name, so that its database and dashboards
simply go on. The types matter: a server refuses a field whose type has changed. The tag
`serial` is the gateway's serial number, `inverter` the last five characters of an
inverter's.

- `production`, `type=eim` is the production meter, `type=inverters` the sum of the
  inverters, whose `WhToday` and `WhLastSevenDays` are always 0.
- `consumption`, `type=total-consumption` is what the house uses, without the charging
  of a battery. `type=net-consumption` is import less export; its `WhToday` and
  `WhLastSevenDays` are always 0.
- Whole numbers are cut, not rounded.
- `WhToday` begins at midnight of Home Assistant's time zone.
- Two inverters whose serial numbers end alike share a series.
"""


def _tables() -> Iterator[str]:
    merged: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {}
    for group in GROUPS:
        _, fields = merged.setdefault(group.measurement, (group.tags, {}))
        for field in group.fields:
            fields.setdefault(field.name, field.unit)
    for measurement, (tags, fields) in merged.items():
        yield f"\n### `{measurement}`\n"
        yield f"{_NOTES[measurement]}\n"
        yield f"Tags: {_listed((GATEWAY_TAG, *tags))}\n"
        yield "| Field | Unit |\n| --- | --- |"
        yield from (f"| `{name}` | {unit} |" for name, unit in fields.items())


def _seed_tables() -> Iterator[str]:
    for measurement, types in FIELD_TYPES.items():
        yield f"\n### `{measurement}` (`enphaseLocalToInfluxDB`)\n"
        yield f"Tags: {_listed(TAGS[measurement])}\n"
        yield "| Field | Type |\n| --- | --- |"
        yield from (
            f"| `{name}` | {'integer' if kind is int else 'float'} |"
            for name, kind in types.items()
        )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def render() -> str:
    """Return the page."""
    parts = [_INTRODUCTION.rstrip(), *_tables(), _SEED.rstrip(), *_seed_tables()]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    Path(__file__).parents[2].joinpath(PATH).write_text(render(), "utf-8")
