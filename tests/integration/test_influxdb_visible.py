"""What a home owner sees of the forwarding: sensors, repairs, actions, diagnostics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import time
from typing import Any

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.envoy_local import backup
from custom_components.envoy_local.const import DOMAIN
from custom_components.envoy_local.forwarding_issues import (
    ForwardingIssue,
    ForwardingIssues,
)
from custom_components.envoy_local.influxdb.spool import Spool
from custom_components.envoy_local.influxdb.status import ForwarderStatus
from custom_components.envoy_local.influxdb.target import TargetProblem

from ..influxdb.servers import Influxd
from .influx_site import (  # noqa: F401 - fixtures
    DATABASE,
    Home,
    clock_fixture,
    guarded_fixture,
    home_fixture,
    influxd_fixture,
    options_for,
    own_disk_fixture,
    simulator_fixture,
)
from .test_diagnostics import download

# Home Assistant's own web server is built in a way that aiohttp warns about.
pytestmark = pytest.mark.filterwarnings("ignore::aiohttp.web.NotAppKeyWarning")

HALF_A_MINUTE = timedelta(seconds=31)


async def half_a_minute_later(home: Home) -> None:
    """Let the sensors show the counts."""
    now = dt_util.utc_from_timestamp(time.time())
    async_fire_time_changed(home.hass, now + HALF_A_MINUTE)
    await home.hass.async_block_till_done()


async def test_sensors(home: Home, influxd: Influxd) -> None:
    await home.set_up(options_for(influxd.url))
    await home.read(2)
    await home.until_delivered()
    await half_a_minute_later(home)
    assert home.state("influxdb_pending_points") == "0"
    assert home.state("influxdb_oldest_point") == "unknown"
    assert home.state("influxdb_delivered_points") == str(home.status.delivered)
    assert home.state("influxdb_dropped_points") == "0"
    assert home.state("influxdb_quarantined_points") == "0"
    last = home.state("influxdb_last_success")
    assert last is not None
    assert abs(datetime.fromisoformat(last).timestamp() - time.time()) < 60

    influxd.stop()
    await home.read(2)
    await home.until_problem()
    await home.until(lambda: not home.forwarder.in_hand)
    await half_a_minute_later(home)
    assert home.state("influxdb_pending_points") == str(home.status.pending)
    oldest = home.state("influxdb_oldest_point")
    assert oldest is not None
    assert abs(datetime.fromisoformat(oldest).timestamp() - time.time()) < 60
    influxd.start()
    await home.until_delivered()

    assert home.state("influxdb_pending_points") == "0"


async def test_sensors_stay_quiet_while_all_is_well(
    home: Home, influxd: Influxd
) -> None:
    await home.set_up(options_for(influxd.url))
    await home.until_delivered()
    await half_a_minute_later(home)
    changes: list[str] = []
    home.hass.bus.async_listen(
        "state_changed", lambda event: changes.append(event.data["entity_id"])
    )
    await home.read(10)
    await home.until_delivered()
    during = [name for name in changes if "influxdb" in name]
    await half_a_minute_later(home)
    after = [name for name in changes if "influxdb" in name]

    assert during == []
    prefix = f"sensor.envoy_{home.serial}_influxdb"
    assert after == [f"{prefix}_delivered_points"]


async def test_the_last_delivery_leaves_the_activity_log_readable(
    home: Home, influxd: Influxd, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall_time = time.time

    async def deliver(*, after: float) -> str | None:
        monkeypatch.setattr(time, "time", lambda: wall_time() + after)
        await home.read(2)
        await home.until_delivered()
        await half_a_minute_later(home)
        return home.state("influxdb_last_success")

    await home.set_up(options_for(influxd.url))
    first = await deliver(after=0)
    assert first not in (None, "unknown")
    assert await deliver(after=60) == first
    later = await deliver(after=360)
    assert later not in (None, "unknown", first)
    assert await deliver(after=420) == later

    influxd.stop()
    await home.read(2)
    await home.until_problem()
    assert home.status.last_success is not None
    exact = datetime.fromtimestamp(home.status.last_success, UTC)
    assert home.state("influxdb_last_success") == exact.isoformat(timespec="seconds")
    influxd.start()
    await home.until_delivered()


async def test_sensors_belong_to_the_gateway_and_go_with_the_option(
    home: Home, influxd: Influxd
) -> None:
    await home.set_up(options_for(influxd.url))
    registry = er.async_get(home.hass)

    def ours() -> list[er.RegistryEntry]:
        entries = er.async_entries_for_config_entry(registry, home.entry.entry_id)
        return [entry for entry in entries if "_influxdb_" in entry.unique_id]

    gateway = registry.async_get_entity_id(
        "sensor", DOMAIN, f"{home.serial}_production_power"
    )
    assert gateway is not None
    known = registry.async_get(gateway)
    assert known is not None
    assert len(ours()) == 6
    assert {entry.device_id for entry in ours()} == {known.device_id}
    assert {entry.entity_category for entry in ours()} == {"diagnostic"}
    off = options_for(influxd.url, enabled=False)
    home.hass.config_entries.async_update_entry(home.entry, options=off)
    await home.hass.config_entries.async_reload(home.entry.entry_id)

    assert ours() == []


@pytest.mark.parametrize(
    ("action", "entry", "error"),
    [
        ("retry_quarantine", "nowhere", "entry_not_found"),
        ("clear_quarantine", "nowhere", "entry_not_found"),
        ("clear_quarantine", "unloaded", "entry_not_loaded"),
        ("clear_quarantine", "off", "not_forwarding"),
    ],
)
async def test_actions_that_make_no_sense(
    home: Home, influxd: Influxd, action: str, entry: str, error: str
) -> None:
    await home.set_up(options_for(influxd.url, enabled=entry != "off"))
    ids = {"nowhere": "01JNOWHERE"}
    unload = {"unloaded": home.unload}.get(entry, home.hass.async_block_till_done)
    await unload()

    with pytest.raises(ServiceValidationError) as caught:
        await home.hass.services.async_call(
            DOMAIN,
            action,
            {"config_entry": ids.get(entry, home.entry.entry_id)},
            blocking=True,
        )

    assert caught.value.translation_key == error


async def test_action_while_the_disk_is_away(home: Home, influxd: Influxd) -> None:
    home.spool.mkdir(parents=True)
    await home.set_up(options_for(influxd.url))
    with pytest.raises(HomeAssistantError) as caught:
        await home.act("retry_quarantine")
    assert caught.value.translation_key == "spool_unusable"

    home.spool.rmdir()
    await home.act("retry_quarantine")

    assert home.status.spool_problem is None


async def test_a_backup_holds_a_whole_file(
    home: Home, influxd: Influxd, tmp_path: Path
) -> None:
    influxd.stop()
    await home.set_up(options_for(influxd.url))
    await home.read(3)
    await home.until_problem()
    await home.until(lambda: not home.forwarder.in_hand)
    pending = home.status.pending
    await backup.async_pre_backup(home.hass)
    main = home.spool.read_bytes()
    await home.read(3)
    await home.until(lambda: not home.forwarder.in_hand)
    copy = tmp_path / "copy.db"
    copy.write_bytes(home.spool.read_bytes())
    await backup.async_post_backup(home.hass)
    assert copy.read_bytes() == main

    restored = Spool(copy)
    assert restored.open() is None
    assert restored.counts().pending == pending
    restored.close()

    influxd.start()
    await home.until_delivered()
    assert len(influxd.times("production", DATABASE)) >= 7


async def test_a_setup_in_the_middle_of_a_backup_leaves_the_file_alone(
    home: Home, influxd: Influxd
) -> None:
    influxd.stop()
    await home.set_up(options_for(influxd.url))
    await home.read(3)
    await home.until(lambda: not home.forwarder.in_hand)
    await backup.async_pre_backup(home.hass)
    main = home.spool.read_bytes()

    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.read(3)
    await home.until(lambda: not home.forwarder.in_hand)
    assert home.spool.read_bytes() == main

    await backup.async_post_backup(home.hass)
    influxd.start()
    await home.until_delivered()
    await home.unload()
    assert home.spool.read_bytes() != main


async def test_a_backup_without_forwarding(home: Home) -> None:
    await home.set_up({})

    await backup.async_pre_backup(home.hass)
    await backup.async_post_backup(home.hass)

    assert not home.spool.exists()


async def test_diagnostics_tell_all_but_secrets(
    home: Home, guarded: Influxd, hass_client: ClientSessionGenerator
) -> None:
    await home.set_up(
        options_for(
            guarded.url,
            username="envoy",
            password="first secret",
            extra_tags={"owner": "The Miller family"},
        )
    )
    await home.until_delivered()
    guarded.query(f"DROP DATABASE {DATABASE}")
    await home.read(1)
    await home.until_problem()

    data = await download(home.hass, hass_client, home.entry)

    told = data["forwarding"]
    assert told["kind"] == "1"
    assert told["scheme"] == "http"
    assert told["schemas"] == ["standard"]
    assert told["open"] is True
    status = told["status"]
    assert status["problem"] == "database_not_found"
    assert status["pending"] == home.status.pending
    assert status["delivered"] == home.status.delivered
    assert status["set_aside"] is False
    assert "InfluxDB database" in status["detail"]
    stored = data["entry"]["options"]["influxdb"]
    assert stored["password"] == "**REDACTED**"
    assert stored["kind"] == "1"
    text = json.dumps(data)
    secrets = ["first secret", guarded.url, "Miller", '"envoy"', f'"{DATABASE}"']
    assert [secret for secret in secrets if secret in text] == []


async def test_diagnostics_without_forwarding(
    home: Home, hass_client: ClientSessionGenerator
) -> None:
    await home.set_up({})

    data = await download(home.hass, hass_client, home.entry)

    assert data["forwarding"] is None


PENDING = {"pending": 5}


@pytest.mark.parametrize(
    ("status", "issue"),
    [
        ({"problem": TargetProblem.INVALID_AUTH}, "influxdb_credentials"),
        ({"problem": TargetProblem.DATABASE_NOT_FOUND}, "influxdb_database"),
        ({"problem": TargetProblem.RETENTION_POLICY_NOT_FOUND}, "influxdb_database"),
        ({"problem": TargetProblem.NOT_INFLUXDB}, "influxdb_refused"),
        ({"problem": TargetProblem.SSL_ERROR}, "influxdb_refused"),
        ({"problem": TargetProblem.REFUSED, "detail": "no"}, "influxdb_refused"),
        ({"spool_problem": "The disk is full"}, "influxdb_spool_unusable"),
        ({"set_aside": Path("x.corrupt-1")}, "influxdb_spool_damaged"),
        ({"quarantined": 3}, "influxdb_quarantine"),
        ({"dropped": 8, **PENDING}, "influxdb_spool_full"),
    ],
)
async def test_each_issue_comes_and_goes(
    home: Home, status: dict[str, Any], issue: str
) -> None:
    """Fed directly: a disk can't be filled, nor a certificate expire, in a test."""
    issues = ForwardingIssues(home.hass, home.entry)
    issues.opened(ForwarderStatus(dropped=7))
    issues.show(ForwarderStatus(dropped=7), now=0.0)
    assert home.issues == {}

    issues.show(ForwarderStatus(**{"dropped": 7, **status}), now=10.0)
    assert home.issues.keys() == {issue}

    issues.show(ForwarderStatus(dropped=8), now=20.0)
    assert home.issues == {}


