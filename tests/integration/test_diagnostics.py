"""Diagnostics: complete, and fit to be attached to a public bug report."""

from __future__ import annotations

import json
import re
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.envoy_local.client.endpoints import ENDPOINTS, Tier
from custom_components.envoy_local.const import CONF_FINGERPRINT
from simulator import SCENARIOS, Fault, Simulator

from ..captures import FOLDER, needs_captures
from .conftest import Setup, state_of

# Home Assistant's own web server is built in a way that aiohttp warns about.
pytestmark = pytest.mark.filterwarnings("ignore::aiohttp.web.NotAppKeyWarning")


async def download(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, entry: ConfigEntry[Any]
) -> dict[str, Any]:
    """Download an entry's diagnostics as a user does."""
    assert await async_setup_component(hass, "diagnostics", {})
    await hass.async_block_till_done()
    client = await hass_client()
    url = f"/api/diagnostics/config_entry/{entry.entry_id}"
    response = await client.get(url)
    assert response.status == 200
    data: dict[str, Any] = (await response.json())["data"]
    return data


async def test_everything_is_there(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    hass_client: ClientSessionGenerator,
) -> None:
    entry = await setup_entry()

    data = await download(hass, hass_client, entry)

    assert data["entry"]["title"] == "Envoy gateway"
    assert data["entry"]["state"] == "loaded"
    assert data["entry"]["data"] == {
        "fingerprint": "**REDACTED**",
        "host": "host",
        "password": "**REDACTED**",
        "serial": "gateway",
        "token": "**REDACTED**",
        "username": "username 1",
    }
    assert data["reachable"] is True
    assert data["session"] == {
        "access_token": {"role": "owner", "days_left": 365.0, "lifetime_days": 365.0},
        "check_jwt_calls": 1,
        "cloud_logins": 0,
        "bearer_mode": False,
        "backoff": {"failures": 0, "retry_at": None, "cause": None},
    }
    assert data["tiers"].keys() == {tier.value for tier in Tier}
    assert data["tiers"]["readings"] == {
        "interval": 15.0,
        "last_update_success": True,
    }
    assert data["endpoints"].keys() == {e.section.value for e in ENDPOINTS}
    readings = data["endpoints"]["readings"]
    assert readings["failures"] == 0
    assert readings["error"] is None
    assert 0 <= readings["last_success_age"] < 60
    snapshot = data["snapshot"]
    assert snapshot["info"]["firmware"] == {"text": "D8.3.5169"}
    assert snapshot["info"]["serial"] == "gateway"
    assert snapshot["inverters"]["inverter 1"]["serial"] == "inverter 1"
    assert len(snapshot["inverters"]) == 16
    assert snapshot["totals"]["production"]["power"] is not None
    batteries = [device["serial"] for device in snapshot["inventory"]["devices"]]
    assert "battery 1" in batteries


async def test_failing_endpoint_is_explained(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    hass_client: ClientSessionGenerator,
) -> None:
    simulator.gateway.faults.add(Fault.error("/ivp/pdm/device_data", 503))
    entry = await setup_entry()

    broken = (await download(hass, hass_client, entry))["endpoints"]["device_data"]
    assert broken["failures"] == 1
    assert broken["error"] == "EnvoyBusyError: The gateway is starting or busy"
    assert broken["last_attempt_age"] >= 0
    assert broken["last_success_age"] is None

    simulator.gateway.faults.clear()
    await entry.runtime_data.coordinators[Tier.DEVICE_DATA].async_refresh()
    mended = (await download(hass, hass_client, entry))["endpoints"]["device_data"]

    assert mended["failures"] == 0
    assert mended["error"] is None


async def test_entry_that_is_not_loaded(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    hass_client: ClientSessionGenerator,
) -> None:
    await simulator.gateway.go_away()
    entry = await setup_entry()
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY

    data = await download(hass, hass_client, entry)

    assert data.keys() == {"entry"}
    assert data["entry"]["state"] == "setup_retry"
    assert data["entry"]["reason"]
    assert simulator.serial not in json.dumps(data)


SIMULATED = [{"scenario": name} for name in sorted(SCENARIOS)]
RECORDED = [
    pytest.param({"capture": FOLDER / name}, marks=needs_captures, id=name)
    for name in (
        "3.9.36_bad_auth",
        "7.3.130",
        "8.2.4382_ACB",
        "8.3.1598_collar",
        "8.3.5169_with_generator",
    )
]


@pytest.mark.parametrize("simulator", [*SIMULATED, *RECORDED], indirect=True)
async def test_nothing_tells_whose_home_it_is(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    hass_client: ClientSessionGenerator,
) -> None:
    entry = await setup_entry(username="owner@example.com", password="open sesame")
    snapshot = entry.runtime_data.snapshot
    inventory = snapshot.inventory.devices if snapshot.inventory else ()
    secrets = {
        simulator.serial,
        *snapshot.inverters,
        *(device.serial for device in inventory),
        *(entry.data[key] for key in (CONF_HOST, CONF_USERNAME, CONF_PASSWORD)),
        *(entry.data[k] for k in (CONF_TOKEN, CONF_FINGERPRINT) if k in entry.data),
        entry.data[CONF_HOST].partition(":")[0],
    }

    text = json.dumps(await download(hass, hass_client, entry))

    assert len(secrets) >= 5
    assert [secret for secret in secrets if secret in text] == []
    assert re.findall(r"(?<![.\d])\d{12}(?!\d)", text) == []
    assert re.findall(r"eyJ[\w-]+\.", text) == []


@pytest.mark.parametrize("simulator", [{"scenario": "storage"}], indirect=True)
async def test_what_people_typed_in_is_not_told(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    hass_client: ClientSessionGenerator,
) -> None:
    assert simulator.equipment
    contacts = simulator.equipment.contacts
    contacts["NC1"].settings |= {"load_name": "Sauna", "pv_serial_nb": ["12345"]}
    entry = await setup_entry()
    await entry.runtime_data.coordinators[Tier.SETTINGS].async_refresh()

    data = await download(hass, hass_client, entry)

    assert data["snapshot"]["contact_settings"]["contacts"][0]["load_name"]
    assert data["snapshot"]["generator_config"]["generator_id"] == "generator_id 1"
    settings = data["answers"]["/ivp/ss/dry_contact_settings"]["dry_contacts"]
    assert settings[0]["load_name"].startswith("load_name ")
    assert settings[0]["pv_serial_nb"] == ["solar_serials 1"]
    config = data["answers"]["/ivp/ss/gen_config"]
    assert config["generator_id"] == "generator_id 1"
    text = json.dumps(data)
    assert "Sauna" not in text
    assert '"12345"' not in text
    units = entry.runtime_data.snapshot.units
    assert units
    assert [unit.serial for unit in units.units if unit.serial in text] == []
