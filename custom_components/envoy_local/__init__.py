"""Envoy Local: an Enphase Envoy or IQ Gateway, read over the local network."""

from __future__ import annotations

import asyncio

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .actions import async_register_actions
from .books import energy_store
from .client.endpoints import Tier
from .compat import reload_on_options_change
from .connect import async_connect, async_first_read
from .const import DOMAIN, PLATFORMS
from .coordinator import EnvoyConfigEntry, EnvoyRuntimeData, async_renew_token
from .forwarding import Forwarder, async_delete_spool
from .forwarding_issues import async_clear_forwarding_issues
from .issues import async_clear_issues
from .log_name import log_name
from .sources import gateway_device_info
from .sources_equipment import present

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

_AT_LEISURE = (Tier.STORAGE, Tier.DEVICE_DATA, Tier.REPORT, Tier.IDENTITY)
"""Tiers that may be slow: nobody waits for them before the entities show up."""


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Register what belongs to no single entry."""
    async_register_actions(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: EnvoyConfigEntry) -> bool:
    """Find the gateway, sign in, read it once, and go on reading it."""
    entry.runtime_data = data = await async_connect(hass, entry)
    await async_first_read(data)
    try:
        await _async_show(hass, entry, data)
    except BaseException:
        # Old versions of Home Assistant unload nothing here; two forwarders at
        # one file would be in each other's way.
        if data.forwarder is not None:
            await data.forwarder.async_close()
        raise
    _keep_token_fresh(hass, entry, data)
    _follow_zone(entry, data)
    if data.live is not None:
        readings = data.coordinators[Tier.READINGS]
        data.live.async_start(
            share=readings.async_share_live,
            source_changed=readings.async_follow_source,
        )
    entry.async_create_background_task(
        hass, _read_at_leisure(data), name=f"{log_name(entry)} first reads"
    )
    reload_on_options_change(entry)
    return True


async def _async_show(
    hass: HomeAssistant, entry: EnvoyConfigEntry, data: EnvoyRuntimeData
) -> None:
    """Forward what was read, and add the device and its entities."""
    if data.forwarder is not None:
        _forward(entry, data, data.forwarder)
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, **gateway_device_info(entry)
    )
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)


async def async_unload_entry(hass: HomeAssistant, entry: EnvoyConfigEntry) -> bool:
    """Stop reading; the timers go with the entry, and the books are written."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: EnvoyConfigEntry) -> None:
    """Take the books along with their entry, and what was still to be forwarded."""
    await energy_store(hass, entry).async_remove()
    await async_delete_spool(hass, entry)
    async_clear_issues(hass, entry)
    async_clear_forwarding_issues(hass, entry)


async def async_remove_config_entry_device(
    _: HomeAssistant, entry: EnvoyConfigEntry, device_entry: dr.DeviceEntry
) -> bool:
    """Let a device go that the gateway no longer lists."""
    if entry.state is not ConfigEntryState.LOADED:
        return False
    there = present(entry.runtime_data.snapshot)
    return not any(
        domain == DOMAIN and serial in there
        for domain, serial in device_entry.identifiers
    )


@callback
def _forward(
    entry: EnvoyConfigEntry, data: EnvoyRuntimeData, forwarder: Forwarder
) -> None:
    """Hand every snapshot to the forwarder, beginning with the present one."""

    @callback
    def take() -> None:
        forwarder.async_take(data.snapshot)

    forwarder.async_start()
    take()
    for coordinator in data.coordinators.values():
        entry.async_on_unload(coordinator.async_add_listener(take))
    if data.live is not None and data.live.options.influxdb:

        @callback
        def take_live() -> None:
            forwarder.async_take_live(data.snapshot)

        entry.async_on_unload(data.live.async_add_listener(take_live))


@callback
def _follow_zone(entry: EnvoyConfigEntry, data: EnvoyRuntimeData) -> None:
    """Have prices shown and forwarded anew when the gateway's zone is known."""
    settings = data.coordinators[Tier.SETTINGS]

    @callback
    def follow() -> None:
        data.zone.async_follow(data.snapshot, settings.async_update_listeners)

    follow()
    identity = data.coordinators[Tier.IDENTITY]
    entry.async_on_unload(identity.async_add_listener(follow))


async def _read_at_leisure(data: EnvoyRuntimeData) -> None:
    """Read the rest for the first time; then all counters are known."""
    await asyncio.gather(*(data.coordinators[t].async_refresh() for t in _AT_LEISURE))
    data.coordinators[Tier.READINGS].async_settle()


@callback
def _keep_token_fresh(
    hass: HomeAssistant, entry: EnvoyConfigEntry, data: EnvoyRuntimeData
) -> None:
    """Look after the token whenever the settings have been read."""

    @callback
    def renew() -> None:
        entry.async_create_background_task(
            hass, async_renew_token(data), name=f"{log_name(entry)} token"
        )

    renew()
    entry.async_on_unload(data.coordinators[Tier.SETTINGS].async_add_listener(renew))
