"""What a system controller switches: dry contacts and a generator."""

from __future__ import annotations

from .moment import Moment

type Row = dict[str, object]

_STARTS_AT = 30
_STOPS_AT = 70


def dry_contacts(moment: Moment) -> Row:
    """Return `/ivp/ensemble/dry_contacts`; it answers without a controller too."""
    equipment = moment.equipment
    live = bool(equipment.of("controller"))
    return {
        "dry_contacts": [
            {"id": name, "status": "closed" if live and contact.closed else "open"}
            for name, contact in equipment.contacts.items()
        ]
    }


def dry_contact_settings(moment: Moment) -> Row:
    """Return `/ivp/ss/dry_contact_settings`."""
    return {
        "dry_contacts": [
            {"id": name} | contact.settings
            for name, contact in moment.equipment.contacts.items()
        ]
    }


def generator(moment: Moment) -> Row:
    """Return `/ivp/ensemble/generator`: 7.x calls it present where there is none."""
    equipment, old = moment.equipment, moment.firmware < (8,)
    if equipment.generator:
        relay = "closed" if equipment.grid_state == "generator" else "open"
        return {
            "admin_state": relay,
            "oper_state": relay,
            "admin_mode": 2,
            "schedule": 1,
            "start_soc": _STARTS_AT,
            "stop_soc": _STOPS_AT,
            "exc_on": 0,
            "present": 1,
            "type": 1,
        }
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


def generator_config(moment: Moment) -> Row:
    """Return `/ivp/ss/gen_config`; the rating is in kW despite its name."""
    if not moment.equipment.generator:
        return {}
    return {
        "max_cont_gen_amps": 50.0,
        "min_gen_loading_perc": 5,
        "max_gen_efficiency_perc": 100,
        "name_plate_rating_wat": 18.0,
        "start_method": "auto",
        "warm_up_mins": 4,
        "cool_down_mins": 6,
        "gen_type": "Standby",
        "model": "PG-18",
        "manufacturer": "Pretend Power",
        "last_updated_by": "ITK",
        "generator_id": "7700000001",
        "charge_from_generator": True,
    }


def generator_mode(moment: Moment) -> Row | None:
    """Return `/ivp/ss/gen_mode`; None without a generator."""
    equipment = moment.equipment
    if not equipment.generator:
        return None
    return {"gen_cmd": equipment.generator_command, "last_updated_by": "ITK"}


def generator_schedule(moment: Moment) -> Row:
    """Return `/ivp/ss/gen_schedule`, without the hours of the year."""
    if not moment.equipment.generator:
        return {}
    return {
        "exercise_config": {
            "freq_in_weeks": 2,
            "start": 600,
            "duration": 15,
            "day": "Sat",
        },
        "default_soc": {"start_soc": _STARTS_AT, "stop_soc": _STOPS_AT},
        "schedule": {"default": []},
        "last_updated_by": "ITK",
    }