@pytest.mark.parametrize(
    "problem", [TargetProblem.CANNOT_CONNECT, TargetProblem.UNAVAILABLE]
)
async def test_an_hour_without_the_server_is_told(
    home: Home, problem: TargetProblem
) -> None:
    issues = ForwardingIssues(home.hass, home.entry)
    away = ForwarderStatus(problem=problem, detail="gone", failing_since=1000.0)
    issues.show(away, now=1000.0 + 3599)
    assert home.issues == {}

    issues.show(away, now=1000.0 + 3600)
    assert home.issues == {
        "influxdb_unreachable": {"name": home.entry.title, "detail": "gone"}
    }

    issues.show(ForwarderStatus(), now=1000.0 + 3700)
    assert home.issues == {}


async def test_issues_go_with_the_entry(home: Home, influxd: Influxd) -> None:
    influxd.query(f"DROP DATABASE {DATABASE}")
    await home.set_up(options_for(influxd.url))
    await home.until(lambda: home.issues)

    await home.remove()

    assert home.issues == {}


def test_every_issue_has_its_text() -> None:
    path = Path(backup.__file__).with_name("translations") / "en.json"
    texts = json.loads(path.read_text("utf-8"))["issues"]

    assert {issue for issue in ForwardingIssue if issue not in texts} == set()
