"""Firmware 5: plain http, and Digest as an independent client speaks it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
import json
import urllib.request

import pytest

from simulator import Simulator


def fetch(url: str, user: str, password: str) -> tuple[int, bytes]:
    """Ask with the standard library's own Digest."""
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, url, user, password)
    digest = urllib.request.HTTPDigestAuthHandler(passwords)
    opener = urllib.request.build_opener(digest)
    try:
        with opener.open(url, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.request.HTTPError as err:
        with err:
            return err.code, err.read()


async def ask(url: str, user: str, password: str) -> tuple[int, bytes]:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as pool:
        return await loop.run_in_executor(pool, fetch, url, user, password)


@pytest.mark.usefixtures("socket_enabled")
async def test_digest() -> None:
    async with Simulator("legacy") as simulator:
        gateway = simulator.gateway
        assert gateway.fingerprint is None
        url = gateway.url + "/api/v1/production/inverters"
        status, _ = await ask(url, "envoy", "wrong")
        assert status == 401
        status, body = await ask(url, "envoy", simulator.serial[-6:])
        assert status == 200
        assert len(json.loads(body)) == 20
        gateway.local_users["installer"] = "secret"
        status, _ = await ask(url, "installer", "secret")
        assert status == 200


@pytest.mark.usefixtures("socket_enabled")
async def test_what_is_open_needs_nothing() -> None:
    async with Simulator("legacy") as simulator:
        for path in ("/info", "/production.json", "/api/v1/production"):
            status, body = await ask(simulator.gateway.url + path, "", "")
            assert status == 200
            assert body
