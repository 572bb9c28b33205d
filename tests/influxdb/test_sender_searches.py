"""The search for bad lines, with answers that only 2.x, 3.x and proxies give."""

from __future__ import annotations

from collections.abc import Callable
import logging
from pathlib import Path

from aiohttp import web
import pytest

from custom_components.envoy_local.influxdb.target import (
    ServerKind,
    Target,
    TargetProblem,
)
from tests.time_travel import TimeTravel

from .conftest import RECHECK, forwarding, readings, v1
from .stub_server import Received, StubServer, accepted, v2_error, v3_error


def v2(url: str) -> Target:
    return Target(
        kind=ServerKind.V2,
        url=url,
        organization="home",
        bucket="solar",
        token="a-token",
    )


def v3(url: str) -> Target:
    return Target(kind=ServerKind.V3, url=url, database="solar", token="a-token")


BAD = readings(3, 3) + readings(70, 71)


def is_bad(line: str) -> bool:
    return line in BAD


async def test_a_stub_of_2_x_stores_all_of_a_batch_or_nothing(
    socket_enabled: None, path: Path
) -> None:
    def all_or_nothing(received: Received) -> web.Response:
        bad = [line for line in received.lines if is_bad(line)]
        answers = {
            True: v2_error(
                400, "invalid", f"unable to parse '{bad}': missing field value"
            ),
            False: accepted(),
        }
        server.stored += {True: [], False: received.lines}[bool(bad)]
        return answers[bool(bad)]

    server = StubServer(all_or_nothing)
    async with server.running(), forwarding(v2(server.url), path) as running:
        await running.put(1, 100)
        await running.until_empty()

        found = await running.sender.quarantined()
        assert [refused.line for refused in found] == BAD
        assert found[0].reason == "400: unable to parse '…': missing field value"
    good = [line for line in readings(1, 100) if not is_bad(line)]
    assert sorted(set(server.stored)) == sorted(good)


async def test_a_stub_of_2_x_says_422_for_a_partial_write(
    socket_enabled: None, path: Path
) -> None:
    message = "failure writing points to database: partial write: field type conflict"

    def partial(received: Received) -> web.Response:
        bad = [line for line in received.lines if is_bad(line)]
        server.store(received, but=tuple(bad))
        refusal = v2_error(422, "unprocessable entity", f"{message} dropped={len(bad)}")
        return {True: refusal, False: accepted()}[bool(bad)]

    server = StubServer(partial)
    async with server.running(), forwarding(v2(server.url), path) as running:
        await running.put(1, 100)
        await running.until_empty()

        assert [bad.line for bad in await running.sender.quarantined()] == BAD
    assert set(server.stored) == set(readings(1, 100)) - set(BAD)


async def test_a_stub_of_2_x_says_500_for_what_is_too_old(
    socket_enabled: None, path: Path
) -> None:
    message = "partial write: points beyond retention policy dropped=4"
    server = StubServer(lambda _: v2_error(500, "internal error", message))
    async with server.running(), forwarding(v2(server.url), path) as running:
        await running.put(1, 10)
        await running.until_empty()

        assert (running.status().too_old, running.status().delivered) == (4, 6)
    assert len(server.writes) == 1


async def test_a_stub_of_3_x_names_the_bad_lines(
    socket_enabled: None, path: Path
) -> None:
    def by_line(received: Received) -> web.Response:
        named = [
            {"original_line": line, "line_number": n, "error_message": "invalid"}
            for n, line in enumerate(received.lines, 1)
            if is_bad(line)
        ]
        server.store(received, but=tuple(BAD))
        refusal = v3_error(400, "partial write of line protocol occurred", named)
        return {True: refusal, False: accepted()}[bool(named)]

    server = StubServer(by_line)
    async with server.running(), forwarding(v3(server.url), path) as running:
        await running.put(1, 100)
        await running.until_empty()

        assert [bad.line for bad in await running.sender.quarantined()] == BAD
    assert [len(write.lines) for write in server.writes] == [100, 97]
    assert set(server.stored) == set(readings(1, 100)) - set(BAD)
    assert server.writes[0].path == "/api/v3/write_lp"
    assert server.writes[0].headers["Authorization"] == "Bearer a-token"


