"""Batteries, controller, collar and combiner: `/ivp/ensemble/*`."""

from __future__ import annotations

from collections.abc import Callable

from .equipment import Equipment, Kind, Unit
from .moment import Moment

type Row = dict[str, object]
type Writer = Callable[[Moment, Unit], Row]


def inventory(moment: Moment) -> list[Row]:
    """Return `/ivp/ensemble/inventory`; `[]` without equipment."""
    equipment = moment.equipment
    rows: list[Row] = []
    # A controller brings the type of the batteries along, even without one.
    if equipment.of("battery") or equipment.of("controller"):
        rows.append(_type(moment, "ENCHARGE", "battery", _battery))
    others: tuple[tuple[str, Kind, Writer], ...] = (
        ("ENPOWER", "controller", _controller),
        ("COLLAR", "collar", _collar),
        ("C6 COMBINER CONTROLLER", "combiner", _combiner),
        ("C6 RGM", "rgm", _rgm),
    )
    rows.extend(
        _type(moment, name, kind, write)
        for name, kind, write in others
        if equipment.of(kind)
    )
    return rows


def power(moment: Moment) -> Row:
    """Return `/ivp/ensemble/power`: milliwatts, negative while charging."""
    units = moment.equipment.of("battery")
    # Those that share the plant's power are all that there are.
    milliwatts = round(moment.power.battery / max(len(units), 1)) * 1000
    devices = [
        {
            "serial_num": unit.serial,
            "real_power_mw": milliwatts,
            "apparent_power_mva": milliwatts,
            "soc": moment.level,
        }
        for unit in units
    ]
    return {"devices:": devices}


def secctrl(moment: Moment) -> Row:
    """Return `/ivp/ensemble/secctrl`; zeros without batteries."""
    equipment, alternating = moment.equipment, moment.ac_batteries
    units = equipment.of("battery")
    capacity = round(sum(unit.capacity for unit in units))
    total = capacity + round(sum(unit.capacity for unit in equipment.of("ac_battery")))
    configured, adjusted = _reserve(equipment)
    soc = moment.level
    available = capacity * soc // 100
    stored = int(alternating.energy)
    return {
        "shutdown": False,
        **_biases(),
        "offgrid_secctrl": {
            "F": 0.0,
            "V": 0.0,
            "Vd_neg": 0.0,
            "Vq_neg": 0.0,
            "Vd_zero": 0.0,
            "Vq_zero": 0.0,
            "is_active": False,
            "is_system_balanced": True,
        },
        "configured_backup_soc": configured,
        "adjusted_backup_soc": adjusted,
        "agg_soc": 100 * (available + stored) // total if alternating.count else soc,
        "Max_energy": total,
        "ENC_agg_soc": soc,
        "ENC_agg_soh": 100 if units else 0,
        "ENC_agg_backup_energy": capacity * adjusted // 100,
        "ENC_agg_avail_energy": available,
        "Enc_commissioned_capacity": capacity,
        "Enc_max_available_capacity": capacity,
        "ACB_agg_soc": alternating.level,
        "ACB_agg_energy": stored,
        "VLS_Limit": 5,
        "soc_rec_enabled": False,
        "soc_recovery_entry": 0,
        "soc_recovery_exit": 10,
        "Commission_in_progress": False,
        "ESS_in_progress": False,
    }


def status(moment: Moment) -> Row:
    """Return `/ivp/ensemble/status`, the parts that carry facts."""
    units = moment.equipment.of("battery")
    serials: Row = {unit.serial: _status_of_battery(moment, unit) for unit in units}
    return {
        "inventory": {"serial_nums": serials},
        "counters": {},
        "secctrl": secctrl(moment),
        "relay": relay(moment),
        "profile": {"message": "Obsolete API, please use ivp/arf/profile"},
        "fakeit": {"fake_inventory_mode": False},
    }


def relay(moment: Moment) -> Row:
    """Return `/ivp/ensemble/relay`."""
    equipment = moment.equipment
    known = equipment.has_ensemble or bool(equipment.of("ac_battery"))
    mode = equipment.grid_mode if equipment.has_ensemble else "unknown"
    return {
        "mains_admin_state": "closed" if known else "unknown",
        "mains_oper_state": equipment.mains if known else "unknown",
        "der1_state": 0,
        "der2_state": 0,
        "der3_state": 0,
        "Enchg_grid_mode": mode,
        "Solar_grid_mode": mode,
    }


def _reserve(equipment: Equipment) -> tuple[int, int]:
    """Return the configured and the adjusted reserve in %, zeros without batteries."""
    if not equipment.of("battery"):
        return 0, 0
    configured = equipment.configured_reserve or 0.0
    adjusted = equipment.adjusted_reserve
    return round(configured), round(configured if adjusted is None else adjusted)


def _type(moment: Moment, name: str, kind: Kind, write: Writer) -> Row:
    units = moment.equipment.of(kind)
    return {
        "type": name,
        "devices": [write(moment, unit) | unit.says for unit in units],
    }


