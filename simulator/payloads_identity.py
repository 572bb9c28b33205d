"""Who the gateway is and where: `/info` and `/home`."""

from __future__ import annotations

from datetime import UTC, datetime

from .equipment import Network
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
    equipment = moment.equipment
    batteries = len(equipment.of("battery"))
    subs = 1 if equipment.has_ensemble else 0
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
            "acb": _heard(len(equipment.of("ac_battery")), 4),
            "nsrb": _heard(len(equipment.of("relay")), 5),
            "esub": _heard(subs, 5),
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


def _heard(count: int, level: int) -> Row:
    return {"num": count, "level": level if count else 0}


def _network(moment: Moment) -> Row:
    network = moment.equipment.network
    names = {"ethernet": "eth0", "wifi": "wlan0", "cellular": "ppp0"}
    cable, wireless = _ethernet(network), _wifi(network)
    modem = [_cellular(network)] if network.primary == "cellular" else []
    return {
        "web_comm": network.reaches_cloud,
        "ever_reported_to_enlighten": True,
        "last_enlighten_report_time": moment.quarter.epoch,
        "primary_interface": names[network.primary],
        "interfaces": [*modem, cable, wireless],
    }


def _ethernet(network: Network) -> Row:
    plugged = network.primary == "ethernet"
    return {
        "type": "ethernet",
        "interface": "eth0",
        "mac": "00:1D:C0:00:00:01",
        "dhcp": True,
        # Without a cable it gives itself an address.
        "ip": "192.0.2.4" if plugged else "169.254.120.1",
        "signal_strength": 1 if plugged else 0,
        "signal_strength_max": 1,
        "carrier": plugged,
    }


def _wifi(network: Network) -> Row:
    used = network.primary == "wifi"
    return {
        "signal_strength": network.strength if used else 0,
        "signal_strength_max": 5 if used else 0,
        "type": "wifi",
        "interface": "wlan0",
        "mac": "00:1D:C0:00:00:02",
        "dhcp": True,
        "ip": "192.0.2.5" if used else None,
        "carrier": used,
        "supported": True,
        "present": True,
        "configured": used,
        "status": "connected" if used else "connecting",
    }


def _cellular(network: Network) -> Row:
    return {
        "signal_strength": network.strength,
        "signal_strength_max": 31,
        "network": True,
        "type": "cellular",
        "interface": "ppp0",
        "dhcp": True,
        "ip": "198.51.100.7",
        "carrier": True,
    }
