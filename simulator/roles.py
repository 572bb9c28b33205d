"""Which paths an owner's token may not read."""

from __future__ import annotations

from typing import Final

_INSTALLER_PREFIXES: Final = (
    "/ivp/peb/newscan",
    "/ivp/peb/devstatus",
    "/ivp/peb/reportsettings",
    "/ivp/ss/dpel",
    "/ivp/mod/",
    "/installer/",
)


def needs_installer(path: str, firmware: tuple[int, ...]) -> bool:
    """Return whether `path` is closed to the owner role on this firmware."""
    if path.startswith(_INSTALLER_PREFIXES):
        return True
    # Owners could read the stream before 7.6, and can again on 8.3.
    if path == "/stream/meter":
        return (7, 6) <= firmware < (8, 3)
    return path == "/ivp/pdm/energy" and firmware < (8,)
