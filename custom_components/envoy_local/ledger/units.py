"""What each AC Battery was charged with and gave: two counters a unit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

from ..client.models.inverters import DeviceData, DeviceKind, DeviceReport
from ..client.models.totals import Section
from .account import Moment
from .counter import EnergyCounter, counters_as_state, counters_from_state
from .limits import Limits
from .state import State

_GIVEN = "given"
_TAKEN = "taken"


@dataclass(slots=True)
class UnitBook:
    """The counters of all AC Batteries, by serial number."""

    counters: dict[str, EnergyCounter] = field(default_factory=dict)
    _read_at: float | None = None
    _raw: DeviceData | None = None
    _trusted: DeviceData | None = None

    def book(self, moment: Moment) -> DeviceData | None:
        """Return the device data with energies of AC Batteries that never fall."""
        raw = moment.snapshot.device_data
        read_at = moment.snapshot.read_at.get(Section.DEVICE_DATA)
        if raw is not self._raw or read_at != self._read_at:
            self._raw, self._read_at = raw, read_at
            self._trusted = raw and replace(
                raw, devices=tuple(self._booked(d, moment) for d in raw.devices)
            )
        return self._trusted

    def _booked(self, device: DeviceReport, moment: Moment) -> DeviceReport:
        if device.kind is not DeviceKind.AC_BATTERY:
            return device
        return replace(
            device,
            energy=self._read(_GIVEN, device, device.energy, moment),
            energy_used=self._read(_TAKEN, device, device.energy_used, moment),
        )

    def _read(
        self, name: str, device: DeviceReport, raw: float | None, moment: Moment
    ) -> float | None:
        counter = self.counters.setdefault(f"{device.serial}_{name}", EnergyCounter())
        return counter.read(
            raw,
            now=moment.seconds,
            # One that never did much hasn't told what it is rated for: the least that
            # is allowed is near twice an AC Battery's 270 W, in and out.
            limit=Limits.inverter(device.max_power),
            corrections=moment.corrections,
            wraps=True,
        )

    def as_state(self) -> State:
        """Return everything that has to survive a restart."""
        return counters_as_state(self.counters)

    @classmethod
    def from_state(cls, state: object) -> Self:
        """Take up where it was; `StateError` where the state makes no sense."""
        return cls(counters_from_state(state))


def without_counters(data: DeviceData | None) -> DeviceData | None:
    """Return device data that says nothing yet about AC Batteries' energies."""
    return data and replace(
        data,
        devices=tuple(
            replace(device, energy=None, energy_used=None)
            if device.kind is DeviceKind.AC_BATTERY
            else device
            for device in data.devices
        ),
    )
