"""Enlighten and Entrez: the way in, and every way in which it is barred."""

from __future__ import annotations

import json
import ssl
from typing import Any

import aiohttp
import pytest

from simulator import Account, Fault, Simulator
from simulator.cloud import LockOut

LOGIN = "/login/login.json?"


class Visitor:
    """A client that trusts the simulated cloud's CA and nothing else."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self._simulator = simulator
        self._session = session
        self._context = ssl.create_default_context()
        simulator.cloud.trust(self._context)

    async def ask(self, method: str, path: str, **arguments: Any) -> tuple[int, str]:
        async with self._session.request(
            method,
            self._simulator.cloud.url + path,
            ssl=self._context,
            timeout=aiohttp.ClientTimeout(total=3),
            **arguments,
        ) as response:
            return response.status, await response.text()

    async def log_in(
        self, password: str | None = None, path: str = LOGIN
    ) -> tuple[int, str]:
        form = {
            "user[email]": self._simulator.user,
            "user[password]": password or self._simulator.password,
        }
        return await self.ask("POST", path, data=form)

    async def session_id(self) -> str:
        status, text = await self.log_in()
        assert status == 200
        return str(_json(text)["session_id"])

    async def entrez(self, session_id: str, serial: str) -> tuple[int, str]:
        return await self.ask(
            "GET",
            "/entrez-auth-token",
            params={"serial_num": serial},
            headers={"Cookie": f"_enlighten_4_session={session_id}"},
        )

    async def tokens(self, session_id: str, serial: str) -> tuple[int, str]:
        wanted = {
            "session_id": session_id,
            "serial_num": serial,
            "username": self._simulator.user,
        }
        return await self.ask("POST", "/tokens", json=wanted)


def _json(text: str) -> Any:
    return json.loads(text)


async def test_both_sources_give_a_token_that_the_gateway_takes(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        visitor = Visitor(simulator, session)
        session_id = await visitor.session_id()
        status, text = await visitor.entrez(session_id, simulator.serial)
        answer = _json(text)
        assert status == 200
        assert answer["expires_at"] - answer["generation_time"] == 31_536_000
        status, raw = await visitor.tokens(session_id, simulator.serial)
        assert status == 200
        for token in (answer["token"], raw):
            claims = simulator.issuer.verify(token, simulator.serial)
            assert claims.role == "owner"
            assert claims.expires - claims.issued == 31_536_000


async def test_the_form_log_in_sets_the_cookie(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator(cloud_tls=False) as simulator:
        form = {"user[email]": simulator.user, "user[password]": simulator.password}
        url = simulator.cloud.url + "/login/login"
        async with session.post(url, data=form) as response:
            cookie = response.cookies["_enlighten_4_session"].value
        visitor = Visitor(simulator, session)
        assert (await visitor.entrez(cookie, simulator.serial))[0] == 200


async def test_an_unknown_ca_is_not_trusted(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.post(simulator.cloud.url + LOGIN)


async def test_wrong_password(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        visitor = Visitor(simulator, session)
        status, text = await visitor.log_in("wrong")
        assert (status, _json(text)) == (401, {"message": "Invalid"})
        assert (await visitor.log_in())[0] == 200


async def test_second_factor(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        visitor = Visitor(simulator, session)
        simulator.account.second_factor = True
        status, text = await visitor.log_in()
        assert status == 200
        assert "session_id" not in _json(text)
        simulator.account.second_factor = False
        assert await visitor.session_id()


@pytest.mark.parametrize(
    ("how", "status", "text"),
    [("401", 401, "Invalid"), ("blocked", 200, "isBlocked"), ("page", 403, "<html>")],
)
async def test_locked_out(
    session: aiohttp.ClientSession, how: LockOut, status: int, text: str
) -> None:
    async with Simulator() as simulator:
        visitor = Visitor(simulator, session)
        simulator.account.locked_out = how
        seen = await visitor.log_in()
        assert seen[0] == status
        assert text in seen[1]
        assert "session_id" not in seen[1]
        simulator.account.locked_out = None
        assert await visitor.session_id()


async def test_one_source_broken_the_other_works(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        cloud, visitor = simulator.cloud, Visitor(simulator, session)
        session_id = await visitor.session_id()
        cloud.entrez_auth_token_broken = True
        assert (await visitor.entrez(session_id, simulator.serial))[0] == 406
        assert (await visitor.tokens(session_id, simulator.serial))[0] == 200
        cloud.entrez_auth_token_broken, cloud.tokens_broken = False, True
        assert (await visitor.entrez(session_id, simulator.serial))[0] == 200
        assert (await visitor.tokens(session_id, simulator.serial))[0] == 406


async def test_serial_that_is_not_on_the_account(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        visitor = Visitor(simulator, session)
        session_id = await visitor.session_id()
        for source in (visitor.entrez, visitor.tokens):
            assert (await source(session_id, "100000000001"))[0] == 403
            assert (await source(session_id, simulator.serial))[0] == 200


async def test_stale_session(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        visitor = Visitor(simulator, session)
        session_id = await visitor.session_id()
        simulator.cloud.forget_sessions()
        for source in (visitor.entrez, visitor.tokens):
            assert (await source(session_id, simulator.serial))[0] == 401


async def test_tokens_that_are_none_or_anothers(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        cloud, visitor = simulator.cloud, Visitor(simulator, session)
        session_id = await visitor.session_id()
        cloud.token_text = "<html>maintenance</html>"
        assert await visitor.tokens(session_id, simulator.serial) == (
            200,
            "<html>maintenance</html>",
        )
        cloud.token_text, cloud.token_serial = None, "100000000001"
        _, token = await visitor.tokens(session_id, simulator.serial)
        assert simulator.issuer.verify(token, "100000000001")


async def test_installer_tokens_live_half_a_day(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        visitor = Visitor(simulator, session)
        simulator.account.role = "installer"
        session_id = await visitor.session_id()
        _, token = await visitor.tokens(session_id, simulator.serial)
        claims = simulator.issuer.verify(token, simulator.serial)
        assert (claims.role, claims.expires - claims.issued) == ("installer", 43_200)


async def test_an_agent_that_the_cloud_dislikes(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as simulator:
        visitor = Visitor(simulator, session)
        simulator.cloud.refused_agent = "aiohttp"
        assert (await visitor.log_in())[0] == 406
        simulator.cloud.refused_agent = None
        assert (await visitor.log_in())[0] == 200


async def test_faults_and_absence(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        cloud, visitor = simulator.cloud, Visitor(simulator, session)
        cloud.faults.add(Fault.error("/login/*", 500, times=1))
        assert (await visitor.log_in())[0] == 500
        cloud.faults.add(Fault.html("/login/login.json", times=1))
        assert "<html>" in (await visitor.log_in())[1]
        cloud.faults.add(Fault.hang("*"))
        with pytest.raises(TimeoutError):
            await visitor.log_in()
        cloud.faults.clear()
        await cloud.go_away()
        with pytest.raises(aiohttp.ClientConnectorError):
            await visitor.log_in()
        await cloud.come_back()
        assert (await visitor.log_in())[0] == 200
        assert len(cloud.requests.to("/login/login.json")) == 4


async def test_another_account(session: aiohttp.ClientSession) -> None:
    async with Simulator() as simulator:
        visitor = Visitor(simulator, session)
        simulator.cloud.add_account(Account(email="b@example.com", password="b"))
        form = {"user[email]": "b@example.com", "user[password]": "b"}
        status, text = await visitor.ask("POST", LOGIN, data=form)
        assert status == 200
        session_id = _json(text)["session_id"]
        assert (await visitor.entrez(session_id, simulator.serial))[0] == 403
