"""What a relay tells of itself while the list of units doesn't have it."""

from __future__ import annotations

from custom_components.envoy_local.binary_sensor.equipment import RELAY_BINARY_SENSORS
from custom_components.envoy_local.equipment import RelayUnit


def test_a_relay_that_is_not_listed_gives_no_reason() -> None:
    known = {description.key: description for description in RELAY_BINARY_SENSORS}
    facts = known["relay"].attributes_fn
    assert facts is not None

    assert facts(RelayUnit(unit=None, report=None)) == {}
