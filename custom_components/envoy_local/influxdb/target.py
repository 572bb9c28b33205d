"""The server that lines go to: its address, its dialect, and one request to it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http import HTTPStatus
import json
import re
import time
from typing import Final
from urllib.parse import quote

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from .answers import Action, Answer, TargetProblem, Verdict, json_object, judge
from .line_protocol import Point, encode_all

__all__ = [
    "ServerKind",
    "Target",
    "TargetError",
    "TargetProblem",
    "check_target",
    "clean_url",
    "find_kind",
    "health_line",
    "write",
]

_TIMEOUT: Final = aiohttp.ClientTimeout(total=15, connect=5)
_MOST_SAID: Final = 1024 * 1024
"""Bytes; a 3.x server names every bad line of a batch."""
_LONGEST_DETAIL: Final = 200
_VERSION_HEADER: Final = "X-Influxdb-Version"
_MAJOR: Final = re.compile(r"v?([123])\.")
_CHECK: Final = "check"


class ServerKind(StrEnum):
    """The dialect of a server: whose write address it has."""

    V1 = "1"
    V2 = "2"
    V3 = "3"


class TargetError(Exception):
    """A server doesn't take lines; the text is the detail, without secrets."""

    def __init__(self, problem: TargetProblem, detail: str = "") -> None:
        """Keep why."""
        super().__init__(detail or problem.value)
        self.problem = problem
        self.detail = detail


class _TooSlowError(TargetError):
    """There is a connection, but no answer came in time."""


def clean_url(text: str) -> str:
    """Return an address in its plain form, `http://` added where nothing is said.

    Raises ValueError for what isn't http(s), and for a user or password in it:
    those have fields of their own, which are kept secret.
    """
    text = text.strip()
    url = URL(text if "://" in text else f"http://{text}")
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError("This isn't the address of a web server")
    if url.user is not None or url.password is not None:
        raise ValueError("The user and the password don't belong in the address")
    return str(url.with_query(None).with_fragment(None)).rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where lines go: a database (1.x, 3.x), or an organization and a bucket (2.x)."""

    kind: ServerKind
    url: str
    database: str = ""
    retention_policy: str = ""
    organization: str = ""
    bucket: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    write_url: URL = field(init=False, repr=False, compare=False)
    """Where to post lines with times in milliseconds."""
    headers: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """What says who is writing; nothing where neither token nor user is set."""

    def __post_init__(self) -> None:
        """Raise ValueError for an address with credentials, or no token at all."""
        object.__setattr__(self, "url", clean_url(self.url))
        if not self.token.isprintable():
            raise ValueError("This isn't a token")
        # Each poll is a request: they are made once.
        object.__setattr__(self, "write_url", self._write_url())
        object.__setattr__(self, "headers", self._headers())

    def _write_url(self) -> URL:
        path, query = self._write_address()
        filled = {name: value for name, value in query.items() if value}
        return _below(self.url, path).with_query(filled)

    def _write_address(self) -> tuple[str, dict[str, str]]:
        if self.kind is ServerKind.V2:
            place = {"org": self.organization, "bucket": self.bucket}
            return "api/v2/write", {**place, "precision": "ms"}
        if self.kind is ServerKind.V3:
            how = {"precision": "millisecond", "accept_partial": "true"}
            return "api/v3/write_lp", {"db": self.database, **how}
        place = {"db": self.database, "rp": self.retention_policy}
        return "write", {**place, "precision": "ms"}

    def _headers(self) -> Mapping[str, str]:
        if self.token:
            scheme = "Bearer" if self.kind is ServerKind.V3 else "Token"
            return {"Authorization": f"{scheme} {self.token}"}
        if self.username:
            return {"Authorization": f"Basic {self._basic()}"}
        return {}

    def _basic(self) -> str:
        return b64encode(f"{self.username}:{self.password}".encode()).decode()

    def redact(self, text: str) -> str:
        """Take our secrets out of a server's message and shorten it to one line."""
        secrets = [self.password, self.token]
        if self.username:
            secrets.append(self._basic())
        for secret in sorted(filter(None, secrets), key=len, reverse=True):
            for form in {secret, quote(secret, safe=""), json.dumps(secret)[1:-1]}:
                text = text.replace(form, "**")
        return " ".join(text.split())[:_LONGEST_DETAIL]


def _below(url: str, path: str) -> URL:
    """Return an address under that of the server, which may have a path itself."""
    return URL(f"{url}/{path}")


