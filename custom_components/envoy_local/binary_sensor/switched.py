"""Binary sensors of the generator and of the loads on the dry contacts."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass

from ..equipment import ContactUnit, GeneratorUnit
from .description import EnvoyBinarySensorDescription
from .equipment import is_closed

_MINUTE: Final = 60
_HOUR: Final = 3600


def _generator_facts(generator: GeneratorUnit) -> dict[str, object]:
    """Tell how the generator was set up."""
    config = generator.config
    return {
        "generator_type": config.kind,
        "start_method": config.start_method,
        "warm_up_minutes": config.warm_up,
        "cool_down_minutes": config.cool_down,
        "max_current": config.max_current,
        "min_load": config.min_load,
        "charges_batteries": config.charges_batteries,
    }


def _contact_facts(contact: ContactUnit) -> dict[str, object]:
    """Tell what hangs on a contact, and what it goes by."""
    settings = contact.settings
    return {
        "contact": settings.id,
        "load_type": _state(settings.kind),
        "mode": _state(settings.mode),
        "grid_action": _state(settings.grid_action),
        "off_grid_action": _state(settings.off_grid_action),
        "generator_action": _state(settings.generator_action),
        "safe_state_action": _state(settings.safe_state_action),
        "low_level": settings.low_level,
        "high_level": settings.high_level,
        "essential_from": _time(settings.essential_from),
        "essential_until": _time(settings.essential_until),
        "priority": settings.priority,
        "overridden": settings.is_overridden,
        "manually_overridden": settings.is_manually_overridden,
    }


def _state(member: StrEnum | None) -> str | None:
    return None if member is None else member.name.lower()


def _time(second: int | None) -> str | None:
    """Return a second of the day as people write it."""
    if second is None:
        return None
    return f"{second // _HOUR:02}:{second % _HOUR // _MINUTE:02}"


GENERATOR_BINARY_SENSORS: Final[
    tuple[EnvoyBinarySensorDescription[GeneratorUnit], ...]
] = (
    EnvoyBinarySensorDescription(
        key="running",
        translation_key="running",
        device_class=BinarySensorDeviceClass.RUNNING,
        value_fn=lambda generator: is_closed(
            generator.state.oper_state if generator.state else None
        ),
        attributes_fn=_generator_facts,
    ),
    EnvoyBinarySensorDescription(
        key="exercising",
        translation_key="exercising",
        value_fn=lambda generator: (
            generator.state.is_exercising if generator.state else None
        ),
    ),
)

CONTACT_BINARY_SENSORS: Final[tuple[EnvoyBinarySensorDescription[ContactUnit], ...]] = (
    EnvoyBinarySensorDescription(
        key="state",
        translation_key="contact",
        value_fn=lambda unit: is_closed(unit.contact.state if unit.contact else None),
        attributes_fn=_contact_facts,
    ),
)
