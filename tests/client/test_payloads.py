"""What the parsers make of what gateways say."""

from __future__ import annotations

import json

import pytest

from custom_components.envoy_local.client.exceptions import EnvoyResponseError
from custom_components.envoy_local.client.models.inverters import DeviceKind
from custom_components.envoy_local.client.models.meters import MeterKind
from custom_components.envoy_local.client.models.storage import EnsembleKind
from custom_components.envoy_local.client.payloads.ensemble import (
    parse_battery_power,
    parse_inventory,
)
from custom_components.envoy_local.client.payloads.home import parse_home
from custom_components.envoy_local.client.payloads.info import parse_info
from custom_components.envoy_local.client.payloads.inverters import (
    parse_device_data,
    parse_inverters,
)
from custom_components.envoy_local.client.payloads.meters import (
    parse_meters,
    parse_readings,
)
from custom_components.envoy_local.client.payloads.production import (
    parse_production,
    parse_production_page,
)


def test_info() -> None:
    info = parse_info(
        b"<?xml version='1.0'?><envoy_info><time>1785593316</time><device>"
        b"<sn>202439990001</sn><pn>800-00647-r11</pn><software>D8.3.5169</software>"
        b"<imeter>true</imeter></device><web-tokens>true</web-tokens></envoy_info>"
    )
    assert info.serial == "202439990001"
    assert info.part_number == "800-00647-r11"
    assert info.firmware.numbers == (8, 3, 5169)
    assert info.firmware.needs_token
    assert info.is_metered
    assert info.web_tokens
    assert info.time == 1785593316


def test_info_of_an_old_gateway() -> None:
    info = parse_info(
        b"<envoy_info><device><sn>121</sn><software>R3.9.36</software></device>"
        b"</envoy_info>"
    )
    assert not info.firmware.needs_token
    assert info.is_metered is None
    assert info.part_number is None
    assert info.time is None


@pytest.mark.parametrize(
    "body",
    [
        b"<envoy_info><device><software>D8.1</software></device></envoy_info>",
        b"<envoy_info><device><sn>121</sn></device></envoy_info>",
        b"<other><device><sn>1</sn><software>D8</software></device></other>",
        b"<?xml version='1.0' encoding='nonsense'?><envoy_info/>",
    ],
)
def test_info_of_something_else(body: bytes) -> None:
    with pytest.raises(EnvoyResponseError):
        parse_info(body)


def test_meters() -> None:
    meters = parse_meters(
        b'[{"eid": 704643328, "state": "enabled", "measurementType": "production",'
        b'"phaseMode": "three", "phaseCount": 1, "meteringStatus": "check-wiring",'
        b'"statusFlags": ["negative-production"]},'
        b'{"eid": 704643584, "state": "disabled", "measurementType": "new-kind",'
        b'"phaseCount": 9}, {"no": "eid"}, "noise"]'
    )
    first, second = meters
    assert first.kind is MeterKind.PRODUCTION
    assert first.is_enabled
    assert first.phase_count == 1
    assert first.metering_status == "check-wiring"
    assert first.status_flags == ("negative-production",)
    assert second.kind is None
    assert not second.is_enabled
    assert second.phase_count == 3


def test_readings_repair_what_the_gateway_garbles() -> None:
    (reading,) = parse_readings(
        b'[{"eid": 704643328, "timestamp": 0, "actEnergyDlvd": 12.5,'
        b'"actEnergyRcvd": -19.677, "activePower": 4294967292, "reactivePower": -0.0,'
        b'"pwrFactor": 1.94, "voltage": 713.2, "freq": 0, "current": "2",'
        b'"channels": [{"activePower": -2.5, "pwrFactor": -1.0}, 7]}]'
    )
    assert reading.timestamp is None
    assert reading.power == -4
    assert reading.energy_delivered == 12.5
    assert reading.energy_received == -19.677
    assert str(reading.reactive_power) == "0.0"
    assert reading.power_factor is None
    assert reading.frequency is None
    assert reading.current is None
    (channel,) = reading.channels
    assert channel.power == -2.5
    assert channel.power_factor == -1


