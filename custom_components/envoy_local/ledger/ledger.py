"""All the energy of one site: raw snapshots in, trustworthy ones out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Final, Self

from ..client.models.inverters import Inverter
from ..client.models.snapshot import GatewaySnapshot
from ..client.models.totals import BatteryFlow, Flow, GridFlow, Section, Totals
from .account import COUNTERS, Account, Moment
from .corrections import Correction, Corrections
from .counter import EnergyCounter, counters_as_state, counters_from_state
from .days import DayBook
from .findings import Finding, Watchman
from .limits import Limits
from .meters import MeterBook, without_counters as without_meter_counters
from .state import State, StateError, mapping, number
from .units import UnitBook, without_counters as without_unit_counters

_SITE: Final = "site"
_LONGEST_OFF: Final = 30 * 86400.0
"""Seconds. More is a clock that was set wrong, or all the same: nothing runs at
full power for a month."""
_GATEWAYS_DAY: Final = 1.5 * 3600.0
"""Seconds of the day after which it has begun for every gateway. Theirs begin up
to a quarter of an hour late, or at one o'clock in summer, and are told late."""
_DAILY: Final = ("production", "consumption", "import", "export")
DAY_SENSORS: Final = {
    "production_energy_today": "production",
    "consumption_energy_today": "consumption",
    "grid_import_energy_today": "import",
    "grid_export_energy_today": "export",
}
"""The sensors of the day, and the book each of them shows."""
_COUNTER_OF: Final = {
    book: sensor.removesuffix("_today") for sensor, book in DAY_SENSORS.items()
}


