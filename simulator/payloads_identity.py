"""Who the gateway is and where: `/info`, `/home` and the tariff."""

from __future__ import annotations

from datetime import UTC, datetime

from .moment import Moment

type Row = dict[str, object]


def info(moment: Moment) -> bytes:
    """Return `/info`, XML."""
    scenario = moment.scenario
    metered = "true" if scenario.metering else "false"
    tokens = "  <web-tokens>true</web-tokens>\n" if moment.firmware >= (7,) else ""
    version = ".".join(f"{part:02d}" for part in moment.firmware)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<envoy_info>\n"
        f"  <time>{moment.epoch}</time>\n"
        "  <device>\n"
        f"    <sn>{moment.serial}</sn>\n"
        f"    <pn>{scenario.part_number}</pn>\n"
        f"    <software>{scenario.firmware}</software>\n"
        "    <euaid>4c8675</euaid>\n"
        "    <seqnum>0</seqnum>\n"
        "    <apiver>1</apiver>\n"
        f"    <imeter>{metered}</imeter>\n"
        "  </device>\n"
        f"{tokens}"
        '  <package name="rootfs">\n'
        "    <pn>500-00001-r01</pn>\n"
        "    <version>02.00.00</version>\n"
        "    <build>1211</build>\n"
        "  </package>\n"
        '  <package name="app">\n'
        "    <pn>500-00002-r01</pn>\n"
        f"    <version>{version}</version>\n"
        "    <build>d123b2</build>\n"
        "  </package>\n"
        "  <build_info>\n"
        "    <build_id>release-prod</build_id>\n"
        "    <build_time_gmt>1709200000</build_time_gmt>\n"
        "    <release_stage>700-GA</release_stage>\n"
        "    <release_ver>02.00.1514</release_ver>\n"
        "  </build_info>\n"
        "</envoy_info>\n"
    ).encode()


def home(moment: Moment) -> Row:
    """Return `/home`: clock, network and how the devices are heard."""
    local = datetime.fromtimestamp(moment.at, tz=UTC).astimezone(moment.plant.zone)
    heard = {"num": len(moment.inverters.present), "level": 5}
    storage = moment.scenario.storage
    batteries = storage.count if storage else 0
    return {
        "software_build_epoch": 1709200000,
        "timezone": str(moment.plant.zone),
        "current_date": f"{local:%m/%d/%Y}",
        "current_time": f"{local:%H:%M}",
        "network": _network(moment),
        "tariff": "time_to_use",
        "comm": {
            **heard,
            "pcu": heard,
            "acb": {"num": 0, "level": 0},
            "nsrb": {"num": 0, "level": 0},
            "esub": {"num": 1 if batteries else 0, "level": 5 if batteries else 0},
            "encharge": [
                {"num": batteries, "level": 0, "level_24g": 0, "level_subg": 0}
            ],
        },
        "wireless_connection": [
            {
                "signal_strength": 0,
                "signal_strength_max": 0,
                "type": kind,
                "connected": False,
            }
            for kind in ("zigbee", "subghz")
        ],
    }


def tariff(moment: Moment) -> Row:
    """Return `/admin/lib/tariff`: one season, dearer in the evening."""
    storage = moment.scenario.storage
    periods = [
        {"id": "filler", "start": 0, "rate": 0.21},
        {"id": "peak-1", "start": 960, "rate": 0.38},
        {"id": "filler", "start": 1260, "rate": 0.21},
    ]
    day = {
        "id": "all_days",
        "days": "Mon,Tue,Wed,Thu,Fri,Sat,Sun",
        "must_charge_start": 0,
        "must_charge_duration": 0,
        "must_charge_mode": "CG",
        "peak_rule": "DL",
        "enable_discharge_to_grid": False,
        "periods": periods,
    }
    season = {"id": "all_year_long", "start": "1/1", "days": [day], "tiers": []}
    reserve = storage.reserve * 100 if storage else 30.0
    settings = {
        "mode": "self-consumption",
        "operation_mode_sub_type": "",
        "reserved_soc": reserve,
        "very_low_soc": 5,
        "charge_from_grid": False,
        "date": "1709280000",
        "opt_schedules": False,
    }
    return {
        "tariff": {
            "currency": {"code": moment.scenario.currency},
            "logger": "mylogger",
            "date": "1709280000",
            "storage_settings": settings,
            "single_rate": {"rate": 0.21, "sell": 0.07},
            "seasons": [season],
            "seasons_sell": [],
        },
        "schedule": {
            "filename": "Tariff",
            "source": "Tariff",
            "date": "2024-03-01 08:00:00 UTC",
            "version": "00.00.02",
            "reserved_soc": reserve,
            "very_low_soc": 5,
            "charge_from_grid": False,
            "batt_mode": "self-consumption",
            "battery_mode": "self-consumption",
            "operation_mode_sub_type": "",
            "opt_schedules": False,
            "override": False,
            "override_backup_soc": 30.0,
            "override_chg_dischg_rate": 0.0,
            "override_tou_mode": "StorageTouMode_DEFAULT_TOU_MODE",
            "schedule": {},
        },
    }


def _network(moment: Moment) -> Row:
    return {
        "web_comm": True,
        "ever_reported_to_enlighten": True,
        "last_enlighten_report_time": moment.quarter.epoch,
        "primary_interface": "eth0",
        "interfaces": [
            {
                "type": "ethernet",
                "interface": "eth0",
                "mac": "00:1D:C0:00:00:01",
                "dhcp": True,
                "ip": "192.0.2.4",
                "signal_strength": 1,
                "signal_strength_max": 1,
                "carrier": True,
            },
            {
                "signal_strength": 0,
                "signal_strength_max": 0,
                "type": "wifi",
                "interface": "wlan0",
                "mac": "00:1D:C0:00:00:02",
                "dhcp": True,
                "ip": None,
                "carrier": False,
                "supported": True,
                "present": True,
                "configured": False,
                "status": "connecting",
            },
        ],
    }
