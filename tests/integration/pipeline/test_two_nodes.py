"""Two nodes on one PostgreSQL whose staff do the same thing at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from inboxd.errors import InboxdError
from inboxd.settings import load
from inboxd.wiring import open_backend
from tests.harness.mails import mail


@pytest.fixture
def store_url(postgres_url):
    return postgres_url


def _waiting(connection) -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return connection.execute(query).fetchone()[0]


def test_one_quarantined_mail_replayed_twice_at_once_is_one_ticket(make_desk, store_url):
    desk = make_desk("decide:\n  hold:\n    - {rule: hold, then: {quarantine: look at it}}\n")
    held = desk.mail(mail())["intake_id"]
    (desk.folder / "rules.yaml").write_text("")
    desk.reload()
    address = store_url.replace("postgresql+psycopg", "postgresql")
    with (
        open_backend(load(desk.folder / "inboxd.yaml"), actor="other") as other,
        psycopg.connect(address) as holder,
        psycopg.connect(address, autocommit=True) as watcher,
        ThreadPoolExecutor(2) as threads,
    ):
        other.call("status", {})
        holder.execute("SELECT 1 FROM intake WHERE id = %s FOR UPDATE", [held])
        calls = [threads.submit(node.call, "intake.replay", {"id": held}) for node in (desk.backend, other)]
        look_again = threading.Event()
        for _ in range(600):
            if _waiting(watcher) == 2:
                break
            look_again.wait(0.05)
        holder.rollback()
        refused = [call.exception() for call in calls if call.exception() is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], InboxdError)
    desk.call("ingest.outcome", intake_id=held, wait_seconds=30)
    assert len(desk.call("tickets.list")) == 1
