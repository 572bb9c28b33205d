"""A capture folder answers as the gateway that it was recorded from."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest

from simulator import Recording, Simulator

from .helpers import CAPTURES, FOLDERS, Caller, needs_captures


def capture(tmp_path: Path, firmware: str, responses: dict[str, int]) -> Path:
    """Write a small recording."""
    entries = {}
    for number, (path, status) in enumerate(responses.items()):
        (tmp_path / f"answer{number}").write_text(f'{{"path": "{path}", "n": 1}}')
        entries[path] = {"status": status, "file": f"answer{number}"}
    index = {
        "firmware": firmware,
        "serial": "envoyserial",
        "part_number": "800-00554-r03",
        "responses": entries,
    }
    (tmp_path / "index.json").write_text(json.dumps(index))
    return tmp_path


@needs_captures
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
async def test_every_recorded_answer_byte_for_byte(
    session: aiohttp.ClientSession, folder: Path
) -> None:
    index = json.loads((folder / "index.json").read_text())
    modern = int(index["firmware"][1:].partition(".")[0]) >= 7
    async with Simulator(capture=folder) as simulator:
        assert simulator.gateway.url.startswith("https:" if modern else "http:")
        assert simulator.serial == index["serial"]
        caller = Caller(simulator, session)
        token = simulator.token(role="installer") if modern else None
        for path, entry in index["responses"].items():
            answer = await caller.get(path, bearer=token)
            assert (path, answer.status) == (path, entry["status"])
            assert answer.body == (folder / entry["file"]).read_bytes()
        assert (await caller.get("/ivp/not/recorded", bearer=token)).status == 404


@needs_captures
async def test_recorded_headers(session: aiohttp.ClientSession) -> None:
    folder = CAPTURES / "8.3.5169_with_generator"
    async with Simulator(capture=folder) as simulator:
        caller = Caller(simulator, session)
        token = simulator.token()
        native = await caller.get("/ivp/meters", bearer=token)
        ruby = await caller.get("/home", bearer=token)
        assert "Content-Type" not in native.headers
        assert ruby.headers["Connection"] == "close"
        assert ruby.headers["Transfer-Encoding"] == "chunked"


async def test_a_serial_that_is_no_number(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    folder = capture(tmp_path, "D8.2.4264", {"/info": 200, "/ivp/meters": 200})
    async with Simulator(capture=folder) as simulator:
        caller = Caller(simulator, session)
        await caller.log_in()
        assert (await caller.get("/ivp/meters")).status == 200
        assert simulator.account.serials == ["envoyserial"]
        assert simulator.plant is None


async def test_other_names_of_a_recorded_resource(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    paths = {"/info": 200, "/home": 200, "/production.json": 200}
    folder = capture(tmp_path, "D8.2.4264", paths)
    async with Simulator(capture=folder) as simulator:
        caller = Caller(simulator, session)
        await caller.log_in()
        for alias, path in (
            ("/info.xml", "/info"),
            ("/home.json", "/home"),
            ("/production.json?details=1", "/production.json"),
        ):
            assert (await caller.get(alias)).json["path"] == path
        assert (await caller.get("/production.json?other=1")).status == 404


async def test_old_firmware_challenges_where_a_401_was_recorded(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    paths = {"/api/v1/production": 200, "/api/v1/production/inverters": 401}
    folder = capture(tmp_path, "R3.9.36", paths)
    async with Simulator(capture=folder) as simulator:
        caller = Caller(simulator, session)
        assert (await caller.get("/api/v1/production")).status == 200
        refused = await caller.get("/api/v1/production/inverters")
        assert refused.status == 401
        assert refused.headers["WWW-Authenticate"].startswith("Digest realm=")
        assert refused.json["n"] == 1


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"responses": {}}'])
def test_a_folder_that_is_no_capture(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.json").write_text(text)
    with pytest.raises((ValueError, KeyError, TypeError)):
        Recording.load(tmp_path)
