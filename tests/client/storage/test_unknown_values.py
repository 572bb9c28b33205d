"""Values that nobody knows: the field is None, and the caller hears of it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from custom_components.envoy_local.client.models.unknown import (
    UnknownValue,
    printable,
    unknown_values,
)
from custom_components.envoy_local.client.payloads.production import parse_production

from ...captures import needs_captures
from .recorded import PATHS, all_recorded, recorded
from .samples import PARSERS, SAMPLES, body

NEW = "Brand New"

ENUMS: list[tuple[str, list[str | int]]] = [
    ("/ivp/ensemble/inventory", [0, "type"]),
    ("/ivp/ensemble/inventory", [0, "devices", 0, "reported_enc_grid_state"]),
    ("/ivp/ensemble/inventory", [1, "devices", 0, "mains_admin_state"]),
    ("/ivp/ensemble/inventory", [1, "devices", 0, "mains_oper_state"]),
    ("/ivp/ensemble/inventory", [1, "devices", 0, "Enpwr_grid_mode"]),
    ("/ivp/ensemble/inventory", [1, "devices", 0, "Enchg_grid_mode"]),
    ("/ivp/ensemble/inventory", [2, "devices", 0, "mid_state"]),
    ("/ivp/ensemble/inventory", [2, "devices", 0, "grid_state"]),
    ("/ivp/ensemble/inventory", [2, "devices", 0, "admin_state_str"]),
    ("/ivp/ensemble/relay", ["mains_admin_state"]),
    ("/ivp/ensemble/relay", ["mains_oper_state"]),
    ("/ivp/ensemble/relay", ["Enchg_grid_mode"]),
    ("/ivp/ensemble/relay", ["Solar_grid_mode"]),
    ("/ivp/ensemble/dry_contacts", ["dry_contacts", 0, "status"]),
    ("/ivp/ss/dry_contact_settings", ["dry_contacts", 0, "type"]),
    ("/ivp/ss/dry_contact_settings", ["dry_contacts", 0, "mode"]),
    ("/ivp/ss/dry_contact_settings", ["dry_contacts", 0, "grid_action"]),
    ("/ivp/ss/dry_contact_settings", ["dry_contacts", 0, "micro_grid_action"]),
    ("/ivp/ss/dry_contact_settings", ["dry_contacts", 0, "gen_action"]),
    ("/ivp/ss/dry_contact_settings", ["dry_contacts", 0, "safe_state_action"]),
    ("/ivp/ensemble/generator", ["admin_state"]),
    ("/ivp/ensemble/generator", ["oper_state"]),
    ("/ivp/ss/gen_config", ["start_method"]),
    ("/ivp/ss/gen_mode", ["gen_cmd"]),
    ("/admin/lib/tariff", ["tariff", "storage_settings", "mode"]),
    ("/admin/lib/tariff", ["tariff", "seasons", 0, "days", 0, "days"]),
    ("/inventory", [1, "type"]),
    ("/inventory", [1, "devices", 0, "charge_status"]),
    ("/inventory", [2, "devices", 0, "relay"]),
    ("/home", ["network", "interfaces", 0, "type"]),
    ("/ivp/pdm/device_data", ["1795162385", "devName"]),
    ("/ivp/meters", [0, "measurementType"]),
    ("/ivp/meters", [0, "meteringStatus"]),
]


def changed(path: str, steps: list[str | int], value: object) -> bytes:
    """Return the sample of an endpoint with one field changed."""
    answer: Any = copy.deepcopy(SAMPLES[path])
    place = answer
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = value
    return body(answer)


@pytest.mark.parametrize(("path", "steps"), ENUMS)
def test_a_new_value_is_named_once(path: str, steps: list[str | int]) -> None:
    model = PARSERS[path](changed(path, steps, NEW))
    news = UnknownValue(endpoint=path, field=str(steps[-1]), value=NEW)
    assert unknown_values(model) == {news}


@pytest.mark.parametrize("value", [7, 1.5, True, [NEW], {NEW: NEW}])
@pytest.mark.parametrize(("path", "steps"), ENUMS)
def test_a_value_of_another_type_does_no_harm(
    path: str, steps: list[str | int], value: object
) -> None:
    model = PARSERS[path](changed(path, steps, value))
    assert {news.field for news in unknown_values(model)} <= {str(steps[-1])}


def test_a_new_flag_of_a_meter() -> None:
    answer = changed("/ivp/meters", [0, "statusFlags"], ["negative-production", NEW])
    news = UnknownValue(endpoint="/ivp/meters", field="statusFlags", value=NEW)
    assert unknown_values(PARSERS["/ivp/meters"](answer)) == {news}


def test_a_new_state_of_a_unit() -> None:
    answer = changed("/inventory", [1, "devices", 0, "admin_state"], 9)
    news = UnknownValue(endpoint="/inventory", field="admin_state", value="9")
    assert unknown_values(PARSERS["/inventory"](answer)) == {news}


@pytest.mark.parametrize("path", SAMPLES)
def test_the_samples_hold_nothing_new(path: str) -> None:
    assert unknown_values(PARSERS[path](body(SAMPLES[path]))) == frozenset()


@pytest.mark.parametrize("word", ["unknown", "Unknown", "", "  "])
def test_what_the_gateway_does_not_know_itself_is_no_news(word: str) -> None:
    answer = changed("/ivp/ensemble/relay", ["mains_oper_state"], word)
    assert unknown_values(PARSERS["/ivp/ensemble/relay"](answer)) == frozenset()


def test_garbage_does_not_fill_the_log() -> None:
    rows = [{"id": "NC1", "status": f"state {n}"} for n in range(1000)]
    model = PARSERS["/ivp/ensemble/dry_contacts"](body({"dry_contacts": rows}))
    assert len(unknown_values(model)) == 20


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\nb\x1b[31m", "a?b?[31m"),
        ("x" * 99, "x" * 40),
        (3, "3"),
        (1.5, "1.5"),
        (True, "True"),
        ([1], "a list"),
        ({}, "a dict"),
        (None, "a NoneType"),
    ],
)
def test_news_fit_into_a_line_of_the_log(value: object, shown: str) -> None:
    assert printable(value) == shown


@pytest.mark.parametrize("model", [None, (), "text", object(), ((), ("x",))])
def test_anything_else_holds_no_news(model: object) -> None:
    assert unknown_values(model) == frozenset()


@needs_captures
@pytest.mark.parametrize(("name", "path"), all_recorded())
def test_recorded_gateways_hold_nothing_new(name: str, path: str) -> None:
    assert unknown_values(PARSERS[PATHS[path]](recorded(name, path))) == frozenset()


@pytest.mark.parametrize(
    ("state", "unknown"),
    [("idle", set()), ("Charging", set()), ("", set()), (NEW, {NEW})],
)
def test_state_of_the_ac_batteries_in_the_report(state: str, unknown: set[str]) -> None:
    block = {"type": "acb", "activeCount": 2, "state": state}
    made = {"type": "inverters", "activeCount": 1}
    content = json.dumps({"production": [made], "storage": [block]}).encode()

    found = unknown_values(parse_production(content))

    assert {value.value for value in found} == unknown
    assert {value.endpoint for value in found} <= {"/production.json"}
