"""One request at a time in each lane, and no lane in another's way."""

from __future__ import annotations

import asyncio

from custom_components.envoy_local.client.transport import Lane
from simulator import Fault

from .conftest import House
from .requesting import get


async def test_one_request_at_a_time_in_a_lane(house: House) -> None:
    transport = await house.transport()
    house.sim.gateway.requests.clear()
    house.sim.gateway.faults.add(Fault.slow("/info", 0.05))

    await asyncio.gather(*(get(transport, "/info") for _ in range(5)))

    assert len(house.sim.gateway.requests) == 5
    assert house.sim.gateway.requests.max_in_flight["native"] == 1


async def test_readings_go_ahead_of_all_that_waits(house: House) -> None:
    transport = await house.transport()
    house.sim.gateway.requests.clear()
    house.sim.gateway.faults.add(Fault.slow("/info", 0.05))
    waiting = [asyncio.create_task(get(transport, "/info")) for _ in range(4)]
    await asyncio.sleep(0.02)

    await get(transport, "/ivp/meters/readings", lane=Lane.READINGS)
    await asyncio.gather(*waiting)

    paths = [request.path for request in house.sim.gateway.requests]
    assert paths == ["/info", "/ivp/meters/readings", *["/info"] * 3]
    assert house.sim.gateway.requests.max_in_flight["native"] == 1


async def test_a_stuck_lane_holds_up_no_other(house: House) -> None:
    transport = await house.transport()
    house.sim.gateway.faults.add(Fault.hang("/production.json"))
    house.sim.gateway.faults.add(Fault.hang("/ivp/pdm/device_data"))
    stuck = [
        asyncio.create_task(
            get(transport, "/production.json", lane=Lane.RUBY, timeout=30)
        ),
        asyncio.create_task(
            get(transport, "/ivp/pdm/device_data", lane=Lane.DEVICE_DATA, timeout=30)
        ),
    ]
    await asyncio.sleep(0.05)

    assert (await get(transport, "/info", timeout=2)).status == 200

    assert not any(task.done() for task in stuck)
    for task in stuck:
        task.cancel()
    await asyncio.gather(*stuck, return_exceptions=True)


async def test_time_starts_when_the_lane_is_free(house: House) -> None:
    transport = await house.transport()
    house.sim.gateway.faults.add(Fault.slow("/info", 0.3))

    answers = await asyncio.gather(
        *(get(transport, "/info", timeout=0.8) for _ in range(4))
    )

    assert [answer.status for answer in answers] == [200] * 4


async def test_a_cancelled_request_frees_its_lane(house: House) -> None:
    transport = await house.transport()
    house.sim.gateway.faults.add(Fault.hang("/info", times=1))
    task = asyncio.create_task(get(transport, "/info", timeout=30))
    await asyncio.sleep(0.05)

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert (await get(transport, "/info")).status == 200
