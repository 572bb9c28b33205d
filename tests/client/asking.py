"""Asking a session, and what the simulator saw of it."""

from __future__ import annotations

from typing import Final

from custom_components.envoy_local.client.session import EnvoySession
from custom_components.envoy_local.client.transport import GatewayResponse, Lane

from .conftest import House

METERS: Final = "/ivp/meters"
READINGS: Final = "/ivp/meters/readings"
CHECK: Final = "/auth/check_jwt"
DAY: Final = 86_400

_SHOWN: Final = {
    (False, False): "nothing",
    (True, False): "cookie",
    (False, True): "token",
    (True, True): "both",
}


async def get(session: EnvoySession, path: str = METERS) -> GatewayResponse:
    """Ask for a native endpoint."""
    return await session.get(path, lane=Lane.NATIVE, timeout=5)


def asked(house: House) -> list[tuple[str, str, int | None]]:
    """What the gateway was asked: path, what was shown, status."""
    return [
        (each.path, _SHOWN[each.has_cookie, each.has_authorization], each.status)
        for each in house.sim.gateway.requests
    ]


def logins(house: House) -> int:
    """How often the cloud was signed in to."""
    return len(house.sim.cloud.requests.to("/login/login.json"))
