"""A file of the books that isn't one, on a real disk."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from custom_components.envoy_local.const import DOMAIN
from simulator import Simulator

from .conftest import Setup
from .energy_site import assert_truth
from .travelled_site import (  # noqa: F401  # the same site in the same time
    simulator,
    travel,
)


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Leave the disk as it is: no storage in memory."""
    return {}


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Have everything written into a folder of the test's own."""
    return str(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"[1, 2]", b'{"foo": 1}', b'{"version": 9, "minor_version": 1, "data": {}}'],
    ids=["a list", "no store", "of a later version"],
)
async def test_a_file_that_cannot_be_read_is_set_aside(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    content: bytes,
) -> None:
    hass.config.config_dir = str(tmp_path)
    entry = await setup_entry()
    await hass.config_entries.async_unload(entry.entry_id)
    path = tmp_path / ".storage" / f"{DOMAIN}.{entry.entry_id}.energy"
    assert json.loads(path.read_bytes())["data"]["accounts"]
    path.write_bytes(content)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert entry.state is ConfigEntryState.LOADED
    said = [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and "envoy_local" in record.name
    ]
    assert len(said) == 1
    assert path.with_name(f"{path.name}.damaged").read_bytes() == content
    assert_truth(hass, simulator)
    await hass.config_entries.async_unload(entry.entry_id)
    assert json.loads(path.read_bytes())["data"]["accounts"]
