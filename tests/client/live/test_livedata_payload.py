"""What `/ivp/livedata/status` says."""

from __future__ import annotations

from collections.abc import Mapping
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.envoy_local.client.exceptions import EnvoyResponseError
from custom_components.envoy_local.client.live.livedata import (
    live_power,
    parse_livedata,
)
from custom_components.envoy_local.client.models.live import (
    LiveFlow,
    LivePhase,
    LivePower,
    LiveSite,
    LiveSource,
)
from custom_components.envoy_local.client.models.meters import MeterKind

from .frames import METERED

NOW = 1_785_600_000
WITH_BATTERY = LiveSite(meters=METERED.meters, has_storage=True)


def _source(total: object, *phases: object) -> dict[str, object]:
    by_phase = zip("abc", phases, strict=False)
    return {
        "agg_p_mw": total,
        "agg_s_mva": total,
        **{f"agg_p_ph_{letter}_mw": power for letter, power in by_phase},
    }


def _answer(**changes: object) -> Mapping[str, object]:
    meters: dict[str, object] = {
        "last_update": NOW,
        "phase_count": 2,
        "pv": _source(3_000_000, 1_400_000, 1_600_000, 0),
        "storage": _source(-500_000, -250_000, -250_000, 0),
        "grid": _source(-1_000_500, -600_250, -400_250, 0),
        "load": _source(1_499_500, 1, 2, 0),
        "generator": _source(0, 0, 0, 0),
    }
    return {
        "connection": {"mqtt_state": "connected", "sc_stream": "enabled"},
        "meters": {**meters, **changes},
    }


def _power(answer: Mapping[str, object], site: LiveSite) -> LivePower:
    data = parse_livedata(json.dumps(answer).encode())
    return live_power(data, site=site, received_at=5.0)


def test_everything() -> None:
    assert _power(_answer(), WITH_BATTERY) == LivePower(
        source=LiveSource.LIVEDATA,
        received_at=5.0,
        measured_at=NOW,
        production=3000.0,
        grid=-1000.5,
        battery=-500.0,
        consumption=1499.5,
        phases=(
            LivePhase(
                production=1400.0, grid=-600.25, battery=-250.0, consumption=549.75
            ),
            LivePhase(
                production=1600.0, grid=-400.25, battery=-250.0, consumption=949.75
            ),
        ),
    )


def test_without_a_battery() -> None:
    power = _power(_answer(storage=_source(77, 77)), METERED)

    assert power.battery is None
    assert power.consumption == 1999.5
    assert power.phases[0].consumption == 799.75


def test_battery_that_says_nothing() -> None:
    power = _power(_answer(storage={}), WITH_BATTERY)

    assert (power.battery, power.consumption) == (None, None)
    assert power.grid == -1000.5


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (MeterKind.PRODUCTION, (3000.0, None, None)),
        (MeterKind.NET_CONSUMPTION, (None, -1000.5, None)),
        (MeterKind.TOTAL_CONSUMPTION, (None, -1000.5, None)),
        (MeterKind.STORAGE, (None, None, None)),
    ],
)
def test_only_meters_in_use_are_believed(
    kind: MeterKind, expected: tuple[float | None, ...]
) -> None:
    power = _power(_answer(), LiveSite(meters={kind: 1}, has_storage=True))

    assert (power.production, power.grid, power.consumption) == expected


def test_early_firmware_has_no_phases() -> None:
    answer = _answer(pv=_source(1000), storage={}, grid=_source(2000))

    power = _power(answer, METERED)

    assert power.phases == ()
    assert (power.production, power.grid, power.consumption) == (1.0, 2.0, 3.0)


@pytest.mark.parametrize("count", [0, None, -1, "2", 7])
def test_unlikely_number_of_phases(count: object) -> None:
    assert len(_power(_answer(phase_count=count), METERED).phases) == 3


@pytest.mark.parametrize(
    ("state", "expected"),
    [("enabled", True), ("disabled", False), (None, None), (1, None)],
)
def test_switch(state: object, expected: bool | None) -> None:
    answer = {**_answer(), "connection": {"sc_stream": state}}

    assert parse_livedata(json.dumps(answer).encode()).is_enabled is expected


def test_unmetered_gateways_say_nothing_but_zeros() -> None:
    zeros = {name: _source(0, 0, 0, 0) for name in ("pv", "storage", "grid", "load")}

    data = parse_livedata(json.dumps(_answer(last_update=0, **zeros)).encode())

    assert data.is_blank
    assert data.last_update is None
    assert not parse_livedata(json.dumps(_answer()).encode()).is_blank


def test_values_of_another_kind_are_not_reported() -> None:
    answer = _answer(last_update="now", pv=[1], grid={"agg_p_mw": "5"})

    data = parse_livedata(json.dumps(answer).encode())

    assert data.last_update is None
    assert data.production == data.grid == LiveFlow()


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b'{"meters": 5}'])
def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(EnvoyResponseError):
        parse_livedata(body)


@given(st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    with pytest.raises(EnvoyResponseError):
        parse_livedata(body)
