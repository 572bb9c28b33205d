"""Somebody at the options about InfluxDB, and what the forms hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType

from ..influx_site import Home
from ..influx_stub import TOKEN

SEED = "enphaseLocalToInfluxDB"
STANDARD = {"schemas": ["standard"]}

type Form = Mapping[str, Any]


class Options:
    """Somebody at the options of an entry."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._flow_id = ""

    async def choose(self, step: str = "influxdb") -> ConfigFlowResult:
        """Open the menu and choose from it."""
        manager = self._home.hass.config_entries.options
        menu = await manager.async_init(self._home.entry.entry_id)
        assert menu["type"] is FlowResultType.MENU
        assert menu["menu_options"] == ["general", "live", "influxdb"]
        self._flow_id = menu["flow_id"]
        return await self.submit({"next_step_id": step})

    async def submit(self, typed: Form) -> ConfigFlowResult:
        """Submit the form that is open."""
        manager = self._home.hass.config_entries.options
        result = await manager.async_configure(self._flow_id, dict(typed))
        await self._home.hass.async_block_till_done()
        return result

    async def details(self, url: str, **changes: object) -> ConfigFlowResult:
        """Say which server; return what is asked next."""
        await self.choose()
        return await self.submit(server(url, **changes))

    async def finish(self, typed: Form) -> None:
        """Submit the last form, which is right."""
        result = await self.submit(typed)
        assert result["type"] is FlowResultType.CREATE_ENTRY


def server(url: str, **changes: object) -> dict[str, object]:
    return {"enabled": True, "url": url, "kind": "auto", "verify_ssl": True, **changes}


def fields(form: ConfigFlowResult) -> list[str]:
    schema = form["data_schema"]
    assert schema is not None
    return [str(key) for key in schema.schema]


def placeholders(form: ConfigFlowResult) -> Mapping[str, str]:
    return form["description_placeholders"] or {}


V2 = {"organization": "home", "bucket": "solar", "token": TOKEN, **STANDARD}