async def test_a_stub_that_names_lines_that_were_not_sent_is_searched(
    socket_enabled: None, path: Path
) -> None:
    def wrong_number(received: Received) -> web.Response:
        bad = any(is_bad(line) for line in received.lines)
        refusal = v3_error(400, "partial write", [{"line_number": 999}])
        return {True: refusal, False: accepted()}[bad]

    server = StubServer(wrong_number)
    async with server.running(), forwarding(v3(server.url), path) as running:
        await running.put(1, 100)
        await running.until_empty()

        assert [bad.line for bad in await running.sender.quarantined()] == BAD


async def test_a_stub_that_begins_to_refuse_everything_quarantines_nothing(
    socket_enabled: None, path: Path, travel: TimeTravel
) -> None:
    """A 400 may be a proxy's, also one that appears in the middle of a search."""

    def lets_in(limit: int) -> Callable[[Received], web.Response]:
        def answer(received: Received) -> web.Response:
            is_refused = len(server.requests) > limit or bool(received.lines)
            return {True: web.Response(status=400), False: accepted()}[is_refused]

        return answer

    server = StubServer(lets_in(2))
    async with server.running(), forwarding(v1(server.url), path) as running:
        await running.put(1, 8)
        await running.until(lambda now: now.problem is TargetProblem.REFUSED)
        assert len(server.requests) == 2 + 2 * 7 + 1
        assert (running.status().pending, running.status().quarantined) == (8, 0)

        server.answer = None
        await travel(RECHECK)
        await running.until_empty()

    assert server.stored == readings(1, 8)


async def test_a_stub_that_goes_away_in_a_search_quarantines_nothing(
    socket_enabled: None, path: Path, travel: TimeTravel
) -> None:
    def answer(received: Received) -> web.Response:
        status = 503 if len(server.requests) > 6 else 400
        return web.Response(status=status) if received.lines else accepted()

    server = StubServer(answer)
    async with server.running(), forwarding(v1(server.url), path) as running:
        await running.put(1, 8)
        await running.until(lambda now: now.problem is TargetProblem.UNAVAILABLE)
        assert (running.status().pending, running.status().quarantined) == (8, 0)

        server.answer = None
        await travel(5)
        await running.until_empty()

    assert server.stored == readings(1, 8)


async def test_a_search_that_a_stub_cuts_short_comes_to_an_end(
    socket_enabled: None, path: Path, travel: TimeTravel
) -> None:
    """A server that limits its clients lets through a few requests at a time."""

    def answer(received: Received) -> web.Response:
        if len(server.requests) % 9 == 0:
            return web.Response(status=429, headers={"Retry-After": "1"})
        if any(int(line.rsplit(" ", 1)[1]) % 4 == 0 for line in received.lines):
            return v2_error(400, "invalid", "unable to parse")
        server.store(received)
        return accepted()

    server = StubServer(answer)
    async with server.running(), forwarding(v2(server.url), path) as running:
        await running.put(1, 100)
        await travel.up_to(lambda: running.status().pending == 0, within=3600, step=1.0)
        assert running.status().quarantined == 25
    good = [line for n, line in enumerate(readings(1, 100), 1) if n % 4]
    assert set(server.stored) == set(good)


async def test_lines_that_are_refused_again_and_again_are_told_once(
    socket_enabled: None, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(received: Received) -> web.Response:
        bad = any(is_bad(line) for line in received.lines)
        return {True: web.Response(status=400), False: accepted()}[bad]

    server = StubServer(answer)
    caplog.set_level(logging.DEBUG)
    async with server.running(), forwarding(v1(server.url), path) as running:
        for _ in range(3):
            await running.put(1, 100)
            await running.until_empty()
    told = [r for r in caplog.records if "refuses" in r.getMessage()]
    assert [r.levelname for r in told] == ["WARNING", "DEBUG", "DEBUG"]
