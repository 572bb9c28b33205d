"""The recorded gateways, where the machine has them."""

from __future__ import annotations

from dataclasses import dataclass
import json
import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[2] / "shared" / "captures"
FOLDER = Path(os.environ.get("ENVOY_CAPTURES", _BESIDE))

needs_captures = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="no recorded gateways: set ENVOY_CAPTURES to their folder",
)


@dataclass(frozen=True, slots=True)
class Capture:
    """One recorded gateway."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    def answers(self) -> dict[str, bytes]:
        """Return the good answers by path."""
        index = json.loads((self.folder / "index.json").read_bytes())
        return {
            path: (self.folder / answer["file"]).read_bytes()
            for path, answer in index["responses"].items()
            if answer["status"] == 200
        }


def all_captures() -> list[Capture]:
    """Return the recorded gateways, none where the machine has none."""
    if not FOLDER.is_dir():
        return []
    return [
        Capture(f) for f in sorted(FOLDER.iterdir()) if (f / "index.json").is_file()
    ]


def capture(name: str) -> Capture:
    """Return one of them."""
    return Capture(FOLDER / name)
