"""The options: how often the readings are read."""

from __future__ import annotations

from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import UnitOfTime
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
import voluptuous as vol

from .compat import ReloadingOptionsFlow
from .const import (
    CONF_READINGS_INTERVAL,
    READINGS_INTERVAL,
    READINGS_INTERVAL_MAX,
    READINGS_INTERVAL_MIN,
)
from .flow_forms import Form


class EnvoyOptionsFlow(ReloadingOptionsFlow):
    """One form; saving it reloads the entry."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the interval."""
        if user_input is not None:
            interval = int(user_input[CONF_READINGS_INTERVAL])
            return self.async_create_entry(
                data={**self.config_entry.options, CONF_READINGS_INTERVAL: interval}
            )
        present = self.config_entry.options.get(
            CONF_READINGS_INTERVAL, READINGS_INTERVAL
        )
        return self.async_show_form(step_id="init", data_schema=_form(present))


def _form(present: int) -> Form:
    """Build the form around the present interval in seconds."""
    seconds = NumberSelector(
        NumberSelectorConfig(
            min=READINGS_INTERVAL_MIN,
            max=READINGS_INTERVAL_MAX,
            step=1,
            unit_of_measurement=UnitOfTime.SECONDS,
            mode=NumberSelectorMode.BOX,
        )
    )
    return vol.Schema({vol.Required(CONF_READINGS_INTERVAL, default=present): seconds})
