"""`/inventory`, and what the device data says of AC Batteries and relays."""

from __future__ import annotations

import pytest

from custom_components.envoy_local.client.exceptions import EnvoyResponseError
from custom_components.envoy_local.client.models.storage import (
    BatteryState,
    SwitchState,
)
from custom_components.envoy_local.client.models.units import (
    AcBattery,
    AcBatteryReport,
    Relay,
    RelayReport,
    SleepState,
    Unit,
    UnitKind,
    UnitState,
)
from custom_components.envoy_local.client.payloads.inverters import parse_device_data
from custom_components.envoy_local.client.payloads.units import (
    parse_units,
)

from .gateway_samples import AC_BATTERY, DEVICE_DATA, IQ_RELAY, UNITS
from .recorded import recorded
from .samples import body


def test_ac_battery() -> None:
    assert parse_units(body(UNITS)).of_type(AcBattery) == (
        AcBattery(
            kind=UnitKind.AC_BATTERY,
            serial="900000000601",
            part_number="800-00002-r01",
            firmware="520-00092-r01-v02.13.02",
            installed=1700000005,
            last_reported=1760000600,
            state=UnitState.VERIFIED,
            conditions=("envoy.global.ok",),
            is_producing=True,
            is_communicating=True,
            is_provisioned=True,
            is_operating=False,
            phase=None,
            level=71,
            cell_temperature=33,
            charge_state=BatteryState.DISCHARGING,
            sleep_enabled=True,
            sleep_from=25,
            sleep_to=30,
        ),
    )


@pytest.mark.parametrize(
    ("told", "conditions", "state"),
    [
        (False, ["envoy.global.ok"], SleepState.AWAKE),
        (True, ["envoy.global.ok"], SleepState.GOING_TO_SLEEP),
        (True, ["envoy.cond_flags.pcu_ctrl.sleep-mode"], SleepState.ASLEEP),
        (False, ["envoy.cond_flags.pcu_ctrl.sleep-mode"], SleepState.WAKING),
        (None, ["envoy.cond_flags.pcu_ctrl.sleep-mode"], None),
        (True, None, SleepState.GOING_TO_SLEEP),
    ],
)
def test_an_ac_battery_takes_its_time_to_fall_asleep(
    told: bool | None, conditions: list[str] | None, state: SleepState | None
) -> None:
    row = {**AC_BATTERY, "sleep_enabled": told, "device_status": conditions}
    units = parse_units(body([{"type": "ACB", "devices": [row]}]))
    assert units.of_type(AcBattery)[0].sleep_state is state


def test_relay() -> None:
    (relay,) = parse_units(body(UNITS)).of_type(Relay)
    assert relay.serial == "900000000701"
    assert relay.state is UnitState.DISCOVERED
    assert relay.relay is SwitchState.CLOSED
    assert (relay.reason, relay.reason_code) == ("ok", 0)
    assert relay.lines == (True, False)
    assert relay.is_communicating


@pytest.mark.parametrize(
    ("count", "lines"),
    [(1, (True,)), (3, (True, False, False)), (0, ()), (-7, ()), (None, ())],
)
def test_the_lines_of_a_relay(count: object, lines: tuple[bool, ...]) -> None:
    row = {**IQ_RELAY, "line-count": count}
    units = parse_units(body([{"type": "NSRB", "devices": [row]}]))
    assert units.of_type(Relay)[0].lines == lines


def test_no_relay_has_a_million_lines() -> None:
    row = {**IQ_RELAY, "line-count": 10**6}
    units = parse_units(body([{"type": "NSRB", "devices": [row]}]))
    assert len(units.of_type(Relay)[0].lines) == 3


def test_inverters_and_those_that_are_gone() -> None:
    units = parse_units(body(UNITS))
    inverter, removed = (u for u in units.units if u.kind is UnitKind.INVERTER)
    assert inverter.conditions == ("envoy.cond_flags.pcu_ctrl.dc-pwr-low",)
    assert inverter.last_reported == 1760000800
    assert not inverter.is_deleted
    assert removed.is_deleted
    assert removed.installed is None
    assert removed.is_communicating is None
    assert removed not in units.of_type(Unit)
    assert inverter in units.of_type(Unit)


