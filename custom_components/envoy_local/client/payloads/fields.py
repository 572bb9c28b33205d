"""Read fields of JSON answers: what is missing or of another type is None."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
import math
from typing import Final

import orjson

from ..exceptions import EnvoyNotFoundError, EnvoyResponseError

type Row = Mapping[str, object]

_COMPLAINTS: Final = frozenset({"error", "err"})
_INT32_LIMIT: Final = 2**31
_UINT32_RANGE: Final = 2**32
_LATEST: Final = 10**11
"""Epoch seconds beyond which nothing is a time: milliseconds, or garbage."""


def decode(body: bytes, endpoint: str) -> object:
    """Decode JSON, whatever content type came with it."""
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError as err:
        raise EnvoyResponseError(f"The answer of {endpoint} isn't JSON") from err
    if isinstance(value, dict) and value and value.keys() <= _COMPLAINTS:
        # Some firmware says so with a status of 200, in the words of its 404.
        raise EnvoyNotFoundError(f"The gateway has no {endpoint}")
    return value


def decode_object(body: bytes, endpoint: str) -> Row:
    """Decode an answer that must be a JSON object."""
    value = decode(body, endpoint)
    if not isinstance(value, dict):
        raise EnvoyResponseError(f"The answer of {endpoint} isn't an object")
    return value


def decode_rows(body: bytes, endpoint: str) -> list[Row]:
    """Decode an answer that must be a JSON array; keep the objects in it."""
    value = decode(body, endpoint)
    if not isinstance(value, list):
        raise EnvoyResponseError(f"The answer of {endpoint} isn't a list")
    if value and not rows(value):
        raise EnvoyResponseError(f"The answer of {endpoint} isn't a list of objects")
    return rows(value)


def understood[ModelT](
    parsed: Iterable[ModelT | None], answer: list[Row], endpoint: str
) -> tuple[ModelT, ...]:
    """Return the models; an answer with nothing but unknown rows isn't one."""
    models = tuple(model for model in parsed if model is not None)
    if answer and not models:
        raise EnvoyResponseError(f"The answer of {endpoint} makes no sense")
    return models


def rows(value: object) -> list[Row]:
    """Return the objects of a list, nothing where it isn't one."""
    if not isinstance(value, list):
        return []
    return [row for row in value if isinstance(row, dict)]


def mapping(row: Row, key: str) -> Row:
    """Return a nested object, an empty one where there is none."""
    value = row.get(key)
    return value if isinstance(value, dict) else {}


def number(row: Row, key: str) -> float | None:
    """Return a finite number."""
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    result = float(value)
    # The gateway writes -0.0 where nothing flows; adding zero takes the sign away.
    return result + 0.0 if math.isfinite(result) else None


def scaled(row: Row, key: str, divisor: float) -> float | None:
    """Return a number in another unit: milliwatts to watts, joules to Wh."""
    value = number(row, key)
    return None if value is None else value / divisor


def watts(row: Row, key: str) -> float | None:
    """Return watts, with the sign that some firmware loses.

    Small negative powers come as unsigned 32-bit numbers: 4294967292 is -4.
    """
    value = number(row, key)
    if value is not None and _INT32_LIMIT <= value < _UINT32_RANGE:
        return value - _UINT32_RANGE
    return value


def integer(row: Row, key: str) -> int | None:
    """Return a whole number."""
    value = number(row, key)
    return int(value) if value is not None and value.is_integer() else None


def epoch(row: Row, key: str) -> int | None:
    """Return an epoch second; the gateway writes 0 for "never"."""
    value = integer(row, key)
    return value if value is not None and 0 < value < _LATEST else None


def text(row: Row, key: str) -> str | None:
    """Return a text that isn't blank."""
    value = row.get(key)
    return (value.strip() or None) if isinstance(value, str) else None


def identifier(row: Row, key: str) -> str | None:
    """Return a serial number; some firmware writes it as a number."""
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return str(value)
    return text(row, key)


def flag(row: Row, key: str) -> bool | None:
    """Return a boolean."""
    value = row.get(key)
    return value if isinstance(value, bool) else None


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a list."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(item for item in value if isinstance(item, str))
