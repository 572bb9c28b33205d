"""From a config entry to a gateway that answers, or to who is to blame."""

from __future__ import annotations

import time
from typing import Any

import aiohttp
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.util.hass_dict import HassKey

from .blame import Refusals
from .books import EnergyBooks
from .client.access_token import AccessToken
from .client.address import GatewayAddress
from .client.backoff import LoginBackoff
from .client.client import EnvoyClient
from .client.cloud import EnlightenCloud
from .client.discovery import identify, probe_gateway
from .client.endpoints import Tier
from .client.exceptions import (
    CertificateChangedError,
    EnvoyError,
    LocalCredentialsError,
    TokenRefusedError,
    WrongGatewayError,
)
from .client.models.gateway import GatewayInfo
from .client.models.totals import Section
from .client.session import Credentials, EnvoySession
from .client.transport import EnvoyTransport
from .const import CONF_FINGERPRINT, CONF_LOGIN_BACKOFF, CONF_SERIAL, DOMAIN
from .coordinator import (
    EnvoyConfigEntry,
    EnvoyCoordinator,
    EnvoyRuntimeData,
    tier_interval,
)
from .forwarding import async_forwarder
from .gateway_zone import GatewayZone
from .health import GatewayHealth
from .issues import async_raise_certificate_issue
from .live import async_live_hub

_REFUSALS: HassKey[dict[str, Refusals]] = HassKey(f"{DOMAIN}_refusals")
"""By entry; outlives the tries to set one up."""


@callback
def gateway_http_session(hass: HomeAssistant) -> aiohttp.ClientSession:
    """Return a web session for a gateway: cookies and certificate are ours to check."""
    return async_create_clientsession(
        hass, verify_ssl=False, cookie_jar=aiohttp.DummyCookieJar()
    )


@callback
def _cloud_http_session(hass: HomeAssistant) -> aiohttp.ClientSession:
    """Return a web session for the cloud: its cookies are nobody else's."""
    return async_create_clientsession(hass, cookie_jar=aiohttp.DummyCookieJar())


async def async_connect(
    hass: HomeAssistant, entry: EnvoyConfigEntry
) -> EnvoyRuntimeData:
    """Find the entry's gateway and sign in."""
    try:
        transport, info = await _find(hass, entry)
        session = _session(hass, entry, transport, info)
        await session.authenticate()
    except EnvoyError as err:
        raise _setup_error(hass, entry, err) from err
    hass.data.get(_REFUSALS, {}).pop(entry.entry_id, None)
    health = GatewayHealth(hass, entry)
    client = EnvoyClient(
        session=session,
        info=info,
        intervals=lambda tier: tier_interval(entry, tier),
    )
    books = EnergyBooks(hass, entry, info.serial)
    await books.async_open()
    live = async_live_hub(
        hass, entry, session=session, snapshot=lambda: client.snapshot
    )
    zone = GatewayZone(hass, entry)
    coordinators: dict[Tier, EnvoyCoordinator] = {}
    for tier in Tier:
        EnvoyCoordinator(
            hass,
            entry,
            tier=tier,
            client=client,
            health=health,
            books=books,
            live=live,
            siblings=coordinators,
        )
    return EnvoyRuntimeData(
        client=client,
        session=session,
        health=health,
        books=books,
        coordinators=coordinators,
        zone=zone,
        forwarder=async_forwarder(hass, entry, zone),
        live=live,
    )


async def async_first_read(data: EnvoyRuntimeData) -> None:
    """Read what decides which entities there are, then the readings themselves.

    Without an answer about its meters a metered gateway would be taken for an
    unmetered one, so only a clear "there is no such endpoint" will do.
    """
    await data.coordinators[Tier.SETTINGS].async_config_entry_first_refresh()
    record, info = data.client.records[Section.METERS], data.snapshot.info
    if info.firmware.needs_token and not record.is_settled:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="no_readings",
            translation_placeholders={"reason": str(record.error)},
        )
    # Only the inventory: what the site has isn't known yet. Without the batteries
    # in it the first readings would make a consumption that nobody had.
    await data.coordinators[Tier.STORAGE].async_config_entry_first_refresh()
    await data.coordinators[Tier.READINGS].async_config_entry_first_refresh()
    await data.coordinators[Tier.INVERTERS].async_config_entry_first_refresh()


