"""The dry contacts of a system controller: what they switch, and when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .storage import SwitchState
from .unknown import UnknownValue


class ContactKind(StrEnum):
    """What hangs on a contact."""

    NOTHING = "NONE"
    LOAD = "LOAD"
    SOLAR = "PV"
    OTHER_SOLAR = "3RD-PV"
    """Inverters of another make."""


class ContactMode(StrEnum):
    """What a contact goes by."""

    MANUAL = "manual"
    BATTERY_LEVEL = "soc"


class ContactAction(StrEnum):
    """What happens with a contact in a situation."""

    APPLY = "apply"
    """Powered."""
    SHED = "shed"
    """Not powered."""
    SCHEDULE = "schedule"
    NOTHING = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class DryContact:
    """A row of `/ivp/ensemble/dry_contacts`."""

    id: str
    """`NC1`, `NC2`, `NO1` or `NO2`: the same on every system controller."""
    state: SwitchState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DryContactSettings:
    """A row of `/ivp/ss/dry_contact_settings`."""

    id: str
    kind: ContactKind | None
    name: str | None
    """What the owner calls the load."""
    mode: ContactMode | None
    grid_action: ContactAction | None
    off_grid_action: ContactAction | None
    generator_action: ContactAction | None
    safe_state_action: ContactAction | None
    """From firmware 8.3 on."""
    low_level: float | None
    """Percent of the batteries below which the contact lets go, in battery mode."""
    high_level: float | None
    """Percent of the batteries above which it is back."""
    essential_from: int | None
    """Second of the day."""
    essential_until: int | None
    """Second of the day."""
    priority: int | None
    is_overridden: bool | None
    is_manually_overridden: bool | None
    solar_serials: tuple[str, ...]

    @property
    def is_in_use(self) -> bool:
        """Whether anything hangs on the contact, as far as is known."""
        return self.kind is not ContactKind.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class DryContacts:
    """All contacts, by id. The gateway lists four, with a controller or without."""

    contacts: tuple[DryContact, ...]
    unknown: tuple[UnknownValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DryContactsSetup:
    """The settings of all contacts."""

    contacts: tuple[DryContactSettings, ...]
    unknown: tuple[UnknownValue, ...] = ()