class Ledger:
    """Keeps the books of the site, its phases, its inverters and its meters."""

    def __init__(self, *, longest_gap: float) -> None:
        """Open empty books; a gap of more seconds than `longest_gap` stays empty."""
        self.corrections: Corrections = Counter()
        self._longest_gap = longest_gap
        self._limits = Limits()
        self._accounts: dict[str, Account] = {_SITE: Account()}
        self._days = {name: DayBook() for name in _DAILY}
        self._inverters: dict[str, EnergyCounter] = {}
        self._inverters_read_at: float | None = None
        self._as_read: Mapping[str, Inverter] = {}
        self._checked: Mapping[str, Inverter] = {}
        self._inverter_energies: dict[str, float | None] = {}
        self._units = UnitBook()
        self._meters = MeterBook()
        self._watchman = Watchman()
        self._seconds = 0.0
        self._timer: float | None = None
        self._stored_at: float | None = None
        self._shown_starts: dict[str, float] = {}
        """Where the totals stood when this day began, as it was last shown."""

    @property
    def findings(self) -> frozenset[Finding]:
        """What stays wrong and only the owner can put right."""
        return self._watchman.findings

    def apply(
        self, snapshot: GatewaySnapshot, *, now: datetime, timer: float
    ) -> GatewaySnapshot:
        """Return the snapshot with energies that never fall and never spike.

        `now` is the time in the user's zone, `timer` the seconds of a clock that
        never goes back while we run.
        """
        moment = Moment(
            snapshot=snapshot,
            seconds=self._pass_time(now, timer),
            limits=self._limits,
            corrections=self.corrections,
            longest_gap=self._longest_gap,
        )
        self._limits.learn(snapshot)
        self._watchman.look(snapshot, moment.seconds)
        site = self._accounts[_SITE].book(snapshot.totals, moment, integrates=True)
        phases = tuple(
            self._accounts.setdefault(f"l{phase}", Account()).book(
                totals, moment, integrates=False
            )
            for phase, totals in enumerate(snapshot.phases, start=1)
        )
        return replace(
            snapshot,
            totals=self._with_days(site, snapshot.totals, now),
            phases=phases,
            inverters=self._with_counters(snapshot, moment),
            device_data=self._units.book(moment),
            metered=self._meters.book(moment),
        )

    def _pass_time(self, now: datetime, timer: float) -> float:
        """Return the ledger's own seconds, which count the time we were off, too."""
        if self._timer is not None:
            self._seconds += max(timer - self._timer, 0.0)
        self._timer = timer
        if self._stored_at is not None and now.timestamp() >= self._stored_at:
            # A clock that is behind at the start (no battery, no network yet)
            # tells how long we were off as soon as it is set.
            self._seconds += min(now.timestamp() - self._stored_at, _LONGEST_OFF)
            self._stored_at = None
        return self._seconds

    def _with_days(self, site: Totals, raw: Totals, now: datetime) -> Totals:
        """Add what was counted today and in seven days."""
        made, used, grid = site.production, site.consumption, site.grid
        self._turn_page("production", made.energy, now, raw.production)
        self._turn_page("consumption", used.energy, now, raw.consumption)
        self._turn_page("import", grid.import_energy, now)
        self._turn_page("export", grid.export_energy, now)
        today = {name: book.today(now) for name, book in self._days.items()}
        return replace(
            site,
            production=replace(
                made,
                energy_today=today["production"],
                energy_7_days=self._days["production"].week(now),
            ),
            consumption=replace(
                used,
                energy_today=today["consumption"],
                energy_7_days=self._days["consumption"].week(now),
            ),
            grid=replace(
                grid,
                import_energy_today=today["import"],
                export_energy_today=today["export"],
            ),
        )

    def _turn_page(
        self, name: str, total: float | None, now: datetime, flow: Flow | None = None
    ) -> None:
        """Enter a total; one that wasn't read now is of an earlier time.

        What an outage left unread is shared out when it comes.
        """
        counter = self._accounts[_SITE].counters[_COUNTER_OF[name]]
        if total is None or counter.read_at != self._seconds:
            return
        start = self._shown_starts.get(name)
        sums = flow if flow and _has_begun_for_gateways(now) else Flow()
        self._days[name].read(
            total,
            now,
            self.corrections,
            today=sums.energy_today if start is None else total - start,
            week=sums.energy_7_days,
        )

    def _with_counters(
        self, snapshot: GatewaySnapshot, moment: Moment
    ) -> Mapping[str, Inverter]:
        """Check the inverters' counters, when they were read."""
        read_at = snapshot.read_at.get(Section.DEVICE_DATA)
        if read_at == self._inverters_read_at and snapshot.inverters is self._as_read:
            return self._checked
        self._as_read = snapshot.inverters
        if read_at != self._inverters_read_at:
            self._inverters_read_at = read_at
            for serial, inverter in snapshot.inverters.items():
                counter = self._inverters.setdefault(serial, EnergyCounter())
                self._inverter_energies[serial] = counter.read(
                    inverter.energy,
                    now=moment.seconds,
                    limit=Limits.inverter(inverter.max_power),
                    corrections=self.corrections,
                    wraps=True,
                )
        energies = self._inverter_energies
        self._checked = {
            serial: _with_energy(inverter, energies.get(serial))
            for serial, inverter in snapshot.inverters.items()
        }
        return self._checked

    def resume(self, shown: Mapping[str, float], *, is_today: bool) -> None:
        """Never show less than was last shown, by the keys of the sensors.

        For the kill between two writes, and for a state that was lost: then the
        sums of the day go on as well, if they are of today.
        """
        for name, account in self._accounts_by_suffix().items():
            account.resume(
                {key: shown[key + name] for key in COUNTERS if key + name in shown}
            )
        self._meters.resume(shown)
        if is_today:
            self._shown_starts = {
                name: shown[total] - shown[key]
                for key, name in DAY_SENSORS.items()
                if key in shown and (total := key.removesuffix("_today")) in shown
            }

    def _accounts_by_suffix(self) -> dict[str, Account]:
        """Return the books by what the keys of their sensors end with."""
        phases = {f"_l{n}": f"l{n}" for n in (1, 2, 3)}
        return {"": self._accounts[_SITE]} | {
            suffix: self._accounts.setdefault(name, Account())
            for suffix, name in phases.items()
        }

    def as_state(self, now: datetime) -> State:
        """Return everything that has to survive a restart."""
        return {
            "stored_at": now.timestamp(),
            "seconds": self._seconds,
            "limits": self._limits.as_state(),
            "accounts": {n: a.as_state() for n, a in self._accounts.items()},
            "days": {n: book.as_state() for n, book in self._days.items()},
            "inverters": counters_as_state(self._inverters),
            "units": self._units.as_state(),
            "meters": self._meters.as_state(),
            "corrections": {kind.value: n for kind, n in self.corrections.items()},
        }

    @classmethod
    def from_state(cls, state: object, *, longest_gap: float) -> Self:
        """Take up where it was; `StateError` where the state makes no sense."""
        ledger = cls(longest_gap=longest_gap)
        try:
            ledger._take_up(mapping(state))
        except (KeyError, TypeError, ValueError) as err:
            raise StateError("The stored state of the ledger is damaged") from err
        return ledger

    def _take_up(self, state: State) -> None:
        self._stored_at = number(state["stored_at"])
        self._seconds = number(state["seconds"])
        self._limits = Limits.from_state(mapping(state["limits"]))
        for name, account in mapping(state["accounts"]).items():
            self._accounts[name] = Account.from_state(mapping(account))
        for name in _DAILY:
            book = mapping(mapping(state["days"])[name])
            self._days[name] = DayBook.from_state(book)
        self._inverters = counters_from_state(state["inverters"])
        # Books of earlier versions know no units, and no single meters.
        self._units = UnitBook.from_state(state.get("units", {}))
        self._meters = MeterBook.from_state(state.get("meters", {}))
        self._inverter_energies = {s: c.shown for s, c in self._inverters.items()}
        for kind, count in mapping(state["corrections"]).items():
            self.corrections[Correction(kind)] = int(number(count))


