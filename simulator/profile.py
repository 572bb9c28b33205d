"""The shape of one day: sun, house and battery as curves between nodes.

A day is one of a few dozen profiles (month, weather, weekday or not). Power runs in
straight lines between the nodes of its profile, so the energy below the curve is exact
at every instant, and years of energy are a sum over days.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
import math
import random
from typing import Final

from .scenarios import Scenario

STEP: Final = 180.0
DAY: Final = 86_400.0
_NODES: Final = int(DAY / STEP) + 1
_HOURS: Final = tuple(index * STEP / 3600.0 for index in range(_NODES))

# Sunrise and sunset (h), and the best hour's share of installed power, by month.
_SUN: Final = (
    (8.0, 16.9, 0.42), (7.5, 17.8, 0.54), (6.7, 18.6, 0.68), (6.0, 19.4, 0.78),
    (5.4, 20.2, 0.83), (5.1, 20.6, 0.85), (5.3, 20.5, 0.84), (5.8, 19.8, 0.80),
    (6.5, 18.8, 0.72), (7.1, 17.9, 0.60), (7.6, 17.0, 0.46), (8.0, 16.6, 0.38),
)  # fmt: skip

# Mean and depth of the clouds, and how often each weather comes.
_WEATHER: Final = (
    (0.98, 0.02, 6), (0.90, 0.10, 6), (0.74, 0.30, 5),
    (0.55, 0.22, 3), (0.34, 0.12, 2), (0.16, 0.06, 1),
)  # fmt: skip
WEATHERS: Final = len(_WEATHER)

# A house by the hour: multiples of its base load.
_WEEKDAY: Final = (
    1.0, 0.9, 0.9, 0.9, 0.9, 1.1, 2.2, 3.6, 2.6, 1.6, 1.5, 1.7,
    2.3, 1.9, 1.6, 1.7, 2.2, 3.6, 5.4, 5.8, 4.9, 3.6, 2.2, 1.3, 1.0,
)  # fmt: skip
_WEEKEND: Final = (
    1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 1.1, 1.7, 2.9, 3.6, 3.3, 3.4,
    4.2, 3.4, 2.6, 2.6, 3.0, 4.0, 5.2, 5.6, 4.8, 3.8, 2.4, 1.4, 1.0,
)  # fmt: skip

# The battery is done before a 23-hour day ends.
_DISCHARGE_UNTIL: Final = 22.8
_ONE_WAY: Final = 0.95


def pick_weather(seed: int, ordinal: int) -> int:
    """Return the weather of a day."""
    weights = [weight for _, _, weight in _WEATHER]
    return random.Random(f"{seed}-day-{ordinal}").choices(range(WEATHERS), weights)[0]


@dataclass(frozen=True, slots=True)
class Energy:
    """Energy that flowed, in Wh: forward (power above zero) and backward."""

    forward: float
    backward: float


class Track:
    """One power curve over a day, with its energy up to every node."""

    __slots__ = ("_backward", "_forward", "_nodes")

    def __init__(self, nodes: Sequence[float]) -> None:
        """Integrate the curve through these nodes, in W."""
        self._nodes = array("d", nodes)
        forward, backward = array("d", (0.0,)), array("d", (0.0,))
        up = down = 0.0
        hours = STEP / 3600.0
        for left, right in pairwise(nodes):
            gain, loss = _split(left, right, hours)
            up += gain
            down += loss
            forward.append(up)
            backward.append(down)
        self._forward, self._backward = forward, backward

    def power(self, elapsed: float) -> float:
        """Return W at `elapsed` seconds of the day; past 24 h the last value stays."""
        index, rest = _locate(elapsed)
        left, right = self._nodes[index], self._nodes[index + 1]
        return left + (right - left) * min(rest / STEP, 1.0)

    def energy(self, elapsed: float) -> Energy:
        """Return Wh since midnight."""
        index, rest = _locate(elapsed)
        left = self._nodes[index]
        inside = min(rest, STEP)
        gain, loss = _split(left, self.power(elapsed), inside / 3600.0)
        extra = (rest - inside) / 3600.0 * self._nodes[-1]
        return Energy(
            forward=self._forward[index] + gain + max(extra, 0.0),
            backward=self._backward[index] + loss + max(-extra, 0.0),
        )


def _locate(elapsed: float) -> tuple[int, float]:
    index = min(int(elapsed / STEP), _NODES - 2)
    return index, elapsed - index * STEP


def _split(left: float, right: float, hours: float) -> tuple[float, float]:
    """Return Wh above and below zero of a straight line from `left` to `right`."""
    if left >= 0 and right >= 0:
        return (left + right) / 2 * hours, 0.0
    if left <= 0 and right <= 0:
        return 0.0, -(left + right) / 2 * hours
    part = left / (left - right)
    if left > 0:
        return left * part / 2 * hours, -right * (1 - part) / 2 * hours
    return right * (1 - part) / 2 * hours, -left * part / 2 * hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of day; `dark_from` is the end of light, seconds after midnight."""

    production: Track
    consumption: Track
    grid: Track
    battery: Track
    phases: tuple[Track, ...]
    dark_from: float

    def soc(self, scenario: Scenario, elapsed: float) -> float | None:
        """Return the batteries' state of charge, 0 to 1; None without batteries."""
        if (storage := scenario.storage) is None:
            return None
        energy = self.battery.energy(elapsed)
        stored = energy.backward * _ONE_WAY - energy.forward / _ONE_WAY
        return storage.midnight + stored / (storage.count * storage.unit_capacity)


