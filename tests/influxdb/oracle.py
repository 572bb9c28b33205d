"""What a line says to somebody else: a parser in C that knows nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# The package has no annotations.
from line_protocol_parser import parse_line  # type: ignore[import-untyped]

type Value = float | int | bool | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line, taken apart."""

    measurement: str
    tags: dict[str, str]
    fields: dict[str, Value]
    time: int

    @property
    def series(self) -> tuple[str, ...]:
        """The measurement and its tags, in the order of their names."""
        return (self.measurement, *(f"{k}={v}" for k, v in sorted(self.tags.items())))


def parse(line: str) -> Row:
    """Take a line apart; `ValueError` where it isn't one."""
    assert line.splitlines() == [line]
    found = parse_line(line)
    return Row(
        measurement=found["measurement"],
        tags=found["tags"],
        fields=found["fields"],
        time=found["time"],
    )


def rows(lines: Iterable[str], measurement: str, **tags: str) -> list[Row]:
    """Return the lines of a measurement that have these tags."""
    found = (parse(line) for line in lines)
    return [
        row
        for row in found
        if row.measurement == measurement and tags.items() <= row.tags.items()
    ]


def row(lines: Iterable[str], measurement: str, **tags: str) -> Row:
    """Return the only such line."""
    (found,) = rows(lines, measurement, **tags)
    return found
