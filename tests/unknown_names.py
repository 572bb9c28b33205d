"""A network on which no name is known; tests may not ask the real one."""

from __future__ import annotations

import socket
from typing import override

from aiohttp.abc import AbstractResolver, ResolveResult


class UnknownNames(AbstractResolver):
    """Answers every question for a name with an error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    @override
    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        raise self._error

    @override
    async def close(self) -> None:
        """Nothing to close."""
