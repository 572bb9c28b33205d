"""Which number is the right one: a rule a test."""

from __future__ import annotations

import pytest

from custom_components.envoy_local.client.models.inverters import DeviceKind
from custom_components.envoy_local.client.models.meters import MeterKind
from custom_components.envoy_local.client.models.production import AcBatteryBlock
from custom_components.envoy_local.client.models.storage import (
    BatteryPower,
    StorageSummary,
)
from custom_components.envoy_local.client.models.totals import Section

from .sites import (
    NOON,
    batteries,
    block,
    device,
    device_data,
    info,
    meter,
    phase,
    production_report,
    reading,
    report,
    site,
    summary,
)

PRODUCTION = MeterKind.PRODUCTION
NET = MeterKind.NET_CONSUMPTION
LOAD = MeterKind.TOTAL_CONSUMPTION
STORAGE = MeterKind.STORAGE

BOTH_METERS = (meter(PRODUCTION), meter(NET))
BOTH_READINGS = (
    reading(PRODUCTION, 3000, delivered=50_000.5, received=12),
    reading(NET, -1000, delivered=7000, received=20_000),
)


def test_meters_balance_the_site() -> None:
    totals = site(meters=BOTH_METERS, readings=BOTH_READINGS).totals
    assert totals.production.power == 3000
    assert totals.production.energy == 50_000.5
    assert totals.grid.power == -1000
    assert totals.grid.import_energy == 7000
    assert totals.grid.export_energy == 20_000
    assert totals.consumption.power == 2000
    assert totals.consumption.energy == 37_000.5
    assert totals.battery.power is None
    assert totals.consumption.sections == {Section.READINGS}


def test_a_metered_site_without_readings_yet_knows_nothing() -> None:
    totals = site(meters=BOTH_METERS, summary=summary(49_000, 2900)).totals
    assert totals.production.power is None
    assert totals.production.energy is None
    assert totals.grid.power is None
    assert totals.consumption.power is None
    assert totals.production.sections == {Section.READINGS}


def test_a_reading_that_no_meter_lists_is_nobodys() -> None:
    snapshot = site(meters=(meter(PRODUCTION),), readings=BOTH_READINGS)
    assert set(snapshot.metered) == {PRODUCTION}
    assert snapshot.totals.grid.power is None
    assert snapshot.totals.consumption.power is None


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


def test_a_load_meter_tells_the_consumption_and_not_the_grid_counters() -> None:
    totals = site(
        meters=(meter(PRODUCTION), meter(LOAD)),
        readings=(
            reading(PRODUCTION, 3000, delivered=50_000),
            reading(LOAD, 1200, delivered=80_000, received=0),
        ),
    ).totals
    assert totals.consumption.power == 1200
    assert totals.consumption.energy == 80_000
    assert totals.grid.power == -1800
    assert totals.grid.import_energy is None
    assert totals.grid.export_energy is None


def test_a_load_meter_alone_says_nothing_of_the_grid() -> None:
    totals = site(meters=(meter(LOAD),), readings=()).totals
    assert totals.consumption.power is None
    assert totals.grid.power is None


def test_a_disabled_production_meter_is_not_believed() -> None:
    """As 7.3.466 and 8.2.4264: the summary copies the disabled meter."""
    totals = site(
        meters=(meter(PRODUCTION, is_enabled=False), meter(NET, is_enabled=False)),
        readings=BOTH_READINGS,
        summary=summary(1583, 4),
        inverter_reports=(report("1", 200), report("2", 150)),
        report=production_report(
            inverters=block(32_465_106, 349, active=2),
            production=block(1586, 3, active=0),
        ),
    ).totals
    assert totals.production.power == 350
    assert totals.production.energy == 32_465_106
    assert totals.production.energy_today is None
    assert totals.grid.power is None
    assert totals.consumption.power is None


def test_the_block_counts_inverters_that_the_list_leaves_out() -> None:
    totals = site(
        meters=(meter(PRODUCTION, is_enabled=False),),
        inverter_reports=(report("1", 200),),
        report=production_report(inverters=block(32_465_106, 5521, active=38)),
    ).totals
    assert totals.production.power == 5521


def test_unmetered_sites_take_the_summary() -> None:
    totals = site(
        meters=(),
        summary=summary(1_544_282, 586, today=10_363, week=101_742),
        report=production_report(inverters=block(351_236, 590, active=13)),
    ).totals
    assert totals.production.power == 586
    assert totals.production.energy == 1_544_282
    assert totals.production.energy_today == 10_363
    assert totals.production.energy_7_days == 101_742
    assert totals.production.sections == {Section.SUMMARY}


@pytest.mark.parametrize("energy", [0, None])
def test_a_summary_of_zeros_is_no_production(energy: float | None) -> None:
    """As unmetered gateways from 8.3.5422 on."""
    snapshot = site(
        meters=(),
        summary=summary(energy, 0),
        inverter_reports=(report("1", 200),),
    )
    assert snapshot.totals.production.power == 200
    assert snapshot.totals.production.energy is None
    healed = site(
        meters=(),
        summary=summary(energy, 0),
        inverter_reports=(report("1", 200),),
        report=production_report(inverters=block(700_000, 190)),
    )
    assert healed.totals.production.energy == 700_000


