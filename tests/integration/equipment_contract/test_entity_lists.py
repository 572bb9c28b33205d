"""Every recorded gateway makes exactly the entities, and values, of its list.

`python -m tests.integration.equipment_contract` writes the lists anew.
"""

from __future__ import annotations

from homeassistant.core import HomeAssistant
import pytest

from ...captures import Capture, all_captures, needs_captures
from .lists import FOLDER, list_of, path_of
from .replaying import replaying

_SITES = [pytest.param(site, id=site.name) for site in all_captures()]


@needs_captures
def test_every_recording_has_its_list() -> None:
    recorded = {f"{site.name}.txt" for site in all_captures()}

    assert {path.name for path in FOLDER.iterdir()} == recorded


@needs_captures
@pytest.mark.parametrize("site", _SITES)
async def test_entities_are_those_of_the_list(
    hass: HomeAssistant, socket_enabled: None, site: Capture
) -> None:
    async with replaying(site) as simulator:
        found = await list_of(hass, simulator, site.name)
        await hass.async_block_till_done(wait_background_tasks=True)

    assert found.splitlines() == path_of(site.name).read_text("utf-8").splitlines()
