"""The manifest, as Home Assistant's and HACS's own checks want it."""

from __future__ import annotations

import re

from .source import INTEGRATION, read_json

REQUIRED = {
    "codeowners",
    "config_flow",
    "documentation",
    "domain",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "name",
    "version",
}
OPTIONAL = {"after_dependencies", "dependencies", "loggers", "requirements", "zeroconf"}


def test_has_the_keys_that_are_asked_for_and_no_others() -> None:
    keys = set(read_json("manifest.json"))

    assert keys >= REQUIRED
    assert keys <= REQUIRED | OPTIONAL


def test_keys_are_sorted_as_hassfest_sorts_them() -> None:
    keys = list(read_json("manifest.json"))

    assert keys == ["domain", "name", *sorted(set(keys) - {"domain", "name"})]


def test_says_what_the_integration_is() -> None:
    manifest = read_json("manifest.json")

    assert manifest["domain"] == INTEGRATION.name
    assert manifest["config_flow"] is True
    assert manifest["integration_type"] == "hub"
    assert manifest["iot_class"] == "local_polling"
    assert manifest["zeroconf"] == ["_enphase-envoy._tcp.local."]


def test_needs_no_package() -> None:
    assert read_json("manifest.json")["requirements"] == []


def test_version_is_semantic() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(b\d+)?", read_json("manifest.json")["version"])


def test_links_lead_to_the_project() -> None:
    manifest = read_json("manifest.json")

    assert manifest["documentation"].startswith("https://github.com/")
    assert manifest["issue_tracker"] == f"{manifest['documentation']}/issues"
    assert all(owner.startswith("@") for owner in manifest["codeowners"])
