"""The pretend Enlighten and Entrez: log-in and tokens, and how they fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import json
from pathlib import Path
import secrets
import ssl
from typing import Final, Literal
from urllib.parse import parse_qsl

from aiohttp import hdrs, web

from .answers import Answer, error_page, json_answer
from .clock import Clock, wall_clock
from .faults import Faults
from .misbehave import respond
from .pki import Authority, server_context
from .requestlog import RequestLog
from .server import LOOPBACK, LoopbackServer
from .tokens import LIFETIMES, Role, TokenIssuer

type LockOut = Literal["401", "blocked", "page"]

_COOKIE: Final = "_enlighten_4_session"
_WALL: Final = (
    b"<!DOCTYPE html><html><head><title>Enlighten</title></head>"
    b"<body><h1>Too many attempts</h1><p>Please try again later.</p></body></html>"
)


@dataclass(slots=True, kw_only=True)
class Account:
    """A user of the cloud; every field may be changed while the cloud runs."""

    email: str
    password: str = field(repr=False)
    serials: list[str] = field(default_factory=list)
    role: Role = "owner"
    token_lifetime: int | None = None
    second_factor: bool = False
    locked_out: LockOut | None = None


class Cloud:
    """Enlighten and Entrez on one loopback port; point both URLs at `url`."""

    def __init__(
        self, *, issuer: TokenIssuer, tls: bool = True, clock: Clock = wall_clock
    ) -> None:
        """Start without accounts."""
        self.accounts: dict[str, Account] = {}
        self.faults = Faults()
        self.requests = RequestLog(clock)
        self.entrez_auth_token_broken = False
        self.tokens_broken = False
        self.token_serial: str | None = None
        self.token_text: str | None = None
        self.refused_agent: str | None = None
        self._clock = clock
        self._issuer = issuer
        self._sessions: dict[str, Account] = {}
        self._authority = Authority() if tls else None
        self._server = LoopbackServer(self._handle, context=self._make_context())
        self._routes: Mapping[tuple[str, str], Callable[[web.Request, str], Answer]] = {
            ("POST", "/login/login.json"): self._login_json,
            ("POST", "/login/login"): self._login_form,
            ("GET", "/entrez-auth-token"): self._entrez_auth_token,
            ("POST", "/tokens"): self._tokens,
        }

    @property
    def url(self) -> str:
        """Return the base URL of both services, without a slash at the end."""
        scheme = "https" if self._authority else "http"
        return f"{scheme}://{LOOPBACK}:{self._server.port}"

    @property
    def ca_pem(self) -> bytes:
        """Return the CA certificate that signed the server's; empty without https."""
        return self._authority.pem if self._authority else b""

    def trust(self, context: ssl.SSLContext) -> None:
        """Make a client's `context` accept this cloud's certificate."""
        if self._authority:
            context.load_verify_locations(cadata=self.ca_pem.decode())

    def write_ca(self, path: Path | str) -> None:
        """Write the CA certificate to a file."""
        Path(path).write_bytes(self.ca_pem)

    def add_account(self, account: Account) -> Account:
        """Let a user log in."""
        self.accounts[account.email] = account
        return account

    async def start(self, port: int = 0) -> None:
        """Open the port."""
        await self._server.start(port)

    async def stop(self) -> None:
        """Close the port for good."""
        await self._server.stop()

    async def go_away(self) -> None:
        """Refuse connections."""
        await self._server.close()

    async def come_back(self) -> None:
        """Accept connections again, on the same port."""
        await self._server.open()

    def forget_sessions(self) -> None:
        """End every log-in."""
        self._sessions.clear()

    def _make_context(self) -> ssl.SSLContext | None:
        return server_context(self._authority.issue()) if self._authority else None

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        entry = self.requests.begin(
            method=request.method,
            path=request.path,
            query=request.query_string,
            family="native",
            headers={name.lower() for name in request.headers},
        )
        fault = self.faults.take(request.path_qs)

        async def process(extra: float) -> Answer:
            if extra > 0:
                await asyncio.sleep(extra)
            return await self._process(request)

        try:
            response = await respond(request, self._server, fault, process)
        except asyncio.CancelledError:
            entry.abandoned = True
            raise
        finally:
            self.requests.end(entry)
        entry.status = response.status
        return response

    async def _process(self, request: web.Request) -> Answer:
        route = self._routes.get((request.method, request.path))
        if route is None:
            return error_page(404)
        agent = request.headers.get(hdrs.USER_AGENT, "")
        if self.refused_agent is not None and self.refused_agent in agent:
            return error_page(406)
        return route(request, await request.text())

    def _login_json(self, request: web.Request, body: str) -> Answer:
        del request
        account, refusal = self._log_in(body)
        if account is None:
            return refusal
        if account.second_factor:
            # No session_id: the one thing by which such an account can be told apart.
            return json_answer(
                {
                    "success": True,
                    "isBlocked": False,
                    "message": "success",
                    "one_time_nonce": secrets.token_hex(16),
                }
            )
        session = self._open_session(account)
        value = {
            "message": "success",
            "session_id": session,
            "manager_token": secrets.token_hex(16),
            "is_consumer": account.role == "owner",
            "user_id": 1,
            "first_name": "Demo",
        }
        return _with_cookie(json_answer(value), session)

    def _login_form(self, request: web.Request, body: str) -> Answer:
        del request
        account, refusal = self._log_in(body)
        if account is None:
            return refusal
        if account.second_factor:
            page = (
                b"<!DOCTYPE html><html><body><h1>Verification code</h1></body></html>"
            )
            return Answer(body=page, content_type="text/html; charset=utf-8")
        page = b"<!DOCTYPE html><html><body><h1>MyEnlighten</h1></body></html>"
        answer = Answer(body=page, content_type="text/html; charset=utf-8")
        return _with_cookie(answer, self._open_session(account))

    def _log_in(self, body: str) -> tuple[Account | None, Answer]:
        form = _form(body)
        account = self.accounts.get(form.get("user[email]", ""))
        refusal = json_answer({"message": "Invalid"}, status=401)
        if account is None:
            return None, refusal
        if account.locked_out is not None:
            return None, _locked_out(account.locked_out, refusal)
        if form.get("user[password]") != account.password:
            return None, refusal
        return account, refusal

    def _open_session(self, account: Account) -> str:
        session = secrets.token_hex(16)
        self._sessions[session] = account
        return session

    def _entrez_auth_token(self, request: web.Request, body: str) -> Answer:
        del body
        if self.entrez_auth_token_broken:
            return error_page(406)
        account = self._sessions.get(request.cookies.get(_COOKIE, ""))
        serial = request.query.get("serial_num", "")
        if account is None:
            return error_page(401)
        if serial not in account.serials:
            return json_answer({"message": "Forbidden"}, status=403)
        now = int(self._clock())
        lifetime = account.token_lifetime
        seconds = LIFETIMES[account.role] if lifetime is None else lifetime
        return json_answer(
            {
                "generation_time": now,
                "token": self._token(account, serial),
                "expires_at": now + seconds,
            }
        )

    def _tokens(self, request: web.Request, body: str) -> Answer:
        del request
        if self.tokens_broken:
            return error_page(406)
        try:
            asked = json.loads(body)
        except ValueError:
            return error_page(400)
        if not isinstance(asked, dict):
            return error_page(400)
        account = self._sessions.get(str(asked.get("session_id")))
        serial = str(asked.get("serial_num"))
        if account is None or account.email != asked.get("username"):
            return error_page(401)
        if serial not in account.serials:
            return json_answer({"message": "Forbidden"}, status=403)
        text = self._token(account, serial)
        return Answer(body=text.encode(), content_type="text/plain")

    def _token(self, account: Account, serial: str) -> str:
        if self.token_text is not None:
            return self.token_text
        return self._issuer.issue(
            self.token_serial or serial,
            role=account.role,
            username=account.email,
            lifetime=account.token_lifetime,
        )


def _form(body: str) -> dict[str, str]:
    return dict(parse_qsl(body, keep_blank_values=True))


def _with_cookie(answer: Answer, session: str) -> Answer:
    cookie = f"{_COOKIE}={session}; path=/; secure; HttpOnly"
    return Answer(
        body=answer.body,
        content_type=answer.content_type,
        headers=((hdrs.SET_COOKIE, cookie),),
    )


def _locked_out(how: LockOut, refusal: Answer) -> Answer:
    if how == "blocked":
        return json_answer({"success": False, "isBlocked": True, "message": "blocked"})
    if how == "page":
        return Answer(body=_WALL, status=403, content_type="text/html; charset=utf-8")
    return refusal
