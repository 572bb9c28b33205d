"""Why an entity of core shows something else than ours, or has none beside it.

A difference that isn't explained here makes the comparison fail, and so does a reason
that explains nothing any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core_counterparts import AC_BATTERIES, AC_BATTERY, GATEWAY, INVERTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why, and at which recordings; without any, wherever there is no other reason."""

    text: str
    sites: frozenset[str] = frozenset()
    is_of_phase: bool = False
    """Whether it is for the entities of single phases alone."""
    is_gap: bool = False
    """Whether it is us who miss something."""


def _everywhere(text: str) -> tuple[Reason, ...]:
    return (Reason(text=text),)


def _at(sites: str, text: str) -> Reason:
    return Reason(text=text, sites=frozenset(sites.split()))


_COPIED: Final = _at(
    "7.3.466_with_cts_3phase",
    "The recording was put together from two sites: its report (core) is not of its"
    " meters (ours).",
)
_LATER: Final = _at(
    "7.6.175_with_cts 7.6.185_with_cts_and_battery_3t 8.2.4345_with_device_data"
    " 8.2.4382_ACB 8.3.1598_collar 8.3.5167_3rd-pv 8.3.5169_ACB_inventory"
    " 8.3.5169_with_generator",
    "Core reads the report `/production.json`, ours the meters: of different moments.",
)
_SUMMED_UP: Final = _at(
    "8.3.5169_with_generator 8.3.5289_modGone",
    "Core shows what the gateway summed up minutes before. Ours is the meter, and the"
    " sum with what the meter has counted since.",
)
_IN_HOUSE: Final = _at(
    "8.1.41 8.2.4382_ACB 8.3.1598_collar 8.3.5167_3rd-pv",
    "The gateway's own consumption counts what a battery takes in, and leaves out what"
    " it gives. Ours is what the house uses.",
)
_IN_HOUSE_ENERGY: Final = _at(
    "8.2.127_with_3cts_and_battery_split 8.3.1598_collar", _IN_HOUSE.text
)
_TOO_MUCH: Final = _at(
    "8.2.127_with_3cts_and_battery_split",
    "The gateway's own consumption counts what a battery takes in. Ours doesn't, and is"
    " negative: the recording has a battery that takes in more than there is.",
)
_OWN_SUM: Final = _at(
    "7.6.175_with_cts 7.6.185_with_cts_and_battery_3t 8.2.4345_with_device_data"
    " 8.2.4382_ACB 8.3.5167_3rd-pv 8.3.5169_ACB_inventory 8.3.5169_with_generator",
    "The gateway's own counter isn't the balance of its meters. Ours is.",
)
_NO_PHASE: Final = Reason(
    text="With batteries but no storage CT, what the house uses of a phase isn't known."
    " Core shows it without the batteries.",
    sites=frozenset({"8.3.5167_3rd-pv"}),
    is_of_phase=True,
)
_FIRST_ZERO: Final = _at(
    "7.3.466_with_cts_3phase 8.3.1598_collar",
    "An unused phase. A counter that begins with zero may be a gateway that boots: it"
    " is shown after ten minutes.",
)
_OUR_MIDNIGHT: Final = Reason(
    text="The gateway's own sum is wrong or frozen here, or of another counter. Ours"
    " counts from Home Assistant's midnight, on the first day from its setup.",
)
_OUR_WEEK: Final = Reason(
    text="The gateway's own sum is wrong or frozen here, or of another counter. Ours is"
    " there after seven days of its own.",
)
_NOT_BY_PHASE: Final = Reason(
    text="Sums of days are of the site; a phase has its counter.", is_of_phase=True
)
_MEAN: Final = (
    _at(
        "8.3.5167_3rd-pv",
        "The gateway adds the voltages of three phases up, ours is their mean.",
    ),
)
_OF_THE_METER: Final = _everywhere(
    "Not per phase: it is the meter's, and the same on all its phases.",
)
_FACTOR: Final = _everywhere("A power factor outside of ±1 is *unknown*.")
_IQ_ALONE: Final = _at(
    "8.2.4382_ACB",
    "Core counts IQ Batteries alone, ours all storage, as core's `aggregated_…` do.",
)
_NO_BATTERY: Final = _at(
    "8.2.4345_with_device_data 8.3.5169_with_generator",
    "There is no battery: ours isn't created.",
)
_STALE: Final = _at(
    "8.2.4382_ACB",
    "The AC Batteries last reported 41 hours before. Ours takes no power from a report"
    " that is older than two hours.",
)
_AC_AMONG_INVERTERS: Final = _at(
    "8.2.4382_ACB",
    "These are AC Batteries, which the gateway lists among the inverters. With us they"
    " are devices of their own.",
)
_ALTERED: Final = _at(
    "8.3.5169_ACB_inventory",
    "One inverter has two serial numbers in this altered recording. Ours goes by the"
    " list of the inverters, core by their device data.",
)
_NOT_AN_INVERTER: Final = (_AC_AMONG_INVERTERS, _ALTERED)
_ONLY_ALTERED: Final = (_ALTERED,)

