"""Two nodes on one PostgreSQL whose staff do the same thing at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa

from inboxd.confirm import expiry
from inboxd.errors import InboxdError
from inboxd.judging.examine import Examiner
from inboxd.judging.judge_message import judge_intake
from inboxd.mail_story import process_message, raise_proof
from inboxd.settings import load
from inboxd.wiring.local_backend import open_backend
from store import confirmations, jobs, tickets
from store import intake as rows
from store.schema import jobs as jobs_table
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


def test_a_proof_goes_where_its_entry_is_merged_to_meanwhile(make_desk, monkeypatch):
    desk = make_desk()
    gone = desk.mail(mail(sender="ops@acme.example"))
    into = desk.mail(mail(subject="Other", sender="ops@acme.example"))["ticket"]["ref"]
    looked_up = tickets.entry_of_intake
    with open_backend(load(desk.folder / "inboxd.yaml"), actor="other") as other:

        def found_and_merged(*given):
            entry = looked_up(*given)
            monkeypatch.setattr(raise_proof.tickets, "entry_of_intake", looked_up)
            other.call("tickets.merge", {"ref": gone["ticket"]["ref"], "into": into})
            return entry

        house = desk.backend.houses()[-1]
        with house.store.read() as connection:
            intake = rows.get(connection, gone["intake_id"])
        message, findings = Examiner(house.store, house.readers.read, house.checker).examine(intake)
        judged = judge_intake(message, intake, house.policy.current, findings)
        proven = replace(judged, authentication=replace(judged.authentication, verdict="authenticated", reason="Late."))
        monkeypatch.setattr(raise_proof.tickets, "entry_of_intake", found_and_merged)
        ticket = house.store.write(
            lambda txn: raise_proof.onto(txn, intake.id, proven, at=judged.at, why="It is proven.")
        )
    assert ticket.ref == into
    assert [each["authentication"]["verdict"] for each in desk.call("tickets.show", ref=into)["entries"]] == [
        "authenticated",
        "unverified",
    ]


def _claimed(txn):
    """The end of a question, a week early: its job is due now, and ours."""
    txn.execute(sa.update(jobs_table).where(jobs_table.c.kind == expiry.KIND).values(due_at=None))
    return [
        each for each in jobs.claim(txn, lane="mail", claimant="test", lease_seconds=60) if each.kind == expiry.KIND
    ]


def test_a_question_that_is_answered_at_its_last_moment_stays_answered(make_desk, store_url, monkeypatch):
    ask = "decide:\n  answer:\n    - {rule: ask, when: {channel: voicemail}, then: {confirm: true}}\n"
    desk = make_desk(ask)
    desk.voicemail(b"RIFF1", caller="+15550101", transcript="Please reset our password.")
    house, get = desk.backend.houses()[-1], confirmations.get

    def read_and_answered(*given):
        asked = get(*given)
        monkeypatch.setattr(expiry.confirmations, "get", get)
        with psycopg.connect(store_url.replace("postgresql+psycopg", "postgresql")) as other:
            other.execute("UPDATE confirmations SET state = 'confirmed' WHERE id = %s", [asked.id])
        return asked

    monkeypatch.setattr(expiry.confirmations, "get", read_and_answered)
    (job,) = house.store.write(_claimed)
    assert house.store.write(lambda txn: expiry._expire(txn, job, house.policy.current)) is None
    with house.store.read() as connection:
        assert get(connection, job.payload["confirmation"]).state == "confirmed"
