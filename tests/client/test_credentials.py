"""The users that every gateway below firmware 7 is made with."""

from __future__ import annotations

import pytest

from custom_components.envoy_local.client.credentials import (
    Credentials,
    installer_password,
    local_credentials,
)


@pytest.mark.parametrize(
    ("serial", "password"),
    [
        ("122112123456", "d525d2jh"),
        ("121621012167", "2eDhg4Ce"),
        ("123456789012", "7edE24ed"),
        ("121426016034", "B285db82"),
        ("121430030548", "34Be4859"),
        ("135046631615", "CBf9hA2g"),
        ("125743718676", "hg2cfCBA"),
        ("752512619104", "DC9jhdeB"),
    ],
)
def test_installer_password(serial: str, password: str) -> None:
    assert installer_password(serial) == password


def test_local_users_of_the_factory() -> None:
    users = list(local_credentials("121621012167", None))

    assert [(user.username, user.password) for user in users] == [
        ("envoy", "012167"),
        ("installer", installer_password("121621012167")),
    ]


def test_what_a_person_gave_comes_first() -> None:
    given = Credentials(username="installer", password="mine")

    assert next(local_credentials("121621012167", given)) == given


def test_a_cloud_account_is_not_shown_to_an_old_gateway() -> None:
    given = Credentials(username="me@example.com", password="mine")

    assert given not in list(local_credentials("121621012167", given))


def test_a_repr_tells_nothing() -> None:
    text = repr(Credentials(username="me@example.com", password="mine"))

    assert "me@example.com" not in text
    assert "mine" not in text
