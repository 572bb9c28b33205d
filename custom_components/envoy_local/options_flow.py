"""The options: how often power is read and shown, and where readings are forwarded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_URL, UnitOfTime
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
from .coordinator import EnvoyConfigEntry
from .flow_forms import Form, confirm_form
from .forwarding_options import (
    CONF_ENABLED,
    CONF_INFLUXDB,
    CONF_KIND,
    CONF_SCHEMAS,
    ForwardingOptions,
)
from .influxdb.schema import Schema
from .influxdb.target import ServerKind
from .influxdb_form import (
    InfluxError,
    async_find_server,
    async_prove,
    details_form,
    server_form,
    shown,
)
from .live_form import live_form, live_options
from .live_options import CONF_LIVE
from .sign_in import BASE

_TAG_LENGTH: Final = 5
"""Characters of an inverter's serial number in the schema of enphaseLocalToInfluxDB."""


class EnvoyOptionsFlow(ReloadingOptionsFlow):
    """A menu; whatever is saved reloads the entry."""

    def __init__(self) -> None:
        """Start with nothing typed."""
        self._server: dict[str, Any] = {}
        self._proven: dict[str, Any] = {}

    async def async_step_init(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the user choose what the options are about."""
        return self.async_show_menu(
            step_id="init", menu_options=["general", CONF_LIVE, CONF_INFLUXDB]
        )

    async def async_step_general(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the interval."""
        if user_input is not None:
            interval = int(user_input[CONF_READINGS_INTERVAL])
            return self._save(CONF_READINGS_INTERVAL, interval)
        present = self.config_entry.options.get(
            CONF_READINGS_INTERVAL, READINGS_INTERVAL
        )
        return self.async_show_form(step_id="general", data_schema=_form(present))

    async def async_step_live(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether power is shown live, and at which pace."""
        options = self.config_entry.options
        stored: Mapping[str, Any] = options.get(CONF_LIVE, {})
        if user_input is not None:
            return self._save(CONF_LIVE, live_options(user_input, stored))
        forwards = ForwardingOptions.of(options) is not None
        return self.async_show_form(
            step_id="live", data_schema=live_form(stored, forwards=forwards)
        )

    async def async_step_influxdb(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the server and have it say what it is."""
        if user_input is None:
            return self._show("influxdb", server_form(), shown(self._stored))
        if not user_input[CONF_ENABLED]:
            return self._save(CONF_INFLUXDB, {**self._stored, CONF_ENABLED: False})
        try:
            self._server = await async_find_server(self.hass, user_input, self._stored)
        except InfluxError as error:
            return self._show("influxdb", server_form(), user_input, error)
        return await self.async_step_influxdb_details()

    async def async_step_influxdb_details(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for what that server needs; it has to accept a point."""
        form = details_form(ServerKind(self._server[CONF_KIND]))
        if user_input is None:
            return self._show("influxdb_details", form, shown(self._stored))
        try:
            self._proven = await async_prove(
                self.hass, self._server, user_input, self._stored
            )
        except InfluxError as error:
            return self._show("influxdb_details", form, user_input, error)
        if Schema.SEED in self._proven[CONF_SCHEMAS] and self._alike():
            return await self.async_step_influxdb_inverters()
        return self._save(CONF_INFLUXDB, self._proven)

    async def async_step_influxdb_inverters(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Warn of inverters that the chosen schema can't tell apart."""
        if user_input is not None:
            return self._save(CONF_INFLUXDB, self._proven)
        return self.async_show_form(
            step_id="influxdb_inverters",
            data_schema=confirm_form(),
            description_placeholders={"inverters": ", ".join(self._alike())},
        )

    @property
    def _stored(self) -> Mapping[str, Any]:
        """What is stored about InfluxDB."""
        stored: Mapping[str, Any] = self.config_entry.options.get(CONF_INFLUXDB, {})
        return stored

    def _alike(self) -> list[str]:
        """Return the inverters that share their last five characters with another."""
        entry: EnvoyConfigEntry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return []
        by_tag: dict[str, list[str]] = defaultdict(list)
        for serial in sorted(entry.runtime_data.snapshot.inverters):
            by_tag[serial[-_TAG_LENGTH:]].append(serial)
        return [s for alike in by_tag.values() if len(alike) > 1 for s in alike]

    def _show(
        self,
        step_id: str,
        form: Form,
        suggested: Mapping[str, Any],
        error: InfluxError | None = None,
    ) -> ConfigFlowResult:
        """Show a form with what is known, and what is wrong with it."""
        errors = {}
        if error is not None:
            field = error.field if error.field in form.schema else BASE
            errors[field] = error.key
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(form, suggested),
            errors=errors,
            last_step=step_id != "influxdb",
            description_placeholders={
                "url": self._server.get(CONF_URL, ""),
                "version": self._server.get(CONF_KIND, ""),
                "detail": error.detail if error else "",
            },
        )

    def _save(self, key: str, value: object) -> ConfigFlowResult:
        """Store one option beside the others."""
        return self.async_create_entry(data={**self.config_entry.options, key: value})


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
