"""`/ivp/livedata/status`: what flows, in milliwatts, batteries included.

Without a client that asked for it within the last quarter of an hour the numbers
stand still, or move every five seconds; only `last_update` tells.
"""

from __future__ import annotations

from typing import Final

from ..exceptions import EnvoyResponseError
from ..models.live import (
    LiveData,
    LiveFlow,
    LivePhase,
    LivePower,
    LiveSite,
    LiveSource,
)
from ..models.meters import MeterKind
from ..payloads.fields import Row, decode_object, epoch, integer, mapping, scaled, text

PATH: Final = "/ivp/livedata/status"
_MILLI: Final = 1000
_PHASES: Final = ("a", "b", "c")
_ENABLED: Final = "enabled"
_GRID_METERS: Final = {MeterKind.NET_CONSUMPTION, MeterKind.TOTAL_CONSUMPTION}


def parse_livedata(body: bytes) -> LiveData:
    """Read an answer, whether it is fresh or not."""
    answer = decode_object(body, PATH)
    meters = mapping(answer, "meters")
    if not meters:
        raise EnvoyResponseError(f"{PATH} holds no meters")
    count = integer(meters, "phase_count")
    names = _PHASES[:count] if count and count > 0 else _PHASES
    state = text(mapping(answer, "connection"), "sc_stream")
    return LiveData(
        is_enabled=None if state is None else state == _ENABLED,
        last_update=epoch(meters, "last_update"),
        production=_flow(mapping(meters, "pv"), names),
        storage=_flow(mapping(meters, "storage"), names),
        grid=_flow(mapping(meters, "grid"), names),
        load=_flow(mapping(meters, "load"), names),
    )


def live_power(data: LiveData, *, site: LiveSite, received_at: float) -> LivePower:
    """Say what flows, as far as the meters in use can know."""
    count = max(len(data.production.phases), len(data.grid.phases))
    whole = _balance(data.production.power, data.grid.power, data.storage.power, site)
    return LivePower(
        source=LiveSource.LIVEDATA,
        received_at=received_at,
        measured_at=data.last_update,
        production=whole.production,
        consumption=whole.consumption,
        grid=whole.grid,
        battery=whole.battery,
        phases=tuple(
            _balance(
                _at(data.production, phase),
                _at(data.grid, phase),
                _at(data.storage, phase),
                site,
            )
            for phase in range(count)
        ),
    )


def _flow(row: Row, names: tuple[str, ...]) -> LiveFlow:
    phases = tuple(scaled(row, f"agg_p_ph_{name}_mw", _MILLI) for name in names)
    return LiveFlow(
        power=scaled(row, "agg_p_mw", _MILLI),
        phases=() if all(power is None for power in phases) else phases,
    )


def _at(flow: LiveFlow, phase: int) -> float | None:
    return flow.phases[phase] if phase < len(flow.phases) else None


def _balance(
    production: float | None,
    grid: float | None,
    storage: float | None,
    site: LiveSite,
) -> LivePhase:
    """Work out what the house uses: all that comes in, from wherever."""
    if MeterKind.PRODUCTION not in site.meters:
        production = None
    if not site.meters.keys() & _GRID_METERS:
        grid = None
    if not site.has_storage:
        storage = None
    consumption = None
    if production is not None and grid is not None:
        if storage is not None:
            consumption = production + grid + storage
        elif not site.has_storage:
            consumption = production + grid
    return LivePhase(
        production=production, consumption=consumption, grid=grid, battery=storage
    )
