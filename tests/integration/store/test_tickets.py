"""Tickets: opened under references, listed in working order, guarded by the law on priorities."""

from collections.abc import Callable
from dataclasses import asdict, fields, replace

import pytest
from sqlalchemy import text

from store import references, ticket_people, tickets
from store.errors import NotFound, PriorityRefused
from store.open import Store
from store.tickets import NewEntry, NewTicket, Ticket

OpenTicket = Callable[..., Ticket]
CLOCK = {"name": "first-response", "started_at": 1_000, "due_at": 5_000, "met_at": None}


def get(store: Store, ref: str) -> Ticket:
    with store.read() as connection:
        return tickets.get(connection, ref)


def refs(store: Store, **wanted: object) -> list[str]:
    with store.read() as connection:
        return [ticket.ref for ticket in tickets.list_(connection, **wanted)]


def test_a_ticket_comes_back_as_it_was_opened(store: Store):
    new = NewTicket(
        channel="voicemail",
        source="+15550190",
        subject="Voicemail from +1 555 0100",
        created_at=1_770_000_000_000,
        status="waiting",
        type="incident",
        queue="tech",
        priority="urgent",
        priority_by="rule night",
        claimed_urgency="high",
        tags=("needs-lookup", "büro"),
        assignee="engineer-1",
        account={"id": "acme", "name": "Acme Widgets", "plan": None},
        contact={"id": "ops@acme.example", "name": "Operations", "authorized": True},
        requester={"address": None, "name": None, "phone": "+15550100"},
        identity={"by": "caller-id", "evidence": ["+15550100 is on file"]},
        authentication={"verdict": "none", "method": None},
        callback={"number": "+15550100", "due_at": 5_000, "made": 0, "terms": None},
        clocks=(CLOCK,),
        actions_allowed=("discuss",),
        actions_blocked={"credentials": "a call proves nothing"},
        staff_set=("queue",),
    )
    ticket = store.write(lambda txn: tickets.open_ticket(txn, new))
    assert {field.name: getattr(ticket, field.name) for field in fields(NewTicket)} == asdict(new)
    assert references.check(ticket.ref)
    assert (ticket.updated_at, ticket.closed_at) == (new.created_at, None)
    assert get(store, ticket.ref) == ticket
    with store.read() as connection:
        assert tickets.get_by_id(connection, ticket.id) == ticket


def test_a_ticket_is_found_by_its_reference_in_any_written_form(store: Store, open_ticket: OpenTicket):
    ticket = open_ticket()
    digits = ticket.ref.replace("-", "")
    for form in (ticket.ref, digits, f"[#{ticket.ref}]", f"T-{ticket.ref}", f" {ticket.ref.replace('-', ' - ')} "):
        assert get(store, form).id == ticket.id


def test_a_reference_that_nobody_has_is_not_found(store: Store, open_ticket: OpenTicket):
    ticket = open_ticket()
    stranger = next(
        f"{number}-{references.check_digit(str(number))}"
        for number in range(10_000, 99_999)
        if str(number) != ticket.ref.split("-")[0]
    )
    with pytest.raises(NotFound, match=stranger):
        get(store, stranger)
    with pytest.raises(NotFound, match="check digit"):
        get(store, "no reference at all")


def test_references_are_drawn_with_room_between_them(store: Store):
    def draw_with(taken: int) -> str:
        def run(txn: object) -> str:
            column = "id, ref, channel, source, subject, status, priority, priority_by, tags, requester, identity,"
            column += " authentication, callback, clocks, actions_allowed, staff_set, created_at, updated_at"
            values = "'email', 's', 's', 'open', 'low', 'default', '[]', '{}', '{}', '{}', '{}', '[]', '[]', '[]', 1, 1"
            txn.execute(text(f"INSERT INTO tickets ({column}) VALUES ({taken}, 'r{taken}', {values})"))
            return references.draw(txn)

        return store.write(run)

    assert len(draw_with(400).split("-")[0]) == 5
    assert len(draw_with(500).split("-")[0]) == 6
    assert len(draw_with(5_000).split("-")[0]) == 7


@pytest.mark.parametrize("priority", ["urgent", "high"])
def test_an_emailed_ticket_gets_no_priority_above_medium_by_itself(
    store: Store, open_ticket: OpenTicket, priority: str
):
    for by in ("default", "rule x", "staffed", "caller"):
        with pytest.raises(PriorityRefused, match="email sets no priority"):
            open_ticket(priority=priority, priority_by=by)
    ticket = open_ticket()
    with pytest.raises(PriorityRefused):
        store.write(lambda txn: tickets.update(txn, ticket.id, at=2, priority=priority, priority_by="rule x"))
    assert get(store, ticket.ref) == ticket


