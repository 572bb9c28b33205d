"""Fifty kills in a week: what was on disk, what was shown, and the truth after."""

from __future__ import annotations

from dataclasses import dataclass, field
import random

import pytest

from .energy_replay import Feed, Keeper, truth
from .energy_site import HIGHEST_POWER, METERS, TRUTH, coming, without_meter

_WEEK = 7 * 86400
_STEP = 240.0
_WRITE_EVERY = 300.0
_KILLS = 50
TODAY = (
    "production_energy",
    "consumption_energy",
    "grid_import_energy",
    "grid_export_energy",
)


@dataclass(slots=True, kw_only=True)
class Week:
    """A week of readings, interrupted by kills."""

    keeper: Keeper
    feed: Feed
    at: float
    kills: list[tuple[float, float, bool]]
    """When, for how many seconds, and whether the disk is lost as well."""
    steps: list[tuple[float, float, dict[str, float], dict[str, float]]] = field(
        default_factory=list
    )
    """Of each reading: when, after how many seconds, shown before, shown after."""

    def live(self) -> None:
        """Live through it."""
        end, written = self.at + _WEEK, self.at
        self.keeper.read(self.at)
        while self.at < end:
            away = _STEP
            if self.kills and self.at >= self.kills[0][0]:
                _, seconds, is_lost = self.kills.pop(0)
                away += seconds
                stored = None if is_lost else self.keeper.stored
                self.keeper.restart(self.at + away, stored=stored)
                written = self.at
            self._read(away)
            if self.at - written >= _WRITE_EVERY:
                self.keeper.store(self.at)
                written = self.at

    def _read(self, away: float) -> None:
        before = dict(self.keeper.shown)
        self.at += away
        after = dict(self.keeper.read(self.at))
        self.steps.append((self.at, away, before, after))


def a_week(
    feed: Feed,
    *,
    seed: int,
    lost: int,
    outages: tuple[float, ...] = (30, 60, 240, 1800, 7200),
) -> Week:
    """Return a week with kills at random moments; of some the disk doesn't survive."""
    dice = random.Random(seed)
    start = coming("America/Los_Angeles", 6, 21).timestamp()
    times = sorted(dice.uniform(start + 3600, start + _WEEK) for _ in range(_KILLS))
    kills = [
        (time, dice.choice(outages), dice.randrange(_KILLS) < lost) for time in times
    ]
    return Week(
        keeper=Keeper(feed, feed.plant.zone), feed=feed, at=start + 600, kills=kills
    )


@pytest.mark.parametrize(("seed", "lost"), [(1, 0), (2, 10)])
def test_totals_and_days_are_the_truth_after_every_kill(seed: int, lost: int) -> None:
    """Where midnight fell into an outage, the day is known as well as that lasted."""
    week = a_week(Feed(), seed=seed, lost=lost)
    week.live()
    assert not week.kills
    plant, gaps = week.feed.plant, dict[float, float]()
    for at, away, before, after in week.steps:
        midnight = plant.midnight(at)
        gap = gaps.setdefault(midnight, away)
        counted, start = truth(plant, at), truth(plant, midnight)
        for key in TRUTH:
            assert after[key] >= before[key], key
            assert after[key] == pytest.approx(counted[key], abs=0.02), key
        for key in TODAY:
            unsure = 2 + 1500 * (gap + _WRITE_EVERY) / 3600 / 2
            today = counted[key] - start[key]
            assert after[f"{key}_today"] == pytest.approx(today, abs=unsure), key


@pytest.mark.parametrize(("seed", "lost"), [(5, 0), (6, 25)])
def test_computed_totals_lose_no_more_than_the_outages(seed: int, lost: int) -> None:
    """Nothing is invented while Home Assistant is off, and nothing counts twice."""
    feed = Feed(changes={METERS: without_meter("storage")})
    week = a_week(feed, seed=seed, lost=lost, outages=(5, 30, 90))
    week.live()
    (start, *_), (end, *_) = week.steps[0], week.steps[-1]
    for key in ("battery_charge_energy", "battery_discharge_energy"):
        for _, away, before, after in week.steps:
            rise = after[key] - before[key]
            assert 0 <= rise <= HIGHEST_POWER * away / 3600, key
        shown = week.steps[-1][3][key] - week.steps[0][3][key]
        real = truth(feed.plant, end)[key] - truth(feed.plant, start)[key]
        assert 0.97 * real <= shown <= 1.003 * real, key
