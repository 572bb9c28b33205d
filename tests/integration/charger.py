"""A car charger with a meter of its own, at a site that the simulator has without."""

from __future__ import annotations

from typing import Any, Final

from simulator import Simulator

from .energy_site import METERS, READINGS, spoil

_EID: Final = 704644864
_SHARES: Final = {"": 1.0, "_l1": 0.6, "_l2": 0.4}
_BACK: Final = 0.1
"""What it gives back of what it takes."""


class Charger:
    """A meter that counts half of what the house uses, and a tenth of that back."""

    def __init__(self, simulator: Simulator) -> None:
        """Put it into the gateway's answers."""
        self._simulator = simulator
        self.is_booting = False
        """Whether it says zero, as while a gateway boots."""
        self.is_enabled = True
        spoil(simulator).changes |= {METERS: self._listed, READINGS: self._read}

    def truth(self, at: float | None = None) -> dict[str, float]:
        """Return what it has counted at the last reading, Wh by the sensors' keys."""
        requests = self._simulator.gateway.requests
        moment = requests.to(READINGS)[-1].time if at is None else at
        counted = self._counted(moment)
        return {
            f"evse_energy_{way}{suffix}": counted * share * part
            for way, share in (("delivered", 1.0), ("received", _BACK))
            for suffix, part in _SHARES.items()
        }

    def _counted(self, at: float) -> float:
        assert self._simulator.plant
        return self._simulator.plant.counters(at).consumption / 2

    def _listed(self, rows: Any, _: float) -> Any:
        state = "enabled" if self.is_enabled else "disabled"
        own = {"eid": _EID, "measurementType": "evse", "state": state}
        return [*rows, rows[1] | own]

    def _read(self, rows: Any, now: float) -> Any:
        counted = 0.0 if self.is_booting else self._counted(now)
        first, second, third = rows[1]["channels"]
        channels = [
            first | _energies(counted * _SHARES["_l1"]),
            second | _energies(counted * _SHARES["_l2"]),
            third,
        ]
        own = {"eid": _EID, "channels": channels, **_energies(counted)}
        return [*rows, rows[1] | own]


def _energies(counted: float) -> dict[str, float]:
    return {
        "actEnergyDlvd": round(counted, 3),
        "actEnergyRcvd": round(counted * _BACK, 3),
    }