async def _find(
    hass: HomeAssistant, entry: EnvoyConfigEntry
) -> tuple[EnvoyTransport, GatewayInfo]:
    """Reach the gateway by its pinned certificate; pin it where none is yet."""
    http = gateway_http_session(hass)
    address = GatewayAddress.parse(entry.data[CONF_HOST])
    fingerprint = entry.data.get(CONF_FINGERPRINT)
    if fingerprint:
        transport = EnvoyTransport(
            session=http,
            address=address.with_scheme("https"),
            fingerprint=fingerprint,
        )
        info = await identify(transport)
    else:
        transport, info = await probe_gateway(http, address)
    expected = entry.data[CONF_SERIAL]
    if info.serial != expected:
        raise WrongGatewayError(expected=expected, found=info.serial)
    if transport.fingerprint and not fingerprint:
        _store(hass, entry, {CONF_FINGERPRINT: transport.fingerprint})
    return transport, info


def _session(
    hass: HomeAssistant,
    entry: EnvoyConfigEntry,
    transport: EnvoyTransport,
    info: GatewayInfo,
) -> EnvoySession:
    """Build the way in from what the entry holds."""
    data = entry.data
    username, password = data.get(CONF_USERNAME), data.get(CONF_PASSWORD)
    credentials = None
    if username and password:
        credentials = Credentials(username=username, password=password)

    @callback
    def store_token(token: AccessToken) -> None:
        _store(hass, entry, {CONF_TOKEN: token.text})

    @callback
    def store_backoff(backoff: LoginBackoff) -> None:
        _store(hass, entry, {CONF_LOGIN_BACKOFF: backoff.as_dict()})

    return EnvoySession(
        transport=transport,
        info=info,
        token=_stored_token(data.get(CONF_TOKEN)),
        credentials=credentials,
        cloud=EnlightenCloud(session=_cloud_http_session(hass)),
        on_token=store_token,
        backoff=LoginBackoff.from_dict(
            data.get(CONF_LOGIN_BACKOFF), on_change=store_backoff, clock=_now
        ),
        clock=_now,
    )


def _now() -> float:
    """Return the epoch second; the clock may be set while we run."""
    return time.time()


def _stored_token(text: str | None) -> AccessToken | None:
    """Return the stored token; a damaged one is as good as none."""
    try:
        return AccessToken.parse(text) if text else None
    except TokenRefusedError:
        return None


@callback
def _store(
    hass: HomeAssistant, entry: EnvoyConfigEntry, changes: dict[str, Any]
) -> None:
    """Keep something in the entry for the next start."""
    hass.config_entries.async_update_entry(entry, data={**entry.data, **changes})


@callback
def _setup_error(
    hass: HomeAssistant, entry: EnvoyConfigEntry, err: EnvoyError
) -> ConfigEntryAuthFailed | ConfigEntryNotReady:
    """Turn the blame into what Home Assistant does about it.

    Only what a person alone can mend asks for a new sign-in; everything else is
    tried again by itself.
    """
    if isinstance(err, CertificateChangedError):
        async_raise_certificate_issue(hass, entry, pinned=err.pinned, found=err.found)
        return ConfigEntryNotReady(
            translation_domain=DOMAIN, translation_key="certificate_changed"
        )
    if isinstance(err, WrongGatewayError):
        return ConfigEntryNotReady(
            translation_domain=DOMAIN, translation_key="wrong_gateway"
        )
    refusals = hass.data.setdefault(_REFUSALS, {})
    known = refusals.setdefault(
        entry.entry_id, Refusals(can_renew=CONF_USERNAME in entry.data)
    )
    needs_a_person = isinstance(err, LocalCredentialsError) or known.needs_a_person(
        err, hass.loop.time()
    )
    kind = ConfigEntryAuthFailed if needs_a_person else ConfigEntryNotReady
    return kind(
        translation_domain=DOMAIN,
        translation_key="cannot_set_up",
        translation_placeholders={"reason": str(err)},
    )
