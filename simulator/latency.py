"""How long each endpoint takes, as measured on two gateways with firmware 8.3.5169."""

from __future__ import annotations

from typing import Final, Literal

type Family = Literal["native", "ruby", "stream"]
type Profile = Literal["none", "fast", "slow"]

RUBY_PATHS: Final = frozenset(
    {"/production", "/production.json", "/home", "/home.json"}
    | {"/inventory", "/inventory.json", "/inv"}
)

_FAST: Final = {
    "/production.json?details=1": 1.8,
    "/production.json": 0.7,
    "/production": 3.0,
    "/home": 6.4,
    "/inventory": 2.1,
    "/inventory.json": 3.0,
    "/inv": 0.03,
    "/ivp/meters/readings": 0.08,
    "/info": 0.024,
}
_SLOW: Final = {
    "/production.json?details=1": 5.4,
    "/production.json": 5.0,
    "/production": 11.1,
    "/home": 9.3,
    "/inventory": 5.8,
    "/inventory.json": 6.2,
    "/inv": 0.3,
    "/api/v1/production": 0.37,
}
_TABLES: Final[dict[Profile, tuple[dict[str, float], float]]] = {
    "none": ({}, 0.0),
    "fast": (_FAST, 0.04),
    "slow": (_SLOW, 0.3),
}


STREAM_PATH: Final = "/stream/meter"


def family(path: str) -> Family:
    """Return which server behind the gateway answers `path` (without query)."""
    if path == STREAM_PATH:
        return "stream"
    return "ruby" if path in RUBY_PATHS else "native"


class Latency:
    """Seconds per path: a profile, and overrides by path with or without its query."""

    def __init__(self, profile: Profile = "none") -> None:
        """Start with a measured profile."""
        self.profile: Profile = profile
        self._overrides: dict[str, float] = {}

    def set(self, path: str, seconds: float) -> None:
        """Let `path` take `seconds` from now on."""
        self._overrides[path] = seconds

    def reset(self) -> None:
        """Go back to the profile's own figures."""
        self._overrides.clear()

    def seconds(self, path_qs: str) -> float:
        """Return how long a request takes once its server has begun it."""
        path = path_qs.partition("?")[0]
        table, default = _TABLES[self.profile]
        plain = path.removesuffix(".json")
        for source in (self._overrides, table):
            for key in (path_qs, path):
                if key in source:
                    return source[key]
        return table.get(plain, default)
