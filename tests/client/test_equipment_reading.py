"""What is asked of the gateway for the equipment of a site, and how often."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
import json
import logging
from typing import Final

import pytest

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.client.models.grid import GridState
from custom_components.envoy_local.client.models.storage import Battery, SwitchState
from custom_components.envoy_local.client.models.totals import Section
from simulator import Fault

from .read_site import Site, asked, open_site, read_all

INVENTORY: Final = "/ivp/ensemble/inventory"
RELAY: Final = "/ivp/ensemble/relay"
UNITS: Final = "/inventory"
STORAGE: Final = {
    "/ivp/ensemble/secctrl": Section.STORAGE,
    RELAY: Section.RELAY,
    "/ivp/ensemble/generator": Section.GENERATOR,
    "/ivp/ensemble/dry_contacts": Section.DRY_CONTACTS,
    "/ivp/ss/dry_contact_settings": Section.CONTACT_SETTINGS,
    "/ivp/ss/gen_config": Section.GENERATOR_CONFIG,
    "/ivp/ss/gen_mode": Section.GENERATOR_MODE,
    INVENTORY: Section.INVENTORY,
}


@pytest.fixture
async def storage(socket_enabled: None) -> AsyncIterator[Site]:
    """A site with all there is, read until everything is known."""
    async with open_site("storage") as site:
        sim, client, _ = site
        await read_all(client)
        await client.read(Tier.STORAGE)
        sim.gateway.requests.clear()
        yield site


def grid(site: Site) -> GridState | None:
    """Return what feeds the house by now."""
    return site[1].snapshot.grid_state


def has_generator(site: Site) -> bool:
    return site[1].snapshot.has_generator


def mains(site: Site) -> SwitchState | None:
    """Return how the relay to the grid stands by now."""
    relay = site[1].snapshot.relay
    assert relay
    return relay.mains_oper_state


async def turns(site: Site, tier: Tier, *, seconds: int, every: int = 60) -> None:
    """Read a tier for some time."""
    _, client, watch = site
    for _ in range(seconds // every):
        watch.now += every
        await client.read(tier)


async def test_a_site_with_everything(storage: Site) -> None:
    _, client, _ = storage
    snapshot = client.snapshot
    assert set(snapshot.read_at) >= {*STORAGE.values(), Section.TARIFF, Section.UNITS}
    assert snapshot.has_generator
    assert snapshot.grid_state is GridState.ON_GRID
    assert len(snapshot.ac_battery_serials) == 2
    assert len(snapshot.relay_serials) == 1
    assert snapshot.storage
    assert snapshot.storage.total_available_energy
    assert not client.snapshot.lost


async def test_first_the_inventory_then_what_it_tells(socket_enabled: None) -> None:
    async with open_site("storage") as (sim, client, _):
        assert (await client.read(Tier.STORAGE)).read == {Section.INVENTORY}
        assert not any(asked(sim, path) for path in STORAGE if path != INVENTORY)
        result = await client.read(Tier.STORAGE)
        assert result.read == set(STORAGE.values())


async def test_without_equipment_only_the_inventory_is_asked(unmetered: Site) -> None:
    sim, client, _ = unmetered
    await read_all(client)
    sim.gateway.requests.clear()
    await turns(unmetered, Tier.STORAGE, seconds=3600)
    assert asked(sim, INVENTORY) == 4
    assert len(sim.gateway.requests) == 4


async def test_without_a_collar_the_inventory_can_wait(home: Site) -> None:
    sim, client, _ = home
    await read_all(client)
    sim.gateway.requests.clear()
    await turns(home, Tier.STORAGE, seconds=3600)
    assert asked(sim, INVENTORY) == 12
    assert asked(sim, RELAY) == 60
    assert asked(sim, "/ivp/ss/dry_contact_settings") == 4


async def test_a_collar_tells_of_an_outage_within_a_turn(storage: Site) -> None:
    sim, _, _ = storage
    assert sim.equipment
    sim.gateway.faults.add(Fault.error(RELAY, 404))
    sim.equipment.grid_state = "off_grid"
    await turns(storage, Tier.STORAGE, seconds=60)
    assert grid(storage) is GridState.OFF_GRID
    sim.equipment.grid_state = "on_grid"
    sim.gateway.faults.clear()
    await turns(storage, Tier.STORAGE, seconds=60)
    assert grid(storage) is GridState.ON_GRID


async def test_equipment_that_comes_is_asked_for_and_that_goes_is_not(
    unmetered: Site,
) -> None:
    sim, client, _ = unmetered
    assert sim.equipment
    await read_all(client)
    sim.equipment.add("controller", serial="482500109999")
    sim.equipment.add("battery", serial="492500109999")
    await turns(unmetered, Tier.STORAGE, seconds=1020)
    assert client.snapshot.has_system_controller
    assert [unit.serial for unit in client.snapshot.equipment(Battery)] == [
        "492500109999"
    ]
    assert client.snapshot.dry_contacts
    assert not client.snapshot.has_generator
    assert asked(sim, "/ivp/ensemble/generator") == 0

    sim.equipment.remove("482500109999")
    await turns(unmetered, Tier.STORAGE, seconds=360)
    assert client.snapshot.grid_state is None
    sim.gateway.requests.clear()
    await turns(unmetered, Tier.STORAGE, seconds=600)
    assert asked(sim, RELAY) == asked(sim, "/ivp/ensemble/dry_contacts") == 0


async def test_batteries_that_all_go_at_once_are_waited_for(home: Site) -> None:
    """After a boot the gateway knows its switch before its batteries."""
    sim, client, watch = home
    assert sim.equipment
    await read_all(client)
    serials = [unit.serial for unit in sim.equipment.of("battery")]
    batteries = client.snapshot.equipment(Battery)
    for serial in serials:
        sim.equipment.remove(serial)
    await turns(home, Tier.STORAGE, seconds=1500)
    assert client.snapshot.has_system_controller
    assert client.snapshot.equipment(Battery) == batteries

    for serial in serials:
        sim.equipment.add("battery", serial=serial)
    await turns(home, Tier.STORAGE, seconds=360)
    for serial in serials:
        sim.equipment.remove(serial)
    await turns(home, Tier.STORAGE, seconds=1500)
    assert len(client.snapshot.equipment(Battery)) == len(serials)

    # They are gone for good.
    await turns(home, Tier.STORAGE, seconds=900)
    assert not client.snapshot.has_batteries
    assert client.snapshot.has_system_controller
    sim.gateway.requests.clear()
    watch.now += 15
    await client.read(Tier.READINGS)
    assert asked(sim, "/ivp/ensemble/power") == 0


async def test_a_generator_that_comes_and_goes(storage: Site) -> None:
    sim, _, _ = storage
    assert sim.equipment
    sim.equipment.generator = False
    await turns(storage, Tier.STORAGE, seconds=960)
    assert not has_generator(storage)
    sim.gateway.requests.clear()
    await turns(storage, Tier.STORAGE, seconds=600)
    assert asked(sim, "/ivp/ensemble/generator") == asked(sim, "/ivp/ss/gen_mode") == 0
    sim.equipment.generator = True
    await turns(storage, Tier.STORAGE, seconds=960)
    assert has_generator(storage)
    assert asked(sim, "/ivp/ensemble/generator")


@pytest.mark.parametrize(("path", "section"), STORAGE.items())
async def test_one_failing_endpoint_touches_only_what_it_feeds(
    storage: Site, path: str, section: Section
) -> None:
    sim, client, watch = storage
    known = client.snapshot
    sim.gateway.faults.add(Fault.html(path))
    watch.now += 1000
    result = await client.read(Tier.STORAGE)
    assert set(result.errors) == {section}
    assert result.read == set(STORAGE.values()) - {section}
    assert getattr(client.snapshot, section) is getattr(known, section)
    watch.now += 4000
    await client.read(Tier.STORAGE)
    assert section in client.snapshot.lost
    assert client.snapshot.lost.isdisjoint(result.read)
    sim.gateway.faults.clear()
    watch.now += 1000
    result = await client.read(Tier.STORAGE)
    assert not result.errors
    assert section not in client.snapshot.lost


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_what_a_gateway_does_not_have_is_asked_for_once_an_hour(
    home: Site, status: int
) -> None:
    sim, client, _ = home
    sim.gateway.faults.add(Fault.error(RELAY, status))
    await client.read(Tier.STORAGE)
    await client.read(Tier.STORAGE)
    assert client.records[Section.RELAY].is_unsupported
    before = asked(sim, RELAY)
    await turns(home, Tier.STORAGE, seconds=3480)
    assert asked(sim, RELAY) == before
    assert client.snapshot.grid_state is GridState.ON_GRID
    assert client.snapshot.dry_contacts
    sim.gateway.faults.clear()
    await turns(home, Tier.STORAGE, seconds=120)
    assert client.snapshot.relay


async def test_units_are_asked_for_rarely(storage: Site) -> None:
    sim, client, _ = storage
    await turns(storage, Tier.REPORT, seconds=7200)
    assert asked(sim, UNITS) == 4
    assert client.snapshot.units


async def test_where_no_unit_could_be_overlooked_nobody_asks(home: Site) -> None:
    sim, client, _ = home
    await read_all(client)
    data = client.snapshot.device_data
    assert data
    assert data.is_complete
    assert not client.snapshot.ac_battery_serials | client.snapshot.relay_serials
    sim.gateway.requests.clear()
    await turns(home, Tier.REPORT, seconds=2 * 86400, every=3600)
    assert asked(sim, UNITS) == 0


async def test_without_device_data_a_relay_is_looked_for_daily(
    unmetered: Site,
) -> None:
    sim, client, _ = unmetered
    assert sim.equipment
    await read_all(client)
    assert client.snapshot.device_data is None
    await turns(unmetered, Tier.REPORT, seconds=2 * 86400, every=3600)
    assert asked(sim, UNITS) == 3
    sim.equipment.add("relay", serial="900000000999")
    await turns(unmetered, Tier.REPORT, seconds=86400, every=3600)
    assert client.snapshot.relay_serials == {"900000000999"}


async def test_an_empty_list_of_units_is_doubted(storage: Site) -> None:
    sim, client, _ = storage
    known = client.snapshot.units
    sim.gateway.faults.add(Fault.raw(UNITS, b"[]"))
    await turns(storage, Tier.REPORT, seconds=1860)
    assert client.snapshot.units is known
    sim.gateway.faults.clear()
    await turns(storage, Tier.REPORT, seconds=3600)
    assert client.snapshot.units == known
    assert client.snapshot.units is not known


async def test_removed_units_are_no_longer_there(storage: Site) -> None:
    sim, client, watch = storage
    assert sim.equipment
    for serial in (*client.snapshot.ac_battery_serials, *client.snapshot.relay_serials):
        sim.equipment.remove(serial)
    watch.now += 2000
    for tier in (Tier.DEVICE_DATA, Tier.INVERTERS, Tier.REPORT):
        await client.read(tier)
    assert not client.snapshot.ac_battery_serials
    assert not client.snapshot.relay_serials
    # The list of inverters holds on to them for a day.
    assert any(unit.is_ac_battery for unit in client.snapshot.inverter_reports or ())
    assert not replace(client.snapshot, inventory=None).has_storage


async def test_what_nobody_knows_is_said_once(
    storage: Site, caplog: pytest.LogCaptureFixture
) -> None:
    sim, _, _ = storage
    sideways = {"mains_oper_state": "sideways", "mains_admin_state": "closed"}
    sim.gateway.faults.add(Fault.raw(RELAY, json.dumps(sideways).encode()))
    await turns(storage, Tier.STORAGE, seconds=600)
    (said,) = _warnings(caplog)
    assert "sideways" in said
    assert "mains_oper_state" in said
    assert mains(storage) is None
    sim.gateway.faults.clear()
    await turns(storage, Tier.STORAGE, seconds=120)
    assert mains(storage) is SwitchState.CLOSED
    assert len(_warnings(caplog)) == 1


async def test_news_without_end_are_not_all_said(
    storage: Site, caplog: pytest.LogCaptureFixture
) -> None:
    sim, _, _ = storage
    for turn in range(15):
        rows = [{"id": "NC1", "status": f"state {turn} {n}"} for n in range(30)]
        sim.gateway.faults.clear()
        sim.gateway.faults.add(
            Fault.raw(
                "/ivp/ensemble/dry_contacts",
                json.dumps({"dry_contacts": rows}).encode(),
            )
        )
        await turns(storage, Tier.STORAGE, seconds=60)
    assert len(_warnings(caplog)) == 200
    sim.gateway.faults.clear()
    await turns(storage, Tier.STORAGE, seconds=120)
    assert len(_warnings(caplog)) == 200


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components")
        and record.levelno >= logging.WARNING
    ]
