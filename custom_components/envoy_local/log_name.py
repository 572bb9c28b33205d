"""What an entry is called in the log."""

from __future__ import annotations

from typing import Any

from homeassistant.config_entries import ConfigEntry


def log_name(entry: ConfigEntry[Any]) -> str:
    """Return the title with the last digits only: logs are shown around."""
    serial = entry.unique_id or ""
    return entry.title.replace(serial, f"…{serial[-4:]}") if serial else entry.title