@pytest.mark.parametrize(
    ("wire", "epoch"),
    [
        ("1700000000", 1700000000),
        (1700000000, 1700000000),
        ("0", None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("9" * 5000, None),
        (None, None),
    ],
)
def test_times_are_written_as_texts(wire: object, epoch: int | None) -> None:
    row = {**AC_BATTERY, "last_rpt_date": wire}
    units = parse_units(body([{"type": "ACB", "devices": [row]}]))
    assert units.units[0].last_reported == epoch


def test_something_else_is_no_inventory() -> None:
    with pytest.raises(EnvoyResponseError):
        parse_units(body([{"numrows": 3}]))
    assert parse_units(b"[]").units == ()


def test_device_data_of_an_ac_battery() -> None:
    (battery, _) = parse_device_data(body(DEVICE_DATA)).devices
    assert isinstance(battery, AcBatteryReport)
    assert (battery.level, battery.state_of_health) == (72, 86)
    assert (battery.coldest_cell, battery.warmest_cell) == (31, 33)
    assert battery.power == -10
    assert (battery.energy, battery.energy_used) == (2000, 2500)
    assert battery.temperature == 37


def test_device_data_of_a_relay() -> None:
    (_, relay) = parse_device_data(body(DEVICE_DATA)).devices
    assert isinstance(relay, RelayReport)
    assert relay.temperature == 51
    assert relay.ac_frequency == 50.003
    assert list(relay.line_voltages) == [235.284, 5.956, 0]
    assert relay.changes == 3
    assert relay.last_reported == 1760000700


def test_recorded_ac_batteries() -> None:
    units = parse_units(recorded("8.3.5169_ACB_inventory", "/inventory"))
    first, second = units.of_type(AcBattery)
    assert (first.serial, first.level, second.level) == ("121917000000", 2, 0)
    assert first.cell_temperature == second.cell_temperature == 32
    assert first.charge_state is BatteryState.IDLE
    assert (first.sleep_from, first.sleep_to) == (25, 30)
    assert first.sleep_state is second.sleep_state is SleepState.AWAKE
    assert (first.last_reported, second.last_reported) == (1781991008, 1781991429)
    assert (first.is_producing, first.is_operating) == (True, True)
    assert units.of_type(Relay) == ()
    assert len(units.units) == 5
    assert units.units[1].conditions == (
        "envoy.cond_flags.pcu_chan.dcvoltagetoolow",
        "envoy.cond_flags.pcu_ctrl.dc-pwr-low",
        "envoy.cond_flags.obs_strs.failure",
    )


def test_recorded_device_data_of_ac_batteries() -> None:
    data = parse_device_data(recorded("8.3.5169_ACB_inventory", "/ivp/pdm/device_data"))
    found = [device for device in data.devices if isinstance(device, AcBatteryReport)]
    first, second = found
    assert (first.level, first.state_of_health) == (2, 86)
    assert (second.level, second.state_of_health) == (0, 90)
    assert first.energy == pytest.approx(58884.0, abs=0.1)  # 211982428 J
    assert first.energy_used == pytest.approx(71601.7, abs=0.1)  # 257766067 J
    assert second.energy == pytest.approx(145800.9, abs=0.1)  # 524883181 J
    assert second.energy_used == pytest.approx(178025.3, abs=0.1)  # 640891226 J
    assert first.power == pytest.approx(-939 / 932)


def test_recorded_relays() -> None:
    data = parse_device_data(recorded("8.3.5289_modGone", "/ivp/pdm/device_data"))
    relay, removed = (d for d in data.devices if isinstance(d, RelayReport))
    assert (relay.serial, relay.temperature, relay.changes) == ("900000000001", 51, 1)
    assert list(relay.line_voltages) == [235.284, 5.956, 0]
    assert relay.ac_frequency == 50.003
    assert relay.last_reported == 1782367495
    assert relay.is_active
    assert not removed.is_active
    assert removed.line_voltages == (None, None, None)


def test_recorded_units_of_a_site_with_a_generator() -> None:
    units = parse_units(recorded("8.3.5169_with_generator", "/inventory"))
    inverters = [unit for unit in units.units if unit.kind is UnitKind.INVERTER]
    (other,) = (unit for unit in units.units if unit.kind is UnitKind.ESUB)
    assert len(inverters) == 20
    assert {unit.state for unit in inverters} == {UnitState.VERIFIED}
    assert (other.serial, other.state) == ("202410990002", UnitState.DISCOVERED)
    assert other.is_provisioned is None
    assert units.unknown == ()
