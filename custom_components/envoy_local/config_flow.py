"""The config flow: a new gateway, a discovered one, another way in, another address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from .client import cloud
from .client.address import GatewayAddress
from .const import CONF_FINGERPRINT, CONF_SERIAL, DOMAIN, SECTION_MANUAL_TOKEN
from .coordinator import EnvoyConfigEntry
from .flow_forms import (
    Form,
    confirm_form,
    grouped,
    reauth_form,
    reconfigure_form,
    user_form,
)
from .options_flow import EnvoyOptionsFlow
from .sign_in import BASE, FormError, FoundGateway, WayIn, async_visit

_FAILED: Final = (ConfigEntryState.SETUP_RETRY, ConfigEntryState.SETUP_ERROR)
_USUAL_PORTS: Final = (None, 80, 443)
"""Gateways announce port 80, whatever they are spoken to by."""


class EnvoyConfigFlow(ConfigFlow, domain=DOMAIN):
    """Each cause has its own sentence in the form, from which a retry works."""

    VERSION = 1

    def __init__(self) -> None:
        """Start with an empty form and no certificate accepted."""
        self._name = ""
        self._suggested: Mapping[str, Any] = {}
        self._typed: Mapping[str, Any] = {}
        self._shown_fingerprint: str | None = None
        self._accepted_fingerprint: str | None = None

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: EnvoyConfigEntry) -> EnvoyOptionsFlow:
        """Return the options flow."""
        return EnvoyOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a gateway and a way in; both are proven before they are stored."""
        if user_input is None:
            return self._show("user", user_form, self._suggested)
        try:
            async with async_visit(self.hass) as visit:
                found = await visit.find(user_input[CONF_HOST])
                _check_typed_serial(found, user_input.get(CONF_SERIAL, ""))
                await self._async_claim(found)
                data = await visit.prove(found, WayIn.typed(user_input))
        except FormError as error:
            return self._show("user", user_form, user_input, error)
        return self.async_create_entry(title=f"Envoy {found.info.serial}", data=data)

    @override
    async def async_step_zeroconf(
        self, discovery_info: ZeroconfServiceInfo
    ) -> ConfigFlowResult:
        """Offer a gateway that announces itself; one that is set up is left alone."""
        serial = discovery_info.properties.get("serialnum")
        if not serial:
            return self.async_abort(reason="not_a_gateway")
        host = _announced_host(discovery_info)
        entry = await self.async_set_unique_id(serial)
        if entry is not None and await self._async_answers_at(entry, host):
            self._move(entry, host)
        self._abort_if_unique_id_configured()
        self.context["title_placeholders"] = {"name": f"Envoy {serial} ({host})"}
        self._suggested = {CONF_HOST: host, CONF_SERIAL: serial}
        return await self.async_step_user()

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Begin where what is stored doesn't open the gateway any more."""
        self._suggested = _public(entry_data)
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for another way in; it replaces the one before, of whatever kind."""
        entry = self._get_reauth_entry()
        self._name = entry.title
        if user_input is None:
            return self._show("reauth_confirm", reauth_form, self._suggested)
        try:
            async with async_visit(self.hass) as visit:
                found = await visit.find(entry.data[CONF_HOST])
                found.check(entry.data)
                data = await visit.prove(found, WayIn.typed(user_input))
        except FormError as error:
            return self._show("reauth_confirm", reauth_form, user_input, error)
        return self.async_update_reload_and_abort(entry, data=data)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for another address of the same gateway, or another way in."""
        entry = self._get_reconfigure_entry()
        self._name = entry.title
        if user_input is None:
            return self._show("reconfigure", reconfigure_form, _public(entry.data))
        self._typed = user_input
        try:
            async with async_visit(self.hass) as visit:
                found = await visit.find(user_input[CONF_HOST])
                found.check_serial(entry.data)
                if self._is_other_certificate(entry, found):
                    return await self.async_step_certificate()
                data = await visit.prove(found, _way_in_or_stored(user_input, entry))
        except FormError as error:
            return self._show("reconfigure", reconfigure_form, user_input, error)
        return self.async_update_reload_and_abort(entry, data=data)

    async def async_step_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether the gateway's other certificate is to be trusted from now on."""
        if user_input is not None:
            self._accepted_fingerprint = self._shown_fingerprint
            return await self.async_step_reconfigure(dict(self._typed))
        pinned = self._get_reconfigure_entry().data[CONF_FINGERPRINT]
        return self.async_show_form(
            step_id="certificate",
            data_schema=confirm_form(),
            description_placeholders={
                "pinned": grouped(pinned),
                "found": grouped(self._shown_fingerprint or ""),
            },
        )

    def _is_other_certificate(
        self, entry: ConfigEntry[Any], found: FoundGateway
    ) -> bool:
        """Whether the gateway shows a certificate that nobody has accepted yet."""
        pinned = entry.data.get(CONF_FINGERPRINT)
        if pinned is None:
            return False
        if found.fingerprint is None:
            raise FormError(CONF_HOST, "encryption_lost")
        if found.fingerprint in (pinned, self._accepted_fingerprint):
            return False
        self._shown_fingerprint = found.fingerprint
        return True

    async def _async_claim(self, found: FoundGateway) -> None:
        """Take the gateway's serial as unique id; leave if it is set up already."""
        entry = await self.async_set_unique_id(
            found.info.serial, raise_on_progress=False
        )
        if entry is not None and _is_failing(entry) and _is_same(entry, found):
            self._move(entry, found.host)
        self._abort_if_unique_id_configured()

    async def _async_answers_at(self, entry: ConfigEntry[Any], host: str) -> bool:
        """Whether an entry that doesn't work has provably moved to another address."""
        if host == entry.data.get(CONF_HOST) or not _is_failing(entry):
            return False
        try:
            async with async_visit(self.hass) as visit:
                found = await visit.find(host)
        except FormError:
            return False
        return _is_same(entry, found)

    def _move(self, entry: ConfigEntry[Any], host: str) -> NoReturn:
        """Store the new address and leave."""
        data = {**entry.data, CONF_HOST: host}
        self.hass.config_entries.async_update_entry(entry, data=data)
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
        raise AbortFlow("already_configured")

    def _show(
        self,
        step_id: str,
        form: Callable[..., Form],
        suggested: Mapping[str, Any],
        error: FormError | None = None,
    ) -> ConfigFlowResult:
        """Show a form with what was typed before, and what is wrong with it."""
        token = suggested.get(SECTION_MANUAL_TOKEN, {}).get(CONF_TOKEN)
        wants_token = error is not None and error.field == SECTION_MANUAL_TOKEN
        schema = form(open_section=bool(token) or wants_token)
        errors = {}
        if error is not None:
            # Under a section's own name the sentence stands above the section;
            # under that of a field inside it, it isn't shown at all.
            errors[error.field if error.field in schema.schema else BASE] = error.key
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
            description_placeholders={
                "token_page": cloud.ENTREZ_URL,
                "found_serial": error.serial if error else "",
                "name": self._name,
            },
        )


