"""Every test of the store runs on both databases: `store` and `url` are parametrised."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from store import intake, jobs, tickets
from store.open import Store
from tests.plugins.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> Iterator[str]:
    """A database with a fresh store in it, to copy from."""
    with postgres.database() as name:
        Store.open(postgres.url(name), role="command", create=True).close()
        yield name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file with a fresh store in it, to copy from."""
    path = tmp_path_factory.mktemp("template") / "inboxd.db"
    Store.open(f"sqlite:///{path}", role="command", create=True).close()
    return path.read_bytes()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/inboxd.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: bytes) -> str:
    """The address of a fresh SQLite store."""
    (tmp_path / "inboxd.db").write_bytes(sqlite_template)
    return f"sqlite:///{tmp_path}/inboxd.db"


@pytest.fixture
def postgresql_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The address of a fresh PostgreSQL store."""
    with postgres.database(postgres_template) as name:
        yield postgres.url(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh store."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def open_store() -> Iterator[Callable[..., Store]]:
    """Open stores that are closed at the end of the test."""
    with ExitStack() as stack:
        yield lambda address, **options: stack.enter_context(Store.open(address, **options))


@pytest.fixture
def store(url: str, open_store: Callable[..., Store]) -> Store:
    """A fresh store, open as the daemon opens it."""
    return open_store(url, role="daemon")


@pytest.fixture
def accept(store: Store) -> Callable[..., str]:
    """Take a mail in, with a job for it, and give its id."""
    count = iter(range(1, 1_000_000))

    def accepted(**changes: object) -> str:
        number = next(count)
        fields: dict[str, object] = {
            "id": f"q{number}",
            "channel": "email",
            "source": "support@example.com",
            "origin_key": None,
            "envelope": {"mail_from": "ops@acme.example"},
            "raw": b"Subject: hello\r\n\r\nworld\r\n",
            "blob": None,
            "sha256": "0" * 64,
            "size": 25,
            "received_at": 1_000,
            "lane": "mail",
        }
        fields |= changes
        lane = str(fields.pop("lane"))

        def add(txn: object) -> None:
            assert intake.add(txn, **fields)
            jobs.add(txn, kind="mail", lane=lane, intake_id=str(fields["id"]))

        store.write(add)
        return str(fields["id"])

    return accepted


@pytest.fixture
def open_ticket(store: Store) -> Callable[..., tickets.Ticket]:
    """Open a ticket with what a mail from a known account gives it."""

    def opened(**changes: object) -> tickets.Ticket:
        fields: dict[str, object] = {
            "channel": "email",
            "source": "support@example.com",
            "subject": "Printer on fire",
            "created_at": 1_000,
        }
        new = tickets.NewTicket(**(fields | changes))
        return store.write(lambda txn: tickets.open_ticket(txn, new))

    return opened
