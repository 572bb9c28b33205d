"""Prove an address and a way in before any of it is stored."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
import logging
import time
from typing import Any, Final, Self

import aiohttp
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession

from .client.access_token import AccessToken
from .client.address import GatewayAddress
from .client.backoff import LoginBackoff
from .client.cloud import EnlightenCloud
from .client.discovery import probe_gateway, wants_token
from .client.exceptions import (
    CertificateChangedError,
    CloudError,
    CloudLockedError,
    CredentialsRefusedError,
    EnvoyBusyError,
    EnvoyConnectionError,
    EnvoyError,
    EnvoyTimeoutError,
    LocalCredentialsError,
    NotAnEnvoyError,
    SecondFactorError,
    SerialNotOnAccountError,
    TokenExpiredError,
    TokenForeignError,
    TokenInvalidError,
    TokenRefusedError,
)
from .client.models.gateway import GatewayInfo
from .client.session import Credentials, EnvoySession
from .client.transport import EnvoyTransport
from .const import CONF_FINGERPRINT, CONF_SERIAL, SECTION_MANUAL_TOKEN

_LOGGER = logging.getLogger(__name__)

BASE: Final = "base"

_BLAME: Final[tuple[tuple[type[EnvoyError], str, str], ...]] = (
    (TokenInvalidError, SECTION_MANUAL_TOKEN, "token_invalid"),
    (TokenExpiredError, SECTION_MANUAL_TOKEN, "token_expired"),
    (TokenForeignError, SECTION_MANUAL_TOKEN, "token_foreign"),
    (TokenRefusedError, SECTION_MANUAL_TOKEN, "token_refused"),
    (SecondFactorError, SECTION_MANUAL_TOKEN, "second_factor"),
    (LocalCredentialsError, CONF_PASSWORD, "invalid_local_auth"),
    (CredentialsRefusedError, CONF_PASSWORD, "invalid_auth"),
    (CloudLockedError, CONF_USERNAME, "account_locked"),
    (SerialNotOnAccountError, CONF_SERIAL, "serial_not_on_account"),
    (CloudError, BASE, "cloud_unavailable"),
    (NotAnEnvoyError, CONF_HOST, "not_a_gateway"),
    (EnvoyBusyError, CONF_HOST, "gateway_busy"),
    (EnvoyTimeoutError, CONF_HOST, "timeout"),
    (EnvoyConnectionError, CONF_HOST, "cannot_connect"),
    (CertificateChangedError, CONF_HOST, "certificate_unsteady"),
    (EnvoyError, CONF_HOST, "unexpected_answer"),
)
"""The field that a cause is about, and the sentence for it; the first match counts."""


class FormError(Exception):
    """What is wrong, and with which field of the form."""

    def __init__(self, field: str, key: str, *, serial: str = "") -> None:
        """Name the field and the sentence; `serial` is the gateway that answered."""
        super().__init__(key)
        self.field = field
        self.key = key
        self.serial = serial


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundGateway:
    """A gateway that answers at an address."""

    transport: EnvoyTransport
    info: GatewayInfo

    @property
    def host(self) -> str:
        """The address as it is stored."""
        return self.transport.address.text

    @property
    def fingerprint(self) -> str | None:
        """The certificate it shows; None over http."""
        return self.transport.fingerprint

    def check(self, stored: Mapping[str, Any]) -> None:
        """Raise unless this is the gateway of an entry, with its certificate."""
        self.check_serial(stored)
        if self.fingerprint != stored.get(CONF_FINGERPRINT):
            raise FormError(BASE, "certificate_changed")

    def check_serial(self, stored: Mapping[str, Any]) -> None:
        """Raise unless this is the gateway of an entry."""
        if self.info.serial != stored[CONF_SERIAL]:
            raise FormError(CONF_HOST, "wrong_gateway", serial=self.info.serial)


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """What a person offers to be let in with: a token, or a user and a password."""

    username: str | None = None
    credentials: Credentials | None = None
    token: str | None = None

    @classmethod
    def typed(cls, user_input: Mapping[str, Any]) -> Self:
        """Read a form; a token pasted by hand stands in place of user and password."""
        username = user_input.get(CONF_USERNAME, "").strip()
        password = user_input.get(CONF_PASSWORD, "")
        token = user_input.get(SECTION_MANUAL_TOKEN, {}).get(CONF_TOKEN, "").strip()
        if token:
            return cls(token=token)
        if username and password:
            return cls(credentials=Credentials(username=username, password=password))
        return cls(username=username or None)

    @classmethod
    def stored(cls, data: Mapping[str, Any]) -> Self:
        """Read what an entry already has."""
        if CONF_PASSWORD not in data:
            return cls(token=data.get(CONF_TOKEN))
        username, password = data[CONF_USERNAME], data[CONF_PASSWORD]
        credentials = Credentials(username=username, password=password)
        return cls(credentials=credentials, token=data.get(CONF_TOKEN))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be let in with."""
        return self.credentials is None and self.token is None

    def access_token(self, serial: str) -> AccessToken | None:
        """Read the token; one that has no credentials behind it must be good."""
        if self.token is None:
            return None
        try:
            token = AccessToken.parse(self.token)
            token.check(serial, time.time())
        except TokenRefusedError:
            if self.credentials is None:
                raise
            return None
        return token


