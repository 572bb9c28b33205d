"""What is asked of the gateway: which paths, how often, and where they are needed.

Native endpoints answer in 0.02 to 0.4 s. `/production.json`, `/inventory` and
`/home` come from one slow Ruby process (0.7 to 55 s): they are asked only for
what nothing native knows. `/ivp/pdm/device_data` is native but hangs for 30 to
85 s around 23:00 every night.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .models.meters import MeterKind
from .models.snapshot import GatewaySnapshot
from .models.storage import Collar
from .models.totals import Section
from .payloads.dry_contacts import parse_dry_contact_settings, parse_dry_contacts
from .payloads.ensemble import (
    parse_battery_power,
    parse_inventory,
    parse_storage_summary,
)
from .payloads.generator import (
    parse_generator,
    parse_generator_config,
    parse_generator_mode,
)
from .payloads.home import parse_home
from .payloads.info import parse_info
from .payloads.inverters import parse_device_data, parse_inverters
from .payloads.meters import parse_meters, parse_readings
from .payloads.production import (
    parse_production,
    parse_production_page,
    parse_v1_production,
)
from .payloads.relay import parse_relay
from .payloads.tariff import parse_tariff
from .payloads.units import parse_units
from .transport import Lane

_QUICK: Final = 10.0
"""Seconds for a native endpoint: thirty times what the slowest gateway needs."""
_PATIENT: Final = 100.0
"""Seconds for the slow ones: 85 s were seen, and the answer was good."""

_MINUTE: Final = 60.0
_FIVE_MINUTES: Final = 300.0
_QUARTER: Final = 900.0
_HALF_HOUR: Final = 1800.0
_HOUR: Final = 3600.0
_DAY: Final = 86400.0


class Tier(StrEnum):
    """A group of endpoints with an interval, a time-out and a fate of its own."""

    READINGS = "readings"
    STORAGE = "storage"
    INVERTERS = "inverters"
    DEVICE_DATA = "device_data"
    REPORT = "report"
    SETTINGS = "settings"
    IDENTITY = "identity"


def _always(_: GatewaySnapshot) -> bool:
    return True


def _at_every_turn(_: GatewaySnapshot) -> float:
    return 0.0


def _quarter_hourly(_: GatewaySnapshot) -> float:
    return _QUARTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint, and when it is worth a request."""

    section: Section
    path: str
    parse: Callable[[bytes], object]
    tier: Tier
    lane: Lane = Lane.NATIVE
    timeout: float = _QUICK
    wanted: Callable[[GatewaySnapshot], bool] = _always
    """Whether this site needs it, by all that is known so far."""
    pace: Callable[[GatewaySnapshot], float] = _at_every_turn
    """The least seconds between two reads, where the tier's interval is shorter."""

    @property
    def longest_wait(self) -> float:
        """Seconds between two tries at most; the readings are never given up."""
        return _MINUTE if self.tier is Tier.READINGS else _QUARTER

    @property
    def absent_wait(self) -> float:
        """Seconds until an endpoint that isn't there is asked for again.

        A gateway that is still booting answers 404 for what it will have.
        """
        return _MINUTE if self.section is Section.READINGS else _HOUR


def _summary_pace(known: GatewaySnapshot) -> float:
    """Ask a metered gateway rarely: it copies the meter, 5 to 15 minutes late."""
    return _FIVE_MINUTES if known.has_meter(MeterKind.PRODUCTION) else 0.0


def _wants_page(known: GatewaySnapshot) -> bool:
    """Read the HTML page where firmware before 3.9 has nothing else."""
    return not known.info.firmware.needs_token and known.summary is None


def _wants_report(known: GatewaySnapshot) -> bool:
    """Ask for `/production.json` only where native endpoints leave a gap."""
    if _needs_block(known) or _may_hide_meters(known):
        return True
    if any(unit.is_ac_battery for unit in known.inverter_reports or ()):
        return True
    # Once: what was used today so far, for the first day of the books.
    return known.report is None and known.has_meter(MeterKind.NET_CONSUMPTION)


def _report_pace(known: GatewaySnapshot) -> float:
    report = known.report
    if _may_hide_meters(known) and report and report.production:
        return _MINUTE if report.production.is_active else _QUARTER
    return _FIVE_MINUTES if _needs_block(known) else _QUARTER


def _needs_block(known: GatewaySnapshot) -> bool:
    """Whether the inverters' sum is the only lifetime energy there is."""
    if known.has_meter(MeterKind.PRODUCTION):
        return False
    if known.lists_production_meter:
        return True
    sums = known.summary or known.page
    return sums is None or not sums.energy


def _may_hide_meters(known: GatewaySnapshot) -> bool:
    """Whether there can be meters on a gateway that doesn't have `/ivp/meters`."""
    return not known.meters and known.info.is_metered is not False


def _wants_battery_power(known: GatewaySnapshot) -> bool:
    return known.has_batteries


def _is_modern(known: GatewaySnapshot) -> bool:
    return known.info.firmware.needs_token


def _has_controller(known: GatewaySnapshot) -> bool:
    """Ask for dry contacts where there are terminals: all gateways list four."""
    return known.has_system_controller


def _has_grid_switch(known: GatewaySnapshot) -> bool:
    return known.has_grid_switch


def _has_generator(known: GatewaySnapshot) -> bool:
    return known.has_generator


def _inventory_pace(known: GatewaySnapshot) -> float:
    """Ask at every turn where it is all that tells of an outage: with a collar."""
    if known.equipment(Collar):
        return 0.0
    return _FIVE_MINUTES if known.inventory else _QUARTER


