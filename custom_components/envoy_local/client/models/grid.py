"""How the house stands to the grid: on it, on its own, or on a generator."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .generator import Generator
from .storage import (
    Collar,
    EnsembleInventory,
    GridMode,
    SwitchState,
    SystemController,
)
from .unknown import UnknownValue


class GridState(StrEnum):
    """What feeds the house beside its own sun and batteries."""

    ON_GRID = "on_grid"
    OFF_GRID = "off_grid"
    GENERATOR = "generator"


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRelay:
    """`/ivp/ensemble/relay`: how the relay to the grid stands.

    It says `closed` on sites without one, too: read it together with the
    inventory only.
    """

    mains_admin_state: SwitchState | None
    """What the relay was told."""
    mains_oper_state: SwitchState | None
    """How it stands."""
    battery_grid_mode: GridMode | None
    solar_grid_mode: GridMode | None
    unknown: tuple[UnknownValue, ...] = ()


def grid_state(
    *,
    relay: GridRelay | None,
    inventory: EnsembleInventory | None,
    generator: Generator | None = None,
) -> GridState | None:
    """Say what feeds the house; None where nothing could cut it off the grid.

    The relay is asked before the inventory, which is read less often. A closed
    relay doesn't outvote a collar that says that it has cut the house off.
    `generator` is the one of a site whose configuration names one.
    """
    controllers = inventory.of_type(SystemController) if inventory else ()
    collars = inventory.of_type(Collar) if inventory else ()
    if not controllers and not collars:
        return None
    if relay and GridMode.GENERATOR in {relay.battery_grid_mode, relay.solar_grid_mode}:
        return GridState.GENERATOR
    is_off = _is_off_grid(relay, controllers, collars)
    if is_off is None:
        return None
    if is_off and generator and generator.oper_state is SwitchState.CLOSED:
        return GridState.GENERATOR
    return GridState.OFF_GRID if is_off else GridState.ON_GRID


def _is_off_grid(
    relay: GridRelay | None,
    controllers: tuple[SystemController, ...],
    collars: tuple[Collar, ...],
) -> bool | None:
    if any(collar.is_off_grid for collar in collars):
        return True
    mains = relay.mains_oper_state if relay else None
    for state in (mains, *(device.mains_oper_state for device in controllers)):
        if state is not None:
            return state is SwitchState.OPEN
    told = [collar.is_off_grid for collar in collars if collar.is_off_grid is not None]
    return any(told) if told else None
