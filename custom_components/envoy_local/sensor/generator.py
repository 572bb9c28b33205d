"""Sensors of the generator."""

from __future__ import annotations

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory, UnitOfPower

from ..client.models.generator import GeneratorCommand
from ..client.models.totals import Section
from ..equipment import GeneratorUnit
from . import common
from .description import EnvoySensorDescription

GENERATOR_SENSORS: Final[tuple[EnvoySensorDescription[GeneratorUnit], ...]] = (
    common.one_of(
        "command",
        lambda generator: generator.mode.command if generator.mode else None,
        GeneratorCommand,
        translation_key="generator_command",
        sections=lambda _: frozenset({Section.GENERATOR_MODE}),
    ),
    common.percent(
        "start_level",
        lambda generator: generator.state.start_level if generator.state else None,
        is_diagnostic=True,
    ),
    common.percent(
        "stop_level",
        lambda generator: generator.state.stop_level if generator.state else None,
        is_diagnostic=True,
    ),
    EnvoySensorDescription(
        key="rated_power",
        translation_key="rated_power",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        entity_category=EntityCategory.DIAGNOSTIC,
        suggested_display_precision=0,
        value_fn=lambda generator: generator.config.rated_power,
        sections_fn=lambda _: frozenset({Section.GENERATOR_CONFIG}),
    ),
)
