"""A request with secrets in its headers, and all that an error tells of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
import traceback

from custom_components.envoy_local.client.transport import (
    EnvoyTransport,
    GatewayResponse,
    Lane,
)

from .conftest import RawAnswer

METERS = "/ivp/meters"
SECRET = {"Authorization": "Bearer top-secret", "Cookie": "sessionId=top-secret"}

type RawGateway = Callable[[RawAnswer], Awaitable[EnvoyTransport]]


async def get(
    transport: EnvoyTransport,
    path: str = METERS,
    *,
    lane: Lane = Lane.NATIVE,
    timeout: float = 5,
) -> GatewayResponse:
    return await transport.request(
        "GET", path, lane=lane, timeout=timeout, headers=SECRET
    )


def everything_said(error: BaseException) -> str:
    """Return what any log of an error could show."""
    lines = traceback.format_exception(error)
    return repr(error) + "".join(lines) + repr(error.__context__)


def saying(answer: bytes) -> RawAnswer:
    """Return a gateway that answers every request with these bytes."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return say
