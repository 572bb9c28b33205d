"""The options about InfluxDB, by hand: each error has its sentence and its way out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
import time
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.envoy_local.const import CONF_READINGS_INTERVAL
from simulator import Simulator

from ..influxdb.servers import Influxd, VictoriaMetrics, free_port
from .conftest import state_of
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
    victoria_fixture,
)
from .influx_stub import TOKEN, Stub, running

SEED = "enphaseLocalToInfluxDB"
STANDARD = {"schemas": ["standard"]}

type Form = Mapping[str, Any]


class Options:
    """Somebody at the options of an entry."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._flow_id = ""

    async def choose(self, step: str = "influxdb") -> ConfigFlowResult:
        """Open the menu and choose from it."""
        manager = self._home.hass.config_entries.options
        menu = await manager.async_init(self._home.entry.entry_id)
        assert menu["type"] is FlowResultType.MENU
        assert menu["menu_options"] == ["general", "influxdb"]
        self._flow_id = menu["flow_id"]
        return await self.submit({"next_step_id": step})

    async def submit(self, typed: Form) -> ConfigFlowResult:
        """Submit the form that is open."""
        manager = self._home.hass.config_entries.options
        result = await manager.async_configure(self._flow_id, dict(typed))
        await self._home.hass.async_block_till_done()
        return result


@pytest.fixture
async def options(home: Home) -> Options:
    """Open the options of an entry that forwards nothing."""
    await home.set_up({})
    return Options(home)


def server(url: str, **changes: object) -> dict[str, object]:
    return {"enabled": True, "url": url, "kind": "auto", "verify_ssl": True, **changes}


def suggested(form: ConfigFlowResult) -> dict[str, Any]:
    """What the fields of a form are filled with."""
    schema = form["data_schema"]
    assert schema is not None
    return {
        str(key): key.description["suggested_value"]
        for key in schema.schema
        if key.description
    }


def fields(form: ConfigFlowResult) -> list[str]:
    schema = form["data_schema"]
    assert schema is not None
    return [str(key) for key in schema.schema]


def placeholders(form: ConfigFlowResult) -> Mapping[str, str]:
    return form["description_placeholders"] or {}


async def test_a_server_that_says_what_it_is(
    home: Home, options: Options, influxd: Influxd
) -> None:
    form = await options.choose()
    assert form["step_id"] == "influxdb"
    assert fields(form) == ["enabled", "url", "kind", "verify_ssl"]
    assert suggested(form) == {}

    form = await options.submit(server(influxd.url))
    assert form["step_id"] == "influxdb_details"
    assert form["errors"] == {}
    assert placeholders(form) == {"url": influxd.url, "version": "1", "detail": ""}
    assert fields(form) == [
        "database",
        "retention_policy",
        "username",
        "password",
        "schemas",
        "extra_tags",
    ]
    result = await options.submit(
        {"database": "solar", "extra_tags": "site=home, roof = south ", **STANDARD}
    )

    assert result["type"] is FlowResultType.CREATE_ENTRY
    tags = {"site": "home", "roof": "south"}
    stored = options_for(influxd.url, extra_tags=tags, ask_kind=True)
    assert home.entry.options == stored
    assert home.entry.state is ConfigEntryState.LOADED
    await home.until_delivered()
    assert influxd.times("production", DATABASE)


async def test_the_form_shows_what_is_stored_but_no_secret(
    home: Home, influxd: Influxd
) -> None:
    await home.set_up(
        options_for(
            influxd.url, username="u", password="hidden", extra_tags={"a1": "b"}
        )
    )
    options = Options(home)
    form = await options.choose()
    assert suggested(form) == server(influxd.url, kind="1")
    form = await options.submit(suggested(form))

    assert suggested(form) == {
        "database": DATABASE,
        "username": "u",
        "schemas": ["standard"],
        "extra_tags": "a1=b",
    }
    await options.submit(suggested(form))

    assert home.entry.options["influxdb"]["password"] == "hidden"


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"url": ""}, {"url": "influxdb_invalid_url"}),
        ({"url": "ftp://there"}, {"url": "influxdb_invalid_url"}),
        ({"url": "http://user:secret@there"}, {"url": "influxdb_invalid_url"}),
        ({"url": "http://there:99999"}, {"url": "influxdb_invalid_url"}),
    ],
)
async def test_what_is_no_address(
    home: Home,
    options: Options,
    influxd: Influxd,
    typed: Form,
    errors: dict[str, str],
) -> None:
    await options.choose()
    form = await options.submit({**server(influxd.url), **typed})
    assert form["step_id"] == "influxdb"
    assert form["errors"] == errors

    form = await options.submit(server(influxd.url))

    assert form["step_id"] == "influxdb_details"


