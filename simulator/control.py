"""A small plain-http server by which a person can switch faults while the demo runs."""

from __future__ import annotations

import json
from typing import Final

from aiohttp import web

from .answers import Answer, json_answer
from .faults import Fault
from .runner import Simulator
from .server import LOOPBACK, LoopbackServer, to_response

_GATEWAY_FLAGS: Final = frozenset({"booting", "refuse_cookie", "refuse_bearer"})
_CLOUD_FLAGS: Final = frozenset({"entrez_auth_token_broken", "tokens_broken"})

HELP: Final = """
POST /faults        {"kind": "status", "path": "/ivp/*", "status": 503, "times": 3}
                    kinds: status html body truncated empty slow hang reset
POST /cloud/faults  the same, for the cloud
DELETE /faults      switches off every fault of both
POST /gateway       {"booting": true, "refuse_cookie": true, "refuse_bearer": true}
POST /gateway/away, /gateway/back, /gateway/forget-sessions, /gateway/revoke-tokens,
     /gateway/renew-certificate, /cloud/away, /cloud/back
POST /cloud         {"entrez_auth_token_broken": true, "tokens_broken": true}
GET /requests       what the gateway was asked last
"""


class Control:
    """The switches of one simulator, on a loopback port."""

    def __init__(self, simulator: Simulator) -> None:
        """Control `simulator`."""
        self._simulator = simulator
        self._server = LoopbackServer(self._handle, context=None)

    @property
    def url(self) -> str:
        """Return the base URL."""
        return f"http://{LOOPBACK}:{self._server.port}"

    async def start(self, port: int = 0) -> None:
        """Open the port."""
        await self._server.start(port)

    async def stop(self) -> None:
        """Close the port."""
        await self._server.stop()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        try:
            answer = await self._do(request)
        except ValueError as err:
            answer = json_answer({"error": str(err)}, status=400)
        return to_response(answer)

    async def _do(self, request: web.Request) -> Answer:
        simulator, what = self._simulator, (request.method, request.path)
        if request.method == "GET":
            return self._show(request.path)
        if what == ("DELETE", "/faults"):
            simulator.gateway.faults.clear()
            simulator.cloud.faults.clear()
            return json_answer({"faults": 0})
        if request.method != "POST":
            return json_answer({"error": "unknown"}, status=404)
        if request.path == "/faults":
            simulator.gateway.faults.add(*await _faults(request))
        elif request.path == "/cloud/faults":
            simulator.cloud.faults.add(*await _faults(request))
        elif request.path == "/gateway":
            await _set(simulator.gateway, _GATEWAY_FLAGS, request)
        elif request.path == "/cloud":
            await _set(simulator.cloud, _CLOUD_FLAGS, request)
        elif not await self._act(request.path):
            return json_answer({"error": "unknown"}, status=404)
        return json_answer({"ok": True})

    async def _act(self, path: str) -> bool:
        gateway, cloud = self._simulator.gateway, self._simulator.cloud
        waiting = {
            "/gateway/away": gateway.go_away,
            "/gateway/back": gateway.come_back,
            "/cloud/away": cloud.go_away,
            "/cloud/back": cloud.come_back,
        }
        instant = {
            "/gateway/forget-sessions": gateway.forget_sessions,
            "/gateway/revoke-tokens": gateway.revoke_tokens,
            "/gateway/renew-certificate": gateway.renew_certificate,
        }
        if path in waiting:
            await waiting[path]()
        elif path in instant:
            instant[path]()
        return path in waiting or path in instant

    def _show(self, path: str) -> Answer:
        if path != "/requests":
            return Answer(body=HELP.encode(), content_type="text/plain")
        newest = self._simulator.gateway.requests.entries[-50:]
        rows = [
            [entry.time, entry.method, entry.path, entry.status] for entry in newest
        ]
        return json_answer(rows)


async def _faults(request: web.Request) -> list[Fault]:
    data = json.loads(await request.text())
    items = data if isinstance(data, list) else [data]
    if not all(isinstance(item, dict) for item in items):
        message = "a fault is a JSON object"
        raise ValueError(message)
    return [Fault.from_json(item) for item in items]


async def _set(target: object, flags: frozenset[str], request: web.Request) -> None:
    data = json.loads(await request.text())
    if not isinstance(data, dict) or not data.keys() <= flags:
        message = f"known switches: {', '.join(sorted(flags))}"
        raise ValueError(message)
    for name, value in data.items():
        setattr(target, name, bool(value))