def _wants_units(known: GatewaySnapshot) -> bool:
    """Ask for AC Batteries and relays, and where a relay could be overlooked."""
    if not _is_modern(known):
        return False
    overlooks = known.device_data is None or not known.device_data.is_complete
    return overlooks or _has_units(known)


def _units_pace(known: GatewaySnapshot) -> float:
    return _HALF_HOUR if _has_units(known) else _DAY


def _has_units(known: GatewaySnapshot) -> bool:
    return bool(known.ac_battery_serials or known.relay_serials)


ENDPOINTS: Final = (
    Endpoint(
        section=Section.READINGS,
        path="/ivp/meters/readings",
        parse=parse_readings,
        tier=Tier.READINGS,
        lane=Lane.READINGS,
        wanted=lambda known: known.has_enabled_meter,
    ),
    Endpoint(
        section=Section.SUMMARY,
        path="/api/v1/production",
        parse=parse_v1_production,
        tier=Tier.READINGS,
        lane=Lane.READINGS,
        pace=_summary_pace,
    ),
    Endpoint(
        section=Section.PAGE,
        path="/production",
        parse=parse_production_page,
        tier=Tier.READINGS,
        lane=Lane.RUBY,
        timeout=_PATIENT,
        wanted=_wants_page,
        pace=lambda _: _MINUTE,
    ),
    # With its own meter the battery's power is among the readings. Without it
    # the consumption needs the battery's power of the same moment.
    Endpoint(
        section=Section.BATTERY_POWER,
        path="/ivp/ensemble/power",
        parse=parse_battery_power,
        tier=Tier.READINGS,
        lane=Lane.READINGS,
        wanted=_wants_battery_power,
        pace=lambda known: _MINUTE if known.has_meter(MeterKind.STORAGE) else 0.0,
    ),
    Endpoint(
        section=Section.STORAGE,
        path="/ivp/ensemble/secctrl",
        parse=parse_storage_summary,
        tier=Tier.STORAGE,
        wanted=lambda known: known.has_storage,
    ),
    Endpoint(
        section=Section.RELAY,
        path="/ivp/ensemble/relay",
        parse=parse_relay,
        tier=Tier.STORAGE,
        wanted=_has_grid_switch,
    ),
    Endpoint(
        section=Section.DRY_CONTACTS,
        path="/ivp/ensemble/dry_contacts",
        parse=parse_dry_contacts,
        tier=Tier.STORAGE,
        wanted=_has_controller,
    ),
    # Settings, but of equipment that the inventory has to tell first.
    Endpoint(
        section=Section.CONTACT_SETTINGS,
        path="/ivp/ss/dry_contact_settings",
        parse=parse_dry_contact_settings,
        tier=Tier.STORAGE,
        wanted=_has_controller,
        pace=_quarter_hourly,
    ),
    Endpoint(
        section=Section.GENERATOR_CONFIG,
        path="/ivp/ss/gen_config",
        parse=parse_generator_config,
        tier=Tier.STORAGE,
        wanted=_has_grid_switch,
        pace=_quarter_hourly,
    ),
    Endpoint(
        section=Section.GENERATOR,
        path="/ivp/ensemble/generator",
        parse=parse_generator,
        tier=Tier.STORAGE,
        wanted=_has_generator,
    ),
    Endpoint(
        section=Section.GENERATOR_MODE,
        path="/ivp/ss/gen_mode",
        parse=parse_generator_mode,
        tier=Tier.STORAGE,
        wanted=_has_generator,
        pace=_quarter_hourly,
    ),
    # Last, so that the others say how the tier fares.
    Endpoint(
        section=Section.INVENTORY,
        path="/ivp/ensemble/inventory",
        parse=parse_inventory,
        tier=Tier.STORAGE,
        pace=_inventory_pace,
    ),
    Endpoint(
        section=Section.INVERTER_REPORTS,
        path="/api/v1/production/inverters",
        parse=parse_inverters,
        tier=Tier.INVERTERS,
    ),
    Endpoint(
        section=Section.DEVICE_DATA,
        path="/ivp/pdm/device_data",
        parse=parse_device_data,
        tier=Tier.DEVICE_DATA,
        lane=Lane.DEVICE_DATA,
        timeout=_PATIENT,
        wanted=_is_modern,
    ),
    Endpoint(
        section=Section.REPORT,
        path="/production.json?details=1",
        parse=parse_production,
        tier=Tier.REPORT,
        lane=Lane.RUBY,
        timeout=_PATIENT,
        wanted=_wants_report,
        pace=_report_pace,
    ),
    Endpoint(
        section=Section.UNITS,
        path="/inventory",
        parse=parse_units,
        tier=Tier.REPORT,
        lane=Lane.RUBY,
        timeout=_PATIENT,
        wanted=_wants_units,
        pace=_units_pace,
    ),
    Endpoint(
        section=Section.METERS,
        path="/ivp/meters",
        parse=parse_meters,
        tier=Tier.SETTINGS,
    ),
    # Old firmware answers with a page for people.
    Endpoint(
        section=Section.TARIFF,
        path="/admin/lib/tariff",
        parse=parse_tariff,
        tier=Tier.SETTINGS,
        wanted=_is_modern,
    ),
    Endpoint(
        section=Section.INFO,
        path="/info",
        parse=parse_info,
        tier=Tier.IDENTITY,
    ),
    Endpoint(
        section=Section.HOME,
        path="/home",
        parse=parse_home,
        tier=Tier.IDENTITY,
        lane=Lane.RUBY,
        timeout=_PATIENT,
        wanted=_is_modern,
        pace=lambda _: _DAY,
    ),
)
"""Every endpoint, in the order in which a tier asks them."""

TIER_OF: Final = {endpoint.section: endpoint.tier for endpoint in ENDPOINTS}
"""Which tier a section is read by."""
