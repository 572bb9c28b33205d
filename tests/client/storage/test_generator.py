"""The generator, and how to tell that there is one."""

from __future__ import annotations

import pytest

from custom_components.envoy_local.client.exceptions import EnvoyResponseError
from custom_components.envoy_local.client.models.generator import (
    Generator,
    GeneratorCommand,
    GeneratorConfig,
    GeneratorStart,
)
from custom_components.envoy_local.client.models.storage import SwitchState
from custom_components.envoy_local.client.payloads.generator import (
    parse_generator,
    parse_generator_config,
    parse_generator_mode,
)

from .recorded import recorded
from .samples import GEN_CONFIG, GEN_MODE, GENERATOR, Parser, body

STATE = "/ivp/ensemble/generator"
CONFIG = "/ivp/ss/gen_config"


def test_generator() -> None:
    assert parse_generator(body(GENERATOR)) == Generator(
        admin_state=SwitchState.CLOSED,
        oper_state=SwitchState.CLOSED,
        admin_mode=2,
        is_present=True,
        is_exercising=False,
        start_level=30,
        stop_level=None,
    )


def test_config() -> None:
    config = parse_generator_config(body(GEN_CONFIG))
    assert config
    assert config == GeneratorConfig(
        manufacturer="Maker",
        model="X14",
        kind="Standby",
        serial="900000000501",
        rated_power=14000,
        max_current=58,
        start_method=GeneratorStart.AUTO,
        warm_up=4,
        cool_down=6,
        min_load=5,
        charges_batteries=True,
    )


@pytest.mark.parametrize(
    ("rating", "watts"), [(22.0, 22000), (7500, 7500), (0, None), (-1, None)]
)
def test_a_rating_is_in_kilowatts_unless_it_cannot_be(
    rating: float, watts: float | None
) -> None:
    answer = {**GEN_CONFIG, "name_plate_rating_wat": rating}
    assert parse_generator_config(body(answer)).rated_power == watts


@pytest.mark.parametrize(
    ("answer", "exists"),
    [
        ({}, False),
        ({"manufacturer": "Maker"}, True),
        ({"gen_type": "Portable"}, True),
        ({"generator_id": 12}, True),
        ({"name_plate_rating_wat": 5.0}, True),
        ({"manufacturer": "", "start_method": "auto"}, False),
    ],
)
def test_a_generator_exists_by_its_configuration(
    answer: dict[str, object], exists: bool
) -> None:
    assert bool(parse_generator_config(body(answer))) is exists


@pytest.mark.parametrize(
    "parse", [parse_generator, parse_generator_config, parse_generator_mode]
)
def test_something_else_is_no_generator(parse: Parser) -> None:
    with pytest.raises(EnvoyResponseError):
        parse(body({"err": "not found"}))


@pytest.mark.parametrize(("bit", "flag"), [(0, False), (1, True), (2, None)])
def test_a_bit_is_a_flag(bit: int, flag: bool | None) -> None:
    assert parse_generator(body({**GENERATOR, "exc_on": bit})).is_exercising is flag


def test_mode() -> None:
    assert parse_generator_mode(body(GEN_MODE)).command is GeneratorCommand.AUTO


def test_recorded_generator() -> None:
    name = "8.3.5169_with_generator"
    assert parse_generator(recorded(name, STATE)) == Generator(
        admin_state=SwitchState.OPEN,
        oper_state=SwitchState.OPEN,
        admin_mode=2,
        is_present=True,
        is_exercising=False,
        start_level=30,
        stop_level=70,
    )
    assert parse_generator_config(recorded(name, CONFIG)) == GeneratorConfig(
        manufacturer="Generac",
        model="G007042-3, G007043-3 (22kW)",
        kind="Standby",
        serial="3019990001",
        rated_power=22000,
        max_current=60,
        start_method=GeneratorStart.AUTO,
        warm_up=5,
        cool_down=5,
        min_load=5,
        charges_batteries=True,
    )
    mode = parse_generator_mode(recorded(name, "/ivp/ss/gen_mode"))
    assert mode.command is GeneratorCommand.ON


@pytest.mark.parametrize(
    ("name", "is_present"),
    [
        ("7.3.466_with_cts_3phase", True),
        ("7.3.517", True),
        ("7.6.185_with_cts_and_battery_3t", True),
        ("8.2.127_with_3cts_and_battery_split", True),
        ("8.2.4382_ACB", False),
        ("8.3.1598_collar", False),
    ],
)
def test_recorded_sites_without_a_generator(name: str, is_present: bool) -> None:
    generator = parse_generator(recorded(name, STATE))
    assert generator.is_present is is_present
    assert generator.admin_state is None  # "unknown" on the wire
    assert generator.unknown == ()
    assert not parse_generator_config(recorded(name, CONFIG))
