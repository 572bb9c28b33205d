"""Set up core's integration and ours with every recorded gateway, and compare.

scripts/compare_with_core runs this, with the packages that core's integration needs.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
import json
from pathlib import Path
import sys
from typing import Final

from core_document import render
from core_explanations import EXPLANATIONS, Reason
from core_pairs import Pair, counterpart, pairs
from core_replay import DOMAIN, both
from homeassistant import components
from homeassistant.const import __version__ as home_assistant

from tests.captures import FOLDER, all_captures
from tests.integration.equipment_contract.replaying import be_quiet

_ROOT: Final = Path(__file__).parents[2]
PATH: Final = _ROOT / "docs" / "compared-with-core.md"


def requirements() -> list[str]:
    """Return what core's integration needs."""
    manifest = Path(components.__path__[0], DOMAIN, "manifest.json")
    return list(json.loads(manifest.read_text("utf-8"))["requirements"])


def missing() -> Iterator[str]:
    """Yield what has to be there first."""
    if not all_captures():
        yield f"the recorded gateways in {FOLDER}; ENVOY_CAPTURES names another folder"
    for requirement in requirements():
        name, _, wanted = requirement.partition("==")
        try:
            found = version(name)
        except PackageNotFoundError:
            found = ""
        if found != wanted:
            yield f"uv pip install --python {sys.executable} {requirement}"


def complaints(found: Sequence[Pair]) -> Iterator[str]:
    """Yield what nobody has explained, and what explains nothing."""
    used: set[tuple[str, str, Reason]] = set()
    for pair in found:
        reason = pair.reason
        where = f"{pair.kind}, {pair.core.platform}.{pair.core.key}, {pair.site}"
        if pair.is_alike:
            continue
        if reason is None:
            ours = pair.ours.value if pair.ours else counterpart(pair.kind, pair.key)
            yield f"Not explained: {where}: core {pair.core.value}, ours {ours}"
        else:
            used.add((pair.kind, pair.key, reason))
    for kind, keys in EXPLANATIONS.items():
        for key, reasons in keys.items():
            for reason in reasons:
                if (kind, key, reason) not in used:
                    yield f"Explains nothing: {kind}, {key}: {reason.text}"


async def compare(*, is_check: bool) -> None:
    """Compare, complain, and write the page, or look whether it would change."""
    sites = [await both(recording) for recording in all_captures()]
    found = [pair for site in sites for pair in pairs(site)]
    if wrong := list(complaints(found)):
        sys.exit("\n".join(wrong))
    versions = f"Home Assistant {home_assistant} with {', '.join(requirements())}"
    text = render(sites, versions, found)
    if not is_check:
        PATH.write_text(text, "utf-8")
    elif not PATH.is_file() or PATH.read_text("utf-8") != text:
        sys.exit(f"{PATH.relative_to(_ROOT)} is not up to date")


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument(
        "--requirements",
        action="store_true",
        help="print what core's integration needs",
    )
    arguments = parser.parse_args()
    if arguments.requirements:
        print(*requirements())
        return
    if lacking := list(missing()):
        sys.exit("\n".join(["This comparison needs", *lacking]))
    be_quiet()
    asyncio.run(compare(is_check=arguments.check))


if __name__ == "__main__":
    main()
