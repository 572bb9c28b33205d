"""How forwarding is going, at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .answers import TargetProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwarderStatus:
    """What the sensors and repairs of forwarding show; lines unless said otherwise."""

    pending: int = 0
    oldest: float | None = None
    """Epoch seconds at which the oldest pending line was taken."""
    delivered: int = 0
    dropped: int = 0
    """Gone for want of room, oldest first, or never stored while the disk was full."""
    too_old: int = 0
    """Refused for good by the server's retention."""
    quarantined: int = 0
    discarded: int = 0
    """Taken out of quarantine for good, by the user or by newer ones."""
    spool_bytes: int = 0
    last_success: float | None = None
    """Epoch seconds."""
    problem: TargetProblem | None = None
    detail: str = ""
    """The server's words, or ours, without secrets."""
    failing_since: float | None = None
    """Epoch seconds of the first failure since the last success."""
    spool_problem: str | None = None
    """Why nothing can be stored on disk at the moment."""
    set_aside: Path | None = None
    """A damaged spool that was replaced by a new one."""
