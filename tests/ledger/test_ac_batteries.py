"""AC Batteries, whose counters are told minutes late, beside meters of this second."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
import json

import pytest

from custom_components.envoy_local.client.client import derive
from custom_components.envoy_local.client.models.inverters import (
    DeviceData,
    DeviceKind,
)
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.totals import (
    EnergySource,
    Section,
    Totals,
)
from custom_components.envoy_local.ledger import Ledger, without_energies
from custom_components.envoy_local.ledger.corrections import Correction

from ..client import sites
from .houses import (
    HOME,
    HOUR,
    LONGEST_GAP,
    NET,
    PRODUCTION,
    START,
    ZONE,
    apply,
    energies,
    house,
    imbalance,
    metered,
    true_energies,
)

STEP = 60.0
POLL = 300.0
HOURS = 48
UNITS = {"7": 0.4, "8": 0.6}
"""Two of them, and their shares."""
HIGHEST_POWER = 5_000.0
"""W: they stand for a whole house's, and are larger than any AC Battery."""
HIGHEST_USE = 12_000.0
"""W: more than the house ever takes."""
SLACK = 1.0


@dataclass(slots=True, kw_only=True)
class Home:
    """A house with two meters, and batteries that report now and then."""

    period: float
    """Seconds between two reports of a battery."""
    ledger: Ledger = field(default_factory=lambda: Ledger(longest_gap=LONGEST_GAP))
    boots: tuple[float, float] = (0.0, 0.0)
    """From when to when the batteries' counters are zero."""
    shown: GatewaySnapshot | None = None

    def read(self, at: float) -> Totals:
        """Read the meters now, and what the batteries said when last asked."""
        readings = metered(at)
        meters = house(at, {kind: readings[kind] for kind in (PRODUCTION, NET)})
        asked = at // POLL * POLL
        read_at = {**meters.read_at, Section.DEVICE_DATA: asked}
        snapshot = replace(
            meters,
            inverter_reports=tuple(
                sites.report(serial, 0.0, is_ac_battery=True) for serial in UNITS
            ),
            device_data=self._batteries(asked),
            read_at=read_at,
        )
        self.shown = apply(self.ledger, derive(snapshot), at)
        return self.shown.totals

    def _batteries(self, asked: float) -> DeviceData:
        reported = asked // self.period * self.period
        counted = HOME.counters(reported)
        begin, end = self.boots
        told = 0.0 if begin <= asked < end else 1.0
        units = tuple(
            replace(
                sites.device(
                    serial,
                    HOME.power(reported).battery / 2,
                    kind=DeviceKind.AC_BATTERY,
                    energy=told * counted.battery_discharge * share,
                    energy_used=told * counted.battery_charge * share,
                ),
                max_power=HIGHEST_POWER,
            )
            for serial, share in UNITS.items()
        )
        return DeviceData(devices=units, count=len(units) + 2, limit=50)

    def restart(self, at: float) -> None:
        """Write the books and take them up again."""
        state = json.dumps(self.ledger.as_state(datetime.fromtimestamp(at, ZONE)))
        self.ledger = Ledger.from_state(json.loads(state), longest_gap=LONGEST_GAP)


def moments(begin: float, hours: float) -> list[float]:
    return [begin + n * STEP for n in range(int(hours * HOUR / STEP))]


def most(moments_: list[float], sign: float) -> float:
    """Return the highest W that the batteries took (-1) or gave (1)."""
    return max(sign * HOME.power(at).battery for at in moments_)


def used(totals: Totals) -> float:
    assert totals.consumption.energy is not None
    return totals.consumption.energy


def assert_within_physics(
    rows: list[tuple[float, Totals]], *, period: float, away: float = 0.0
) -> None:
    """It never falls, and is off by what the batteries do until they say so.

    While they can't be read, for some seconds, the house isn't counted either.
    """
    times = [at for at, _ in rows]
    late = (period + POLL) / HOUR
    taken, given = most(times, -1) * late, most(times, 1) * late
    waited = HIGHEST_USE * away / HOUR
    for at, totals in rows:
        off = used(totals) - true_energies(at)[1]
        assert -given - waited - SLACK <= off <= taken + SLACK, (at, off)
    for (before, low), (at, high) in pairwise(rows):
        rise = used(high) - used(low)
        can = HIGHEST_USE * (at - before) / HOUR + taken + given + waited
        assert 0 <= rise <= can, (at, rise)


def assert_agreement(at: float, totals: Totals) -> None:
    """While the batteries rest, all six energies are true and agree."""
    assert HOME.power(at).battery == 0
    assert energies(totals) == pytest.approx(true_energies(at), abs=SLACK)
    assert abs(imbalance(totals)) < 0.01


@pytest.mark.parametrize("period", [300.0, 900.0])
def test_the_consumption_waits_for_the_batteries(period: float) -> None:
    home = Home(period=period)
    rows = [(at, home.read(at)) for at in moments(START, HOURS)]
    assert rows[-1][1].battery.energy_source is EnergySource.DEVICE_COUNTERS
    assert_within_physics(rows, period=period)
    ahead = max(used(totals) - true_energies(at)[1] for at, totals in rows)
    assert ahead > 50, "the batteries have not been late"
    assert_agreement(*rows[-1])
    counted = used(rows[-1][1]) - used(rows[0][1])
    begun, ended = true_energies(rows[0][0])[1], true_energies(rows[-1][0])[1]
    assert counted == pytest.approx(ended - begun, rel=0.001)
    assert not home.ledger.corrections


