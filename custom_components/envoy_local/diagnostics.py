"""Diagnostics: everything that explains what an entry does, and nothing secret."""

from __future__ import annotations

from dataclasses import asdict
import time
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_URL
from homeassistant.core import HomeAssistant
import orjson
from yarl import URL

from .client.models.snapshot import GatewaySnapshot
from .const import CONF_SERIAL
from .coordinator import EnvoyConfigEntry, EnvoyRuntimeData
from .forwarding import Forwarder
from .forwarding_options import CONF_INFLUXDB, SERVER_NAMES
from .live import LiveHub
from .redaction import Redaction, plain

_DAY = 86_400


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: EnvoyConfigEntry
) -> dict[str, Any]:
    """Return what a bug report needs; an entry that isn't loaded has less to tell."""
    found: dict[str, object] = {"entry": _entry(entry)}
    names = {entry.data[CONF_SERIAL]: "gateway", entry.data[CONF_HOST]: "host"}
    if entry.state is ConfigEntryState.LOADED:
        data = entry.runtime_data
        names = _names(data.snapshot) | names
        found |= {
            "reachable": data.is_reachable,
            "session": _session(data),
            "tiers": _tiers(data),
            "endpoints": _endpoints(data, hass.loop.time()),
            "ledger": {
                "corrections": {
                    kind.value: count
                    for kind, count in data.books.ledger.corrections.items()
                },
                "findings": sorted(data.books.ledger.findings),
            },
            "live": data.live and _live(data.live),
            "forwarding": data.forwarder and _forwarding(data.forwarder, entry),
            "snapshot": _snapshot(data.snapshot),
            "answers": _answers(data),
        }
    redaction = Redaction(names)
    return {key: redaction.redact(value) for key, value in found.items()}


def _entry(entry: EnvoyConfigEntry) -> dict[str, object]:
    return {
        "title": entry.title,
        "version": f"{entry.version}.{entry.minor_version}",
        "state": entry.state.value,
        "reason": entry.reason,
        "data": dict(entry.data),
        "options": dict(entry.options),
    }


def _names_of_server(entry: EnvoyConfigEntry) -> dict[str, str]:
    """Name what the server's own messages may repeat."""
    stored = entry.options.get(CONF_INFLUXDB, {})
    names = {stored.get(key, ""): f"InfluxDB {key}" for key in SERVER_NAMES}
    host = URL(stored.get(CONF_URL, "")).host
    return names | {host or "": "InfluxDB host"}


def _session(data: EnvoyRuntimeData) -> dict[str, object]:
    """Say how the gateway is opened; of the token only whose kind it is and its age."""
    session = data.session
    token = session.token
    return {
        "access_token": token
        and {
            "role": token.role,
            "days_left": round((token.expires_at - time.time()) / _DAY, 1),
            "lifetime_days": round(token.lifetime / _DAY, 1),
        },
        "check_jwt_calls": session.check_jwt_calls,
        "cloud_logins": session.cloud_logins,
        "bearer_mode": session.bearer_mode,
        "backoff": session.backoff.as_dict(),
    }


def _tiers(data: EnvoyRuntimeData) -> dict[str, object]:
    return {
        tier.value: {
            "interval": coordinator.update_interval
            and coordinator.update_interval.total_seconds(),
            "last_update_success": coordinator.last_update_success,
        }
        for tier, coordinator in data.coordinators.items()
    }


def _live(live: LiveHub) -> object:
    """Say which source of live power is in use, how the others stand, how it fares."""
    now = time.time()
    status, shown = live.status, live.shown
    newest = status.last_frame_at
    return plain(
        {
            "interval": live.options.interval,
            "influxdb": live.options.influxdb,
            "status": asdict(status),
            "newest_age": None if newest is None else round(now - newest, 1),
            "shown_age": shown and round(now - shown.received_at, 1),
        }
    )


def _endpoints(data: EnvoyRuntimeData, now: float) -> dict[str, object]:
    """Say how each endpoint fares; ages and waits in seconds."""

    def since(moment: float | None) -> float | None:
        return None if moment is None else round(now - moment, 1)

    return {
        section.value: {
            "last_success_age": since(record.last_success),
            "last_attempt_age": since(record.last_attempt),
            "failures": record.failures,
            "error": record.error and f"{type(record.error).__name__}: {record.error}",
            "unsupported": record.is_unsupported,
            "waits_for": round(max(record.not_before - now, 0.0), 1),
        }
        for section, record in data.client.records.items()
    }


def _forwarding(forwarder: Forwarder, entry: EnvoyConfigEntry) -> object:
    """Say how forwarding fares; of the server what tells no one where it is."""
    target = forwarder.options.target
    url = URL(target.url)
    fares = {
        "kind": target.kind.value,
        "scheme": url.scheme,
        "port": url.port,
        "has_path": url.path not in {"", "/"},
        "schemas": sorted(forwarder.options.schemas),
        "open": forwarder.is_open,
        "in_hand": forwarder.in_hand,
        "status": {
            **asdict(forwarder.status),
            "set_aside": forwarder.status.set_aside is not None,
        },
    }
    # Only here: a database may be called "production", or like anything else.
    return Redaction(_names_of_server(entry)).redact(plain(fares))


def _names(snapshot: GatewaySnapshot) -> dict[str, str]:
    """Name every unit of the site, inverters in the order of their serial numbers."""
    names: dict[str, str] = {}
    counts: dict[str, int] = {}

    def name(serial: str, kind: str) -> None:
        if serial not in names:
            counts[kind] = counts.get(kind, 0) + 1
            names[serial] = f"{kind} {counts[kind]}"

    for device in snapshot.inventory.devices if snapshot.inventory else ():
        name(device.serial, device.kind.name.lower().replace("_", " "))
    for report in snapshot.inverter_reports or ():
        if report.is_ac_battery:
            name(report.serial, "ac battery")
    for serial in sorted(snapshot.inverters):
        name(serial, "inverter")
    for unit in snapshot.device_data.devices if snapshot.device_data else ():
        name(unit.serial, unit.kind.name.lower().replace("_", " "))
    for listed in snapshot.units.units if snapshot.units else ():
        name(listed.serial, listed.kind.name.lower().replace("_", " "))
    for battery in snapshot.battery_power or ():
        name(battery.serial, "battery")
    return names


def _snapshot(snapshot: GatewaySnapshot) -> object:
    """Return the snapshot, where what people typed in has keys that say so."""
    found = plain(snapshot)
    if isinstance(found, dict):
        for contact in (found["contact_settings"] or {}).get("contacts", ()):
            contact["load_name"] = contact.pop("name")
        if config := found["generator_config"]:
            config["generator_id"] = config.pop("serial")
    return found


def _answers(data: EnvoyRuntimeData) -> dict[str, object]:
    """Return what the gateway itself said last, for the simulator to say again."""
    return {path: _readable(body) for path, body in data.client.answers.items()}


def _readable(body: bytes) -> object:
    """Return JSON as data, everything else as text."""
    try:
        answer: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")
    return answer
