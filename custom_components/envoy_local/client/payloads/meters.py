"""`/ivp/meters` and `/ivp/meters/readings`: the native source of live numbers."""

from __future__ import annotations

from typing import Final

from ..models.meters import Meter, MeterKind, MeterReading, PhaseReading
from .fields import (
    Row,
    decode_rows,
    epoch,
    integer,
    number,
    rows,
    text,
    texts,
    understood,
    watts,
)

_MOST_PHASES: Final = 3


def parse_meters(body: bytes) -> tuple[Meter, ...]:
    """Read how the meters are set up; an empty list on gateways without any."""
    answer = decode_rows(body, "/ivp/meters")
    return understood(map(_meter, answer), answer, "/ivp/meters")


def parse_readings(body: bytes) -> tuple[MeterReading, ...]:
    """Read what the meters say now.

    Rows of meters that `/ivp/meters` doesn't list (firmware 8.3 has a phantom
    1023410688, all zero) are kept here and fall away when both are joined.
    """
    answer = decode_rows(body, "/ivp/meters/readings")
    return understood(map(_reading, answer), answer, "/ivp/meters/readings")


def _meter(row: Row) -> Meter | None:
    eid = integer(row, "eid")
    if eid is None:
        return None
    name = text(row, "measurementType")
    kind = _kind(name)
    return Meter(
        eid=eid,
        kind=kind,
        unknown_kind=None if kind else name,
        is_enabled=text(row, "state") == "enabled",
        phase_mode=text(row, "phaseMode"),
        phase_count=min(max(integer(row, "phaseCount") or 1, 1), _MOST_PHASES),
        metering_status=text(row, "meteringStatus"),
        status_flags=texts(row.get("statusFlags")),
    )


def _kind(name: str | None) -> MeterKind | None:
    try:
        return MeterKind(name or "")
    except ValueError:
        return None


def _reading(row: Row) -> MeterReading | None:
    eid = integer(row, "eid")
    if eid is None:
        return None
    channels = tuple(_phase(channel) for channel in rows(row.get("channels")))
    whole = _phase(row)
    return MeterReading(
        eid=eid,
        timestamp=epoch(row, "timestamp"),
        channels=channels,
        energy_delivered=whole.energy_delivered,
        energy_received=whole.energy_received,
        power=whole.power,
        apparent_power=whole.apparent_power,
        reactive_power=whole.reactive_power,
        power_factor=whole.power_factor,
        voltage=whole.voltage,
        current=whole.current,
        frequency=whole.frequency,
    )


def _phase(row: Row) -> PhaseReading:
    return PhaseReading(
        energy_delivered=number(row, "actEnergyDlvd"),
        energy_received=number(row, "actEnergyRcvd"),
        power=watts(row, "activePower"),
        apparent_power=watts(row, "apparentPower"),
        reactive_power=watts(row, "reactivePower"),
        power_factor=_power_factor(number(row, "pwrFactor")),
        voltage=number(row, "voltage"),
        current=number(row, "current"),
        frequency=number(row, "freq") or None,
    )


def _power_factor(value: float | None) -> float | None:
    """Drop what can't be: 8.3.1598 and 8.3.5433 say 1.55 to 1.97."""
    return value if value is not None and abs(value) <= 1 else None