def _check_typed_serial(found: FoundGateway, typed: str) -> None:
    wanted = "".join(typed.split())
    if wanted and wanted != found.info.serial:
        raise FormError(CONF_SERIAL, "wrong_serial", serial=found.info.serial)


def _way_in_or_stored(user_input: Mapping[str, Any], entry: ConfigEntry[Any]) -> WayIn:
    """Keep what the entry has where the form says nothing new."""
    typed = WayIn.typed(user_input)
    if typed.is_empty and typed.username in (None, entry.data.get(CONF_USERNAME)):
        return WayIn.stored(entry.data)
    return typed


def _public(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form may show of an entry: no password, no token."""
    return {key: data[key] for key in (CONF_HOST, CONF_USERNAME) if key in data}


def _announced_host(info: ZeroconfServiceInfo) -> str:
    port = None if info.port in _USUAL_PORTS else info.port
    return GatewayAddress(host=info.host, port=port).text


def _is_failing(entry: ConfigEntry[Any]) -> bool:
    """Whether an entry is set up and nevertheless gets no answer."""
    if entry.state is ConfigEntryState.LOADED:
        return not entry.runtime_data.is_reachable
    return entry.state in _FAILED


def _is_same(entry: ConfigEntry[Any], found: FoundGateway) -> bool:
    """Whether this is the entry's gateway, with the certificate that was pinned."""
    try:
        found.check(entry.data)
    except FormError:
        return False
    return True
