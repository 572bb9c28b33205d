"""What people type as an address."""

from __future__ import annotations

from hypothesis import given, strategies as st
import pytest

from custom_components.envoy_local.client.address import GatewayAddress


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("192.0.2.4", "192.0.2.4"),
        (" 192.0.2.4:8443 ", "192.0.2.4:8443"),
        ("envoy.local", "envoy.local"),
        ("Envoy.Local.", "envoy.local"),
        ("envoy", "envoy"),
        ("envoy.local/", "envoy.local"),
        ("envoy_2.lan:443", "envoy_2.lan:443"),
        ("https://envoy.local/home", "envoy.local"),
        ("HTTPS://envoy.local:8443/home?x=1#top", "envoy.local:8443"),
        ("http://192.0.2.4", "192.0.2.4"),
        ("[fe80::1]", "[fe80::1]"),
        ("[fe80::1]:8443", "[fe80::1]:8443"),
        ("fe80::1", "[fe80::1]"),
        ("FE80:0:0:0:0:0:0:1", "[fe80::1]"),
        ("fe80::1%eth0", "[fe80::1%eth0]"),
        ("[fe80::1%25eth0]:443", "[fe80::1%eth0]:443"),
        ("https://[fe80::1%251]/home", "[fe80::1%1]"),
        ("fe80::1%251", "[fe80::1%251]"),
        ("https://[2001:db8::4]/home", "[2001:db8::4]"),
    ],
)
def test_typed_becomes_canonical(typed: str, stored: str) -> None:
    address = GatewayAddress.parse(typed)

    assert address.text == stored
    assert str(address) == address.text
    assert GatewayAddress.parse(address.text) == address


@pytest.mark.parametrize(
    ("typed", "what_is_wrong"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("https://", "empty"),
        (".", "empty"),
        ("192.0.2", "four numbers"),
        ("192.0.2.256", "four numbers"),
        ("1234", "four numbers"),
        ("en voy", "neither a host name nor an IP address"),
        ("envoy..local", "neither a host name nor an IP address"),
        ("-envoy", "neither a host name nor an IP address"),
        ("a" * 64, "neither a host name nor an IP address"),
        (".".join(["abcdefgh"] * 30), "neither a host name nor an IP address"),
        ("ënvoy.local", "neither a host name nor an IP address"),
        ("192.0.2.4:", "port"),
        ("192.0.2.4:0", "port"),
        ("192.0.2.4:65536", "port"),
        ("192.0.2.4:https", "port"),
        ("192.0.2.4:" + "9" * 5000, "port"),
        ("[fe80::1]:x", "port"),
        ("[fe80::1", "IPv6"),
        ("fe80::1::2", "IPv6"),
        ("[]", "empty"),
        ("fe80::1%", "network interface"),
        ("fe80::1%e th", "network interface"),
        ("ftp://envoy.local", "https://"),
        ("https://me:secret@envoy.local", "user name"),
    ],
)
def test_the_sentence_says_what_is_wrong(typed: str, what_is_wrong: str) -> None:
    with pytest.raises(ValueError, match=what_is_wrong) as error:
        GatewayAddress.parse(typed)

    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("192.0.2.4", "https://192.0.2.4/production.json?details=1"),
        ("envoy.local:8443", "https://envoy.local:8443/production.json?details=1"),
        ("fe80::1", "https://[fe80::1]/production.json?details=1"),
        ("[::1]:8443", "https://[::1]:8443/production.json?details=1"),
    ],
)
def test_url_of_a_path_with_a_query(typed: str, url: str) -> None:
    address = GatewayAddress.parse(typed)

    assert str(address.url("/production.json?details=1")) == url
    assert address.with_scheme("http").url("/info").scheme == "http"
    assert address.with_scheme("http").with_scheme("https") == address


def test_url_keeps_the_zone_of_a_link_local_address() -> None:
    url = GatewayAddress.parse("fe80::1%eth0").url("/info")

    assert url.host == "fe80::1%eth0"
    assert url.path_qs == "/info"


@given(st.text(alphabet="0123456789abcfe:.[]%/@ -é") | st.text())
def test_any_text_is_an_address_or_a_value_error(typed: str) -> None:
    try:
        address = GatewayAddress.parse(typed)
    except ValueError:
        return
    assert GatewayAddress.parse(address.text) == address
    assert address.url("/info").path == "/info"