def test_production_report() -> None:
    report = parse_production(
        b'{"production": [{"type": "inverters", "activeCount": 2, "wNow": 5},'
        b'{"type": "eim", "activeCount": 1, "wNow": -8.8, "whLifetime": 9.5}],'
        b'"consumption": [{"type": "eim", "activeCount": 0,'
        b'"measurementType": "net-consumption", "wNow": 1.5,'
        b'"lines": [{"wNow": 1.5, "whLifetime": 3}]}],'
        b'"storage": [{"type": "acb", "activeCount": 2, "wNow": -260,'
        b'"whNow": 300, "state": "charging", "percentFull": 25}]}'
    )
    assert report.inverters
    assert report.inverters.power == 5
    # 4.2.33 leaves the measurementType of its production meter out.
    assert report.production
    assert report.production.is_active
    assert report.production.power == -8.8
    assert report.net_consumption
    assert not report.net_consumption.is_active
    assert report.net_consumption.lines[0].energy == 3
    assert report.total_consumption is None
    assert report.ac_batteries
    assert report.ac_batteries.level == 25
    assert report.ac_batteries.power == -260


def test_production_report_without_its_parts() -> None:
    report = parse_production(
        b'{"production": [{"type": "other"}], "storage": [{"type": "other"}]}'
    )
    assert report.inverters is None
    assert report.production is None
    assert report.ac_batteries is None


def test_production_page() -> None:
    page = parse_production_page(
        b"<tr><td>Currently</td>    <td> 6.63 kW</td></tr>"
        b"<tr><td>Today</td>     <td> 53.6 kWh</td></tr>"
        b"<tr><td>Past Week</td>    <td>  405 kWh</td></tr>"
        b"<tr><td>Since Installation</td>    <td>  133 MWh</td></tr>"
    )
    assert page.power == pytest.approx(6630)
    assert page.energy_today == pytest.approx(53600)
    assert page.energy_7_days == pytest.approx(405000)
    assert page.energy == pytest.approx(133e6)


def test_device_data() -> None:
    data = parse_device_data(
        json.dumps(
            {
                "553648384": {
                    "devName": "pcu",
                    "sn": "900000000013",
                    "active": True,
                    "modGone": True,
                    "channels": [
                        {
                            "wattHours": {"today": 21},
                            "watts": {"now": 16, "max": 242},
                            "lastReading": {
                                "endDate": 1782367371,
                                "duration": 903,
                                "joulesProduced": 14088,
                                "acVoltageINmV": 237784,
                                "acCurrentInmA": 66,
                                "acFrequencyINmHz": 50011,
                                "dcVoltageINmV": 30829,
                                "dcCurrentINmA": 606,
                                "channelTemp": 25,
                            },
                            "lifetime": {"joulesProduced": 4904101572},
                        }
                    ],
                },
                "721420544": {
                    "devName": "acb",
                    "sn": "121917000000",
                    "active": True,
                    "channels": [
                        {
                            "lastReading": {
                                "duration": 900,
                                "joulesProduced": 0,
                                "joulesUsed": 9000,
                            },
                            "lifetime": {
                                "joulesProduced": 211982428,
                                "joulesUsed": 257766067,
                            },
                        }
                    ],
                },
                "1": {"devName": "pcu", "sn": "9", "active": False, "channels": [{}]},
                "2": {"devName": "toaster", "sn": "8"},
                "3": {"devName": "pcu"},
                "deviceCount": 5,
                "deviceDataLimit": 50,
            }
        ).encode()
    )
    inverter, battery, removed = data.devices
    assert data.is_complete
    assert inverter.kind is DeviceKind.INVERTER
    assert inverter.is_active
    assert inverter.power == pytest.approx(15.6, abs=0.01)
    assert inverter.energy == pytest.approx(1362250.4, abs=0.1)
    assert inverter.dc_voltage == 30.829
    assert inverter.ac_frequency == 50.011
    assert inverter.ac_current == 0.066
    assert inverter.report_duration == 903
    assert inverter.temperature == 25
    assert inverter.max_power == 242
    assert battery.power == -10
    assert battery.energy == pytest.approx(58884, abs=1)
    assert battery.energy_used == pytest.approx(71602, abs=1)
    assert battery.ac_current is None
    assert not removed.is_active
    assert removed.power is None
    assert removed.energy is None


