"""A recorded gateway: the bytes of a capture folder, answered as they were recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import re
from typing import Final, Self

from .answers import JSON_TYPE, Answer, firmware_tuple
from .latency import family
from .payloads_live import Frame
from .replay_live import recorded_frame

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
    def load(cls, source: Path | str) -> Self:
        """Read a capture folder, or the file of a diagnostics download.

        Raises OSError, ValueError or KeyError.
        """
        root = Path(source)
        if root.is_file():
            return cls._from_diagnostics(root)
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

    @classmethod
    def _from_diagnostics(cls, file: Path) -> Self:
        """Read what a gateway said, as its owner's diagnostics tell it."""
        download = json.loads(file.read_text(encoding="utf-8"))
        bodies = {
            path: body if isinstance(body, str) else json.dumps(body)
            for path, body in download["data"]["answers"].items()
        }
        entry: dict[str, object] = {"status": 200}
        answers = {
            path: _recorded(path, entry, body.encode()) for path, body in bodies.items()
        }
        return cls(
            serial=_element(bodies["/info"], "sn"),
            firmware=_element(bodies["/info"], "software"),
            part_number=_element(bodies["/info"], "pn"),
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

    def frame(self, now: float) -> Frame | None:
        """Return a frame made of the recorded meters; None where there are none."""
        del now
        return recorded_frame(self.answers)

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


def _element(xml: str, name: str) -> str:
    """Return the text of the first such element; ValueError where there is none."""
    found = re.search(rf"<{name}>\s*([^<]*?)\s*</{name}>", xml)
    if found is None:
        raise ValueError(f"/info has no {name}")
    return found[1]


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
