"""The price of this moment, by the clock on the wall of the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
import time
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .client.endpoints import Tier
from .client.models.prices import Price, PriceChange, next_change, price_at
from .client.models.snapshot import GatewaySnapshot
from .client.models.tariff import Prices
from .coordinator import EnvoyConfigEntry
from .log_name import log_name

_LONGEST: Final = 86_400.0
"""Seconds after which it is looked again whether there is a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentPrice:
    """A price, what comes after it, and what it is counted in."""

    price: Price
    change: PriceChange | None
    """None where nothing changes within a year."""
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reckoned:
    """A price with all that it was worked out from."""

    prices: Prices
    zone: tzinfo
    since: float
    """Epoch seconds, as `until`: two datetimes of one zone compare by wall clock."""
    until: float
    price: Price | None
    change: PriceChange | None


class TariffClock:
    """Works prices out in the gateway's zone, in Home Assistant's until that is known.

    The next change takes up to some milliseconds to be found, so that it is looked
    for when the tariff or the price is another one, and not for every state.
    """

    def __init__(self, hass: HomeAssistant, entry: EnvoyConfigEntry) -> None:
        """Begin in Home Assistant's zone."""
        self._hass = hass
        self._entry = entry
        self._name: str | None = None
        self._zone: tzinfo | None = None
        self._reckoned: dict[str, _Reckoned] = {}

    @callback
    def async_start(self) -> None:
        """Find the gateway's zone, now and whenever it tells another."""
        self._follow_zone()
        coordinator = self._entry.runtime_data.coordinators[Tier.IDENTITY]
        self._entry.async_on_unload(coordinator.async_add_listener(self._follow_zone))

    def importing(self, snapshot: GatewaySnapshot) -> CurrentPrice | None:
        """Return what a kWh from the grid costs; None where the tariff doesn't say."""
        tariff = snapshot.tariff
        if tariff is None:
            return None
        return self._now("import", tariff.imports, tariff.currency)

    def exporting(self, snapshot: GatewaySnapshot) -> CurrentPrice | None:
        """Return what a kWh to the grid earns; None where the tariff doesn't say."""
        tariff = snapshot.tariff
        if tariff is None:
            return None
        return self._now("export", tariff.exports, tariff.currency)

    def _now(
        self, direction: str, prices: Prices, currency: str | None
    ) -> CurrentPrice | None:
        zone = self._zone or dt_util.get_default_time_zone()
        now = time.time()
        known = self._reckoned.get(direction)
        if (
            known is None
            or known.prices is not prices
            or known.zone is not zone
            or not known.since <= now < known.until
        ):
            known = self._reckoned[direction] = _reckon(prices, zone, now)
        if known.price is None:
            return None
        return CurrentPrice(price=known.price, change=known.change, currency=currency)

    @callback
    def _follow_zone(self) -> None:
        home = self._entry.runtime_data.snapshot.home
        name = home.timezone if home else None
        if name != self._name:
            self._name = name
            self._entry.async_create_background_task(
                self._hass, self._load(name), name=f"{log_name(self._entry)} zone"
            )

    async def _load(self, name: str | None) -> None:
        """Read a zone from the disk, and have the prices shown anew."""
        try:
            zone = await dt_util.async_get_time_zone(name) if name else None
        except (OSError, ValueError):
            # Not a name that a file could have; the gateway may say anything.
            zone = None
        self._zone = zone
        self._entry.runtime_data.coordinators[Tier.SETTINGS].async_update_listeners()


def _reckon(prices: Prices, zone: tzinfo, now: float) -> _Reckoned:
    """Work out the price of a moment, and until when it holds."""
    moment = datetime.fromtimestamp(now, zone)
    change = next_change(prices, moment)
    until = now + _LONGEST
    return _Reckoned(
        prices=prices,
        zone=zone,
        since=now,
        until=min(until, change.at.timestamp()) if change else until,
        price=price_at(prices, moment),
        change=change,
    )