async def write(
    session: aiohttp.ClientSession, target: Target, body: bytes, *, is_gzip: bool
) -> Verdict:
    """Post lines once and say what the answer means; never raises for a server."""
    headers = {"Content-Type": "text/plain; charset=utf-8", **target.headers}
    if is_gzip:
        headers["Content-Encoding"] = "gzip"
    try:
        answer = await _ask(session, "POST", target.write_url, headers, body)
    except TargetError as err:
        return Verdict(
            action=Action.KEEP,
            problem=err.problem,
            detail=err.detail,
            is_slow=isinstance(err, _TooSlowError),
        )
    verdict = judge(answer, now=time.time())
    if not verdict.detail:
        return verdict
    return replace(verdict, detail=target.redact(verdict.detail))


async def _ask(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    headers: dict[str, str],
    body: bytes | None = None,
) -> Answer:
    """Send one request; raises TargetError where no answer comes."""
    try:
        async with session.request(
            method,
            url,
            headers=headers,
            data=body,
            timeout=_TIMEOUT,
            allow_redirects=False,
        ) as response:
            said = await _beginning(response)
    except aiohttp.ConnectionTimeoutError as err:
        raise TargetError(
            TargetProblem.CANNOT_CONNECT, "Nothing answers at the address"
        ) from err
    except TimeoutError as err:
        raise _TooSlowError(TargetProblem.CANNOT_CONNECT, "No answer in time") from err
    except aiohttp.ClientSSLError as err:
        raise TargetError(
            TargetProblem.SSL_ERROR, "The server's certificate isn't trusted"
        ) from err
    except (aiohttp.ClientResponseError, HttpProcessingError) as err:
        raise TargetError(
            TargetProblem.NOT_INFLUXDB, "The answer isn't that of a web server"
        ) from err
    except (aiohttp.ClientError, OSError, UnicodeError) as err:
        raise TargetError(TargetProblem.CANNOT_CONNECT, _reason(err)) from err
    return Answer(
        status=response.status,
        text=said.decode("utf-8", "replace"),
        is_html=response.content_type == "text/html",
        retry_after=response.headers.get("Retry-After"),
        version=response.headers.get(_VERSION_HEADER, ""),
    )


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """Read an answer as far as it can matter."""
    said = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        said += chunk
        if len(said) >= _MOST_SAID:
            break
    return bytes(said)


def _reason(err: Exception) -> str:
    """Say why no connection came about; the error's own text may hold the address."""
    if isinstance(err, aiohttp.ClientConnectorDNSError):
        return "The server's name is not known on this network"
    if isinstance(err, aiohttp.ClientConnectorError):
        return "The server can't be reached"
    return "The server broke the connection off"


async def find_kind(
    session: aiohttp.ClientSession, url: str, *, token: str = ""
) -> ServerKind:
    """Ask a server for its dialect; raises TargetError, ValueError for no address.

    A 3.x server tells its version only to whom it knows, so a token helps.
    """
    address = clean_url(url)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = None
    for path in ("ping", "health", "query?q=SHOW%20DATABASES"):
        answer = await _ask(session, "GET", URL(f"{address}/{path}"), headers)
        if kind := _kind(answer):
            return kind
    if answer and answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise TargetError(TargetProblem.INVALID_AUTH, str(answer.status))
    raise TargetError(TargetProblem.NOT_INFLUXDB)


def _kind(answer: Answer) -> ServerKind | None:
    """Read the version: in a header, or in JSON; VictoriaMetrics claims a 1.8."""
    version = answer.version or str(json_object(answer.text).get("version", ""))
    major = _MAJOR.match(version)
    return ServerKind(major[1]) if major else None


async def check_target(session: aiohttp.ClientSession, target: Target) -> None:
    """Find out whether a server takes lines; raises TargetError.

    An empty write shows address, credentials and database without leaving a trace;
    3.x refuses it as empty after having looked at those. The line that follows is
    one of the health lines that forwarding writes anyway.
    """
    empty = await write(session, target, b"", is_gzip=False)
    if empty.action is Action.KEEP and not _is_only_empty(empty):
        raise TargetError(empty.problem or TargetProblem.REFUSED, empty.detail)
    line = health_line(entry=_CHECK, backlog=0, dropped=0, quarantined=0)
    verdict = await write(session, target, line.encode(), is_gzip=False)
    if verdict.action is not Action.ACKNOWLEDGE:
        raise TargetError(verdict.problem or TargetProblem.REFUSED, verdict.detail)


def _is_only_empty(verdict: Verdict) -> bool:
    return verdict.problem is TargetProblem.REFUSED


def health_line(*, entry: str, backlog: int, dropped: int, quarantined: int) -> str:
    """Return the line about forwarding itself, which every server has to take."""
    figures = {"backlog": backlog, "dropped": dropped, "quarantined": quarantined}
    point = Point(
        measurement="envoy_forwarder",
        tags={"entry": entry},
        fields={name: float(figure) for name, figure in figures.items()},
        time=int(time.time() * 1000),
    )
    [line] = encode_all([point])
    return line
