"""Live power over the readings: what a frame may replace, and what it may not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from custom_components.envoy_local.client.models.live import (
    LivePhase,
    LivePower,
    LiveSource,
)
from custom_components.envoy_local.client.models.meters import MeterKind
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.client.models.storage import BatteryPower
from custom_components.envoy_local.client.models.totals import Section, Totals

from .sites import batteries, device, device_data, meter, phase, reading, site

PRODUCTION, NET, LOAD, STORAGE = (
    MeterKind.PRODUCTION,
    MeterKind.NET_CONSUMPTION,
    MeterKind.TOTAL_CONSUMPTION,
    MeterKind.STORAGE,
)
CHANNELS = (phase(100, delivered=10, received=1), phase(200, delivered=20, received=2))


def metered(*kinds: MeterKind, **sections: Any) -> GatewaySnapshot:
    """A site with these meters, each of which read 1000 W."""
    return site(
        meters=tuple(map(meter, kinds)),
        readings=tuple(reading(k, 1000, delivered=5000, received=300) for k in kinds),
        **sections,
    )


def streamed(snapshot: GatewaySnapshot, **powers: Any) -> GatewaySnapshot:
    """The same site with a frame of the stream."""
    frame = LivePower(source=LiveSource.STREAM, received_at=0.0, **powers)
    return replace(snapshot, live=frame)


def powers(totals: Totals) -> tuple[float | None, ...]:
    """Production, consumption, grid, battery."""
    return (
        totals.production.power,
        totals.consumption.power,
        totals.grid.power,
        totals.battery.power,
    )


def energies(totals: Totals) -> tuple[float | None, ...]:
    return (
        totals.production.energy,
        totals.consumption.energy,
        totals.grid.import_energy,
        totals.grid.export_energy,
        totals.battery.charge_energy,
        totals.battery.discharge_energy,
    )


def test_without_live_power_now_is_what_was_read() -> None:
    snapshot = metered(PRODUCTION, NET)
    assert snapshot.now is snapshot.totals
    assert snapshot.phases_now is snapshot.phases


def test_all_powers_of_a_metered_site_are_live_and_no_energy() -> None:
    read = metered(PRODUCTION, NET)
    live = streamed(read, production=3000.0, grid=-500.0, consumption=2500.0)

    assert powers(live.now) == (3000, 2500, -500, None)
    assert energies(live.now) == energies(read.totals)
    assert live.now.consumption.energy_source is read.totals.consumption.energy_source
    assert live.totals == read.totals
    assert live.now.production.sections == frozenset()
    assert live.now.consumption.sections == frozenset()
    assert live.now.grid.sections == frozenset()


def test_a_frame_alone_is_enough_where_no_reading_came() -> None:
    read = site(meters=(meter(PRODUCTION), meter(NET)), readings=())
    live = streamed(read, production=3000.0, grid=-500.0)

    assert powers(live.now) == (3000, 2500, -500, None)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((PRODUCTION,), (3000, None, None, None)),
        ((NET,), (None, None, -500, None)),
        ((LOAD,), (None, 2500, None, None)),
    ],
)
def test_a_frame_adds_nothing_that_is_not_metered(
    kinds: tuple[MeterKind, ...], expected: tuple[float | None, ...]
) -> None:
    live = streamed(
        metered(*kinds),
        production=3000.0,
        grid=-500.0,
        consumption=2500.0,
        battery=77.0,
    )
    assert powers(live.now) == expected


def test_a_stream_leaves_what_a_battery_has_a_part_in() -> None:
    read = metered(PRODUCTION, NET, STORAGE)
    live = streamed(read, production=3000.0, grid=-500.0, consumption=2500.0)

    assert powers(read.totals) == (1000, 3000, 1000, 1000)
    assert powers(live.now) == (3000, 3000, -500, 1000)
    assert live.now.consumption.sections == {Section.READINGS}
    assert live.now.battery.sections == {Section.READINGS}


def test_with_the_battery_all_four_are_live() -> None:
    read = metered(PRODUCTION, NET, STORAGE)
    live = streamed(read, production=3000.0, grid=-500.0, battery=-1500.0)

    assert powers(live.now) == (3000, 1000, -500, -1500)
    assert energies(live.now) == energies(read.totals)


def test_a_battery_without_a_meter_can_be_live_too() -> None:
    read = metered(
        PRODUCTION,
        NET,
        inventory=batteries("1"),
        battery_power=(
            BatteryPower(serial="1", power=40.0, apparent_power=None, level=50.0),
        ),
    )
    assert powers(read.totals) == (1000, 2040, 1000, 40)

    streamed_only = streamed(read, production=3000.0, grid=-500.0)
    assert powers(streamed_only.now) == (3000, 2040, -500, 40)
    asked = streamed(read, production=3000.0, grid=-500.0, battery=-1500.0)
    assert powers(asked.now) == (3000, 1000, -500, -1500)


def test_half_a_frame_makes_no_balance() -> None:
    read = metered(PRODUCTION, NET)

    assert powers(streamed(read, grid=-500.0).now) == (1000, 2000, -500, None)
    assert powers(streamed(read, production=3000.0).now) == (3000, 2000, 1000, None)


def test_inverters_and_a_live_grid_make_the_consumption() -> None:
    read = metered(NET, device_data=device_data(device("1", 400.0)))
    assert powers(read.totals) == (400, 1400, 1000, None)

    buys = streamed(read, production=-3.0, grid=250.0)
    assert powers(buys.now) == (400, 650, 250, None)
    assert buys.now.consumption.sections == read.totals.production.sections
    sells = streamed(read, grid=-900.0)
    assert powers(sells.now) == (400, 0, -900, None)


def test_a_load_meter_makes_the_grid() -> None:
    read = metered(PRODUCTION, LOAD)
    assert powers(read.totals) == (1000, 1000, 0, None)

    live = streamed(read, production=3000.0, consumption=700.0, grid=-2300.0)
    assert powers(live.now) == (3000, 700, -2300, None)
    assert live.now.grid.sections == frozenset()
    lacking = streamed(read, production=3000.0)
    assert powers(lacking.now) == (3000, 1000, 0, None)


def test_a_load_meter_and_a_battery() -> None:
    read = metered(PRODUCTION, LOAD, STORAGE)
    assert powers(read.totals) == (1000, 1000, -1000, 1000)

    live = streamed(read, production=3000.0, consumption=700.0)
    assert powers(live.now) == (3000, 700, -1000, 1000)
    asked = streamed(read, production=3000.0, consumption=700.0, battery=-2000.0)
    assert powers(asked.now) == (3000, 700, -300, -2000)


def two_phases(*kinds: MeterKind, **sections: Any) -> GatewaySnapshot:
    return site(
        **sections,
        meters=tuple(meter(kind, phase_count=2) for kind in kinds),
        readings=tuple(
            reading(kind, 300, delivered=30, received=3, channels=CHANNELS)
            for kind in kinds
        ),
    )


def test_the_meters_say_how_many_phases_there_are() -> None:
    read = two_phases(PRODUCTION, NET)
    frame = tuple(
        LivePhase(production=1000.0 * n, grid=-100.0 * n, consumption=900.0 * n)
        for n in (1, 2, 0)
    )
    live = streamed(read, production=3000.0, grid=-300.0, phases=frame)

    assert [powers(p) for p in live.phases_now] == [
        (1000, 900, -100, None),
        (2000, 1800, -200, None),
    ]
    assert [energies(p) for p in live.phases_now] == [energies(p) for p in read.phases]
    assert live.phases == read.phases


def test_a_single_phase_stays_single() -> None:
    frame = tuple(LivePhase(production=power, grid=0.0) for power in (5.0, 0.0, 0.0))
    live = streamed(metered(PRODUCTION, NET), production=5.0, grid=0.0, phases=frame)
    assert live.phases_now == ()


def test_phases_that_a_frame_lacks_stay_as_read() -> None:
    read = two_phases(PRODUCTION, NET)
    totals_only = streamed(read, production=3000.0, grid=-300.0)
    one = streamed(read, phases=(LivePhase(production=7.0, grid=1.0),))

    assert totals_only.phases_now == read.phases
    assert powers(one.phases_now[0]) == (7, 8, 1, None)
    assert one.phases_now[1] == read.phases[1]


def test_a_phase_with_a_battery_that_has_no_meter_knows_no_consumption() -> None:
    read = two_phases(PRODUCTION, NET, inventory=batteries("1"))
    live = streamed(read, phases=(LivePhase(production=7.0, grid=1.0, battery=2.0),))

    assert powers(live.phases_now[0]) == (7, None, 1, None)
