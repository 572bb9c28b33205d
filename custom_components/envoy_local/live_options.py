"""Whether power is shown live, and how often, as the options of an entry hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

CONF_LIVE: Final = "live"
"""The options below belong to it; it stays when live power is switched off."""
CONF_LIVE_POWER: Final = "live_power"
CONF_LIVE_INTERVAL: Final = "live_interval"
CONF_LIVE_INFLUXDB: Final = "live_influxdb"

LIVE_INTERVAL: Final = 5
"""Seconds between two updates of the power sensors: each is a row in the recorder."""
LIVE_INTERVAL_MIN: Final = 1
LIVE_INTERVAL_MAX: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOptions:
    """What live power has to be told."""

    interval: float
    """The pace, in seconds."""
    influxdb: bool
    """Whether live power is forwarded too, where readings are."""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self | None:
        """Read an entry's options; None where live power is off."""
        stored = options.get(CONF_LIVE, {})
        if not stored.get(CONF_LIVE_POWER):
            return None
        return cls(
            interval=float(stored.get(CONF_LIVE_INTERVAL, LIVE_INTERVAL)),
            influxdb=stored.get(CONF_LIVE_INFLUXDB, True),
        )
