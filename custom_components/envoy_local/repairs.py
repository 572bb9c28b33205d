"""Repairs: accept a gateway's new certificate, replace a token that ends."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_TOKEN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow, FlowResult

from .client import cloud
from .const import CONF_FINGERPRINT, CONF_LOGIN_BACKOFF, CONF_SERIAL
from .flow_forms import confirm_form, grouped, token_form
from .issues import (
    CERTIFICATE_CHANGED,
    ISSUE_ENTRY,
    ISSUE_EXPIRES_AT,
    ISSUE_FOUND,
    ISSUE_PINNED,
    TOKEN_EXPIRING,
    day_of,
)
from .sign_in import BASE, FormError, FoundGateway, WayIn, async_visit

type IssueData = Mapping[str, str | int | float | None]
type Result = FlowResult[Any, str]


async def async_create_fix_flow(
    _hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow that mends an issue."""
    known = data or {}
    if issue_id.startswith(CERTIFICATE_CHANGED):
        return CertificateRepair(known)
    return TokenRepair(known)


class _Repair(RepairsFlow):
    """A flow of one form that ends with the entry changed and loaded again."""

    def __init__(self, data: IssueData) -> None:
        """Keep what the issue knows."""
        self._known = data

    async def async_step_init(self, _user_input: object = None) -> Result:
        """Begin: Home Assistant always asks for this step first."""
        return await self.async_step_confirm()

    @abstractmethod
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> Result:
        """Ask the one question."""

    @property
    def _entry(self) -> ConfigEntry[Any]:
        """The entry that the issue is about."""
        entry_id = str(self._known[ISSUE_ENTRY])
        entry = self.hass.config_entries.async_get_entry(entry_id)
        if entry is None:
            raise AbortFlow("entry_removed")
        return entry

    def _finish(self, changes: Mapping[str, Any]) -> Result:
        """Store what has changed, and start afresh with it."""
        entry = self._entry
        data = {**entry.data, **changes}
        data.pop(CONF_LOGIN_BACKOFF, None)
        self.hass.config_entries.async_update_entry(entry, data=data)
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})


class CertificateRepair(_Repair):
    """Shows both fingerprints; only the one that was shown can be accepted."""

    def __init__(self, data: IssueData) -> None:
        """Begin with the certificate that raised the issue."""
        super().__init__(data)
        self._shown = str(data[ISSUE_FOUND])

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> Result:
        """Accept the certificate, if it is still the one that answers."""
        if user_input is None:
            return self._ask()
        try:
            found = await self._find()
        except FormError as error:
            return self._ask(error.key)
        pinned = self._entry.data.get(CONF_FINGERPRINT)
        if found.fingerprint not in (self._shown, pinned):
            if found.fingerprint is None:
                return self._ask("encryption_lost")
            self._shown = found.fingerprint
            return self._ask("certificate_changed")
        return self._finish({CONF_FINGERPRINT: found.fingerprint})

    async def _find(self) -> FoundGateway:
        """Ask the gateway once more who it is; nothing secret is sent."""
        entry = self._entry
        async with async_visit(self.hass) as visit:
            found = await visit.find(entry.data[CONF_HOST])
        serial = found.info.serial
        if serial != entry.data[CONF_SERIAL]:
            raise AbortFlow("wrong_gateway", {"found_serial": serial})
        return found

    def _ask(self, error: str | None = None) -> Result:
        return self.async_show_form(
            step_id="confirm",
            data_schema=confirm_form(),
            errors={BASE: error} if error else {},
            description_placeholders={
                "name": self._entry.title,
                "pinned": grouped(str(self._known[ISSUE_PINNED])),
                "found": grouped(self._shown),
            },
        )


class TokenRepair(_Repair):
    """Takes a new token in place of one that its owner pasted long ago."""

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> Result:
        """Let the gateway judge the new token."""
        if user_input is None:
            return self._ask()
        entry = self._entry
        try:
            async with async_visit(self.hass) as visit:
                found = await visit.find(entry.data[CONF_HOST])
                found.check(entry.data)
                way_in = WayIn(token=user_input[CONF_TOKEN])
                self._check_newer(way_in, found)
                data = await visit.prove(found, way_in)
        except FormError as error:
            return self._ask(error)
        return self._finish(data)

    def _check_newer(self, way_in: WayIn, found: FoundGateway) -> None:
        """Raise for a token that ends when the present one does."""
        token = way_in.access_token(found.info.serial)
        if token is not None and token.expires_at <= self._expires_at:
            raise FormError(CONF_TOKEN, TOKEN_EXPIRING)

    @property
    def _expires_at(self) -> int:
        return int(self._known[ISSUE_EXPIRES_AT] or 0)

    def _ask(self, error: FormError | None = None) -> Result:
        field = BASE if error and error.field != CONF_TOKEN else CONF_TOKEN
        return self.async_show_form(
            step_id="confirm",
            data_schema=token_form(),
            errors={field: error.key} if error else {},
            description_placeholders={
                "name": self._entry.title,
                "date": day_of(self._expires_at),
                "token_page": cloud.ENTREZ_URL,
                "found_serial": error.serial if error else "",
            },
        )
