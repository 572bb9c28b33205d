"""Answers as bytes, and the pages that gateways send when they refuse."""

from __future__ import annotations

from dataclasses import dataclass, field
import json
from typing import Final

SERVER: Final = "openresty/1.17.8.1"
JSON_TYPE: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer; `content_type` None leaves the header out."""

    body: bytes
    status: int = 200
    content_type: str | None = None
    chunked: bool = False
    close: bool = False
    headers: tuple[tuple[str, str], ...] = field(default=())


def _page(title: str, script: str = "") -> bytes:
    return (
        f"<html>\r\n<head><title>{title}</title>{script}</head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n<hr><center>{SERVER}</center>\r\n"
        "</body>\r\n</html>\r\n"
    ).encode()


def unauthorized(firmware: tuple[int, ...]) -> Answer:
    """Return openresty's 401 page; it forwards a browser to the log-in."""
    target = "/login.html" if firmware >= (8, 3, 5160) else "/home"
    script = f'<script>window.location.replace("{target}");</script>'
    body = _page("401 Authorization Required", script)
    return Answer(body=body, status=401, content_type="text/html")


def forbidden(status: int) -> Answer:
    """Return the page for a role that is too low, 401 or 403."""
    title = {401: "401 Authorization Required", 403: "403 Forbidden"}[status]
    return Answer(body=_page(title), status=status, content_type="text/html")


def error_page(status: int) -> Answer:
    """Return openresty's page for a status."""
    titles = {
        401: "401 Authorization Required",
        403: "403 Forbidden",
        404: "404 Not Found",
        500: "500 Internal Server Error",
        502: "502 Bad Gateway",
        503: "503 Service Temporarily Unavailable",
        504: "504 Gateway Time-out",
    }
    title = titles.get(status, f"{status} Error")
    return Answer(body=_page(title), status=status, content_type="text/html")


def booting() -> Answer:
    """Return what firmware 7 and newer says in the minutes after a start."""
    text = "The resource you are looking for is busy. Please retry after 30 seconds.\n"
    return Answer(body=text.encode(), status=503, content_type="text/plain")


def not_found(firmware: tuple[int, ...]) -> Answer:
    """Return a gateway's own JSON 404."""
    if firmware < (5,):
        body = b'{ "error" : "404 - Not Found" }'
        kind = "application/json; charset=ISO-8859-4"
    else:
        body = b'{"error":"404 - Not Found"}'
        kind = JSON_TYPE
    return Answer(body=body, status=404, content_type=kind)


def valid_token() -> Answer:
    """Return check_jwt's page for an accepted token."""
    body = b"<!DOCTYPE html><h2>Valid token.</h2>"
    return Answer(body=body, content_type="text/html")


def compact(value: object) -> bytes:
    """Write JSON without spaces, as the Ruby process does."""
    return json.dumps(value, separators=(",", ":")).encode()


def indented(value: object, *, width: int = 4) -> bytes:
    """Write JSON with line breaks, as the native services do."""
    return json.dumps(value, indent=width).encode() + b"\n"


def json_answer(value: object, *, status: int = 200) -> Answer:
    """Return a compact JSON answer with its content type (the cloud's form)."""
    return Answer(body=compact(value), status=status, content_type=JSON_TYPE)


def firmware_tuple(software: str) -> tuple[int, ...]:
    """Return (8, 3, 5169) for "D8.3.5169"; () when there are no numbers."""
    parts = software.lstrip("DRM").split(".")
    return tuple(int(part) for part in parts if part.isdigit())
