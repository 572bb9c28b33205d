"""Server-sent events as they come over the wire: cut anywhere.

Every event of the gateway is one line, `data: ` and a JSON object, then an
empty line. Both CRLF and LF were seen.
"""

from __future__ import annotations

from typing import Final

LONGEST_LINE: Final = 64 * 1024
"""Bytes; a frame has about 1500."""
_FIELD: Final = b"data:"


class EventReader:
    """Put lines together from pieces, and pick out those that hold data."""

    def __init__(self) -> None:
        """Start at the beginning of a line."""
        self.dropped = 0
        """How many lines were too long."""
        self._line = bytearray()
        self._is_dropping = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take what arrived; return the data of the lines that it completes."""
        *ends, rest = chunk.split(b"\n")
        lines = [line for end in ends if (line := self._end_line(end)) is not None]
        self._add(rest)
        return [line for line in map(_data, lines) if line]

    def _end_line(self, end: bytes) -> bytes | None:
        """Return a complete line without its end, None where it was too long."""
        self._add(end)
        line, was_dropped = bytes(self._line), self._is_dropping
        self._line.clear()
        self._is_dropping = False
        return None if was_dropped else line.removesuffix(b"\r")

    def _add(self, piece: bytes) -> None:
        if self._is_dropping:
            return
        if len(self._line) + len(piece) > LONGEST_LINE:
            self._is_dropping = True
            self.dropped += 1
            self._line.clear()
        else:
            self._line += piece


def _data(line: bytes) -> bytes | None:
    """Return what a data line holds; None for comments, other fields and blanks."""
    if not line.startswith(_FIELD):
        return None
    return line.removeprefix(_FIELD).removeprefix(b" ")
