"""`/ivp/ensemble/relay`: the relay between the house and the grid."""

from __future__ import annotations

from typing import Final

from ..exceptions import EnvoyResponseError
from ..models.grid import GridRelay
from ..models.storage import GridMode
from .choices import Choices
from .ensemble import switch_state
from .fields import decode_object

_RELAY: Final = "/ivp/ensemble/relay"


def parse_relay(body: bytes) -> GridRelay:
    """Read how the relay to the grid stands."""
    row = decode_object(body, _RELAY)
    if "mains_oper_state" not in row and "mains_admin_state" not in row:
        raise EnvoyResponseError(f"{_RELAY} holds no state of the mains relay")
    choices = Choices(_RELAY)
    return GridRelay(
        mains_admin_state=switch_state(row, "mains_admin_state", choices),
        mains_oper_state=switch_state(row, "mains_oper_state", choices),
        battery_grid_mode=choices.read(row, "Enchg_grid_mode", GridMode),
        solar_grid_mode=choices.read(row, "Solar_grid_mode", GridMode),
        unknown=choices.unknown,
    )
