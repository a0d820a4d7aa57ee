"""The outbox's door, on both databases: limits, lateness, Message-IDs of our own, one job that carries it out."""

from collections.abc import Callable
from typing import Any

import pytest

from inboxd import outbox
from inboxd.outbox import Letter, queue
from store import jobs, messages
from store import outbox as rows
from store.open import Store
from store.outbox import OutboxItem
from store.tickets import Ticket

HOUR = outbox.HOUR_MS
OpenTicket = Callable[..., Ticket]


def letter(**changes: Any) -> Letter:
    fields: dict[str, Any] = {
        "kind": "acknowledgement",
        "to": "ops@acme.example",
        "from_address": "support@example.com",
        "subject": "We have it",
        "text": "Thank you.",
        "created_at": 10 * HOUR,
    }
    return Letter(**(fields | changes))


def queued(store: Store, **changes: Any) -> OutboxItem:
    number = store.write(lambda txn: queue(txn, letter(**changes)))
    with store.read() as connection:
        return rows.get(connection, number)


def test_an_item_has_one_job_in_a_lane_of_its_own_and_its_answer_finds_the_ticket(
    store: Store, open_ticket: OpenTicket
):
    ticket = open_ticket()
    item = queued(store, ticket_id=ticket.id)
    assert (item.state, item.ticket_ref, item.not_after) == ("queued", ticket.ref, 34 * HOUR)
    assert outbox.is_ours(item.message_id)
    assert item.message_id.endswith("@example.com>")
    with store.read() as connection:
        assert messages.find_tickets(connection, [item.message_id]) == [ticket.id]
    (job,) = store.write(lambda txn: jobs.claim(txn, lane=outbox.MAIL_LANE, claimant="a", lease_seconds=60, limit=9))
    assert (job.id, job.kind, job.payload) == (item.job_id, "send", {"item": item.id})
    # No job of the ticket's: a smarthost that is slow must not keep the next mail from joining.
    assert (job.ticket_id, job.intake_id) == (None, None)


def test_past_twenty_an_hour_an_address_gets_no_more_automatic_mail(store: Store):
    for number in range(outbox.MOST_AN_ADDRESS):
        assert queued(store, created_at=10 * HOUR + number).state == "queued"
    late = queued(store, to="OPS@acme.example", created_at=10 * HOUR + 30)
    assert (late.state, late.job_id) == ("suppressed", None)
    assert "20 automatic mails" in str(late.reason)
    assert queued(store, to="other@acme.example").state == "queued"
    assert queued(store, kind="reply", automatic=False, created_at=10 * HOUR + 31).state == "queued"
    assert queued(store, created_at=11 * HOUR).state == "suppressed"
    assert queued(store, created_at=11 * HOUR + outbox.MOST_AN_ADDRESS).state == "queued"


def test_the_brake_stops_automatic_mail_and_neither_pages_nor_people(store: Store):
    states = [queued(store, to=f"{number}@acme.example", most_in_all=3).state for number in range(5)]
    assert states == ["queued"] * 3 + ["suppressed"] * 2
    assert queued(store, kind="page", to="tel:+15550123", from_address=None, most_in_all=3).state == "queued"
    assert queued(store, kind="reply", automatic=False).state == "queued"


def test_staff_may_be_told_of_a_busy_hour_and_take_no_receipt_from_a_customer(store: Store):
    for _ in range(outbox.MOST_A_COLLEAGUE):
        assert queued(store, kind="notice", to="tech@example.com", to_staff=True).state == "queued"
    late = queued(store, kind="notice", to="tech@example.com", to_staff=True)
    assert (late.state, "200 automatic mails" in str(late.reason)) == ("suppressed", True)
    states = [queued(store, to=f"{number}@acme.example", most_in_all=3).state for number in range(4)]
    assert states == ["queued"] * 3 + ["suppressed"]
    assert queued(store, kind="notice", to="second@example.com", to_staff=True, most_in_all=3).state == "queued"


def test_no_line_of_a_letter_can_begin_another_header_field(store: Store):
    item = queued(
        store,
        subject="Hello\r\nBcc: all@example.com",
        to_name="A\nB",
        from_name="Desk\r\n\tTwo",
        references=["<1@acme.example>", "<2@acme.example>\r\nBcc: x@example.com", "no id"],
        in_reply_to="<1@acme.example>\r\nX: y",
    )
    assert (item.subject, item.to_name, item.from_name) == ("Hello  Bcc: all@example.com", "A B", "Desk   Two")
    assert (item.thread, item.in_reply_to) == (("<1@acme.example>",), None)


@pytest.mark.parametrize(
    "to", ["", "nobody", "a@b@c.example", "a@example.com\r\nRCPT TO:<b@example.com>", "a b@example.com"]
)
def test_what_is_no_address_is_suppressed_and_says_why(store: Store, to: str):
    item = queued(store, to=to)
    assert item.state == "suppressed"
    assert "cannot be sent" in str(item.reason)


def test_a_page_has_a_lane_of_its_own_and_a_held_back_reply_its_time(store: Store):
    queued(store, kind="page", to="https://example.com/hook", from_address=None)
    kept = queued(store, kind="reply", automatic=False, send_at=99 * HOUR)
    assert (kept.next_try_at, kept.not_after) == (99 * HOUR, None)
    lanes = [outbox.PAGE_LANE, outbox.MAIL_LANE]
    claimed = [
        store.write(lambda txn, lane=lane: jobs.claim(txn, lane=lane, claimant="a", lease_seconds=60)) for lane in lanes
    ]
    assert [len(each) for each in claimed] == [1, 1]
    assert claimed[1][0].due_at == 99 * HOUR


def test_what_waits_can_be_withdrawn_and_what_must_not_go_is_listed_all_the_same(store: Store):
    item = queued(store)
    assert store.write(lambda txn: outbox.withdraw(txn, item.id, "undone"))
    assert not store.write(lambda txn: outbox.withdraw(txn, item.id, "again"))
    listed = queued(store, suppressed="its author is a program")
    with store.read() as connection:
        assert [(each.state, each.reason) for each in rows.list_(connection, states=["suppressed"])] == [
            ("suppressed", "undone"),
            ("suppressed", "its author is a program"),
        ]
    assert listed.job_id is None
