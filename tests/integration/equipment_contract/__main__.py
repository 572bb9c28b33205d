"""Writes the lists of entities anew, from the recorded gateways of this machine.

    python -m tests.integration.equipment_contract [recording ...]

Read what changed before it is committed: the lists are what users rely on.
"""

from __future__ import annotations

import asyncio
import sys

from ...captures import all_captures
from .lists import FOLDER, list_of, path_of
from .replaying import be_quiet, home_assistant, replaying


async def main(*names: str) -> None:
    """Write the lists of these recordings, or of all."""
    be_quiet()
    FOLDER.mkdir(exist_ok=True)
    for site in all_captures():
        if not names or site.name in names:
            async with replaying(site) as simulator, home_assistant() as hass:
                text = await list_of(hass, simulator, site.name)
            path_of(site.name).write_text(text, "utf-8")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