@pytest.mark.parametrize("minutes", [10, 25])
@pytest.mark.parametrize("hour", [10, 19])
def test_batteries_that_boot_are_waited_for(hour: int, minutes: int) -> None:
    """Charging in the morning and discharging in the evening."""
    begin = START + hour * HOUR
    home = Home(period=900.0, boots=(begin, begin + minutes * 60))
    rows = [(at, home.read(at)) for at in moments(START, HOURS)]
    assert home.ledger.corrections[Correction.HELD_ZERO]
    assert_within_physics(rows, period=900.0, away=minutes * 60)
    assert_agreement(*rows[-1])


def test_a_restart_between_two_reports_changes_nothing() -> None:
    straight, again = Home(period=900.0), Home(period=900.0)
    for at in moments(START + 9 * HOUR, 12):
        shown = again.read(at)
        assert energies(shown) == energies(straight.read(at))
        again.restart(at)


def unit_energies(home: Home) -> dict[str, tuple[float, float]]:
    """Return what each battery took and gave, as it is shown."""
    assert home.shown
    assert home.shown.device_data
    found = {}
    for unit in home.shown.device_data.devices:
        assert unit.energy_used is not None
        assert unit.energy is not None
        found[unit.serial] = (unit.energy_used, unit.energy)
    return found


def test_the_counters_of_each_battery_never_fall() -> None:
    """They boot with zeros in the evening, and the books are taken up in between."""
    begin = START + 19 * HOUR
    home = Home(period=900.0, boots=(begin, begin + 1500))
    seen: dict[str, list[tuple[float, float]]] = {s: [] for s in UNITS}
    for at in moments(START, HOURS):
        home.read(at)
        for serial, pair in unit_energies(home).items():
            seen[serial].append(pair)
        home.restart(at)
    for serial, pairs in seen.items():
        for before, after in pairwise(pairs):
            assert before[0] <= after[0], serial
            assert before[1] <= after[1], serial
    total = [sum(pairs[-1][n] for pairs in seen.values()) for n in (0, 1)]
    counted = HOME.counters((START + HOURS * HOUR - STEP) // 900 * 900)
    assert total == pytest.approx(
        [counted.battery_charge, counted.battery_discharge], abs=SLACK
    )


def of_one(energy: float, energy_used: float, *, max_power: float | None) -> DeviceData:
    """Return what an AC Battery of a real one's size says."""
    unit = sites.device(
        "7", kind=DeviceKind.AC_BATTERY, energy=energy, energy_used=energy_used
    )
    return DeviceData(devices=(replace(unit, max_power=max_power),), count=1, limit=50)


@pytest.mark.parametrize("max_power", [271.0, 12.0, None])
@pytest.mark.parametrize("reads", [1, 4])
def test_a_spike_of_one_battery_is_held(reads: int, max_power: float | None) -> None:
    """It has 1.2 kWh and charges with 270 W; what it says is garbage for a while."""
    home = Home(period=900.0)
    begin, ended = START + 2 * HOUR, START + 2 * HOUR + reads * POLL
    for at in (START + n * POLL for n in range(int(4 * HOUR / POLL))):
        counted = 50_000.0 + 270.0 * ((at - START) // 900 * 900) / HOUR
        spike = 2000.0 * (begin <= at < ended)
        data = of_one(counted / 2 + spike, counted + spike, max_power=max_power)
        meters = house(at, {})
        read_at = {**meters.read_at, Section.DEVICE_DATA: at}
        snapshot = replace(
            meters,
            inverter_reports=(sites.report("7", 0.0, is_ac_battery=True),),
            device_data=data,
            read_at=read_at,
        )
        home.shown = apply(home.ledger, derive(snapshot), at)
        site = home.shown.totals.battery
        late = 270.0 * (reads + 3) * POLL / HOUR * bool(spike)
        for charged, given in (
            *unit_energies(home).values(),
            (site.charge_energy, site.discharge_energy),
        ):
            assert charged is not None
            assert given is not None
            assert counted - late <= charged <= counted
            assert counted / 2 - late <= given <= counted / 2
    # Both counters, of the unit and of the site, at every such read.
    assert home.ledger.corrections[Correction.HELD_HIGH] == 4 * reads


def test_books_of_an_earlier_version_are_taken_up() -> None:
    home = Home(period=900.0)
    home.read(START)
    state = home.ledger.as_state(datetime.fromtimestamp(START, ZONE))
    del state["units"]

    home.ledger = Ledger.from_state(state, longest_gap=LONGEST_GAP)
    home.read(START + STEP)

    assert unit_energies(home).keys() == UNITS.keys()


def test_before_the_books_begin_nothing_is_said_of_energies() -> None:
    home = Home(period=900.0)
    home.read(START)
    assert home.shown

    data = without_energies(home.shown).device_data

    assert data
    assert [(unit.energy, unit.energy_used) for unit in data.devices] == [
        (None, None),
        (None, None),
    ]
