"""Real servers on loopback: InfluxDB 1.6, VictoriaMetrics and vmauth from Debian.

Each has ports, data and a process of its own; a process is ended by its own number.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
import http.client
import json
import os
from pathlib import Path
import random
import shutil
import signal
import socket
import subprocess
import time
from typing import Any, Final
from urllib.parse import urlencode

import pytest

_CACHE: Final = Path(__file__).parents[2] / ".cache" / "servers"
FOLDER: Final = Path(os.environ.get("ENVOY_SERVERS", _CACHE)) / "usr" / "bin"
_PATIENCE: Final = 20.0
_LOOK: Final = 0.005
NO_CONTENT: Final = 204
OK: Final = 200


def require(program: str) -> Path:
    """Return a server's program; without it skip, where it can't be had at all."""
    path = FOLDER / program
    if not path.is_file():
        if "CI" in os.environ or shutil.which("apt-get"):
            pytest.fail(f"{program} is missing: scripts/lib/fetch_servers.sh gets it")
        pytest.skip(f"{program} is a Debian package, and there is no apt-get here")
    return path


def free_port() -> int:
    """Return a port of loopback that nobody listens on.

    It stays free while its server is down: the system gives the ports of this
    range to nobody who doesn't ask for them.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


class Server:
    """A child process that answers HTTP; the same address and data at every start."""

    def __init__(
        self, command: list[str], *, port: int, ready: str, auth: str = ""
    ) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._command = command
        self._ready = ready
        self._auth = auth
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        self._process = subprocess.Popen(  # noqa: S603 - a program of our own choice
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            assert self._process.poll() is None, f"{self._command[0]} has ended"
            assert time.monotonic() < deadline, f"{self._command[0]} doesn't start"
            time.sleep(_LOOK)

    def stop(self) -> None:
        """End it, if it runs."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(_PATIENCE)

    def hang(self) -> None:
        """Let it take connections and answer nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it answer again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it for a while."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    def ask(
        self, path: str, *, method: str = "GET", body: str = "", **query: str
    ) -> tuple[int, str]:
        """Ask directly, as an administrator where there is one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Authorization": f"Basic {self._auth}"} if self._auth else {}
        try:
            target = f"{path}?{urlencode(query)}" if query else path
            connection.request(method, target, body.encode(), headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def _answers(self) -> bool:
        try:
            return self.ask(self._ready)[0] in {OK, NO_CONTENT}
        except OSError:
            return False


_CONFIG: Final = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
[monitor]
store-enabled = false
[subscriber]
enabled = false
[continuous_queries]
enabled = false
[http]
bind-address = "127.0.0.1:{port}"
auth-enabled = {auth}
log-enabled = false
max-body-size = {max_body}
[logging]
level = "error"
"""
ADMIN: Final = ("admin", "an administrator's password")


class Influxd(Server):
    """InfluxDB 1.6."""

    def __init__(
        self, folder: Path, *, has_auth: bool = False, max_body: int = 25_000_000
    ) -> None:
        folder.mkdir(parents=True)
        port = free_port()
        config = folder / "influxdb.conf"
        config.write_text(
            _CONFIG.format(
                rpc=free_port(),
                port=port,
                folder=folder,
                auth=str(has_auth).lower(),
                max_body=max_body,
            )
        )
        command = [str(require("influxd")), "run", "-config", str(config)]
        auth = b64encode(":".join(ADMIN).encode()).decode() if has_auth else ""
        super().__init__(command, port=port, ready="/ping", auth=auth)

    def query(self, text: str, database: str = "") -> list[dict[str, Any]]:
        """Run a statement; return the rows of all series, times in milliseconds."""
        status, said = self.ask(
            "/query", method="POST", q=text, db=database, epoch="ms"
        )
        assert status == OK, said
        [result] = json.loads(said)["results"]
        assert "error" not in result, result
        return [
            dict(zip(series["columns"], values, strict=True)) | series.get("tags", {})
            for series in result.get("series", [])
            for values in series["values"]
        ]

    def create_admin(self) -> None:
        """Create the first user, which is all that may be done before."""
        user, password = ADMIN
        self.query(
            f"CREATE USER {user} WITH PASSWORD {quoted(password)} WITH ALL PRIVILEGES"
        )

    def create_user(self, user: str, password: str, database: str) -> None:
        """Create a user who may write to a database."""
        self.query(f"CREATE USER {user} WITH PASSWORD {quoted(password)}")
        self.query(f"GRANT WRITE ON {database} TO {user}")

    def times(self, measurement: str, database: str) -> list[int]:
        """Return the times of all points of a measurement."""
        everything = f'SELECT * FROM "{measurement}"'  # noqa: S608 - a test's own name
        rows = self.query(everything, database)
        return [row["time"] for row in rows]


class VictoriaMetrics(Server):
    """The single-node server; a repeated point replaces the first."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        command = [
            str(require("victoria-metrics")),
            f"-storageDataPath={folder}",
            f"-httpListenAddr=127.0.0.1:{port}",
            "-retentionPeriod=100y",
            "-dedup.minScrapeInterval=1ms",
            "-search.latencyOffset=0s",
            "-search.disableCache",
            "-memory.allowedBytes=256MB",
            "-loggerLevel=ERROR",
        ]
        super().__init__(command, port=port, ready="/health")

    def export(self, series: str) -> list[dict[str, Any]]:
        """Return the series that match, each with `metric`, `values`, `timestamps`."""
        self.ask("/internal/force_flush")
        query = {"match[]": series, "start": "0", "end": "99999999999"}
        status, said = self.ask("/api/v1/export", **query)
        assert status == OK, said
        return [json.loads(line) for line in said.splitlines()]

    def times(self, series: str) -> list[int]:
        """Return the times of all samples of the series that match."""
        return [time for found in self.export(series) for time in found["timestamps"]]

    def invalid_rows(self) -> int:
        """Return how many lines were skipped, of which no answer ever tells."""
        _, said = self.ask("/metrics")
        name = 'vm_rows_invalid_total{type="influx"} '
        [line] = [line for line in said.splitlines() if line.startswith(name)]
        return int(line.removeprefix(name))


class Vmauth(Server):
    """VictoriaMetrics' proxy, which lets in who has the token."""

    def __init__(self, folder: Path, *, token: str, behind: Server) -> None:
        folder.mkdir(parents=True)
        port = free_port()
        config = folder / "auth.json"
        user = {"bearer_token": token, "url_prefix": behind.url}
        config.write_text(json.dumps({"users": [user]}))
        command = [
            str(require("vmauth")),
            f"-auth.config={config}",
            f"-httpListenAddr=127.0.0.1:{port}",
            "-loggerLevel=ERROR",
        ]
        super().__init__(command, port=port, ready="/health")


def quoted(text: str) -> str:
    """Return a string for InfluxQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