def _has_begun_for_gateways(now: datetime) -> bool:
    """Whether a gateway's sum of today is of this day, and not of the one before."""
    midnight = datetime.combine(now.date(), time.min, now.tzinfo)
    return now.timestamp() - midnight.timestamp() >= _GATEWAYS_DAY


def _with_energy(inverter: Inverter, energy: float | None) -> Inverter:
    """Return an inverter with another energy.

    Each field by name: for hundreds of units `replace` takes twice as long.
    """
    if inverter.energy == energy:
        return inverter
    return Inverter(
        serial=inverter.serial,
        power=inverter.power,
        max_power=inverter.max_power,
        energy=energy,
        energy_today=inverter.energy_today,
        last_reported=inverter.last_reported,
        report_duration=inverter.report_duration,
        temperature=inverter.temperature,
        dc_voltage=inverter.dc_voltage,
        dc_current=inverter.dc_current,
        ac_voltage=inverter.ac_voltage,
        ac_current=inverter.ac_current,
        ac_frequency=inverter.ac_frequency,
    )


def without_energies(snapshot: GatewaySnapshot) -> GatewaySnapshot:
    """Return a snapshot that says nothing yet about energies."""
    return replace(
        snapshot,
        totals=_powers(snapshot.totals),
        phases=tuple(_powers(phase) for phase in snapshot.phases),
        inverters={
            serial: replace(inverter, energy=None)
            for serial, inverter in snapshot.inverters.items()
        },
        device_data=without_unit_counters(snapshot.device_data),
        metered=without_meter_counters(snapshot.metered),
    )


def _powers(totals: Totals) -> Totals:
    """Keep the powers, and what they come from."""
    made, used = totals.production, totals.consumption
    grid, battery = totals.grid, totals.battery
    return Totals(
        production=Flow(power=made.power, sections=made.sections),
        consumption=Flow(power=used.power, sections=used.sections),
        grid=GridFlow(power=grid.power, sections=grid.sections),
        battery=BatteryFlow(power=battery.power, sections=battery.sections),
    )
