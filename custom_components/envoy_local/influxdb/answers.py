"""What an answer of a server means for the lines it was given.

The status decides before the text does: texts differ between versions, and a
proxy in front of a server has texts of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
import json
import re
from typing import Any, Final

RECHECK: Final = 300.0
"""Seconds until what only its owner can repair is tried again."""
_LONGEST_WAIT: Final = 600.0
_SHORTEST_WAIT: Final = 1.0


class TargetProblem(StrEnum):
    """Why a server doesn't take lines."""

    CANNOT_CONNECT = "cannot_connect"
    UNAVAILABLE = "unavailable"
    """It answers, but not now: busy, starting, or limiting its clients."""
    INVALID_AUTH = "invalid_auth"
    DATABASE_NOT_FOUND = "database_not_found"
    RETENTION_POLICY_NOT_FOUND = "retention_policy_not_found"
    SSL_ERROR = "ssl_error"
    NOT_INFLUXDB = "not_influxdb"
    REFUSED = "refused"


class Action(StrEnum):
    """What becomes of the lines."""

    ACKNOWLEDGE = "acknowledge"
    KEEP = "keep"
    HALVE = "halve"
    """They are too much for one request."""
    SEARCH = "search"
    """At least one of them is bad."""
    TOO_OLD = "too_old"
    """Stored, but for those that the server's retention refuses for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said."""

    status: int
    text: str = ""
    is_html: bool = False
    retry_after: str | None = None
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an answer means."""

    action: Action
    problem: TargetProblem | None = None
    wait: float | None = None
    """Seconds until the next request; None for the usual back-off."""
    too_old: int = 0
    bad_lines: tuple[int, ...] = ()
    """Indexes of the bad lines, where the server names them."""
    detail: str = ""
    is_slow: bool = False
    """No answer came in time: the lines may be too much for the line to the server."""


_RETENTION: Final = re.compile(r"retention (?:policy|period)", re.IGNORECASE)
_NO_RETENTION_POLICY: Final = re.compile(r"retention policy not found", re.IGNORECASE)
_DROPPED: Final = re.compile(r"dropped=(\d{1,9})")
_ABOUT_THE_REQUEST: Final = re.compile(
    r"unexpected EOF|precision|(?:database|bucket|org\w*) (?:name )?is required|gzip",
    re.IGNORECASE,
)
_QUOTED_LINE: Final = re.compile(r"parse '.*'", re.DOTALL)

_PASSING: Final = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


def judge(answer: Answer, *, now: float) -> Verdict:
    """Say what to do after this answer to a write; `now` in epoch seconds."""
    status = answer.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return _accepted(answer)
    said = _said(answer.text)
    detail = f"{status}: {_without_lines(said)}" if said else str(status)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Verdict(
            action=Action.HALVE, problem=TargetProblem.REFUSED, detail=detail
        )
    if _is_about_lines(answer, said):
        return _about_lines(answer, said, detail)
    if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unavailable(answer, said, detail, now)
    return _kept(_owners_problem(answer), detail, wait=RECHECK)


def _accepted(answer: Answer) -> Verdict:
    """Believe a success, unless it is a page: a log-in form says 200 to everything."""
    if answer.is_html:
        return _kept(TargetProblem.NOT_INFLUXDB, str(answer.status), wait=RECHECK)
    return Verdict(action=Action.ACKNOWLEDGE)


def _kept(problem: TargetProblem, detail: str, *, wait: float | None = None) -> Verdict:
    return Verdict(action=Action.KEEP, problem=problem, wait=wait, detail=detail)


def _owners_problem(answer: Answer) -> TargetProblem:
    """Return what somebody has to put right.

    A missing database is named in JSON, unlike a missing address. A redirect isn't
    followed: that would hand the credentials to whoever it names.
    """
    status = answer.status
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return TargetProblem.INVALID_AUTH
    if status == HTTPStatus.NOT_FOUND and json_object(answer.text):
        return TargetProblem.DATABASE_NOT_FOUND
    if status < HTTPStatus.BAD_REQUEST or status == HTTPStatus.NOT_FOUND:
        return TargetProblem.NOT_INFLUXDB
    return TargetProblem.REFUSED


def _is_about_lines(answer: Answer, said: str) -> bool:
    """Whether lines may be to blame; early 2.0 answers 500 for a partial write."""
    return answer.status in (
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    ) or (answer.status == HTTPStatus.INTERNAL_SERVER_ERROR and "partial write" in said)


def _about_lines(answer: Answer, said: str, detail: str) -> Verdict:
    words = _without_lines(said)
    if _NO_RETENTION_POLICY.search(words):
        return _kept(TargetProblem.RETENTION_POLICY_NOT_FOUND, detail, wait=RECHECK)
    if _RETENTION.search(words) and words == said:
        dropped = _DROPPED.search(words)
        count = int(dropped[1]) if dropped else 0
        return Verdict(action=Action.TOO_OLD, too_old=count, detail=detail)
    if answer.is_html or _ABOUT_THE_REQUEST.search(words):
        return _kept(TargetProblem.REFUSED, detail, wait=RECHECK)
    return Verdict(
        action=Action.SEARCH,
        problem=TargetProblem.REFUSED,
        bad_lines=_named_lines(answer.text),
        detail=detail,
    )


def _unavailable(answer: Answer, said: str, detail: str, now: float) -> Verdict:
    if _NO_RETENTION_POLICY.search(said):
        return _kept(TargetProblem.RETENTION_POLICY_NOT_FOUND, detail, wait=RECHECK)
    wait = _seconds(answer.retry_after, now)
    return _kept(TargetProblem.UNAVAILABLE, detail, wait=wait)


def _seconds(retry_after: str | None, now: float) -> float | None:
    """Read a Retry-After, which holds seconds or a date."""
    if retry_after is None:
        return None
    if retry_after.isdecimal():
        seconds = float(retry_after)
    else:
        try:
            until = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        seconds = until.replace(tzinfo=until.tzinfo or UTC).timestamp() - now
    return min(max(seconds, _SHORTEST_WAIT), _LONGEST_WAIT)


def json_object(text: str) -> dict[str, Any]:
    """Return the object that a text holds; an empty one where it holds none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _said(text: str) -> str:
    """Return the message in an answer: 1.x and 3.x say `error`, 2.x `message`."""
    found = json_object(text)
    said = found.get("message") or found.get("error") or text
    return said if isinstance(said, str) else text


def _without_lines(said: str) -> str:
    """Leave out the lines that a server repeats."""
    return _QUOTED_LINE.sub("parse '…'", said)


def _named_lines(text: str) -> tuple[int, ...]:
    """Return which lines a 3.x server names; it counts from 1."""
    data = json_object(text).get("data")
    entries = data if isinstance(data, list) else []
    numbers = [entry.get("line_number") for entry in entries if isinstance(entry, dict)]
    return tuple(sorted({n - 1 for n in numbers if isinstance(n, int) and n > 0}))
