"""The form about live power."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import UnitOfTime
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
import voluptuous as vol

from .flow_forms import Form
from .live_options import (
    CONF_LIVE_INFLUXDB,
    CONF_LIVE_INTERVAL,
    CONF_LIVE_POWER,
    LIVE_INTERVAL,
    LIVE_INTERVAL_MAX,
    LIVE_INTERVAL_MIN,
)

_SECONDS: Final = NumberSelector(
    NumberSelectorConfig(
        min=LIVE_INTERVAL_MIN,
        max=LIVE_INTERVAL_MAX,
        step=1,
        unit_of_measurement=UnitOfTime.SECONDS,
        mode=NumberSelectorMode.BOX,
    )
)


def live_form(stored: Mapping[str, Any], *, forwards: bool) -> Form:
    """Ask whether and how often; what is forwarded matters only where anything is."""
    power = stored.get(CONF_LIVE_POWER, False)
    interval = stored.get(CONF_LIVE_INTERVAL, LIVE_INTERVAL)
    influxdb = stored.get(CONF_LIVE_INFLUXDB, True)
    fields: dict[vol.Marker, object] = {
        vol.Required(CONF_LIVE_POWER, default=power): BooleanSelector(),
        vol.Required(CONF_LIVE_INTERVAL, default=interval): _SECONDS,
    }
    if forwards:
        fields[vol.Required(CONF_LIVE_INFLUXDB, default=influxdb)] = BooleanSelector()
    return vol.Schema(fields)


def live_options(typed: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored; what wasn't asked stays as it was."""
    options = {**stored, **typed}
    return {**options, CONF_LIVE_INTERVAL: int(options[CONF_LIVE_INTERVAL])}
