"""The page that compares with core knows the entities that the lists have.

`scripts/compare_with_core` writes it, `python -m tests.integration.equipment_contract`
writes the lists.
"""

from __future__ import annotations

import re

from .source import ROOT

PAGE = ROOT / "docs" / "compared-with-core.md"
LISTS = ROOT / "tests" / "contract" / "entities"

_LISTED = re.compile(r"^(?:binary_)?sensor +(\w+)", re.MULTILINE)
_BESIDE_CORE = re.compile(r"^\| \w+\.`\w+` \| `(\w+)`", re.MULTILINE)
_ALONE = re.compile(r"^\| [^`|]+ \| `(\w+)` \| \d+ \|$", re.MULTILINE)
_PHASE = re.compile(r"_l[123]$")


def _named(page: str) -> set[str]:
    return {*_BESIDE_CORE.findall(page), *_ALONE.findall(page)}


def test_page_and_lists_have_the_same_entities() -> None:
    found = (_LISTED.findall(path.read_text("utf-8")) for path in LISTS.iterdir())
    listed = {_PHASE.sub("", key) for keys in found for key in keys}

    assert _named(PAGE.read_text("utf-8")) == listed


def test_every_difference_is_explained() -> None:
    assert "not explained" not in PAGE.read_text("utf-8")


def test_page_and_lists_have_no_serial_numbers() -> None:
    pages = [PAGE, *LISTS.iterdir()]

    assert [p.name for p in pages if re.search(r"\d{9}", p.read_text("utf-8"))] == []
