"""A full answer of the endpoints that aren't about batteries alone."""

from __future__ import annotations

from typing import Final

TARIFF: Final[dict[str, object]] = {
    "tariff": {
        "currency": {"code": "EUR"},
        "logger": "mylogger",
        "date": "1760000000",
        "storage_settings": {
            "mode": "self-consumption",
            "operation_mode_sub_type": "prioritize-energy",
            "reserved_soc": 20.0,
            "very_low_soc": 5,
            "charge_from_grid": True,
            "date": "1760000500",
            "opt_schedules": False,
        },
        "single_rate": {"rate": 0.25, "sell": 0.08},
        "seasons": [
            {
                "id": "summer",
                "start": "6/1",
                "days": [
                    {
                        "id": "weekdays",
                        "days": "Mon,Tue,Wed,Thu,Fri",
                        "must_charge_start": 0,
                        "periods": [
                            {"id": "day", "start": 480, "rate": 0.31},
                            {"id": "night", "start": 1320, "rate": 0.12},
                        ],
                    },
                    {
                        "id": "weekend",
                        "days": "Sat,Sun",
                        "periods": [{"id": "all", "start": 0, "rate": 0.2}],
                    },
                ],
                "tiers": [],
            },
            {
                "id": "winter",
                "start": "10/1",
                "days": [
                    {
                        "id": "all_days",
                        "days": "Mon,Tue,Wed,Thu,Fri,Sat,Sun",
                        "periods": [{"id": "flat", "start": 0, "rate": 0.4}],
                    }
                ],
            },
        ],
        "seasons_sell": [],
    },
    "schedule": {"opt_schedules": True, "reserved_soc": 99.0},
}
AC_BATTERY: Final[dict[str, object]] = {
    "part_num": "800-00002-r01",
    "installed": "1700000005",
    "serial_num": "900000000601",
    "device_status": ["envoy.global.ok"],
    "last_rpt_date": "1760000600",
    "admin_state": 2,
    "dev_type": 11,
    "img_load_date": "0",
    "img_pnum_running": "520-00092-r01-v02.13.02",
    "producing": True,
    "communicating": True,
    "provisioned": True,
    "operating": False,
    "sleep_enabled": True,
    "percentFull": 71,
    "maxCellTemp": 33,
    "sleep_min_soc": 25,
    "sleep_max_soc": 30,
    "charge_status": "discharging",
}
IQ_RELAY: Final[dict[str, object]] = {
    "part_num": "800-00598-r04",
    "installed": "1700000006",
    "serial_num": "900000000701",
    "device_status": ["envoy.global.ok"],
    "last_rpt_date": "1760000700",
    "admin_state": 1,
    "dev_type": 12,
    "communicating": True,
    "relay": "closed",
    "reason_code": 0,
    "reason": "ok",
    "line-count": 2,
    "line1-connected": True,
    "line2-connected": False,
    "line3-connected": False,
}
UNITS: Final[list[object]] = [
    {
        "type": "PCU",
        "devices": [
            {
                "serial_num": "900000000801",
                "admin_state": 2,
                "device_status": ["envoy.cond_flags.pcu_ctrl.dc-pwr-low"],
                "last_rpt_date": "1760000800",
                "producing": False,
                "communicating": False,
                "phase": "ph-a",
            },
            {"serial_num": "900000000802", "admin_state": 3, "installed": "0"},
        ],
    },
    {"type": "ACB", "devices": [AC_BATTERY]},
    {"type": "NSRB", "devices": [IQ_RELAY]},
    {"type": "ESUB", "devices": []},
]
DEVICE_DATA: Final[dict[str, object]] = {
    "1795162385": {
        "devName": "acb",
        "sn": "900000000601",
        "active": True,
        "modGone": False,
        "channels": [
            {
                "wattHours": {"today": 57134},
                "watts": {"now": 4, "max": 271},
                "lastReading": {
                    "endDate": 1760000600,
                    "duration": 900,
                    "joulesProduced": 0,
                    "joulesUsed": 9000,
                    "acVoltageINmV": 235152,
                    "acFrequencyINmHz": 49890,
                    "dcVoltageINmV": 22540,
                    "dcCurrentINmA": 64,
                    "channelTemp": 37,
                    "SOC": 72,
                    "SOH": 86,
                    "minCellTemp": 31,
                    "maxCellTemp": 33,
                },
                "lifetime": {"joulesProduced": 7200000, "joulesUsed": 9000000},
            }
        ],
    },
    "1811939601": {
        "devName": "nsrb",
        "sn": "900000000701",
        "active": True,
        "channels": [
            {
                "lastReading": {
                    "endDate": 1760000700,
                    "duration": 2711,
                    "temperature": 51,
                    "VrmsL1N": 235284,
                    "VrmsL2N": 5956,
                    "VrmsL3N": 0,
                    "freqInmHz": 50003,
                    "stateChngCnt": 3,
                },
                "lifetime": {},
            }
        ],
    },
    "deviceCount": 2,
    "deviceDataLimit": 50,
}
HOME: Final[dict[str, object]] = {
    "timezone": "Europe/Berlin",
    "network": {
        "web_comm": True,
        "ever_reported_to_enlighten": True,
        "last_enlighten_report_time": 1760000900,
        "primary_interface": "wlan0",
        "interfaces": [
            {
                "type": "cellular",
                "interface": "ppp0",
                "signal_strength": 31,
                "signal_strength_max": 31,
                "carrier": True,
            },
            {
                "type": "ethernet",
                "interface": "eth0",
                "signal_strength": 0,
                "signal_strength_max": 1,
                "carrier": False,
            },
            {
                "type": "wifi",
                "interface": "wlan0",
                "signal_strength": 4,
                "signal_strength_max": 5,
                "carrier": True,
                "configured": True,
                "status": "connected",
            },
        ],
    },
    "tariff": "time_of_use",
}
METERS: Final[list[object]] = [
    {
        "eid": 704643328,
        "state": "enabled",
        "measurementType": "production",
        "phaseMode": "three",
        "phaseCount": 3,
        "meteringStatus": "normal",
        "statusFlags": ["negative-production"],
    },
    {
        "eid": 704643584,
        "state": "enabled",
        "measurementType": "net-consumption",
        "phaseMode": "three",
        "phaseCount": 3,
        "meteringStatus": "check-wiring",
        "statusFlags": [],
    },
]
