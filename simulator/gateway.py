"""The pretend gateway: TLS, sessions, roles, two server families, and its moods."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
import ssl
from typing import Final

from aiohttp import hdrs, web

from . import answers
from .answers import Answer, firmware_tuple
from .clock import Clock, wall_clock
from .digest import DigestGuard
from .faults import Fault, Faults
from .latency import STREAM_PATH, Latency, Profile, family
from .livedata import STATUS_PATH, SWITCH_PATH, LiveData
from .misbehave import respond
from .pki import Certificate, gateway_certificate, server_context
from .requestlog import LoggedRequest, RequestLog
from .roles import needs_installer
from .server import LOOPBACK, LoopbackServer, to_response
from .sessions import Sessions
from .site import Site
from .stream import StreamServer
from .tokens import Claims, TokenIssuer, TokenRefusedError

_OPEN_PATHS: Final = frozenset({"/info", "/info.xml"})
_CHECK_JWT: Final = "/auth/check_jwt"


class Gateway:
    """One gateway on a loopback port; set its public attributes while it runs."""

    def __init__(
        self,
        site: Site,
        *,
        issuer: TokenIssuer,
        latency: Profile = "none",
        clock: Clock = wall_clock,
    ) -> None:
        """Stand in front of `site` and trust tokens of `issuer`."""
        self.site = site
        self.serial = site.serial
        self.faults = Faults()
        self.latency = Latency(latency)
        self.requests = RequestLog(clock)
        self.sessions = Sessions(clock=clock)
        self.stream = StreamServer(faults=self.faults, clock=clock)
        self.livedata = LiveData(clock)
        self._booting = False
        self.refuse_cookie = False
        self.refuse_bearer = False
        self.forbidden_status = 401
        self.local_users = {"envoy": site.serial[-6:]}
        self._clock = clock
        self._issuer = issuer
        self._revoked: frozenset[str] = frozenset()
        self._ruby = asyncio.Lock()
        self._digest = DigestGuard(self.local_users)
        self._certificate: Certificate | None = None
        self._context: ssl.SSLContext | None = None
        if self.uses_tls:
            self._certificate = gateway_certificate(self.serial, now=clock())
            self._context = server_context(self._certificate, tls12_only=True)
        self._server = LoopbackServer(self._handle, context=self._context)

    @property
    def firmware(self) -> tuple[int, ...]:
        """Return the firmware as numbers, e.g. (8, 3, 5169)."""
        return firmware_tuple(self.site.firmware)

    @property
    def uses_tls(self) -> bool:
        """Return whether this firmware speaks https and asks for tokens."""
        return self.firmware >= (7,)

    @property
    def port(self) -> int:
        """Return the port, also while it is closed."""
        return self._server.port

    @property
    def host(self) -> str:
        """Return `127.0.0.1:PORT`, what a user types as host."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def url(self) -> str:
        """Return the base URL without a slash at the end."""
        return f"{'https' if self.uses_tls else 'http'}://{self.host}"

    @property
    def fingerprint(self) -> str | None:
        """Return the certificate's SHA-256 (lower-case hex of the DER form)."""
        return self._certificate.fingerprint if self._certificate else None

    @property
    def booting(self) -> bool:
        """Whether it answers 503 everywhere; it can be set, which ends the streams."""
        return self._booting

    @booting.setter
    def booting(self, value: bool) -> None:
        self._booting = value
        if value:
            self.stream.reset()

    async def start(self, port: int = 0) -> None:
        """Open the port."""
        await self._server.start(port)

    async def stop(self) -> None:
        """Close the port for good; nothing stays behind."""
        await self._server.stop()

    async def go_away(self) -> None:
        """Close the port: connections are dropped, new ones refused."""
        await self._server.close()

    async def come_back(self) -> None:
        """Open the same port again; a restart forgets sessions and live data."""
        self.sessions.forget()
        self.livedata.enabled = False
        await self._server.open()

    def drop_connections(self) -> None:
        """Abort the connections that are open now."""
        self._server.drop_connections()

    def forget_sessions(self) -> None:
        """End every session; cookies that clients hold answer 401 from now on."""
        self.sessions.forget()
        self.stream.session_ended()

    def revoke_tokens(self) -> None:
        """Refuse every token issued until now, and end the sessions made with them."""
        self._revoked = frozenset(self._issuer.issued)
        self.forget_sessions()

    def renew_certificate(self) -> str:
        """Answer new connections with another certificate; return its fingerprint."""
        if self._context is None:
            message = "firmware below 7 has no certificate"
            raise RuntimeError(message)
        self._certificate = gateway_certificate(self.serial, now=self._clock())
        self._certificate.load_into(self._context)
        self._server.drop_connections()
        return self._certificate.fingerprint

    def become_other(self, serial: str) -> None:
        """Let another gateway answer here: serial, certificate, no sessions."""
        self.serial = serial
        self.local_users["envoy"] = serial[-6:]
        self.sessions.forget()
        if self._context is not None:
            self.renew_certificate()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        entry = self.requests.begin(
            method=request.method,
            path=path,
            query=request.query_string,
            family=family(path),
            headers={name.lower() for name in request.headers},
        )
        try:
            response = await self._respond(request, entry)
        except asyncio.CancelledError:
            # A stream ends no other way.
            entry.abandoned = not entry.is_open
            raise
        finally:
            self.requests.end(entry)
        entry.status = response.status
        return response

    async def _respond(
        self, request: web.Request, entry: LoggedRequest
    ) -> web.StreamResponse:
        if self.booting:
            return to_response(self._branded(answers.booting()))
        fault = self.faults.take(request.path_qs)

        async def process(extra: float) -> Answer | web.StreamResponse:
            if request.path == STREAM_PATH and self.uses_tls:
                return await self._stream(request, fault, entry, extra)
            return self._branded(await self._process(request, extra))

        return await respond(request, self._server, fault, process)

    def _branded(self, answer: Answer) -> Answer:
        if not self.uses_tls:
            return answer
        return _with_header(answer, hdrs.SERVER, answers.SERVER)

    async def _process(self, request: web.Request, extra: float) -> Answer:
        if not self.uses_tls:
            refusal = self._check_digest(request)
            return refusal or await self._fetch(request, extra)
        if request.path == _CHECK_JWT:
            return await self._server.finish(self._check_jwt(request, extra))
        if request.path in _OPEN_PATHS:
            return await self._fetch(request, extra)
        refusal, cookie = self._door(request)
        answer = refusal or await self._fetch(request, extra)
        return _with_header(answer, hdrs.SET_COOKIE, cookie) if cookie else answer

    async def _stream(
        self,
        request: web.Request,
        fault: Fault | None,
        entry: LoggedRequest,
        extra: float,
    ) -> Answer | web.StreamResponse:
        await self._pause(request.path_qs, extra)
        refusal, cookie = self._door(request)
        if refusal is None and self.site.frame(self._clock()) is None:
            refusal = answers.not_found(self.firmware)
        if refusal is None and request.method != "GET":
            refusal = answers.error_page(405)
        if refusal is not None:
            return self._branded(refusal)
        headers = [(hdrs.SERVER, answers.SERVER)]
        if cookie is not None:
            headers.append((hdrs.SET_COOKIE, cookie))
        return await self.stream.serve(
            request,
            frame=self.site.frame,
            headers=headers,
            fault=fault,
            log=self.requests,
            entry=entry,
        )

    def _door(self, request: web.Request) -> tuple[Answer | None, str | None]:
        """Return the refusal, or else the Set-Cookie value that goes with an answer."""
        claims, cookie = self._identify(request)
        if claims is None:
            return answers.unauthorized(self.firmware), None
        if claims.role != "installer" and needs_installer(request.path, self.firmware):
            return answers.forbidden(self.forbidden_status), None
        return None, cookie

    async def _fetch(self, request: web.Request, extra: float) -> Answer:
        body = await request.read()
        return await self._server.finish(
            self._work(request.method, request.path_qs, body, extra)
        )

    async def _work(
        self, method: str, path_qs: str, body: bytes, extra: float
    ) -> Answer:
        path, _, query = path_qs.partition("?")
        async with self._ruby if family(path) == "ruby" else nullcontext():
            await self._pause(path_qs, extra)
            answer = self._answer(method, path, query, body)
        return answers.not_found(self.firmware) if answer is None else answer

    def _answer(self, method: str, path: str, query: str, body: bytes) -> Answer | None:
        if path == SWITCH_PATH and method == "POST" and self.uses_tls:
            return self.livedata.switch(body)
        if method not in {"GET", "HEAD"}:
            return answers.error_page(405)
        is_live = path == STATUS_PATH
        now = self.livedata.moment() if is_live else self._clock()
        answer = self.site.answer(path, query, serial=self.serial, now=now)
        return self.livedata.present(answer) if is_live else answer

    async def _pause(self, path_qs: str, extra: float) -> None:
        # No timer at all without latency: under a frozen clock it would never fire.
        if (seconds := self.latency.seconds(path_qs) + extra) > 0:
            await asyncio.sleep(seconds)

    async def _check_jwt(self, request: web.Request, extra: float) -> Answer:
        await self._pause(request.path_qs, extra)
        claims = self._bearer(request)
        if claims is None:
            return answers.unauthorized(self.firmware)
        # Whoever still sends a session gets no new one, even if that one has ended.
        if "sessionId" in request.cookies:
            return answers.valid_token()
        cookie = self._new_cookie(claims)
        return _with_header(answers.valid_token(), hdrs.SET_COOKIE, cookie)

    def _identify(self, request: web.Request) -> tuple[Claims | None, str | None]:
        """Return who asks, and the Set-Cookie value when a Bearer token said so."""
        if not self.refuse_cookie:
            claims = self.sessions.use(request.cookies.get("sessionId", ""))
            if claims is not None:
                return claims, None
        claims = None if self.refuse_bearer else self._bearer(request)
        return claims, self._new_cookie(claims) if claims else None

    def _new_cookie(self, claims: Claims) -> str:
        return f"sessionId={self.sessions.create(claims)}; Secure; HttpOnly; path=/"

    def _bearer(self, request: web.Request) -> Claims | None:
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if scheme != "Bearer":
            return None
        try:
            claims = self._issuer.verify(token.strip(), self.serial)
        except TokenRefusedError:
            return None
        return None if claims.jti in self._revoked else claims

    def _check_digest(self, request: web.Request) -> Answer | None:
        refusal = self.site.digest_paths().get(request.path)
        header = request.headers.get(hdrs.AUTHORIZATION)
        if refusal is None or self._digest.accepts(request.method, header):
            return None
        return _with_header(refusal, hdrs.WWW_AUTHENTICATE, self._digest.challenge())


def _with_header(answer: Answer, name: str, value: str) -> Answer:
    return Answer(
        body=answer.body,
        status=answer.status,
        content_type=answer.content_type,
        chunked=answer.chunked,
        close=answer.close,
        headers=(*answer.headers, (name, value)),
    )
