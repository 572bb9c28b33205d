"""The switch of `/ivp/livedata/status`: off, its numbers stand still."""

from __future__ import annotations

import json
import math
from typing import Final

from .answers import Answer, error_page, indented, json_answer
from .clock import Clock, wall_clock

STATUS_PATH: Final = "/ivp/livedata/status"
SWITCH_PATH: Final = "/ivp/livedata/stream"

_REFRESH_SECONDS: Final = 5.0


class LiveData:
    """What a gateway has switched on; set the public attributes while it runs."""

    def __init__(self, clock: Clock = wall_clock) -> None:
        """Start switched off, with the numbers of this instant."""
        self.lasts: float | None = 900.0
        """Seconds after a POST until it is switched off again; None: never."""
        self.refuse_enable: int | None = None
        """The status with which every POST is refused: 400, 401, 403, 500 …"""
        self.moves_when_disabled = False
        """Some systems refresh the numbers every 5 s though it is off."""
        self.by_phase = True
        """Early firmware says only totals."""
        self.posts = 0
        """How many POSTs came, those that were refused included."""
        self._clock = clock
        self._until = clock()
        self._frozen_at: float | None = None

    @property
    def enabled(self) -> bool:
        """Whether it is on now (`sc_stream`); it can be set."""
        return self._clock() < self._until

    @enabled.setter
    def enabled(self, value: bool) -> None:
        now = self._clock()
        if not value:
            self._until = min(self._until, now)
            return
        self._until = math.inf if self.lasts is None else now + self.lasts

    @property
    def is_frozen(self) -> bool:
        """Whether the numbers stand still though it is on; it can be set."""
        return self._frozen_at is not None

    @is_frozen.setter
    def is_frozen(self, value: bool) -> None:
        self._frozen_at = self.moment() if value else None

    def moment(self) -> float:
        """Return the epoch of which the numbers speak."""
        now = self._clock()
        if self._frozen_at is not None:
            return self._frozen_at
        if now < self._until:
            return now
        if self.moves_when_disabled:
            return now - now % _REFRESH_SECONDS
        return self._until

    def present(self, answer: Answer | None) -> Answer | None:
        """Write the switch into the site's own answer."""
        if answer is None or (self.by_phase and not self.enabled):
            return answer
        try:
            data = json.loads(answer.body)
            connection = data["connection"]
            meters = data["meters"]
        except (ValueError, KeyError, TypeError):
            return answer
        if self.enabled:
            connection["sc_stream"] = "enabled"
            data.pop("info", None)
        if not self.by_phase:
            data["meters"] = {name: _totals(value) for name, value in meters.items()}
        return Answer(body=indented(data), content_type=answer.content_type)

    def switch(self, body: bytes) -> Answer:
        """Answer a POST of `{"enable": 1}` or 0."""
        self.posts += 1
        if self.refuse_enable is not None:
            return error_page(self.refuse_enable)
        try:
            wanted = json.loads(body)["enable"]
        except (ValueError, KeyError, TypeError):
            return json_answer({"error": "bad request"}, status=400)
        self.enabled = wanted == 1
        return json_answer({"sc_stream": "enabled" if self.enabled else "disabled"})


def _totals(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {name: item for name, item in value.items() if "_ph_" not in name}
