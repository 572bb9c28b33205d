"""Meters whose energy is none of the site's totals: trusted all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
import json

import pytest

from custom_components.envoy_local.client.client import derive
from custom_components.envoy_local.client.models.meters import (
    MeterKind,
    MeterReading,
    PhaseReading,
)
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.totals import Section
from custom_components.envoy_local.ledger import Ledger, without_energies
from custom_components.envoy_local.ledger.corrections import Correction
from custom_components.envoy_local.ledger.meters import METER_COUNTERS

from ..client import sites
from .houses import (
    HOUR,
    LOAD,
    LONGEST_GAP,
    NET,
    PRODUCTION,
    START,
    STORAGE,
    ZONE,
    Readings,
    apply,
    halves,
    house,
    metered,
)

STEP = 60.0
CAR = MeterKind.EVSE
CAR_POWER = 7000.0
BEGIN = 123_136.0
"""Wh that the charger's meter had counted before."""
PARTS = ("", "_l1", "_l2")
OWN = tuple(kind for kind in MeterKind if kind not in (PRODUCTION, NET, STORAGE))

type Shown = dict[str, float | None]
type Change = Callable[[MeterReading], MeterReading]


def charged(at: float) -> float:
    """Return what the car has taken, Wh: it charges from 18 h to 22 h each day."""
    days, seconds = divmod(at - START, 24 * HOUR)
    hours = min(max(seconds / HOUR - 18, 0.0), 4.0)
    return BEGIN + CAR_POWER * (4 * days + hours)


def car(at: float, kind: MeterKind = CAR) -> MeterReading:
    """Return what a charger's meter reads: it gives back a tenth."""
    delivered = charged(at)
    return sites.reading(
        kind,
        delivered=delivered,
        received=delivered / 10,
        channels=halves(0.0, delivered, delivered / 10),
    )


def untouched(reading: MeterReading) -> MeterReading:
    return reading


def _with(reading: MeterReading, value: float | None) -> MeterReading:
    channels = tuple(
        replace(c, energy_delivered=value, energy_received=value)
        for c in reading.channels
    )
    return replace(
        reading, energy_delivered=value, energy_received=value, channels=channels
    )


def zeros(reading: MeterReading) -> MeterReading:
    """Say what a gateway says that boots."""
    return _with(reading, 0.0)


def nothing(reading: MeterReading) -> MeterReading:
    return _with(reading, None)


def garbage(reading: MeterReading) -> MeterReading:
    return _with(reading, 2.0**32 - 5)


def far_ahead(reading: MeterReading) -> MeterReading:
    """Say some megawatt-hours too much, and go on counting there."""
    channels = tuple(_shifted(channel) for channel in reading.channels)
    return replace(_shifted(reading), channels=channels)


def _shifted[ReadingT: PhaseReading](reading: ReadingT) -> ReadingT:
    return replace(
        reading,
        energy_delivered=(reading.energy_delivered or 0.0) + 3e6,
        energy_received=(reading.energy_received or 0.0) + 3e6,
    )


def second_phase_lost(reading: MeterReading) -> MeterReading:
    """Let one phase be zero, and the whole that of the other: 8.3.6000."""
    first, second = reading.channels
    zero = replace(second, energy_delivered=0.0, energy_received=0.0)
    return replace(
        reading,
        energy_delivered=first.energy_delivered,
        energy_received=first.energy_received,
        channels=(first, zero),
    )


@dataclass(slots=True, kw_only=True)
class Site:
    """A site with one such meter, and the ledger that books it."""

    kind: MeterKind = CAR
    ledger: Ledger = field(default_factory=lambda: Ledger(longest_gap=LONGEST_GAP))
    snapshot: GatewaySnapshot | None = None

    def read(self, at: float, change: Change = untouched) -> Shown:
        """Read all meters, and return what this one is said to have counted."""
        known = {} if self.kind is LOAD else {NET: metered(at)[NET]}
        readings: Readings = {**known, self.kind: change(car(at, self.kind))}
        self.snapshot = apply(self.ledger, house(at, readings), at)
        return shown(self.snapshot, self.kind)

    def live(
        self, hours: float, *, begin: float, change: Change = untouched
    ) -> list[Shown]:
        """Read it for a time."""
        return [self.read(at, change) for at in moments(hours, begin=begin)]

    def store(self, at: float) -> str:
        """Write the books."""
        return json.dumps(self.ledger.as_state(datetime.fromtimestamp(at, ZONE)))

    def take_up(self, stored: str | None, last: Mapping[str, float | None]) -> None:
        """Begin with what is on disk, and with what the recorder knows."""
        self.ledger = Ledger(longest_gap=LONGEST_GAP)
        if stored:
            state = json.loads(stored)
            self.ledger = Ledger.from_state(state, longest_gap=LONGEST_GAP)
        known = {key: energy for key, energy in last.items() if energy is not None}
        self.ledger.resume(known, is_today=True)


def moments(hours: float, *, begin: float) -> Iterator[float]:
    return (begin + n * STEP for n in range(round(hours * HOUR / STEP)))


