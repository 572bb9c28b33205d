"""Units that several answers know: which of them is believed."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from custom_components.envoy_local.client.models.inverters import (
    DeviceKind,
    DeviceReport,
    InverterReport,
)
from custom_components.envoy_local.client.models.storage import (
    BatteryState,
    SwitchState,
)
from custom_components.envoy_local.client.models.units import (
    AcBattery,
    AcBatteryReport,
    Relay,
    RelayReport,
    Unit,
    UnitKind,
    UnitState,
)
from custom_components.envoy_local.equipment import (
    MIXED,
    AcBatteryUnit,
    RelayUnit,
    common_sleep,
)

SERIAL = "122000000001"
ASLEEP = "envoy.cond_flags.pcu_ctrl.sleep-mode"

REPORT = InverterReport(
    serial=SERIAL, is_ac_battery=True, power=260.0, max_power=270.0, last_reported=20
)
UNIT = AcBattery(
    kind=UnitKind.AC_BATTERY,
    serial=SERIAL,
    part_number=None,
    firmware=None,
    installed=None,
    last_reported=30,
    state=UnitState.VERIFIED,
    conditions=(),
    is_producing=True,
    is_communicating=True,
    is_provisioned=True,
    is_operating=True,
    phase=None,
    level=40.0,
    cell_temperature=31.0,
    charge_state=BatteryState.DISCHARGING,
    sleep_enabled=False,
    sleep_from=25.0,
    sleep_to=30.0,
)
DETAIL = AcBatteryReport(
    serial=SERIAL,
    kind=DeviceKind.AC_BATTERY,
    is_active=True,
    power=-12.0,
    max_power=None,
    energy=None,
    energy_used=None,
    energy_today=None,
    last_reported=10,
    report_duration=900,
    temperature=None,
    dc_voltage=None,
    dc_current=None,
    ac_voltage=None,
    ac_current=None,
    ac_frequency=None,
    level=41.0,
    state_of_health=90.0,
    coldest_cell=29.0,
    warmest_cell=30.0,
)


def battery(
    detail: AcBatteryReport | None = None,
    report: InverterReport | None = None,
    unit: AcBattery | None = None,
) -> AcBatteryUnit:
    return AcBatteryUnit(detail=detail, report=report, unit=unit)


def test_the_device_data_is_believed_first() -> None:
    both = battery(DETAIL, REPORT, UNIT)

    assert (both.power, both.level, both.temperature) == (-12.0, 41.0, 30.0)
    assert both.last_reported == 30


@pytest.mark.parametrize(
    ("state", "power"),
    [
        (BatteryState.DISCHARGING, 260.0),
        (BatteryState.CHARGING, -260.0),
        (BatteryState.IDLE, None),
        (None, None),
    ],
)
def test_a_power_without_a_sign_counts_where_the_state_gives_it_one(
    state: BatteryState | None, power: float | None
) -> None:
    unit = battery(report=REPORT, unit=replace(UNIT, charge_state=state))

    assert unit.power == power
    assert (unit.level, unit.temperature) == (40.0, 31.0)


def test_what_nothing_tells_is_unknown() -> None:
    nothing = battery(report=replace(REPORT, power=None, last_reported=None))

    assert nothing.power is None
    assert nothing.level is None
    assert nothing.temperature is None
    assert nothing.last_reported is None
    assert battery(unit=UNIT).power is None


@pytest.mark.parametrize(
    ("states", "together"),
    [
        ([(False, False), (False, False)], "awake"),
        ([(True, True), (True, True)], "asleep"),
        ([(False, False), (True, True)], MIXED),
        ([(True, False), (False, True)], "going_to_sleep"),
        ([(False, True), (True, True)], "waking"),
        ([(None, False), (False, False)], None),
        ([], None),
    ],
)
def test_how_batteries_sleep_together(
    states: list[tuple[bool | None, bool]], together: str | None
) -> None:
    flags = {True: (ASLEEP,), False: ()}
    units = [
        replace(UNIT, sleep_enabled=told, conditions=flags[is_asleep])
        for told, is_asleep in states
    ]

    assert common_sleep(units) == together


def _common(kind: type, model: object) -> dict[str, Any]:
    """Return what a model has in common with others of a kind."""
    return {field.name: getattr(model, field.name) for field in fields(kind)}


def test_a_line_that_is_not_connected_has_no_voltage() -> None:
    report = RelayReport(
        **_common(DeviceReport, DETAIL),
        line_voltages=(235.284, 5.956, 0.0),
        changes=1,
    )
    unit = Relay(
        **_common(Unit, UNIT),
        relay=SwitchState.CLOSED,
        reason="ok",
        reason_code=1,
        lines=(True, False),
    )
    relay = RelayUnit(unit=unit, report=report)

    assert [relay.voltage(line) for line in range(3)] == [235.284, None, None]
    assert relay.last_reported == 30
    assert RelayUnit(unit=None, report=report).voltage(0) is None
    assert RelayUnit(unit=unit, report=None).voltage(0) is None
