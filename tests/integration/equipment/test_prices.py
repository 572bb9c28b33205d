"""Prices change when the tariff says so, by the clock on the wall of the house."""

from __future__ import annotations

from datetime import UTC, datetime, time as clock_time, timedelta
import time
from zoneinfo import ZoneInfo

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import event
import pytest

from simulator import Simulator

from ...captures import capture, needs_captures
from ...time_travel import TimeTravel
from ..conftest import Setup
from .shown import state_of

EASTERN = ZoneInfo("US/Eastern")
FRIDAY = 4
TARIFF = "/admin/lib/tariff"


def next_friday(hour: int, minute: int) -> datetime:
    """Return a time of the next Friday, for tests that mustn't run in the past."""
    today = datetime.fromtimestamp(time.time(), EASTERN)
    days = (FRIDAY - today.weekday() - 1) % 7 + 1
    friday = today.date() + timedelta(days=days)
    return datetime.combine(friday, clock_time(hour, minute), EASTERN)


def _wall_clock() -> float:
    return time.time()


@pytest.fixture(autouse=True)
def _timers_travel_along(monkeypatch: pytest.MonkeyPatch, travel: TimeTravel) -> None:
    """Let Home Assistant's timers ask the clock that travels; they keep their own."""
    monkeypatch.setattr(event, "time_tracker_timestamp", _wall_clock)


def shows(hass: HomeAssistant, simulator: Simulator, key: str) -> State:
    state = state_of(hass, "sensor", f"{simulator.serial}_{key}")
    assert state
    return state


@needs_captures
@pytest.mark.parametrize(
    "simulator", [{"capture": capture("8.3.1598_collar").folder}], indirect=True
)
async def test_a_weekday_of_a_recorded_tariff(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    travel: TimeTravel,
) -> None:
    """A Friday afternoon in the East, where Home Assistant isn't."""
    start, change = next_friday(14, 37), next_friday(15, 0)
    travel.offset = start.timestamp() - time.time()
    await setup_entry()

    price = shows(hass, simulator, "import_price")
    period = shows(hass, simulator, "tariff_period")
    assert price.state == "0.19"
    assert price.attributes["unit_of_measurement"] == "USD/kWh"
    assert price.attributes["next_change"] == change
    assert price.attributes["next_price"] == 0.375
    assert price.attributes["next_period"] == "peak-1_"
    assert period.state == "mid-pe_k-1"
    assert period.attributes["next_period"] == "peak-1_"
    assert "next_price" not in period.attributes

    # It changes at 15:00, and not with the next look at the tariff.
    await travel(change.timestamp() - time.time() - 120, step=30)
    await travel(change.timestamp() - time.time() - 30, step=30)
    assert shows(hass, simulator, "import_price").state == "0.19"
    looks = len(simulator.gateway.requests.to(TARIFF))
    await travel(35, step=5)
    assert len(simulator.gateway.requests.to(TARIFF)) == looks
    price = shows(hass, simulator, "import_price")
    assert price.state == "0.375"
    assert shows(hass, simulator, "tariff_period").state == "peak-1_"
    assert price.attributes["next_price"] == 0.19

    # 19:00: two changes later, each was waited for anew.
    await travel(4 * 3600, step=60)
    assert shows(hass, simulator, "import_price").state == "0.19"


@pytest.mark.parametrize("simulator", [{"scenario": "storage"}], indirect=True)
async def test_another_tariff_is_followed(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    travel: TimeTravel,
) -> None:
    equipment = simulator.equipment
    assert equipment
    equipment.tariff.seasons = "none"
    equipment.tariff.rate = 0.25
    await setup_entry()
    price = shows(hass, simulator, "import_price")
    assert price.state == "0.25"
    assert "next_change" not in price.attributes
    assert state_of(hass, "sensor", f"{simulator.serial}_tariff_period") is None

    equipment.tariff.rate = 0.31
    await travel(910, step=30)
    assert shows(hass, simulator, "import_price").state == "0.31"

    equipment.tariff.seasons = "two"
    await travel(910, step=30)
    price = shows(hass, simulator, "import_price")
    assert price.attributes["next_change"] > datetime.now(UTC)
    assert shows(hass, simulator, "tariff_period").state


@pytest.mark.parametrize("simulator", [{"scenario": "storage"}], indirect=True)
async def test_a_gateway_that_is_told_no_price_any_more(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    travel: TimeTravel,
) -> None:
    equipment = simulator.equipment
    assert equipment
    equipment.tariff.seasons = "none"
    await setup_entry()
    assert shows(hass, simulator, "import_price").state != STATE_UNAVAILABLE

    equipment.tariff.rate = 0.0
    await travel(910, step=30)
    assert shows(hass, simulator, "import_price").state == STATE_UNAVAILABLE

    equipment.tariff.rate = 0.28
    await travel(910, step=30)
    assert shows(hass, simulator, "import_price").state == "0.28"
