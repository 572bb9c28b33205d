"""Sensors of the tariff: what energy costs and earns now, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, override

from homeassistant.components.sensor import SensorStateClass
from homeassistant.const import UnitOfEnergy
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_track_point_in_time

from ..coordinator import EnvoyConfigEntry
from ..entity import Source
from ..tariff_clock import CurrentPrice
from .description import EnvoySensorDescription
from .entity import EnvoySensor

ATTR_NEXT_CHANGE: Final = "next_change"
ATTR_NEXT_PRICE: Final = "next_price"
ATTR_NEXT_PERIOD: Final = "next_period"

_DIGITS: Final = 6


@dataclass(frozen=True, kw_only=True)
class PriceSensorDescription(EnvoySensorDescription[CurrentPrice]):
    """A sensor of the tariff."""

    is_price: bool = True
    """Whether the value is in the tariff's currency."""


def _round(price: float) -> float:
    """Return a price as it was entered: the gateway keeps it in 32 bits."""
    return round(price, _DIGITS)


def _next(current: CurrentPrice) -> dict[str, object]:
    """Tell when the next price begins, and which."""
    change = current.change
    if change is None:
        return {}
    return {
        ATTR_NEXT_CHANGE: change.at,
        ATTR_NEXT_PRICE: _round(change.to.price) if change.to else None,
        ATTR_NEXT_PERIOD: change.to.period if change.to else None,
    }


def _next_period(current: CurrentPrice) -> dict[str, object]:
    attributes = _next(current)
    attributes.pop(ATTR_NEXT_PRICE, None)
    return attributes


IMPORT_SENSORS: Final = (
    PriceSensorDescription(
        key="import_price",
        translation_key="import_price",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=4,
        value_fn=lambda current: _round(current.price.price),
        attributes_fn=_next,
    ),
    PriceSensorDescription(
        key="tariff_period",
        translation_key="tariff_period",
        is_price=False,
        value_fn=lambda current: current.price.period,
        attributes_fn=_next_period,
    ),
)
EXPORT_SENSORS: Final = (
    PriceSensorDescription(
        key="export_price",
        translation_key="export_price",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=4,
        entity_registry_enabled_default=False,
        value_fn=lambda current: _round(current.price.price),
        attributes_fn=_next,
    ),
)


class PriceSensor(EnvoySensor[CurrentPrice]):
    """Shows another value when its time has come, whatever is read meanwhile."""

    entity_description: PriceSensorDescription

    def __init__(
        self,
        entry: EnvoyConfigEntry,
        source: Source[CurrentPrice],
        description: PriceSensorDescription,
    ) -> None:
        """Take name and kind from the description."""
        super().__init__(entry, source, description)
        self._changes_at: datetime | None = None
        self._cancel: CALLBACK_TYPE | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Wait for the next change."""
        await super().async_added_to_hass()
        self._wait()

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Wait no more."""
        self._stop_waiting()
        await super().async_will_remove_from_hass()

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        """The tariff's own currency, for a kWh."""
        data = self.picked
        if data is None or not data.currency or not self.entity_description.is_price:
            return None
        return f"{data.currency}/{UnitOfEnergy.KILO_WATT_HOUR}"

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show what was read, and wait for what the tariff says now."""
        self._wait()
        super()._handle_coordinator_update()

    @callback
    def _wait(self) -> None:
        data = self.picked
        change = data.change if data else None
        at = change.at if change else None
        if at == self._changes_at:
            return
        self._stop_waiting()
        if at is not None:
            self._changes_at = at
            self._cancel = async_track_point_in_time(self.hass, self._change, at)

    @callback
    def _stop_waiting(self) -> None:
        if self._cancel is not None:
            self._cancel()
        self._cancel = self._changes_at = None

    @callback
    def _change(self, _: datetime) -> None:
        """Show the price that begins now."""
        self._cancel = self._changes_at = None
        self._handle_coordinator_update()
