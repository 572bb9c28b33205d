"""Where each kind of entity finds its data, and the device it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo

from .client.models.gateway import GatewayHome, GatewayInfo
from .client.models.meters import Meter, MeteredPoint, MeterKind, PhaseReading
from .client.models.snapshot import GatewaySnapshot
from .client.models.tariff import StorageSettings
from .client.models.totals import Section, Sections, Totals
from .const import DOMAIN, MANUFACTURER
from .coordinator import EnvoyConfigEntry
from .entity import Source
from .tariff_clock import CurrentPrice

_READINGS: Final[Sections] = frozenset({Section.READINGS})
_STORAGE: Final[Sections] = frozenset({Section.STORAGE})
_TARIFF: Final[Sections] = frozenset({Section.TARIFF})
_GRID: Final[Sections] = frozenset(
    {Section.RELAY, Section.INVENTORY, Section.GENERATOR, Section.GENERATOR_CONFIG}
)
_INFO: Final[Sections] = frozenset({Section.INFO})
_HOME: Final[Sections] = frozenset({Section.HOME})
_METERS: Final[Sections] = frozenset({Section.METERS})
_TOTALS: Final[Sections] = frozenset(
    {Section.READINGS, Section.REPORT, Section.INVERTER_REPORTS, Section.DEVICE_DATA}
)
"""Which of these the totals come from differs from site to site."""


@callback
def gateway_device_info(entry: EnvoyConfigEntry) -> DeviceInfo:
    """Describe the gateway. No MAC: core's integration would share the device."""
    data = entry.runtime_data
    info = data.snapshot.info
    return DeviceInfo(
        identifiers={(DOMAIN, info.serial)},
        manufacturer=MANUFACTURER,
        model="IQ Gateway" if info.firmware.needs_token else "Envoy",
        model_id=info.part_number,
        name=f"Envoy {info.serial}",
        serial_number=info.serial,
        sw_version=str(info.firmware),
        configuration_url=str(data.session.transport.address.url("/")),
    )


def site_source(entry: EnvoyConfigEntry, *, is_live: bool = False) -> Source[Totals]:
    """Return the source of the site's balance, as it was read or as it is by now."""
    return Source(
        serial=entry.runtime_data.snapshot.info.serial,
        device_info=lambda: gateway_device_info(entry),
        pick=lambda snapshot: snapshot.now if is_live else snapshot.totals,
        sections=_nothing,
        follows=_TOTALS,
        is_live=is_live,
    )


def phase_source(
    entry: EnvoyConfigEntry, phase: int, *, is_live: bool = False
) -> Source[Totals]:
    """Return the source of a phase's balance, as it was read or as it is by now."""

    def pick(snapshot: GatewaySnapshot) -> Totals | None:
        phases = snapshot.phases_now if is_live else snapshot.phases
        return phases[phase - 1] if phase <= len(phases) else None

    return Source(
        serial=entry.runtime_data.snapshot.info.serial,
        device_info=lambda: gateway_device_info(entry),
        pick=pick,
        sections=lambda _: _READINGS,
        follows=_READINGS,
        phase=phase,
        is_live=is_live,
    )


def meter_source(entry: EnvoyConfigEntry, kind: MeterKind) -> Source[MeteredPoint]:
    """Return the source of a meter's sensors."""
    return Source(
        serial=entry.runtime_data.snapshot.info.serial,
        device_info=lambda: gateway_device_info(entry),
        pick=lambda snapshot: snapshot.metered.get(kind),
        sections=lambda _: _READINGS,
        follows=_READINGS,
    )


def reading_source(entry: EnvoyConfigEntry, kind: MeterKind) -> Source[PhaseReading]:
    """Return the source of what a meter reads on all its phases together."""

    def pick(snapshot: GatewaySnapshot) -> PhaseReading | None:
        point = snapshot.metered.get(kind)
        return point.reading if point else None

    return Source(
        serial=entry.runtime_data.snapshot.info.serial,
        device_info=lambda: gateway_device_info(entry),
        pick=pick,
        sections=lambda _: _READINGS,
        follows=_READINGS,
    )


