"""The dry contacts of a system controller."""

from __future__ import annotations

import pytest

from custom_components.envoy_local.client.exceptions import EnvoyResponseError
from custom_components.envoy_local.client.models.dry_contacts import (
    ContactAction,
    ContactKind,
    ContactMode,
    DryContact,
    DryContactSettings,
)
from custom_components.envoy_local.client.models.storage import SwitchState
from custom_components.envoy_local.client.payloads.dry_contacts import (
    parse_dry_contact_settings,
    parse_dry_contacts,
)

from .recorded import recorded
from .samples import CONTACT, CONTACT_SETTINGS, DRY_CONTACTS, body

STATES = "/ivp/ensemble/dry_contacts"
SETTINGS = "/ivp/ss/dry_contact_settings"


def settings_of(**values: object) -> DryContactSettings:
    answer = {"dry_contacts": [{**CONTACT, **values}]}
    (contact,) = parse_dry_contact_settings(body(answer)).contacts
    return contact


def test_contacts() -> None:
    assert parse_dry_contacts(body(DRY_CONTACTS)).contacts == (
        DryContact(id="NC1", state=SwitchState.CLOSED),
        DryContact(id="NO1", state=SwitchState.OPEN),
    )


def test_settings() -> None:
    (contact,) = parse_dry_contact_settings(body(CONTACT_SETTINGS)).contacts
    assert contact == DryContactSettings(
        id="NC1",
        kind=ContactKind.LOAD,
        name="Water heater",
        mode=ContactMode.BATTERY_LEVEL,
        grid_action=ContactAction.APPLY,
        off_grid_action=ContactAction.SHED,
        generator_action=ContactAction.SCHEDULE,
        safe_state_action=ContactAction.NOTHING,
        low_level=25,
        high_level=70,
        essential_from=32400,
        essential_until=57600,
        priority=1,
        is_overridden=True,
        is_manually_overridden=False,
        solar_serials=("900000000009",),
    )
    assert contact.is_in_use


def test_a_list_alone_will_do() -> None:
    assert parse_dry_contact_settings(body([CONTACT])) == parse_dry_contact_settings(
        body(CONTACT_SETTINGS)
    )


@pytest.mark.parametrize(
    ("kind", "is_in_use"),
    [("NONE", False), ("none", False), ("PV", True), ("HEAT PUMP", True), (None, True)],
)
def test_a_contact_is_in_use_unless_nothing_hangs_on_it(
    kind: str | None, is_in_use: bool
) -> None:
    assert settings_of(type=kind).is_in_use is is_in_use


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        ("true", True),
        ("True", True),
        ("false", False),
        (True, True),
        (False, False),
        ("maybe", None),
        (1, None),
        (None, None),
    ],
)
def test_flags_are_written_as_texts(wire: object, value: bool | None) -> None:
    assert settings_of(override=wire).is_overridden is value
    assert settings_of(manual_override=wire).is_manually_overridden is value


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"dry_contacts": None},
        {"dry_contacts": {}},
        {"dry_contacts": 0},
        {"dry_contacts": [{"status": "open"}]},
        ["NC1"],
        7,
    ],
)
def test_something_else_holds_no_contacts(answer: object) -> None:
    with pytest.raises(EnvoyResponseError):
        parse_dry_contacts(body(answer))
    with pytest.raises(EnvoyResponseError):
        parse_dry_contact_settings(body(answer))


def test_a_gateway_may_have_no_contacts() -> None:
    assert parse_dry_contacts(b'{"dry_contacts": []}').contacts == ()


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("7.3.517", ["closed", "closed", "closed", "closed"]),
        ("8.1.41", ["closed", "closed", "open", "open"]),
        ("8.3.5167_3rd-pv", ["closed", "open", "open", "open"]),
        ("8.3.5169_with_generator", ["closed", "closed", "closed", "closed"]),
        ("7.6.114_without_cts", ["open", "open", "open", "open"]),  # no controller
    ],
)
def test_recorded_contacts(name: str, states: list[str]) -> None:
    contacts = parse_dry_contacts(recorded(name, STATES)).contacts
    assert [contact.id for contact in contacts] == ["NC1", "NC2", "NO1", "NO2"]
    assert [contact.state for contact in contacts] == states


def test_recorded_loads() -> None:
    first, second, third, fourth = parse_dry_contact_settings(
        recorded("8.1.41", SETTINGS)
    ).contacts
    assert (first.name, first.kind, first.mode) == (
        "Furnace",
        ContactKind.LOAD,
        ContactMode.BATTERY_LEVEL,
    )
    assert (first.low_level, first.high_level) == (30, 40)
    assert (first.essential_from, first.essential_until) == (21600, 82800)
    assert first.is_overridden
    assert second.name == "AC"
    assert [third.is_in_use, fourth.is_in_use] == [False, False]
    assert third.name is None


def test_recorded_actions() -> None:
    first, _, third, _ = parse_dry_contact_settings(
        recorded("7.3.517", SETTINGS)
    ).contacts
    assert (first.name, first.grid_action) == ("NC1 Test", ContactAction.APPLY)
    assert first.off_grid_action is ContactAction.SHED
    assert first.generator_action is ContactAction.SHED
    assert first.safe_state_action is None
    assert first.low_level == 25
    assert (third.name, third.priority) == ("No1", 3)
    assert third.off_grid_action is ContactAction.APPLY


def test_recorded_solar_of_another_make() -> None:
    contacts = parse_dry_contact_settings(recorded("8.3.5167_3rd-pv", SETTINGS))
    first = contacts.contacts[0]
    assert first.kind is ContactKind.OTHER_SOLAR
    assert (first.low_level, first.high_level) == (70, 90)
    assert contacts.unknown == ()


def test_recorded_settings_of_new_firmware() -> None:
    contacts = parse_dry_contact_settings(recorded("8.3.1598_collar", SETTINGS))
    assert {contact.safe_state_action for contact in contacts.contacts} == {
        ContactAction.SHED
    }
    assert not any(contact.is_in_use for contact in contacts.contacts)
