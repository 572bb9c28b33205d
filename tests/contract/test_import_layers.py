"""The one-way street of the architecture, read from the imports."""

from __future__ import annotations

import ast
import sys

from homeassistant.const import Platform
import pytest

from custom_components.envoy_local.const import PLATFORMS

from .source import PACKAGE, Module, integration_modules, modules

CLIENT_MAY_USE = {"aiohttp", "jwt", "multidict", "orjson", "yarl"}
"""All of them are part of Home Assistant, on both ends of the range."""
SIMULATOR_MAY_USE = {"aiohttp", "cryptography", "jwt", "multidict", "yarl"}

INFLUXDB_MAY_USE = {"aiohttp", "yarl"}

SENDERS = {"client.transport", "client.cloud", "influxdb.target"}
VERBS = {"request", "get", "post", "put", "patch", "delete", "head", "ws_connect"}
SESSION_SOURCES = {"aiohttp", "homeassistant.helpers.aiohttp_client"}

CONSUMERS = {"diagnostics", "entity", "http", "influxdb", *map(str, Platform)}
"""What shows or forwards a snapshot: knows models, never the client."""
NAMES_OF_TIERS = {"TIER_OF", "Tier"}
"""What everybody may know of the endpoints: how their tiers are called."""
BEFORE_THE_COORDINATOR = {
    "blame",
    "books",
    "client",
    "compat",
    "const",
    "forwarding",
    "forwarding_issues",
    "forwarding_options",
    "gateway_zone",
    "health",
    "influxdb",
    "issues",
    "last_shown",
    "ledger",
    "live",
    "live_options",
    "log_name",
}
"""These know no coordinator, but for its entry's type."""

CALLED = {"backup"}
"""These are meant to be called."""
RESERVED = {
    "application_credentials",
    "condition",
    "energy",
    "group",
    "hardware",
    "intent",
    "logbook",
    "recorder",
    "significant_change",
    "system_health",
    "trigger",
}
"""Home Assistant loads modules of these names and calls into them."""


def _below(name: str, *parents: str) -> bool:
    return any(name == parent or name.startswith(f"{parent}.") for parent in parents)


def _ours(module: Module) -> set[str]:
    """What a module imports of the integration: `client.models.gateway`."""
    return {
        name.removeprefix(f"{PACKAGE}.")
        for name in module.imports()
        if _below(name, PACKAGE)
    }


def _foreign(module: Module) -> set[str]:
    """Top-level packages that are neither the standard library nor the module's own."""
    tops = {name.partition(".")[0] for name in module.imports()}
    return tops - sys.stdlib_module_names - {module.name.partition(".")[0]}


def _part(*names: str) -> list[Module]:
    return [module for module in integration_modules() if _below(module.inside, *names)]


def _names(found: list[Module]) -> list[str]:
    return [module.inside for module in found]


def test_there_is_something_to_read() -> None:
    assert {"client.transport", "coordinator", "config_flow"} <= {
        module.inside for module in integration_modules()
    }


@pytest.mark.parametrize("module", _part("client"), ids=lambda module: module.inside)
def test_client_knows_neither_home_assistant_nor_the_integration(
    module: Module,
) -> None:
    assert _foreign(module) <= CLIENT_MAY_USE
    assert [name for name in _ours(module) if not _below(name, "client")] == []


@pytest.mark.parametrize(
    "module",
    _part("client.models", "client.payloads"),
    ids=lambda module: module.inside,
)
def test_parsers_and_models_cannot_send(module: Module) -> None:
    known = ("client.models", "client.payloads", "client.exceptions")

    assert [name for name in _ours(module) if not _below(name, *known)] == []
    assert "aiohttp" not in _foreign(module)


def test_models_know_no_parser() -> None:
    assert [
        module.inside
        for module in _part("client.models")
        if any(_below(name, "client.payloads") for name in _ours(module))
    ] == []