def shown(snapshot: GatewaySnapshot, kind: MeterKind = CAR) -> Shown:
    """Return the energies of a meter by the keys of their sensors."""
    point = snapshot.metered[kind]
    parts: tuple[PhaseReading, ...] = (point.reading, *point.phases)
    found: Shown = {}
    for suffix, reading in zip(PARTS, parts, strict=True):
        found[f"{kind.key}_energy_delivered{suffix}"] = reading.energy_delivered
        found[f"{kind.key}_energy_received{suffix}"] = reading.energy_received
    return found


def truth(at: float, kind: MeterKind = CAR) -> Shown:
    return {
        f"{kind.key}_energy_{way}{suffix}": charged(at) * share * part
        for way, share in (("delivered", 1.0), ("received", 0.1))
        for suffix, part in zip(PARTS, (1.0, 0.55, 0.45), strict=True)
    }


def assert_steady(rows: Iterable[Shown]) -> None:
    """None of them falls."""
    for before, after in pairwise(rows):
        for key, low in before.items():
            assert (low or -1) <= (after[key] or -1), key


def assert_never_ahead(rows: Iterable[Shown], *, begin: float) -> None:
    """What is shown has really been counted, whatever the meter says."""
    for row, at in zip(rows, moments(24, begin=begin), strict=False):
        for key, counted in truth(at).items():
            assert (row[key] or 0) <= (counted or 0) + 1, (key, at)


def test_all_meters_that_no_total_shows_have_counters() -> None:
    assert sorted(METER_COUNTERS) == sorted(
        [
            f"{kind.key}_energy_{way}"
            for kind in OWN
            for way in ("delivered", "received")
        ]
        + ["production_energy_received"]
    )


@pytest.mark.parametrize("kind", OWN)
def test_a_meter_without_faults_is_shown_as_it_is(kind: MeterKind) -> None:
    site = Site(kind=kind)
    end = START + 48 * HOUR - STEP
    assert site.live(48, begin=START)[-1] == pytest.approx(truth(end, kind))
    assert not site.ledger.corrections
    assert site.snapshot
    assert site.snapshot.metered[kind].reading == car(end, kind)


@pytest.mark.parametrize(
    "fault", [zeros, nothing, garbage, far_ahead, second_phase_lost]
)
@pytest.mark.parametrize("minutes", [5, 25, 90])
def test_faults_leave_nothing_behind(fault: Change, minutes: int) -> None:
    """While the car charges, so that what was missed has to come."""
    site = Site()
    begin = START + 19 * HOUR
    end = begin + minutes * 60
    rows = site.live(2, begin=begin - 2 * HOUR)
    rows += site.live(minutes / 60, begin=begin, change=fault)
    rows += site.live(2, begin=end)
    assert_steady(rows)
    assert_never_ahead(rows, begin=begin - 2 * HOUR)
    assert rows[-1] == pytest.approx(truth(end + 2 * HOUR - STEP), abs=1)


def test_garbage_is_never_shown() -> None:
    site = Site()
    begin = START + 20 * HOUR
    before = site.live(1, begin=begin)[-1]
    during = site.live(0.4, begin=begin + HOUR, change=far_ahead)
    assert during == [before] * len(during)
    assert site.ledger.corrections[Correction.HELD_HIGH]
    at = begin + 1.4 * HOUR
    assert site.read(at) == pytest.approx(truth(at))


def test_another_meter_in_its_place_counts_on() -> None:
    """It begins with a little, and has counted for an hour when it is believed."""
    site = Site()
    begin = START + 20 * HOUR
    before = site.live(1, begin=START)[-1]

    def anew(reading: MeterReading) -> MeterReading:
        return _with(reading, 5.0 + (reading.energy_delivered or 0.0) - charged(begin))

    rows = [before, *site.live(3, begin=begin, change=anew)]
    assert_steady(rows)
    last = rows[-1]["evse_energy_delivered"]
    counted = charged(begin + 3 * HOUR - STEP) - charged(begin)
    assert last == pytest.approx(
        (before["evse_energy_delivered"] or 0) + counted, abs=5
    )
    assert site.ledger.corrections[Correction.NEW_BASE]


def test_a_first_zero_waits_until_it_is_no_boot() -> None:
    """A phase that isn't in use stands at zero; so does a gateway that boots."""
    site = Site()
    rows = site.live(1, begin=START, change=second_phase_lost)
    assert rows[0]["evse_energy_delivered_l1"] == pytest.approx(0.55 * BEGIN)
    assert [row["evse_energy_delivered_l2"] for row in rows[:10]] == [None] * 10
    assert rows[-1]["evse_energy_delivered_l2"] == 0


def test_what_is_below_zero_at_first_counts_from_zero() -> None:
    """8.3.1598 says that its charger has received -19.677 Wh."""

    def below(reading: MeterReading) -> MeterReading:
        return replace(reading, energy_received=(reading.energy_received or 0) - BEGIN)

    site = Site()
    rows = site.live(24, begin=START, change=below)
    assert rows[-1]["evse_energy_received"] == pytest.approx(
        (charged(START + 24 * HOUR - STEP) - BEGIN) / 10, abs=1
    )