@pytest.mark.parametrize("kind", ["auto", "1", "2", "3"])
async def test_a_server_that_is_not_there(
    options: Options, influxd: Influxd, kind: str
) -> None:
    await options.choose()
    nowhere = f"http://127.0.0.1:{free_port()}"
    form = await options.submit(server(nowhere, kind=kind))
    assert form["errors"] == {"url": "influxdb_cannot_connect"}
    assert suggested(form) == server(nowhere, kind=kind)

    form = await options.submit(server(influxd.url, kind=kind))

    assert form["step_id"] == "influxdb_details"


async def test_another_device_with_a_certificate_of_its_own(
    options: Options, simulator: Simulator, influxd: Influxd
) -> None:
    await options.choose()
    form = await options.submit(server(simulator.gateway.url))
    assert form["errors"] == {"verify_ssl": "influxdb_ssl_error"}

    form = await options.submit(server(simulator.gateway.url, verify_ssl=False))
    assert form["step_id"] == "influxdb"
    assert form["errors"] in (
        {"url": "influxdb_not_influxdb"},
        {"kind": "influxdb_kind_unknown"},
    )

    form = await options.submit(server(influxd.url))
    assert form["step_id"] == "influxdb_details"


async def test_the_database_is_missing(
    home: Home, options: Options, influxd: Influxd
) -> None:
    await options.choose()
    await options.submit(server(influxd.url))
    typed = {"database": "nope", **STANDARD}
    form = await options.submit(typed)
    assert form["errors"] == {"database": "influxdb_database_not_found"}
    assert suggested(form) == typed

    influxd.query("CREATE DATABASE nope")
    result = await options.submit(typed)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert home.entry.options["influxdb"]["database"] == "nope"


async def test_the_retention_policy_is_missing(
    options: Options, influxd: Influxd
) -> None:
    await options.choose()
    await options.submit(server(influxd.url))
    typed = {"database": DATABASE, "retention_policy": "nope", **STANDARD}
    form = await options.submit(typed)
    assert form["errors"] == {"retention_policy": "influxdb_retention_policy_not_found"}

    result = await options.submit({"database": DATABASE, **STANDARD})

    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("username", "password"),
    [("envoy", "wrong"), ("nobody", "first secret"), ("", "")],
)
async def test_credentials_that_are_refused(
    home: Home, options: Options, guarded: Influxd, username: str, password: str
) -> None:
    await options.choose()
    await options.submit(server(guarded.url))
    typed = {"database": DATABASE, "username": username, "password": password}
    form = await options.submit({**typed, **STANDARD})
    assert form["errors"] == {"password": "influxdb_invalid_auth"}

    typed |= {"username": "envoy", "password": "first secret"}
    result = await options.submit({**typed, **STANDARD})

    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.until_delivered()
    assert home.issues == {}


