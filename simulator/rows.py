"""Parts that the rows of several device lists are made of."""

from __future__ import annotations

type Row = dict[str, object]


def device(
    name: str, serial: str, channels: list[Row], *, active: bool, gone: bool
) -> Row:
    """Return a device of `/ivp/pdm/device_data`."""
    return {
        "devName": name,
        "sn": serial,
        "active": active,
        "modGone": gone,
        "channels": channels,
    }


def removed(eid: int) -> Row:
    """Return the channel of a device that was taken away."""
    row = channel(eid, 0, (0, 0, 0), (0, 0, 0))
    return row | {"lastReading": {}, "lifetime": {}}


def channel(
    eid: int, created: int, hours: tuple[int, int, int], watts: tuple[int, int, int]
) -> Row:
    """Return a channel without its readings: Wh by day, W now, used and at most."""
    return {
        "chanEid": eid,
        "created": created,
        "wattHours": dict(zip(("today", "yesterday", "week"), hours, strict=True)),
        "watts": dict(zip(("now", "nowUsed", "max"), watts, strict=True)),
    }
