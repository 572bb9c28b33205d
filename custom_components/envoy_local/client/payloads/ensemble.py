"""`/ivp/ensemble/*`: batteries, controllers and collars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from ..exceptions import EnvoyResponseError
from ..models.storage import (
    Battery,
    BatteryPower,
    Collar,
    CollarGridState,
    CombinerController,
    EnsembleDevice,
    EnsembleInventory,
    EnsembleKind,
    GridMode,
    RevenueGradeMeter,
    StorageSummary,
    SwitchState,
    SystemController,
)
from .choices import Choices
from .fields import (
    Row,
    decode_object,
    decode_rows,
    epoch,
    flag,
    identifier,
    integer,
    number,
    rows,
    scaled,
    text,
    texts,
)

_INVENTORY: Final = "/ivp/ensemble/inventory"
_MILLI: Final = 1000
_FREEZING: Final = 32
_FAHRENHEIT_PER_CELSIUS: Final = 1.8
_FIRMWARE_KEYS: Final = ("img_pnum_running", "fw_version", "FW Version")


class _CollarMode(StrEnum):
    """What is known of a collar's administrative states."""

    ON_GRID = "ENCMN_MDE_ON_GRID"
    OFF_GRID = "ENCMN_MDE_OFF_GRID"


SWITCH_SPELLINGS: Final = {"close": SwitchState.CLOSED}
"""What the meter collar and some generators write for `closed`."""


def parse_inventory(body: bytes) -> EnsembleInventory:
    """Read the storage equipment; kinds that we don't know are left out."""
    devices: list[EnsembleDevice] = []
    choices = Choices(_INVENTORY)
    groups = decode_rows(body, _INVENTORY)
    if groups and not any("type" in group for group in groups):
        raise EnvoyResponseError(f"{_INVENTORY} names no kind of device")
    for group in groups:
        kind = choices.read(group, "type", EnsembleKind)
        if kind:
            found = (_device(r, kind, choices) for r in rows(group.get("devices")))
            devices.extend(device for device in found if device)
    return EnsembleInventory(devices=tuple(devices), unknown=choices.unknown)


def parse_battery_power(body: bytes) -> tuple[BatteryPower, ...]:
    """Read the power of each battery; the only key really is `devices:`.

    The gateway writes what a battery takes in as negative milliwatts.
    """
    answer = decode_object(body, "/ivp/ensemble/power")
    devices = answer.get("devices:", answer.get("devices"))
    if not isinstance(devices, list):
        raise EnvoyResponseError("/ivp/ensemble/power holds no devices")
    return tuple(
        BatteryPower(
            serial=serial,
            power=scaled(row, "real_power_mw", _MILLI),
            apparent_power=scaled(row, "apparent_power_mva", _MILLI),
            level=number(row, "soc"),
        )
        for row in rows(devices)
        if (serial := identifier(row, "serial_num"))
    )


def parse_storage_summary(body: bytes) -> StorageSummary:
    """Read the batteries' common level, energy and reserve."""
    row = decode_object(body, "/ivp/ensemble/secctrl")
    if "agg_soc" not in row and "ENC_agg_soc" not in row:
        raise EnvoyResponseError("/ivp/ensemble/secctrl holds no battery level")
    return StorageSummary(
        level=number(row, "agg_soc"),
        battery_level=number(row, "ENC_agg_soc"),
        ac_battery_level=number(row, "ACB_agg_soc"),
        capacity=number(row, "Max_energy"),
        available_energy=number(row, "ENC_agg_avail_energy"),
        reserve_energy=number(row, "ENC_agg_backup_energy"),
        state_of_health=number(row, "ENC_agg_soh"),
        configured_reserve=number(row, "configured_backup_soc"),
        adjusted_reserve=number(row, "adjusted_backup_soc"),
        battery_capacity=number(row, "Enc_max_available_capacity"),
        commissioned_capacity=number(row, "Enc_commissioned_capacity"),
        ac_battery_energy=number(row, "ACB_agg_energy"),
        very_low_level=number(row, "VLS_Limit"),
        is_shut_down=flag(row, "shutdown"),
        is_commissioning=flag(row, "Commission_in_progress"),
    )


