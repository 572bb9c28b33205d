"""Fail where a module of the integration is tested less than it has to be.

Takes the JSON reports of one run, or of one at each end of the supported range.
"""

from __future__ import annotations

from functools import reduce
import json
from pathlib import Path
import sys
from typing import Any

FLOOR = 95.0
WHOLE = 100.0
COMPLETE = {"config_flow.py"}
"""The quality scale asks for every line and branch of these."""
BY_VERSION = {"compat.py"}
"""No single version runs all of these: every line has to run at one of the ends."""


def main(*reports: str) -> None:
    """Print every module below its floor and exit accordingly."""
    runs = [_integration(report) for report in reports]
    complaints = [complaint for run in runs for complaint in _too_low(run)]
    if len(runs) > 1:
        complaints += _never_run(runs)
    print(*complaints, sep="\n", end="\n" if complaints else "")
    if complaints:
        sys.exit("The modules above are covered too little")
    print(f"Coverage: {len(runs[0])} modules, all above their floor")


def _integration(report: str) -> dict[Path, dict[str, Any]]:
    files = json.loads(Path(report).read_text("utf-8"))["files"]
    paths = {Path(name): figures for name, figures in files.items()}
    below = "custom_components/envoy_local"
    return {path: f for path, f in paths.items() if path.is_relative_to(below)}


def _too_low(run: dict[Path, dict[str, Any]]) -> list[str]:
    return [
        _complaint(
            path, figures["summary"]["percent_covered"], figures["missing_lines"]
        )
        for path, figures in sorted(run.items())
        if path.name not in BY_VERSION
        and not _is_enough(path, figures["summary"]["percent_covered"])
    ]


def _is_enough(path: Path, percent: float) -> bool:
    return percent == WHOLE if path.name in COMPLETE else percent > FLOOR


def _never_run(runs: list[dict[Path, dict[str, Any]]]) -> list[str]:
    """Complain about lines of version-dependent modules that ran nowhere."""
    complaints = []
    for path in sorted(path for path in runs[0] if path.name in BY_VERSION):
        everywhere = [set(run[path]["missing_lines"]) for run in runs]
        if missing := reduce(set.intersection, everywhere):
            complaints.append(_complaint(path, 0.0, sorted(missing)))
    return complaints


def _complaint(path: Path, percent: float, missing: list[int]) -> str:
    return f"{percent:6.1f} %  {path}  lines {_ranges(missing) or '(branches)'}"


def _ranges(lines: list[int]) -> str:
    """`1, 2, 3, 7` as `1-3, 7`."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    return ", ".join(f"{a}-{b}" if b > a else str(a) for a, b in runs)


if __name__ == "__main__":
    main(*sys.argv[1:])
