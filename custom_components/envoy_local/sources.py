"""Where each kind of entity finds its data, and the device it belongs to."""

from __future__ import annotations

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.device_registry import DeviceInfo

from .client.models.inverters import Inverter
from .client.models.meters import MeteredPoint, MeterKind, PhaseReading
from .client.models.snapshot import GatewaySnapshot
from .client.models.totals import Section, Sections, Totals
from .compat import child_device_info
from .const import DOMAIN, MANUFACTURER
from .coordinator import EnvoyConfigEntry
from .entity import Source

_READINGS: Final[Sections] = frozenset({Section.READINGS})
_STORAGE: Final[Sections] = frozenset({Section.STORAGE})
_INVERTERS: Final[Sections] = frozenset({Section.INVERTER_REPORTS, Section.DEVICE_DATA})
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
        device_info=gateway_device_info(entry),
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
        device_info=gateway_device_info(entry),
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
        device_info=gateway_device_info(entry),
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
        device_info=gateway_device_info(entry),
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
        device_info=gateway_device_info(entry),
        pick=pick,
        sections=lambda _: _READINGS,
        follows=_READINGS,
        phase=phase,
    )


def storage_source(entry: EnvoyConfigEntry) -> Source[GatewaySnapshot]:
    """Return the source of what the batteries have in common."""
    return Source(
        serial=entry.runtime_data.snapshot.info.serial,
        device_info=gateway_device_info(entry),
        pick=lambda snapshot: snapshot if snapshot.has_storage else None,
        sections=lambda _: _STORAGE,
        follows=_STORAGE,
    )


def inverter_source(
    hass: HomeAssistant, entry: EnvoyConfigEntry, serial: str
) -> Source[Inverter]:
    """Return the source of an inverter's sensors; it hangs on the gateway."""
    gateway = entry.runtime_data.snapshot.info.serial
    info = child_device_info(
        hass,
        entry,
        gateway,
        identifiers={(DOMAIN, serial)},
        manufacturer=MANUFACTURER,
        model="Inverter",
        name=f"Inverter {serial}",
        serial_number=serial,
    )
    return Source(
        serial=serial,
        device_info=info,
        pick=lambda snapshot: snapshot.inverters.get(serial),
        sections=_inverter_sections,
        follows=_INVERTERS,
    )


def _nothing(_: GatewaySnapshot) -> Sections:
    """Leave it to the single value what it depends on."""
    return frozenset()


def _inverter_sections(snapshot: GatewaySnapshot) -> Sections:
    """Count on the reports; on the device data alone where they are all there is."""
    if snapshot.inverter_reports:
        return frozenset({Section.INVERTER_REPORTS})
    return frozenset({Section.DEVICE_DATA})
