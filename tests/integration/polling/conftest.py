"""The site that all these tests poll."""

from __future__ import annotations

from ..travelled_site import entry, simulator, travel  # noqa: F401 - fixtures
