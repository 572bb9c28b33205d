"""The sites of these tests, in a time that passes as fast as they want."""

from __future__ import annotations

from unittest.mock import PropertyMock

from homeassistant.helpers.entity import Entity
import pytest

from ..travelled_site import entry, simulator, travel  # noqa: F401 - fixtures


@pytest.fixture
def everything_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all entities, also those that wait on the device page to be enabled."""
    enabled = PropertyMock(return_value=True)
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", enabled)