def _device(row: Row, kind: EnsembleKind, choices: Choices) -> EnsembleDevice | None:
    serial = identifier(row, "serial_num")
    if serial is None:
        return None
    is_battery = kind is EnsembleKind.BATTERY
    common: dict[str, Any] = {
        "kind": kind,
        "serial": serial,
        "part_number": text(row, "part_num"),
        "firmware": next(
            filter(None, (text(row, key) for key in _FIRMWARE_KEYS)), None
        ),
        "installed": epoch(row, "installed"),
        "last_reported": epoch(row, "last_rpt_date"),
        "is_communicating": flag(row, "communicating"),
        "temperature": _celsius(row, kind),
        "level": number(row, "percentFull") if is_battery else None,
        "capacity": number(row, "encharge_capacity") if is_battery else None,
        "dc_switch_off": flag(row, "dc_switch_off"),
        "grid_state": text(row, "grid_state") or text(row, "mains_oper_state"),
        "admin_state": text(row, "admin_state_str"),
        "status": texts(row.get("device_status")),
    }
    return _READERS[kind](row, common, choices)


def _celsius(row: Row, kind: EnsembleKind) -> float | None:
    """Return degrees Celsius; a system controller writes Fahrenheit."""
    degrees = number(row, "temperature")
    if degrees is None or kind is not EnsembleKind.SYSTEM_CONTROLLER:
        return degrees
    return (degrees - _FREEZING) / _FAHRENHEIT_PER_CELSIUS


def _battery(row: Row, common: dict[str, Any], choices: Choices) -> Battery:
    return Battery(
        **common,
        cell_temperature=number(row, "maxCellTemp"),
        battery_firmware=text(row, "bmu_fw_version"),
        grid_mode=choices.read(row, "reported_enc_grid_state", GridMode),
        is_operating=flag(row, "operating"),
        sleep_enabled=flag(row, "sleep_enabled"),
        phase=text(row, "phase"),
        led_status=integer(row, "led_status"),
        revision=integer(row, "encharge_rev"),
        signal_2_4_ghz=integer(row, "comm_level_2_4_ghz"),
        signal_sub_ghz=integer(row, "comm_level_sub_ghz"),
    )


def _controller(row: Row, common: dict[str, Any], choices: Choices) -> SystemController:
    return SystemController(
        **common,
        mains_admin_state=switch_state(row, "mains_admin_state", choices),
        mains_oper_state=switch_state(row, "mains_oper_state", choices),
        grid_mode=choices.read(row, "Enpwr_grid_mode", GridMode),
        battery_grid_mode=choices.read(row, "Enchg_grid_mode", GridMode),
        relay_bits=integer(row, "Enpwr_relay_state_bm"),
        state_id=integer(row, "Enpwr_curr_state_id"),
        is_operating=flag(row, "operating"),
        signal_2_4_ghz=integer(row, "comm_level_2_4_ghz"),
        signal_sub_ghz=integer(row, "comm_level_sub_ghz"),
    )


def _collar(row: Row, common: dict[str, Any], choices: Choices) -> Collar:
    # The model keeps the text; here another one is noted.
    choices.read(row, "admin_state_str", _CollarMode)
    return Collar(
        **common,
        mid_state=switch_state(row, "mid_state", choices),
        collar_grid_state=choices.read(row, "grid_state", CollarGridState),
        collar_state=text(row, "collar_state"),
        control_error=integer(row, "control_error"),
    )


def _combiner(row: Row, common: dict[str, Any], _: Choices) -> CombinerController:
    return CombinerController(**common, dmir_firmware=text(row, "dmir_version"))


def _meter(row: Row, common: dict[str, Any], _: Choices) -> RevenueGradeMeter:
    """Read the meter of an IQ Combiner 6C; its keys have spaces in them."""
    return RevenueGradeMeter(**common, device_state=integer(row, "Device State"))


_READERS: Final[
    Mapping[EnsembleKind, Callable[[Row, dict[str, Any], Choices], EnsembleDevice]]
] = {
    EnsembleKind.BATTERY: _battery,
    EnsembleKind.SYSTEM_CONTROLLER: _controller,
    EnsembleKind.COLLAR: _collar,
    EnsembleKind.COMBINER_CONTROLLER: _combiner,
    EnsembleKind.RGM: _meter,
}


def switch_state(row: Row, key: str, choices: Choices) -> SwitchState | None:
    """Return how a relay or a contact stands."""
    return choices.read(row, key, SwitchState, also=SWITCH_SPELLINGS)
