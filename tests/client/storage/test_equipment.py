"""`/ivp/ensemble/inventory`: every kind of equipment, in full."""

from __future__ import annotations

from dataclasses import fields

import pytest

from custom_components.envoy_local.client.models.storage import (
    Battery,
    Collar,
    CollarGridState,
    CombinerController,
    EnsembleDevice,
    EnsembleKind,
    GridMode,
    RevenueGradeMeter,
    SwitchState,
    SystemController,
)
from custom_components.envoy_local.client.payloads.ensemble import parse_inventory

from .recorded import recorded
from .samples import BATTERY, COLLAR, COMBINER, CONTROLLER, INVENTORY, body

PATH = "/ivp/ensemble/inventory"


def test_battery() -> None:
    assert parse_inventory(body(INVENTORY)).of_type(Battery) == (
        Battery(
            kind=EnsembleKind.BATTERY,
            serial="900000000101",
            part_number="830-00001-r01",
            firmware="2.6.1_rel/22.11",
            installed=1700000000,
            last_reported=1760000100,
            is_communicating=True,
            temperature=24,
            level=61,
            capacity=3500,
            dc_switch_off=False,
            grid_state=None,
            admin_state="ENCHG_STATE_READY",
            status=("envoy.global.ok", "prop.done"),
            cell_temperature=26,
            battery_firmware="2.1.34",
            grid_mode=GridMode.ON_GRID,
            is_operating=True,
            sleep_enabled=False,
            phase="ph-b",
            led_status=13,
            revision=2,
            signal_2_4_ghz=5,
            signal_sub_ghz=3,
        ),
    )


def test_system_controller() -> None:
    (controller,) = parse_inventory(body(INVENTORY)).of_type(SystemController)
    assert controller.serial == "900000000201"
    assert controller.firmware == "1.5.1_rel/22.13"
    assert controller.mains_admin_state is SwitchState.CLOSED
    assert controller.mains_oper_state is SwitchState.OPEN
    assert controller.grid_mode is GridMode.OFF_GRID
    assert controller.battery_grid_mode is GridMode.ON_GRID
    assert controller.relay_bits == 975
    assert controller.state_id == 16
    assert controller.is_operating is None
    assert controller.signal_2_4_ghz == 2
    assert controller.signal_sub_ghz == 4
    assert controller.last_reported == 1760000200


def test_only_a_system_controller_counts_in_fahrenheit() -> None:
    devices = parse_inventory(body(INVENTORY)).devices
    assert [device.temperature for device in devices] == [24, 25, 41, None, None]


def test_collar() -> None:
    (collar,) = parse_inventory(body(INVENTORY)).of_type(Collar)
    assert collar.mid_state is SwitchState.CLOSED
    assert collar.collar_grid_state is CollarGridState.ON_GRID
    assert collar.collar_state == "Installed"
    assert collar.control_error == 0
    assert collar.is_off_grid is False


@pytest.mark.parametrize(
    ("admin_state", "state", "is_off_grid"),
    [
        ("ENCMN_MDE_OFF_GRID", "on_grid", True),
        ("ENCMN_MDE_ON_GRID", "off_grid", False),
        ("ENCMN_MDE_NEW", "off_grid", True),
        ("ENCMN_MDE_NEW", "synchronizing", True),
        (None, "on_grid", False),
        ("ENCMN_MDE_NEW", "sideways", None),
        (None, None, None),
    ],
)
def test_a_collar_tells_by_its_administrative_state_first(
    admin_state: str | None, state: str | None, is_off_grid: bool | None
) -> None:
    row = {**COLLAR, "admin_state_str": admin_state, "grid_state": state}
    inventory = parse_inventory(body([{"type": "COLLAR", "devices": [row]}]))
    (collar,) = inventory.of_type(Collar)
    assert collar.is_off_grid is is_off_grid


def test_combiner() -> None:
    inventory = parse_inventory(body(INVENTORY))
    (combiner,) = inventory.of_type(CombinerController)
    assert combiner.firmware == "0.1.20-D1"
    assert combiner.dmir_firmware == "0.1.21-D1"
    assert combiner.is_communicating is False
    (meter,) = inventory.of_type(RevenueGradeMeter)
    assert meter.firmware == "2.2.1-D1"
    assert meter.device_state == 80
    assert meter.is_communicating is None


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("ENCHARGE", BATTERY),
        ("ENPOWER", CONTROLLER),
        ("COLLAR", COLLAR),
        ("C6 COMBINER CONTROLLER", COMBINER),
    ],
)
def test_a_device_of_which_only_the_serial_is_known(
    kind: str, row: dict[str, object]
) -> None:
    bare = {"serial_num": row["serial_num"]}
    inventory = parse_inventory(body([{"type": kind, "devices": [bare]}]))
    (device,) = inventory.devices
    known = {"kind", "serial", "status"}
    others = [field.name for field in fields(device) if field.name not in known]
    assert device.serial == row["serial_num"]
    assert {getattr(device, name) for name in others} == {None}


