"""Each of core's entities with ours, and whether they show the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import math
import re
from typing import Final

from core_counterparts import (
    AC_BATTERIES,
    COUNTERPARTS,
    GATEWAY,
    KINDS,
    ON_ANOTHER_DEVICE,
)
from core_explanations import Reason, reason_for
from core_replay import Site

from tests.integration.equipment_contract.listing import (
    NOTHING,
    Device,
    Listed,
    as_text,
)

_PHASE: Final = re.compile(r"_l[123]$")
_SCALES: Final = {
    "MWh": (1e6, "Wh"),
    "kWh": (1e3, "Wh"),
    "mWh": (1e-3, "Wh"),
    "kW": (1e3, "W"),
}
_NEAR: Final = 1e-6
"""Relative."""
_WHOLE: Final = 0.9999
"""Core cuts some to whole watts and watt-hours."""
_AS_BINARY: Final = {"close": "on", "open": "off", "0": "off"}
"""What core shows as a text or a count, and we as on and off; other counts are on."""
_SINGLE: Final = {GATEWAY, AC_BATTERIES}
_EMPTY: Final = {"unknown", "unavailable", NOTHING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An entity of core at a recorded gateway, with ours."""

    site: str
    kind: str
    """The device's."""
    number: int
    """The device's, among those of its kind."""
    core: Listed
    ours: Listed | None

    @property
    def key(self) -> str:
        """Core's key, without the phase."""
        return _PHASE.sub("", self.core.key)

    @property
    def reason(self) -> Reason | None:
        """Why both differ; None where nobody has said so."""
        is_of_phase = self.key != self.core.key
        return reason_for(self.kind, self.key, self.site, is_of_phase=is_of_phase)

    @property
    def is_same(self) -> bool:
        """Whether both show the same."""
        return self.ours is not None and _is_same(self.core, self.ours)

    @property
    def is_empty(self) -> bool:
        """Whether core's shows nothing and ours isn't there."""
        return self.ours is None and self.core.value in _EMPTY

    @property
    def is_alike(self) -> bool:
        """Whether there is nothing to explain."""
        return self.is_same or self.is_empty


def kind_of(device: Device) -> str:
    """Return what a device of either integration is."""
    if not device.hangs_on:
        return GATEWAY
    return KINDS.get(device.kind, device.kind)


def counterpart(kind: str, key: str) -> tuple[str, str] | None:
    """Return the kind of our device and our key for one of core's keys."""
    base = _PHASE.sub("", key)
    if found := ON_ANOTHER_DEVICE.get((kind, base)):
        return found
    ours = COUNTERPARTS.get(kind, {}).get(base)
    return None if ours is None else (kind, ours + key.removeprefix(base))


def pairs(site: Site) -> Iterator[Pair]:
    """Yield core's entities of a site with ours."""
    ours = {
        (kind_of(e.device), _serial(kind_of(e.device), e), e.key): e for e in site.ours
    }
    for entity in site.core:
        kind = kind_of(entity.device)
        our_kind, key = counterpart(kind, entity.key) or (kind, "")
        yield Pair(
            site=site.name,
            kind=kind,
            number=entity.device.number,
            core=entity,
            ours=ours.get((our_kind, _serial(our_kind, entity), key)),
        )


def only_ours(sites: Iterable[Site]) -> dict[str, dict[str, set[str]]]:
    """Return what core has no entity for: device kind -> key -> sites."""
    found: dict[str, dict[str, set[str]]] = {}
    for site in sites:
        known = {id(pair.ours) for pair in pairs(site)}
        for entity in site.ours:
            if id(entity) not in known:
                of_kind = found.setdefault(kind_of(entity.device), {})
                of_kind.setdefault(_PHASE.sub("", entity.key), set()).add(site.name)
    return found


def shown(entity: Listed | None) -> str:
    """Return what is measured, in a unit that both have in common."""
    if entity is None:
        return NOTHING
    value, unit = _measured(entity)
    text = as_text(value) if entity.value not in _EMPTY else entity.value
    return text if unit == NOTHING else f"{text} {unit}"


def _serial(kind: str, entity: Listed) -> str:
    """Return what tells a device from others of its kind."""
    return "" if kind in _SINGLE else entity.device.serial


def _measured(entity: Listed) -> tuple[object, str]:
    """Return the value in Wh, W or °C, or as it is shown."""
    value, unit = entity.native, entity.native_unit
    if not isinstance(value, float | int) or isinstance(value, bool):
        return entity.value, unit
    if unit == "°F":
        return (value - 32) / 1.8, "°C"
    factor, common = _SCALES.get(unit, (1.0, unit))
    return value * factor, common


def _is_same(core: Listed, ours: Listed) -> bool:
    if core.value in _EMPTY or ours.value in _EMPTY:
        return core.value in _EMPTY and ours.value in _EMPTY
    if ours.platform != core.platform:
        return _AS_BINARY.get(core.value, "on") == ours.value
    (a, a_unit), (b, b_unit) = _measured(core), _measured(ours)
    if isinstance(a, float | int) and isinstance(b, float | int):
        whole = _WHOLE if float(a).is_integer() else 0.0
        return a_unit == b_unit and math.isclose(a, b, rel_tol=_NEAR, abs_tol=whole)
    return core.value == ours.value
