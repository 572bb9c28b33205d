"""The ledger's state as plain data; reading it back trusts nothing."""

from __future__ import annotations

from typing import Final

type State = dict[str, object]

_LARGEST: Final = 1e15
"""More than any energy in Wh and any time in seconds."""


class StateError(ValueError):
    """The stored state makes no sense."""


def number(value: object) -> float:
    """Return a stored number; `StateError` where it isn't a sensible one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise StateError("A number is missing")
    if not -_LARGEST <= value <= _LARGEST:
        raise StateError("A number is out of all bounds")
    return float(value)


def numbers(value: object, *, count: int) -> list[float]:
    """Return stored numbers; `StateError` where there aren't as many of them."""
    items = sequence(value)
    if len(items) != count:
        raise StateError("A list of numbers is missing")
    return [number(item) for item in items]


def sequence(value: object) -> list[object]:
    """Return a stored list; `StateError` where it isn't one."""
    if not isinstance(value, list):
        raise StateError("A list is missing")
    return value


def mapping(value: object) -> State:
    """Return a stored mapping; `StateError` where it isn't one."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise StateError("A mapping is missing")
    return value
