"""Prints what Home Assistant would install at the demo's first start.

Installed beforehand, the demo starts quickly and without the internet.
"""

from __future__ import annotations

from collections.abc import Iterable
import json
from pathlib import Path
from typing import Any

from homeassistant import bootstrap, components

from .configuration import DEFAULT_INTEGRATIONS, INTEGRATIONS


def _manifest(domain: str) -> dict[str, Any]:
    path = Path(components.__path__[0], domain, "manifest.json")
    manifest = json.loads(path.read_text("utf-8"))
    return dict(manifest)


def requirements(domains: Iterable[str]) -> set[str]:
    """Pins of these integrations and of all that they depend on."""
    seen: set[str] = set()
    pins: set[str] = set()
    todo = list(domains)
    while todo:
        domain = todo.pop()
        if domain not in seen:
            seen.add(domain)
            manifest = _manifest(domain)
            pins.update(manifest.get("requirements", ()))
            todo += manifest.get("dependencies", ())
    return pins


if __name__ == "__main__":
    kept = DEFAULT_INTEGRATIONS & bootstrap.DEFAULT_INTEGRATIONS
    print(*sorted(requirements(kept.union(INTEGRATIONS))))
