"""`python -m simulator`: one line of JSON, then service until a signal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import signal
import sys
from typing import Any

import aiohttp
import pytest

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def command(*arguments: str, ends_with: int = 0) -> AsyncIterator[dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulator",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        yield json.loads(line)
    finally:
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), 10)
    assert code == ends_with


async def test_it_serves_and_stops(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    ca_file = tmp_path / "ca.pem"
    async with command("--timezone", "Asia/Tokyo", "--ca-file", str(ca_file)) as facts:
        assert facts["timezone"] == "Asia/Tokyo"
        assert (facts["user"], facts["password"]) == ("demo@example.com", "demo")
        assert facts["control_url"] is None
        assert ca_file.read_text().startswith("-----BEGIN CERTIFICATE-----")
        pinned = aiohttp.Fingerprint(bytes.fromhex(facts["fingerprint"]))
        url = f"https://{facts['host']}/info"
        async with session.get(url, ssl=pinned) as answer:
            assert facts["serial"] in await answer.text()


async def test_faults_are_switched_over_http(session: aiohttp.ClientSession) -> None:
    async with command("--control-port", "0") as facts:
        control, info = facts["control_url"], facts["gateway_url"] + "/info"

        async def post(path: str, data: object = None) -> int:
            async with session.post(control + path, json=data) as answer:
                return answer.status

        async def status() -> int:
            async with session.get(info, ssl=False) as answer:
                return answer.status

        fault = {"kind": "status", "path": "/info", "status": 500}
        assert await post("/faults", [fault]) == 200
        assert await status() == 500
        async with session.delete(control + "/faults") as answer:
            assert answer.status == 200
        assert await status() == 200
        assert await post("/gateway", {"booting": True}) == 200
        assert await status() == 503
        assert await post("/gateway", {"booting": False}) == 200
        assert await post("/gateway/away") == 200
        with pytest.raises(aiohttp.ClientConnectorError):
            await status()
        assert await post("/gateway/back") == 200
        assert await status() == 200
        async with session.get(control + "/requests") as answer:
            rows = await answer.json()
        assert [row[3] for row in rows] == [500, 200, 503, 200]


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "nonsense"},
        {"kind": "status", "status": "500"},
        {"kind": "status", "colour": 1},
        ["no fault"],
    ],
)
async def test_bad_switches_are_refused(
    session: aiohttp.ClientSession, data: object
) -> None:
    async with command("--control-port", "0") as facts:
        url = facts["control_url"] + "/faults"
        async with session.post(url, json=data) as answer:
            assert answer.status == 400
            assert (await answer.json())["error"]


async def test_a_missing_capture_is_said() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulator",
        "--capture",
        "no-such-folder",
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert errors.startswith(b"The simulator could not start:")
