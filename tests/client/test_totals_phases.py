"""Which number is a phase's: a rule a test."""

from __future__ import annotations

import pytest

from .metered import BOTH_METERS, BOTH_READINGS, LOAD, NET, PRODUCTION, STORAGE
from .sites import batteries, meter, phase, reading, site


def test_phases() -> None:
    snapshot = site(
        meters=(meter(PRODUCTION, phase_count=2), meter(NET, phase_count=2)),
        readings=(
            reading(
                PRODUCTION,
                3000,
                channels=(
                    phase(1600, delivered=10),
                    phase(1400, delivered=20),
                    phase(9, delivered=99),
                ),
            ),
            reading(
                NET,
                -1000,
                channels=(
                    phase(-700, delivered=5, received=1),
                    phase(-300, delivered=6, received=2),
                    phase(7, delivered=99),
                ),
            ),
        ),
    )
    first, second = snapshot.phases
    assert first.production.power == 1600
    assert first.grid.power == -700
    assert first.consumption.power == 900
    assert first.consumption.energy == 14
    assert second.consumption.power == 1100
    assert second.grid.export_energy == 2


def test_one_phase_is_no_phase() -> None:
    assert site(meters=BOTH_METERS, readings=BOTH_READINGS).phases == ()


def test_a_phase_with_an_unmetered_battery_has_no_known_consumption() -> None:
    channels = (phase(100), phase(200))
    meters = (meter(PRODUCTION, phase_count=2), meter(NET, phase_count=2))
    readings = (
        reading(PRODUCTION, channels=channels),
        reading(NET, channels=channels),
    )
    unmetered = site(meters=meters, readings=readings, inventory=batteries("1"))
    assert unmetered.phases[0].consumption.power is None
    metered = site(
        meters=(*meters, meter(STORAGE, phase_count=2)),
        readings=(*readings, reading(STORAGE, channels=(phase(-50), phase(0)))),
        inventory=batteries("1"),
    )
    assert metered.phases[0].battery.power == -50
    assert metered.phases[0].consumption.power == 150
    assert metered.phases[1].consumption.power == 400


def test_a_load_meters_phases_are_the_consumption() -> None:
    snapshot = site(
        meters=(meter(LOAD, phase_count=3),),
        readings=(reading(LOAD, channels=(phase(1), phase(2), phase(3))),),
    )
    assert [p.consumption.power for p in snapshot.phases] == [1, 2, 3]
    assert snapshot.phases[0].production.power is None


@pytest.mark.parametrize(
    ("phase_mode", "phase_count", "voltage"),
    [
        ("single", 1, 720.0),
        ("split", 2, 720.0),
        ("three", 1, 720.0),
        ("three", 2, 360.0),
        ("three", 3, 240.0),
    ],
)
def test_three_phases_have_a_mean_voltage(
    phase_mode: str, phase_count: int, voltage: float
) -> None:
    snapshot = site(
        meters=(meter(NET, phase_mode=phase_mode, phase_count=phase_count),),
        readings=(reading(NET, voltage=720),),
    )
    assert snapshot.metered[NET].voltage == voltage
    assert (
        site(meters=(meter(NET),), readings=(reading(NET),)).metered[NET].voltage
        is None
    )


@pytest.mark.parametrize(
    ("whole", "volts", "voltage"),
    [
        (705.0, (230.0, 235.0, 240.0), 235.0),
        # As 7.3.466 says it: what floats isn't in the gateway's sum.
        (235.236, (235.236, 6.124, 11.469), 235.236),
        (470.0, (230.0, 0.0, 240.0), 235.0),
        (235.0, (None, 11.469, 235.0), 235.0),
        (705.0, (None, None, None), 235.0),
        # Off the grid: nothing is connected to anything.
        (9.0, (0.0, 3.0, 6.0), 3.0),
        (None, (230.0, 235.0, 240.0), None),
    ],
)
def test_phases_that_are_not_connected_have_no_part_in_the_voltage(
    whole: float | None, volts: tuple[float | None, ...], voltage: float | None
) -> None:
    channels = tuple(phase(voltage=v) for v in volts)
    snapshot = site(
        meters=(meter(NET, phase_count=3),),
        readings=(reading(NET, voltage=whole, channels=channels),),
    )
    assert snapshot.metered[NET].voltage == pytest.approx(voltage)


def test_the_third_channel_of_a_split_phase_has_no_part_in_its_voltage() -> None:
    channels = tuple(phase(voltage=v) for v in (121.3, 121.2, 121.2))
    snapshot = site(
        meters=(meter(NET, phase_mode="split", phase_count=2),),
        readings=(reading(NET, voltage=242.5, channels=channels),),
    )
    assert snapshot.metered[NET].voltage == 242.5
