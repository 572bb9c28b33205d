"""Which entity of ours shows what an entity of core shows."""

from __future__ import annotations

from itertools import product
from typing import Final

GATEWAY: Final = "Gateway"
BATTERY: Final = "IQ Battery"
CONTROLLER: Final = "IQ System Controller"
COLLAR: Final = "IQ Meter Collar"
COMBINER: Final = "IQ Combiner"
AC_BATTERIES: Final = "AC Battery (aggregate)"
AC_BATTERY: Final = "AC Battery"
INVERTER: Final = "Inverter"

KINDS: Final = {
    "Encharge": BATTERY,
    "Enpower": CONTROLLER,
    "IQ Meter Collar": COLLAR,
    "C6 COMBINER CONTROLLER": COMBINER,
    "ACB": AC_BATTERIES,
    "AC Battery": AC_BATTERY,
    "Inverter": INVERTER,
}
"""Core's models; what hangs on nothing is the gateway."""

_METERS: Final = {
    "backfeed": "backfeed",
    "evse": "evse",
    "load": "load",
    "net": "net_consumption",
    "production": "production",
    "pv3p": "pv3p",
    "storage": "storage",
    "total_consumption": "total_consumption",
}
"""Core's names of the meters, and ours."""

_OF_A_METER: Final = {
    "current": "current",
    "energy_delivered": "energy_delivered",
    "energy_received": "energy_received",
    "frequency": "frequency",
    "metering_status": "metering_status",
    "power": "power",
    "powerfactor": "power_factor",
    "status_flags": "problem",
    "voltage": "voltage",
}

_BY_RULE: Final = {
    f"{core}_ct_{core_value}": f"{ours}_{our_value}"
    for (core, ours), (core_value, our_value) in product(
        _METERS.items(), _OF_A_METER.items()
    )
}

METER_KEYS: Final = {
    **_BY_RULE,
    # Named before there was a rule, or a value of the whole site with us.
    "frequency": "net_consumption_frequency",
    "voltage": "net_consumption_voltage",
    "storage_voltage": "storage_voltage",
    "net_consumption_ct_metering_status": "net_consumption_metering_status",
    "net_consumption_ct_status_flags": "net_consumption_problem",
    "production_ct_energy_delivered": "production_energy",
    "production_ct_power": "production_power",
}
"""The values of a single meter."""

STORAGE_KEYS: Final = {
    "acb_available_energy": "available_energy",
    "aggregated_available_energy": "battery_available_energy",
    "aggregated_max_battery_capacity": "battery_capacity",
    "aggregated_soc": "battery_level",
    "available_energy": "battery_available_energy",
    "battery_discharge": "battery_power",
    "battery_level": "battery_level",
    "lifetime_battery_charged": "battery_charge_energy",
    "lifetime_battery_discharged": "battery_discharge_energy",
    "max_capacity": "battery_capacity",
    "reserve_energy": "battery_reserve_energy",
    "reserve_soc": "battery_reserve",
}
"""What all batteries have in common."""

_GATEWAY_KEYS: Final = {
    **METER_KEYS,
    **STORAGE_KEYS,
    "production": "production_power",
    "daily_production": "production_energy_today",
    "seven_days_production": "production_energy_7_days",
    "lifetime_production": "production_energy",
    "consumption": "consumption_power",
    "daily_consumption": "consumption_energy_today",
    "seven_days_consumption": "consumption_energy_7_days",
    "lifetime_consumption": "consumption_energy",
    "balanced_net_consumption": "grid_power",
    "net_consumption": "grid_power",
    "lifetime_net_consumption": "grid_import_energy",
    "lifetime_net_production": "grid_export_energy",
}

_SAME: Final = {
    key: key for key in ("communicating", "last_reported", "temperature", "grid_state")
}

COUNTERPARTS: Final = {
    GATEWAY: _GATEWAY_KEYS,
    BATTERY: {
        **_SAME,
        "apparent_power_mva": "apparent_power",
        "dc_switch": "dc_switch",
        "real_power_mw": "power",
        "soc": "level",
    },
    CONTROLLER: {**_SAME, "mains_oper_state": "grid_relay"},
    COLLAR: {**_SAME, "admin_state_str": "admin_state", "mid_state": "grid_relay"},
    COMBINER: _SAME,
    AC_BATTERIES: {
        "acb_aggregate_sleep_state": "sleep_state",
        "acb_battery_state": "state",
        "acb_power": "power",
        "acb_soc": "level",
    },
    AC_BATTERY: {
        "acb_battery_charge_status": "state",
        "acb_battery_last_reported": "last_reported",
        "acb_battery_power": "power",
        "acb_battery_sleep_soc_target": "sleep_from",
        "acb_battery_sleep_state": "sleep_state",
        "acb_battery_soc": "level",
        "acb_battery_temperature": "temperature",
        "communicating": "communicating",
        "operating": "operating",
        "producing": "producing",
    },
    INVERTER: {
        "inverters": "power",
        "ac_current": "ac_current",
        "ac_frequency": "ac_frequency",
        "ac_voltage": "ac_voltage",
        "dc_current": "dc_current",
        "dc_voltage": "dc_voltage",
        "energy_today": "energy_today",
        "last_report_duration": "last_report_duration",
        "last_reported": "last_reported",
        "lifetime_energy": "energy",
        "max_reported": "max_power",
        "temperature": "temperature",
    },
}

ON_ANOTHER_DEVICE: Final = {
    (GATEWAY, "acb_available_energy"): (AC_BATTERIES, "available_energy"),
}
"""Those that belong to another device with us."""