def test_what_the_totals_show_stays_the_meters_own() -> None:
    """Only what the production meter received is shown by itself."""
    kinds = (PRODUCTION, NET, STORAGE)
    ledger = Ledger(longest_gap=LONGEST_GAP)
    at = START + 12 * HOUR
    first = {kind: car(at, kind) for kind in kinds}
    apply(ledger, house(at, first), at)
    later = at + 60
    raw = house(later, {kind: zeros(car(later, kind)) for kind in kinds})
    booked = apply(ledger, raw, later)

    assert booked.metered[NET] == raw.metered[NET]
    assert booked.metered[STORAGE] == raw.metered[STORAGE]
    production = shown(booked, PRODUCTION)
    assert [production[f"production_energy_delivered{p}"] for p in PARTS] == [0] * 3
    assert [production[f"production_energy_received{p}"] for p in PARTS] == (
        pytest.approx([charged(at) / 10 * part for part in (1, 0.55, 0.45)])
    )
    assert booked.totals.production.energy == charged(at)


def test_each_reading_counts_once_whatever_else_is_read() -> None:
    """A zero that was read once isn't one that stays."""
    ledger = Ledger(longest_gap=LONGEST_GAP)
    at = START + HOUR
    apply(ledger, house(at, {CAR: car(at)}), at)
    snapshot = house(at + 60, {CAR: zeros(car(at + 60))})
    first = apply(ledger, snapshot, at + 60)
    counted = ledger.corrections.total()
    for n in range(1, 100):
        read_at = {**snapshot.read_at, Section.STORAGE: at + 60 + n * 60}
        rows = tuple(replace(row) for row in snapshot.meters or ())
        again = derive(replace(snapshot, read_at=read_at, meters=rows))
        assert apply(ledger, again, at + 60 + n * 60).metered == first.metered
    assert counted == ledger.corrections.total() == 6


def test_a_meter_that_is_switched_off_and_on_goes_on() -> None:
    """While it is off its numbers mean nothing, and nothing is shown."""
    site = Site()
    begin = START + 19 * HOUR
    site.live(0.5, begin=begin)
    off = apply(site.ledger, house(begin + HOUR, {}), begin + HOUR)
    assert CAR not in off.metered
    at = begin + 2 * HOUR
    assert site.read(at) == pytest.approx(truth(at))


@pytest.mark.parametrize("away", [60, 7200])
def test_a_restart_goes_on_exactly(away: float) -> None:
    """By the books alone, and at once: while the gateway boots as well."""
    site = Site()
    at = START + 18.5 * HOUR
    last = site.read(at)
    for _ in range(3):
        site.take_up(site.store(at), {})
        assert site.read(at + away, zeros) == last
        at += away + 60
        last = site.read(at)
        assert last == pytest.approx(truth(at))


@pytest.mark.parametrize("is_lost", [False, True], ids=["minutes old", "lost"])
@pytest.mark.parametrize("away", [60, 5400])
def test_a_kill_goes_on_exactly(away: float, is_lost: bool) -> None:
    site = Site()
    at = START + 18.5 * HOUR
    site.read(at)
    stored = None if is_lost else site.store(at)
    rows = site.live(0.1, begin=at + 60)
    site.take_up(stored, rows[-1])
    at += 360 + away
    booting = site.read(at, zeros)
    rows += [booting, site.read(at + 60)]
    assert_steady(rows)
    assert booting == rows[-3]
    assert rows[-1] == pytest.approx(truth(at + 60))


def test_a_base_that_only_the_recorder_knows_outlives_the_books() -> None:
    site = Site()
    at = START + 18.5 * HOUR
    last: Shown = {k: (energy or 0) + 5_000_000 for k, energy in truth(at).items()}
    site.take_up(None, last)
    rows = site.live(1, begin=at)
    assert_steady([last, *rows])
    end = at + HOUR
    expected = {key: (energy or 0) + 5_000_000 for key, energy in truth(end).items()}
    assert site.read(end) == pytest.approx(expected, abs=20)


def test_books_of_an_earlier_version_are_taken_up() -> None:
    site = Site()
    site.read(START)
    state = json.loads(site.store(START))
    del state["meters"]
    site.take_up(json.dumps(state), {})
    at = START + 19 * HOUR
    assert site.read(at) == pytest.approx(truth(at))


def test_before_the_books_begin_nothing_is_said_of_energies() -> None:
    kinds = (PRODUCTION, NET, *OWN)
    raw = house(START, {kind: car(START, kind) for kind in kinds})
    snapshot = without_energies(raw)
    for kind in OWN:
        energies = shown(snapshot, kind)
        assert list(energies.values()) == [None] * 6
        reading = snapshot.metered[kind].reading
        assert reading.power == raw.metered[kind].reading.power
    assert snapshot.metered[NET] == raw.metered[NET]
    production = snapshot.metered[PRODUCTION].reading
    assert production.energy_delivered == BEGIN
    assert production.energy_received is None
