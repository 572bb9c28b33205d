"""Read a gateway, a tier at a time, into one snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
import logging
import time
from typing import Any, Final

from .clock import loop_time
from .endpoints import ENDPOINTS, Endpoint, Tier
from .exceptions import (
    EnvoyError,
    EnvoyForbiddenError,
    EnvoyNotFoundError,
    EnvoyResponseError,
    WrongGatewayError,
)
from .inverters import keep_missing, merge_inverters
from .metered import metered_points
from .models.gateway import GatewayInfo
from .models.snapshot import GatewaySnapshot
from .models.storage import Battery, EnsembleInventory
from .models.totals import Section, Sections
from .models.unknown import UnknownValue, unknown_values
from .pace import EndpointRecord, is_about_the_way
from .session import EnvoySession
from .totals import phase_totals, site_totals
from .transport import Lane

_LOGGER = logging.getLogger(__name__)

_GRACE: Final = 900.0
"""Seconds for which the last values are kept when their source is silent. The
nightly restart (22:57 to 23:10) is shorter, and so is a reboot."""

_EQUIPMENT: Final = frozenset({Section.METERS, Section.INVENTORY, Section.UNITS})
_EMPTY_FOR: Final = 1800.0
"""Seconds after which equipment that isn't listed any more is gone."""

_NOT_FOR_US: Final = EnvoyNotFoundError | EnvoyForbiddenError

_MOST_NEWS: Final = 200
"""Unknown values that are told of: garbage would otherwise fill the log."""


class Standing(Enum):
    """How a tier as a whole fares."""

    GOOD = auto()
    MIXED = auto()
    """One endpoint of it fails, and others have answered since."""
    BAD = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """What a read of a tier brought."""

    snapshot: GatewaySnapshot
    read: Sections
    """The sections that answered."""
    errors: Mapping[Section, EnvoyError]
    """The sections that were asked and didn't."""


