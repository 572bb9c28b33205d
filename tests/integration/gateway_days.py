"""What gateways make of their days and their consumption: each fault as an answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
import json
import time
from typing import Any, Final
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from simulator import Plant, Simulator

from ..time_travel import TimeTravel
from .energy_replay import SUMMARY
from .energy_site import (
    READINGS,
    REPORT,
    Change,
    coming,
    energy_of,
    live,
    truth_of,
)
from .travelled_site import value

BERLIN: Final = "Europe/Berlin"
TOTALS: Final = (
    "production_energy",
    "consumption_energy",
    "grid_import_energy",
    "grid_export_energy",
)

_FROZEN_PRODUCTION: Final = 21_540
_FROZEN_CONSUMPTION: Final = 33_182
_FROZEN_WEEK: Final = 241_686


def frozen() -> Mapping[str, Change]:
    """Let the sums of the day be those of some day before, for ever.

    They are whole numbers then, while the lifetime beside them has digits.
    """

    def report(said: Any, _: float) -> Any:
        sums = {"whLastSevenDays": float(_FROZEN_WEEK)}
        said["production"][1] |= sums | {"whToday": float(_FROZEN_PRODUCTION)}
        said["consumption"][0] |= sums | {"whToday": float(_FROZEN_CONSUMPTION)}
        return said

    def summary(said: Any, _: float) -> Any:
        sums = {"wattHoursSevenDays": _FROZEN_WEEK}
        return said | sums | {"wattHoursToday": _FROZEN_PRODUCTION}

    return {REPORT: report, SUMMARY: summary}


def as_the_lifetime() -> Mapping[str, Change]:
    """Let the sums of the day be those of all days: no midnight was noted."""

    def report(said: Any, _: float) -> Any:
        for block in (said["production"][1], said["consumption"][0]):
            block.update(_without_midnights(block["whLifetime"]))
        return said

    def summary(said: Any, _: float) -> Any:
        lifetime = said["wattHoursLifetime"]
        return said | {"wattHoursToday": lifetime, "wattHoursSevenDays": lifetime}

    return {REPORT: report, SUMMARY: summary}


def late(plant: Plant, seconds: float) -> Mapping[str, Change]:
    """Let the gateway's day begin some seconds after midnight."""

    def begun(at: float) -> float:
        return plant.midnight(at - seconds) + seconds

    def report(said: Any, now: float) -> Any:
        start = plant.counters(begun(now))
        counted = (start.production, start.consumption)
        blocks = (said["production"][1], said["consumption"][0])
        for block, energy in zip(blocks, counted, strict=True):
            block["whToday"] = round(block["whLifetime"] - int(energy), 3)
        return said

    def summary(said: Any, now: float) -> Any:
        start = plant.produced(begun(now - now % 900))
        said["wattHoursToday"] = said["wattHoursLifetime"] - int(start)
        return said

    return {REPORT: report, SUMMARY: summary}


def repeating_net() -> Mapping[str, Change]:
    """Let the total consumption be the net consumption, as on 8.3.5433.

    Its power, its lifetime and everything else; and the sums of the day are
    those of all days.
    """

    def report(said: Any, _: float) -> Any:
        total, net = said["consumption"]
        for row, other in zip(_rows(total), _rows(net), strict=True):
            named = {"measurementType", "lines"}
            row.update({k: other[k] for k in other if k not in named})
            row.update(_without_midnights(other["whLifetime"]))
        made = said["production"][1]
        made.update(_without_midnights(made["whLifetime"]))
        return said

    return {REPORT: report, SUMMARY: as_the_lifetime()[SUMMARY]}


def load_for_net(plant: Plant) -> Change:
    """Let the second meter be around the load, as on sites with 8.3.5433."""

    def readings(rows: Any, now: float) -> Any:
        rows[1] |= {
            "activePower": round(plant.power(now).consumption, 3),
            "actEnergyDlvd": round(plant.counters(now).consumption, 3),
            "actEnergyRcvd": 0.0,
        }
        return rows

    return readings


def sums_of(answers: Mapping[str, bytes]) -> tuple[float, float, float]:
    """Return which sums of today came over the wire.

    Production by the summary and by the report, and consumption.
    """
    summary, report = (
        json.loads(answers[path]) for path in (SUMMARY, f"{REPORT}?details=1")
    )
    return (
        summary["wattHoursToday"],
        report["production"][1]["whToday"],
        report["consumption"][0]["whToday"],
    )


def _rows(block: Any) -> list[Any]:
    return [block, *block.get("lines", [])]


def _without_midnights(lifetime: float) -> dict[str, float]:
    return {"whToday": lifetime, "whLastSevenDays": lifetime}


def at_clock(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """Return a time of the longest day, or of one soon after it."""
    day = coming(BERLIN, 6, 21) + timedelta(days=days)
    return day.replace(hour=hour, minute=minute, tzinfo=ZoneInfo(BERLIN))


def plant_of(simulator: Simulator) -> Plant:
    assert simulator.plant
    return simulator.plant


async def live_to(
    hass: HomeAssistant, travel: TimeTravel, end: datetime, *, step: float = 16
) -> None:
    await live(hass, travel, end.timestamp() - time.time(), step=step)


def asked(simulator: Simulator) -> float:
    """Return when the meters were read last."""
    return simulator.gateway.requests.to(READINGS)[-1].time


def assert_day(
    hass: HomeAssistant,
    simulator: Simulator,
    since: Mapping[str, float] | float,
    *,
    within: float = 6.0,
    keys: tuple[str, ...] = TOTALS,
) -> None:
    """The sums of the day are what the plant counted since an epoch second.

    The gateway sums the consumption up some moments after the meters were read, and
    at midnight the plant takes another load curve up within one interval.
    """
    begun = dict.fromkeys(keys, since) if isinstance(since, float) else since
    for key in keys:
        shown = energy_of(hass, simulator, f"{key}_today")
        counted = truth_of(simulator, key) - truth_of(simulator, key, begun[key])
        assert abs(shown - counted) <= within, (key, shown, counted)


def assert_power(hass: HomeAssistant, simulator: Simulator) -> None:
    """The shown consumption is what the house takes."""
    shown = float(value(hass, simulator, "consumption_power"))
    real = plant_of(simulator).power(asked(simulator)).consumption
    assert shown == pytest.approx(real, abs=1)


async def live_through_the_night(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry[Any],
    travel: TimeTravel,
    midnight: datetime,
) -> list[float]:
    """Go on to the next noon; each shown day is right.

    Return the gateway's own sums of today around its midnight.
    """
    await live_to(hass, travel, midnight - timedelta(seconds=60), step=900)
    await live_to(hass, travel, midnight + timedelta(seconds=20))
    said = []
    while time.time() < midnight.timestamp() + 5400:
        assert_day(hass, simulator, midnight.timestamp())
        said.append(sums_of(entry.runtime_data.client.answers)[0])
        await live(hass, travel, 120, step=120)
    await live_to(hass, travel, midnight + timedelta(hours=12), step=900)
    await live(hass, travel, 60)
    assert_day(hass, simulator, midnight.timestamp())
    return said
