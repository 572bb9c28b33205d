"""The lists of entities that stand in the repository, and how one is made."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.const import DOMAIN
from custom_components.envoy_local.coordinator import EnvoyRuntimeData
from simulator import Simulator

from .listing import Listed, entities, render
from .replaying import everything_on, our_data, set_up

_POWER: Final = {Tier.READINGS, Tier.REPORT}
FOLDER: Final = Path(__file__).parents[2] / "contract" / "entities"


def path_of(name: str) -> Path:
    """Return the file that holds a recording's list."""
    return FOLDER / f"{name}.txt"


async def our_entities(hass: HomeAssistant, simulator: Simulator) -> list[Listed]:
    """Set a gateway up, return all its entities, and let it go again."""
    with everything_on() as by_default:
        entry = await set_up(hass, DOMAIN, simulator.serial, our_data(simulator))
        await _read_again(entry.runtime_data)
        await hass.async_block_till_done(wait_background_tasks=True)
        found = entities(hass, entry, by_default)
    await hass.config_entries.async_unload(entry.entry_id)
    return found


async def _read_again(data: EnvoyRuntimeData) -> None:
    """Read what the first answers have shown to be there: a generator, a relay.

    Not the power, as energies are added up from it while no time passes here.
    """
    for tier, coordinator in data.coordinators.items():
        if tier not in _POWER:
            await coordinator.async_refresh()


async def list_of(hass: HomeAssistant, simulator: Simulator, name: str) -> str:
    """Return a recording's list."""
    return render(name, await our_entities(hass, simulator))
