"""Two nodes on one PostgreSQL whose staff do the same thing at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from inboxd.errors import InboxdError
from inboxd.mail_story import process_message
from inboxd.settings import load
from inboxd.wiring.local_backend import open_backend
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


def test_a_mail_whose_ticket_is_merged_while_it_is_filed_goes_where_that_went(make_desk, monkeypatch):
    desk = make_desk()
    into, gone = (desk.mail(mail(subject=f"Matter {number}", text=f"{number}\n"))["ticket"]["ref"] for number in (1, 2))
    find = process_message.join_ticket.find
    with open_backend(load(desk.folder / "inboxd.yaml"), actor="other") as other:

        def found_and_merged(*given, **more):
            join = find(*given, **more)
            if join.ticket is not None and join.ticket.ref == gone:
                other.call("tickets.merge", {"ref": gone, "into": into})
            return join

        monkeypatch.setattr(process_message.join_ticket, "find", found_and_merged)
        outcome = desk.mail(mail(subject=f"Re: [#{gone}]", text="More.\n"))
    assert outcome["ticket"]["ref"] == into
    assert len(desk.call("tickets.show", ref=into)["entries"]) == 3


def test_a_mail_whose_ticket_is_closed_while_it_is_filed_is_filed_anew(make_desk, monkeypatch):
    desk = make_desk()
    closed = desk.mail(mail(subject="Matter", text="1\n"))["ticket"]["ref"]
    find = process_message.join_ticket.find
    with open_backend(load(desk.folder / "inboxd.yaml"), actor="other") as other:

        def found_and_closed(*given, **more):
            join = find(*given, **more)
            if join.ticket is not None:
                other.call("tickets.set", {"ref": closed, "status": "closed"})
            return join

        monkeypatch.setattr(process_message.join_ticket, "find", found_and_closed)
        outcome = desk.mail(mail(subject=f"Re: [#{closed}]", text="More.\n"))
    assert (outcome["status"], outcome["ticket"]["ref"] == closed) == ("filed", False)
    assert len(desk.call("tickets.show", ref=closed)["entries"]) == 1
    assert desk.call("tickets.show", ref=closed)["status"] == "closed"
