"""What a gateway says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering
import re
from typing import override

from .unknown import UnknownValue

_LETTER_AND_NUMBERS = re.compile(r"[A-Za-z]?(\d+(?:\.\d+)*)")


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Firmware:
    """A firmware version as `/info` writes it: `D8.3.5169`, `R3.9.36`, `M4.2.33`.

    The letter says the kind of build (release, older release, maintenance) and
    has no part in the order.
    """

    text: str

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers alone; empty where the text holds none."""
        found = _LETTER_AND_NUMBERS.match(self.text)
        return tuple(int(part) for part in found[1].split(".")) if found else ()

    @property
    def needs_token(self) -> bool:
        """Whether this firmware talks https and wants a token (7.0 and newer)."""
        return self.numbers >= (7,)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Firmware) and self.numbers == other.numbers

    @override
    def __hash__(self) -> int:
        return hash(self.numbers)

    def __lt__(self, other: Firmware) -> bool:
        """Older than the other."""
        return self.numbers < other.numbers

    @override
    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayInfo:
    """`/info`: who the gateway is. Read without any authentication."""

    serial: str
    part_number: str | None
    firmware: Firmware
    is_metered: bool | None
    """`imeter`: the board can carry CTs; says nothing about whether it does."""
    web_tokens: bool | None
    time: int | None
    """The gateway's own clock, epoch seconds."""


class InterfaceKind(StrEnum):
    """By what the gateway reaches the network."""

    ETHERNET = "ethernet"
    WIFI = "wifi"
    CELLULAR = "cellular"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInterface:
    """One way of the gateway to the network."""

    name: str | None
    kind: str | None
    """`ethernet`, `wifi` or `cellular`."""
    is_primary: bool
    has_carrier: bool | None
    signal_strength: int | None
    signal_strength_max: int | None
    medium: InterfaceKind | None = None
    """The kind where we know it."""
    status: str | None = None
    """Wi-Fi only, e.g. `connected`."""
    is_configured: bool | None = None
    """Wi-Fi only."""

    @property
    def signal(self) -> float | None:
        """Percent of the best signal; None without a connection."""
        strength, best = self.signal_strength, self.signal_strength_max
        if strength is None or not best or self.has_carrier is False:
            return None
        return 100 * strength / best if 0 <= strength <= best else None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayHome:
    """`/home`: the gateway's network, clock zone and link to the cloud."""

    timezone: str | None
    """The zone of the gateway's own midnight, e.g. `US/Central`."""
    last_cloud_report: int | None
    """Epoch seconds."""
    interfaces: tuple[NetworkInterface, ...]
    reaches_cloud: bool | None = None
    """`web_comm`: whether the gateway gets through to Enphase."""
    has_reported: bool | None = None
    """Whether it ever got through."""
    tariff: str | None = None
    """E.g. `single_rate`, `time_of_use` or `none`."""
    unknown: tuple[UnknownValue, ...] = ()

    @property
    def primary(self) -> NetworkInterface | None:
        """The interface in use."""
        return next((way for way in self.interfaces if way.is_primary), None)
