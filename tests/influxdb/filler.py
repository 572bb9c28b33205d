"""A snapshot in which every number is there, and unlike all the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import EnumType
from itertools import count
from types import NoneType
from typing import Any, Final, get_args, get_origin, get_type_hints

from custom_components.envoy_local.client.models.dry_contacts import (
    ContactKind,
    DryContactSettings,
)
from custom_components.envoy_local.client.models.inverters import (
    DeviceKind,
    DeviceReport,
    InverterReport,
)
from custom_components.envoy_local.client.models.meters import Meter, MeterKind
from custom_components.envoy_local.client.models.storage import (
    Battery,
    Collar,
    CombinerController,
    EnsembleDevice,
    EnsembleKind,
    RevenueGradeMeter,
    SystemController,
)
from custom_components.envoy_local.client.models.totals import Section
from custom_components.envoy_local.client.models.units import (
    AcBattery,
    AcBatteryReport,
    Relay,
    RelayReport,
    Unit,
    UnitKind,
)

from ..client.sites import NOON

_FIXED: Final[dict[str, object]] = {
    "read_at": dict.fromkeys(Section, float(NOON)),
    "gateway_time": float(NOON),
    "lost": frozenset(),
    "sections": frozenset({Section.READINGS}),
}
_KINDS: Final[dict[type, tuple[str, tuple[tuple[type, object], ...]]]] = {
    Meter: ("kind", tuple((Meter, kind) for kind in MeterKind)),
    DeviceReport: (
        "kind",
        (
            (DeviceReport, DeviceKind.INVERTER),
            (AcBatteryReport, DeviceKind.AC_BATTERY),
            (DeviceReport, DeviceKind.METER),
            (RelayReport, DeviceKind.RELAY),
        ),
    ),
    EnsembleDevice: (
        "kind",
        (
            (Battery, EnsembleKind.BATTERY),
            (SystemController, EnsembleKind.SYSTEM_CONTROLLER),
            (Collar, EnsembleKind.COLLAR),
            (CombinerController, EnsembleKind.COMBINER_CONTROLLER),
            (RevenueGradeMeter, EnsembleKind.RGM),
        ),
    ),
    Unit: (
        "kind",
        (
            (Unit, UnitKind.INVERTER),
            (AcBattery, UnitKind.AC_BATTERY),
            (Relay, UnitKind.RELAY),
            (Unit, UnitKind.ESUB),
        ),
    ),
    DryContactSettings: ("kind", ((DryContactSettings, ContactKind.LOAD),)),
    InverterReport: (
        "is_ac_battery",
        ((InverterReport, False), (InverterReport, True)),
    ),
}
"""The field that tells the kinds of a model apart, and what each of them is."""


class Filler:
    """Fills models by the types of their fields, and notes where each number went."""

    def __init__(self) -> None:
        self.paths: dict[float, str] = {}
        self._numbers = count(10_000)

    def fill(self, hint: Any, path: str = "", **known: object) -> Any:
        """Return something of this type."""
        if is_dataclass(hint):
            return self._record(hint, path, known)
        if isinstance(hint, EnumType):
            return next(iter(hint))
        if hint in {int, float}:
            return self._number(path)
        if hint in {bool, str}:
            return {bool: True, str: "1"}[hint]
        return self._container(hint, path)

    def _number(self, path: str) -> int:
        number = next(self._numbers)
        self.paths[number] = path
        return number

    def _container(self, hint: Any, path: str) -> Any:
        arguments = get_args(hint)
        if get_origin(hint) is tuple and arguments[-1] is not Ellipsis:
            return tuple(
                self.fill(each, f"{path}[{n}]") for n, each in enumerate(arguments)
            )
        if get_origin(hint) in {tuple, frozenset}:
            return get_origin(hint)(self._one_of_each(arguments[0], path))
        if get_origin(hint) is Mapping:
            key, value = arguments
            keys = list(key) if isinstance(key, EnumType) else ["1"]
            return {key: self.fill(value, f"{path}({key})") for key in keys}
        (only,) = (each for each in arguments if each is not NoneType)
        return self.fill(only, path)

    def _record(self, hint: Any, path: str, known: dict[str, object]) -> Any:
        hints, given = get_type_hints(hint), {**_FIXED, **known}
        names = [each.name for each in fields(hint)]
        unknown = {
            name: self.fill(hints[name], f"{path}.{name}".strip("."))
            for name in names
            if name not in given
        }
        return hint(**{name: given.get(name, unknown.get(name)) for name in names})

    def _one_of_each(self, hint: Any, path: str) -> Iterator[Any]:
        name, kinds = _KINDS.get(hint, ("", ()))
        for kind, value in kinds:
            yield self.fill(kind, f"{path}({value})", **{name: value})
        if not kinds:
            yield self.fill(hint, path)
