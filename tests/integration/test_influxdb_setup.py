"""A setup that fails on the way leaves nothing at work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.config_entries import ConfigEntryState
import pytest

from custom_components.envoy_local.coordinator import EnvoyConfigEntry
from custom_components.envoy_local.forwarding import Forwarder
from custom_components.envoy_local.influxdb.spool import SpoolError

from ..influxdb.servers import Influxd
from .influx_site import (  # noqa: F401 - fixtures
    Home,
    clock_fixture,
    home_fixture,
    influxd_fixture,
    options_for,
    own_disk_fixture,
    simulator_fixture,
)


def state(home: Home) -> ConfigEntryState:
    """Return how the entry stands now."""
    return home.entry.state


@contextmanager
def broken_setup(home: Home) -> Iterator[list[Forwarder | None]]:
    """Let the setup fail after forwarding has begun; yield what has begun.

    Nothing from outside makes it fail there, or it would have been mended.
    """
    begun: list[Forwarder | None] = []

    async def fail(entry: EnvoyConfigEntry, _: object) -> None:
        forwarder = entry.runtime_data.forwarder
        await home.until(lambda: forwarder is None or forwarder.is_open)
        begun.append(forwarder)
        raise ZeroDivisionError

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(home.hass.config_entries, "async_forward_entry_setups", fail)
        yield begun


@pytest.mark.parametrize("is_on", [True, False])
async def test_a_setup_that_fails_closes_what_forwards(
    home: Home, influxd: Influxd, *, is_on: bool
) -> None:
    await home.set_up(options_for(influxd.url, enabled=is_on))
    with broken_setup(home) as begun:
        await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert state(home) is ConfigEntryState.SETUP_ERROR
    assert [forwarder is not None for forwarder in begun] == [is_on]
    for forwarder in filter(None, begun):
        with pytest.raises(SpoolError, match="closed"):
            await forwarder.async_clear_quarantined()

    await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert state(home) is ConfigEntryState.LOADED
    assert (home.entry.runtime_data.forwarder is not None) == is_on


async def test_what_was_read_before_is_delivered_after_it(
    home: Home, influxd: Influxd
) -> None:
    influxd.stop()
    await home.set_up(options_for(influxd.url))
    await home.read(3)
    with broken_setup(home):
        await home.hass.config_entries.async_reload(home.entry.entry_id)
    influxd.start()
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.until_delivered()
    assert len(influxd.times("production", "solar")) >= 4
