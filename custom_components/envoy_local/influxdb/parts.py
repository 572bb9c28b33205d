"""A part of a schema: points that change together, and what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..client.models.snapshot import GatewaySnapshot
from ..client.models.totals import Section
from .field import GATEWAY_TAG
from .line_protocol import Point
from .times import Times

type Builder = Callable[[GatewaySnapshot, Times], Iterator[Point]]


@dataclass(frozen=True, slots=True)
class Part:
    """Points of a schema that are worth making when what is behind them has changed.

    Fifty inverters report every five minutes; the site is read every few seconds.
    """

    points: Builder
    state: Callable[[GatewaySnapshot], object]
    """Returns what stays equal as long as the points do."""


def tags_of(snapshot: GatewaySnapshot) -> Mapping[str, str]:
    """Return the tags of every point of a gateway."""
    return {GATEWAY_TAG: snapshot.info.serial}


def read_at(*sections: Section) -> Callable[[GatewaySnapshot], object]:
    """Tell the state of what comes from these sections alone."""

    def state(snapshot: GatewaySnapshot) -> object:
        return [snapshot.read_at.get(section) for section in sections], snapshot.lost

    return state