@pytest.mark.parametrize("by", ["staff engineer-1", "call voicemail"])
def test_a_person_or_a_call_may_raise_an_emailed_ticket(store: Store, open_ticket: OpenTicket, by: str):
    ticket = open_ticket()
    raised = store.write(lambda txn: tickets.update(txn, ticket.id, at=2, priority="urgent", priority_by=by))
    assert (raised.priority, raised.priority_by) == ("urgent", by)


def test_a_voicemail_may_have_any_priority(open_ticket: OpenTicket):
    assert open_ticket(channel="voicemail", priority="urgent", priority_by="rule night").priority == "urgent"


def test_an_update_changes_what_it_names_and_gives_the_ticket_as_it_stands(store: Store, open_ticket: OpenTicket):
    ticket = open_ticket(tags=("a",))
    changed = store.write(
        lambda txn: tickets.update(
            txn, ticket.id, at=9_000, status="closed", closed_at=9_000, tags=("b", "c"), account={"id": "acme"}
        )
    )
    wanted = replace(
        ticket, status="closed", closed_at=9_000, tags=("b", "c"), account={"id": "acme"}, updated_at=9_000
    )
    assert changed == wanted == get(store, ticket.ref)
    cleared = store.write(lambda txn: tickets.update(txn, ticket.id, at=5, account=None))
    assert (cleared.account, cleared.updated_at) == (None, 9_000)
    assert refs(store, closed=True, account="acme") == []


def test_an_update_of_a_field_that_is_none_or_may_not_change_is_a_mistake(store: Store, open_ticket: OpenTicket):
    ticket = open_ticket()
    for wrong in ({"colour": "red"}, {"channel": "voicemail"}, {"ref": "1-1"}, {"created_at": 1}):
        with pytest.raises(TypeError, match=next(iter(wrong))):
            store.write(lambda txn, wrong=wrong: tickets.update(txn, ticket.id, at=2, **wrong))
    with pytest.raises(NotFound):
        store.write(lambda txn: tickets.update(txn, 999, at=2, queue="x"))


def test_the_list_is_in_the_order_to_work_it_and_leaves_closed_ones_out(store: Store, open_ticket: OpenTicket):
    low = open_ticket(priority="low", created_at=1)
    late = open_ticket(created_at=9)
    early = open_ticket(created_at=3)
    urgent = open_ticket(channel="voicemail", priority="urgent", created_at=10)
    high = open_ticket(channel="voicemail", priority="high", created_at=20)
    closed = open_ticket(status="closed", created_at=2)
    order = [urgent.ref, high.ref, early.ref, late.ref, low.ref]
    assert refs(store) == order
    assert refs(store, limit=2) == order[:2]
    assert refs(store, status="closed") == [closed.ref]
    assert refs(store, closed=True) == [urgent.ref, high.ref, closed.ref, early.ref, late.ref, low.ref]


def test_the_list_can_be_narrowed(store: Store, open_ticket: OpenTicket):
    mine = open_ticket(assignee="engineer-1", queue="tech", account={"id": "acme"}, status="waiting")
    open_ticket(assignee="engineer-2", queue="sales", account={"id": "other"})
    for wanted in ({"assignee": "engineer-1"}, {"queue": "tech"}, {"account": "acme"}, {"status": "waiting"}):
        assert refs(store, **wanted) == [mine.ref]
    assert refs(store, queue="tech", assignee="engineer-2") == []


def test_the_list_by_due_time_looks_at_the_earliest_clock_that_is_not_met(store: Store, open_ticket: OpenTicket):
    soon = open_ticket(clocks=(CLOCK | {"due_at": 9_000}, CLOCK | {"name": "callback", "due_at": 4_000}))
    met = open_ticket(clocks=(CLOCK | {"due_at": 1_000, "met_at": 900},))
    open_ticket()
    assert refs(store, due_before=4_001) == [soon.ref]
    assert refs(store, due_before=4_000) == []
    store.write(lambda txn: tickets.update(txn, met.id, at=2, clocks=(CLOCK | {"due_at": 2_000},)))
    assert sorted(refs(store, due_before=4_001)) == sorted([soon.ref, met.ref])


