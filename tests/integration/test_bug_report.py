"""A bug report becomes a test: the simulator replays a diagnostics download."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.envoy_local.client import cloud
from simulator import Simulator

from .conftest import Setup

pytestmark = pytest.mark.filterwarnings("ignore::aiohttp.web.NotAppKeyWarning")


async def test_a_download_is_replayed(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    hass_client: ClientSessionGenerator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = await setup_entry()
    data = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    reported = entry.runtime_data.client.snapshot
    await hass.config_entries.async_remove(entry.entry_id)
    assert simulator.serial not in json.dumps(data)
    download = tmp_path / "download.json"
    download.write_text(json.dumps({"data": data}))

    async with Simulator(capture=download) as replay:
        monkeypatch.setattr(cloud, "ENLIGHTEN_URL", replay.cloud.url)
        monkeypatch.setattr(cloud, "ENTREZ_URL", replay.cloud.url)
        entry = await setup_entry(entry_data_of(replay))
        assert entry.state is ConfigEntryState.LOADED
        seen = entry.runtime_data.client.snapshot
        assert seen.totals == reported.totals
        assert seen.phases == reported.phases
        assert len(seen.inverters) == len(reported.inverters)
        await hass.config_entries.async_unload(entry.entry_id)


def entry_data_of(simulator: Simulator) -> dict[str, Any]:
    return {
        "host": simulator.gateway.host,
        "serial": simulator.serial,
        "fingerprint": simulator.gateway.fingerprint,
        "token": simulator.token(),
    }
