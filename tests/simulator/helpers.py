"""A plain client of the pretend gateway and cloud."""

from __future__ import annotations

from dataclasses import dataclass, field
import json
import os
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from simulator import Simulator

CAPTURES: Final = Path(
    os.environ.get("ENVOY_CAPTURES")
    or Path(__file__).resolve().parents[2].parent / "shared" / "captures"
)

FOLDERS: Final = sorted(path.parent for path in CAPTURES.glob("*/index.json"))

needs_captures = pytest.mark.skipif(not FOLDERS, reason="no recorded gateways here")


@dataclass(slots=True, kw_only=True)
class Reply:
    """An answer, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Caller:
    """Ask one gateway, with a cookie, a token or nothing."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self._session = session
        self.cookie: str | None = None
        self.timeout = 5.0

    async def get(
        self, path: str, *, bearer: str | None = None, cookie: str | None = None
    ) -> Reply:
        return await self.ask("GET", path, bearer=bearer, cookie=cookie)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        bearer: str | None = None,
        cookie: str | None = None,
    ) -> Reply:
        headers = {}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        if (sent := cookie or (None if bearer else self.cookie)) is not None:
            headers["Cookie"] = sent
        async with self._session.request(
            method,
            self.simulator.gateway.url + path,
            headers=headers,
            ssl=False,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=self.timeout),
        ) as response:
            body = await response.read()
            return Reply(
                status=response.status, headers=dict(response.headers), body=body
            )

    async def log_in(self, **token: Any) -> Reply:
        """Exchange a fresh token for a cookie, and keep the cookie."""
        reply = await self.get("/auth/check_jwt", bearer=self.simulator.token(**token))
        self.cookie = reply.headers.get("Set-Cookie", "").partition(";")[0] or None
        return reply
