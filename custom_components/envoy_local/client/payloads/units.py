"""`/inventory`: inverters, AC Batteries and IQ Relays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..exceptions import EnvoyResponseError
from ..models.storage import BatteryState
from ..models.units import (
    AcBattery,
    Relay,
    Unit,
    UnitInventory,
    UnitKind,
    UnitState,
)
from .choices import Choices
from .ensemble import switch_state
from .epochs import written_epoch
from .fields import (
    Row,
    decode_rows,
    flag,
    identifier,
    integer,
    number,
    rows,
    text,
    texts,
)

_INVENTORY: Final = "/inventory"
_MOST_LINES: Final = 3
_STATES: Final = {
    "1": UnitState.DISCOVERED,
    "2": UnitState.VERIFIED,
    "3": UnitState.DELETED,
}


def parse_units(body: bytes) -> UnitInventory:
    """Read the units by kind; kinds that we don't know are left out."""
    units: list[Unit] = []
    choices = Choices(_INVENTORY)
    groups = decode_rows(body, _INVENTORY)
    if groups and not any("type" in group for group in groups):
        raise EnvoyResponseError(f"{_INVENTORY} names no kind of unit")
    for group in groups:
        kind = choices.read(group, "type", UnitKind)
        if kind:
            found = (_unit(row, kind, choices) for row in rows(group.get("devices")))
            units.extend(unit for unit in found if unit)
    return UnitInventory(units=tuple(units), unknown=choices.unknown)


def _unit(row: Row, kind: UnitKind, choices: Choices) -> Unit | None:
    serial = identifier(row, "serial_num")
    if serial is None:
        return None
    common: dict[str, Any] = {
        "kind": kind,
        "serial": serial,
        "part_number": text(row, "part_num"),
        "firmware": text(row, "img_pnum_running"),
        "installed": written_epoch(row, "installed"),
        "last_reported": written_epoch(row, "last_rpt_date"),
        "state": _state(row, choices),
        "conditions": texts(row.get("device_status")),
        "is_producing": flag(row, "producing"),
        "is_communicating": flag(row, "communicating"),
        "is_provisioned": flag(row, "provisioned"),
        "is_operating": flag(row, "operating"),
        "phase": text(row, "phase"),
    }
    read = _READERS.get(kind)
    return read(row, common, choices) if read else Unit(**common)


def _ac_battery(row: Row, common: dict[str, Any], choices: Choices) -> AcBattery:
    return AcBattery(
        **common,
        level=number(row, "percentFull"),
        cell_temperature=number(row, "maxCellTemp"),
        charge_state=choices.read(row, "charge_status", BatteryState),
        sleep_enabled=flag(row, "sleep_enabled"),
        sleep_from=number(row, "sleep_min_soc"),
        sleep_to=number(row, "sleep_max_soc"),
    )


def _relay(row: Row, common: dict[str, Any], choices: Choices) -> Relay:
    count = min(max(integer(row, "line-count") or 0, 0), _MOST_LINES)
    return Relay(
        **common,
        relay=switch_state(row, "relay", choices),
        reason=text(row, "reason"),
        reason_code=integer(row, "reason_code"),
        lines=tuple(flag(row, f"line{n}-connected") for n in range(1, count + 1)),
    )


_READERS: Final[Mapping[UnitKind, Callable[[Row, dict[str, Any], Choices], Unit]]] = {
    UnitKind.AC_BATTERY: _ac_battery,
    UnitKind.RELAY: _relay,
}


def _state(row: Row, choices: Choices) -> UnitState | None:
    state = integer(row, "admin_state")
    if state is None:
        return None
    return choices.one(str(state), "admin_state", UnitState, also=_STATES)
