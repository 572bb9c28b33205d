"""What a frame of the stream says."""

from __future__ import annotations

from collections.abc import Mapping
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.envoy_local.client.exceptions import EnvoyResponseError
from custom_components.envoy_local.client.live.frames import parse_frame
from custom_components.envoy_local.client.models.live import (
    LivePhase,
    LivePower,
    LiveSite,
    LiveSource,
)
from custom_components.envoy_local.client.models.meters import MeterKind

from .frames import METERED, frame, written

_WRONG: list[object] = [None, "12", True, [], {}]


def _parse(content: Mapping[str, object], site: LiveSite = METERED) -> LivePower:
    return parse_frame(written(content), site=site, received_at=17.5)


def test_sums_and_phases() -> None:
    power = _parse(frame((100.5, 200.0, 0.0), (-50.0, 25.0, 0.0), (1.0, 2.0, 3.0)))

    assert power == LivePower(
        source=LiveSource.STREAM,
        received_at=17.5,
        production=300.5,
        grid=-25.0,
        consumption=275.5,
        phases=(
            LivePhase(production=100.5, grid=-50.0, consumption=50.5),
            LivePhase(production=200.0, grid=25.0, consumption=225.0),
            LivePhase(production=0.0, grid=0.0, consumption=0.0),
        ),
    )


def test_minus_nothing_is_nothing() -> None:
    power = _parse(frame((-0.0, -0.0, -0.0)))

    assert str(power.production) == "0.0"


def test_lost_sign() -> None:
    assert _parse(frame((4294967292, 0, 0))).production == -4


@pytest.mark.parametrize(
    ("meters", "expected"),
    [
        ({MeterKind.PRODUCTION}, (10.0, None, None)),
        ({MeterKind.NET_CONSUMPTION}, (None, 5.0, None)),
        ({MeterKind.PRODUCTION, MeterKind.NET_CONSUMPTION}, (10.0, 5.0, 15.0)),
        ({MeterKind.PRODUCTION, MeterKind.TOTAL_CONSUMPTION}, (10.0, 90.0, 100.0)),
        ({MeterKind.TOTAL_CONSUMPTION}, (None, None, 100.0)),
    ],
)
def test_only_meters_in_use_are_believed(
    meters: set[MeterKind], expected: tuple[float | None, ...]
) -> None:
    site = LiveSite(meters=dict.fromkeys(meters, 3))

    power = _parse(frame((10.0, 0, 0), (5.0, 0, 0), (100.0, 0, 0)), site)

    assert (power.production, power.grid, power.consumption) == expected
    assert power.battery is None


def test_missing_section() -> None:
    content = frame((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))
    del content["production"]

    power = _parse(content)

    assert (power.production, power.grid, power.consumption) == (None, 15.0, None)
    assert power.phases[1] == LivePhase(grid=5.0)


def test_one_phase_alone() -> None:
    power = _parse(frame((7.0,), (3.0,)))

    assert (power.production, power.grid, power.consumption) == (7.0, 3.0, 10.0)
    assert power.phases[0] == LivePhase(production=7.0, grid=3.0, consumption=10.0)
    assert power.phases[1:] == (LivePhase(), LivePhase())


def test_what_a_split_phase_says_of_a_third_is_not_its_own() -> None:
    kinds = (MeterKind.PRODUCTION, MeterKind.NET_CONSUMPTION)
    site = LiveSite(meters=dict.fromkeys(kinds, 2))

    power = _parse(frame((3.0, 4.0, 0.0), (-201.4, 330.8, -465.0)), site)

    assert power.grid == pytest.approx(129.4)
    assert power.consumption == pytest.approx(136.4)
    assert power.phases[2] == LivePhase()


@pytest.mark.parametrize("wrong", _WRONG)
def test_phase_that_does_not_say(wrong: object) -> None:
    power = _parse(frame((7.0, wrong, 1.0), (3.0, 3.0, 3.0)))

    assert (power.production, power.grid, power.consumption) == (None, 9.0, None)
    assert power.phases[2] == LivePhase(production=1.0, grid=3.0, consumption=4.0)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"<html>",
        written(frame())[:-1],
        written({"production": {}, "net-consumption": []}),
        written({"production": 5, "net-consumption": {"ph-a": 5}}),
        b'{"production": {"ph-a": {"p": NaN}}}',
    ],
)
def test_what_is_no_frame(data: bytes) -> None:
    with pytest.raises(EnvoyResponseError):
        parse_frame(data, site=METERED, received_at=0)


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    try:
        parse_frame(data, site=METERED, received_at=0)
    except EnvoyResponseError:
        return


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=3),
        lambda inner: (
            st.dictionaries(
                st.sampled_from(["production", "net-consumption", "ph-a", "ph-b", "p"]),
                inner,
            )
            | st.lists(inner, max_size=3)
        ),
        max_leaves=20,
    )
)
def test_any_json(content: Any) -> None:
    data = json.dumps(content).encode()
    try:
        power = parse_frame(data, site=METERED, received_at=0)
    except EnvoyResponseError:
        return
    assert power.production is not None or power.grid is not None
