"""Values of the gateway that nobody here knows: a new state, mode or kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MOST_LETTERS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownValue:
    """A value that a field of an answer has, and that we don't know.

    The field itself is None in the model. Two equal ones are the same news, so
    a caller that keeps a set of them says each once.
    """

    endpoint: str
    field: str
    value: str
    """Printable, and cut where it is long."""


def unknown_values(model: object) -> frozenset[UnknownValue]:
    """Return what an answer says that we don't know, from the model of it.

    Answers that are a list of models are looked through.
    """
    found = getattr(model, "unknown", ())
    rows = model if isinstance(model, tuple) else ()
    return frozenset(found).union(*(unknown_values(row) for row in rows))


def printable(value: object) -> str:
    """Return what can stand in a line of the log."""
    if not isinstance(value, str | int | float):
        return f"a {type(value).__name__}"
    letters = value if isinstance(value, str) else repr(value)
    return "".join(c if c.isprintable() else "?" for c in letters[:_MOST_LETTERS])
