"""What a token says about itself."""

from __future__ import annotations

from hypothesis import given, strategies as st
import pytest

from custom_components.envoy_local.client.access_token import AccessToken
from custom_components.envoy_local.client.exceptions import (
    TokenExpiredError,
    TokenForeignError,
    TokenInvalidError,
    TokenRefusedError,
)

from .tokens import DAY, NOW, SERIAL, YEAR, part, token_text


def test_claims() -> None:
    token = AccessToken.parse(token_text())

    assert token.serial == SERIAL
    assert token.role == "owner"
    assert (token.issued_at, token.expires_at) == (NOW, NOW + YEAR)
    assert token.lifetime == YEAR
    assert token.text == token_text()


@pytest.mark.parametrize(
    "around",
    ["{}", "  {}\n", '"{}"', "'{}'\r\n", "\ufeff{}", "\u201c{}\u201d", "`{}`"],
)
def test_what_comes_along_with_a_pasted_token_is_stripped(around: str) -> None:
    assert AccessToken.parse(around.format(token_text())).text == token_text()


def test_bytes_of_the_cloud_are_read_too() -> None:
    assert AccessToken.parse(token_text().encode()).serial == SERIAL


def test_an_audience_may_be_a_list() -> None:
    assert AccessToken.parse(token_text(aud=["", 7, SERIAL])).serial == SERIAL


@pytest.mark.parametrize(
    ("role", "kept"), [("installer", "installer"), ("wizard", None), (7, None)]
)
def test_only_known_roles_are_kept(role: object, kept: str | None) -> None:
    assert AccessToken.parse(token_text(enphaseUser=role)).role == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "<html><body>Sign in</body></html>",
        token_text() + ".x",
        token_text([1, 2]),
        token_text("text"),
        token_text(aud=None),
        token_text(aud=""),
        token_text(aud=[]),
        token_text(aud={"sn": SERIAL}),
        token_text(exp=None),
        token_text(exp="2027"),
        token_text(exp=True),
        token_text(exp=float("nan")),
        token_text(exp=float("inf")),
        token_text(exp=-1),
        token_text(exp=10**30),
        token_text(iat=None),
        token_text(enphaseUser="x" * 20_000),
        f"{part(b'[' * 3000)}.{part(b'[' * 3000)}.c2ln",
        f"{part({'alg': 'ES256'})}.{part(b'[' * 3000)}.c2ln",
        f"{part(['alg'])}.{part({})}.c2ln",
        f"{part({'alg': 'ES256'})}.{part(bytes([255, 254]))}.c2ln",
    ],
)
def test_anything_else_is_no_token(text: str) -> None:
    with pytest.raises(TokenInvalidError) as error:
        AccessToken.parse(text)

    assert error.value.__cause__ is None
    assert len(str(error.value)) < 100


@given(st.one_of(st.text(), st.binary()))
def test_any_input_is_no_token(garbage: str | bytes) -> None:
    with pytest.raises(TokenInvalidError):
        AccessToken.parse(garbage)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["aud", "exp", "iat", "nbf", "sub", "jti", "iss"]),
                inner,
                max_size=5,
            )
        ),
        max_leaves=8,
    )
)
def test_any_claims_are_a_token_or_invalid(claims: object) -> None:
    try:
        token = AccessToken.parse(token_text(claims if claims is not None else []))
    except TokenInvalidError:
        return
    assert token.serial
    assert token.renewal_due(token.expires_at)


@pytest.mark.parametrize(
    ("lifetime", "left", "due"),
    [
        (YEAR, 31 * DAY, False),
        (YEAR, 29 * DAY, True),
        (YEAR, -1, True),
        (12 * 3600, 4 * 3600, False),
        (12 * 3600, 2 * 3600, True),
    ],
)
def test_renewal_is_due_early(*, lifetime: int, left: int, due: bool) -> None:
    token = AccessToken.parse(token_text(exp=NOW + lifetime))

    assert token.renewal_due(NOW + lifetime - left) is due


def test_check_says_whose_and_when() -> None:
    token = AccessToken.parse(token_text())

    token.check(SERIAL, NOW)
    with pytest.raises(TokenForeignError, match="another gateway"):
        token.check("202439990002", NOW)
    with pytest.raises(TokenExpiredError, match="expired"):
        token.check(SERIAL, NOW + YEAR)
    assert not token.is_expired(NOW + YEAR - 1)
    assert token.is_expired(NOW + YEAR)


def test_all_of_them_are_refusals() -> None:
    for kind in (TokenExpiredError, TokenForeignError, TokenInvalidError):
        assert issubclass(kind, TokenRefusedError)


def test_the_text_stays_out_of_every_other_text() -> None:
    token = AccessToken.parse(token_text())

    for text in (repr(token), str(token), f"{token}", repr([token])):
        assert token.text not in text
        assert token.text.split(".")[2] not in text
