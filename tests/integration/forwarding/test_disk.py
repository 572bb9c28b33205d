"""A disk that is full, damaged or can't be used: told, in nobody's way, and mended."""

from __future__ import annotations

from collections.abc import Sequence

from homeassistant.config_entries import ConfigEntryState
import pytest

from custom_components.envoy_local import forwarding
from custom_components.envoy_local.influxdb.spool import Spool, SpoolError

from ...influxdb.servers import Influxd
from ..influx_site import Home, options_for
from .stored import powers, shown

SHORT = 0.05


async def test_a_damaged_file_is_set_aside(home: Home, influxd: Influxd) -> None:
    home.spool.parent.mkdir(parents=True)
    home.spool.write_bytes(b"not a database at all" * 500)
    await home.set_up(options_for(influxd.url))
    await home.read(1)
    await home.until_delivered()

    [aside] = home.spool.parent.glob("*.corrupt-*")
    assert aside.read_bytes().startswith(b"not a database")
    assert home.issues == {
        "influxdb_spool_damaged": {"name": home.entry.title, "file": aside.name}
    }
    assert len(powers(influxd)) >= 2

    await home.unload()
    await home.load()
    await home.until_delivered()

    assert home.issues == {}


async def test_a_disk_that_takes_nothing_blocks_nothing(
    home: Home, influxd: Influxd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "_NEXT_TRY", SHORT)
    home.spool.mkdir(parents=True)
    await home.set_up(options_for(influxd.url))
    assert home.entry.state is ConfigEntryState.LOADED
    await home.until(lambda: "influxdb_spool_unusable" in home.issues)
    await home.read(3)
    assert home.forwarder.in_hand > 0
    assert home.state("influxdb_pending_points") == "unknown"

    home.spool.rmdir()
    await home.until_delivered()

    assert len(powers(influxd)) >= 4
    assert home.status.dropped == 0
    assert home.issues == {}


async def test_memory_is_bounded_while_the_disk_takes_nothing(
    home: Home, influxd: Influxd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "_NEXT_TRY", SHORT)
    monkeypatch.setattr(forwarding, "_MOST_IN_HAND", 60)
    home.spool.mkdir(parents=True)
    await home.set_up(options_for(influxd.url))
    await home.read(20)
    assert home.forwarder.in_hand <= 60
    assert home.status.dropped > 0

    home.spool.rmdir()
    await home.until_delivered()

    kept = powers(influxd)
    assert 0 < len(kept) < 20
    assert kept[-1] == shown(home.hass, f"{home.serial}_production_power")


class FullDisk:
    """Refuses to store, as long as it is full; a real one can't be filled in a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = False
        put = Spool.put

        def refuse(spool: Spool, lines: Sequence[str], *, now: float) -> None:
            if self.is_full:
                raise SpoolError("The disk is full")
            put(spool, lines, now=now)

        monkeypatch.setattr(Spool, "put", refuse)


async def test_a_disk_that_fills_up_and_gets_room_again(
    home: Home, influxd: Influxd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "_NEXT_TRY", SHORT)
    disk = FullDisk(monkeypatch)
    await home.set_up(options_for(influxd.url))
    await home.until_delivered()
    before = len(powers(influxd))
    disk.is_full = True
    await home.read(4)
    await home.until(lambda: "influxdb_spool_unusable" in home.issues)
    assert home.issues["influxdb_spool_unusable"]["detail"] == "The disk is full"
    assert home.forwarder.in_hand > 0

    disk.is_full = False
    await home.until_delivered()

    assert len(powers(influxd)) == before + 4
    assert home.status.dropped == 0
    assert home.issues == {}


async def test_what_a_full_disk_loses_at_the_end_is_said(
    home: Home,
    influxd: Influxd,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    disk = FullDisk(monkeypatch)
    await home.set_up(options_for(influxd.url))
    await home.until_delivered()
    disk.is_full = True
    await home.read(2)
    lost = home.forwarder.in_hand
    await home.unload()

    assert lost > 0
    assert f"{lost} readings for InfluxDB are lost" in caplog.text
    assert home.serial not in caplog.text.partition("are lost")[0].rpartition("\n")[2]

    disk.is_full = False
    await home.load()
    await home.until_delivered()
