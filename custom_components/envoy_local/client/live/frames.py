"""A frame of `/stream/meter`: three sections of three phases, no time, no energy.

Net is + import. The gateway's own total consumption is production + net, so it
counts the charging of a battery as consumption; it is read only where the load
is what is metered. Of a meter's channels only the first `phaseCount` are its own:
on a split phase with a battery the third of the grid's shows the battery's second.
"""

from __future__ import annotations

from typing import Final

from ..exceptions import EnvoyResponseError
from ..models.live import LivePhase, LivePower, LiveSite, LiveSource
from ..models.meters import MeterKind
from ..payloads.fields import Row, decode_object, watts

PATH: Final = "/stream/meter"
_PHASES: Final = ("ph-a", "ph-b", "ph-c")

type _Watts = tuple[float | None, ...]


def parse_frame(data: bytes, *, site: LiveSite, received_at: float) -> LivePower:
    """Read the sections whose meters are in use; the others hold noise."""
    frame = decode_object(data, PATH)
    made = _section(frame, MeterKind.PRODUCTION, site)
    net = _section(frame, MeterKind.NET_CONSUMPTION, site)
    load = _section(frame, MeterKind.TOTAL_CONSUMPTION, site)
    whole = _balance(_sum(made), _sum(net), _sum(load))
    if whole == LivePhase():
        raise EnvoyResponseError("A frame of the stream says nothing")
    return LivePower(
        source=LiveSource.STREAM,
        received_at=received_at,
        production=whole.production,
        consumption=whole.consumption,
        grid=whole.grid,
        phases=tuple(map(_balance, *map(_padded, (made, net, load)))),
    )


def _section(frame: Row, kind: MeterKind, site: LiveSite) -> _Watts:
    """Return the power of each phase in use, nothing where the meter isn't."""
    section, count = frame.get(kind.value), site.meters.get(kind, 0)
    if not isinstance(section, dict):
        return ()
    phases = (section.get(name) for name in _PHASES[:count])
    return tuple(watts(row, "p") for row in phases if isinstance(row, dict))


def _padded(watts_by_phase: _Watts) -> _Watts:
    return (*watts_by_phase, None, None, None)[: len(_PHASES)]


def _balance(made: float | None, net: float | None, load: float | None) -> LivePhase:
    """Add what follows from two of the three; a battery is left out."""
    if made is not None and net is None and load is not None:
        net = load - made
    elif made is not None and net is not None and load is None:
        load = made + net
    return LivePhase(production=made, consumption=load, grid=net)


def _sum(watts_by_phase: _Watts) -> float | None:
    """Add up the phases; None where there is none, or one of them doesn't say."""
    known = [value for value in watts_by_phase if value is not None]
    return sum(known) if known and len(known) == len(watts_by_phase) else None
