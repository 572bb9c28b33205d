"""The storage answers of recorded gateways, parsed."""

from __future__ import annotations

import pytest

from ...captures import all_captures, capture
from .samples import PARSERS

PATHS = {**{path: path for path in PARSERS}, "/inventory.json?deleted=1": "/inventory"}
"""The recorded paths, and the one whose parser reads them."""


def recorded(name: str, path: str) -> bytes:
    """Return a recorded answer; skip the test where the machine doesn't have it."""
    site = capture(name)
    if not (site.folder / "index.json").is_file():
        pytest.skip(f"no recorded gateway {name}: set ENVOY_CAPTURES to their folder")
    answers = site.answers()
    if path not in answers:
        pytest.skip(f"{path} of {name} wasn't recorded")
    return answers[path]


def all_recorded() -> list[tuple[str, str]]:
    """Return gateway and path of every recorded storage answer."""
    return [
        (site.name, path)
        for site in all_captures()
        for path in site.answers()
        if path in PATHS
    ]
