"""The moving plant as a gateway of its firmware presents it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from . import (
    payloads_controller as controller,
    payloads_devices as devices,
    payloads_ensemble as ensemble,
    payloads_identity as identity,
    payloads_live as live,
    payloads_meters as metering,
    payloads_production as production,
)
from .answers import JSON_TYPE, Answer, compact, firmware_tuple, indented
from .equipment import Equipment
from .inverters import Inverters
from .moment import Moment
from .payloads_tariff import tariff
from .plant import Plant

type Payload = Callable[[Moment], object]

_RUBY: Final[Mapping[str, Payload]] = {
    "/production": partial(production.production_json, details=False),
    "/production.json": partial(production.production_json, details=False),
    "/production.json?details=1": partial(production.production_json, details=True),
    "/home": identity.home,
    "/home.json": identity.home,
    "/inventory": partial(devices.inventory, deleted=False),
    "/inventory.json": partial(devices.inventory, deleted=False),
    "/inventory?deleted=1": partial(devices.inventory, deleted=True),
    "/inventory.json?deleted=1": partial(devices.inventory, deleted=True),
}

_TYPED: Final[Mapping[str, Payload]] = {
    "/api/v1/production": production.api_production,
    "/api/v1/production/inverters": devices.inverter_list,
}

_NATIVE: Final[Mapping[str, Payload]] = {
    "/ivp/meters": metering.meter_list,
    "/ivp/meters/readings": metering.readings,
    "/ivp/meters/reports": metering.reports,
    "/ivp/meters/gridReading": partial(
        metering.phase_reading, eid=metering.EID_CONSUMPTION
    ),
    "/ivp/meters/pvReading": partial(
        metering.phase_reading, eid=metering.EID_PRODUCTION
    ),
    "/ivp/pdm/energy": production.pdm_energy,
    "/ivp/ensemble/inventory": ensemble.inventory,
    "/ivp/ensemble/power": ensemble.power,
    "/ivp/ensemble/secctrl": ensemble.secctrl,
    "/ivp/ensemble/status": ensemble.status,
    "/ivp/ensemble/relay": ensemble.relay,
    "/ivp/ensemble/dry_contacts": controller.dry_contacts,
    "/ivp/ensemble/generator": controller.generator,
    "/ivp/ss/dry_contact_settings": controller.dry_contact_settings,
    "/ivp/ss/gen_config": controller.generator_config,
    "/ivp/ss/gen_mode": controller.generator_mode,
    "/ivp/ss/gen_schedule": controller.generator_schedule,
    "/ivp/livedata/status": live.livedata,
    "/admin/lib/tariff": tariff,
}

# An unmetered firmware 5 knows these; the locked ones ask for Digest.
_LEGACY_OPEN: Final = frozenset(
    {"/info", "/info.xml", "/production.json", "/api/v1/production"}
)
_LEGACY_LOCKED: Final = frozenset(
    {"/production", "/home", "/home.json", "/inventory", "/inventory.json"}
    | {"/api/v1/production/inverters"}
)
_LEGACY_REFUSAL: Final = Answer(
    body=b"<html><body><h2>401 Unauthorized</h2></body></html>",
    status=401,
    content_type="text/html",
)


class PlantSite:
    """A `Site` made of a plant; inverters and equipment can come and go."""

    def __init__(self, plant: Plant) -> None:
        """Present `plant`."""
        self.plant = plant
        self.inverters = Inverters(plant)
        self.equipment = Equipment(plant.scenario)

    @property
    def serial(self) -> str:
        """Return the gateway's serial number."""
        return self.plant.scenario.serial

    @property
    def firmware(self) -> str:
        """Return the software version with its letter."""
        return self.plant.scenario.firmware

    def digest_paths(self) -> Mapping[str, Answer]:
        """Return what firmware 5 keeps behind Digest."""
        return dict.fromkeys(_LEGACY_LOCKED, _LEGACY_REFUSAL)

    def answer(
        self, path: str, query: str, *, serial: str, now: float
    ) -> Answer | None:
        """Return the plant's answer at epoch `now`; None for an unknown path."""
        moment = self._moment(serial, now)
        if path in {"/info", "/info.xml"}:
            return Answer(body=identity.info(moment), content_type="text/xml")
        if not self._knows(path):
            return None
        path_qs = f"{path}?{query}" if query else path
        if (payload := _RUBY.get(path_qs) or _RUBY.get(path)) is not None:
            body = compact(payload(moment))
            return Answer(body=body, content_type=JSON_TYPE, chunked=True, close=True)
        if (payload := _TYPED.get(path)) is not None:
            return Answer(body=indented(payload(moment)), content_type=JSON_TYPE)
        return self._native(moment, path)

    def frame(self, now: float) -> live.Frame | None:
        """Return the stream's frame; None without meters, and below firmware 7."""
        if firmware_tuple(self.firmware) < (7,):
            return None
        return live.frame(self._moment(self.serial, now))

    def _moment(self, serial: str, at: float) -> Moment:
        return Moment(
            plant=self.plant,
            inverters=self.inverters,
            equipment=self.equipment,
            serial=serial,
            at=at,
        )

    def _native(self, moment: Moment, path: str) -> Answer | None:
        payload = _NATIVE.get(path)
        if path == "/ivp/pdm/device_data" and self.plant.scenario.device_data:
            payload = devices.device_data
        if payload is None:
            return None
        said = payload(moment)
        return None if said is None else Answer(body=indented(said))

    def _knows(self, path: str) -> bool:
        if firmware_tuple(self.firmware) >= (7,):
            return True
        return path in _LEGACY_OPEN or path in _LEGACY_LOCKED
