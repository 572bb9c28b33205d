"""What flows at one moment, and how the sources of it stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .meters import MeterKind


class LiveSource(StrEnum):
    """Where the shown power comes from, the best first."""

    STREAM = "stream"
    """`/stream/meter`: about one frame a second, pushed."""
    LIVEDATA = "livedata"
    """`/ivp/livedata/status`: polled, and switched on again where it stands still."""
    READINGS = "readings"
    """`/ivp/meters/readings`, which are there in any case."""


class Verdict(StrEnum):
    """How a source stands: why it is, or isn't, the one in use."""

    NOT_ASKED = "not_asked"
    """Nobody needed it yet."""
    WORKS = "works"
    REFUSED = "refused"
    """The gateway doesn't let this role read it (401, 403)."""
    ABSENT = "absent"
    """This gateway doesn't have it (404)."""
    NO_METER = "no_meter"
    """No meter is in use here, so there is nothing to say."""
    SILENT = "silent"
    """It can be asked, and says nothing new."""
    FAILING = "failing"
    """It breaks off, or answers something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePhase:
    """What flows on one phase, in W, with the signs of `LivePower`."""

    production: float | None = None
    consumption: float | None = None
    grid: float | None = None
    battery: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePower:
    """What flows at one moment, in W; grid + import, battery + discharge."""

    source: LiveSource
    received_at: float
    """When it arrived, epoch seconds of our clock; a frame carries no time."""
    measured_at: int | None = None
    """What livedata says of its own age, epoch seconds of the gateway's clock."""
    production: float | None = None
    consumption: float | None = None
    grid: float | None = None
    """A stream knows of no battery: its consumption is production + grid, and where
    the load is metered instead of the grid, its grid is consumption - production."""
    battery: float | None = None
    """None from a stream, and where nothing stores energy."""
    phases: tuple[LivePhase, ...] = ()
    """By number, as many as the source has: a stream has three, whatever is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFlow:
    """What livedata says of one source, in W."""

    power: float | None = None
    phases: tuple[float | None, ...] = ()
    """By number; nothing from early firmware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveData:
    """An answer of `/ivp/livedata/status`; grid + import, storage + discharge."""

    is_enabled: bool | None
    """Whether the gateway keeps it fresh; it stops after a quarter of an hour."""
    last_update: int | None
    """Epoch seconds of the gateway's clock."""
    production: LiveFlow
    storage: LiveFlow
    grid: LiveFlow
    load: LiveFlow

    @property
    def is_blank(self) -> bool:
        """Whether nothing flows anywhere, which is what unmetered gateways say."""
        flows = (self.production, self.storage, self.grid, self.load)
        return not any(flow.power for flow in flows)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSite:
    """What has to be known of a site to read its live power."""

    meters: Mapping[MeterKind, int] = field(default_factory=dict)
    """The enabled ones, and how many phases each has: what disabled ones say, and
    the phases beyond, is frozen, noise, or another meter's."""
    has_storage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStatus:
    """Which source is in use, why no better one is, and what was counted."""

    source: LiveSource = LiveSource.READINGS
    """Readings as long as nothing better flows."""
    stream: Verdict = Verdict.NOT_ASKED
    livedata: Verdict = Verdict.NOT_ASKED
    role: str | None = None
    """Of the token in use, by its own claims."""
    last_frame_at: float | None = None
    """When the newest good frame or answer arrived, epoch seconds of our clock."""
    frames: int = 0
    """Good frames of the stream, and good answers of livedata."""
    bad_frames: int = 0
    """What couldn't be read, over-long lines among them."""
    connects: int = 0
    """How often the stream was asked for."""
    polls: int = 0
    """How often livedata was asked."""
    rearms: int = 0
    """How often livedata was asked to go on."""
