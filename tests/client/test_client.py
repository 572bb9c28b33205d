"""The client on the wire: what it asks, when, and what it keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.exceptions import (
    EnvoyBusyError,
    EnvoyConnectionError,
    EnvoyNotFoundError,
    EnvoyResponseError,
    WrongGatewayError,
)
from custom_components.envoy_local.client.models.meters import MeterKind
from custom_components.envoy_local.client.models.totals import Section
from simulator import Fault

from .read_site import Site, asked, read_all


async def test_readings_are_one_request(home: Site) -> None:
    sim, client, watch = home
    await client.read(Tier.SETTINGS)
    result = await client.read(Tier.READINGS)
    assert Section.READINGS in result.read
    assert not result.errors
    sim.gateway.requests.clear()
    watch.now += 15
    result = await client.read(Tier.READINGS)
    assert result.read == {Section.READINGS}
    (entry,) = list(sim.gateway.requests)
    assert entry.path == "/ivp/meters/readings"
    assert entry.has_cookie
    assert not entry.has_authorization


async def test_everything_that_a_site_has_is_read(home: Site) -> None:
    _, client, _ = home
    await read_all(client)
    snapshot = client.snapshot
    assert MeterKind.PRODUCTION in snapshot.metered
    assert MeterKind.STORAGE in snapshot.metered
    assert len(snapshot.inverters) == 16
    assert snapshot.has_batteries
    assert snapshot.battery_level is not None
    assert snapshot.home
    assert snapshot.report
    assert not snapshot.lost


async def test_a_site_without_meters_is_not_asked_for_readings(
    unmetered: Site,
) -> None:
    sim, client, _ = unmetered
    await read_all(client)
    assert asked(sim, "/ivp/meters/readings") == 0
    assert asked(sim, "/ivp/ensemble/power") == 0
    assert asked(sim, "/ivp/ensemble/secctrl") == 0
    assert client.snapshot.totals.production.energy


async def test_a_slow_pace_within_a_quick_tier(home: Site) -> None:
    sim, client, watch = home
    await client.read(Tier.SETTINGS)
    for _ in range(20):
        await client.read(Tier.READINGS)
        watch.now += 15
    assert asked(sim, "/ivp/meters/readings") == 20
    assert asked(sim, "/api/v1/production") <= 2
    assert asked(sim, "/ivp/ensemble/power") <= 5


FAULTS: list[tuple[Callable[[str], Fault], type[Exception]]] = [
    (lambda path: Fault.error(path, 500), EnvoyBusyError),
    (lambda path: Fault.error(path, 404), EnvoyNotFoundError),
    (Fault.html, EnvoyResponseError),
    (Fault.truncated, EnvoyResponseError),
    (Fault.empty, EnvoyResponseError),
    (Fault.reset, EnvoyConnectionError),
    (lambda path: Fault.raw(path, b"\xff\x00\xfe"), EnvoyResponseError),
    (lambda path: Fault.raw(path, b"[]"), EnvoyResponseError),
]


@pytest.mark.parametrize(
    ("fault", "error"),
    FAULTS,
    ids=["500", "404", "html", "truncated", "empty", "reset", "bytes", "nothing"],
)
async def test_a_failing_endpoint_keeps_its_last_answer(
    home: Site, fault: Callable[[str], Fault], error: type[Exception]
) -> None:
    sim, client, watch = home
    await read_all(client)
    known = client.snapshot.readings
    sim.gateway.faults.add(fault("/ivp/meters/readings"))
    watch.now += 15
    result = await client.read(Tier.READINGS)
    assert isinstance(result.errors[Section.READINGS], error)
    assert client.snapshot.readings is known
    assert not client.snapshot.lost
    watch.now += 15
    assert not (await client.read(Tier.INVERTERS)).errors
    sim.gateway.faults.clear()
    watch.now += 60
    result = await client.read(Tier.READINGS)
    assert Section.READINGS in result.read
    assert client.snapshot.readings is not known


async def test_silence_for_too_long_is_a_loss_until_it_ends(home: Site) -> None:
    sim, client, watch = home
    await read_all(client)
    sim.gateway.faults.add(Fault.error("/ivp/meters/readings", 503))
    watch.now += 880
    assert not (await client.read(Tier.READINGS)).snapshot.lost
    watch.now += 120
    await read_all(client)
    assert client.snapshot.lost == {Section.READINGS}
    sim.gateway.faults.clear()
    watch.now += 60
    assert not (await client.read(Tier.READINGS)).snapshot.lost


async def test_a_broken_endpoint_is_asked_more_and_more_rarely(home: Site) -> None:
    sim, client, watch = home
    await read_all(client)
    sim.gateway.requests.clear()
    sim.gateway.faults.add(Fault.error("/ivp/pdm/device_data", 500))
    for _ in range(240):
        watch.now += 15
        await client.read(Tier.DEVICE_DATA)
    assert 3 <= asked(sim, "/ivp/pdm/device_data") <= 12
    sim.gateway.faults.clear()
    watch.now += 3600
    result = await client.read(Tier.DEVICE_DATA)
    assert result.read == {Section.DEVICE_DATA}
    sim.gateway.requests.clear()
    watch.now += 15
    await client.read(Tier.DEVICE_DATA)
    assert asked(sim, "/ivp/pdm/device_data") == 1


async def test_what_is_not_there_is_asked_for_once_an_hour(home: Site) -> None:
    sim, client, watch = home
    sim.gateway.faults.add(Fault.error("/ivp/pdm/device_data", 404))
    await client.read(Tier.DEVICE_DATA)
    assert client.records[Section.DEVICE_DATA].is_unsupported
    for _ in range(10):
        watch.now += 300
        await client.read(Tier.DEVICE_DATA)
    assert asked(sim, "/ivp/pdm/device_data") == 1
    sim.gateway.faults.clear()
    watch.now += 900
    result = await client.read(Tier.DEVICE_DATA)
    assert result.read == {Section.DEVICE_DATA}
    assert not client.records[Section.DEVICE_DATA].is_unsupported


async def test_an_outage_is_not_held_against_the_endpoints(home: Site) -> None:
    sim, client, watch = home
    await read_all(client)
    await sim.gateway.go_away()
    for _ in range(20):
        watch.now += 15
        result = await client.read(Tier.INVERTERS)
        error = result.errors[Section.INVERTER_REPORTS]
        assert isinstance(error, EnvoyConnectionError)
    await sim.gateway.come_back()
    watch.now += 15
    result = await client.read(Tier.INVERTERS)
    assert result.read == {Section.INVERTER_REPORTS}


async def test_forgetting_failures_asks_again_at_once(home: Site) -> None:
    sim, client, _ = home
    await read_all(client)
    sim.gateway.faults.add(Fault.error("/ivp/pdm/device_data", 500))
    for _ in range(5):
        client.records[Section.DEVICE_DATA].not_before = 0
        await client.read(Tier.DEVICE_DATA)
    assert not (await client.read(Tier.DEVICE_DATA)).errors
    sim.gateway.faults.clear()
    client.forget_failures()
    result = await client.read(Tier.DEVICE_DATA)
    assert result.read == {Section.DEVICE_DATA}


async def test_one_request_at_a_time_for_each_server_process(home: Site) -> None:
    sim, client, _ = home
    await client.read(Tier.SETTINGS)
    sim.gateway.latency.profile = "fast"
    await asyncio.gather(*(client.read(tier) for tier in Tier))
    assert sim.gateway.requests.max_in_flight["ruby"] == 1
    # The device data comes from a process of its own, among the native ones.
    assert sim.gateway.requests.max_in_flight["native"] <= 2


async def test_another_gateway_at_the_address_is_refused(home: Site) -> None:
    sim, client, watch = home
    serial = client.snapshot.info.serial
    sim.gateway.faults.add(
        Fault.raw(
            "/info",
            b"<envoy_info><device><sn>999</sn><software>D8.3.5169</software>"
            b"</device></envoy_info>",
        )
    )
    watch.now += 15000
    result = await client.read(Tier.IDENTITY)
    error = result.errors[Section.INFO]
    assert isinstance(error, WrongGatewayError)
    assert error.found == "999"
    assert "999" not in str(error)
    assert client.snapshot.info.serial == serial
    sim.gateway.faults.clear()
    watch.now += 15000
    assert Section.INFO in (await client.read(Tier.IDENTITY)).read


async def test_an_empty_list_of_inverters_takes_none_away(home: Site) -> None:
    sim, client, watch = home
    await read_all(client)
    sim.gateway.faults.add(Fault.raw("/api/v1/production/inverters", b"[]"))
    watch.now += 300
    result = await client.read(Tier.INVERTERS)
    assert result.read == {Section.INVERTER_REPORTS}
    assert len(client.snapshot.inverters) == 16
