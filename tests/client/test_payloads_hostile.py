"""The parsers are total: any bytes in, a model or one error out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
import json

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.envoy_local.client.exceptions import EnvoyResponseError
from custom_components.envoy_local.client.payloads.ensemble import (
    parse_battery_power,
    parse_inventory,
    parse_storage_summary,
)
from custom_components.envoy_local.client.payloads.home import parse_home
from custom_components.envoy_local.client.payloads.info import parse_info
from custom_components.envoy_local.client.payloads.inverters import (
    parse_device_data,
    parse_inverters,
)
from custom_components.envoy_local.client.payloads.meters import (
    parse_meters,
    parse_readings,
)
from custom_components.envoy_local.client.payloads.production import (
    parse_production,
    parse_production_page,
    parse_v1_production,
)

type Parser = Callable[[bytes], object]

PARSERS: dict[str, Parser] = {
    "/info": parse_info,
    "/home": parse_home,
    "/ivp/meters": parse_meters,
    "/ivp/meters/readings": parse_readings,
    "/api/v1/production": parse_v1_production,
    "/api/v1/production/inverters": parse_inverters,
    "/production": parse_production_page,
    "/production.json": parse_production,
    "/ivp/pdm/device_data": parse_device_data,
    "/ivp/ensemble/inventory": parse_inventory,
    "/ivp/ensemble/power": parse_battery_power,
    "/ivp/ensemble/secctrl": parse_storage_summary,
}


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda values: (
        st.lists(values, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "eid",
                    "state",
                    "measurementType",
                    "channels",
                    "devices",
                    "devices:",
                    "type",
                    "serial_num",
                    "sn",
                    "devName",
                    "lastReading",
                    "lifetime",
                    "production",
                    "consumption",
                    "storage",
                    "network",
                    "interfaces",
                    "agg_soc",
                    "wattsNow",
                    "activeCount",
                    "lines",
                    "phaseCount",
                ]
            ),
            values,
            max_size=6,
        )
    ),
    max_leaves=20,
)


def survives(parse: Parser, body: bytes) -> None:
    """Let nothing out of a parser but its own error."""
    with suppress(EnvoyResponseError):
        parse(body)


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS.keys())
@given(body=st.binary(max_size=200))
def test_any_bytes(parse: Parser, body: bytes) -> None:
    survives(parse, body)


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS.keys())
@settings(max_examples=300)
@given(value=JSON_VALUES)
def test_any_json(parse: Parser, value: object) -> None:
    survives(parse, json.dumps(value).encode())


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS.keys())
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body><h1>401 Authorization Required</h1></body></html>",
        b'{"error": "404 - Not Found"}',
        b"Error: 401",
        b"null",
        b"[" * 5000,
        b'{"a": 1e999}',
    ],
)
def test_what_gateways_answer_instead(parse: Parser, body: bytes) -> None:
    survives(parse, body)


@pytest.mark.parametrize(
    "path",
    [path for path in PARSERS if path not in {"/production", "/info"}],
)
def test_a_page_is_no_answer(path: str) -> None:
    with pytest.raises(EnvoyResponseError):
        PARSERS[path](b"<!DOCTYPE html><html></html>")
