"""What was asked, when, and how much at once: so that tests can demand politeness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from .clock import Clock, wall_clock
from .latency import Family


@dataclass(slots=True, kw_only=True)
class LoggedRequest:
    """One request; `status` is None while it runs, or when its client left.

    A stream has its status as soon as it is open.
    """

    time: float
    method: str
    path: str
    query: str
    family: Family
    has_cookie: bool
    has_authorization: bool
    in_flight: dict[Family, int]
    status: int | None = None
    abandoned: bool = False
    is_open: bool = False
    is_resting: bool = False


@dataclass(slots=True)
class RequestLog:
    """The requests in order of arrival, and the peaks of what ran at the same time."""

    clock: Clock = wall_clock
    entries: list[LoggedRequest] = field(default_factory=list)
    max_in_flight: Counter[Family] = field(default_factory=Counter)
    _now: Counter[Family] = field(default_factory=Counter)
    _resting: int = 0

    def __len__(self) -> int:
        """Return how many requests arrived."""
        return len(self.entries)

    def __iter__(self) -> Iterator[LoggedRequest]:
        """Iterate in order of arrival."""
        return iter(self.entries)

    def __getitem__(self, index: int) -> LoggedRequest:
        """Return one request; negative indexes count from the newest."""
        return self.entries[index]

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being answered, what its client left aside.

        An open stream counts only while it sends what is due.
        """
        return self._now.total() == self._resting

    def to(self, path: str) -> list[LoggedRequest]:
        """Return the requests to exactly this path, whatever their query."""
        return [entry for entry in self.entries if entry.path == path]

    def clear(self) -> None:
        """Forget the past; what is running stays counted."""
        self.entries.clear()
        self.max_in_flight = Counter(self._now)

    def begin(
        self, *, method: str, path: str, query: str, family: Family, headers: set[str]
    ) -> LoggedRequest:
        """Count a request in; `headers` holds the lower-case names it sent."""
        self._now[family] += 1
        self.max_in_flight[family] = max(self.max_in_flight[family], self._now[family])
        entry = LoggedRequest(
            time=self.clock(),
            method=method,
            path=path,
            query=query,
            family=family,
            has_cookie="cookie" in headers,
            has_authorization="authorization" in headers,
            in_flight={"native": self._now["native"], "ruby": self._now["ruby"]},
        )
        self.entries.append(entry)
        return entry

    def opened(self, entry: LoggedRequest, status: int) -> None:
        """Note that this answer has begun and goes on without an end."""
        entry.status = status
        entry.is_open = True

    def rest(self, entry: LoggedRequest, *, resting: bool) -> None:
        """Note whether an open stream waits for its next frame."""
        self._resting += resting - entry.is_resting
        entry.is_resting = resting

    def end(self, entry: LoggedRequest) -> None:
        """Count a request out."""
        self.rest(entry, resting=False)
        entry.is_open = False
        self._now[entry.family] -= 1
