"""`/ivp/ensemble/secctrl` and `/ivp/ensemble/power`."""

from __future__ import annotations

import pytest

from custom_components.envoy_local.client.exceptions import EnvoyResponseError
from custom_components.envoy_local.client.models.storage import (
    BatteryPower,
    BatteryState,
    StorageSummary,
)
from custom_components.envoy_local.client.payloads.ensemble import (
    parse_battery_power,
    parse_storage_summary,
)

from .recorded import recorded
from .samples import POWER, SECCTRL, body

PATH = "/ivp/ensemble/secctrl"


def test_summary() -> None:
    assert parse_storage_summary(body(SECCTRL)) == StorageSummary(
        level=44,
        battery_level=62,
        ac_battery_level=27,
        capacity=7220,
        available_energy=2170,
        reserve_energy=1050,
        state_of_health=99,
        configured_reserve=20,
        adjusted_reserve=30,
        battery_capacity=3490,
        commissioned_capacity=3500,
        ac_battery_energy=1004,
        very_low_level=10,
        is_shut_down=False,
        is_commissioning=False,
    )


def test_both_kinds_of_batteries_together() -> None:
    assert parse_storage_summary(body(SECCTRL)).total_available_energy == 3174


@pytest.mark.parametrize("key", ["ENC_agg_avail_energy", "ACB_agg_energy"])
def test_a_sum_without_one_of_its_parts_is_none(key: str) -> None:
    summary = parse_storage_summary(body({**SECCTRL, key: None}))
    assert summary.total_available_energy is None


def test_a_page_of_another_endpoint_is_no_summary() -> None:
    with pytest.raises(EnvoyResponseError):
        parse_storage_summary(body({"shutdown": False}))


@pytest.mark.parametrize(
    ("milliwatts", "state"),
    [
        (-1, BatteryState.CHARGING),
        (0, BatteryState.IDLE),
        (1, BatteryState.DISCHARGING),
        (None, None),
        ("1", None),
    ],
)
def test_a_battery_does_what_its_power_says(
    milliwatts: object, state: BatteryState | None
) -> None:
    row = {"serial_num": "1", "real_power_mw": milliwatts}
    (battery,) = parse_battery_power(body({"devices:": [row]}))
    assert battery.state is state


def test_power() -> None:
    assert parse_battery_power(body(POWER)) == (
        BatteryPower(serial="900000000101", power=-532, apparent_power=-540, level=62),
    )


@pytest.mark.parametrize(
    ("name", "level", "available", "reserve", "capacity", "reserves"),
    [
        ("7.3.517", 100, 10080, 10080, 10080, [100, 100]),
        ("7.6.185_with_cts_and_battery_3t", 15, 525, 525, 3500, [15, 15]),
        ("8.1.41", 92, 9176, 2976, 9920, [30, 30]),
        ("8.2.127_with_3cts_and_battery_split", 21, 5250, 5000, 25000, [20, 20]),
        ("8.3.1598_collar", 89, 8900, 10000, 10000, [100, 100]),
        ("8.3.5167_3rd-pv", 100, 10000, 2000, 10000, [20, 20]),
    ],
)
def test_recorded_iq_batteries(
    name: str,
    level: int,
    available: int,
    reserve: int,
    capacity: int,
    reserves: list[int],
) -> None:
    summary = parse_storage_summary(recorded(name, PATH))
    assert summary.level == summary.battery_level == level
    assert summary.available_energy == summary.total_available_energy == available
    assert summary.reserve_energy == reserve
    assert summary.capacity == summary.battery_capacity == capacity
    assert summary.commissioned_capacity == capacity
    assert [summary.configured_reserve, summary.adjusted_reserve] == reserves
    assert (summary.ac_battery_level, summary.ac_battery_energy) == (0, 0)
    assert summary.is_shut_down is False


def test_recorded_battery_without_a_state_of_health() -> None:
    summary = parse_storage_summary(recorded("7.3.517", PATH))
    assert summary.state_of_health is None
    assert summary.very_low_level is None
    assert summary.is_commissioning is None


def test_recorded_mixed_site() -> None:
    summary = parse_storage_summary(recorded("8.2.4382_ACB", PATH))
    assert (summary.level, summary.battery_level, summary.ac_battery_level) == (
        39,
        54,
        25,
    )
    assert (summary.capacity, summary.battery_capacity) == (7220, 3500)
    assert (summary.available_energy, summary.ac_battery_energy) == (1890, 930)
    assert summary.total_available_energy == 2820
    assert summary.state_of_health == 100
    assert summary.very_low_level == 5


def test_recorded_ac_batteries_alone() -> None:
    summary = parse_storage_summary(recorded("8.3.5169_ACB_inventory", PATH))
    assert (summary.level, summary.ac_battery_level) == (0, 1)
    assert (summary.capacity, summary.battery_capacity) == (2480, 0)
    assert summary.total_available_energy == 24
    assert summary.state_of_health == 0  # of IQ Batteries that aren't there


def test_recorded_power_while_charging() -> None:
    first, second = parse_battery_power(
        recorded("8.3.1598_collar", "/ivp/ensemble/power")
    )
    assert (first.serial, first.power, first.level) == ("492516006337", -532, 92)
    assert (second.serial, second.power, second.level) == ("492517004892", -552, 86)
    assert first.apparent_power == -532
    assert first.state is second.state is BatteryState.CHARGING


def test_recorded_level_is_newer_than_that_of_the_inventory() -> None:
    (unit,) = parse_battery_power(recorded("8.2.4382_ACB", "/ivp/ensemble/power"))
    assert (unit.level, unit.power) == (54, 105)  # the inventory says 10 %
    assert unit.state is BatteryState.DISCHARGING
