"""A small plain-http server by which a person can switch faults while the demo runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
import json
from typing import Final

from aiohttp import web

from .answers import Answer, json_answer
from .delivery import PATTERNS
from .equipment import COMMANDS, INTERFACES, KINDS, SEASONS, Kind
from .faults import Fault
from .runner import Simulator
from .server import LOOPBACK, LoopbackServer, to_response


def _one_of(known: tuple[str, ...]) -> Callable[[object], object]:
    def read(value: object) -> object:
        if value not in known:
            raise ValueError(f"it must be one of {', '.join(known)}")
        return value

    return read


def _pattern(value: object) -> object:
    if value not in PATTERNS:
        raise ValueError(f"pattern must be one of {', '.join(PATTERNS)}")
    return value


def _status(value: object) -> object:
    if value is not None and type(value) is not int:
        raise ValueError("a status is a number, or null")
    return value


# What can be set, and how its value is read.
type Switches = Mapping[str, Callable[[object], object]]

_GATEWAY: Final[Switches] = dict.fromkeys(
    ("booting", "refuse_cookie", "refuse_bearer"), bool
)
_CLOUD: Final[Switches] = dict.fromkeys(
    ("entrez_auth_token_broken", "tokens_broken"), bool
)
_STREAM: Final[Switches] = {
    "pattern": _pattern,
    **dict.fromkeys(("stalled", "comments", "end_on_session_end"), bool),
}
_LIVEDATA: Final[Switches] = {
    "refuse_enable": _status,
    **dict.fromkeys(("enabled", "is_frozen", "moves_when_disabled", "by_phase"), bool),
}

_EQUIPMENT: Final[Switches] = {
    "grid_state": str,
    "generator": bool,
    "generator_command": _one_of(COMMANDS),
}
_TARIFF: Final[Switches] = {
    "mode": str,
    "seasons": _one_of(SEASONS),
    "charges_from_grid": bool,
    "follows_schedule": bool,
}
_NETWORK: Final[Switches] = {
    "reaches_cloud": bool,
    "primary": _one_of(INTERFACES),
}

HELP: Final = """
POST /faults        {"kind": "status", "path": "/ivp/*", "status": 503, "times": 3}
                    kinds: status html body truncated empty slow hang reset
POST /cloud/faults  the same, for the cloud
DELETE /faults      switches off every fault of both
POST /gateway       {"booting": true, "refuse_cookie": true, "refuse_bearer": true}
POST /gateway/away, /gateway/back, /gateway/forget-sessions, /gateway/revoke-tokens,
     /gateway/renew-certificate, /cloud/away, /cloud/back
POST /stream        {"pattern": "bursts", "stalled": true, "comments": true,
                    "end_on_session_end": true}
                    patterns: steady bursts buffered
POST /stream/reset, /stream/end, /stream/end-with-401
POST /livedata      {"enabled": true, "is_frozen": true, "moves_when_disabled": true,
                    "by_phase": false, "refuse_enable": 401}
POST /equipment     {"grid_state": "off_grid", "generator": true,
                    "generator_command": "auto"}
POST /equipment/add, /equipment/remove
                    {"kind": "battery", "serial": "492500999999"}, {"serial": ...}
                    kinds: battery controller collar combiner rgm ac_battery relay
POST /tariff        {"mode": "backup", "seasons": "two", "charges_from_grid": true,
                    "follows_schedule": true}
POST /network       {"reaches_cloud": false, "primary": "wifi"}
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
        elif request.path in {"/equipment/add", "/equipment/remove"}:
            await self._refit(request)
        elif (settable := self._settable(request.path)) is not None:
            await _set(*settable, request)
        elif not await self._act(request.path):
            return json_answer({"error": "unknown"}, status=404)
        return json_answer({"ok": True})

    def _settable(self, path: str) -> tuple[object, Switches] | None:
        gateway, cloud = self._simulator.gateway, self._simulator.cloud
        known: dict[str, tuple[object, Switches]] = {
            "/gateway": (gateway, _GATEWAY),
            "/cloud": (cloud, _CLOUD),
            "/stream": (gateway.stream, _STREAM),
            "/livedata": (gateway.livedata, _LIVEDATA),
        }
        # A recording's equipment is what it is.
        if (equipment := self._simulator.equipment) is not None:
            known["/equipment"] = equipment, _EQUIPMENT
            known["/tariff"] = equipment.tariff, _TARIFF
            known["/network"] = equipment.network, _NETWORK
        return known.get(path)

    async def _refit(self, request: web.Request) -> None:
        """Add or remove a piece of equipment; raises ValueError."""
        equipment = self._simulator.equipment
        if equipment is None:
            raise ValueError("a recording's equipment can't be changed")
        data = json.loads(await request.text())
        if not isinstance(data, dict) or not data.keys() <= {"kind", "serial"}:
            raise ValueError("equipment is its kind and its serial")
        kind, serial = data.get("kind"), data.get("serial")
        if request.path == "/equipment/add":
            given = None if serial is None else str(serial)
            equipment.add(_kind(kind), serial=given)
            return
        try:
            equipment.remove(str(serial))
        except KeyError:
            raise ValueError("there is no such serial") from None

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
            "/stream/reset": gateway.stream.reset,
            "/stream/end": gateway.stream.end,
            "/stream/end-with-401": gateway.stream.end_with_401,
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


def _kind(value: object) -> Kind:
    for kind in KINDS:
        if kind == value:
            return kind
    raise ValueError(f"kind must be one of {', '.join(KINDS)}")


async def _faults(request: web.Request) -> list[Fault]:
    data = json.loads(await request.text())
    items = data if isinstance(data, list) else [data]
    if not all(isinstance(item, dict) for item in items):
        message = "a fault is a JSON object"
        raise ValueError(message)
    return [Fault.from_json(item) for item in items]


async def _set(target: object, switches: Switches, request: web.Request) -> None:
    data = json.loads(await request.text())
    if not isinstance(data, dict) or not data.keys() <= switches.keys():
        message = f"known switches: {', '.join(sorted(switches))}"
        raise ValueError(message)
    values = {name: switches[name](value) for name, value in data.items()}
    for name, value in values.items():
        setattr(target, name, value)
