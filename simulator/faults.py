"""Switches that make an endpoint answer as broken gateways (or a broken cloud) do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Self

type Kind = Literal[
    "status", "html", "body", "truncated", "empty", "slow", "hang", "reset"
]

KINDS: Final[tuple[Kind, ...]] = (
    "status", "html", "body", "truncated", "empty", "slow", "hang", "reset",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: `path` exact, or a prefix when it ends in `*`.

    `times` None lasts until it is cleared. A path with a query matches only that query,
    a path without one matches any.
    """

    kind: Kind
    path: str = "*"
    times: int | None = None
    status: int = 200
    body: bytes = b""
    content_type: str | None = None
    seconds: float = 0.0
    keep_bytes: int | None = None

    @classmethod
    def error(cls, path: str, status: int, *, times: int | None = None) -> Self:
        """Answer `status` with the page that openresty (or the boot) sends."""
        return cls(kind="status", path=path, status=status, times=times)

    @classmethod
    def html(cls, path: str, *, status: int = 200, times: int | None = None) -> Self:
        """Answer an HTML page where JSON or XML is expected."""
        return cls(kind="html", path=path, status=status, times=times)

    @classmethod
    def raw(
        cls,
        path: str,
        body: bytes,
        *,
        status: int = 200,
        content_type: str | None = None,
        times: int | None = None,
    ) -> Self:
        """Answer arbitrary bytes."""
        return cls(
            kind="body",
            path=path,
            body=body,
            status=status,
            content_type=content_type,
            times=times,
        )

    @classmethod
    def truncated(
        cls, path: str, *, keep_bytes: int | None = None, times: int | None = None
    ) -> Self:
        """Cut the real answer after `keep_bytes` (default: half of it)."""
        return cls(kind="truncated", path=path, keep_bytes=keep_bytes, times=times)

    @classmethod
    def empty(cls, path: str, *, times: int | None = None) -> Self:
        """Answer 200 without a body."""
        return cls(kind="empty", path=path, times=times)

    @classmethod
    def slow(cls, path: str, seconds: float, *, times: int | None = None) -> Self:
        """Answer rightly, but later; a slow Ruby path blocks its family."""
        return cls(kind="slow", path=path, seconds=seconds, times=times)

    @classmethod
    def hang(cls, path: str, *, times: int | None = None) -> Self:
        """Accept the request and never answer it."""
        return cls(kind="hang", path=path, times=times)

    @classmethod
    def reset(
        cls, path: str, *, keep_bytes: int | None = None, times: int | None = None
    ) -> Self:
        """Abort the connection before the answer, or after `keep_bytes` of it."""
        return cls(kind="reset", path=path, keep_bytes=keep_bytes, times=times)

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """Build a fault from JSON with this class's field names; raises ValueError."""
        if unknown := set(data) - _JSON_TYPES.keys():
            message = f"unknown keys: {sorted(unknown)}"
            raise ValueError(message)
        for name, value in data.items():
            if type(value) not in _JSON_TYPES[name]:
                message = f"{name}: wrong type"
                raise ValueError(message)
        if data.get("kind") not in KINDS:
            message = f"kind must be one of {', '.join(KINDS)}"
            raise ValueError(message)
        values = dict(data)
        values["body"] = str(values.get("body", "")).encode()
        return cls(**values)  # type: ignore[arg-type]  # names and types checked above

    def matches(self, path_qs: str) -> bool:
        """Return whether this fault is about `path_qs`."""
        if self.path.endswith("*"):
            return path_qs.startswith(self.path[:-1])
        if "?" in self.path:
            return path_qs == self.path
        return path_qs.partition("?")[0] == self.path


_JSON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "kind": (str,),
    "path": (str,),
    "times": (int,),
    "status": (int,),
    "body": (str,),
    "content_type": (str,),
    "seconds": (int, float),
    "keep_bytes": (int,),
}


class Faults:
    """The faults that are switched on; the newest one that matches a request wins."""

    def __init__(self) -> None:
        """Start without faults."""
        self._faults: list[tuple[Fault, list[int]]] = []

    def __len__(self) -> int:
        """Return how many faults are switched on."""
        return len(self._faults)

    def add(self, *faults: Fault) -> None:
        """Switch faults on."""
        for fault in faults:
            left = [] if fault.times is None else [fault.times]
            self._faults.append((fault, left))

    def clear(self, path: str | None = None) -> None:
        """Switch off all faults, or those added with exactly this path."""
        self._faults = [
            item for item in self._faults if path is not None and item[0].path != path
        ]

    def take(self, path_qs: str) -> Fault | None:
        """Return the fault for this request, counting it; None when there is none."""
        for index in range(len(self._faults) - 1, -1, -1):
            fault, left = self._faults[index]
            if not fault.matches(path_qs):
                continue
            if left:
                left[0] -= 1
                if left[0] <= 0:
                    del self._faults[index]
            return fault
        return None