def _battery(moment: Moment, unit: Unit) -> Row:
    reported = moment.epoch - moment.epoch % 60
    connected = moment.equipment.grid_state == "on_grid"
    grid = "grid-tied" if connected else moment.equipment.grid_mode
    return {
        "part_num": "836-01250-r00",
        "serial_num": unit.serial,
        "installed": 1709280000,
        "device_status": ["envoy.global.ok", "prop.done"],
        "last_rpt_date": reported,
        "admin_state": 63,
        "admin_state_str": "ENCMN_MDE_ENCHARGE_READY",
        "created_date": 1709280000,
        "img_load_date": 1709280000,
        "img_pnum_running": "4.5.35",
        "bmu_fw_version": "4.5.35",
        "communicating": unit.communicating,
        "sleep_enabled": False,
        "percentFull": moment.level,
        "temperature": 24 + round(abs(moment.power.battery) / 1000),
        "maxCellTemp": 25 + round(abs(moment.power.battery) / 1000),
        "reported_enc_grid_state": grid,
        "comm_level_sub_ghz": 0,
        "comm_level_2_4_ghz": 0,
        "led_status": 12 if moment.power.battery < 0 else 14,
        "dc_switch_off": False,
        "encharge_rev": 4,
        "encharge_capacity": round(unit.capacity),
        "phase": "ph-a",
        "der_index": 2,
    }


def _controller(moment: Moment, unit: Unit) -> Row:
    """Return the system controller; its temperature is in °F."""
    mains, mode = moment.equipment.mains, moment.equipment.grid_mode
    closed = mains == "closed"
    return {
        "part_num": "861-01381-r05",
        "serial_num": unit.serial,
        "installed": 1709280000,
        "device_status": ["envoy.global.ok", "prop.done"],
        "last_rpt_date": moment.epoch - moment.epoch % 60,
        "admin_state": 24 if closed else 23,
        "admin_state_str": f"ENPWR_STATE_OPER_{mains.upper()}",
        "created_date": 1709280000,
        "img_load_date": 1709280000,
        "img_pnum_running": "2.0.6936_rel/31.43",
        "communicating": unit.communicating,
        "temperature": 79,
        "comm_level_sub_ghz": 5,
        "comm_level_2_4_ghz": 5,
        "mains_admin_state": "closed",
        "mains_oper_state": mains,
        "Enpwr_grid_mode": mode,
        "Enchg_grid_mode": mode,
        "Enpwr_relay_state_bm": 15664,
        "Enpwr_curr_state_id": 16,
    }


def _collar(moment: Moment, unit: Unit) -> Row:
    """Return the meter collar; it reports its state, but the time stands still."""
    connected = moment.equipment.grid_state == "on_grid"
    return {
        "part_num": "865-00400-r22",
        "serial_num": unit.serial,
        "installed": 1709280000,
        "device_status": ["envoy.global.ok", "prop.done"],
        "last_rpt_date": 1709280000,
        "admin_state": 88 if connected else 89,
        "admin_state_str": f"ENCMN_MDE_{'ON' if connected else 'OFF'}_GRID",
        "created_date": 1709280000,
        "img_load_date": 1709280000,
        "img_pnum_running": "3.0.6-D0",
        "communicating": unit.communicating,
        "temperature": 41,
        "mid_state": "close" if connected else "open",
        "grid_state": "on_grid" if connected else "off_grid",
        "control_error": 0,
        "collar_state": "Installed",
    }


def _combiner(moment: Moment, unit: Unit) -> Row:
    del moment
    return {
        "part_num": "800-02403-r08",
        "serial_num": unit.serial,
        "installed": 1709280000,
        "last_rpt_date": 1709280000,
        "admin_state": 82,
        "admin_state_str": "ENCMN_C6_CC_READY",
        "created_date": 1709280000,
        "img_load_date": 1709280000,
        "fw_version": "0.1.20-D1",
        "dmir_version": "0.1.20-D1",
        "communicating": unit.communicating,
    }


def _rgm(moment: Moment, unit: Unit) -> Row:
    """Return the revenue grade meter: two of its keys have spaces."""
    del moment
    return {
        "part_num": "800-02403-r08",
        "serial_num": unit.serial,
        "installed": 1709280000,
        "FW Version": "2.2.1-D4119",
        "Device State": 80,
    }


def _status_of_battery(moment: Moment, unit: Unit) -> Row:
    return {
        "device_type": 13,
        "com_interface_str": "CAN",
        "device_id": unit.serial,
        "admin_state": 63,
        "admin_state_str": "ENCMN_MDE_ENCHARGE_READY",
        "reported_grid_mode": moment.equipment.grid_mode,
        "phase": "ph-a",
        "der_index": 2,
        "encharge_revision": 4,
        "encharge_capacity": round(unit.capacity),
        "encharge_rated_power": round(unit.rated_power),
        "part_number": "836-01250-r00",
        "app_fw_version": "4.5.35",
        "bmu_fw_version": "4.5.35",
        "submodule_count": 0,
        "submodules": {},
    }


def _biases() -> Row:
    names = ("freq_bias_hz", "voltage_bias_v", "freq_bias_hz_q8", "voltage_bias_v_q5")
    return {
        f"{name}{phase}": 0 if "_q" in name else 0.0
        for phase in ("", "_phaseb", "_phasec")
        for name in names
    }
