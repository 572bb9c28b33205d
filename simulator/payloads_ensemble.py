"""Batteries and system controller: `/ivp/ensemble/*` and `/ivp/ss/*`."""

from __future__ import annotations

from .moment import Moment
from .scenarios import Storage

type Row = dict[str, object]


def inventory(moment: Moment) -> list[Row]:
    """Return `/ivp/ensemble/inventory`; `[]` without equipment."""
    storage = moment.scenario.storage
    if storage is None:
        return []
    units = [_battery(moment, storage, serial) for serial in _serials(storage)]
    rows: list[Row] = [{"type": "ENCHARGE", "devices": units}]
    if storage.controller_serial is not None:
        controller = _controller(moment, storage.controller_serial)
        rows.append({"type": "ENPOWER", "devices": [controller]})
    return rows


def power(moment: Moment) -> Row:
    """Return `/ivp/ensemble/power`: milliwatts, negative while charging."""
    storage = moment.scenario.storage
    if storage is None:
        return {"devices:": []}
    milliwatts = round(moment.power.battery / storage.count) * 1000
    devices = [
        {
            "serial_num": serial,
            "real_power_mw": milliwatts,
            "apparent_power_mva": milliwatts,
            "soc": _percent(moment),
        }
        for serial in _serials(storage)
    ]
    return {"devices:": devices}


def secctrl(moment: Moment) -> Row:
    """Return `/ivp/ensemble/secctrl`; zeros without batteries."""
    storage = moment.scenario.storage
    capacity = round(storage.count * storage.unit_capacity) if storage else 0
    reserve = round(storage.reserve * 100) if storage else 0
    soc = _percent(moment)
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
        "configured_backup_soc": reserve,
        "adjusted_backup_soc": reserve,
        "agg_soc": soc,
        "Max_energy": capacity,
        "ENC_agg_soc": soc,
        "ENC_agg_soh": 100 if storage else 0,
        "ENC_agg_backup_energy": capacity * reserve // 100,
        "ENC_agg_avail_energy": capacity * soc // 100,
        "Enc_commissioned_capacity": capacity,
        "Enc_max_available_capacity": capacity,
        "ACB_agg_soc": 0,
        "ACB_agg_energy": 0,
        "VLS_Limit": 5,
        "soc_rec_enabled": False,
        "soc_recovery_entry": 0,
        "soc_recovery_exit": 10,
        "Commission_in_progress": False,
        "ESS_in_progress": False,
    }


def status(moment: Moment) -> Row:
    """Return `/ivp/ensemble/status`, the parts that carry facts."""
    storage = moment.scenario.storage
    serials: Row = {}
    if storage is not None:
        serials = {
            serial: _status_of_battery(moment, storage, serial)
            for serial in _serials(storage)
        }
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
    storage = moment.scenario.storage
    mode = "multimode-ongrid" if storage else "unknown"
    return {
        "mains_admin_state": "closed" if storage else "unknown",
        "mains_oper_state": "closed" if storage else "unknown",
        "der1_state": 0,
        "der2_state": 0,
        "der3_state": 0,
        "Enchg_grid_mode": mode,
        "Solar_grid_mode": mode,
    }


def dry_contacts(moment: Moment) -> Row:
    """Return `/ivp/ensemble/dry_contacts`; it answers without a controller too."""
    state = "closed" if moment.scenario.storage else "open"
    return {
        "dry_contacts": [
            {"id": name, "status": state} for name in ("NC1", "NC2", "NO1", "NO2")
        ]
    }


def dry_contact_settings(moment: Moment) -> Row:
    """Return `/ivp/ss/dry_contact_settings`."""
    del moment
    return {
        "dry_contacts": [
            {
                "id": name,
                "type": "NONE",
                "grid_action": "none",
                "micro_grid_action": "none",
                "gen_action": "none",
                "override": "false",
                "load_name": "",
                "mode": "manual",
                "soc_low": 30.0,
                "soc_high": 70.0,
                "pv_serial_nb": [],
            }
            for name in ("NC1", "NC2", "NO1", "NO2")
        ]
    }


def generator(moment: Moment) -> Row:
    """Return `/ivp/ensemble/generator`: 7.x calls it present where there is none."""
    old = moment.firmware < (8,)
    return {
        "admin_state": "unknown",
        "oper_state": "open",
        "admin_mode": 0,
        "schedule": 0,
        "start_soc": 100,
        "stop_soc": -1,
        "exc_on": 0,
        "present": 1 if old else 0,
        "type": 0 if old else 1,
    }


def _serials(storage: Storage) -> list[str]:
    return [str(storage.serials_from + 17 * index) for index in range(storage.count)]


def _percent(moment: Moment) -> int:
    soc = moment.power.soc
    return 0 if soc is None else round(soc * 100)


def _battery(moment: Moment, storage: Storage, serial: str) -> Row:
    reported = moment.epoch - moment.epoch % 60
    return {
        "part_num": "836-01250-r00",
        "serial_num": serial,
        "installed": 1709280000,
        "device_status": ["envoy.global.ok", "prop.done"],
        "last_rpt_date": reported,
        "admin_state": 63,
        "admin_state_str": "ENCMN_MDE_ENCHARGE_READY",
        "created_date": 1709280000,
        "img_load_date": 1709280000,
        "img_pnum_running": "4.5.35",
        "bmu_fw_version": "4.5.35",
        "communicating": True,
        "sleep_enabled": False,
        "percentFull": _percent(moment),
        "temperature": 24 + round(abs(moment.power.battery) / 1000),
        "maxCellTemp": 25 + round(abs(moment.power.battery) / 1000),
        "reported_enc_grid_state": "grid-tied",
        "comm_level_sub_ghz": 0,
        "comm_level_2_4_ghz": 0,
        "led_status": 12 if moment.power.battery < 0 else 14,
        "dc_switch_off": False,
        "encharge_rev": 4,
        "encharge_capacity": round(storage.unit_capacity),
        "phase": "ph-a",
        "der_index": 2,
    }


def _controller(moment: Moment, serial: str) -> Row:
    """Return the system controller; its temperature is in °F."""
    return {
        "part_num": "861-01381-r05",
        "serial_num": serial,
        "installed": 1709280000,
        "device_status": ["envoy.global.ok", "prop.done"],
        "last_rpt_date": moment.epoch - moment.epoch % 60,
        "admin_state": 24,
        "admin_state_str": "ENPWR_STATE_OPER_CLOSED",
        "created_date": 1709280000,
        "img_load_date": 1709280000,
        "img_pnum_running": "2.0.6936_rel/31.43",
        "communicating": True,
        "temperature": 79,
        "comm_level_sub_ghz": 5,
        "comm_level_2_4_ghz": 5,
        "mains_admin_state": "closed",
        "mains_oper_state": "closed",
        "Enpwr_grid_mode": "multimode-ongrid",
        "Enchg_grid_mode": "multimode-ongrid",
        "Enpwr_relay_state_bm": 15664,
        "Enpwr_curr_state_id": 16,
    }


def _status_of_battery(moment: Moment, storage: Storage, serial: str) -> Row:
    del moment
    return {
        "device_type": 13,
        "com_interface_str": "CAN",
        "device_id": serial,
        "admin_state": 63,
        "admin_state_str": "ENCMN_MDE_ENCHARGE_READY",
        "reported_grid_mode": "multimode-ongrid",
        "phase": "ph-a",
        "der_index": 2,
        "encharge_revision": 4,
        "encharge_capacity": round(storage.unit_capacity),
        "encharge_rated_power": round(storage.unit_power),
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
