"""A home that forwards to InfluxDB, and its options."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ..influx_site import (  # noqa: F401 - fixtures
    Home,
    clock_fixture,
    guarded_fixture,
    home_fixture,
    influxd_fixture,
    own_disk_fixture,
    simulator_fixture,
    victoria_fixture,
)
from ..influx_stub import Stub, running
from .options import Options


@pytest.fixture
async def options(home: Home) -> Options:
    """Open the options of an entry that forwards nothing."""
    await home.set_up({})
    return Options(home)


@pytest.fixture
async def stub2(socket_enabled: None) -> AsyncIterator[Stub]:
    async with running("v2.7.1") as stub:
        yield stub


@pytest.fixture
async def stub3(socket_enabled: None) -> AsyncIterator[Stub]:
    async with running("3.2.0") as stub:
        yield stub
