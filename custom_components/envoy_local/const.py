"""Names and numbers of the integration, each number with its reason."""

from __future__ import annotations

from typing import Final

from homeassistant.const import Platform

from .client.endpoints import Tier

DOMAIN: Final = "envoy_local"
MANUFACTURER: Final = "Enphase"
PLATFORMS: Final = [Platform.BINARY_SENSOR, Platform.SENSOR]

# Entry data beside host, username, password and token.
CONF_SERIAL: Final = "serial"
CONF_FINGERPRINT: Final = "fingerprint"
"""SHA-256 of the gateway's certificate; absent for gateways that talk http."""
CONF_LOGIN_BACKOFF: Final = "login_backoff"
"""How long the cloud is to be left alone; survives a restart."""
SECTION_MANUAL_TOKEN: Final = "manual_token"  # noqa: S105 - a form section's name

# Options.
CONF_READINGS_INTERVAL: Final = "readings_interval"
READINGS_INTERVAL: Final = 15
"""Seconds. The gateway works its readings out once a second and answers in 0.02
to 0.4 s; four requests a minute are far from what slows it down."""
READINGS_INTERVAL_MIN: Final = 5
READINGS_INTERVAL_MAX: Final = 300
"""Seconds. A session ends after ten idle minutes, so this keeps it alive."""

INTERVALS: Final = {
    Tier.READINGS: READINGS_INTERVAL,
    # The level moves by a percent in minutes.
    Tier.STORAGE: 60,
    # Inverters report every 5 minutes at best.
    Tier.INVERTERS: 300,
    Tier.DEVICE_DATA: 300,
    # A tick; how often the slow page is read depends on what it is needed for.
    Tier.REPORT: 60,
    Tier.SETTINGS: 900,
    # A firmware update takes longer than this to settle.
    Tier.IDENTITY: 14400,
}
"""Seconds between two reads of a tier."""

LONGEST_GAP: Final = 900.0
"""Seconds between two powers that still belong together where energy is worked
out from power: three readings of the longest interval."""
