"""The encoder, against two others that were written by somebody else."""

from __future__ import annotations

import math
from typing import Final
import unicodedata

from hypothesis import given, strategies as st
from influxdb_client import Point as OtherPoint  # type: ignore[attr-defined] # it lists no names
import pytest

from custom_components.envoy_local.influxdb.line_protocol import (
    LONGEST_NAME,
    LONGEST_TEXT,
    FieldValue,
    Point,
    encode,
    encode_all,
)

from .oracle import Value, parse

NOON: Final = 1_782_068_400_000
REPLACED: Final = {"Cc": " ", "Zl": " ", "Zp": " ", "Cs": "?"}
"""Unicode's control characters, line ends and halves of pairs."""

_ANY_TEXT: Final = st.text(st.characters(codec=None))
_TAGS: Final = st.dictionaries(_ANY_TEXT, _ANY_TEXT, max_size=4)
# Below the normal numbers the parser gives up; InfluxDB and VictoriaMetrics don't.
_FLOATS: Final = st.floats(allow_subnormal=False)
_VALUES: Final = st.one_of(st.none(), _FLOATS, st.integers(), st.booleans(), _ANY_TEXT)
_FIELDS: Final = st.dictionaries(_ANY_TEXT, _VALUES, max_size=4)
_TIMES: Final = st.integers(-9_223_372_036_853, 9_223_372_036_853)


def _point(**changes: object) -> Point:
    fields = {"measurement": "grid", "tags": {}, "fields": {"power": 1.0}, "time": NOON}
    return Point(**{**fields, **changes})  # type: ignore[arg-type] # as it comes


def _line(**changes: object) -> str:
    line = encode(_point(**changes))
    assert line is not None
    return line


def test_a_line_is_what_the_servers_read() -> None:
    point = Point(
        measurement="meter",
        tags={"phase": "l1", "gateway": "202412345678"},
        fields={
            "power": -12.5,
            "count": 5,
            "enabled": True,
            "off": False,
            "state": "a",
        },
        time=NOON,
    )

    assert encode(point) == (
        "meter,gateway=202412345678,phase=l1"
        f' power=-12.5,count=5i,enabled=true,off=false,state="a" {NOON}'
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("two words", "two\\ words"),
        ("a,b", "a\\,b"),
        ("a=b", "a\\=b"),
        ("back\\slash", "back/slash"),
        ("at the end\\", "at\\ the\\ end/"),
        ("line\nend", "line\\ end"),
        ("line\r\nend", "line\\ \\ end"),
        ("a\u2028b\x85c\x00d", "a\\ b\\ c\\ d"),
        ("half \ud83d", "half\\ ?"),
        ("Müller 😀", "Müller\\ 😀"),
    ],
)
def test_tags_are_escaped_or_replaced(text: str, written: str) -> None:
    assert _line(tags={"place": text}) == f"grid,place={written} power=1.0 {NOON}"
    assert _line(tags={text: "here"}) == f"grid,{written}=here power=1.0 {NOON}"
    assert _line(fields={text: 1.0}) == f"grid {written}=1.0 {NOON}"


def test_a_quote_stays_but_in_a_fields_name() -> None:
    assert _line(tags={'"a"': '"b"'}) == f'grid,"a"="b" power=1.0 {NOON}'
    assert _line(fields={'"a"': 1.0}) == f"grid 'a'=1.0 {NOON}"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('"quoted"', '\\"quoted\\"'),
        ("back\\slash", "back\\\\slash"),
        ("a,b=c d", "a,b=c d"),
        ("line\nend", "line end"),
        ("", ""),
        ("half \udc00", "half ?"),
    ],
)
def test_texts_are_quoted(text: str, written: str) -> None:
    assert _line(fields={"state": text}) == f'grid state="{written}" {NOON}'


@pytest.mark.parametrize(
    ("name", "written"),
    [("a=b", "a=b"), ("a, b", "a\\,\\ b"), ("#1", "_1"), ("back\\slash", "back/slash")],
)
def test_a_measurement_is_no_comment(name: str, written: str) -> None:
    assert _line(measurement=name) == f"{written} power=1.0 {NOON}"


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0.0, "0.0"),
        (5, "5i"),
        (-5, "-5i"),
        (2**63 - 1, "9223372036854775807i"),
        (-(2**63), "-9223372036854775808i"),
        (1e300, "1e+300"),
        (1e-7, "1e-07"),
        (0.1 + 0.2, "0.30000000000000004"),
        (True, "true"),
    ],
)
def test_numbers_keep_their_type(number: FieldValue, written: str) -> None:
    assert _line(fields={"power": number}) == f"grid power={written} {NOON}"


