"""The price of this moment, by the clock on the wall of the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
import time
from typing import Final

from .client.models.prices import Price, PriceChange, next_change, price_at
from .client.models.snapshot import GatewaySnapshot
from .client.models.tariff import Prices
from .gateway_zone import GatewayZone

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
    """Works prices out in the gateway's zone.

    The next change takes up to some milliseconds to be found, so that it is looked
    for when the tariff or the price is another one, and not for every state.
    """

    def __init__(self, zone: GatewayZone) -> None:
        """Begin with no price worked out."""
        self._zone = zone
        self._reckoned: dict[str, _Reckoned] = {}

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
        zone, now = self._zone.now, time.time()
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
