"""The options about InfluxDB, by hand: which server, on or off, and back."""

from __future__ import annotations

from homeassistant.config_entries import ConfigEntryState
import pytest

from custom_components.envoy_local.const import CONF_READINGS_INTERVAL
from simulator import Simulator

from ...influxdb.servers import Influxd, VictoriaMetrics, free_port
from ..conftest import state_of
from ..flows import suggested
from ..influx_site import DATABASE, Home, options_for
from ..influx_stub import Stub
from .options import SEED, STANDARD, V2, Form, Options, fields, placeholders, server


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
    await options.finish(
        {"database": "solar", "extra_tags": "site=home, roof = south ", **STANDARD}
    )

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
    form = await options.details(simulator.gateway.url)
    assert form["errors"] == {"verify_ssl": "influxdb_ssl_error"}

    form = await options.submit(server(simulator.gateway.url, verify_ssl=False))
    assert form["step_id"] == "influxdb"
    assert form["errors"] in (
        {"url": "influxdb_not_influxdb"},
        {"kind": "influxdb_kind_unknown"},
    )

    form = await options.submit(server(influxd.url))
    assert form["step_id"] == "influxdb_details"


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
    await options.finish({"enabled": False, "kind": "auto", "verify_ssl": True})

    assert home.entry.options == {"influxdb": {"enabled": False}}
    assert home.entry.state is ConfigEntryState.LOADED


async def test_another_kind_of_server(
    home: Home, options: Options, influxd: Influxd, stub2: Stub
) -> None:
    await options.details(influxd.url)
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
    form = await options.details(victoria.url)
    assert placeholders(form)["version"] == "1"
    await options.finish({"database": DATABASE, **STANDARD})

    await home.read(1)
    await home.until_delivered()

    assert victoria.times('production_power{phase="total"}')
    assert victoria.invalid_rows() == 0


async def test_options_while_the_gateway_is_away(
    home: Home, options: Options, influxd: Influxd, simulator: Simulator
) -> None:
    await simulator.gateway.go_away()
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert state_of(home.entry) is ConfigEntryState.SETUP_RETRY
    await options.details(influxd.url)
    await options.finish({"database": DATABASE, "schemas": [SEED]})

    await simulator.gateway.come_back()
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.until_delivered()

    assert influxd.times("inverters", DATABASE)