@pytest.mark.parametrize(
    "nothing", [None, math.nan, math.inf, -math.inf, 2**63, -(2**63) - 1]
)
def test_what_cannot_be_stored_is_left_out(nothing: FieldValue | None) -> None:
    fields = {"power": nothing, "energy": 5.0}

    assert _line(fields=fields) == f"grid energy=5.0 {NOON}"
    assert encode(_point(fields={"power": nothing})) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"measurement": ""},
        {"fields": {}},
        {"fields": {"": 1.0}},
        {"time": 9_223_372_036_855},
        {"time": -9_223_372_036_855},
    ],
)
def test_a_point_without_a_name_a_field_or_a_time_is_no_line(
    changes: dict[str, object],
) -> None:
    assert encode(_point(**changes)) is None
    assert encode_all([_point(**changes), _point()]) == [f"grid power=1.0 {NOON}"]


def test_nameless_and_empty_tags_are_left_out() -> None:
    tags = {"": "nobody", "place": "", "gateway": "1"}

    assert _line(tags=tags) == f"grid,gateway=1 power=1.0 {NOON}"


def test_the_first_of_two_that_become_the_same_stays() -> None:
    assert _line(tags={"a\\": "1", "a/": "2"}) == f"grid,a/=1 power=1.0 {NOON}"
    assert _line(fields={"a\\": 1.0, "a/": 2.0}) == f"grid a/=1.0 {NOON}"


def test_the_time_has_no_rival() -> None:
    line = _line(tags={"time": "noon"}, fields={"time": 5.0})

    assert line == f"grid,time_=noon time_=5.0 {NOON}"


def test_too_much_is_cut() -> None:
    found = parse(_line(tags={"t" * 999: "v" * 999}, fields={"f": "x" * 99_999}))

    assert found.tags == {"t" * LONGEST_NAME: "v" * LONGEST_NAME}
    assert found.fields == {"f": "x" * LONGEST_TEXT}


def _readable(text: str, longest: int = LONGEST_NAME) -> str:
    return "".join(
        REPLACED.get(unicodedata.category(char), char) for char in text[:longest]
    )


def _name(text: str) -> str:
    return _readable(text).replace("\\", "/")


def _key(text: str) -> str:
    return {"time": "time_"}.get(_name(text), _name(text))


def _known(value: FieldValue | None) -> bool:
    match value:
        case None:
            return False
        case bool() | str():
            return True
        case float():
            return math.isfinite(value)
        case _:
            return -(2**63) <= value <= 2**63 - 1


def _stored(value: FieldValue) -> Value:
    return _readable(value, LONGEST_TEXT) if isinstance(value, str) else value


def _first[ValueT](pairs: list[tuple[str, ValueT]]) -> dict[str, ValueT]:
    return dict(reversed(pairs))


@given(measurement=_ANY_TEXT.filter(bool), tags=_TAGS, fields=_FIELDS, time=_TIMES)
def test_any_point_comes_back(
    measurement: str,
    tags: dict[str, str],
    fields: dict[str, FieldValue | None],
    time: int,
) -> None:
    sure = {"sure": 1.5}
    line = encode(
        Point(measurement=measurement, tags=tags, fields={**fields, **sure}, time=time)
    )

    assert line is not None
    found = parse(line)
    tag_pairs = [(_key(k), _name(v)) for k, v in tags.items() if k and v]
    field_pairs = [
        (_key(k).replace('"', "'"), _stored(v))
        for k, v in {**fields, **sure}.items()
        if k and v is not None and _known(v)
    ]
    expected = _first(field_pairs)
    assert found.time == time
    assert found.measurement == _measurement(measurement)
    assert found.tags == _first(tag_pairs)
    assert found.fields == expected
    assert {name: type(value) for name, value in found.fields.items()} == {
        name: type(value) for name, value in expected.items()
    }


def _measurement(text: str) -> str:
    name = _name(text)
    return "_" + name[1:] if name[0] == "#" else name


_PLAIN_TEXT: Final = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=("Cc", "Zl", "Zp"),
        exclude_characters="\\#",
    ),
    min_size=1,
    max_size=LONGEST_NAME,
).filter(lambda text: text != "time")


@given(
    measurement=_PLAIN_TEXT,
    tags=st.dictionaries(_PLAIN_TEXT, _PLAIN_TEXT, max_size=4),
    fields=st.dictionaries(
        _PLAIN_TEXT,
        st.one_of(
            st.floats(allow_subnormal=False, allow_nan=False, allow_infinity=False),
            st.integers(-(2**63), 2**63 - 1),
            st.booleans(),
            _PLAIN_TEXT,
        ),
        min_size=1,
        max_size=4,
    ),
    time=_TIMES,
)
def test_influxdbs_own_client_says_the_same(
    measurement: str,
    tags: dict[str, str],
    fields: dict[str, FieldValue],
    time: int,
) -> None:
    fields = {name.replace('"', "'"): value for name, value in fields.items()}
    ours = encode(Point(measurement=measurement, tags=tags, fields=fields, time=time))
    theirs = OtherPoint.from_dict(
        {"measurement": measurement, "tags": tags, "fields": fields, "time": time},
    )

    assert ours is not None
    assert parse(ours) == parse(theirs.to_line_protocol())
