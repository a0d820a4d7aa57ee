"""Intake: what came in, once, with its bytes, to its end."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from store import intake, jobs, messages, outbox, traces
from store.errors import NotFound
from store.open import Store
from store.schema import intake as table
from store.schema import outbox as outbox_table
from store.tickets import Ticket

Accept = Callable[..., str]
OpenTicket = Callable[..., Ticket]
FIELDS = {
    "channel": "email",
    "source": "support@example.com",
    "envelope": {"mail_from": "", "rcpt_tos": ["support@example.com"], "helo": "x\x00y"},
    "blob": None,
    "sha256": "ab" * 32,
    "size": 6,
    "received_at": 1_770_000_000_123,
}


def get(store: Store, id_: str) -> intake.Intake:
    with store.read() as connection:
        return intake.get(connection, id_)


def add(store: Store, **changes: object) -> bool:
    fields = FIELDS | {"id": "q1", "origin_key": None, "raw": b"\x00raw\xff\r\n"} | changes
    return store.write(lambda txn: intake.add(txn, **fields))


def test_what_came_in_comes_back_with_its_bytes_untouched(store: Store):
    assert add(store)
    got = get(store, "q1")
    assert got.raw == b"\x00raw\xff\r\n"
    assert (got.id, got.channel, got.size, got.received_at) == ("q1", "email", 6, 1_770_000_000_123)
    assert got.envelope == FIELDS["envelope"] | {"helo": "x\ufffdy"}
    assert (got.status, got.reason, got.ticket_id, got.state, got.attempts) == (None, None, None, "done", 0)
    assert got.accepted_at > 1_700_000_000_000


def test_the_same_origin_is_taken_in_once(store: Store):
    key = "imap support 12345 " + "7" * 4000
    assert add(store, origin_key=key)
    assert not add(store, id="q2", origin_key=key)
    assert add(store, id="q3", origin_key=key + "8")
    assert add(store, id="q4")
    assert add(store, id="q5")
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(table)) == 4


def test_bytes_stand_in_the_row_or_in_a_blob_and_never_in_neither(store: Store):
    with pytest.raises(ValueError, match="row or in a blob"):
        add(store, raw=None)
    with pytest.raises(ValueError, match="row or in a blob"):
        add(store, blob="ab" * 32)
    assert add(store, raw=None, blob="ab" * 32)
    got = get(store, "q1")
    assert (got.raw, got.blob) == (None, "ab" * 32)
    with store.read() as connection:
        assert intake.get_raw(connection, "q1") is None


def test_an_intake_that_nobody_knows_is_not_found(store: Store):
    with pytest.raises(NotFound, match="q9"):
        get(store, "q9")
    for change in (
        lambda txn: intake.conclude(txn, "q9", status="filed"),
        lambda txn: intake.reopen(txn, "q9"),
        lambda txn: intake.discard(txn, "q9", reason="spam"),
    ):
        with pytest.raises(NotFound):
            store.write(change)


def test_the_state_is_that_of_its_jobs(store: Store, accept: Accept):
    intake_id = accept()
    assert get(store, intake_id).state == "ready"

    def claim() -> jobs.Job:
        who = {"lane": "mail", "claimant": "h:b:1:1:x", "lease_seconds": 60}
        return store.write(lambda txn: jobs.claim(txn, **who))[0]

    job = claim()
    assert (get(store, intake_id).state, get(store, intake_id).attempts) == ("running", 1)
    store.write(lambda txn: jobs.retry(txn, job, error="e", delay_seconds=0))
    assert get(store, intake_id).state == "ready"
    again = claim()
    store.write(lambda txn: jobs.bury(txn, again, error="e"))
    assert (get(store, intake_id).state, get(store, intake_id).attempts) == ("dead", 2)


def test_a_conclusion_names_the_ticket_and_a_replay_takes_it_back(
    store: Store, accept: Accept, open_ticket: OpenTicket
):
    intake_id, ticket = accept(), open_ticket()
    store.write(lambda txn: intake.conclude(txn, intake_id, status="filed", ticket_id=ticket.id))
    got = get(store, intake_id)
    assert (got.status, got.ticket_id, got.ticket_ref) == ("filed", ticket.id, ticket.ref)
    store.write(lambda txn: intake.reopen(txn, intake_id))
    got = get(store, intake_id)
    assert (got.status, got.ticket_id, got.ticket_ref) == (None, None, None)


def test_a_duplicate_names_the_first(store: Store, accept: Accept):
    first, second = accept(), accept()
    store.write(lambda txn: intake.conclude(txn, second, status="duplicate", reason="same", duplicate_of=first))
    got = get(store, second)
    assert (got.status, got.reason, got.duplicate_of) == ("duplicate", "same", first)


def test_what_is_discarded_keeps_its_bytes_and_does_not_run(store: Store, accept: Accept):
    intake_id = accept()
    store.write(lambda txn: intake.discard(txn, intake_id, reason="spam"))
    got = get(store, intake_id)
    assert (got.status, got.reason, got.state) == ("ignored", "spam", "dead")
    assert got.raw
    who = {"lane": "mail", "claimant": "h:b:1:1:x", "lease_seconds": 60}
    assert store.write(lambda txn: jobs.claim(txn, **who)) == []
    assert store.write(lambda txn: jobs.revive(txn, intake_id)) == 1


def test_the_list_has_the_latest_first_and_can_be_narrowed(store: Store, accept: Accept):
    ids = [accept() for _ in range(4)]
    store.write(lambda txn: intake.conclude(txn, ids[1], status="quarantined", reason="it broke"))
    with store.read() as connection:
        listed = intake.list_(connection)
        assert [row.id for row in listed] == ids[::-1]
        assert all(row.raw is None for row in listed)
        assert [row.id for row in intake.list_(connection, limit=2)] == ids[:1:-1]
        assert [row.id for row in intake.list_(connection, status="quarantined")] == [ids[1]]


def test_what_waits_is_under_way_or_died_can_be_listed(store: Store, accept: Accept):
    ids = [accept() for _ in range(4)]
    who = {"lane": "mail", "claimant": "h:b:1:1:x", "lease_seconds": 60, "limit": 3}
    done, dead, _ = store.write(lambda txn: jobs.claim(txn, **who))
    store.write(lambda txn: jobs.finish(txn, done))
    store.write(lambda txn: jobs.bury(txn, dead, error="e"))
    with store.read() as connection:
        for state, there in zip(("done", "dead", "running", "ready"), ids, strict=True):
            assert [row.id for row in intake.list_(connection, state=state)] == [there]


def test_message_ids_find_their_tickets_in_the_order_they_were_asked_for(store: Store, open_ticket: OpenTicket):
    one, two = open_ticket(), open_ticket()
    long = "<" + "x" * 5000 + "\x00@example.com>"

    def remember(txn: object) -> None:
        for message_id, ticket in (("<a@x>", one), ("<b@x>", two), ("<b@x>", one), (long, two), ("<a@x>", one)):
            messages.remember(txn, message_id=message_id, ticket_id=ticket.id)

    store.write(remember)
    with store.read() as connection:
        assert messages.find_tickets(connection, ["<b@x>", "<a@x>"]) == [two.id, one.id]
        assert messages.find_tickets(connection, [long]) == [two.id]
        assert messages.find_tickets(connection, []) == []
        many = [f"<{number}@y>" for number in range(3000)]
        assert messages.find_tickets(connection, [*many, "<a@x>"]) == [one.id]


def test_a_fingerprint_belongs_to_the_first_who_claims_it(store: Store, accept: Accept):
    first, second = accept(), accept()

    def claim(intake_id: str) -> str | None:
        return store.write(lambda txn: messages.claim_fingerprint(txn, "f" * 3000, intake_id))

    assert claim(first) is None
    assert claim(second) == first
    assert claim(first) is None
    store.write(lambda txn: messages.release_fingerprint(txn, first))
    assert claim(second) is None


def test_traces_are_kept_by_ticket_and_by_intake(store: Store, accept: Accept, open_ticket: OpenTicket):
    intake_id, ticket = accept(), open_ticket()
    fields = {"intake_id": intake_id, "ticket_id": ticket.id, "entry_id": None, "at": 5}
    store.write(lambda txn: traces.record(txn, **fields, kind="decision", body={"rules": ["a"]}))
    store.write(lambda txn: traces.record(txn, **(fields | {"ticket_id": None}), kind="parse", body={}))
    with store.read() as connection:
        assert [trace.kind for trace in traces.of_ticket(connection, ticket.id)] == ["decision"]
        assert [trace.kind for trace in traces.of_intake(connection, intake_id)] == ["decision", "parse"]
        assert traces.of_ticket(connection, ticket.id)[0].body == {"rules": ["a"]}


def test_the_outbox_shows_what_is_sent_to_whom(store: Store, open_ticket: OpenTicket):
    ticket = open_ticket()
    row = {
        "kind": "acknowledgement",
        "to_address": "ops@acme.example",
        "message_id": "<1@example.com>",
        "subject": "We have it",
        "text": "…",
        "ticket_id": ticket.id,
        "state": "queued",
        "created_at": 1,
        "attempts": 0,
    }
    store.write(lambda txn: txn.execute(outbox_table.insert(), row) and None)
    with store.read() as connection:
        (item,) = outbox.list_(connection, states=["queued"])
        assert (item.to_address, item.ticket_ref, item.sent_at) == ("ops@acme.example", ticket.ref, None)
        assert outbox.get(connection, item.id) == item
        assert outbox.list_(connection, states=["sent"]) == []
        with pytest.raises(NotFound):
            outbox.get(connection, 99)
