"""Energy of the day and of seven days, at the user's own midnight."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, Self

from .corrections import Correction, Corrections
from .state import State, StateError, mapping, number

WEEK: Final = 7
_ONE_DAY: Final = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Page:
    """Where a total stood at the beginning of each of the last days."""

    starts: dict[date, float] = field(default_factory=dict)
    last_total: float | None = None
    last_time: datetime | None = None
    partial: date | None = None
    """The day on which the books were opened, with no sum of it from before."""

    def age(self, now: datetime) -> float:
        """Return the seconds since it was written; negative for the future."""
        last = self.last_time
        return now.timestamp() - last.timestamp() if last else 0.0

    def turn(self, total: float, now: datetime) -> None:
        """Begin a day, and those that passed unseen."""
        day = now.date()
        missing = max(max(self.starts) + _ONE_DAY, day - WEEK * _ONE_DAY)
        while missing <= day:
            self.starts[missing] = self._total_at_midnight(missing, total, now)
            missing += _ONE_DAY
        for known in [d for d in self.starts if d < day - WEEK * _ONE_DAY]:
            del self.starts[known]

    def turn_back(self, day: date) -> None:
        """Go on with an earlier day: the clock was ahead.

        What it called later days is today.
        """
        ahead = min(start for known, start in self.starts.items() if known > day)
        self.starts = {d: s for d, s in self.starts.items() if d <= day}
        self.starts.setdefault(day, ahead)
        if self.partial and self.partial > day:
            self.partial = day

    def _total_at_midnight(self, day: date, total: float, now: datetime) -> float:
        """Share what came between two readings out over the time between them."""
        if self.last_total is None or self.last_time is None:
            return total
        midnight = datetime.combine(day, datetime.min.time(), now.tzinfo).timestamp()
        before, after = self.last_time.timestamp(), now.timestamp()
        if not before < midnight < after:
            return total
        share = (midnight - before) / (after - before)
        return self.last_total + share * (total - self.last_total)

    def as_state(self) -> State:
        """Return what has to survive a restart."""
        last = self.last_time
        return {
            "starts": {day.isoformat(): start for day, start in self.starts.items()},
            "last_total": self.last_total,
            "last_time": last.isoformat() if last else None,
            "partial": self.partial.isoformat() if self.partial else None,
        }

    @classmethod
    def from_state(cls, state: State) -> Self:
        """Take up where it was; `StateError` where the state makes no sense."""
        total, time = state["last_total"], state["last_time"]
        starts, partial = mapping(state["starts"]), state.get("partial")
        page = cls(
            starts={date.fromisoformat(day): number(s) for day, s in starts.items()},
            last_total=None if total is None else number(total),
            last_time=None if time is None else _time(str(time)),
            partial=None if partial is None else date.fromisoformat(str(partial)),
        )
        last = page.last_time
        if page.starts and (last is None or max(page.starts) > last.date()):
            raise StateError("A day begins after it was written")
        return page


@dataclass(slots=True, kw_only=True)
class DayBook:
    """The days of a total, whatever the clock does.

    A gateway's host without a clock of its own begins in 1970, and clocks are
    set wrong and right again by hours and by years. The page that was written
    before such a leap is kept, and taken up again when the time fits it.
    """

    page: Page = field(default_factory=Page)
    aside: Page | None = None

    def read(
        self,
        total: float,
        now: datetime,
        corrections: Corrections,
        *,
        today: float | None = None,
        week: float | None = None,
    ) -> None:
        """Take a total in Wh, `now` in the user's zone.

        `today` and `week` are the gateway's own sums, for the very first time,
        when there is nothing else to start from.
        """
        day = now.date()
        if not self.page.starts:
            self._begin(total, day, today, week)
        elif day != max(self.page.starts):
            self._leap(total, now, corrections)
        self.page.last_total, self.page.last_time = total, now

    def today(self, now: datetime) -> float | None:
        """Return the Wh since midnight; none yet on a day that hasn't been read."""
        day, starts = now.date(), self.page.starts
        return 0.0 if starts and day > max(starts) else self._since(day)

    def week(self, now: datetime) -> float | None:
        """Return the Wh of today and the six days before it.

        None as long as the days before aren't known, each from its midnight on.
        """
        first = now.date() - (WEEK - 1) * _ONE_DAY
        return None if first == self.page.partial else self._since(first)

    def _since(self, day: date) -> float | None:
        start, last = self.page.starts.get(day), self.page.last_total
        return None if start is None or last is None else max(last - start, 0.0)

    def _begin(
        self, total: float, day: date, today: float | None, week: float | None
    ) -> None:
        starts = self.page.starts
        starts[day] = total - min(today or 0.0, total)
        self.page.partial = day if today is None else None
        if week is not None and week >= (today or 0.0):
            starts[day - (WEEK - 1) * _ONE_DAY] = total - min(week, total)

    def _leap(self, total: float, now: datetime, corrections: Corrections) -> None:
        """Turn to another day, and to the page that the time fits."""
        day = now.date()
        if (aside := self.aside) and 0 <= aside.age(now) < abs(self.page.age(now)):
            corrections[Correction.CLOCK] += 1
            self.page, self.aside = aside, None
        elif day < max(self.page.starts):
            corrections[Correction.CLOCK] += 1
            self._put_aside()
            self.page.turn_back(day)
        elif day > max(self.page.starts) + _ONE_DAY:
            self._put_aside()
        if day not in self.page.starts:
            self.page.turn(total, now)

    def _put_aside(self) -> None:
        self.aside = replace(self.page, starts=dict(self.page.starts))

    def as_state(self) -> State:
        """Return what has to survive a restart."""
        aside = self.aside
        return {**self.page.as_state(), "aside": aside.as_state() if aside else None}

    @classmethod
    def from_state(cls, state: State) -> Self:
        """Take up where it was; `StateError` where the state makes no sense."""
        known = state["aside"]
        aside = None if known is None else Page.from_state(mapping(known))
        if aside and not aside.starts:
            raise StateError("An empty page was put aside")
        return cls(page=Page.from_state(state), aside=aside)


def _time(text: str) -> datetime:
    """Return a stored time; `StateError` where it has no zone."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise StateError("A time has no zone")
    return time
