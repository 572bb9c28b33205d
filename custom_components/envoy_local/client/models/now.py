"""The balance of this second: that of the readings, with live power laid over it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from .live import LivePhase, LivePower
from .totals import BatteryFlow, Flow, GridFlow, Section, Sections, Totals

_LIVE: Final[Sections] = frozenset()
"""What a live power depends on: no section has to be read for it."""


def balance_now(
    read: Totals,
    live: LivePower | LivePhase,
    *,
    is_load_metered: bool,
    has_battery: bool,
) -> Totals:
    """Put live power in the place of what the meters gave; energies stay.

    Only what is metered here is taken from a frame: it may hold numbers of meters
    that aren't there. What needs the parts of one moment stays as it was read where
    the frame doesn't know them all: with this second's grid and a battery of some
    seconds ago, a load that the battery takes over would show twice.
    """
    production = _metered(read.production, live.production)
    battery = _battery(read.battery, live.battery)
    is_whole = (
        production is not read.production or not _is_metered(read.production.sections)
    ) and (battery is not read.battery or not has_battery)
    if is_load_metered:
        consumption = _metered(read.consumption, live.consumption)
        grid = read.grid
        if is_whole and consumption is not read.consumption:
            grid = _grid(grid, production, consumption, battery)
    else:
        grid = _metered(read.grid, live.grid)
        consumption = read.consumption
        if is_whole and grid is not read.grid:
            consumption = _consumption(consumption, production, grid, battery)
    return Totals(
        production=production, consumption=consumption, grid=grid, battery=battery
    )


def _is_metered(sections: Sections) -> bool:
    return Section.READINGS in sections


def _metered[FlowT: (Flow, GridFlow)](read: FlowT, power: float | None) -> FlowT:
    if power is None or not _is_metered(read.sections):
        return read
    return replace(read, power=power, sections=_LIVE)


def _battery(read: BatteryFlow, power: float | None) -> BatteryFlow:
    """Take it wherever there is a battery, with a meter of its own or without."""
    if power is None or not read.sections:
        return read
    return replace(read, power=power, sections=_LIVE)


def _consumption(
    read: Flow, production: Flow, grid: GridFlow, battery: BatteryFlow
) -> Flow:
    """Add up what comes in; production that isn't metered is that of the readings."""
    if production.power is None or grid.power is None or not read.sections:
        return read
    power = production.power + grid.power + (battery.power or 0.0)
    if production.sections != _LIVE:
        # Inverters tell their mean of some minutes ago, which can be less than is
        # sold by now.
        power = max(power, 0.0)
    return replace(read, power=power, sections=production.sections | battery.sections)


def _grid(
    read: GridFlow, production: Flow, consumption: Flow, battery: BatteryFlow
) -> GridFlow:
    """Say what must come from the grid where only the load is metered."""
    if production.power is None or consumption.power is None or not read.sections:
        return read
    power = consumption.power - production.power - (battery.power or 0.0)
    return replace(read, power=power, sections=production.sections | battery.sections)
