"""Sign in to Enphase and fetch a token: the only way to the internet.

The form of an answer decides what it means, not its status alone: in an outage
the cloud sends HTML with any status.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
import re
from typing import Final

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
import orjson
from yarl import URL

from .access_token import AccessToken
from .exceptions import (
    CloudError,
    CloudLockedError,
    CloudUnavailableError,
    CredentialsRefusedError,
    SecondFactorError,
    SerialNotOnAccountError,
    TokenInvalidError,
)

ENLIGHTEN_URL: Final = "https://enlighten.enphaseenergy.com"
ENTREZ_URL: Final = "https://entrez.enphaseenergy.com"

_TIMEOUT: Final = 30.0
_MAX_BODY: Final = 1024 * 1024
# The cloud answers 406 to anything that calls itself Home Assistant.
_HEADERS: Final = {
    "User-Agent": "Mozilla/5.0",
    "Accept": "application/json, text/plain, */*",
}
_LOCKED: Final = re.compile(r"\b(?:un)?lock|blocked|too many|suspended", re.IGNORECASE)
_WALL: Final = re.compile(rb"too many (?:\w+ ){0,2}attempts", re.IGNORECASE)
_WRONG: Final = re.compile(r"invalid|incorrect|wrong|unauthori[sz]ed", re.IGNORECASE)
_SESSION_ID: Final = re.compile(r"[!#-+\--:<-\[\]-~]+")
# These say nothing about the gateway being on the account.
_NO_REFUSAL: Final = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.NOT_ACCEPTABLE,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    body: bytes = field(repr=False)

    @property
    def document(self) -> Mapping[str, object] | None:
        """The JSON object in the body, None where there is none."""
        try:
            document = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None
        return document if isinstance(document, dict) else None

    @property
    def is_page(self) -> bool:
        """Whether the body is HTML: an outage, a firewall or a login page."""
        return self.body.lstrip()[:1] == b"<"


class EnlightenCloud:
    """The account at Enphase that a gateway belongs to."""

    def __init__(self, *, session: aiohttp.ClientSession) -> None:
        """Use a session that keeps no cookies (`aiohttp.DummyCookieJar`)."""
        self._session = session

    async def fetch_token(
        self, *, username: str, password: str, serial: str
    ) -> AccessToken:
        """Sign in and fetch a gateway's token; a `CloudError` says what is wrong."""
        session_id = await self._sign_in(username, password)
        first: CloudError
        try:
            return await self._token_from_enlighten(session_id, serial)
        except (CloudUnavailableError, SerialNotOnAccountError) as err:
            first = err
        try:
            return await self._token_from_entrez(session_id, serial, username)
        except SerialNotOnAccountError as second:
            # Only both together prove it: a single source is broken every other month.
            raise (
                first if isinstance(first, CloudUnavailableError) else second
            ) from None

    async def _sign_in(self, username: str, password: str) -> str:
        answer = await self._ask(
            "POST",
            f"{ENLIGHTEN_URL}/login/login.json",
            data=aiohttp.FormData(
                {"user[email]": username, "user[password]": password}
            ),
        )
        return _session_id(answer)

    async def _token_from_enlighten(self, session_id: str, serial: str) -> AccessToken:
        url = URL(f"{ENLIGHTEN_URL}/entrez-auth-token").with_query(serial_num=serial)
        cookie = {"Cookie": f"_enlighten_4_session={session_id}"}
        answer = await self._ask("GET", str(url), headers=cookie)
        document = answer.document or {}
        token = document.get("token")
        return _token(answer, token if isinstance(token, str) else "", serial)

    async def _token_from_entrez(
        self, session_id: str, serial: str, username: str
    ) -> AccessToken:
        wanted = {"session_id": session_id, "serial_num": serial, "username": username}
        answer = await self._ask(
            "POST",
            f"{ENTREZ_URL}/tokens",
            data=orjson.dumps(wanted),
            headers={"Content-Type": "application/json"},
        )
        return _token(answer, answer.body, serial)

    async def _ask(
        self,
        method: str,
        url: str,
        *,
        data: aiohttp.FormData | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> _Answer:
        """Send one request.

        Nothing is chained to the error: the original holds the request's headers.
        """
        try:
            async with asyncio.timeout(_TIMEOUT):
                return await self._exchange(
                    method, url, data, {**_HEADERS, **(headers or {})}
                )
        except TimeoutError:
            unavailable = CloudUnavailableError(
                "The Enphase cloud doesn't answer in time"
            )
        except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError):
            unavailable = CloudUnavailableError("The Enphase cloud can't be reached")
        raise unavailable

    async def _exchange(
        self,
        method: str,
        url: str,
        data: aiohttp.FormData | bytes | None,
        headers: Mapping[str, str],
    ) -> _Answer:
        async with self._session.request(
            method,
            url,
            data=data,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None),
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_chunked(_MAX_BODY):
                body += chunk
                if len(body) > _MAX_BODY:
                    response.close()
                    raise CloudUnavailableError("The Enphase cloud's answer has no end")
        answer = _Answer(status=response.status, body=bytes(body))
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise CloudLockedError(
                "The Enphase cloud asks to wait after too many attempts"
            )
        return answer


def _session_id(answer: _Answer) -> str:
    """Find the session in the answer to a login, or what is in its way."""
    document = answer.document
    if answer.is_page and _WALL.search(answer.body):
        raise CloudLockedError("Enphase has locked the account for now")
    if document is None or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise CloudUnavailableError("The Enphase cloud's login is out of order")
    message = document.get("message")
    text = message if isinstance(message, str) else ""
    if document.get("isBlocked") is True or _LOCKED.search(text):
        raise CloudLockedError("Enphase has locked the account for now")
    if answer.status == HTTPStatus.UNAUTHORIZED or _WRONG.search(text):
        raise CredentialsRefusedError(
            "Enphase says the user name or the password is wrong"
        )
    session_id = document.get("session_id")
    if (
        answer.status == HTTPStatus.OK
        and isinstance(session_id, str)
        and _SESSION_ID.fullmatch(session_id)
    ):
        return session_id
    if answer.status == HTTPStatus.OK and _speaks_of_success(document):
        # Success without a session: Enphase sent a code to the account's owner.
        raise SecondFactorError("The Enphase account asks for a second factor")
    raise CloudUnavailableError(
        "The Enphase cloud's login gave no answer that makes sense"
    )


def _speaks_of_success(document: Mapping[str, object]) -> bool:
    """Whether the account is fine, by any of the words Enphase has for it."""
    if document.get("error") or document.get("session_id"):
        return False
    return (
        document.get("message") == "success"
        or document.get("success") is True
        or document.get("isBlocked") is False
    )


def _token(answer: _Answer, text: str | bytes, serial: str) -> AccessToken:
    """Read the token in an answer; it must be for the gateway that was asked for."""
    if answer.status == HTTPStatus.OK:
        try:
            token = AccessToken.parse(text)
        except TokenInvalidError:
            raise CloudUnavailableError(
                "The Enphase cloud gave something that is no token"
            ) from None
        if token.serial == serial:
            return token
        raise SerialNotOnAccountError(
            "The Enphase cloud gave a token for another gateway"
        )
    if _is_refusal(answer):
        raise SerialNotOnAccountError("This gateway is not on the Enphase account")
    raise CloudUnavailableError("The Enphase cloud gives no tokens right now")


def _is_refusal(answer: _Answer) -> bool:
    is_client_error = (
        HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    )
    return is_client_error and answer.status not in _NO_REFUSAL and not answer.is_page