def meter_phase_source(
    entry: EnvoyConfigEntry, kind: MeterKind, phase: int
) -> Source[PhaseReading]:
    """Return the source of the sensors of one phase of a meter."""

    def pick(snapshot: GatewaySnapshot) -> PhaseReading | None:
        point = snapshot.metered.get(kind)
        phases = point.phases if point else ()
        return phases[phase - 1] if phase <= len(phases) else None

    return Source(
        serial=entry.runtime_data.snapshot.info.serial,
        device_info=lambda: gateway_device_info(entry),
        pick=pick,
        sections=lambda _: _READINGS,
        follows=_READINGS,
        phase=phase,
    )


def storage_source(entry: EnvoyConfigEntry) -> Source[GatewaySnapshot]:
    """Return the source of what the batteries have in common."""
    return Source(
        serial=entry.runtime_data.snapshot.info.serial,
        device_info=lambda: gateway_device_info(entry),
        pick=lambda snapshot: snapshot if snapshot.has_storage else None,
        sections=lambda _: _STORAGE,
        follows=_STORAGE,
    )


def storage_settings_source(entry: EnvoyConfigEntry) -> Source[StorageSettings]:
    """Return the source of how batteries are used; it is told without any, too."""

    def pick(snapshot: GatewaySnapshot) -> StorageSettings | None:
        tariff = snapshot.tariff if snapshot.has_storage else None
        return tariff.storage if tariff else None

    return _of_gateway(entry, pick, _TARIFF)


def grid_source(entry: EnvoyConfigEntry) -> Source[GatewaySnapshot]:
    """Return the source of how a site stands to the grid that can be cut off it."""
    source = _of_gateway(entry, _with_grid_switch, _GRID)
    return replace(source, sections=lambda snapshot: snapshot.grid_sections)


def gateway_source(entry: EnvoyConfigEntry) -> Source[GatewayInfo]:
    """Return the source of what a gateway is."""
    return _of_gateway(entry, lambda snapshot: snapshot.info, _INFO)


def home_source(entry: EnvoyConfigEntry) -> Source[GatewayHome]:
    """Return the source of the gateway's network, read once a day."""
    return _of_gateway(entry, lambda snapshot: snapshot.home, _HOME)


def token_source(entry: EnvoyConfigEntry) -> Source[int]:
    """Return the source of the token's expiry; the gateway has no part in it."""

    def pick(_: GatewaySnapshot) -> int | None:
        token = entry.runtime_data.session.token
        return token.expires_at if token else None

    return replace(_of_gateway(entry, pick, _INFO | _METERS), sections=_nothing)


def meter_setup_source(entry: EnvoyConfigEntry, kind: MeterKind) -> Source[Meter]:
    """Return the source of how a meter is set up, and of what is wrong with it."""

    def pick(snapshot: GatewaySnapshot) -> Meter | None:
        enabled = (m for m in snapshot.meters or () if m.is_enabled)
        return next((meter for meter in enabled if meter.kind is kind), None)

    return _of_gateway(entry, pick, _METERS)


def price_source(
    entry: EnvoyConfigEntry, pick: Callable[[GatewaySnapshot], CurrentPrice | None]
) -> Source[CurrentPrice]:
    """Return the source of a price; the zone that it goes by is the home page's."""
    source = _of_gateway(entry, pick, _TARIFF)
    return replace(source, follows=_TARIFF | _HOME)


def _of_gateway[DataT](
    entry: EnvoyConfigEntry,
    pick: Callable[[GatewaySnapshot], DataT | None],
    sections: Sections,
) -> Source[DataT]:
    """Return a source on the gateway's own device that is always from there."""
    return Source(
        serial=entry.runtime_data.snapshot.info.serial,
        device_info=lambda: gateway_device_info(entry),
        pick=pick,
        sections=lambda _: sections,
        follows=sections,
    )


def _with_grid_switch(snapshot: GatewaySnapshot) -> GatewaySnapshot | None:
    return snapshot if snapshot.has_grid_switch else None


def _nothing(_: GatewaySnapshot) -> Sections:
    """Leave it to the single value what it depends on."""
    return frozenset()