class Visit:
    """Find gateways and try ways in."""

    def __init__(
        self, *, gateway: aiohttp.ClientSession, cloud: aiohttp.ClientSession
    ) -> None:
        """Use one session that trusts a pinned certificate, and one for the cloud."""
        self._gateway = gateway
        self._cloud = EnlightenCloud(session=cloud)

    async def find(self, host: str) -> FoundGateway:
        """Ask who answers at an address."""
        try:
            address = GatewayAddress.parse(host)
        except ValueError as err:
            raise FormError(CONF_HOST, "invalid_host") from err
        transport, info = await probe_gateway(self._gateway, address)
        return FoundGateway(transport=transport, info=info)

    async def prove(self, found: FoundGateway, way_in: WayIn) -> dict[str, Any]:
        """Let the gateway judge a way in; return the data of an entry that uses it."""
        needs_token = wants_token(found.info)
        if needs_token and way_in.is_empty:
            missing = CONF_PASSWORD if way_in.username else CONF_USERNAME
            raise FormError(missing, "credentials_needed")
        session = EnvoySession(
            transport=found.transport,
            info=found.info,
            token=way_in.access_token(found.info.serial) if needs_token else None,
            credentials=way_in.credentials,
            cloud=self._cloud,
            on_token=_keep,
            backoff=LoginBackoff(),
        )
        try:
            await session.authenticate()
        except TokenRefusedError as err:
            if way_in.credentials is None:
                raise
            raise FormError(BASE, "new_token_refused") from err
        return _entry_data(found, way_in.credentials, session.token)


@asynccontextmanager
async def async_visit(hass: HomeAssistant) -> AsyncIterator[Visit]:
    """Lend connections for as long as a form takes; errors leave as a `FormError`."""
    jar = aiohttp.DummyCookieJar()
    gateway = async_create_clientsession(
        hass, verify_ssl=False, auto_cleanup=False, cookie_jar=jar
    )
    cloud = async_create_clientsession(hass, auto_cleanup=False, cookie_jar=jar)
    try:
        yield Visit(gateway=gateway, cloud=cloud)
    except EnvoyError as err:
        _LOGGER.debug("The sign-in was not successful: %s", err)
        raise _form_error(err) from err
    finally:
        gateway.detach()
        cloud.detach()


def _form_error(error: EnvoyError) -> FormError:
    field, key = next(
        (field, key) for kind, field, key in _BLAME if isinstance(error, kind)
    )
    return FormError(field, key)


def _keep(token: AccessToken) -> None:
    """Leave a new token to the session, which is asked for it in the end."""
    _LOGGER.debug("A token was fetched that lasts %s s", token.lifetime)


def _entry_data(
    found: FoundGateway, credentials: Credentials | None, token: AccessToken | None
) -> dict[str, Any]:
    data: dict[str, Any] = {CONF_HOST: found.host, CONF_SERIAL: found.info.serial}
    if found.fingerprint is not None:
        data[CONF_FINGERPRINT] = found.fingerprint
    if credentials is not None:
        data[CONF_USERNAME] = credentials.username
        data[CONF_PASSWORD] = credentials.password
    if token is not None:
        data[CONF_TOKEN] = token.text
    return data
