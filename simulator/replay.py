"""A recorded gateway: the bytes of a capture folder, answered as they were recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Final, Self

from .answers import JSON_TYPE, Answer, firmware_tuple
from .latency import family

# One resource under several names; a recording usually holds one of them.
_ALIASES: Final = {
    "/info.xml": "/info",
    "/home.json": "/home",
    "/inventory.json": "/inventory",
    "/production.json?details=1": "/production.json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A `Site` made of recorded answers."""

    serial: str
    firmware: str
    part_number: str
    answers: Mapping[str, Answer]

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """Read a capture folder; raises OSError, ValueError or KeyError."""
        root = Path(folder)
        index = json.loads((root / "index.json").read_text(encoding="utf-8"))
        answers = {
            path: _recorded(path, entry, (root / entry["file"]).read_bytes())
            for path, entry in index["responses"].items()
        }
        return cls(
            serial=index["serial"],
            firmware=index["firmware"],
            part_number=index.get("part_number", ""),
            answers=answers,
        )

    def answer(
        self, path: str, query: str, *, serial: str, now: float
    ) -> Answer | None:
        """Return the recorded answer; time stands still in a recording."""
        del now
        found = self._find(f"{path}?{query}" if query else path)
        if found is None or serial == self.serial or path not in {"/info", "/info.xml"}:
            return found
        body = found.body.replace(self.serial.encode(), serial.encode())
        return Answer(body=body, content_type=found.content_type)

    def digest_paths(self) -> Mapping[str, Answer]:
        """Return the paths that were recorded with a 401, on firmware below 7."""
        if firmware_tuple(self.firmware) >= (7,):
            return {}
        return {
            path: answer
            for path, answer in self.answers.items()
            if answer.status == 401
        }

    def _find(self, path_qs: str) -> Answer | None:
        if path_qs in self.answers:
            return self.answers[path_qs]
        return self.answers.get(_ALIASES.get(path_qs, ""))


def _recorded(path: str, entry: Mapping[str, object], body: bytes) -> Answer:
    recorded = entry.get("headers")
    pairs = recorded.items() if isinstance(recorded, dict) else ()
    headers = {str(name).lower(): str(value) for name, value in pairs}
    ruby = family(path.partition("?")[0]) == "ruby"
    kind = headers.get("content-type") if headers else _guessed_type(body, ruby=ruby)
    return Answer(
        body=body,
        status=int(str(entry["status"])),
        content_type=kind,
        chunked=headers.get("transfer-encoding") == "chunked",
        close=headers.get("connection") == "close" and ruby,
    )


def _guessed_type(body: bytes, *, ruby: bool) -> str | None:
    start = body.lstrip()[:1]
    if start == b"<":
        return "text/html" if ruby else "text/xml"
    return JSON_TYPE if ruby else None