async def test_an_empty_password_means_as_before(home: Home, guarded: Influxd) -> None:
    await home.set_up(
        options_for(guarded.url, username="envoy", password="first secret")
    )
    options = Options(home)
    form = await options.choose()
    form = await options.submit(suggested(form))
    typed = {**suggested(form), "extra_tags": "site=home"}
    result = await options.submit(typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY

    assert home.entry.options["influxdb"]["password"] == "first secret"
    assert home.entry.options["influxdb"]["extra_tags"] == {"site": "home"}


async def test_a_password_never_goes_to_another_server_or_user(
    home: Home, guarded: Influxd, influxd: Influxd
) -> None:
    await home.set_up(
        options_for(guarded.url, username="envoy", password="first secret")
    )
    options = Options(home)
    form = await options.choose()
    await options.submit({**suggested(form), "url": influxd.url})
    await options.submit({"database": DATABASE, "username": "envoy", **STANDARD})
    assert "password" not in home.entry.options["influxdb"]

    await options.choose()
    await options.submit(server(guarded.url))
    form = await options.submit(
        {"database": DATABASE, "username": "another", **STANDARD}
    )

    assert form["errors"] == {"password": "influxdb_invalid_auth"}


@pytest.mark.parametrize(
    "tags",
    [
        "site",
        "site=",
        "=home",
        "si te=home",
        "gateway=1",
        "power=1",
        "time=1",
        "a=1,a=2",
    ],
)
async def test_tags_that_will_not_do(
    options: Options, influxd: Influxd, tags: str
) -> None:
    await options.choose()
    await options.submit(server(influxd.url))
    form = await options.submit({"database": DATABASE, "extra_tags": tags, **STANDARD})
    assert form["errors"] == {"extra_tags": "influxdb_invalid_tags"}

    result = await options.submit(
        {"database": DATABASE, "extra_tags": "site=home,", **STANDARD}
    )

    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_at_least_one_schema(
    home: Home, options: Options, influxd: Influxd
) -> None:
    await options.choose()
    await options.submit(server(influxd.url))
    form = await options.submit({"database": DATABASE, "schemas": []})
    assert form["errors"] == {"schemas": "influxdb_schema_needed"}

    await options.submit({"database": DATABASE, "schemas": [SEED, "standard"]})

    assert home.entry.options["influxdb"]["schemas"] == ["standard", SEED]


async def test_inverters_that_look_alike(
    home: Home, options: Options, influxd: Influxd, simulator: Simulator
) -> None:
    first, *_ = home.entry.runtime_data.snapshot.inverters
    twin = f"4999{first[4:]}"
    assert simulator.inverters is not None
    simulator.inverters.add(twin, at=time.time())
    await home.unload()
    await home.load()
    await options.choose()
    await options.submit(server(influxd.url))
    form = await options.submit({"database": DATABASE, "schemas": [SEED]})
    assert form["step_id"] == "influxdb_inverters"
    assert form["description_placeholders"] == {"inverters": f"{first}, {twin}"}
    assert "influxdb" not in home.entry.options

    result = await options.submit({})

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert home.entry.options["influxdb"]["schemas"] == [SEED]


async def test_switching_off_keeps_the_rest(home: Home, influxd: Influxd) -> None:
    stored = options_for(influxd.url)
    await home.set_up({**stored, CONF_READINGS_INTERVAL: 60})
    await home.until_delivered()
    assert home.state("influxdb_pending_points") is not None
    options = Options(home)
    form = await options.choose()
    await options.submit({**suggested(form), "enabled": False})
    assert home.entry.options == {
        CONF_READINGS_INTERVAL: 60,
        "influxdb": {**stored["influxdb"], "enabled": False},
    }
    assert home.entry.runtime_data.forwarder is None
    assert home.state("influxdb_pending_points") is None
    assert home.spool.is_file()

    form = await options.choose()
    form = await options.submit({**suggested(form), "enabled": True})
    await options.submit(suggested(form))

    assert home.entry.options == {**stored, CONF_READINGS_INTERVAL: 60}
    await home.until_delivered()


async def test_switching_off_what_was_never_on(home: Home, options: Options) -> None:
    await options.choose()
    result = await options.submit(
        {"enabled": False, "kind": "auto", "verify_ssl": True}
    )

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert home.entry.options == {"influxdb": {"enabled": False}}
    assert home.entry.state is ConfigEntryState.LOADED


async def test_another_kind_of_server(
    home: Home, options: Options, influxd: Influxd, stub2: Stub
) -> None:
    await options.choose()
    await options.submit(server(influxd.url))
    await options.submit({"database": DATABASE, **STANDARD})
    await home.until_delivered()
    form = await options.choose()
    assert suggested(form)["kind"] == "auto"
    await options.submit({**suggested(form), "url": stub2.url})
    await options.submit(V2)
    await home.read(1)
    await home.until_delivered()

    stored = home.entry.options["influxdb"]
    assert stored["kind"] == "2"
    assert "database" not in stored
    assert stub2.writes


async def test_victoria_metrics(
    home: Home, options: Options, victoria: VictoriaMetrics
) -> None:
    await options.choose()
    form = await options.submit(server(victoria.url))
    assert placeholders(form)["version"] == "1"
    result = await options.submit({"database": DATABASE, **STANDARD})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.read(1)
    await home.until_delivered()

    assert victoria.times('production_power{phase="total"}')
    assert victoria.invalid_rows() == 0


@pytest.fixture
async def stub2(socket_enabled: None) -> AsyncIterator[Stub]:
    async with running("v2.7.1") as stub:
        yield stub


@pytest.fixture
async def stub3(socket_enabled: None) -> AsyncIterator[Stub]:
    async with running("3.2.0") as stub:
        yield stub


V2 = {"organization": "home", "bucket": "solar", "token": TOKEN, **STANDARD}


async def test_stub_of_2x(home: Home, options: Options, stub2: Stub) -> None:
    await options.choose()
    form = await options.submit(server(stub2.url))
    assert placeholders(form)["version"] == "2"
    assert fields(form)[:3] == ["organization", "bucket", "token"]
    await options.submit(V2)
    await home.until_delivered()

    stored = home.entry.options["influxdb"]
    assert stored["kind"] == "2"
    assert (stored["organization"], stored["bucket"]) == ("home", "solar")
    assert stored["token"] == TOKEN
    write = stub2.writes[0]
    assert write.path == "/api/v2/write"
    assert write.query == {"org": "home", "bucket": "solar", "precision": "ms"}


@pytest.mark.parametrize(
    ("status", "errors"),
    [
        (403, {"token": "influxdb_invalid_auth"}),
        (404, {"bucket": "influxdb_database_not_found"}),
        (503, {"base": "influxdb_unavailable"}),
        (400, {"base": "influxdb_refused"}),
    ],
)
async def test_stub_of_2x_refuses(
    options: Options, stub2: Stub, status: int, errors: dict[str, str]
) -> None:
    await options.choose()
    await options.submit(server(stub2.url))
    stub2.write_status = status
    form = await options.submit(V2)
    assert form["errors"] == errors
    assert TOKEN not in str(form["description_placeholders"])

    stub2.write_status = 204
    result = await options.submit(V2)

    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_stub_of_2x_refuses_the_token(options: Options, stub2: Stub) -> None:
    await options.choose()
    await options.submit(server(stub2.url))
    form = await options.submit({**V2, "token": "wrong"})
    assert form["errors"] == {"token": "influxdb_invalid_auth"}

    result = await options.submit(V2)

    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_stub_of_3x_that_tells_strangers_nothing(
    home: Home, options: Options, stub3: Stub
) -> None:
    stub3.is_shy = True
    await options.choose()
    form = await options.submit(server(stub3.url))
    assert form["errors"] == {"kind": "influxdb_kind_unknown"}
    form = await options.submit(server(stub3.url, kind="3"))
    assert fields(form)[:2] == ["database", "token"]
    await options.submit({"database": "solar", "token": TOKEN, **STANDARD})
    await home.until_delivered()

    assert stub3.writes[0].path == "/api/v3/write_lp"
    assert stub3.writes[0].query["db"] == "solar"

    form = await options.choose()
    form = await options.submit({**suggested(form), "kind": "auto"})
    assert placeholders(form)["version"] == "3"


async def test_stub_of_2x_stops_while_the_form_is_open(
    options: Options, stub2: Stub
) -> None:
    await options.choose()
    async with running("v2.7.1") as passing:
        await options.submit(server(passing.url))
    form = await options.submit(V2)
    assert form["errors"] == {"base": "influxdb_cannot_connect"}

    await options.choose()
    await options.submit(server(stub2.url))
    result = await options.submit(V2)

    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_stub_of_something_else(
    options: Options, influxd: Influxd, stub2: Stub
) -> None:
    stub2.version = "nginx"
    await options.choose()
    form = await options.submit(server(stub2.url))
    assert form["errors"] == {"url": "influxdb_not_influxdb"}

    form = await options.submit(server(stub2.url, kind="2"))
    assert form["step_id"] == "influxdb_details"


async def test_options_while_the_gateway_is_away(
    home: Home, options: Options, influxd: Influxd, simulator: Simulator
) -> None:
    await simulator.gateway.go_away()
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert state_of(home.entry) is ConfigEntryState.SETUP_RETRY
    await options.choose()
    await options.submit(server(influxd.url))
    result = await options.submit({"database": DATABASE, "schemas": [SEED]})
    assert result["type"] is FlowResultType.CREATE_ENTRY

    await simulator.gateway.come_back()
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.until_delivered()

    assert influxd.times("inverters", DATABASE)