@pytest.mark.parametrize("module", _part("ledger"), ids=lambda module: module.inside)
def test_ledger_is_pure(module: Module) -> None:
    assert _foreign(module) == set()
    assert [
        name for name in _ours(module) if not _below(name, "ledger", "client.models")
    ] == []


@pytest.mark.parametrize("module", _part("influxdb"), ids=lambda module: module.inside)
def test_way_to_influxdb_knows_no_home_assistant(module: Module) -> None:
    known = ("influxdb", "client.models")

    assert _foreign(module) <= INFLUXDB_MAY_USE
    assert [name for name in _ours(module) if not _below(name, *known)] == []


@pytest.mark.parametrize(
    "module", _part("coordinator"), ids=lambda module: module.inside
)
def test_coordinator_knows_only_what_comes_before_it(module: Module) -> None:
    before = {"coordinator", *BEFORE_THE_COORDINATOR}

    assert [name for name in _ours(module) if not _below(name, *before)] == []


@pytest.mark.parametrize(
    "module", _part(*sorted(CONSUMERS)), ids=lambda module: module.inside
)
def test_consumers_read_the_snapshot_and_know_no_client(module: Module) -> None:
    client = {name for name in _ours(module) if _below(name, "client")}
    known = ("client.models", "client.endpoints")

    assert [name for name in client if not _below(name, *known)] == []
    assert module.names_from("client.endpoints") <= NAMES_OF_TIERS


@pytest.mark.parametrize(
    "module",
    _part(*sorted(BEFORE_THE_COORDINATOR - {"client"})),
    ids=lambda module: module.inside,
)
def test_what_comes_before_the_coordinator_knows_none(module: Module) -> None:
    known = {"coordinator", *BEFORE_THE_COORDINATOR}

    assert [name for name in _ours(module) if not _below(name, *known)] == []
    assert module.names_from("coordinator") <= {"EnvoyConfigEntry"}


def test_compat_and_const_stand_at_the_beginning() -> None:
    for module in _part("compat", "const"):
        known = ("const", "client.endpoints")
        assert [n for n in _ours(module) if not _below(n, *known)] == [], module.inside
        assert module.names_from("client.endpoints") <= NAMES_OF_TIERS


def test_nobody_imports_the_module_that_starts_everything() -> None:
    """An `__init__` imports its children; a child that imports it back turns around."""
    backwards = [
        (module.inside, name)
        for module in integration_modules()
        for name in module.imports()
        if module.name != name and _below(module.name, name) and _below(name, PACKAGE)
    ]

    assert backwards == []


def test_simulator_shares_no_code_with_the_integration() -> None:
    for module in modules("simulator"):
        assert _foreign(module) <= SIMULATOR_MAY_USE, module.name


def _sends(module: Module) -> bool:
    if not any(_below(name, *SESSION_SOURCES) for name in module.imports()):
        return False
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in VERBS
        and ast.unparse(node.func.value).endswith("session")
        for node in ast.walk(module.tree)
    )


def test_requests_leave_from_three_modules_only() -> None:
    senders = set(_names([m for m in integration_modules() if _sends(m)]))

    assert "client.transport" in senders
    assert senders <= SENDERS


@pytest.mark.parametrize(
    "sign",
    ["__version__", "MAJOR_VERSION", "MINOR_VERSION", "ImportError", "hasattr(dr"],
)
def test_versions_are_known_in_one_place(sign: str) -> None:
    knowing = [m for m in integration_modules() if sign in m.text]

    assert set(_names(knowing)) <= {"compat"}


def test_no_module_has_a_name_that_home_assistant_calls() -> None:
    platforms = {str(platform) for platform in Platform}
    tops = {module.inside.partition(".")[0] for module in integration_modules()}

    assert tops >= CALLED
    assert tops & RESERVED == set()
    assert tops & platforms == {str(platform) for platform in PLATFORMS}


def test_platforms_are_sorted() -> None:
    assert list(PLATFORMS) == sorted(PLATFORMS)
