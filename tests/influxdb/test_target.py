"""Where lines are posted, by whom, and that secrets stay secret."""

from __future__ import annotations

import pytest

from custom_components.envoy_local.influxdb.target import ServerKind, Target, clean_url

from .conftest import v1

PASSWORD = 'a "secret" pass/word'
TOKEN = "a-secret-token=="


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://192.0.2.7:8086", "http://192.0.2.7:8086"),
        (" https://db.example/influx/ ", "https://db.example/influx"),
        ("influx.local:8086", "http://influx.local:8086"),
        ("http://[fe80::1]:8086/?db=x#y", "http://[fe80::1]:8086"),
    ],
)
def test_an_address_has_one_form(text: str, url: str) -> None:
    assert clean_url(text) == url


@pytest.mark.parametrize(
    "text", ["", "ftp://192.0.2.7", "http://", "http://me:pw@192.0.2.7", "http://x:y"]
)
def test_no_address_and_no_credentials_in_it(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        clean_url(text)

    assert "pw" not in str(refused.value)


def test_a_target_refuses_an_address_with_credentials() -> None:
    with pytest.raises(ValueError, match="belong"):
        v1("http://me:pw@192.0.2.7")


def test_a_token_is_one_line() -> None:
    with pytest.raises(ValueError, match="token") as refused:
        v1("http://192.0.2.7", token="secret\nX-Header: y")

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("target", "url"),
    [
        (
            v1("http://h:8086", retention_policy="a year"),
            "http://h:8086/write?db=solar&rp=a+year&precision=ms",
        ),
        (v1("http://h/below/"), "http://h/below/write?db=solar&precision=ms"),
        (
            Target(kind=ServerKind.V2, url="http://h", organization="o&o", bucket="b"),
            "http://h/api/v2/write?org=o%26o&bucket=b&precision=ms",
        ),
        (
            Target(kind=ServerKind.V3, url="http://h", database="d"),
            "http://h/api/v3/write_lp?db=d&precision=millisecond&accept_partial=true",
        ),
    ],
)
def test_where_lines_are_posted(target: Target, url: str) -> None:
    assert str(target.write_url) == url


@pytest.mark.parametrize(
    ("kind", "secrets", "header"),
    [
        (ServerKind.V1, {}, None),
        (ServerKind.V1, {"username": "me", "password": "pw"}, "Basic bWU6cHc="),
        (ServerKind.V1, {"token": "t"}, "Token t"),
        (ServerKind.V2, {"token": "t"}, "Token t"),
        (ServerKind.V3, {"token": "t"}, "Bearer t"),
    ],
)
def test_who_is_writing(
    kind: ServerKind, secrets: dict[str, str], header: str | None
) -> None:
    target = Target(kind=kind, url="http://h", **secrets)

    assert target.headers.get("Authorization") == header


def test_secrets_are_in_no_text() -> None:
    target = v1("http://h", username="me", password=PASSWORD, token=TOKEN)
    basic = v1("http://h", username="me", password=PASSWORD)
    header = basic.headers["Authorization"].removeprefix("Basic ")
    forms = [PASSWORD, TOKEN, header, 'a \\"secret\\" pass/word']
    quoted = ["a%20%22secret%22%20pass%2Fword", "a-secret-token%3D%3D"]

    said = target.redact(f"no:\n{' '.join(forms + quoted)} x" + "y" * 500)

    assert said.startswith("no: ** ** ** ** ** ** xyy")
    assert len(said) == 200
    assert "secret" not in f"{target!r} {target.write_url}"
