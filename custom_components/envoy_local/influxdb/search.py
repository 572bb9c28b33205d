"""Which lines of a refused batch are to blame, and nothing but those."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from .answers import Action, Verdict
from .spool_rows import Refused

type Send = Callable[[Sequence[str]], Awaitable[Verdict]]


class Interrupted(Exception):  # noqa: N818 - nothing is wrong with the lines
    """The server takes nothing at the moment; every line is kept."""

    def __init__(self, verdict: Verdict) -> None:
        """Keep what the server said."""
        super().__init__(verdict.detail)
        self.verdict = verdict


@dataclass(slots=True)
class Outcome:
    """What became of a batch; the rest of it is stored."""

    refused: list[Refused] = field(default_factory=list)
    too_old: int = 0


async def search(lines: Sequence[str], verdict: Verdict, send: Send) -> Outcome:
    """Send ever smaller parts of a batch that got this verdict, oldest first.

    What is sent twice is stored once: its time and tags are its identity. Raises
    Interrupted where the server stops taking anything.
    """
    outcome = Outcome()
    parts = _divide(lines, verdict, outcome)
    while parts:
        part = parts.pop()
        verdict = await send(part)
        match verdict.action:
            case Action.ACKNOWLEDGE:
                pass
            case Action.TOO_OLD:
                outcome.too_old += verdict.too_old
            case Action.KEEP:
                raise Interrupted(verdict)
            case Action.SEARCH | Action.HALVE:
                parts += _divide(part, verdict, outcome)
    return outcome


def _divide(
    lines: Sequence[str], verdict: Verdict, outcome: Outcome
) -> list[Sequence[str]]:
    """Return what to try next, the oldest last; a lone line is found."""
    named = {index for index in verdict.bad_lines if index < len(lines)}
    if len(lines) == 1:
        named = {0}
    if named:
        outcome.refused += [Refused(lines[n], verdict.detail) for n in sorted(named)]
        rest = [line for n, line in enumerate(lines) if n not in named]
        return [rest] if rest else []
    middle = len(lines) // 2
    return [lines[middle:], lines[:middle]]
