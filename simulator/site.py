"""What a gateway needs to know about the site behind it: a plant or a recording."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .answers import Answer
from .payloads_live import Frame


class Site(Protocol):
    """Answers to requests that passed authentication; no clock of its own."""

    @property
    def serial(self) -> str:
        """Return the gateway's own serial number."""

    @property
    def firmware(self) -> str:
        """Return the software version with its letter, e.g. D8.3.5169."""

    def answer(
        self, path: str, query: str, *, serial: str, now: float
    ) -> Answer | None:
        """Return the answer to a GET at epoch `now`; None for an unknown path.

        `serial` is what the gateway calls itself, normally the site's own.
        """

    def frame(self, now: float) -> Frame | None:
        """Return what `/stream/meter` says of epoch `now`; None without a stream."""

    def digest_paths(self) -> Mapping[str, Answer]:
        """Return what asks for Digest on firmware below 7, with the 401 answers."""
