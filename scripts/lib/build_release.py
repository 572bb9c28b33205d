"""Zip the integration for a release; the manifest has to name its version."""

from __future__ import annotations

import json
from pathlib import Path
import sys
import zipfile

INTEGRATION = Path(__file__).parents[2] / "custom_components" / "envoy_local"
LEFT_OUT = {"__pycache__", ".mypy_cache", ".ruff_cache", ".DS_Store"}


def main(version: str, target: str) -> None:
    """Write the zip; refuse where the manifest and the tag disagree."""
    manifest = json.loads((INTEGRATION / "manifest.json").read_text("utf-8"))
    if manifest["version"] != version:
        sys.exit(f"The manifest says {manifest['version']}, the tag says {version}")
    files = [path for path in sorted(INTEGRATION.rglob("*")) if path.is_file()]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            if not LEFT_OUT & set(path.parts):
                archive.write(path, path.relative_to(INTEGRATION))
    print(f"{target}: {len(archive.namelist())} files, version {version}")


if __name__ == "__main__":
    main(*sys.argv[1:])
