"""Repairs: what is accepted is what was shown, and the gateway works again after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.envoy_local.client.endpoints import Tier
from custom_components.envoy_local.const import CONF_FINGERPRINT, DOMAIN
from simulator import Fault, Simulator, TokenIssuer

from .conftest import Setup, state_of

# Home Assistant's own web server is built in a way that aiohttp warns about.
pytestmark = pytest.mark.filterwarnings("ignore::aiohttp.web.NotAppKeyWarning")

DAY = 86_400
FLOWS = "/api/repairs/issues/fix"


class Browser:
    """A person at the repairs page, through Home Assistant's own web interface."""

    def __init__(self, hass: HomeAssistant, client: Any) -> None:
        self._hass = hass
        self._client = client

    async def open(self, issue: ir.IssueEntry) -> dict[str, Any]:
        """Open the form of an issue."""
        json = {"handler": DOMAIN, "issue_id": issue.issue_id}
        return await self._post(FLOWS, json)

    async def submit(
        self, form: dict[str, Any], typed: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Submit the form that is open."""
        return await self._post(f"{FLOWS}/{form['flow_id']}", typed or {})

    async def _post(self, url: str, json: dict[str, Any]) -> dict[str, Any]:
        response = await self._client.post(url, json=json)
        assert response.status == 200, await response.text()
        await self._hass.async_block_till_done(wait_background_tasks=True)
        result: dict[str, Any] = await response.json()
        return result


@pytest.fixture
async def browser(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, socket_enabled: None
) -> Browser:
    assert await async_setup_component(hass, REPAIRS, {})
    await hass.async_block_till_done()
    return Browser(hass, await hass_client())


def issue_of(hass: HomeAssistant, entry: ConfigEntry[Any], key: str) -> ir.IssueEntry:
    """Return the entry's issue; it has to be there."""
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"{key}_{entry.entry_id}")
    assert issue is not None
    return issue


def issues(hass: HomeAssistant) -> list[str | None]:
    """All issues of ours that are open."""
    registry = ir.async_get(hass)
    return [
        issue.translation_key
        for issue in registry.issues.values()
        if issue.domain == DOMAIN and issue.active
    ]


async def read(entry: ConfigEntry[Any]) -> None:
    """Let the readings be read."""
    await entry.runtime_data.coordinators[Tier.READINGS].async_refresh()


def grouped(fingerprint: str) -> str:
    return ":".join(fingerprint[i : i + 2] for i in range(0, 64, 2)).upper()


async def test_certificate_is_accepted(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup, browser: Browser
) -> None:
    entry = await setup_entry()
    pinned = entry.data[CONF_FINGERPRINT]
    found = simulator.gateway.renew_certificate()
    simulator.gateway.requests.clear()
    await read(entry)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(simulator.gateway.requests) == 0
    issue = issue_of(hass, entry, "certificate_changed")
    assert issue.severity is ir.IssueSeverity.ERROR
    assert issue.is_fixable
    assert issue.translation_placeholders == {"name": entry.title}

    form = await browser.open(issue)
    assert form["type"] == "form"
    assert form["step_id"] == "confirm"
    assert form["description_placeholders"] == {
        "name": entry.title,
        "pinned": grouped(pinned),
        "found": grouped(found),
    }
    result = await browser.submit(form)

    assert result["type"] == "create_entry"
    assert entry.data[CONF_FINGERPRINT] == found
    assert state_of(entry) is ConfigEntryState.LOADED
    assert entry.runtime_data.is_reachable
    assert issues(hass) == []


