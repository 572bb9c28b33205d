"""What the gateway says of itself: its network, the cloud, its meters."""

from __future__ import annotations

import pytest

from custom_components.envoy_local.client.models.gateway import InterfaceKind
from custom_components.envoy_local.client.models.meters import Meter
from custom_components.envoy_local.client.payloads.home import parse_home
from custom_components.envoy_local.client.payloads.meters import parse_meters

from .gateway_samples import HOME, METERS
from .recorded import recorded
from .samples import body


def meter(status: object, flags: object) -> Meter:
    row = {"eid": 1, "meteringStatus": status, "statusFlags": flags}
    (found,) = parse_meters(body([row]))
    return found


def test_home() -> None:
    home = parse_home(body(HOME))
    assert home.timezone == "Europe/Berlin"
    assert home.last_cloud_report == 1760000900
    assert home.reaches_cloud
    assert home.has_reported
    assert home.tariff == "time_of_use"
    assert [way.medium for way in home.interfaces] == [
        InterfaceKind.CELLULAR,
        InterfaceKind.ETHERNET,
        InterfaceKind.WIFI,
    ]
    assert [way.signal for way in home.interfaces] == [100, None, 80]
    assert home.primary is home.interfaces[2]
    assert home.primary.status == "connected"
    assert home.primary.is_configured


@pytest.mark.parametrize(
    ("strength", "best", "signal"),
    [
        (0, 5, 0),
        (5, 5, 100),
        (0, 0, None),
        (7, 5, None),
        (-1, 5, None),
        (1, None, None),
    ],
)
def test_signal(strength: int, best: int | None, signal: float | None) -> None:
    row = {"signal_strength": strength, "signal_strength_max": best, "carrier": True}
    home = parse_home(body({"network": {"interfaces": [row]}}))
    assert home.interfaces[0].signal == signal


def test_no_interface_in_use() -> None:
    home = parse_home(b'{"timezone": "UTC"}')
    assert home.primary is None
    assert home.reaches_cloud is None


@pytest.mark.parametrize(
    ("name", "medium", "signal", "reported"),
    [
        ("7.6.175", InterfaceKind.ETHERNET, 100, 1745499043),
        ("8.3.1598_collar", InterfaceKind.WIFI, 80, 1752974593),
        ("8.3.5169_ACB_inventory", InterfaceKind.ETHERNET, 100, 1781991093),
        ("8.3.5169_with_generator", InterfaceKind.ETHERNET, 100, 1785593221),
        ("8.3.5289_modGone", InterfaceKind.ETHERNET, 100, 1777644466),
    ],
)
def test_recorded_networks(
    name: str, medium: InterfaceKind, signal: float, reported: int
) -> None:
    home = parse_home(recorded(name, "/home"))
    assert home.primary
    assert home.primary.medium is medium
    assert home.primary.signal == signal
    assert home.last_cloud_report == reported
    assert home.unknown == ()


def test_recorded_gateway_without_a_way_to_the_cloud() -> None:
    home = parse_home(recorded("8.3.5289_modGone", "/home"))
    assert home.reaches_cloud is False
    assert home.has_reported
    assert home.tariff == "none"


def test_recorded_gateway_of_which_nothing_was_changed_in_secret() -> None:
    home = parse_home(recorded("8.3.1598_collar", "/home"))
    assert [(way.name, way.kind, way.signal) for way in home.interfaces] == [
        ("ppp0", "cellular", pytest.approx(100 * 24 / 31)),
        ("eth0", "ethernet", None),
        ("wlan0", "wifi", 80),
    ]
    assert "1.2.3.4" not in repr(home)
    assert "192.168.5.96" not in repr(home)


@pytest.mark.parametrize(
    ("status", "flags", "problem"),
    [
        ("normal", [], False),
        ("normal", None, False),
        ("normal", ["negative-production"], True),
        ("check-wiring", [], True),
        ("not-metering", [], True),
        (None, ["production-imbalance"], True),
        ("normal", ["brand-new-flag"], True),
        ("brand-new-status", [], None),
        (None, [], None),
    ],
)
def test_a_meter_with_a_problem(
    status: object, flags: object, problem: bool | None
) -> None:
    assert meter(status, flags).has_problem is problem


def test_meters() -> None:
    production, net = parse_meters(body(METERS))
    assert production.status_flags == ("negative-production",)
    assert [production.has_problem, net.has_problem] == [True, True]
    assert production.unknown == ()


def test_recorded_meter_with_a_flag() -> None:
    production, net = parse_meters(
        recorded("7.3.466_metered_disabled_cts", "/ivp/meters")
    )
    assert production.metering_status == "check-wiring"
    assert production.status_flags == ("negative-production",)
    assert production.has_problem
    assert net.has_problem is False


def test_recorded_meters_without_flags() -> None:
    production, net = parse_meters(recorded("4.2.33", "/ivp/meters"))
    assert production.has_problem is False
    assert net.has_problem
    assert net.status_flags == ()
