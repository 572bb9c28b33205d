"""The options about InfluxDB, second form: database, credentials, tags and schemas."""

from __future__ import annotations

import time

import pytest

from simulator import Simulator

from ...influxdb.servers import Influxd
from ..flows import suggested
from ..influx_site import DATABASE, Home, options_for
from .options import SEED, STANDARD, Options


async def test_the_database_is_missing(
    home: Home, options: Options, influxd: Influxd
) -> None:
    await options.details(influxd.url)
    typed = {"database": "nope", **STANDARD}
    form = await options.submit(typed)
    assert form["errors"] == {"database": "influxdb_database_not_found"}
    assert suggested(form) == typed

    influxd.query("CREATE DATABASE nope")
    await options.finish(typed)

    assert home.entry.options["influxdb"]["database"] == "nope"


async def test_the_retention_policy_is_missing(
    options: Options, influxd: Influxd
) -> None:
    await options.details(influxd.url)
    typed = {"database": DATABASE, "retention_policy": "nope", **STANDARD}
    form = await options.submit(typed)
    assert form["errors"] == {"retention_policy": "influxdb_retention_policy_not_found"}

    await options.finish({"database": DATABASE, **STANDARD})


@pytest.mark.parametrize(
    ("username", "password"),
    [("envoy", "wrong"), ("nobody", "first secret"), ("", "")],
)
async def test_credentials_that_are_refused(
    home: Home, options: Options, guarded: Influxd, username: str, password: str
) -> None:
    await options.details(guarded.url)
    typed = {"database": DATABASE, "username": username, "password": password}
    form = await options.submit({**typed, **STANDARD})
    assert form["errors"] == {"password": "influxdb_invalid_auth"}

    typed |= {"username": "envoy", "password": "first secret"}
    await options.finish({**typed, **STANDARD})

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
    await options.finish(typed)

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

    await options.details(guarded.url)
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
    await options.details(influxd.url)
    form = await options.submit({"database": DATABASE, "extra_tags": tags, **STANDARD})
    assert form["errors"] == {"extra_tags": "influxdb_invalid_tags"}

    await options.finish({"database": DATABASE, "extra_tags": "site=home,", **STANDARD})


async def test_at_least_one_schema(
    home: Home, options: Options, influxd: Influxd
) -> None:
    await options.details(influxd.url)
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
    await options.details(influxd.url)
    form = await options.submit({"database": DATABASE, "schemas": [SEED]})
    assert form["step_id"] == "influxdb_inverters"
    assert form["description_placeholders"] == {"inverters": f"{first}, {twin}"}
    assert "influxdb" not in home.entry.options

    await options.finish({})

    assert home.entry.options["influxdb"]["schemas"] == [SEED]
