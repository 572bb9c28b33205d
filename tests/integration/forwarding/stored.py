"""What InfluxDB has stored, and what Home Assistant shows."""

from __future__ import annotations

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.envoy_local.const import DOMAIN

from ...influxdb.servers import Influxd, quoted
from ..influx_site import DATABASE


def values(influxd: Influxd, field: str, measurement: str, **tags: str) -> list[float]:
    """Return the stored values of a field, oldest first."""
    where = " AND ".join(f'"{tag}" = {quoted(text)}' for tag, text in tags.items())
    query = f'SELECT "{field}" FROM "{measurement}" WHERE {where}'  # noqa: S608 - a test's own words
    return [row[field] for row in influxd.query(query, DATABASE)]


def powers(influxd: Influxd) -> list[float]:
    return values(influxd, "power", "production", phase="total")


def shown(hass: HomeAssistant, unique_id: str) -> float:
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, unique_id)
    assert entity_id is not None
    state = hass.states.get(entity_id)
    assert state is not None
    return float(state.state)
