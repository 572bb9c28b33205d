"""`/stream/meter` of a recorded gateway: its readings, again and again."""

from __future__ import annotations

import aiohttp
import pytest

from simulator import Simulator

from .helpers import CAPTURES, Caller, needs_captures
from .streams import QUICK, READINGS, STREAM, listening


@needs_captures
@pytest.mark.parametrize(
    "folder",
    [
        "8.3.5169_ACB_inventory",
        "8.3.5169_with_generator",
        "8.3.5167_3rd-pv",
    ],
)
async def test_a_recording_streams_its_readings(
    session: aiohttp.ClientSession, folder: str
) -> None:
    async with Simulator(capture=CAPTURES / folder) as simulator:
        simulator.gateway.stream.interval = QUICK
        readings = await Caller(simulator, session).get(
            READINGS, bearer=simulator.token()
        )
        async with listening(simulator, session) as stream:
            frames = await stream.read_frames(2)
    assert frames[0] == frames[1]
    for row, name in zip(
        readings.json, ("production", "net-consumption"), strict=False
    ):
        recorded = [channel["activePower"] for channel in row["channels"]]
        section = list(frames[0][name].values())
        assert [phase["p"] for phase in section] == recorded


@needs_captures
async def test_a_recording_leaves_out_a_ct_that_is_off(
    session: aiohttp.ClientSession,
) -> None:
    folder = CAPTURES / "8.3.5289_modGone"
    async with (
        Simulator(capture=folder) as simulator,
        listening(simulator, session) as stream,
    ):
        frame = (await stream.read_frames(1))[0]
    assert list(frame) == ["production"]


@needs_captures
@pytest.mark.parametrize(
    "folder", ["7.3.466_metered_disabled_cts", "7.6.114_without_cts", "5.0.49"]
)
async def test_a_recording_without_meters_has_no_stream(
    session: aiohttp.ClientSession, folder: str
) -> None:
    async with Simulator(capture=CAPTURES / folder) as simulator:
        answer = await Caller(simulator, session).get(
            STREAM, bearer=simulator.token(role="installer")
        )
        assert answer.status == 404