def test_the_inverters_own_counters_beat_the_cut_sum() -> None:
    totals = site(
        meters=(),
        summary=summary(10_023_493, 400),
        inverter_reports=(report("1", 200), report("2", 200)),
        device_data=device_data(
            device("1", 200, energy=1_362_250), device("2", 200, energy=900_000)
        ),
    ).totals
    assert totals.production.energy == 2_262_250
    assert totals.production.power == 400


@pytest.mark.parametrize(
    ("energy", "count"),
    [(None, None), (900_000.0, 50)],
    ids=["an inverter never counted", "the list is cut"],
)
def test_an_incomplete_sum_is_no_total(energy: float | None, count: int | None) -> None:
    totals = site(
        meters=(),
        summary=summary(2_300_000, 400),
        inverter_reports=(report("1", 200), report("2", 200)),
        device_data=device_data(
            device("1", 200, energy=1_362_250),
            device("2", 200, energy=energy),
            count=count,
        ),
    ).totals
    assert totals.production.energy == 2_300_000


def test_counters_that_fell_silent_leave_it_to_the_summary() -> None:
    known = {
        "meters": (),
        "summary": summary(2_300_000, 400),
        "inverter_reports": (report("1", 200),),
        "device_data": device_data(device("1", 200, energy=2_262_250)),
    }
    counted = site(**known).totals.production
    assert counted.energy == 2_262_250
    assert counted.sections == {Section.SUMMARY}
    silent = site(**known, lost=frozenset({Section.DEVICE_DATA})).totals.production
    assert silent.energy == 2_300_000
    assert silent.power == 400


def test_the_house_never_uses_less_than_nothing() -> None:
    """A grid meter of this second and inverters of some minutes ago."""
    totals = site(
        meters=(meter(NET),),
        readings=(reading(NET, -3000, delivered=1, received=9),),
        summary=summary(50_000, 201),
    ).totals
    assert totals.grid.power == -3000
    assert totals.consumption.power == 0


def test_reports_from_before_dusk_do_not_count() -> None:
    totals = site(
        meters=(meter(PRODUCTION, is_enabled=False),),
        inverter_reports=(report("1", 3, ago=5 * 3600), report("2", 2, ago=6 * 3600)),
    ).totals
    assert totals.production.power == 0


def test_reports_are_in_the_gateways_time() -> None:
    """A gateway whose clock is a year off still has fresh reports."""
    totals = site(
        info=info(time=NOON - 365 * 86400),
        meters=(meter(PRODUCTION, is_enabled=False),),
        inverter_reports=(report("1", 250, ago=365 * 86400 + 60),),
    ).totals
    assert totals.production.power == 250


def test_the_oldest_gateways_have_a_page() -> None:
    totals = site(info=info(firmware="R3.7.0"), page=summary(133e6, 6630)).totals
    assert totals.production.power == 6630
    assert totals.production.energy == 133e6
    assert totals.production.sections == {Section.PAGE}


EIM = production_report(
    production=block(3_659_506.105, 178.5, today=86.105, week=149_972.105),
    net_consumption=block(7_116_675.5, 1214.7),
    total_consumption=block(10_154_380.825, 1393.2, today=15_177.825, week=365_473.825),
)


def test_meters_that_only_the_report_knows() -> None:
    """As 7.3.130, which has no `/ivp/meters`."""
    totals = site(report=EIM).totals
    assert totals.production.power == 178.5
    assert totals.production.energy_today == 86.105
    assert totals.grid.power == 1214.7
    assert totals.grid.import_energy is None
    assert totals.consumption.power == pytest.approx(1393.2)
    assert totals.consumption.energy == 10_154_380.825
    assert totals.consumption.energy_today == 15_177.825
    assert totals.consumption.sections == {Section.REPORT}


def test_listed_meters_have_the_last_word_over_the_report() -> None:
    totals = site(
        meters=(meter(PRODUCTION), meter(NET, is_enabled=False)),
        readings=BOTH_READINGS,
        report=EIM,
    ).totals
    assert totals.production.power == 3000
    assert totals.grid.power is None
    assert totals.consumption.power is None


def test_a_consumption_block_that_repeats_the_net_block() -> None:
    """As 8.3.5433: the consumption is the net with the production on top."""
    totals = site(
        report=production_report(
            production=block(5_649_402, 100),
            net_consumption=block(14_405_465, 50, today=10, week=20),
            total_consumption=block(14_405_465, 50, today=10, week=20),
        )
    ).totals
    assert totals.consumption.energy == 20_054_867
    assert totals.consumption.power == 150
    assert totals.consumption.energy_today is None


def test_a_report_with_a_consumption_meter_alone() -> None:
    totals = site(
        report=production_report(
            production=block(1000, 100),
            total_consumption=block(9000, 450),
            net_consumption=block(0, 0, active=0),
        )
    ).totals
    assert totals.consumption.power == 450
    assert totals.consumption.energy == 9000
    assert totals.grid.power is None


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
)


