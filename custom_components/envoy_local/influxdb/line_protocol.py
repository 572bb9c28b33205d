"""A point as a line of InfluxDB's line protocol, in a form every server reads alike.

Some text has no form that all servers agree on, so it is replaced before it is sent:
control characters and line ends become a space, a backslash in a name or a tag becomes
a slash, a quote in a field's name an apostrophe (VictoriaMetrics takes it for the start
of a text), a hash at the start of a measurement an underscore, half a surrogate pair a
question mark, the name `time` becomes `time_`, and what is too long is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Final

type FieldValue = float | int | bool | str

# A series' whole key may have 65 535 bytes, a line 256 KiB on VictoriaMetrics.
LONGEST_NAME: Final = 255
LONGEST_TEXT: Final = 4096

_INT64: Final = 2**63
_LAST_MILLISECOND: Final = _INT64 // 10**6 - 1

_LINE_ENDS_AND_CONTROLS: Final = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029], " "
)
_TEXT: Final = _LINE_ENDS_AND_CONTROLS | str.maketrans({"\\": "\\\\", '"': '\\"'})
_NAME: Final = _LINE_ENDS_AND_CONTROLS | str.maketrans({"\\": "/"})
_ESCAPED_NAME: Final = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ "})
_ESCAPED_MEASUREMENT: Final = str.maketrans({",": "\\,", " ": "\\ "})


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What is known of one thing at one time, in epoch milliseconds."""

    measurement: str
    tags: Mapping[str, str]
    fields: Mapping[str, FieldValue | None]
    time: int


def encode(point: Point) -> str | None:
    """Return the point's line without its end, None where nothing is left to store.

    What no server can store is left out: None, NaN, infinity, an integer or a time of
    more than 64 bits, a nameless or empty tag, a name's second occurrence.
    """
    series = _series(point.measurement, tuple(point.tags.items()))
    fields = ",".join(_fields(point.fields))
    if not series or not fields or abs(point.time) > _LAST_MILLISECOND:
        return None
    return f"{series} {fields} {point.time}"


def encode_all(points: Iterable[Point]) -> list[str]:
    """Return the lines of these points, without those that have nothing to store."""
    return [line for point in points if (line := encode(point)) is not None]


@lru_cache(maxsize=4096)
def _series(name: str, tags: tuple[tuple[str, str], ...]) -> str:
    """Return measurement and tags, which are the same at every reading."""
    measurement = _measurement(name)
    if not measurement:
        return ""
    written: dict[str, str] = {}
    for tag, value in tags:
        if (key := _name(tag)) and (text := _tag_value(value)):
            written.setdefault(key, text)
    # Servers index a series fastest when its tags arrive in order.
    return measurement + "".join(f",{key}={written[key]}" for key in sorted(written))


def _fields(fields: Mapping[str, FieldValue | None]) -> Iterable[str]:
    written: set[str] = set()
    for name, value in fields.items():
        if value is None:
            continue
        key, text = _field_name(name), _field_value(value)
        if key and key not in written and text is not None:
            written.add(key)
            yield f"{key}={text}"


def _field_value(value: FieldValue) -> str | None:
    match value:
        case float():
            return repr(float(value)) if isfinite(value) else None
        case bool():
            return "true" if value else "false"
        case int():
            return f"{int(value)}i" if -_INT64 <= value < _INT64 else None
        case str():
            return f'"{_storable(value, LONGEST_TEXT).translate(_TEXT)}"'


def _measurement(text: str) -> str:
    name = _storable(text, LONGEST_NAME).translate(_NAME)
    guarded = f"_{name[1:]}" if name.startswith("#") else name
    return guarded.translate(_ESCAPED_MEASUREMENT)


@lru_cache(maxsize=4096)
def _field_name(text: str) -> str:
    return _name(text).replace('"', "'")


def _name(text: str) -> str:
    name = _storable(text, LONGEST_NAME).translate(_NAME)
    # A column of this name is the time itself; a field of this name vanishes.
    guarded = "time_" if name == "time" else name
    return guarded.translate(_ESCAPED_NAME)


def _tag_value(text: str) -> str:
    return _storable(text, LONGEST_NAME).translate(_NAME).translate(_ESCAPED_NAME)


def _storable(text: str, longest: int) -> str:
    return text[:longest].encode("utf-8", "replace").decode("utf-8")
