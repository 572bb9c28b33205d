"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import settings
import pytest

# Before the `hass` fixture mounts a `custom_components` of its own: the package that
# is imported first stays the one in which integrations are found.
import custom_components.envoy_local  # noqa: F401

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if "CI" in os.environ else "local")


@pytest.fixture(autouse=True)
def _find_our_integration(request: pytest.FixtureRequest) -> None:
    """Let every test that runs Home Assistant find the integration."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")
