"""A site whose equipment changes, and what its gateway says of it."""

from __future__ import annotations

from typing import Any

import aiohttp

from simulator import Equipment, Simulator

from .helpers import Caller

type Row = dict[str, Any]


def equipment_of(simulator: Simulator) -> Equipment:
    """Return the simulated site's equipment."""
    assert simulator.equipment is not None
    return simulator.equipment


class Site:
    """Ask the gateway of one simulator."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.equipment = equipment_of(simulator)
        self._simulator = simulator
        self._caller = Caller(simulator, session)

    async def ask(self, path: str, *, status: int = 200) -> Any:
        answer = await self._caller.get(path, bearer=self._simulator.token())
        assert answer.status == status
        return answer.json

    async def inventory(self) -> dict[str, list[Row]]:
        """Return the Ensemble devices by type."""
        rows = await self.ask("/ivp/ensemble/inventory")
        return {row["type"]: row["devices"] for row in rows}

    async def stock(self, query: str = "") -> dict[str, list[Row]]:
        """Return the devices of `/inventory` by type."""
        rows = await self.ask(f"/inventory{query}")
        return {row["type"]: row["devices"] for row in rows}

    async def data(self, name: str) -> list[Row]:
        """Return the devices of a kind in device_data."""
        answer = await self.ask("/ivp/pdm/device_data")
        devices = [row for row in answer.values() if isinstance(row, dict)]
        return [row for row in devices if row["devName"] == name]


def serials(rows: list[Row]) -> list[str]:
    """Return the serial numbers of an inventory's rows."""
    return [row["serial_num"] for row in rows]
