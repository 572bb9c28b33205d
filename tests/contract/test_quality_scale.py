"""The quality scale file: all of its rules, and a reason where one isn't met."""

from __future__ import annotations

from homeassistant.util.yaml import load_yaml_dict

from .source import INTEGRATION

BRONZE = """
action-setup appropriate-polling brands common-modules config-flow-test-coverage
config-flow dependency-transparency docs-actions docs-conditions docs-triggers
docs-high-level-description docs-installation-instructions docs-removal-instructions
entity-event-setup entity-unique-id has-entity-name runtime-data test-before-configure
test-before-setup unique-config-entry
"""
SILVER = """
action-exceptions config-entry-unloading docs-configuration-parameters
docs-installation-parameters entity-unavailable integration-owner log-when-unavailable
parallel-updates reauthentication-flow test-coverage
"""
GOLD = """
devices diagnostics discovery-update-info discovery docs-data-update docs-examples
docs-known-limitations docs-supported-devices docs-supported-functions
docs-troubleshooting docs-use-cases dynamic-devices entity-category
entity-device-class entity-disabled-by-default entity-translations
exception-translations icon-translations reconfiguration-flow repair-issues
stale-devices
"""
PLATINUM = "async-dependency inject-websession strict-typing"
RULES = set(f"{BRONZE} {SILVER} {GOLD} {PLATINUM}".split())
NUMBER_OF_RULES = 54


def _rules() -> dict[str, dict[str, str]]:
    """Every rule with `status` and, where there is one, `comment`."""
    rules = load_yaml_dict(str(INTEGRATION / "quality_scale.yaml"))["rules"]
    return {
        rule: {"status": entry} if isinstance(entry, str) else entry
        for rule, entry in rules.items()
    }


def test_names_every_rule() -> None:
    assert len(RULES) == NUMBER_OF_RULES
    assert set(_rules()) == RULES


def test_states_are_known() -> None:
    assert {entry["status"] for entry in _rules().values()} <= {
        "done",
        "todo",
        "exempt",
    }


def test_says_why_a_rule_is_not_met() -> None:
    unmet = {rule: e for rule, e in _rules().items() if e["status"] != "done"}

    assert [rule for rule, entry in unmet.items() if not entry.get("comment")] == []
