"""The generator of a site, where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .storage import SwitchState
from .unknown import UnknownValue


class GeneratorStart(StrEnum):
    """How a generator starts."""

    AUTO = "auto"
    MANUAL = "manual"


class GeneratorCommand(StrEnum):
    """What the generator was told."""

    ON = "on"
    OFF = "off"
    AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """`/ivp/ensemble/generator`: how the generator and its relay stand.

    Answers on every site. `is_present` is true on firmware 7 without any
    generator: only a configuration says that there is one.
    """

    admin_state: SwitchState | None
    """What the generator's relay was told."""
    oper_state: SwitchState | None
    """How the relay stands: closed while the generator feeds the house."""
    admin_mode: int | None
    """2 with a generator, running or not; 0 without. More isn't known of it."""
    is_present: bool | None
    is_exercising: bool | None
    """Whether it runs for the exercise only."""
    start_level: float | None
    """Percent of the batteries below which it starts."""
    stop_level: float | None
    """Percent of the batteries above which it stops."""
    unknown: tuple[UnknownValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorConfig:
    """`/ivp/ss/gen_config`: empty on a site without a generator."""

    manufacturer: str | None
    model: str | None
    kind: str | None
    """E.g. `Standby`."""
    serial: str | None
    """The generator's id, as the installer entered it."""
    rated_power: float | None
    """W."""
    max_current: float | None
    """A, continuous."""
    start_method: GeneratorStart | None
    warm_up: float | None
    """Minutes."""
    cool_down: float | None
    """Minutes."""
    min_load: float | None
    """Percent of the rated power."""
    charges_batteries: bool | None
    unknown: tuple[UnknownValue, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is a generator."""
        facts = (self.manufacturer, self.model, self.kind, self.serial)
        return any(facts) or self.rated_power is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorMode:
    """`/ivp/ss/gen_mode`: the last command."""

    command: GeneratorCommand | None
    unknown: tuple[UnknownValue, ...] = ()
