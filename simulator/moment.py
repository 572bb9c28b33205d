"""Everything that a payload is made from: one plant at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from .acbatteries import AcTotal, ac_total
from .answers import firmware_tuple
from .equipment import Equipment
from .inverters import Inverters
from .plant import Plant, PlantCounters, PlantPower
from .scenarios import Scenario


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A plant at epoch `at`, seen by the gateway with this serial."""

    plant: Plant
    inverters: Inverters
    equipment: Equipment
    serial: str
    at: float

    @property
    def scenario(self) -> Scenario:
        """Return what is installed."""
        return self.plant.scenario

    @property
    def firmware(self) -> tuple[int, ...]:
        """Return the firmware as numbers."""
        return firmware_tuple(self.scenario.firmware)

    @cached_property
    def power(self) -> PlantPower:
        """Return the plant's power."""
        return self.plant.power(self.at)

    @cached_property
    def counters(self) -> PlantCounters:
        """Return the plant's counters."""
        return self.plant.counters(self.at)

    @property
    def epoch(self) -> int:
        """Return the time as gateways write it, in whole seconds."""
        return int(self.at)

    @cached_property
    def ac_batteries(self) -> AcTotal:
        """Return all AC Batteries together."""
        return ac_total(self.plant, self.equipment, self.at)

    @property
    def level(self) -> int:
        """Return the IQ Batteries' level in %, 0 without any."""
        if not self.equipment.of("battery"):
            return 0
        soc = self.power.soc
        # Where the plant has no batteries, those that were added are half full.
        return 50 if soc is None else round(soc * 100)

    def earlier(self, seconds: float) -> Moment:
        """Return the same site `seconds` ago."""
        return Moment(
            plant=self.plant,
            inverters=self.inverters,
            equipment=self.equipment,
            serial=self.serial,
            at=self.at - seconds,
        )

    @property
    def quarter(self) -> Moment:
        """Return the site at the last full quarter of an hour."""
        return self.earlier(self.at % 900)

    @property
    def day_start(self) -> float:
        """Return when the gateway began its day: 13 minutes after local midnight."""
        late = 780.0
        return self.plant.midnight(self.at - late) + late

    @property
    def week_start(self) -> float:
        """Return the gateway's seven-day mark."""
        return self.plant.midnight(self.at, days_back=7)
