"""One list of inverters from two endpoints."""

from __future__ import annotations

from dataclasses import replace

from custom_components.envoy_local.client.inverters import keep_missing
from custom_components.envoy_local.client.models.inverters import DeviceKind

from .sites import device, device_data, report, site


def test_the_newer_report_wins() -> None:
    inverters = site(
        inverter_reports=(report("1", 116, ago=900), report("2", 134, ago=60)),
        device_data=device_data(device("1", 135.9, ago=60), device("2", 120, ago=900)),
    ).inverters
    assert inverters["1"].power == 135.9
    assert inverters["2"].power == 134


def test_the_precise_one_wins_a_tie() -> None:
    inverters = site(
        inverter_reports=(report("1", 16),),
        device_data=device_data(device("1", 15.6)),
    ).inverters
    assert inverters["1"].power == 15.6
    assert inverters["1"].max_power == 250


def test_inverters_beyond_the_limit_keep_their_reports() -> None:
    inverters = site(
        inverter_reports=tuple(report(str(n), n) for n in range(60)),
        device_data=device_data(
            *(device(str(n), n + 0.5, energy=9) for n in range(50)), count=50
        ),
    ).inverters
    assert len(inverters) == 60
    assert inverters["49"].power == 49.5
    assert inverters["49"].energy == 9
    assert inverters["59"].power == 59
    assert inverters["59"].energy is None


def test_the_detail_is_the_device_datas_own() -> None:
    """However new the report: nothing else knows it."""
    detail = replace(device("1", 15, ago=900), ac_current=0.066, report_duration=903)
    inverters = site(
        inverter_reports=(report("1", 16, ago=60), report("2", 17)),
        device_data=device_data(detail),
    ).inverters
    assert (inverters["1"].ac_current, inverters["1"].report_duration) == (0.066, 903)
    assert inverters["1"].power == 16
    assert (inverters["2"].ac_current, inverters["2"].report_duration) == (None, None)


def test_removed_and_other_units_are_no_inverters() -> None:
    inverters = site(
        inverter_reports=(report("1", 5), report("2", 5)),
        device_data=device_data(
            device("1", 5),
            device("2", is_active=False),
            device("3", kind=DeviceKind.RELAY),
        ),
    ).inverters
    assert set(inverters) == {"1"}


def test_a_detail_without_power_leaves_it_to_the_report() -> None:
    inverters = site(
        inverter_reports=(report("1", 5, ago=900),),
        device_data=device_data(device("1", None, ago=60, energy=7)),
    ).inverters
    assert inverters["1"].power == 5
    assert inverters["1"].energy == 7


def test_without_reports_the_device_data_says_who_is_there() -> None:
    """As at night, when the list of reports is empty."""
    inverters = site(
        inverter_reports=(),
        device_data=device_data(device("1", 0), device("2", is_active=False)),
    ).inverters
    assert set(inverters) == {"1"}


def test_units_that_drop_out_of_the_list_are_kept_for_a_day() -> None:
    known = (report("1", 5), report("2", 6, ago=3600), report("3", 7, ago=90_000))
    current = (report("1", 8, ago=0),)
    assert [u.serial for u in keep_missing(known, current)] == ["1", "2"]
    assert keep_missing(known, current)[0].power == 8
    assert keep_missing(None, current) == current


def test_an_empty_list_takes_nobody_away() -> None:
    known = (report("1", 5), report("2", 6))
    assert keep_missing(known, ()) == known
