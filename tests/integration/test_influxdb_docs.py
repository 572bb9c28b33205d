"""What docs/influxdb.md tells people to type works on the real servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import re
import time
from typing import Final

from ..influxdb.servers import Influxd, Server, VictoriaMetrics, free_port, require
from .influx_site import (  # noqa: F401 - fixtures
    DATABASE,
    Home,
    clock_fixture,
    home_fixture,
    influxd_fixture,
    options_for,
    own_disk_fixture,
    simulator_fixture,
    victoria_fixture,
)

PAGE: Final = (Path(__file__).parents[2] / "docs" / "influxdb.md").read_text("utf-8")
DAY_MS: Final = 86_400_000


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def statements(beginning: str) -> list[str]:
    lines = [line for block in blocks("sql") for line in block.splitlines()]
    return [line for line in lines if line.startswith(beginning)]


def days_before(influxd: Influxd) -> None:
    """Write what a counter said yesterday and the day before."""
    now = int(time.time() * 1000)
    lines = [
        f"{measurement},phase=total {fields} {now - days * DAY_MS}"
        for days in (1, 2)
        for measurement, fields in (
            ("production", f"energy={100.0 - days}"),
            ("grid", f"import_energy={10.0 - days},export_energy={20.0 - days}"),
        )
    ]
    body = "\n".join(lines)
    influxd.ask("/write", method="POST", body=body, db=DATABASE, precision="ms")


async def test_every_statement_and_query_works(home: Home, influxd: Influxd) -> None:
    created = [*statements("CREATE"), *statements("GRANT")]
    queries = statements("SELECT")
    assert len(created) >= 7
    assert len(queries) >= 8
    for statement in created:
        influxd.query(statement)
    await home.set_up(options_for(influxd.url))
    await home.until_books()
    await home.read(2)
    await home.until_delivered()
    days_before(influxd)

    rows = {query: len(influxd.query(query, DATABASE)) for query in queries}

    assert [query for query, count in rows.items() if count == 0] == []


async def test_continuous_queries_find_something_to_do(
    home: Home, influxd: Influxd
) -> None:
    for statement in statements("CREATE RETENTION"):
        influxd.query(statement)
    await home.set_up(options_for(influxd.url))
    await home.until_books()
    await home.read(2)
    await home.until_delivered()
    written = {}
    for statement in statements("CREATE CONTINUOUS"):
        select = statement.partition(" BEGIN ")[2].removesuffix(" END")
        recent = select.replace(
            " GROUP BY", " WHERE time > now() - 2d AND time < now() + 1h GROUP BY"
        )
        [row] = influxd.query(recent)
        written[select] = row["written"]

    assert len(written) == 3
    assert [select for select, count in written.items() if not count] == []
    hourly = influxd.query(
        f'SELECT * FROM "{DATABASE}"."forever"."grid"'  # noqa: S608 - a test's own words
    )
    assert hourly[-1]["import_energy"] is not None


@contextmanager
def vmauth(tmp_path: Path, behind: VictoriaMetrics) -> Iterator[Server]:
    """Run vmauth with the settings of the page, in front of a single server."""
    [users] = [block for block in blocks("yaml") if block.startswith("users:")]
    settings = re.sub(r"http://vminsert\S+/influx", behind.url, users)
    assert behind.url in settings
    config = tmp_path / "auth.yml"
    config.write_text(settings)
    port = free_port()
    command = [
        str(require("vmauth")),
        f"-auth.config={config}",
        f"-httpListenAddr=127.0.0.1:{port}",
        "-loggerLevel=ERROR",
    ]
    server = Server(command, port=port, ready="/health")
    with server.running():
        yield server


async def test_vmauth_as_described(
    home: Home, victoria: VictoriaMetrics, tmp_path: Path
) -> None:
    with vmauth(tmp_path, victoria) as server:
        await home.set_up(options_for(server.url, username="envoy", password="wrong"))
        await home.until_problem()
        assert home.status.quarantined == 0
        right = options_for(server.url, username="envoy", password="choose one")
        home.hass.config_entries.async_update_entry(home.entry, options=right)
        await home.hass.config_entries.async_reload(home.entry.entry_id)
        await home.until_delivered()

    assert victoria.times('production_power{phase="total"}')
    assert home.status.quarantined == 0