class EnvoyClient:
    """One gateway: which endpoints it has, how they fare, what they said last."""

    def __init__(
        self,
        *,
        session: EnvoySession,
        info: GatewayInfo,
        intervals: Callable[[Tier], float],
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = loop_time,
    ) -> None:
        """Start with what `/info` said when the gateway was found."""
        self._session = session
        self._intervals = intervals
        self._clock = clock
        self._timer = timer
        self.answers: dict[str, bytes] = {}
        """The last answer of each path as it came, good or not: for bug reports."""
        self.records = {endpoint.section: EndpointRecord() for endpoint in ENDPOINTS}
        self.records[Section.INFO].succeeded(timer())
        self._info_read_at = timer()
        self._emptied_at: dict[Section, float] = {}
        self._batteries_missed_at: float | None = None
        self._told: set[UnknownValue] = set()
        self.snapshot = GatewaySnapshot(
            info=info, read_at={Section.INFO: clock()}, gateway_time=info.time
        )

    async def read(self, tier: Tier) -> ReadResult:
        """Ask the tier's endpoints that this site needs and that are due.

        One request at a time for each of the gateway's server processes; the
        processes side by side. Whatever fails is in the result: only what
        answered moves the snapshot on.
        """
        now = self._timer()
        lanes: dict[Lane, list[tuple[Endpoint, bool]]] = {}
        for endpoint in ENDPOINTS:
            if endpoint.tier is tier:
                due = self._is_due(endpoint, now)
                lanes.setdefault(endpoint.lane, []).append((endpoint, due))
        answers = await asyncio.gather(
            *(self._read_lane(endpoints, now) for endpoints in lanes.values())
        )
        errors = {
            section: error
            for lane in answers
            for section, error in lane.items()
            if error is not None
        }
        read = frozenset(section for lane in answers for section in lane) - set(errors)
        self._mark_lost()
        return ReadResult(snapshot=self.snapshot, read=read, errors=errors)

    def standing(self, tier: Tier) -> Standing:
        """Say how a tier fares, by the first endpoint of it that this site has."""
        wanted = [e for e in ENDPOINTS if e.tier is tier and e.wanted(self.snapshot)]
        records = [self.records[endpoint.section] for endpoint in wanted]
        present = [record for record in records if not record.is_unsupported]
        if not present or present[0].failing_since is None:
            return Standing.GOOD
        first, others = present[0], present[1:]
        since = present[0].failing_since
        if first.error and is_about_the_way(first.error):
            return Standing.BAD
        if any((other.last_success or since) > since for other in others):
            return Standing.MIXED
        return Standing.BAD

    def is_up_without(self, sections: Iterable[Section]) -> bool:
        """Whether the gateway, or this role, has other sections, but not these.

        A gateway that is still booting has none at all, and where meters are in use
        their readings are sure to come.
        """
        if self.snapshot.has_enabled_meter:
            return False
        others = set(self.records) - {Section.INFO}
        is_up = any(self.records[section].last_success for section in others)
        errors = (self.records[section].error for section in sections)
        return is_up and all(isinstance(error, _NOT_FOR_US) for error in errors)

    def forget_failures(self) -> None:
        """Ask everything again soon, as after an outage of the whole gateway."""
        for record in self.records.values():
            if not record.is_unsupported:
                record.forget_failures()

    def _is_due(self, endpoint: Endpoint, now: float) -> bool:
        record = self.records[endpoint.section]
        return endpoint.wanted(self.snapshot) and record.is_due(
            now, endpoint.pace(self.snapshot)
        )

    async def _read_lane(
        self, endpoints: Iterable[tuple[Endpoint, bool]], now: float
    ) -> dict[Section, EnvoyError | None]:
        """Read one after the other, until the way to the gateway fails.

        What one of them tells can make a later one due: the configuration of a
        generator comes before its state.
        """
        outcome: dict[Section, EnvoyError | None] = {}
        for endpoint, was_due in endpoints:
            if not was_due and not self._is_due(endpoint, now):
                continue
            error = outcome[endpoint.section] = await self._read(endpoint)
            if error and is_about_the_way(error):
                break
        return outcome

    async def _read(self, endpoint: Endpoint) -> EnvoyError | None:
        """Read one endpoint; return its error, or None when the snapshot moved."""
        record = self.records[endpoint.section]
        try:
            answer = await self._session.get(
                endpoint.path, lane=endpoint.lane, timeout=endpoint.timeout
            )
            self.answers[endpoint.path] = answer.body
            model = endpoint.parse(answer.body)
            self._check_identity(model)
            self._check_equipment(endpoint.section, model)
        except EnvoyError as err:
            record.failed(
                self._timer(),
                err,
                interval=self._intervals(endpoint.tier),
                longest=endpoint.longest_wait,
                absent=endpoint.absent_wait,
            )
            _LOGGER.debug("%s failed: %s", endpoint.path, err)
            return err
        record.succeeded(self._timer())
        self._publish(endpoint.section, model)
        return None

    def _check_identity(self, model: object) -> None:
        """Refuse the `/info` of another gateway."""
        expected = self.snapshot.info.serial
        if isinstance(model, GatewayInfo) and model.serial != expected:
            raise WrongGatewayError(expected=expected, found=model.serial)

    def _check_equipment(self, section: Section, model: object) -> None:
        """Doubt an empty list of what was there: a gateway that boots answers so.

        Readings are asked for where meters are in use, so there have to be some.
        """
        if section is Section.READINGS and not model:
            raise EnvoyResponseError("The gateway lists no reading of its meters")
        if section not in _EQUIPMENT:
            return
        if model or not getattr(self.snapshot, section.value):
            self._emptied_at.pop(section, None)
            return
        since = self._emptied_at.setdefault(section, self._timer())
        if self._timer() - since < _EMPTY_FOR:
            raise EnvoyResponseError("The gateway lists none of its equipment")

    def _with_batteries(self, inventory: EnsembleInventory) -> EnsembleInventory:
        """Keep the batteries for a while when none of them is listed any more.

        A gateway that boots can find its switch before them: without them the
        house would seem to use what they charge.
        """
        known = self.snapshot.equipment(Battery)
        if inventory.of_type(Battery) or not known:
            self._batteries_missed_at = None
            return inventory
        if self._batteries_missed_at is None:
            self._batteries_missed_at = self._timer()
        if self._timer() - self._batteries_missed_at >= _EMPTY_FOR:
            return inventory
        return replace(inventory, devices=(*inventory.devices, *known))

    def _publish(self, section: Section, model: object) -> None:
        """Put a section into a new snapshot, with all that follows from it."""
        self._tell_news(model)
        if isinstance(model, EnsembleInventory) and model:
            model = self._with_batteries(model)
        known = self.snapshot.inverter_reports
        if section is Section.INFO:
            self._info_read_at = self._timer()
        changes: dict[str, Any] = {
            "gateway_time": self._gateway_time(model, section),
            "read_at": {**self.snapshot.read_at, section: self._clock()},
            section.value: model,
        }
        snapshot = replace(self.snapshot, **changes)
        if (
            section is Section.INVERTER_REPORTS
            and snapshot.inverter_reports is not None
        ):
            reports = keep_missing(known, snapshot.inverter_reports)
            snapshot = replace(snapshot, inverter_reports=reports)
        self.snapshot = derive(snapshot, before=self.snapshot)

    def _tell_news(self, model: object) -> None:
        """Say once what the gateway says and this version doesn't know."""
        news = unknown_values(model) - self._told
        for value in sorted(news, key=str)[: _MOST_NEWS - len(self._told)]:
            self._told.add(value)
            _LOGGER.warning(
                "The gateway says %s where %s has the field %s; this version doesn't"
                " know what that means and shows it as unknown",
                value.value,
                value.endpoint,
                value.field,
            )

    def _gateway_time(self, model: object, section: Section) -> float | None:
        """Return the gateway's clock of this moment, whatever ours says."""
        info = model if section is Section.INFO else self.snapshot.info
        if not isinstance(info, GatewayInfo) or info.time is None:
            return None
        return info.time + self._timer() - self._info_read_at

    def _mark_lost(self) -> None:
        """Name the sections whose last good answer is too old to be shown."""
        now = self._timer()
        lost = frozenset(
            endpoint.section
            for endpoint in ENDPOINTS
            if self.records[endpoint.section].is_lost(now, self._shelf_life(endpoint))
            and endpoint.wanted(self.snapshot)
        )
        if lost != self.snapshot.lost:
            snapshot = replace(self.snapshot, lost=lost)
            self.snapshot = derive(snapshot, before=self.snapshot)

    def _shelf_life(self, endpoint: Endpoint) -> float:
        """Return for how many seconds an answer is worth showing."""
        period = max(self._intervals(endpoint.tier), endpoint.pace(self.snapshot))
        return _GRACE + 2 * period


def derive(
    snapshot: GatewaySnapshot, *, before: GatewaySnapshot | None = None
) -> GatewaySnapshot:
    """Work out everything that follows from the sections.

    The inverters of the snapshot `before` are the same until they are read again:
    hundreds of them aren't put together anew with every reading of the meters.
    """
    reports, devices = snapshot.inverter_reports, snapshot.device_data
    if before and before.inverter_reports is reports and before.device_data is devices:
        inverters = before.inverters
    else:
        inverters = merge_inverters(reports, devices)
    snapshot = replace(snapshot, metered=metered_points(snapshot), inverters=inverters)
    return replace(
        snapshot, totals=site_totals(snapshot), phases=phase_totals(snapshot)
    )
