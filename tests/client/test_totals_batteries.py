"""Which number is the battery's, and what it means for the house: a rule a test."""

from __future__ import annotations

import pytest

from custom_components.envoy_local.client.models.inverters import DeviceKind
from custom_components.envoy_local.client.models.production import AcBatteryBlock
from custom_components.envoy_local.client.models.storage import (
    BatteryPower,
    StorageSummary,
)
from custom_components.envoy_local.client.models.totals import Section

from .metered import BOTH_METERS, BOTH_READINGS, LOAD, PRODUCTION, STORAGE
from .sites import (
    NOON,
    batteries,
    device,
    device_data,
    meter,
    production_report,
    reading,
    report,
    site,
)


def test_the_storage_meter_is_part_of_the_balance() -> None:
    totals = site(
        meters=(*BOTH_METERS, meter(STORAGE)),
        readings=(
            *BOTH_READINGS,
            reading(STORAGE, -1500, delivered=300, received=900),
        ),
    ).totals
    assert totals.battery.power == -1500
    assert totals.battery.charge_energy == 900
    assert totals.battery.discharge_energy == 300
    assert totals.consumption.power == 500
    assert totals.consumption.energy == pytest.approx(36_400.5)


def test_without_the_storage_meter_nobody_knows_the_balance() -> None:
    totals = site(meters=(*BOTH_METERS, meter(STORAGE)), readings=BOTH_READINGS).totals
    assert totals.battery.power is None
    assert totals.grid.power == -1000
    assert totals.consumption.power is None
    assert totals.consumption.energy is None


def test_without_the_storage_meter_the_load_says_nothing_of_the_grid() -> None:
    totals = site(
        meters=(meter(PRODUCTION), meter(LOAD), meter(STORAGE)),
        readings=(reading(PRODUCTION, 3000), reading(LOAD, 500)),
    ).totals
    assert totals.consumption.power == 500
    assert totals.grid.power is None


def test_batteries_without_a_meter_report_their_power() -> None:
    totals = site(
        meters=BOTH_METERS,
        readings=BOTH_READINGS,
        inventory=batteries("1", "2"),
        battery_power=(
            BatteryPower(serial="1", power=-300, apparent_power=None, level=50),
            BatteryPower(serial="2", power=-200, apparent_power=None, level=50),
        ),
    ).totals
    assert totals.battery.power == -500
    assert totals.battery.charge_energy is None
    assert totals.consumption.power == 1500
    assert totals.consumption.energy == 37_000.5
    assert Section.BATTERY_POWER in totals.consumption.sections


def test_ac_batteries_count_joules() -> None:
    snapshot = site(
        meters=BOTH_METERS,
        readings=BOTH_READINGS,
        inverter_reports=(
            report("1", 200),
            report("7", 20, is_ac_battery=True),
        ),
        device_data=device_data(
            device("1", 200, energy=5000),
            device(
                "7",
                -20,
                kind=DeviceKind.AC_BATTERY,
                energy=58_900,
                energy_used=71_600,
            ),
        ),
    )
    assert set(snapshot.inverters) == {"1"}
    assert snapshot.totals.battery.power == -20
    assert snapshot.totals.battery.discharge_energy == 58_900
    assert snapshot.totals.battery.charge_energy == 71_600
    assert snapshot.totals.consumption.power == 1980


def test_ac_batteries_that_never_counted_have_no_energy() -> None:
    totals = site(
        inverter_reports=(report("7", 20, is_ac_battery=True),),
        device_data=device_data(device("7", 5, kind=DeviceKind.AC_BATTERY, energy=1)),
    ).totals
    assert totals.battery.power == 5
    assert totals.battery.charge_energy is None
    assert totals.battery.discharge_energy is None


@pytest.mark.parametrize(
    ("reading_time", "power"), [(NOON - 60, 260.0), (NOON - 86_400, None)]
)
def test_ac_batteries_of_older_firmware(reading_time: int, power: float | None) -> None:
    totals = site(
        inverter_reports=(report("7", 20, is_ac_battery=True),),
        report=production_report(
            ac_batteries=AcBatteryBlock(
                active_count=1,
                reading_time=reading_time,
                power=260.0,
                energy_stored=None,
                level=25,
                state="discharging",
            )
        ),
    ).totals
    assert totals.battery.power == power


STORED = StorageSummary(
    level=39,
    battery_level=54,
    ac_battery_level=25,
    capacity=None,
    available_energy=None,
    reserve_energy=None,
    state_of_health=None,
    configured_reserve=None,
    adjusted_reserve=None,
    battery_capacity=None,
    commissioned_capacity=None,
    ac_battery_energy=None,
    very_low_level=None,
    is_shut_down=None,
    is_commissioning=None,
)


def test_the_battery_level_is_that_of_the_batteries_there_are() -> None:
    ac_battery = report("7", 20, is_ac_battery=True)
    assert site(storage=STORED).battery_level is None
    assert site(inventory=batteries("1")).battery_level is None
    assert site(storage=STORED, inventory=batteries("1")).battery_level == 39
    assert site(storage=STORED, inverter_reports=(ac_battery,)).battery_level == 25
