"""A deterministic plant: its power and its counters at any instant, past or future."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .profile import Profile, make_profile, pick_weather
from .scenarios import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantPower:
    """Power in W at one instant: grid + = import, battery + = discharge; soc 0 to 1."""

    production: float
    consumption: float
    grid: float
    battery: float
    soc: float | None
    grid_phases: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantCounters:
    """Energy in Wh; every counter only ever rises."""

    production: float
    consumption: float
    grid_import: float
    grid_export: float
    battery_charge: float
    battery_discharge: float
    import_phases: tuple[float, ...] = ()
    export_phases: tuple[float, ...] = ()

    def __add__(self, other: PlantCounters) -> PlantCounters:
        """Return the sum, field by field."""
        return self._combine(other, 1.0)

    def __sub__(self, other: PlantCounters) -> PlantCounters:
        """Return what flowed between two instants."""
        return self._combine(other, -1.0)

    def _combine(self, other: PlantCounters, sign: float) -> PlantCounters:
        values: dict[str, float] = {}
        for name in _SCALARS:
            values[name] = getattr(self, name) + sign * getattr(other, name)
        return PlantCounters(
            **values,
            import_phases=_zip(self.import_phases, other.import_phases, sign),
            export_phases=_zip(self.export_phases, other.export_phases, sign),
        )


_SCALARS = tuple(
    item.name for item in fields(PlantCounters) if not item.name.endswith("_phases")
)


def _zip(
    left: tuple[float, ...], right: tuple[float, ...], sign: float
) -> tuple[float, ...]:
    return tuple(a + sign * b for a, b in zip(left, right, strict=True))


# Month, weather, weekend or not.
type _Kind = tuple[int, int, bool]


@lru_cache(maxsize=96)
def _profile(scenario: Scenario, kind: _Kind) -> Profile:
    month, weather, weekend = kind
    return make_profile(scenario, month, weather, weekend=weekend)


@lru_cache(maxsize=4096)
def _day_total(scenario: Scenario, kind: _Kind, seconds: float) -> PlantCounters:
    return _counters(_profile(scenario, kind), seconds)


def _counters(profile: Profile, elapsed: float) -> PlantCounters:
    grid = profile.grid.energy(elapsed)
    battery = profile.battery.energy(elapsed)
    phases = [track.energy(elapsed) for track in profile.phases]
    return PlantCounters(
        production=profile.production.energy(elapsed).forward,
        consumption=profile.consumption.energy(elapsed).forward,
        grid_import=grid.forward,
        grid_export=grid.backward,
        battery_charge=battery.backward,
        battery_discharge=battery.forward,
        import_phases=tuple(item.forward for item in phases),
        export_phases=tuple(item.backward for item in phases),
    )


class Plant:
    """A scenario in its time zone; a pure function of epoch seconds."""

    def __init__(self, scenario: Scenario, *, timezone: str | None = None) -> None:
        """Place the scenario in `timezone`, an IANA name, or in its own."""
        self.scenario = scenario
        self.zone = ZoneInfo(timezone or scenario.timezone)
        self._first = scenario.commissioned
        # Counters at the midnight that starts each day since commissioning.
        self._midnights = [self._nothing()]

    def power(self, at: float) -> PlantPower:
        """Return the power at epoch `at`."""
        day, elapsed = self._day(at)
        profile = self.profile(day)
        return PlantPower(
            production=profile.production.power(elapsed),
            consumption=profile.consumption.power(elapsed),
            grid=profile.grid.power(elapsed),
            battery=profile.battery.power(elapsed),
            soc=profile.soc(self.scenario, elapsed),
            grid_phases=tuple(track.power(elapsed) for track in profile.phases),
        )

    def counters(self, at: float) -> PlantCounters:
        """Return the counters at epoch `at`; all zero before commissioning."""
        day, elapsed = self._day(at)
        if day < self._first:
            return self._nothing()
        return self._until(day) + _counters(self.profile(day), elapsed)

    def produced(self, at: float) -> float:
        """Return the production counter alone, Wh: cheaper than all of them."""
        day, elapsed = self._day(at)
        if day < self._first:
            return 0.0
        track = self.profile(day).production
        return self._until(day).production + track.energy(elapsed).forward

    def midnight(self, at: float, *, days_back: int = 0) -> float:
        """Return the epoch of the local midnight before `at`, or some days earlier."""
        day, _ = self._day(at)
        return self._start(day - timedelta(days=days_back))

    def profile(self, day: date) -> Profile:
        """Return the curves of a local day."""
        return _profile(self.scenario, self._kind(day))

    def last_light(self, at: float) -> float:
        """Return the epoch of the newest moment up to `at` with light on the panels."""
        day, elapsed = self._day(at)
        profile = self.profile(day)
        if profile.production.energy(elapsed).forward <= 0:
            before = day - timedelta(days=1)
            return self._start(before) + self.profile(before).dark_from
        return min(at, self._start(day) + profile.dark_from)

    def _kind(self, day: date) -> _Kind:
        weather = pick_weather(self.scenario.seed, day.toordinal())
        return day.month, weather, day.weekday() >= 5

    def _start(self, day: date) -> float:
        return datetime.combine(day, time.min, self.zone).timestamp()

    def _day(self, at: float) -> tuple[date, float]:
        day = datetime.fromtimestamp(at, tz=UTC).astimezone(self.zone).date()
        return day, at - self._start(day)

    def _until(self, day: date) -> PlantCounters:
        wanted = (day - self._first).days
        while len(self._midnights) <= wanted:
            done = self._first + timedelta(days=len(self._midnights) - 1)
            length = self._start(done + timedelta(days=1)) - self._start(done)
            total = _day_total(self.scenario, self._kind(done), length)
            self._midnights.append(self._midnights[-1] + total)
        return self._midnights[wanted]

    def _nothing(self) -> PlantCounters:
        metering = self.scenario.metering
        count = metering.phase_count if metering and metering.phase_count > 1 else 0
        return PlantCounters(
            production=0.0,
            consumption=0.0,
            grid_import=0.0,
            grid_export=0.0,
            battery_charge=0.0,
            battery_discharge=0.0,
            import_phases=(0.0,) * count,
            export_phases=(0.0,) * count,
        )
