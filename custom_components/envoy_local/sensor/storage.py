"""Sensors of all batteries together, and of what they are for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..client.models.snapshot import GatewaySnapshot
from ..client.models.storage import StorageSummary
from ..client.models.tariff import StorageMode, StorageSettings
from . import common
from .description import EnvoySensorDescription


def _of_storage(
    value: Callable[[StorageSummary], float | None], *, is_for_iq: bool = False
) -> Callable[[GatewaySnapshot], float | None]:
    """Find a value; `is_for_iq`: one that says 0 where there is no IQ Battery."""

    def find(snapshot: GatewaySnapshot) -> float | None:
        if snapshot.storage is None or (is_for_iq and not snapshot.has_batteries):
            return None
        return value(snapshot.storage)

    return find


STORAGE_SENSORS: Final[tuple[EnvoySensorDescription[GatewaySnapshot], ...]] = (
    common.level(lambda snapshot: snapshot.battery_level, key="battery_level"),
    common.stored_energy(
        "battery_available_energy",
        _of_storage(lambda storage: storage.total_available_energy),
    ),
    common.stored_energy(
        "battery_reserve_energy",
        _of_storage(lambda storage: storage.reserve_energy, is_for_iq=True),
    ),
    common.capacity("battery_capacity", _of_storage(lambda storage: storage.capacity)),
    common.percent(
        "battery_state_of_health",
        _of_storage(lambda storage: storage.state_of_health, is_for_iq=True),
        is_diagnostic=True,
    ),
    common.percent(
        "configured_reserve", _of_storage(lambda storage: storage.configured_reserve)
    ),
    common.percent(
        "battery_reserve", _of_storage(lambda storage: storage.adjusted_reserve)
    ),
)

STORAGE_SETTINGS_SENSORS: Final[tuple[EnvoySensorDescription[StorageSettings], ...]] = (
    common.one_of(
        "storage_mode",
        lambda settings: common.as_key(settings.mode),
        [mode.name.lower() for mode in StorageMode],
    ),
)
"""From the tariff, which is also told where there is nothing to be stored."""