def make_profile(
    scenario: Scenario, month: int, weather: int, *, weekend: bool
) -> Profile:
    """Return the profile of a month (1 to 12), a weather and a kind of day."""
    key = f"{scenario.seed}-{month}-{weather}-{weekend}"
    sun = _sun(scenario, month, weather, key)
    load = _load(scenario, key, weekend=weekend)
    battery = _battery(scenario, sun, load)
    grid = [
        house - light - cells
        for house, light, cells in zip(load, sun, battery, strict=True)
    ]
    lit = [index for index, watts in enumerate(sun) if watts > 0]
    return Profile(
        production=Track(sun),
        consumption=Track(load),
        grid=Track(grid),
        battery=Track(battery),
        phases=_phases(scenario, sun, load, battery),
        dark_from=(lit[-1] + 1) * STEP,
    )


def _noise(key: str, every: float) -> Callable[[float], float]:
    """Return a smooth curve over the hours of a day that wanders between −1 and 1."""
    source = random.Random(key)
    values = [source.uniform(-1.0, 1.0) for _ in range(int(24 / every) + 3)]

    def at(hour: float) -> float:
        index, rest = divmod(hour / every, 1.0)
        left, right = values[int(index)], values[int(index) + 1]
        return left + (right - left) * (1 - math.cos(rest * math.pi)) / 2

    return at


def _sun(scenario: Scenario, month: int, weather: int, key: str) -> list[float]:
    rise, fall, best = _SUN[month - 1]
    mean, depth, _ = _WEATHER[weather]
    clouds = _noise(f"{key}-clouds", 0.2)
    peak = scenario.inverter_count * scenario.inverter_power * best
    curve = []
    for hour in _HOURS:
        height = math.sin(math.pi * (hour - rise) / (fall - rise))
        light = height**1.25 if rise < hour < fall else 0.0
        shade = min(max(mean + depth * clouds(hour), 0.03), 1.0)
        curve.append(peak * light * shade)
    return curve


def _load(scenario: Scenario, key: str, *, weekend: bool) -> list[float]:
    shape = _WEEKEND if weekend else _WEEKDAY
    base = scenario.base_load * scenario.load_scale
    wander = _noise(f"{key}-house", 0.35)
    source = random.Random(f"{key}-appliances")
    curve = []
    for hour in _HOURS:
        index = min(int(hour), 23)
        part = hour - index
        level = shape[index] * (1 - part) + shape[index + 1] * part
        # Every house is the same at midnight, so that days join without a step.
        calm = min(1.0, hour, 24.0 - hour)
        watts = base * level * (1 + 0.18 * wander(hour) * calm)
        kettle = 7 < hour < 22 and source.random() < 0.03
        curve.append(watts + (1400.0 * scenario.load_scale if kettle else 0.0))
    return curve


def _battery(
    scenario: Scenario, sun: Sequence[float], load: Sequence[float]
) -> list[float]:
    """Return the battery's power: surplus goes in, evening and night take it out.

    It ends every day at the level with which it began, so that days are independent.
    """
    storage = scenario.storage
    if storage is None:
        return [0.0] * _NODES
    limit = storage.count * storage.unit_power
    spare = [max(light - house, 0.0) for house, light in zip(load, sun, strict=True)]
    sunny = [hour for hour, watts in zip(_HOURS, spare, strict=True) if watts]
    if not sunny:
        return [0.0] * _NODES
    lack = [
        min(max(house - light, 0.0) * 0.97, limit)
        for house, light in zip(load, sun, strict=True)
    ]
    night = _between(lack, 0.05, sunny[0] - 0.2)
    evening = _between(lack, sunny[-1] + 0.2, _DISCHARGE_UNTIL)
    capacity = storage.count * storage.unit_capacity * _ONE_WAY
    early_out = min(_energy(night), (storage.midnight - storage.reserve) * capacity)
    late_out = min(_energy(evening), (1 - storage.midnight) * capacity)
    offered = [min(watts * 0.96, limit) for watts in spare]
    out = min(early_out + late_out, _energy(offered) * _ONE_WAY**2)
    part = early_out / (early_out + late_out)
    charge = _fill(offered, out / _ONE_WAY**2)
    discharge = [
        early + late
        for early, late in zip(
            _fill(night, out * part), _fill(evening, out * (1 - part)), strict=True
        )
    ]
    # Scaled, so that the level at the end of the day is exact.
    scale = _energy(charge) * _ONE_WAY**2 / _energy(discharge)
    return [give * scale - take for give, take in zip(discharge, charge, strict=True)]


def _between(curve: Sequence[float], start: float, end: float) -> list[float]:
    return [
        watts if start < hour < end else 0.0
        for hour, watts in zip(_HOURS, curve, strict=True)
    ]


def _energy(curve: Sequence[float]) -> float:
    return (sum(curve) - (curve[0] + curve[-1]) / 2) * STEP / 3600.0


def _fill(curve: Sequence[float], amount: float) -> list[float]:
    """Follow `curve` until `amount` Wh are used up; the last part fades out."""
    left = amount
    result = []
    for watts in curve:
        step = min(watts, max(left, 0.0) * 3600.0 / STEP)
        left -= step * STEP / 3600.0
        result.append(step)
    return result


def _phases(
    scenario: Scenario,
    sun: Sequence[float],
    load: Sequence[float],
    battery: Sequence[float],
) -> tuple[Track, ...]:
    metering = scenario.metering
    if metering is None or metering.phase_count == 1:
        return ()
    return tuple(
        Track(
            [
                house * load_share - (light + cells) * pv_share
                for house, light, cells in zip(load, sun, battery, strict=True)
            ]
        )
        for pv_share, load_share in zip(
            metering.pv_shares, metering.load_shares, strict=True
        )
    )
