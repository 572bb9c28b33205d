"""The options about InfluxDB, with answers that only 2.x and 3.x give."""

from __future__ import annotations

import pytest

from ...influxdb.servers import Influxd
from ..flows import suggested
from ..influx_site import Home
from ..influx_stub import TOKEN, Stub, running
from .options import STANDARD, V2, Options, fields, placeholders, server


async def test_stub_of_2x(home: Home, options: Options, stub2: Stub) -> None:
    form = await options.details(stub2.url)
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
    await options.details(stub2.url)
    stub2.write_status = status
    form = await options.submit(V2)
    assert form["errors"] == errors
    assert TOKEN not in str(form["description_placeholders"])

    stub2.write_status = 204
    await options.finish(V2)


async def test_stub_of_2x_refuses_the_token(options: Options, stub2: Stub) -> None:
    await options.details(stub2.url)
    form = await options.submit({**V2, "token": "wrong"})
    assert form["errors"] == {"token": "influxdb_invalid_auth"}

    await options.finish(V2)


async def test_stub_of_3x_that_tells_strangers_nothing(
    home: Home, options: Options, stub3: Stub
) -> None:
    stub3.is_shy = True
    form = await options.details(stub3.url)
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

    await options.details(stub2.url)
    await options.finish(V2)


async def test_stub_of_something_else(
    options: Options, influxd: Influxd, stub2: Stub
) -> None:
    stub2.version = "nginx"
    form = await options.details(stub2.url)
    assert form["errors"] == {"url": "influxdb_not_influxdb"}

    form = await options.submit(server(stub2.url, kind="2"))
    assert form["step_id"] == "influxdb_details"