_SITE: Final = {
    "production": (_COPIED, _LATER, _SUMMED_UP),
    "lifetime_production": (_COPIED, _SUMMED_UP),
    "daily_production": (_NOT_BY_PHASE, _SUMMED_UP, _OUR_MIDNIGHT),
    "seven_days_production": (_NOT_BY_PHASE, _SUMMED_UP, _OUR_WEEK),
    "consumption": (_COPIED, _TOO_MUCH, _IN_HOUSE, _NO_PHASE, _LATER),
    "lifetime_consumption": (_COPIED, _IN_HOUSE_ENERGY, _NO_PHASE, _OWN_SUM),
    "daily_consumption": (_NOT_BY_PHASE, _OUR_MIDNIGHT),
    "seven_days_consumption": (_NOT_BY_PHASE, _OUR_WEEK),
    "balanced_net_consumption": (_COPIED, _LATER),
    "lifetime_balanced_net_consumption": _everywhere(
        "Import less export as one counter, which rises and falls. Ours are"
        " `grid_import_energy` and `grid_export_energy`, as the energy dashboard needs."
    ),
    "lifetime_net_consumption": (_FIRST_ZERO,),
    "production_ct_energy_delivered": (_FIRST_ZERO,),
}

_METERS: Final = {
    "voltage": _MEAN,
    "production_ct_voltage": _MEAN,
    "net_ct_powerfactor": _FACTOR,
    "storage_ct_powerfactor": _FACTOR,
    "backfeed_ct_frequency": _everywhere(
        "The gateway says 0 Hz, which is no frequency: not reported."
    ),
    "backfeed_ct_energy_delivered": (_FIRST_ZERO,),
    "backfeed_ct_energy_received": (_FIRST_ZERO,),
    **{
        f"{meter}_ct_{value}": _OF_THE_METER
        for meter in ("backfeed", "net_consumption", "production", "storage")
        for value in ("metering_status", "status_flags")
    },
}

_STORAGE: Final = {
    "battery_level": (_IQ_ALONE, _NO_BATTERY),
    "available_energy": (_IQ_ALONE, _NO_BATTERY),
    "max_capacity": (_IQ_ALONE, _NO_BATTERY),
    "reserve_energy": (_NO_BATTERY,),
    "reserve_soc": (_NO_BATTERY,),
    "acb_available_energy": (
        _at(
            "8.3.5169_ACB_inventory",
            "Core reads the report, ours `secctrl`; these differ by a watt-hour.",
        ),
    ),
}

EXPLANATIONS: Final[dict[str, dict[str, tuple[Reason, ...]]]] = {
    GATEWAY: {**_SITE, **_METERS, **_STORAGE},
    AC_BATTERIES: {
        "acb_battery_state": (_STALE,),
        "acb_power": (_STALE,),
    },
    AC_BATTERY: {
        "acb_battery_last_reported": _everywhere(
            "Three lists tell of a unit; ours is the newest report among them."
        ),
        "acb_battery_power": _everywhere(
            "Core shows the `lastReportWatts` of `/inventory`, which have no sign. Ours"
            " is the energy of the last report through its time: they took in 1 W each."
        ),
        "acb_battery_sleep_soc_target": _everywhere(
            "One text in core; ours are two numbers, `sleep_from` and `sleep_to`."
        ),
    },
    INVERTER: {
        "energy_produced": _everywhere(
            "No energy: the average power of the last report, divided by 3.6. Ours is"
            " `power`."
        ),
        "inverters": _NOT_AN_INVERTER,
        "last_reported": _NOT_AN_INVERTER,
        "max_reported": _NOT_AN_INVERTER,
        **dict.fromkeys(
            (
                "ac_current",
                "ac_frequency",
                "ac_voltage",
                "dc_current",
                "dc_voltage",
                "energy_today",
                "last_report_duration",
                "lifetime_energy",
                "temperature",
            ),
            _ONLY_ALTERED,
        ),
    },
}


def reason_for(kind: str, key: str, site: str, *, is_of_phase: bool) -> Reason | None:
    """Return why core's entity differs at a recording; None is unexplained."""
    reasons = [
        reason
        for reason in EXPLANATIONS.get(kind, {}).get(key, ())
        if not reason.sites or site in reason.sites
        if is_of_phase or not reason.is_of_phase
    ]
    return min(reasons, key=lambda r: (not r.is_of_phase, not r.sites), default=None)