def test_the_battery_level_is_that_of_the_batteries_there_are() -> None:
    ac_battery = report("7", 20, is_ac_battery=True)
    assert site(storage=STORED).battery_level is None
    assert site(inventory=batteries("1")).battery_level is None
    assert site(storage=STORED, inventory=batteries("1")).battery_level == 39
    assert site(storage=STORED, inverter_reports=(ac_battery,)).battery_level == 25


def test_phases() -> None:
    snapshot = site(
        meters=(meter(PRODUCTION, phase_count=2), meter(NET, phase_count=2)),
        readings=(
            reading(
                PRODUCTION,
                3000,
                channels=(
                    phase(1600, delivered=10),
                    phase(1400, delivered=20),
                    phase(9, delivered=99),
                ),
            ),
            reading(
                NET,
                -1000,
                channels=(
                    phase(-700, delivered=5, received=1),
                    phase(-300, delivered=6, received=2),
                    phase(7, delivered=99),
                ),
            ),
        ),
    )
    first, second = snapshot.phases
    assert first.production.power == 1600
    assert first.grid.power == -700
    assert first.consumption.power == 900
    assert first.consumption.energy == 14
    assert second.consumption.power == 1100
    assert second.grid.export_energy == 2


def test_one_phase_is_no_phase() -> None:
    assert site(meters=BOTH_METERS, readings=BOTH_READINGS).phases == ()


def test_a_phase_with_an_unmetered_battery_has_no_known_consumption() -> None:
    channels = (phase(100), phase(200))
    meters = (meter(PRODUCTION, phase_count=2), meter(NET, phase_count=2))
    readings = (
        reading(PRODUCTION, channels=channels),
        reading(NET, channels=channels),
    )
    unmetered = site(meters=meters, readings=readings, inventory=batteries("1"))
    assert unmetered.phases[0].consumption.power is None
    metered = site(
        meters=(*meters, meter(STORAGE, phase_count=2)),
        readings=(*readings, reading(STORAGE, channels=(phase(-50), phase(0)))),
        inventory=batteries("1"),
    )
    assert metered.phases[0].battery.power == -50
    assert metered.phases[0].consumption.power == 150
    assert metered.phases[1].consumption.power == 400


def test_a_load_meters_phases_are_the_consumption() -> None:
    snapshot = site(
        meters=(meter(LOAD, phase_count=3),),
        readings=(reading(LOAD, channels=(phase(1), phase(2), phase(3))),),
    )
    assert [p.consumption.power for p in snapshot.phases] == [1, 2, 3]
    assert snapshot.phases[0].production.power is None


@pytest.mark.parametrize(
    ("phase_count", "voltage"), [(1, 720.0), (2, 720.0), (3, 240.0)]
)
def test_three_phases_have_a_mean_voltage(phase_count: int, voltage: float) -> None:
    snapshot = site(
        meters=(meter(NET, phase_count=phase_count),),
        readings=(reading(NET, voltage=720),),
    )
    assert snapshot.metered[NET].voltage == voltage
    assert (
        site(meters=(meter(NET),), readings=(reading(NET),)).metered[NET].voltage
        is None
    )


@pytest.mark.parametrize(
    ("energy", "today", "week", "right_today", "right_week"),
    [
        (1000.5, 100.5, 700.5, 100.5, 700.5),
        (1000.5, 1000.5, 1000.5, None, None),
        (1000.5, 100.5, 50.5, None, None),
        (27_293_408.638, 33_182.0, 341_686.0, None, None),
        (1_510_198.655, 55_037.655, 1_456_156.655, 55_037.655, None),
        (1000.5, -3.0, 700.0, None, None),
        (1000.5, 0.0, 700.5, 0.0, 700.5),
        (1000.5, 10.5, None, 10.5, None),
        (1000.5, None, 700.5, None, None),
        (1000.5, 10.5, 2000.5, 10.5, None),
        (2_432_969, 0, 73_002, 0, 73_002),
    ],
    ids=[
        "right",
        "today is the lifetime",
        "the week is shorter than today",
        "frozen",
        "the week is the lifetime less a day",
        "negative",
        "night",
        "no week",
        "no today",
        "the week is longer than the lifetime",
        "whole numbers of the summary",
    ],
)
def test_the_gateways_own_sums_of_the_day(
    energy: float,
    today: float | None,
    week: float | None,
    right_today: float | None,
    right_week: float | None,
) -> None:
    production = site(
        meters=(), summary=summary(energy, today=today, week=week)
    ).totals.production
    assert production.energy_today == right_today
    assert production.energy_7_days == right_week


def test_a_summary_of_another_counter_has_no_say_about_the_day() -> None:
    """As 8.2.127, where the summary is three quarters of the meter."""
    production = site(
        meters=BOTH_METERS,
        readings=BOTH_READINGS,
        summary=summary(38_000, today=100, week=700),
    ).totals.production
    assert production.energy_today is None
    healed = site(
        meters=BOTH_METERS,
        readings=BOTH_READINGS,
        summary=summary(49_900, today=100, week=700),
    ).totals.production
    assert healed.energy_today == 100