async def test_certificate_that_comes_back_closes_the_issue(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    entry = await setup_entry(fingerprint="ab" * 32)
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY
    assert issues(hass) == ["certificate_changed"]

    data = {**entry.data, CONF_FINGERPRINT: simulator.gateway.fingerprint}
    hass.config_entries.async_update_entry(entry, data=data)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert state_of(entry) is ConfigEntryState.LOADED
    assert issues(hass) == []


async def test_only_the_certificate_that_was_shown_is_accepted(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup, browser: Browser
) -> None:
    entry = await setup_entry(fingerprint="ab" * 32)
    form = await browser.open(issue_of(hass, entry, "certificate_changed"))
    found = simulator.gateway.renew_certificate()

    form = await browser.submit(form)
    assert form["errors"] == {"base": "certificate_changed"}
    assert form["description_placeholders"]["found"] == grouped(found)
    assert entry.data[CONF_FINGERPRINT] == "ab" * 32

    result = await browser.submit(form)

    assert result["type"] == "create_entry"
    assert entry.data[CONF_FINGERPRINT] == found
    assert state_of(entry) is ConfigEntryState.LOADED


async def test_gateway_is_busy_while_the_certificate_is_accepted(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup, browser: Browser
) -> None:
    entry = await setup_entry(fingerprint="ab" * 32)
    form = await browser.open(issue_of(hass, entry, "certificate_changed"))
    simulator.gateway.booting = True

    form = await browser.submit(form)
    assert form["errors"] == {"base": "gateway_busy"}

    simulator.gateway.booting = False
    result = await browser.submit(form)

    assert result["type"] == "create_entry"
    assert issues(hass) == []


async def test_certificate_of_another_gateway_is_not_accepted(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup, browser: Browser
) -> None:
    entry = await setup_entry(fingerprint="ab" * 32)
    form = await browser.open(issue_of(hass, entry, "certificate_changed"))
    simulator.gateway.serial = "202400000009"

    result = await browser.submit(form)
    assert result["type"] == "abort"
    assert result["reason"] == "wrong_gateway"
    assert result["description_placeholders"] == {"found_serial": "202400000009"}
    assert entry.data[CONF_FINGERPRINT] == "ab" * 32
    assert issues(hass) == ["certificate_changed"]

    simulator.gateway.serial = simulator.gateway.site.serial
    form = await browser.open(issue_of(hass, entry, "certificate_changed"))
    result = await browser.submit(form)

    assert result["type"] == "create_entry"


async def test_entry_is_removed_while_the_form_is_open(
    hass: HomeAssistant, setup_entry: Setup, browser: Browser
) -> None:
    entry = await setup_entry(fingerprint="ab" * 32)
    form = await browser.open(issue_of(hass, entry, "certificate_changed"))
    await hass.config_entries.async_remove(entry.entry_id)

    result = await browser.submit(form)

    assert result["type"] == "abort"
    assert result["reason"] == "entry_removed"


@pytest.mark.parametrize("simulator", [{"scenario": "legacy"}], indirect=True)
async def test_encryption_is_not_given_up(
    hass: HomeAssistant, setup_entry: Setup, browser: Browser
) -> None:
    entry = await setup_entry()
    data = {**entry.data, CONF_FINGERPRINT: "ab" * 32}
    hass.config_entries.async_update_entry(entry, data=data)
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"certificate_changed_{entry.entry_id}",
        data={"entry_id": entry.entry_id, "pinned": "ab" * 32, "found": "cd" * 32},
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key="certificate_changed",
        translation_placeholders={"name": entry.title},
    )
    form = await browser.open(issue_of(hass, entry, "certificate_changed"))

    form = await browser.submit(form)

    assert form["errors"] == {"base": "encryption_lost"}
    assert entry.data[CONF_FINGERPRINT] == "ab" * 32


@pytest.fixture
def ending_token(simulator: Simulator, entry_data: dict[str, Any]) -> str:
    """Let the entry hold a token that was pasted by hand and ends in ten days."""
    del entry_data[CONF_USERNAME], entry_data[CONF_PASSWORD]
    token = simulator.token(lifetime=10 * DAY)
    entry_data[CONF_TOKEN] = token
    return token


@pytest.mark.usefixtures("ending_token")
async def test_token_is_replaced(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup, browser: Browser
) -> None:
    entry = await setup_entry()
    issue = issue_of(hass, entry, "token_expiring")
    end = (datetime.now(tz=UTC) + timedelta(days=10)).date().isoformat()
    assert issue.severity is ir.IssueSeverity.WARNING
    assert issue.translation_placeholders == {"name": entry.title, "date": end}
    token = simulator.token()

    form = await browser.open(issue)
    assert form["step_id"] == "confirm"
    assert form["description_placeholders"] == {
        "name": entry.title,
        "date": end,
        "token_page": simulator.cloud.url,
        "found_serial": "",
    }
    result = await browser.submit(form, {"token": f" {token}\n"})

    assert result["type"] == "create_entry"
    assert entry.data[CONF_TOKEN] == token
    assert CONF_USERNAME not in entry.data
    assert state_of(entry) is ConfigEntryState.LOADED
    assert issues(hass) == []
    assert len(simulator.cloud.requests) == 0


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (lambda _: "nothing", {"base": "token_invalid"}),
        (lambda sim: sim.token(lifetime=-5), {"base": "token_expired"}),
        (lambda sim: sim.issuer.issue("202400000009"), {"base": "token_foreign"}),
        (lambda sim: TokenIssuer().issue(sim.serial), {"base": "token_refused"}),
        (lambda sim: sim.token(lifetime=DAY), {"token": "token_expiring"}),
    ],
    ids=["invalid", "expired", "foreign", "refused", "ends just as soon"],
)
@pytest.mark.usefixtures("ending_token")
async def test_token_that_will_not_do(
    hass: HomeAssistant,
    simulator: Simulator,
    setup_entry: Setup,
    browser: Browser,
    typed: Any,
    error: dict[str, str],
) -> None:
    entry = await setup_entry()
    before = entry.data[CONF_TOKEN]
    form = await browser.open(issue_of(hass, entry, "token_expiring"))

    form = await browser.submit(form, {"token": typed(simulator)})
    assert form["errors"] == error
    assert entry.data[CONF_TOKEN] == before

    result = await browser.submit(form, {"token": simulator.token()})

    assert result["type"] == "create_entry"
    assert issues(hass) == []


@pytest.mark.usefixtures("ending_token")
async def test_gateway_is_busy_while_the_token_is_replaced(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup, browser: Browser
) -> None:
    entry = await setup_entry()
    form = await browser.open(issue_of(hass, entry, "token_expiring"))
    simulator.gateway.faults.add(Fault.error("/info", 503))

    form = await browser.submit(form, {"token": simulator.token()})
    assert form["errors"] == {"base": "gateway_busy"}

    simulator.gateway.faults.clear()
    result = await browser.submit(form, {"token": simulator.token()})

    assert result["type"] == "create_entry"


async def test_token_that_renews_itself_is_no_issue(
    hass: HomeAssistant, simulator: Simulator, setup_entry: Setup
) -> None:
    await setup_entry(token=simulator.token(lifetime=10 * DAY))

    assert issues(hass) == []