def test_a_kind_can_be_listed_without_a_device() -> None:
    inventory = parse_inventory(b'[{"type": "ENCHARGE", "devices": []}]')
    assert not inventory
    assert not inventory.unknown


def test_recorded_iq_batteries_of_the_first_generation() -> None:
    inventory = parse_inventory(recorded("7.3.517", PATH))
    assert [device.serial for device in inventory.of_type(Battery)] == [
        "122035013273",
        "122035013278",
        "122035013286",
    ]
    first = inventory.of_type(Battery)[0]
    assert (first.level, first.capacity, first.temperature) == (100, 3360, 28)
    assert (first.cell_temperature, first.revision, first.led_status) == (28, 1, 14)
    assert (first.signal_2_4_ghz, first.signal_sub_ghz) == (5, 5)
    assert first.is_operating
    assert first.phase is None
    assert first.grid_mode is None
    assert first.last_reported == 1692817971
    (controller,) = inventory.of_type(SystemController)
    assert controller.serial == "122029016399"
    assert controller.temperature == pytest.approx(31.11, abs=0.01)  # 88 °F
    assert controller.mains_admin_state is SwitchState.CLOSED
    assert controller.mains_oper_state is SwitchState.CLOSED
    assert controller.grid_mode is GridMode.ON_GRID
    assert controller.admin_state == "ENPWR_STATE_OPER_CLOSED"
    assert controller.is_operating


@pytest.mark.parametrize(
    ("name", "celsius"),
    [
        ("8.1.41", 45.0),
        ("8.2.127_with_3cts_and_battery_split", 22.22),
        ("8.2.4345_with_device_data", 24.44),
        ("8.3.5167_3rd-pv", 31.67),
        ("8.3.5169_with_generator", 26.11),
    ],
)
def test_recorded_system_controllers(name: str, celsius: float) -> None:
    inventory = parse_inventory(recorded(name, PATH))
    (controller,) = inventory.of_type(SystemController)
    assert controller.temperature == pytest.approx(celsius, abs=0.01)
    assert controller.mains_oper_state is SwitchState.CLOSED
    assert controller.is_communicating


def test_recorded_controller_without_a_battery() -> None:
    inventory = parse_inventory(recorded("8.3.5169_with_generator", PATH))
    assert inventory.of_type(Battery) == ()
    (controller,) = inventory.of_type(SystemController)
    assert controller.grid_mode is GridMode.GRID_TIED
    assert controller.battery_grid_mode is None  # "unknown" on the wire
    assert inventory.unknown == ()


def test_recorded_collar_site() -> None:
    inventory = parse_inventory(recorded("8.3.1598_collar", PATH))
    first, second = inventory.of_type(Battery)
    assert (first.serial, first.level, first.temperature) == ("492516006337", 92, 32)
    assert (second.serial, second.level, second.temperature) == ("492517004892", 86, 33)
    assert first.admin_state == "ENCMN_MDE_ENCHARGE_READY"
    assert (first.phase, first.revision, first.capacity) == ("ph-a", 4, 5000)
    assert first.grid_mode is GridMode.GRID_TIED
    (collar,) = inventory.of_type(Collar)
    assert collar.serial == "482520020939"
    assert (collar.temperature, collar.control_error) == (42, 0)
    assert collar.mid_state is SwitchState.CLOSED  # "close" on the wire
    assert collar.is_off_grid is False
    (combiner,) = inventory.of_type(CombinerController)
    assert (combiner.serial, combiner.firmware) == ("482523040549", "0.1.20-D1")
    assert combiner.last_reported == 1752945451
    (meter,) = inventory.of_type(RevenueGradeMeter)
    assert (meter.serial, meter.firmware) == ("482523040550", "2.2.1-D4119")
    assert meter.device_state == 80


def test_a_device_without_more_than_the_common_facts() -> None:
    plain = EnsembleDevice(
        kind=EnsembleKind.BATTERY,
        serial="1",
        part_number=None,
        firmware=None,
        installed=None,
        last_reported=None,
        is_communicating=None,
        temperature=20,
        level=None,
        capacity=None,
        dc_switch_off=None,
        grid_state=None,
    )
    assert plain.temperature == 20
    assert plain.status == ()
