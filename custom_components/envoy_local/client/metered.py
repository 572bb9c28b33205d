"""The meters in use with what they read, without what they can't have read."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from .models.gateway import Firmware
from .models.meters import Meter, MeteredPoint, MeterKind, MeterReading, PhaseReading
from .models.snapshot import GatewaySnapshot

_LOSES_A_PHASE: Final = Firmware("8.3.6000")
"""From here on one of the two phases of a battery meter is all zero now and then,
and what is said of both is the other's alone."""
_SPLIT: Final = 2


def metered_points(snapshot: GatewaySnapshot) -> dict[MeterKind, MeteredPoint]:
    """Join the enabled meters with their readings, by eid."""
    readings = {reading.eid: reading for reading in snapshot.readings or ()}
    return {
        meter.kind: MeteredPoint(
            meter=meter,
            reading=_believed(meter, readings[meter.eid], snapshot.info.firmware),
        )
        for meter in snapshot.meters or ()
        if meter.is_enabled and meter.kind and meter.eid in readings
    }


def _believed(meter: Meter, reading: MeterReading, firmware: Firmware) -> MeterReading:
    """Take away what flows where a phase was lost; its energies are the ledger's."""
    phases = reading.channels[: meter.phase_count]
    if (
        firmware < _LOSES_A_PHASE
        or meter.kind is not MeterKind.STORAGE
        or len(phases) != _SPLIT
    ):
        return reading
    lost = [_is_lost(phase) for phase in phases]
    if any(lost) == all(lost):
        return reading
    channels = tuple(
        _without_flow(phase) if is_lost else phase
        for phase, is_lost in zip(phases, lost, strict=True)
    )
    channels += reading.channels[_SPLIT:]
    return replace(_without_flow(reading), channels=channels)


def _is_lost(phase: PhaseReading) -> bool:
    """Whether nothing at all is read: a phase at rest has its voltage still."""
    told = (
        phase.voltage,
        phase.current,
        phase.power,
        phase.energy_delivered,
        phase.energy_received,
    )
    return all(value == 0 for value in told)


def _without_flow[ReadingT: PhaseReading](reading: ReadingT) -> ReadingT:
    return replace(
        reading,
        power=None,
        apparent_power=None,
        reactive_power=None,
        power_factor=None,
        voltage=None,
        current=None,
    )
