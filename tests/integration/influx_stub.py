"""A stand-in that says it is InfluxDB 2.x or 3.x and asks for a token.

It shows what the forms make of an answer, not what a real server answers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from ..influxdb.stub_server import Received, StubServer, accepted, v2_error

TOKEN = "the-right-token"
WELL = 204


class Stub:
    """One server; its answers can be changed while it runs."""

    def __init__(self, version: str) -> None:
        self.server = StubServer(answer=self._answer)
        self.version = version
        self.is_shy = False
        """Whether it says its version only to those it knows."""
        self.write_status = WELL
        """The answer to those who have the token."""

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def writes(self) -> list[Received]:
        return self.server.writes

    def _answer(self, received: Received) -> web.Response:
        is_write = "write" in received.path
        said = received.headers.get("Authorization", "")
        is_known = said.endswith(f" {TOKEN}")
        if received.path == "/ping" and (is_known or not self.is_shy):
            return web.Response(
                status=WELL, headers={"X-Influxdb-Version": self.version}
            )
        if not is_write and not self.is_shy:
            return v2_error(404, "not found", "path not found")
        if not is_known:
            return v2_error(401, "unauthorized", "unauthorized access")
        if self.write_status != WELL:
            return v2_error(self.write_status, "error", f"not with {TOKEN}")
        return accepted()


@asynccontextmanager
async def running(version: str) -> AsyncIterator[Stub]:
    """Run a stub on loopback."""
    stub = Stub(version)
    async with stub.server.running():
        yield stub
