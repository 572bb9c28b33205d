"""The schema `standard` leaves no number of a snapshot out without a reason."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.storage import EnsembleKind

from .filler import Filler
from .standard_lines import points

NOT_WRITTEN: Final = {
    "info.time": "`clock_offset` tells how far it is off",
    "*.eid": "names a row",
    "*.timestamp": "the point's time",
    "*.reading_time": "the point's time",
    "inverter*.last_reported": "the point's time",
    "device_data*.last_reported": "the point's time",
    "live*": "has points of its own, whenever it is new",
    "readings*": "`metered` joins them with their meters",
    "metered*.meter.phase_count": "`meters` has it",
    "inverter_reports(False).*": "`inverters` has the newer report",
    "inverter_reports(True).power": "this list has no sign for AC Batteries",
    "device_data.devices(pcu).*": "`inverters` has the newer report, and energies that"
    " the ledger has checked; an inverter takes nothing in",
    "device_data.devices(eim).*": "quarter hours of a meter that `metered` has",
    **{
        f"device_data.devices(nsrb).{name}": "a relay has none"
        for name in (
            "power",
            "max_power",
            "energy*",
            "dc_*",
            "ac_voltage",
            "ac_current",
            "report_duration",
        )
    },
    "device_data.devices(acb).ac_current": "an AC Battery doesn't tell it",
    "units.units(PCU).*": "read for AC Batteries and relays; `inverters` knows better",
    "units.units(ESUB).*": "what it is isn't known",
    "tariff.imports*": "`import_price` is the price of the moment",
    "tariff.exports*": "`export_price` is the price of the moment",
    **{
        f"inventory.devices({kind}).{name}": "batteries only"
        for kind in EnsembleKind
        if kind is not EnsembleKind.BATTERY
        for name in ("level", "capacity")
    },
}
"""Numbers of the snapshot without a field of their own, and why."""


def test_every_number_of_the_snapshot_is_written() -> None:
    filler = Filler()
    snapshot = filler.fill(GatewaySnapshot, "")
    written = {
        value
        for point in points(snapshot)
        for value in point.fields.values()
        if isinstance(value, float)
    }

    missing = {path for number, path in filler.paths.items() if number not in written}
    excused = {
        pattern: {path for path in missing if fnmatchcase(path, pattern)}
        for pattern in NOT_WRITTEN
    }

    assert missing - set().union(*excused.values()) == set()
    assert [pattern for pattern, paths in excused.items() if not paths] == []
    assert len(filler.paths) > 2 * len(missing)
