"""A full answer of each endpoint, as JSON values; numbers of nobody's house."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import orjson

from custom_components.envoy_local.client.payloads.dry_contacts import (
    parse_dry_contact_settings,
    parse_dry_contacts,
)
from custom_components.envoy_local.client.payloads.ensemble import (
    parse_battery_power,
    parse_inventory,
    parse_storage_summary,
)
from custom_components.envoy_local.client.payloads.generator import (
    parse_generator,
    parse_generator_config,
    parse_generator_mode,
)
from custom_components.envoy_local.client.payloads.home import parse_home
from custom_components.envoy_local.client.payloads.inverters import parse_device_data
from custom_components.envoy_local.client.payloads.meters import parse_meters
from custom_components.envoy_local.client.payloads.relay import parse_relay
from custom_components.envoy_local.client.payloads.tariff import parse_tariff
from custom_components.envoy_local.client.payloads.units import parse_units

from .gateway_samples import DEVICE_DATA, HOME, METERS, TARIFF, UNITS

type Parser = Callable[[bytes], object]

PARSERS: Final[dict[str, Parser]] = {
    "/ivp/ensemble/inventory": parse_inventory,
    "/ivp/ensemble/power": parse_battery_power,
    "/ivp/ensemble/secctrl": parse_storage_summary,
    "/ivp/ensemble/relay": parse_relay,
    "/ivp/ensemble/dry_contacts": parse_dry_contacts,
    "/ivp/ss/dry_contact_settings": parse_dry_contact_settings,
    "/ivp/ensemble/generator": parse_generator,
    "/ivp/ss/gen_config": parse_generator_config,
    "/ivp/ss/gen_mode": parse_generator_mode,
    "/admin/lib/tariff": parse_tariff,
    "/inventory": parse_units,
    "/ivp/pdm/device_data": parse_device_data,
    "/home": parse_home,
    "/ivp/meters": parse_meters,
}

BATTERY: Final[dict[str, object]] = {
    "part_num": "830-00001-r01",
    "serial_num": "900000000101",
    "installed": 1700000000,
    "device_status": ["envoy.global.ok", "prop.done"],
    "last_rpt_date": 1760000100,
    "admin_state": 6,
    "admin_state_str": "ENCHG_STATE_READY",
    "img_pnum_running": "2.6.1_rel/22.11",
    "bmu_fw_version": "2.1.34",
    "operating": True,
    "communicating": True,
    "sleep_enabled": False,
    "percentFull": 61,
    "temperature": 24,
    "maxCellTemp": 26,
    "reported_enc_grid_state": "multimode-ongrid",
    "comm_level_sub_ghz": 3,
    "comm_level_2_4_ghz": 5,
    "led_status": 13,
    "dc_switch_off": False,
    "encharge_rev": 2,
    "encharge_capacity": 3500,
    "phase": "ph-b",
    "der_index": 1,
}
CONTROLLER: Final[dict[str, object]] = {
    "part_num": "860-00001-r01",
    "serial_num": "900000000201",
    "installed": 1700000001,
    "device_status": ["envoy.global.ok"],
    "last_rpt_date": 1760000200,
    "admin_state": 24,
    "admin_state_str": "ENPWR_STATE_OPER_CLOSED",
    "img_pnum_running": "1.5.1_rel/22.13",
    "communicating": True,
    "temperature": 77,
    "comm_level_sub_ghz": 4,
    "comm_level_2_4_ghz": 2,
    "mains_admin_state": "closed",
    "mains_oper_state": "open",
    "Enpwr_grid_mode": "multimode-offgrid",
    "Enchg_grid_mode": "multimode-ongrid",
    "Enpwr_relay_state_bm": 975,
    "Enpwr_curr_state_id": 16,
}
COLLAR: Final[dict[str, object]] = {
    "part_num": "865-00001-r01",
    "serial_num": "900000000301",
    "installed": 1700000002,
    "last_rpt_date": 1760000300,
    "admin_state_str": "ENCMN_MDE_ON_GRID",
    "img_pnum_running": "3.0.6-D0",
    "communicating": True,
    "temperature": 41,
    "mid_state": "close",
    "grid_state": "on_grid",
    "control_error": 0,
    "collar_state": "Installed",
}
COMBINER: Final[dict[str, object]] = {
    "part_num": "800-00001-r01",
    "serial_num": "900000000401",
    "installed": 1700000003,
    "last_rpt_date": 1760000400,
    "admin_state_str": "ENCMN_C6_CC_READY",
    "fw_version": "0.1.20-D1",
    "dmir_version": "0.1.21-D1",
    "communicating": False,
}
RGM: Final[dict[str, object]] = {
    "part_num": "800-00001-r01",
    "serial_num": "900000000402",
    "installed": 1700000004,
    "FW Version": "2.2.1-D1",
    "Device State": 80,
}
INVENTORY: Final[list[object]] = [
    {"type": "ENCHARGE", "devices": [BATTERY]},
    {"type": "ENPOWER", "devices": [CONTROLLER]},
    {"type": "COLLAR", "devices": [COLLAR]},
    {"type": "C6 COMBINER CONTROLLER", "devices": [COMBINER]},
    {"type": "C6 RGM", "devices": [RGM]},
]
POWER: Final[dict[str, object]] = {
    "devices:": [
        {
            "serial_num": "900000000101",
            "real_power_mw": -532000,
            "apparent_power_mva": -540000,
            "soc": 62,
        }
    ]
}
SECCTRL: Final[dict[str, object]] = {
    "shutdown": False,
    "freq_bias_hz": -1.32,
    "configured_backup_soc": 20,
    "adjusted_backup_soc": 30,
    "agg_soc": 44,
    "Max_energy": 7220,
    "ENC_agg_soc": 62,
    "ENC_agg_soh": 99,
    "ENC_agg_backup_energy": 1050,
    "ENC_agg_avail_energy": 2170,
    "Enc_commissioned_capacity": 3500,
    "Enc_max_available_capacity": 3490,
    "ACB_agg_soc": 27,
    "ACB_agg_energy": 1004,
    "VLS_Limit": 10,
    "Commission_in_progress": False,
}
RELAY: Final[dict[str, object]] = {
    "mains_admin_state": "closed",
    "mains_oper_state": "closed",
    "srt12_state": "open",
    "der1_state": 1,
    "Enchg_grid_mode": "multimode-ongrid",
    "Solar_grid_mode": "unknown",
}
DRY_CONTACTS: Final[dict[str, object]] = {
    "dry_contacts": [
        {"id": "NC1", "status": "closed"},
        {"id": "NO1", "status": "open"},
    ]
}
CONTACT: Final[dict[str, object]] = {
    "id": "NC1",
    "type": "LOAD",
    "grid_action": "apply",
    "micro_grid_action": "shed",
    "gen_action": "schedule",
    "safe_state_action": "none",
    "essential_start_time": 32400.0,
    "essential_end_time": 57600.0,
    "priority": 1.0,
    "black_s_start": 5.0,
    "override": "true",
    "manual_override": "false",
    "load_name": "Water heater",
    "mode": "soc",
    "soc_low": 25.0,
    "soc_high": 70.0,
    "pv_serial_nb": ["900000000009"],
}
CONTACT_SETTINGS: Final[dict[str, object]] = {"dry_contacts": [CONTACT]}
GENERATOR: Final[dict[str, object]] = {
    "admin_state": "close",
    "oper_state": "closed",
    "admin_mode": 2,
    "schedule": 1,
    "start_soc": 30,
    "stop_soc": -1,
    "exc_on": 0,
    "present": 1,
    "type": 1,
}
GEN_CONFIG: Final[dict[str, object]] = {
    "max_cont_gen_amps": 58.0,
    "min_gen_loading_perc": 5,
    "max_gen_efficiency_perc": 100,
    "name_plate_rating_wat": 14.0,
    "start_method": "Auto",
    "warm_up_mins": 4,
    "cool_down_mins": 6,
    "gen_type": "Standby",
    "model": "X14",
    "manufacturer": "Maker",
    "last_updated_by": "ITK",
    "generator_id": "900000000501",
    "charge_from_generator": True,
}
GEN_MODE: Final[dict[str, object]] = {"gen_cmd": "auto", "last_updated_by": "ITK"}
SAMPLES: Final[dict[str, object]] = {
    "/ivp/ensemble/inventory": INVENTORY,
    "/ivp/ensemble/power": POWER,
    "/ivp/ensemble/secctrl": SECCTRL,
    "/ivp/ensemble/relay": RELAY,
    "/ivp/ensemble/dry_contacts": DRY_CONTACTS,
    "/ivp/ss/dry_contact_settings": CONTACT_SETTINGS,
    "/ivp/ensemble/generator": GENERATOR,
    "/ivp/ss/gen_config": GEN_CONFIG,
    "/ivp/ss/gen_mode": GEN_MODE,
    "/admin/lib/tariff": TARIFF,
    "/inventory": UNITS,
    "/ivp/pdm/device_data": DEVICE_DATA,
    "/home": HOME,
    "/ivp/meters": METERS,
}


def body(value: object) -> bytes:
    """Return an answer as it comes over the wire."""
    return orjson.dumps(value)
