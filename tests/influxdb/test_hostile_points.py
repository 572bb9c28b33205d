"""Four thousand points made to break a parser, stored by real servers and read back."""

from __future__ import annotations

from collections.abc import Callable
import math
from random import Random
from typing import Any, Final

import pytest

from custom_components.envoy_local.influxdb.line_protocol import (
    FieldValue,
    Point,
    encode_all,
)

from .conftest import BEGINNING, DATABASE
from .oracle import Row, Value, parse
from .servers import NO_CONTENT, Influxd, Server, VictoriaMetrics

POINTS: Final = 4000
NASTY: Final = (
    *",= \"\\'#%$/;{}()[]<>&?*|~`^@!.:-_+0aZ",
    *"\n\r\t\0\x07\x1b\x7f\x85\xa0\u2028\u2029\ufeff\ud800\udfff",
    *"éß漢😀\u0301\u200b\u202e",
    "\\n",
    "\\,",
    "\\ ",
    '\\"',
    "time",
    "i",
    "true",
    "NaN",
    "DROP",
)
NUMBERS: Final = (0.0, -0.0, 1e300, -1e300, 1e-300, 0.1, 1e16, 123456789.123, -3.98)


def _text(random: Random) -> str:
    return "".join(random.choices(NASTY, k=random.randint(0, 9)))


def _points() -> list[Point]:
    """Return points whose field names begin with their type, so that none conflict."""
    random = Random(20_260_621)
    kinds: dict[str, Callable[[], FieldValue | None]] = {
        "float": lambda: random.choice((*NUMBERS, random.uniform(-1e6, 1e6))),
        "int": lambda: random.choice((0, 2**63 - 1, -(2**63), 2**63, -1)),
        "bool": lambda: random.random() < 0.5,
        "text": lambda: _text(random),
        "lost": lambda: random.choice((None, math.nan, math.inf, -math.inf)),
    }
    names = [_text(random) for _ in range(40)]
    return [
        Point(
            measurement="m" * (n % 2) + random.choice(names) + "m",
            tags={"id": str(n), f"tag {random.choice(names)}": _text(random)},
            fields={
                "float sure": float(n),
                **{
                    f"{kind}{random.choice(names)}": make()
                    for kind, make in kinds.items()
                },
            },
            time=BEGINNING + n,
        )
        for n in range(POINTS)
    ]


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """The points, as they are sent."""
    return encode_all(_points())


def _send(server: Server, lines: list[str]) -> None:
    body = "\n".join(lines)
    status, said = server.ask(
        "/write", method="POST", body=body, db=DATABASE, precision="ms"
    )
    assert (status, said) == (NO_CONTENT, "")


def _known(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stored.items() if value not in {None, ""}}


def test_influxdb_stores_every_point_as_it_was(
    lines: list[str], influxd: Influxd
) -> None:
    assert len(lines) == POINTS
    _send(influxd, lines)

    # Times are unique, so a point is found by its own.
    stored = {
        row.pop("time"): row
        for row in influxd.query("SELECT * FROM /.*/ GROUP BY *", DATABASE)
    }
    sent = [parse(line) for line in lines]
    wrong = [
        row
        for row in sent
        if _known(stored[row.time]) != _known({**row.tags, **row.fields})
    ]
    assert len(stored) == POINTS
    assert wrong == []
    names = {row["name"] for row in influxd.query("SHOW MEASUREMENTS", DATABASE)}
    assert names == {row.measurement for row in sent}


def test_victoria_metrics_stores_every_number(
    lines: list[str], victoria: VictoriaMetrics
) -> None:
    _send(victoria, lines)

    stored = {
        (series["metric"]["__name__"], series["metric"]["id"]): series
        for series in victoria.export('{id!=""}')
    }
    expected = {
        (f"{row.measurement}_{name}", row.tags["id"]): (row, value)
        for row in map(parse, lines)
        for name, value in row.fields.items()
        if value != "NaN"  # as a number: no sample
    }
    assert stored.keys() == expected.keys()
    wrong = [
        (series, row)
        for key, (row, value) in expected.items()
        for series in [stored[key]]
        if not _is_stored(series, row, value)
    ]
    assert wrong == []
    assert victoria.invalid_rows() == 0


def _is_stored(series: dict[str, Any], row: Row, value: Value) -> bool:
    labels = {k: v for k, v in series["metric"].items() if k not in {"__name__", "db"}}
    (number,) = series["values"]
    # A text is its number, else zero; the only digit in these texts is 0, too.
    expected = 0.0 if isinstance(value, str) else float(value)
    return (
        labels == row.tags
        and series["timestamps"] == [row.time]
        and math.isclose(number, expected, rel_tol=1e-12)
    )
