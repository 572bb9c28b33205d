"""What the equipment of recorded gateways has to show.

Worked out by hand from the recorded bytes: milliwatts and millivolts over 1000,
joules over 3600 000 for kWh, joules over the seconds of a report for W, Fahrenheit
less 32 over 1.8, epoch seconds as times. None: there is no such entity.
"""

from __future__ import annotations

from dataclasses import dataclass, field

type Values = dict[str, str | float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A recorded gateway."""

    gateway: Values
    """By key; only some of its entities are named."""
    equipment: Values = field(default_factory=dict)
    """All entities of all devices but gateway and inverters."""
    parents: dict[str, str] = field(default_factory=dict)
    """What the devices hang on that don't hang on the gateway."""
    seconds: float = 0
    """How long it takes until everything has been asked."""


def _iq_battery(
    name: str,
    *,
    percent: float,
    watts: float,
    state: str,
    degrees: float,
    warmest: float,
    reported: str,
    capacity: float = 5,
    signal: float | None = None,
) -> Values:
    values: Values = {
        "level": percent,
        "power": watts,
        "apparent_power": watts,
        "state": state,
        "available_energy": percent * capacity / 100,
        "capacity": capacity,
        "temperature": degrees,
        "cell_temperature": warmest,
        "last_reported": reported,
        "communicating": "on",
        "dc_switch": "on",
    }
    if signal is not None:
        values |= {"signal_2_4_ghz": signal, "signal_sub_ghz": signal}
    return {f"IQ Battery {name}.{key}": value for key, value in values.items()}


def _controller(degrees: float, reported: str, signal: float | None = None) -> Values:
    values: Values = {
        "temperature": degrees,
        "last_reported": reported,
        "communicating": "on",
        "grid_relay": "on",
    }
    if signal is not None:
        values |= {"signal_2_4_ghz": signal, "signal_sub_ghz": signal}
    return {f"IQ System Controller 1.{key}": value for key, value in values.items()}


def _ac_battery(
    name: str,
    *,
    percent: float,
    watts: float,
    health: float,
    taken: float,
    given: float,
    reported: str,
    dc: float,
    ac: float,
    frequency: float,
) -> Values:
    values: Values = {
        "level": percent,
        "power": watts,
        "charge_energy": taken / 3_600_000,
        "discharge_energy": given / 3_600_000,
        "state": "idle",
        "sleep_state": "awake",
        "sleep_from": 25,
        "sleep_to": 30,
        "temperature": 32,
        "state_of_health": health,
        "last_reported": reported,
        "dc_voltage": dc,
        "ac_voltage": ac,
        "ac_frequency": frequency,
        "communicating": "on",
        "operating": "on",
        "producing": "on",
    }
    return {f"AC Battery {name}.{key}": value for key, value in values.items()}


_TOGETHER = "AC Battery (aggregate) 1"

SITES: dict[str, Site] = {
    # No relay was recorded; the collar says ENCMN_MDE_ON_GRID.
    "8.3.1598_collar": Site(
        gateway={
            "battery_level": 89,
            "battery_available_energy": 8.9,
            "battery_reserve_energy": 10,
            "battery_capacity": 10,
            "battery_state_of_health": 100,
            "configured_reserve": 100,
            "battery_reserve": 100,
            "storage_mode": "backup",
            "follows_schedule": "off",
            "charges_from_grid": "off",
            "grid_state": "on_grid",
            "firmware": "D8.3.1598",
            "cloud_connection": "on",
            "last_cloud_report": "2025-07-20T01:23:13+00:00",
            "network_interface": "wifi",
            "signal_strength": 80,
            "production_problem": "off",
            "backfeed_problem": "off",
            "backfeed_power": -686.225,
            # 3.797 and 7014.684 Wh, all of it on the first phase.
            "backfeed_energy_delivered": 0.003797,
            "backfeed_energy_received": 7.014684,
            "backfeed_energy_received_l1": 7.014684,
            "backfeed_energy_received_l2": None,
            "production_energy_received": 0.015925,
            "production_energy_received_l2": 0.008056,
            "storage_energy_received": None,
            "evse_power": None,
            "evse_energy_delivered": None,
        },
        equipment={
            **_iq_battery(
                "1",
                percent=92,
                watts=-532,
                state="charging",
                degrees=32,
                warmest=33,
                reported="2025-07-20T01:23:30+00:00",
            ),
            **_iq_battery(
                "2",
                percent=86,
                watts=-552,
                state="charging",
                degrees=33,
                warmest=33,
                reported="2025-07-20T01:22:09+00:00",
            ),
            "IQ Meter Collar 1.temperature": 42,
            "IQ Meter Collar 1.last_reported": "2025-07-19T15:42:39+00:00",
            "IQ Meter Collar 1.communicating": "on",
            "IQ Meter Collar 1.grid_state": "on_grid",
            "IQ Meter Collar 1.admin_state": "on_grid",
            "IQ Meter Collar 1.control_error": 0,
            "IQ Meter Collar 1.grid_relay": "on",
            "IQ Combiner 1.communicating": "on",
            "IQ Combiner 1.last_reported": "2025-07-19T17:17:31+00:00",
            "IQ Combiner meter 1.device_state": 80,
        },
        parents={
            "IQ Battery 1": "IQ Meter Collar 1",
            "IQ Battery 2": "IQ Meter Collar 1",
            "IQ Combiner meter 1": "IQ Combiner 1",
        },
    ),
    # 1785593329 s. The batteries' kind is listed without a battery. Nobody
    # wrote down which of the contacts' NO1 and NO2 have a load: none.
    "8.3.5169_with_generator": Site(
        gateway={
            "battery_level": None,
            "battery_capacity": None,
            "configured_reserve": None,
            "storage_mode": None,
            "follows_schedule": None,
            "grid_state": "on_grid",
            "network_interface": "ethernet",
            "signal_strength": None,
            "export_price": 0.0202,
        },
        equipment={
            # 79 degrees Fahrenheit.
            **_controller(26.111, "2026-08-01T14:08:49+00:00", signal=5),
            "G007042-3, G007043-3 (22kW) 1.running": "off",
            "G007042-3, G007043-3 (22kW) 1.exercising": "off",
            "G007042-3, G007043-3 (22kW) 1.command": "on",
            "G007042-3, G007043-3 (22kW) 1.start_level": 30,
            "G007042-3, G007043-3 (22kW) 1.stop_level": 70,
            "G007042-3, G007043-3 (22kW) 1.rated_power": 22000,
            "Dry contact 1.state": "on",
            "Dry contact 2.state": "on",
        },
        parents={
            "G007042-3, G007043-3 (22kW) 1": "IQ System Controller 1",
            "Dry contact 1": "IQ System Controller 1",
            "Dry contact 2": "IQ System Controller 1",
        },
        seconds=1000,
    ),
    # 939 J and 938 J in 932 s; 3 600 000 J are a kWh. The batteries' reserve and
    # health are numbers of IQ Batteries, of which there is none.
    "8.3.5169_ACB_inventory": Site(
        gateway={
            "battery_level": 1,
            "battery_available_energy": 0.024,
            "battery_reserve_energy": None,
            "battery_capacity": 2.48,
            "battery_state_of_health": None,
            "storage_mode": "self_consumption",
            "follows_schedule": "off",
            "charges_from_grid": "on",
            "grid_state": None,
        },
        equipment={
            f"{_TOGETHER}.power": -1877 / 932,
            f"{_TOGETHER}.level": 1,
            f"{_TOGETHER}.available_energy": 0.024,
            f"{_TOGETHER}.state": "idle",
            f"{_TOGETHER}.sleep_state": "awake",
            f"{_TOGETHER}.charge_energy": 898_657_293 / 3_600_000,
            f"{_TOGETHER}.discharge_energy": 736_865_609 / 3_600_000,
            **_ac_battery(
                "1",
                percent=2,
                watts=-939 / 932,
                health=86,
                taken=257_766_067,
                given=211_982_428,
                reported="2026-06-20T21:30:08+00:00",
                dc=22.54,
                ac=235.152,
                frequency=49.89,
            ),
            **_ac_battery(
                "2",
                percent=0,
                watts=-938 / 932,
                health=90,
                taken=640_891_226,
                given=524_883_181,
                reported="2026-06-20T21:37:09+00:00",
                dc=21.042,
                ac=233.816,
                frequency=49.913,
            ),
        },
        parents={"AC Battery 1": f"{_TOGETHER}", "AC Battery 2": f"{_TOGETHER}"},
    ),
    # The AC Batteries reported 41 hours before: 260 W, discharging, of then. The
    # inventory has 10 % for a battery that is at 54 %; 1890 + 930 Wh of 7220.
    "8.2.4382_ACB": Site(
        gateway={
            "battery_level": 39,
            "battery_available_energy": 2.82,
            "battery_reserve_energy": 0,
            "battery_capacity": 7.22,
            "battery_state_of_health": 100,
            "follows_schedule": "on",
            "grid_state": None,
            "import_price": 0.2,
            "tariff_period": None,
            "export_price": None,
        },
        equipment={
            **_iq_battery(
                "1",
                percent=54,
                watts=105,
                state="discharging",
                degrees=11,
                warmest=11,
                capacity=3.5,
                reported="2024-11-20T08:53:43+00:00",
                signal=3,
            ),
            f"{_TOGETHER}.level": 25,
            f"{_TOGETHER}.available_energy": 0.93,
            "AC Battery 1.last_reported": "2024-11-20T07:59:37+00:00",
            "AC Battery 2.last_reported": "2024-11-20T07:59:37+00:00",
            "AC Battery 3.last_reported": "2024-11-20T08:00:07+00:00",
        },
        parents={f"AC Battery {number}": _TOGETHER for number in (1, 2, 3)},
    ),
    # Three of the contacts have nothing on them.
    "8.3.5167_3rd-pv": Site(
        gateway={
            "battery_level": 100,
            "battery_reserve_energy": 2,
            "battery_reserve": 20,
            "follows_schedule": "on",
            "grid_state": "on_grid",
            "import_price": None,
        },
        equipment={
            **_iq_battery(
                "1",
                percent=100,
                watts=16,
                state="discharging",
                degrees=28,
                warmest=28,
                reported="2025-07-28T11:50:01+00:00",
            ),
            **_iq_battery(
                "2",
                percent=100,
                watts=16,
                state="discharging",
                degrees=28,
                warmest=28,
                reported="2025-07-28T11:49:06+00:00",
            ),
            # 89 degrees Fahrenheit.
            **_controller(31.667, "2025-07-28T11:53:43+00:00"),
            "Dry contact 1.state": "on",
        },
        parents={
            "IQ Battery 1": "IQ System Controller 1",
            "IQ Battery 2": "IQ System Controller 1",
            "Dry contact 1": "IQ System Controller 1",
        },
    ),
    # Without /inventory nobody knows which lines are connected. A second relay
    # isn't active any more.
    "8.3.5289_modGone": Site(
        gateway={"cloud_connection": "off", "grid_state": None},
        equipment={
            "IQ Relay 1.temperature": 51,
            "IQ Relay 1.frequency": 50.003,
            "IQ Relay 1.changes": 1,
            "IQ Relay 1.last_reported": "2026-06-25T06:04:55+00:00",
        },
    ),
}
