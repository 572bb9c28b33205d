"""Which source is in use and why no better one is, as a sentence for the log."""

from __future__ import annotations

from typing import Final

from ..models.live import LiveSource, LiveStatus, Verdict

_WHY: Final = {
    Verdict.ABSENT: "the gateway has no {what}",
    Verdict.SILENT: "the {what} says nothing new",
    Verdict.FAILING: "the {what} breaks off or can't be read",
    Verdict.NOT_ASKED: "the {what} wasn't asked for yet",
    Verdict.NO_METER: "there is no meter for the {what}",
    Verdict.WORKS: "the {what} has paused",
}
_STREAM: Final = "stream"
_LIVEDATA: Final = "live data"


def in_words(status: LiveStatus) -> str:
    """Say it in one sentence."""
    if status.source is LiveSource.STREAM:
        return "Live power comes from the gateway's stream"
    if status.stream is Verdict.NO_METER:
        return "There is no live power: no meter is in use"
    why = _because(status.stream, _STREAM, status.role)
    if status.source is LiveSource.LIVEDATA:
        return f"Live power comes from the gateway's live data: {why}"
    more = _because(status.livedata, _LIVEDATA, status.role)
    return f"There is no live power, only the usual readings: {why}, and {more}"


def _because(verdict: Verdict, what: str, role: str | None) -> str:
    if verdict is Verdict.REFUSED:
        whom = f"the role {role}" if role else "this user"
        return f"the gateway refuses the {what} to {whom}"
    return _WHY[verdict].format(what=what)
