"""`hacs.json`, whose unknown keys HACS refuses."""

from __future__ import annotations

import json
from pathlib import Path

from awesomeversion import AwesomeVersion

from .source import INTEGRATION, ROOT

KNOWN = {
    "content_in_root",
    "country",
    "filename",
    "hacs",
    "hide_default_branch",
    "homeassistant",
    "name",
    "persistent_directory",
    "zip_release",
}


def _hacs() -> dict[str, object]:
    content = json.loads((ROOT / "hacs.json").read_text("utf-8"))
    assert isinstance(content, dict)
    return content


def test_keys_are_known_to_hacs() -> None:
    assert set(_hacs()) <= KNOWN


def test_name_is_the_one_of_the_manifest() -> None:
    manifest = json.loads((INTEGRATION / "manifest.json").read_text("utf-8"))

    assert _hacs()["name"] == manifest["name"]


def test_release_is_the_zip_that_the_release_workflow_makes() -> None:
    hacs = _hacs()
    workflow = Path(ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")

    assert hacs["zip_release"] is True
    assert str(hacs["filename"]) in workflow


def test_oldest_home_assistant_is_the_one_that_is_tested() -> None:
    oldest = AwesomeVersion(str(_hacs()["homeassistant"]))
    requirements = (ROOT / "requirements_test.txt").read_text("utf-8")

    assert oldest.section(0) == 2025
    assert f"{oldest.section(0)}.{oldest.section(1)}." in requirements
