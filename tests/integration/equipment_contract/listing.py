"""Every entity of an entry with what it shows, and the list of them as a text."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from itertools import groupby
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import async_get_platforms

NOTHING: Final = "–"
_SMALL: Final = 10
_DIGITS: Final = {True: 5, False: 3}
"""Of numbers below and above 10, after the point: floats aren't exact far behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device, by what it is instead of by its serial number."""

    kind: str
    number: int
    """Among those of its kind, from 1."""
    hangs_on: str
    """The kind of what it hangs on; empty for the gateway."""
    serial: str = field(repr=False)
    """Not for the lists; empty where it has none of its own."""

    @property
    def name(self) -> str:
        """Its name in the lists."""
        return f"{self.kind} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An entity with what it shows."""

    device: Device
    platform: str
    key: str
    name: str
    unit: str
    device_class: str
    state_class: str
    category: str
    is_on: bool
    """Whether it is on without the user's doing."""
    value: str
    """As it is shown."""
    native: object
    """As it was measured; the unit may be another one than is shown."""
    native_unit: str
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The value, with the attributes that it has of its own."""
        told = "; ".join(f"{name}: {value}" for name, value in self.attributes.items())
        return f"{self.value} ({told})" if told else self.value


def entities(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    by_default: Mapping[str, bool],
    *,
    platforms: Container[str] = tuple(Platform),
) -> list[Listed]:
    """Return the entities of an entry, in the order of their devices and keys."""
    devices = _devices(hass, entry)
    objects = _objects(hass, entry)
    owners = _owners(hass, entry)
    found = []
    for known in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
        if known.domain not in platforms:
            continue
        state = hass.states.get(known.entity_id)
        if known.device_id is None or state is None:
            raise ValueError(f"{known.entity_id} has no device, or no state")
        shown = objects[known.entity_id]
        own = shown.extra_state_attributes or {}
        native = getattr(shown, "native_value", getattr(shown, "is_on", None))
        native_unit = getattr(shown, "native_unit_of_measurement", None)
        found.append(
            Listed(
                device=devices[known.device_id],
                platform=known.domain,
                key=_key(shown, owners),
                name=known.original_name or NOTHING,
                unit=str(state.attributes.get("unit_of_measurement", NOTHING)),
                device_class=str(known.original_device_class or NOTHING),
                state_class=str((known.capabilities or {}).get("state_class", NOTHING)),
                category=str(known.entity_category or NOTHING),
                is_on=by_default[known.unique_id],
                value=_value(state),
                native=native,
                native_unit=str(native_unit or NOTHING),
                attributes={name: as_text(value) for name, value in own.items()},
            )
        )
    return sorted(found, key=lambda e: (_place(e.device), e.platform, e.key))


def render(title: str, found: Iterable[Listed]) -> str:
    """Return the list as a text: devices of a kind side by side."""
    lines = [title, "=" * len(title)]
    for (_, kind), group in groupby(
        found, key=lambda e: (_place(e.device)[:2], e.device.kind)
    ):
        listed = list(group)
        devices = sorted({e.device for e in listed}, key=_place)
        where = sorted({d.hangs_on for d in devices} - {""})
        on = f", on: {', '.join(where)}" if where else ""
        lines += ["", f"[{kind}] {len(devices)}{on}", *_table(listed, devices)]
    return "\n".join(lines) + "\n"


def as_text(value: object) -> str:
    """Return a value as it stands in the lists."""
    if value is None:
        return NOTHING
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        digits = _DIGITS[abs(value) < _SMALL]
        return f"{round(value, digits) + 0.0:.{digits}f}".rstrip("0").rstrip(".")
    if isinstance(value, list | tuple):
        return " ".join(map(as_text, value)) or NOTHING
    return str(value)


def _value(state: State) -> str:
    try:
        return as_text(float(state.state))
    except ValueError:
        return state.state


def _key(shown: Entity, owners: Iterable[str]) -> str:
    """Return the key, which is what follows an owner's serial in the unique id.

    ValueError where it isn't. Core's first entity of an inverter has the bare serial.
    """
    key = shown.entity_description.key
    unique_id = str(shown.unique_id)
    if unique_id.removesuffix(f"_{key}") not in owners:
        raise ValueError(f"The unique id of {shown.entity_id} isn't made of its key")
    return key


def _devices(hass: HomeAssistant, entry: ConfigEntry[Any]) -> dict[str, Device]:
    registry = dr.async_get(hass)
    known = {
        d.id: d for d in dr.async_entries_for_config_entry(registry, entry.entry_id)
    }
    kinds = {id_: _kind(device) for id_, device in known.items()}
    found: dict[str, Device] = {}
    for kind in sorted(set(kinds.values())):
        alike = sorted(
            (id_ for id_ in known if kinds[id_] == kind),
            key=lambda id_: sorted(known[id_].identifiers),
        )
        for number, id_ in enumerate(alike, 1):
            via = known[id_].via_device_id
            on = kinds[via] if via else ""
            serial = known[id_].serial_number or ""
            found[id_] = Device(kind=kind, number=number, hangs_on=on, serial=serial)
    return found


def _owners(hass: HomeAssistant, entry: ConfigEntry[Any]) -> set[str]:
    """Return what unique ids can begin with."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return {serial for device in devices for _, serial in device.identifiers}


def _kind(device: dr.DeviceEntry) -> str:
    """Return what a device is. Its model, but an installer types in a generator's."""
    if any(serial.endswith("_generator") for _, serial in device.identifiers):
        return "Generator"
    return device.model or NOTHING


def _objects(hass: HomeAssistant, entry: ConfigEntry[Any]) -> dict[str, Entity]:
    return {
        entity_id: entity
        for platform in async_get_platforms(hass, entry.domain)
        if platform.config_entry is entry
        for entity_id, entity in platform.entities.items()
    }


def _place(device: Device) -> tuple[bool, str, int]:
    """Return where a device stands: the gateway first."""
    return bool(device.hangs_on), device.kind, device.number


def _table(listed: list[Listed], devices: list[Device]) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [_HEAD]
    for _, group in groupby(
        sorted(listed, key=lambda e: (e.platform, e.key)),
        key=lambda e: (e.platform, e.key),
    ):
        alike = list(group)
        shown = {e.device: e.shown for e in alike}
        values = " | ".join(shown.get(device, NOTHING) for device in devices)
        rows += [(*facts, values) for facts in sorted({_facts(e) for e in alike})]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEAD) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[-1]])


_HEAD: Final = (
    "platform",
    "key",
    "name",
    "unit",
    "class",
    "state class",
    "category",
    "on",
    "value",
)


def _facts(entity: Listed) -> tuple[str, ...]:
    return (
        entity.platform,
        entity.key,
        entity.name,
        entity.unit,
        entity.device_class,
        entity.state_class,
        entity.category,
        "on" if entity.is_on else "off",
    )
