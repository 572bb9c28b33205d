"""`/ivp/ensemble/generator` and `/ivp/ss/gen_*`."""

from __future__ import annotations

from typing import Final

from ..exceptions import EnvoyResponseError
from ..models.generator import (
    Generator,
    GeneratorCommand,
    GeneratorConfig,
    GeneratorMode,
    GeneratorStart,
)
from .choices import Choices
from .ensemble import switch_state
from .fields import Row, decode_object, flag, identifier, integer, number, text

_STATE: Final = "/ivp/ensemble/generator"
_CONFIG: Final = "/ivp/ss/gen_config"
_MODE: Final = "/ivp/ss/gen_mode"

_CONFIG_KEYS: Final = frozenset(
    {
        "manufacturer",
        "model",
        "gen_type",
        "generator_id",
        "name_plate_rating_wat",
        "max_cont_gen_amps",
        "start_method",
    }
)
_LARGEST_KILOWATTS: Final = 1000
"""No house has a generator of a megawatt: what is above this is in W."""
_WATTS_PER_KILOWATT: Final = 1000


def parse_generator(body: bytes) -> Generator:
    """Read how the generator stands; every site has an answer."""
    row = decode_object(body, _STATE)
    if "oper_state" not in row and "admin_state" not in row:
        raise EnvoyResponseError(f"{_STATE} holds no state")
    choices = Choices(_STATE)
    return Generator(
        admin_state=switch_state(row, "admin_state", choices),
        oper_state=switch_state(row, "oper_state", choices),
        admin_mode=integer(row, "admin_mode"),
        is_present=_bit(row, "present"),
        is_exercising=_bit(row, "exc_on"),
        start_level=_level(row, "start_soc"),
        stop_level=_level(row, "stop_soc"),
        unknown=choices.unknown,
    )


def parse_generator_config(body: bytes) -> GeneratorConfig:
    """Read what the installer entered of a generator; `{}` where there is none."""
    row = decode_object(body, _CONFIG)
    if row and not row.keys() & _CONFIG_KEYS:
        raise EnvoyResponseError(f"{_CONFIG} holds nothing of a generator")
    choices = Choices(_CONFIG)
    return GeneratorConfig(
        manufacturer=text(row, "manufacturer"),
        model=text(row, "model"),
        kind=text(row, "gen_type"),
        serial=identifier(row, "generator_id"),
        rated_power=_rated_power(row),
        max_current=number(row, "max_cont_gen_amps"),
        start_method=choices.read(row, "start_method", GeneratorStart),
        warm_up=number(row, "warm_up_mins"),
        cool_down=number(row, "cool_down_mins"),
        min_load=number(row, "min_gen_loading_perc"),
        charges_batteries=flag(row, "charge_from_generator"),
        unknown=choices.unknown,
    )


def parse_generator_mode(body: bytes) -> GeneratorMode:
    """Read what the generator was told last."""
    row = decode_object(body, _MODE)
    if "gen_cmd" not in row:
        raise EnvoyResponseError(f"{_MODE} holds no command")
    choices = Choices(_MODE)
    command = choices.read(row, "gen_cmd", GeneratorCommand)
    return GeneratorMode(command=command, unknown=choices.unknown)


def _rated_power(row: Row) -> float | None:
    """Return W; the gateway writes kW, whatever the name of the key says."""
    rating = number(row, "name_plate_rating_wat")
    if rating is None or rating <= 0:
        return None
    return rating * _WATTS_PER_KILOWATT if rating < _LARGEST_KILOWATTS else rating


def _bit(row: Row, key: str) -> bool | None:
    """Return a boolean that is written as 0 or 1."""
    value = integer(row, key)
    return bool(value) if value in {0, 1} else flag(row, key)


def _level(row: Row, key: str) -> float | None:
    """Return a percentage; -1 is one that isn't set."""
    value = number(row, key)
    return value if value is not None and value >= 0 else None