@pytest.mark.parametrize(
    ("count", "limit", "is_complete"),
    [(49, 50, True), (50, 50, False), (None, 50, False), (3, None, False)],
)
def test_device_data_is_cut_at_its_limit(
    count: int | None, limit: int | None, is_complete: bool
) -> None:
    body = json.dumps({"deviceCount": count, "deviceDataLimit": limit})
    assert parse_device_data(body.encode()).is_complete is is_complete


def test_inverters() -> None:
    first, battery, new = parse_inverters(
        b'[{"serialNumber": "121512041640", "lastReportDate": 1618082927,'
        b'"lastReportWatts": 200, "maxReportWatts": 249},'
        b'{"serialNumber": 121917000000, "devType": 11, "lastReportWatts": 4},'
        b'{"serialNumber": "9", "devType": 1, "lastReportDate": 0},'
        b'{"serialNumber": "", "devType": 1}]'
    )
    assert first.power == 200
    assert first.max_power == 249
    assert first.last_reported == 1618082927
    assert not first.is_ac_battery
    assert battery.serial == "121917000000"
    assert battery.is_ac_battery
    assert new.last_reported is None


@pytest.mark.parametrize("date", [1_700_000_000_000, 10**300, -5, 0, 1.5])
def test_what_is_no_time_is_no_time(date: float) -> None:
    body = json.dumps([{"serialNumber": "9", "lastReportDate": date}])
    (unit,) = parse_inverters(body.encode())
    assert unit.last_reported is None


def test_ensemble_inventory() -> None:
    inventory = parse_inventory(
        b'[{"type": "ENCHARGE", "devices": [{"serial_num": "1", "percentFull": 92,'
        b'"encharge_capacity": 5000, "img_pnum_running": "4.5.35",'
        b'"communicating": true, "dc_switch_off": false}]},'
        b'{"type": "ENPOWER", "devices": []},'
        b'{"type": "C6 RGM", "devices": [{"serial_num": "2", "FW Version": "2.2"}]},'
        b'{"type": "NEW THING", "devices": [{"serial_num": "3"}]},'
        b'{"type": "COLLAR", "devices": [{"no": "serial"}]}]'
    )
    (battery,) = inventory.of_kind(EnsembleKind.BATTERY)
    assert battery.level == 92
    assert battery.capacity == 5000
    assert battery.firmware == "4.5.35"
    assert battery.dc_switch_off is False
    (meter,) = inventory.of_kind(EnsembleKind.RGM)
    assert meter.firmware == "2.2"
    assert meter.level is None
    assert not inventory.of_kind(EnsembleKind.SYSTEM_CONTROLLER)
    assert not inventory.of_kind(EnsembleKind.COLLAR)


def test_battery_power_is_negative_while_charging() -> None:
    (battery,) = parse_battery_power(
        b'{"devices:": [{"serial_num": "1", "real_power_mw": -532000,'
        b'"apparent_power_mva": -532000, "soc": 92}]}'
    )
    assert battery.power == -532
    assert battery.level == 92


def test_home() -> None:
    home = parse_home(
        b'{"timezone": "Europe/London", "network": {"primary_interface": "eth0",'
        b'"last_enlighten_report_time": 1781991093, "interfaces": ['
        b'{"type": "ethernet", "interface": "eth0", "carrier": true,'
        b'"signal_strength": 1, "signal_strength_max": 1},'
        b'{"type": "wifi", "interface": "wlan0", "carrier": false}]}}'
    )
    wired, wireless = home.interfaces
    assert home.timezone == "Europe/London"
    assert home.last_cloud_report == 1781991093
    assert wired.is_primary
    assert wired.has_carrier
    assert not wireless.is_primary
