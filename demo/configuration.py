"""Writes the configuration folder: a small Home Assistant that stays at home."""

from __future__ import annotations

from dataclasses import dataclass
import importlib
import importlib.util
import json
from pathlib import Path

INTEGRATIONS = ("energy", "frontend", "history", "logbook", "logger", "recorder")

DEFAULT_INTEGRATIONS = {
    "application_credentials",
    "automation",
    "backup",
    "brands",
    "frontend",
    "hardware",
    "labs",
    "logger",
    "network",
    "person",
    "scene",
    "script",
    "system_health",
    "tag",
    "zone",
}
"""Those of Home Assistant's own default integrations that the demo keeps: without
voice, media and analytics there is less to install, and nothing to send."""

YAML = """\
# Written by scripts/demo at every start.
homeassistant:
  name: Demo home
  currency: EUR
  country: NL
  language: en
  latitude: 52.1
  longitude: 5.2
  elevation: 5
  unit_system: metric
  time_zone: {timezone}

{integrations}
logger:
  default: warning
  logs:
    custom_components.envoy_local: {log_level}
"""

ONBOARDED = ["user", "core_config", "analytics", "integration"]
"""All steps: the real ones would set up services that ask the internet."""

_NEW_HTTP_CONFIG = "homeassistant.components.http.config"
"""Where newer versions keep the port in storage instead of in YAML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSettings:
    """What the Home Assistant of the demo is told."""

    folder: str
    port: int
    timezone: str
    verbose: bool
    cloud_url: str
    host: str
    serial: str
    username: str
    password: str
    scenario: str | None
    """The plant whose past is imported; None with a recorded gateway."""
    influxdb_url: str | None = None
    """Where readings are forwarded to."""


def write_configuration(home: HomeSettings) -> None:
    """Write the files that Home Assistant reads before it starts."""
    folder = Path(home.folder)
    sections = [f"{name}:" for name in INTEGRATIONS if name != "logger"]
    http = {"server_host": ["127.0.0.1"], "server_port": home.port}
    if importlib.util.find_spec(_NEW_HTTP_CONFIG):
        _store_http(folder, http)
    else:
        sections.append("http: " + json.dumps(http))
    text = YAML.format(
        timezone=home.timezone,
        integrations="\n".join(sections),
        log_level="debug" if home.verbose else "info",
    )
    (folder / "configuration.yaml").write_text(text, "utf-8")
    _store(folder, "onboarding", 4, 1, {"done": ONBOARDED})


def _store_http(folder: Path, http: dict[str, object]) -> None:
    """Store the port as confirmed: from YAML it would be on trial for five minutes."""
    config = importlib.import_module(_NEW_HTTP_CONFIG)
    stable = {
        **config.HTTP_STORAGE_SCHEMA(http),
        config.HTTP_CONFIG_CREATED_AT: "2026-01-01T00:00:00+00:00",
        config.HTTP_CONFIG_ERROR: None,
        config.HTTP_CONFIG_ERROR_MESSAGE: None,
    }
    data = {
        config.KEY_STABLE: stable,
        config.KEY_PENDING: None,
        config.KEY_YAML_MIGRATION_DONE: True,
    }
    version, minor = config.STORAGE_VERSION, config.STORAGE_MINOR_VERSION
    _store(folder, config.STORAGE_KEY, version, minor, data)


def _store(folder: Path, key: str, version: int, minor: int, data: object) -> None:
    path = folder / ".storage" / key
    path.parent.mkdir(exist_ok=True)
    content = {"version": version, "minor_version": minor, "key": key, "data": data}
    path.write_text(json.dumps(content, indent=2), "utf-8")
