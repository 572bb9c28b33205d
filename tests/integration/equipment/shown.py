"""What Home Assistant shows of a site, by names that no serial number is part of."""

from __future__ import annotations

import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from custom_components.envoy_local.const import DOMAIN

type Shown = dict[str, str]


def labels(hass: HomeAssistant, entry: ConfigEntry[Any]) -> dict[str, str]:
    """Return the devices' identifiers by model and number: `IQ Battery 2`."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    found: dict[str, str] = {}
    counts: dict[str, int] = {}
    by_identifier = {identifier_of(device): device for device in devices}
    for identifier in sorted(by_identifier):
        model = str(by_identifier[identifier].model)
        counts[model] = counts.get(model, 0) + 1
        found[identifier] = f"{model} {counts[model]}"
    return found


def identifier_of(device: Any) -> str:
    """Return what tells a device from all others."""
    identifiers: set[tuple[str, str]] = device.identifiers
    ((domain, identifier),) = identifiers
    assert domain == DOMAIN
    return identifier


def shown(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Shown:
    """Return the state of every enabled entity by `<model> <number>.<key>`."""
    known = labels(hass, entry)
    states = {}
    for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
        state = hass.states.get(entity.entity_id)
        if state is not None:
            states[label_of(hass, known, entity)] = state.state
    return states


def label_of(
    hass: HomeAssistant, known: dict[str, str], entity: er.RegistryEntry
) -> str:
    """Name an entity by its device's model and number, and its key."""
    assert entity.device_id
    device = dr.async_get(hass).async_get(entity.device_id)
    assert device
    identifier = identifier_of(device)
    key = entity.unique_id.removeprefix(f"{identifier}_")
    return f"{known[identifier]}.{key}"


def state_of(hass: HomeAssistant, platform: str, unique_id: str) -> State | None:
    """Return the state of an entity; None where it isn't there, or disabled."""
    entity_id = er.async_get(hass).async_get_entity_id(platform, DOMAIN, unique_id)
    return hass.states.get(entity_id) if entity_id else None


def sensor(hass: HomeAssistant, unique_id: str) -> str | None:
    """Return what a sensor shows; None where there is none."""
    state = state_of(hass, "sensor", unique_id)
    return state.state if state else None


def binary(hass: HomeAssistant, unique_id: str) -> str | None:
    """Return what a binary sensor shows; None where there is none."""
    state = state_of(hass, "binary_sensor", unique_id)
    return state.state if state else None


def device(hass: HomeAssistant, entry: ConfigEntry[Any], identifier: str) -> Any:
    """Return a device of an entry, by its identifier; None where there is none."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    found = (each for each in devices if identifier_of(each) == identifier)
    return next(found, None)


def parent(hass: HomeAssistant, entry: ConfigEntry[Any], identifier: str) -> str:
    """Return the identifier of what a device hangs on."""
    via = dr.async_get(hass).async_get(device(hass, entry, identifier).via_device_id)
    assert via
    return identifier_of(via)


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what Home Assistant or the integration warned of, or worse."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING
        and record.name.startswith(("homeassistant", "custom_components"))
    ]
