"""HTTP Digest, against worked examples and against a verifier of its own."""

from __future__ import annotations

from hypothesis import given, strategies as st
import pytest

from custom_components.envoy_local.client.credentials import Credentials
from custom_components.envoy_local.client.digest import DigestAuth, DigestChallenge
from simulator.digest import DigestGuard

MUFASA = Credentials(username="Mufasa", password="Circle of Life")
ENVOY = Credentials(username="envoy", password="012167")


def _challenge(header: str) -> DigestChallenge:
    challenge = DigestChallenge.parse(header)
    assert challenge is not None
    return challenge


def test_example_of_rfc_7616() -> None:
    auth = DigestAuth(
        credentials=MUFASA,
        challenge=_challenge(
            'Digest realm="http-auth@example.org", qop="auth, auth-int", '
            'algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
            'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
        ),
        make_cnonce=lambda: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )

    header = auth.header("GET", "/dir/index.html")

    assert 'response="8ca523f5e9506fed4657c9700eebdbec"' in header
    assert "qop=auth," in header
    assert "nc=00000001" in header
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in header
    assert 'uri="/dir/index.html"' in header
    assert "algorithm=MD5" in header
    assert "Circle of Life" not in header


def test_older_form_without_qop() -> None:
    auth = DigestAuth(
        credentials=Credentials(username="Mufasa", password="Circle Of Life"),
        challenge=_challenge(
            'Digest realm="testrealm@host.com", '
            'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
        ),
    )

    header = auth.header("GET", "/dir/index.html")

    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in header
    assert "qop" not in header
    assert "cnonce" not in header
    assert "algorithm" not in header


def test_a_nonce_is_counted_and_the_answer_differs_each_time() -> None:
    guard = DigestGuard({"envoy": "012167"})
    auth = DigestAuth(credentials=ENVOY, challenge=_challenge(guard.challenge()))

    headers = [auth.header("GET", "/api/v1/production") for _ in range(3)]

    counts = ["nc=00000001", "nc=00000002", "nc=00000003"]
    assert all(nc in header for nc, header in zip(counts, headers, strict=True))
    assert len(set(headers)) == 3
    assert all(guard.accepts("GET", header) for header in headers)


def test_a_wrong_password_is_not_accepted() -> None:
    guard = DigestGuard({"envoy": "012167"})
    wrong = Credentials(username="envoy", password="other")

    auth = DigestAuth(credentials=wrong, challenge=_challenge(guard.challenge()))

    assert not guard.accepts("GET", auth.header("GET", "/api/v1/production"))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic realm=x",
        'Bearer realm="x", nonce="y"',
        'Digest realm="x"',
        'Digest realm="x", nonce="y", algorithm=SHA-256',
        'Digest realm="x", nonce="y", algorithm=MD5-sess',
        'Digest realm="x", nonce="y", qop="auth-int"',
    ],
)
def test_what_cannot_be_answered(header: str) -> None:
    assert DigestChallenge.parse(header) is None


def test_a_challenge_in_any_spelling() -> None:
    challenge = _challenge(
        'Basic realm="y",digest REALM="a \\"b\\"" , NONCE = abc,QOP=auth,'
        "Algorithm=md5,stale=TRUE"
    )

    assert challenge.realm == 'a "b"'
    assert challenge.nonce == "abc"
    assert challenge.with_qop
    auth = DigestAuth(credentials=ENVOY, challenge=challenge)
    assert 'realm="a \\"b\\""' in auth.header("GET", "/")


@given(st.text(), st.text())
def test_any_challenge_gives_a_header_that_can_be_sent(realm: str, nonce: str) -> None:
    challenge = DigestChallenge.parse(f'Digest realm="{realm}", nonce="{nonce}"')
    header = (
        DigestAuth(credentials=ENVOY, challenge=challenge).header("GET", "/")
        if challenge
        else ""
    )

    assert header.isprintable()
