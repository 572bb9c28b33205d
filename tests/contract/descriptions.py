"""Finds every entity description of the integration, without a gateway."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
import importlib
import pkgutil
from types import ModuleType
from unittest.mock import MagicMock

from homeassistant.const import Platform
from homeassistant.helpers.entity import EntityDescription

from custom_components.envoy_local.binary_sensor import groups as binary_sensor
from custom_components.envoy_local.const import PLATFORMS
from custom_components.envoy_local.sensor import groups as sensor

from .source import PACKAGE


@cache
def descriptions() -> tuple[tuple[str, EntityDescription], ...]:
    """Every description with the platform that it belongs to."""
    found = [
        (str(platform), description)
        for platform in PLATFORMS
        for module in _modules_of(f"{PACKAGE}.{platform}")
        for value in vars(module).values()
        for description in _descriptions_in(value)
    ]
    return (*found, *_of_the_gateway())


def _of_the_gateway() -> Iterator[tuple[str, EntityDescription]]:
    """Yield the entities that are put together for each meter and each phase.

    The entry is a mock: which entities there can be depends on no gateway.
    """
    groups = {
        Platform.SENSOR: sensor.gateway_groups,
        Platform.BINARY_SENSOR: binary_sensor.gateway_groups,
    }
    for platform, groups_of in groups.items():
        for group in groups_of(MagicMock()):
            for description in _descriptions_in(vars(group)):
                yield str(platform), description


def _modules_of(name: str) -> Iterator[ModuleType]:
    module = importlib.import_module(name)
    yield module
    for info in pkgutil.iter_modules(getattr(module, "__path__", ())):
        yield importlib.import_module(f"{name}.{info.name}")


def _descriptions_in(value: object) -> Iterator[EntityDescription]:
    if isinstance(value, EntityDescription):
        yield value
    elif isinstance(value, dict):
        yield from _descriptions_in(tuple(value.values()))
    elif isinstance(value, tuple | list | frozenset | set):
        for item in value:
            yield from _descriptions_in(item)
