"""Inverters, and the other units that sit on the power line with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .unknown import UnknownValue


@dataclass(frozen=True, slots=True, kw_only=True)
class InverterReport:
    """A row of `/api/v1/production/inverters`: the last report of a unit."""

    serial: str
    is_ac_battery: bool
    """`devType` 11. The AC Batteries stand in the same list as the inverters."""
    power: float | None
    """W, the mean over the last report (5 to 15 minutes, sometimes an hour)."""
    max_power: float | None
    """W, the highest ever reported."""
    last_reported: int | None
    """Epoch second; None for a unit that never reported."""


class DeviceKind(StrEnum):
    """What a row of the device data is, as `devName` says it."""

    INVERTER = "pcu"
    AC_BATTERY = "acb"
    METER = "eim"
    RELAY = "nsrb"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReport:
    """A unit of `/ivp/pdm/device_data`, with the detail that nothing else has."""

    serial: str
    kind: DeviceKind
    is_active: bool
    """False for a removed unit. `modGone` isn't: it is true for sleeping ones."""
    power: float | None
    """W: the energy of the last report over its duration."""
    max_power: float | None
    energy: float | None
    """Wh since the start; not cut at 2^32 J, unlike the gateway's own sum."""
    energy_used: float | None
    """Wh taken in since the start: what an AC Battery was charged with."""
    energy_today: float | None
    last_reported: int | None
    report_duration: int | None
    """Seconds that the last report covers."""
    temperature: float | None
    """Degrees Celsius."""
    dc_voltage: float | None
    dc_current: float | None
    ac_voltage: float | None
    ac_current: float | None
    """Amperes; 0 on many gateways."""
    ac_frequency: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceData:
    """`/ivp/pdm/device_data`: at most `limit` units, of all kinds together."""

    devices: tuple[DeviceReport, ...]
    count: int | None
    limit: int | None
    unknown: tuple[UnknownValue, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether the list surely holds every unit that the gateway knows."""
        if self.count is None or self.limit is None:
            return False
        return self.count < self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverter:
    """An inverter, from both sources: the newer report wins."""

    serial: str
    power: float | None
    max_power: float | None
    energy: float | None
    energy_today: float | None
    last_reported: int | None
    report_duration: int | None
    temperature: float | None
    dc_voltage: float | None
    dc_current: float | None
    ac_voltage: float | None
    ac_current: float | None
    ac_frequency: float | None
