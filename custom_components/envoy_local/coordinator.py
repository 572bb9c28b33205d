"""One coordinator a tier: the only callers of the client."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
import logging
import time
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .books import EnergyBooks
from .client.client import EnvoyClient, ReadResult, Standing
from .client.endpoints import Tier
from .client.exceptions import CloudError, EnvoyError, TokenRefusedError
from .client.models.gateway import GatewayInfo
from .client.models.live import LiveSource
from .client.models.snapshot import GatewaySnapshot
from .client.session import EnvoySession
from .const import CONF_READINGS_INTERVAL, DOMAIN, INTERVALS, READINGS_INTERVAL
from .forwarding import Forwarder
from .gateway_zone import GatewayZone
from .health import GatewayHealth
from .live import LiveHub
from .log_name import log_name

_LOGGER = logging.getLogger(__name__)

_LONGEST_PAUSE: Final = 60.0
"""Seconds between two tries while the gateway is away: its return shows soon."""

type EnvoyConfigEntry = ConfigEntry[EnvoyRuntimeData]


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvoyRuntimeData:
    """What a loaded entry holds."""

    client: EnvoyClient
    session: EnvoySession
    health: GatewayHealth
    books: EnergyBooks
    coordinators: dict[Tier, EnvoyCoordinator]
    zone: GatewayZone
    forwarder: Forwarder | None
    """Where readings go besides Home Assistant; None where the user wants none."""
    live: LiveHub | None
    """What follows the power by the second; None where the user doesn't want it."""

    @property
    def snapshot(self) -> GatewaySnapshot:
        """The newest snapshot, with energies that can be trusted."""
        return self.coordinators[Tier.READINGS].data

    @property
    def is_reachable(self) -> bool:
        """Whether the gateway answered last time."""
        return self.health.is_reachable


def tier_interval(entry: EnvoyConfigEntry, tier: Tier) -> float:
    """Return the seconds between two reads of a tier."""
    if tier is Tier.READINGS:
        return float(entry.options.get(CONF_READINGS_INTERVAL, READINGS_INTERVAL))
    return INTERVALS[tier]


class EnvoyCoordinator(DataUpdateCoordinator[GatewaySnapshot]):
    """Reads one tier in its own time and holds the newest snapshot.

    A failing endpoint doesn't fail the update: the last good answers stay in
    the snapshot, which names what has been silent for too long.
    """

    config_entry: EnvoyConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: EnvoyConfigEntry,
        *,
        tier: Tier,
        client: EnvoyClient,
        health: GatewayHealth,
        books: EnergyBooks,
        live: LiveHub | None,
        siblings: dict[Tier, EnvoyCoordinator],
    ) -> None:
        """Join the coordinators of the gateway's other tiers."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"{log_name(entry)} {tier}",
            update_interval=timedelta(seconds=tier_interval(entry, tier)),
        )
        self.tier = tier
        self._client = client
        self._health = health
        self._books = books
        self._live = live
        self._siblings = siblings
        siblings[tier] = self
        self._interval = tier_interval(entry, tier)
        self._has_read = False

    @override
    async def _async_update_data(self) -> GatewaySnapshot:
        """Read the tier; the others wait while the readings can't get through."""
        if self.tier is not Tier.READINGS and self._health.is_cut_off:
            return self.data
        known = self._client.snapshot.info
        result = await self._client.read(self.tier)
        if not self._has_read and self.tier is Tier.READINGS:
            self._check_first(result)
        self._has_read = True
        self._health.async_blame(result.errors.values())
        if self.tier is Tier.READINGS:
            self._follow(result)
        self._check_identity(known)
        self._health.async_show_lost(result.snapshot.lost)
        self._share(self._books.apply(result.snapshot))
        return self.data

    def _check_first(self, result: ReadResult) -> None:
        """Let the setup fail, to be tried again, where not even one reading came.

        Not where there is none to come: the inverters may still tell all there is.
        """
        if self._client.is_up_without(result.errors):
            return
        if result.errors and not result.read:
            error = next(iter(result.errors.values()))
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="no_readings",
                translation_placeholders={"reason": str(error)},
            ) from error

    def _follow(self, result: ReadResult) -> None:
        """Note how the readings went; slow down while they fail, catch up after.

        One of them failing isn't an outage, and one of them answering no end of it.
        """
        standing = self._client.standing(Tier.READINGS)
        if standing is Standing.BAD and result.errors:
            self._health.async_failed(next(iter(result.errors.values())))
        elif result.read:
            was_away = self._health.async_answered()
            if was_away and standing is Standing.GOOD:
                self._client.forget_failures()
                self._catch_up()
        self.update_interval = timedelta(seconds=self._pause())

    def _pause(self) -> float:
        """Return the seconds until the next try."""
        interval = self._interval
        if self._live is not None:
            interval = self._live.readings_interval(interval)
        doublings = min(max(self._health.failures - 2, 0), 8)
        longest = max(interval, _LONGEST_PAUSE)
        return min(interval * (1 << doublings), longest)

    def _catch_up(self) -> None:
        """Have the other tiers read what they missed."""
        self.config_entry.async_create_background_task(
            self.hass, self._refresh_others(), name=f"{self.name} catch up"
        )

    async def _refresh_others(self) -> None:
        others = (c for c in self._siblings.values() if c is not self)
        await asyncio.gather(*(coordinator.async_refresh() for coordinator in others))

    @callback
    def async_settle(self) -> None:
        """Let the books begin, and show what they say."""
        self._books.settle()
        self._share(self._books.apply(self._client.snapshot))
        for coordinator in self._siblings.values():
            coordinator.async_update_listeners()

    @callback
    def async_share_live(self) -> None:
        """Put live power into the snapshot; who shows it is told by the hub."""
        self._share(self.data)

    @callback
    def async_follow_source(self, source: LiveSource) -> None:
        """Read out of turn when live power ends, or shows that an outage is over."""
        is_flowing = source is not LiveSource.READINGS
        if is_flowing and self._health.failures:
            self._client.forget_failures()
        if not is_flowing or self._health.failures:
            self.config_entry.async_create_background_task(
                self.hass, self.async_refresh(), name=f"{self.name} out of turn"
            )

    def _share(self, snapshot: GatewaySnapshot) -> None:
        """Give the newest snapshot to all: they differ in pace, not in data."""
        shown = self._live.shown if self._live is not None else None
        snapshot = replace(snapshot, live=shown)
        for coordinator in self._siblings.values():
            coordinator.data = snapshot

    def _check_identity(self, known: GatewayInfo) -> None:
        """Set up anew after a firmware update: endpoints come and go with it."""
        if self._client.snapshot.info.firmware != known.firmware:
            _LOGGER.info("%s has a new firmware", log_name(self.config_entry))
            self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)


async def async_renew_token(data: EnvoyRuntimeData) -> None:
    """Fetch the next token in good time; the present one goes on working."""
    try:
        await data.session.renew_token_if_due()
    except (CloudError, TokenRefusedError) as err:
        data.health.async_blame([err])
    except EnvoyError as err:
        _LOGGER.debug("The new token could not be tried: %s", err)
    token = data.session.token
    data.health.async_check_token(token.expires_at if token else None, time.time())
