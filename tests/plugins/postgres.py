"""A real PostgreSQL server for the tests: one for each session (and xdist worker), a fresh database for each test."""

import contextlib
import ctypes
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.plugins.needs import needs

_PR_SET_PDEATHSIG = 1
_CLUSTER = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
_SETTINGS = {
    "listen_addresses": "",
    # Durability is not what these tests look at, and each of them would wait for the disk.
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "log_min_messages": "warning",
    "deadlock_timeout": "100ms",
}


def programs() -> Path:
    """Find the folder of the server's programs; Debian keeps them out of PATH, one folder for each version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[4]))
    on_path = shutil.which("postgres")
    if not found and not on_path:
        needs("PostgreSQL", "apt-get install postgresql")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


def _account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it gets an account without rights."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _die_with_parent() -> None:
    # A killed test run must not leave a server behind. SIGINT is PostgreSQL's "fast" shutdown.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


@dataclass
class PostgresServer:
    """A running server that listens on a Unix socket only."""

    folder: Path
    durable: bool
    process: subprocess.Popen[bytes] = field(init=False)

    @classmethod
    @contextlib.contextmanager
    def running(cls, *, durable: bool = False) -> Iterator["PostgresServer"]:
        """Make a cluster in a short temporary folder (a socket's path holds 107 bytes) and run it.

        `durable` for what measures or kills: commits wait for the disk, as in real life.
        """
        binaries = programs()
        folder = Path(tempfile.mkdtemp(prefix="ipg-", dir="/tmp"))
        account = _account()
        if account:
            os.chown(folder, account["user"], account["group"])
        try:
            made = subprocess.run(
                [binaries / "initdb", "-D", folder / "data", *_CLUSTER],
                **account,
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
            assert made.returncode == 0, made.stderr
            server = cls(folder, durable)
            server.start()
            try:
                yield server
            finally:
                server.stop()
        finally:
            shutil.rmtree(folder)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = _SETTINGS | ({"fsync": "on", "full_page_writes": "on"} if self.durable else {})
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [programs() / "postgres", "-D", self.folder / "data", "-k", self.folder, *options],
                **_account(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread runs yet, and it calls one function of libc
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.execute("SELECT 1")
                return
            except psycopg.OperationalError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < deadline, (self.folder / "log").read_text()
                time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server by its own process number: fast, and hard when that does not end."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement as the superuser, outside of any transaction."""
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname=database, autocommit=True, connect_timeout=5
        ) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def url(self, database: str) -> str:
        """Give a database's address as `store.url` takes it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    @contextlib.contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Make a database of its own, give its name, and drop it, whoever is still connected."""
        name = f"t_{secrets.token_hex(8)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield name
        finally:
            if self.process.poll() is None:
                self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The session's server."""
    with PostgresServer.running() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The address of an empty database."""
    with postgres.database() as name:
        yield postgres.url(name)
