"""Live power as points of the schema `standard`: the same series, closer together."""

from __future__ import annotations

from collections.abc import Iterator

from ..client.models.snapshot import GatewaySnapshot
from ..client.models.totals import Totals
from . import standard_fields as fields
from .field import GATEWAY_TAG
from .line_protocol import Point
from .times import milliseconds


def live_points(snapshot: GatewaySnapshot) -> Iterator[Point]:
    """Yield what is known better than by the readings, dated when it arrived.

    What stays as it was read has its own points, and energies come from counters.
    """
    live = snapshot.live
    if live is None:
        return
    time = milliseconds(live.received_at)
    gateway = snapshot.info.serial
    yield from _flowing(snapshot.now, snapshot.totals, gateway, "total", time)
    phases = zip(snapshot.phases_now, snapshot.phases, strict=True)
    for number, (now, read) in enumerate(phases, start=1):
        yield from _flowing(now, read, gateway, f"l{number}", time)


def _flowing(
    now: Totals, read: Totals, gateway: str, phase: str, time: int
) -> Iterator[Point]:
    for group, flow, was in (
        (fields.PRODUCTION, now.production, read.production),
        (fields.CONSUMPTION, now.consumption, read.consumption),
        (fields.GRID, now.grid, read.grid),
        (fields.BATTERY, now.battery, read.battery),
    ):
        if flow is not was and flow.power is not None:
            yield Point(
                measurement=group.measurement,
                tags={GATEWAY_TAG: gateway, "phase": phase},
                fields={"power": float(flow.power)},
                time=time,
            )
