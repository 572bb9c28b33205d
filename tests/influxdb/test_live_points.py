"""Live power as points: the series of the readings, closer together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from custom_components.envoy_local.client.models.live import LivePower, LiveSource
from custom_components.envoy_local.client.models.snapshot import GatewaySnapshot
from custom_components.envoy_local.influxdb.schema import PointSource, Schema

from ..client.sites import NOON
from .oracle import parse
from .standard_lines import MS, metered

RECEIVED = NOON + 7.25


def flowing(**powers: Any) -> GatewaySnapshot:
    power = LivePower(source=LiveSource.STREAM, received_at=RECEIVED, **powers)
    return replace(metered(), live=power)


def source(*schemas: Schema, **tags: str) -> PointSource:
    return PointSource(schemas=schemas or [Schema.STANDARD], extra_tags=tags)


def test_what_is_live_is_written_with_the_time_it_arrived() -> None:
    snapshot = flowing(production=2500.0, grid=-700.0, consumption=1800.0)

    found = [parse(line) for line in source().live_lines(snapshot)]

    written = {each.measurement: each.fields for each in found}
    assert written == {
        "production": {"power": 2500.0},
        "consumption": {"power": 1800.0},
        "grid": {"power": -700.0},
    }
    assert {each.time for each in found} == {round(RECEIVED * MS)}
    assert {each.tags["phase"] for each in found} == {"total"}


def test_what_a_frame_leaves_out_is_left_to_the_readings() -> None:
    [line] = source().live_lines(flowing(grid=-700.0, consumption=1800.0))[:1]
    assert parse(line).measurement != "production"


def test_each_frame_is_written_once() -> None:
    points, snapshot = source(), flowing(production=2500.0)

    assert len(points.live_lines(snapshot)) == 1
    assert points.live_lines(snapshot) == []
    assert points.live_lines(replace(snapshot, live=None)) == []
    assert len(points.live_lines(flowing(production=2500.0))) == 1


def test_the_readings_are_written_as_they_were_read() -> None:
    read, live = source(), source()

    assert live.lines(flowing(production=2500.0), now=RECEIVED) == read.lines(
        metered(), now=RECEIVED
    )


def test_tags_of_the_users_own_stand_at_live_points_too() -> None:
    [line] = source(house="lake").live_lines(flowing(production=2500.0))
    assert parse(line).tags["house"] == "lake"


def test_the_other_schema_keeps_the_pace_of_its_readings() -> None:
    assert source(Schema.SEED).live_lines(flowing(production=2500.0)) == []