def test_entries_and_events_come_back_in_order(store: Store, open_ticket: OpenTicket):
    ticket = open_ticket()
    mail = NewEntry(
        kind="email",
        at=5_000,
        author="ops@acme.example",
        text="It burns.\n> quoted",
        reply_text="It burns.",
        identity={"by": "from-address"},
        authentication={"verdict": "unverified"},
        attachments=({"filename": "photo.jpg", "size": 3},),
        message_id="<1@acme.example>",
    )
    note = NewEntry(kind="note", at=4_000, author="engineer-1", text="calling them")

    def write(txn: object) -> tuple[int, int]:
        numbers = tickets.append(txn, ticket.id, mail), tickets.append(txn, ticket.id, note)
        tickets.event(txn, ticket.id, at=5_000, actor="inboxd", what="opened", why="rule x")
        tickets.event(txn, ticket.id, at=6_000, actor="engineer-1", what="noted")
        return numbers

    numbers = store.write(write)
    with store.read() as connection:
        entries, events = tickets.entries(connection, ticket.id), tickets.events(connection, ticket.id)
        assert tickets.get_by_id(connection, ticket.id).updated_at == 5_000
    assert tuple(entry.id for entry in entries) == numbers
    for entry, new in zip(entries, (mail, note), strict=True):
        assert {field.name: getattr(entry, field.name) for field in fields(NewEntry)} == asdict(new)
    assert [(event.actor, event.what, event.why) for event in events] == [
        ("inboxd", "opened", "rule x"),
        ("engineer-1", "noted", None),
    ]


def test_a_transcript_comes_onto_its_entry_later(store: Store, open_ticket: OpenTicket):
    ticket = open_ticket(channel="voicemail")
    entry_id = store.write(lambda txn: tickets.append(txn, ticket.id, NewEntry(kind="voicemail", at=1)))
    transcript = {"text": "the server is down", "confidence": float("nan"), "words": [{"text": "the", "start": 0.5}]}
    store.write(lambda txn: tickets.set_transcript(txn, entry_id, transcript))
    with store.read() as connection:
        (entry,) = tickets.entries(connection, ticket.id)
    assert entry.transcript == transcript | {"confidence": None}
    with pytest.raises(NotFound):
        store.write(lambda txn: tickets.set_transcript(txn, 999, transcript))


def test_an_entry_on_a_ticket_that_is_not_there_is_refused(store: Store):
    with pytest.raises(NotFound):
        store.write(lambda txn: tickets.append(txn, 999, NewEntry(kind="note", at=1)))


def test_everything_is_given_in_the_order_of_creation_page_by_page(
    store: Store, open_ticket: OpenTicket, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tickets, "_PAGE", 3)
    opened = [open_ticket(created_at=100 - n, status="closed" if n % 2 else "open") for n in range(7)]
    with store.read() as connection:
        assert [ticket.id for ticket in tickets.everything(connection)] == [ticket.id for ticket in opened]
        rest = tickets.everything(connection, after=opened[4].id)
        assert [ticket.id for ticket in rest] == [ticket.id for ticket in opened[5:]]


def test_what_no_database_can_hold_is_replaced_and_nothing_else_is_lost(store: Store, open_ticket: OpenTicket):
    ticket = open_ticket(
        subject="null \x00 and surrogate \ud800 in it",
        account={"id": "a\x00", "name": "b\udfff"},
        requester={"na\x00me": ["x\ud83d", 1.5, None, True, {"deep": "\x00"}]},
    )
    assert ticket.subject == "null \ufffd and surrogate \ufffd in it"
    assert ticket.account == {"id": "a\ufffd", "name": "b\ufffd"}
    assert ticket.requester == {"na\ufffdme": ["x\ufffd", 1.5, None, True, {"deep": "\ufffd"}]}
    assert refs(store, account="a\x00") == [ticket.ref]


def test_who_took_part_wrote_or_was_written_to_by_staff_or_by_somebody_proven(store: Store, open_ticket: OpenTicket):
    ticket = open_ticket()

    def run(txn):
        said = (
            ("email", "ops@acme.example", ("colleague@acme.example",), "authenticated"),
            ("email", "someone@client.example", ("stranger@evil.example",), "unverified"),
            ("reply", "engineer-1", ("partner@partner.example",), None),
            ("note", "engineer-2", None, None),
            ("note", "engineer-3", ("wrong@evil.example",), "authenticated"),  # an answer that was taken back
        )
        for kind, author, recipients, verdict in said:
            proof = None if verdict is None else {"verdict": verdict}
            entry = NewEntry(kind=kind, at=1, author=author, recipients=recipients, authentication=proof)
            tickets.append(txn, ticket.id, entry)
        assert tickets.entries(txn, ticket.id)[0].recipients == ("colleague@acme.example",)
        return ticket_people.participants(txn, ticket.id)

    assert store.write(run) == {
        "ops@acme.example",
        "colleague@acme.example",
        "someone@client.example",
        "engineer-1",
        "partner@partner.example",
    }
