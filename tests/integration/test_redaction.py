"""What must not be shown to strangers, wherever it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pytest

from custom_components.envoy_local.redaction import REDACTED, Redaction, plain
from simulator import TokenIssuer

KNOWN = {"202412345678": "gateway", "482400200001": "inverter 1"}
FINGERPRINT = "0123456789abcdef" * 4
COLONS = ":".join(["AB"] * 32)
TOKEN = TokenIssuer().issue("202412345678")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("202412345678", "gateway"),
        ("sensor.envoy_202412345678_power", "sensor.envoy_gateway_power"),
        ("of 482400200001, not 482400200001", "of inverter 1, not inverter 1"),
        ("482400200099 and 482400200098", "serial 1 and serial 2"),
        ("at 192.0.2.4 and 192.0.2.5", "at address 1 and address 2"),
        ("https://192.0.2.4:8443/info", "https://address 1:8443/info"),
        ("[fe80::1]:443", "[address 1]:443"),
        ("fe80::1%eth0 is down", "address 1 is down"),
        ("2001:db8:0:0:0:0:0:4", "address 1"),
        ("00:1D:C0:12:34:56 again 00:1D:C0:12:34:56", "mac 1 again mac 1"),
        ("00-1d-c0-12-34-56", "mac 1"),
        ("write to me@example.co.uk", "write to e-mail 1"),
        (f"pinned {FINGERPRINT}", f"pinned {REDACTED}"),
        (COLONS, REDACTED),
        pytest.param(f"Bearer {TOKEN}", f"Bearer {REDACTED}", id="token"),
        # What has to stay as it is.
        ("D8.3.5169", "D8.3.5169"),
        ("800-00654-r08", "800-00654-r08"),
        ("12:34:56", "12:34:56"),
        ("US/Central", "US/Central"),
        ("status 503: busy", "status 503: busy"),
        ("999.1.2.3", "999.1.2.3"),
        ("::", "::"),
        ("", ""),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert Redaction(KNOWN).redact(text) == shown


def test_pseudonyms_are_the_same_everywhere() -> None:
    redaction = Redaction(KNOWN)
    data = {
        "482400200001": ["192.0.2.5", "192.0.2.4"],
        "again": {"192.0.2.4": "482400200001", "192.0.2.5": None},
    }

    assert redaction.redact(data) == {
        "inverter 1": ["address 1", "address 2"],
        "again": {"address 2": "inverter 1", "address 1": None},
    }


def test_keys_say_what_is_secret() -> None:
    data = {
        "password": "x",
        "token": "x",
        "fingerprint": "x",
        "username": "installer",
        "host": "envoy.local",
        "role": "installer",
        "nested": [{"password": "y", "access_token": {"role": "owner"}}],
    }

    assert Redaction({}).redact(data) == {
        "password": REDACTED,
        "token": REDACTED,
        "fingerprint": REDACTED,
        "username": "username 1",
        "host": "host 1",
        "role": "installer",
        "nested": [{"password": REDACTED, "access_token": {"role": "owner"}}],
    }


def test_longer_serials_are_replaced_first() -> None:
    redaction = Redaction({"1234": "short", "123456": "long"})

    assert redaction.redact("123456 1234") == "long short"


class Kind(StrEnum):
    METER = "meter"


@dataclass(frozen=True)
class Unit:
    kind: Kind
    numbers: tuple[int, ...]


def test_models_become_plain_data() -> None:
    model = {Kind.METER: Unit(kind=Kind.METER, numbers=(1, 2)), "set": frozenset("ba")}

    assert plain(model) == {
        "meter": {"kind": "meter", "numbers": [1, 2]},
        "set": ["a", "b"],
    }


def test_serial_numbers_that_are_numbers() -> None:
    redaction = Redaction({"482400200001": "inverter 1"})
    data = {"serialNumber": 482400200001, "lastReportDate": 1750000000, "ok": True}
    assert redaction.redact(data) == {
        "serialNumber": "inverter 1",
        "lastReportDate": 1750000000,
        "ok": True,
    }
