"""Frames as a gateway writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
import json
import random

from custom_components.envoy_local.client.models.live import LiveSite
from custom_components.envoy_local.client.models.meters import MeterKind

METERED = LiveSite(meters={MeterKind.PRODUCTION: 3, MeterKind.NET_CONSUMPTION: 3})


def section(*watts: object) -> dict[str, object]:
    """Write a section; a phase has seven numbers, of which one is the power."""
    return {
        f"ph-{letter}": {
            "p": power,
            "q": 1.5,
            "s": 2.5,
            "v": 233.0,
            "i": 0.1,
            "pf": 0.0,
            "f": 50.0,
        }
        for letter, power in zip("abc", watts, strict=False)
    }


def frame(
    production: Sequence[object] = (0.0, 0.0, 0.0),
    net: Sequence[object] = (0.0, 0.0, 0.0),
    total: Sequence[object] = (0.0, 0.0, 0.0),
) -> dict[str, object]:
    return {
        "production": section(*production),
        "net-consumption": section(*net),
        "total-consumption": section(*total),
    }


def written(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def stream_of(data: Iterable[bytes], source: random.Random) -> bytes:
    """Write events, with everything between them that may stand there."""
    return b"".join(part for each in data for part in _event(each, source))


def _event(data: bytes, source: random.Random) -> Iterator[bytes]:
    end = source.choice((b"\n", b"\r\n"))
    yield source.choice((b"", b": keep-alive" + end, b"event: power" + end, end))
    yield source.choice((b"", b"", b"retry: 5000" + end, b"id: 17" + end))
    yield source.choice((b"", b"", b"", b"x" * 70_000 + end))
    yield source.choice((b"data: ", b"data:")) + data + end + end


def cut(whole: bytes, source: random.Random) -> Iterator[bytes]:
    """Cut anywhere: single bytes, pieces of a frame, several frames."""
    start = 0
    while start < len(whole):
        size = source.choice((1, 2, source.randint(3, 900), source.randint(1, 20_000)))
        yield whole[start : start + size]
        start += size
