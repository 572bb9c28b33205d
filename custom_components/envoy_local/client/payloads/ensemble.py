"""`/ivp/ensemble/*`: batteries, controllers and collars."""

from __future__ import annotations

from typing import Final

from ..exceptions import EnvoyResponseError
from ..models.storage import (
    BatteryPower,
    EnsembleDevice,
    EnsembleInventory,
    EnsembleKind,
    StorageSummary,
)
from .fields import (
    Row,
    decode_object,
    decode_rows,
    epoch,
    flag,
    identifier,
    number,
    rows,
    scaled,
    text,
)

_MILLI: Final = 1000
_FIRMWARE_KEYS: Final = ("img_pnum_running", "fw_version", "FW Version")


def parse_inventory(body: bytes) -> EnsembleInventory:
    """Read the storage equipment; kinds that we don't know are left out."""
    devices: list[EnsembleDevice] = []
    groups = decode_rows(body, "/ivp/ensemble/inventory")
    if groups and not any("type" in group for group in groups):
        raise EnvoyResponseError("/ivp/ensemble/inventory names no kind of device")
    for group in groups:
        kind = _kind(text(group, "type"))
        if kind:
            found = (_device(row, kind) for row in rows(group.get("devices")))
            devices.extend(device for device in found if device)
    return EnsembleInventory(devices=tuple(devices))


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
    )


def _kind(name: str | None) -> EnsembleKind | None:
    try:
        return EnsembleKind(name or "")
    except ValueError:
        return None


def _device(row: Row, kind: EnsembleKind) -> EnsembleDevice | None:
    serial = identifier(row, "serial_num")
    if serial is None:
        return None
    is_battery = kind is EnsembleKind.BATTERY
    return EnsembleDevice(
        kind=kind,
        serial=serial,
        part_number=text(row, "part_num"),
        firmware=next(filter(None, (text(row, key) for key in _FIRMWARE_KEYS)), None),
        installed=epoch(row, "installed"),
        last_reported=epoch(row, "last_rpt_date"),
        is_communicating=flag(row, "communicating"),
        temperature=number(row, "temperature"),
        level=number(row, "percentFull") if is_battery else None,
        capacity=number(row, "encharge_capacity") if is_battery else None,
        dc_switch_off=flag(row, "dc_switch_off"),
        grid_state=text(row, "grid_state") or text(row, "mains_oper_state"),
    )
