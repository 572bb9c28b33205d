"""The energies of seven days, over the wire: nine days, a restart, a clock change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time as day_time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.envoy_local.const import DOMAIN
from simulator import Simulator

from ..time_travel import TimeTravel
from .conftest import Setup
from .energy_replay import SUMMARY
from .energy_site import (
    METERS,
    REPORT,
    Change,
    coming_clock_change,
    energy_of,
    go_to,
    spoil,
    truth_of,
    without_meter,
)
from .gateway_days import (
    BERLIN,
    as_the_lifetime,
    asked,
    at_clock,
    frozen,
    live_to,
    plant_of,
)
from .travelled_site import (  # noqa: F401  # the same site in the same time
    simulator,
    travel,
    value,
)

ZONE = ZoneInfo(BERLIN)
FLOWS = ("production_energy", "consumption_energy")
STEP = 8 * 3600.0

pytestmark = [
    pytest.mark.parametrize("simulator", [{"scenario": "three_phase"}], indirect=True),
    pytest.mark.usefixtures("in_berlin"),
]


@pytest.fixture
async def in_berlin(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone(BERLIN)


def midnight(day: date) -> datetime:
    """Return when a day begins."""
    return datetime.combine(day, day_time(), ZONE)


def gateways_week(simulator: Simulator) -> datetime:  # noqa: F811
    """Return when the gateway's own week began: at a midnight one day before ours."""
    begun = plant_of(simulator).midnight(asked(simulator), days_back=7)
    return datetime.fromtimestamp(begun, ZONE)


def assert_week(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    since: datetime,
    *,
    keys: tuple[str, ...] = FLOWS,
) -> None:
    """The sums of seven days are what the plant counted since a midnight."""
    for key in keys:
        begun = truth_of(simulator, key, since.timestamp())
        counted = truth_of(simulator, key) - begun
        assert counted > 20_000
        shown = energy_of(hass, simulator, f"{key}_7_days")
        assert shown == pytest.approx(counted, rel=0.001), key


def assert_unknown(entry: ConfigEntry[Any]) -> None:
    """Nothing is shown of which some days aren't known."""
    totals = entry.runtime_data.snapshot.totals
    assert totals.production.energy_today is not None
    assert totals.consumption.energy_today is not None
    assert totals.production.energy_7_days is None
    assert totals.consumption.energy_7_days is None


def has_entities(hass: HomeAssistant, simulator: Simulator) -> list[bool]:  # noqa: F811
    """Return for each sum of seven days whether it has ever been known."""
    known = er.async_get(hass).async_get_entity_id
    names = [f"{simulator.serial}_{key}_7_days" for key in FLOWS]
    return [known("sensor", DOMAIN, name) is not None for name in names]


async def live_over(
    hass: HomeAssistant,
    travel: TimeTravel,  # noqa: F811
    moment: datetime,
) -> None:
    """Let a midnight pass: in large steps up to it, and with a reading after it."""
    await live_to(hass, travel, moment - timedelta(seconds=30), step=STEP)
    await live_to(hass, travel, moment + timedelta(seconds=40), step=80)


async def restart(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    travel: TimeTravel,  # noqa: F811
    *,
    hours: float,
) -> None:
    """Stop for some hours, and begin with what was written."""
    await hass.config_entries.async_unload(entry.entry_id)
    travel.offset += hours * 3600
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize("forward", [True, False], ids=["to summer", "to winter"])
async def test_seven_days_with_a_restart_and_a_clock_change(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    travel: TimeTravel,  # noqa: F811
    forward: bool,
) -> None:
    """The gateway's week on the first day, then none, then those that were seen."""
    changed = coming_clock_change(BERLIN, forward=forward)
    days = [changed + timedelta(days=n) for n in range(-4, 6)]
    go_to(travel, midnight(days[0]) + timedelta(hours=14, minutes=7))
    entry = await setup_entry(token=simulator.token())
    assert_week(hass, simulator, gateways_week(simulator))

    for day in days[1:4]:
        await live_over(hass, travel, midnight(day))
        assert_unknown(entry)
        assert value(hass, simulator, f"{FLOWS[0]}_7_days") == STATE_UNKNOWN
    await live_to(hass, travel, midnight(days[3]) + timedelta(hours=9), step=STEP)
    await restart(hass, entry, travel, hours=5)
    assert_unknown(entry)
    for day in days[4:6]:
        await live_over(hass, travel, midnight(day))
        assert_unknown(entry)

    for day in days[6:]:
        week = midnight(day - timedelta(days=6))
        await live_over(hass, travel, midnight(day))
        assert_week(hass, simulator, week)
        await live_to(hass, travel, midnight(day) + timedelta(hours=15), step=STEP)
        assert_week(hass, simulator, week)


def less_a_day() -> Mapping[str, Change]:
    """Let the week be all days but one: what it began with is a day's sum."""

    def report(said: Any, _: float) -> Any:
        for block in (said["production"][1], said["consumption"][0]):
            block["whLastSevenDays"] = block["whLifetime"] - int(block["whToday"])
        return said

    def summary(said: Any, _: float) -> Any:
        week = said["wattHoursLifetime"] - said["wattHoursToday"]
        return said | {"wattHoursSevenDays": week}

    return {REPORT: report, SUMMARY: summary}


def tiny() -> Mapping[str, Change]:
    """Let the week be less than the day in it."""

    def report(said: Any, _: float) -> Any:
        for block in (said["production"][1], said["consumption"][0]):
            block["whLastSevenDays"] = block["whLifetime"] % 1000
        return said

    return {
        REPORT: report,
        SUMMARY: lambda said, _: said | {"wattHoursSevenDays": 852},
    }


WRONG: dict[str, Callable[[], Mapping[str, Change]]] = {
    "frozen": frozen,
    "the lifetime": as_the_lifetime,
    "the lifetime less a day": less_a_day,
    "less than today": tiny,
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_week_is_not_believed(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    travel: TimeTravel,  # noqa: F811
    wrong: Callable[[], Mapping[str, Change]],
) -> None:
    """Nothing is shown on the first day, and nothing on the next."""
    go_to(travel, at_clock(14, 7))
    spoil(simulator).changes.update(wrong())
    entry = await setup_entry(token=simulator.token())
    assert_unknown(entry)
    await live_over(hass, travel, at_clock(0, days=1))
    assert_unknown(entry)
    assert has_entities(hass, simulator) == [False, False]


async def test_the_week_comes_when_its_days_have_been_counted(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    travel: TimeTravel,  # noqa: F811
) -> None:
    """The gateway's sums are never right, and never needed."""
    go_to(travel, at_clock(14, 7))
    spoil(simulator).changes.update(frozen())
    entry = await setup_entry(token=simulator.token())
    for n in range(1, 7):
        await live_over(hass, travel, at_clock(0, days=n))
        assert_unknown(entry)
    assert has_entities(hass, simulator) == [False, False]
    for n in (7, 8):
        await live_over(hass, travel, at_clock(0, days=n))
        assert_week(hass, simulator, at_clock(0, days=n - 6))


async def test_the_week_of_a_production_meter_alone(
    hass: HomeAssistant,
    simulator: Simulator,  # noqa: F811
    setup_entry: Setup,
    travel: TimeTravel,  # noqa: F811
) -> None:
    """Nothing but the summary knows of it, as of the last full quarter of an hour."""
    go_to(travel, at_clock(14, 7))
    spoil(simulator).changes[METERS] = without_meter("net-consumption")
    await setup_entry(token=simulator.token())
    assert not simulator.gateway.requests.to(REPORT)
    assert_week(hass, simulator, gateways_week(simulator), keys=FLOWS[:1])
