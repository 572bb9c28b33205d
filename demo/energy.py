"""Fills the energy dashboard with the sensors, as a user would by hand."""

from __future__ import annotations

import asyncio
from typing import Any

from homeassistant.components.energy.data import GridSourceType, async_get_manager
from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.envoy_local.const import DOMAIN

from .furnish import DemoError

PATIENCE = 60
"""Seconds: a few rounds of readings."""


def sensor_of(hass: HomeAssistant, serial: str, key: str) -> str | None:
    """The entity id of a sensor of the gateway, None where it has none or it is off."""
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id(SENSOR_DOMAIN, DOMAIN, f"{serial}_{key}")
    entity = registry.async_get(entity_id) if entity_id else None
    return entity.entity_id if entity and not entity.disabled else None


def shown_by(hass: HomeAssistant, entity_id: str | None) -> float | None:
    """The number that a sensor shows, None where it shows none."""
    state = hass.states.get(entity_id) if entity_id else None
    try:
        return float(state.state) if state else None
    except ValueError:
        return None


async def _wait_for_energy(hass: HomeAssistant, serial: str) -> None:
    """Wait for the first counter: it may be looked at twice before it counts."""
    for _ in range(PATIENCE):
        if shown_by(hass, sensor_of(hass, serial, "production_energy")) is not None:
            return
        await asyncio.sleep(1)
    raise DemoError("no production energy has shown up")


async def fill_energy_dashboard(hass: HomeAssistant, serial: str) -> None:
    """Choose the sources; the product itself never does."""
    await _wait_for_energy(hass, serial)
    candidates = (_grid(hass, serial), _solar(hass, serial), _battery(hass, serial))
    sources: list[Any] = [source for source in candidates if source]
    if not sources:
        raise DemoError("there is no sensor for the energy dashboard")
    manager = await async_get_manager(hass)
    await manager.async_update({"energy_sources": sources, "device_consumption": []})


def _knows_power() -> bool:
    """Whether this version has one object per grid connection, and power with it."""
    return "flow_from" not in GridSourceType.__annotations__


def _rate(hass: HomeAssistant, serial: str, key: str) -> dict[str, str]:
    sensor = sensor_of(hass, serial, key)
    return {"stat_rate": sensor} if sensor and _knows_power() else {}


def _grid(hass: HomeAssistant, serial: str) -> dict[str, Any] | None:
    bought = sensor_of(hass, serial, "grid_import_energy")
    sold = sensor_of(hass, serial, "grid_export_energy")
    if not bought:
        return None
    no_price = {"entity_energy_price": None, "number_energy_price": None}
    if not _knows_power():
        flow_from = {"stat_energy_from": bought, "stat_cost": None, **no_price}
        flow_to = {"stat_energy_to": sold, "stat_compensation": None, **no_price}
        return {
            "type": "grid",
            "flow_from": [flow_from],
            "flow_to": [flow_to] if sold else [],
            "cost_adjustment_day": 0.0,
        }
    return {
        "type": "grid",
        "stat_energy_from": bought,
        "stat_energy_to": sold,
        "stat_cost": None,
        "stat_compensation": None,
        **no_price,
        "entity_energy_price_export": None,
        "number_energy_price_export": None,
        "cost_adjustment_day": 0.0,
        **_rate(hass, serial, "grid_power"),
    }


def _solar(hass: HomeAssistant, serial: str) -> dict[str, Any] | None:
    made = sensor_of(hass, serial, "production_energy")
    if not made:
        return None
    return {
        "type": "solar",
        "stat_energy_from": made,
        "config_entry_solar_forecast": None,
        **_rate(hass, serial, "production_power"),
    }


def _battery(hass: HomeAssistant, serial: str) -> dict[str, Any] | None:
    discharged = sensor_of(hass, serial, "battery_discharge_energy")
    charged = sensor_of(hass, serial, "battery_charge_energy")
    if not discharged or not charged:
        return None
    level = sensor_of(hass, serial, "battery_level")
    return {
        "type": "battery",
        "stat_energy_from": discharged,
        "stat_energy_to": charged,
        **_rate(hass, serial, "battery_power"),
        **({"stat_soc": level} if level and _knows_power() else {}),
    }
