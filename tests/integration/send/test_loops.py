"""What begins a storm elsewhere: two desks that write to each other, a robot, an answer to all."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from store import outbox as rows
from tests.harness.mails import mail
from tests.integration.send.conftest import ONE_QUEUE, Sending

HERE, THERE = "support@example.com", "help@other.example"
_MARKS = re.compile(rb"^(?:Auto-Submitted|X-Auto-Response-Suppress):[^\r\n]*\r\n", re.MULTILINE)


@pytest.fixture
def desks(make_house: Callable[..., Sending], tmp_path: Path) -> dict[str, Sending]:
    """Two desks that know nothing of each other, by their address; both hand their mail to one smarthost."""
    smtp = {"listen": "127.0.0.1:0", "hostname": "mx.other.example", "recipients": [THERE]}
    return {
        HERE: make_house(rules=ONE_QUEUE),
        THERE: make_house(rules=ONE_QUEUE, url=f"sqlite:///{tmp_path}/there.db", sections={"smtp": smtp}),
    }


def under_way(desk: Sending) -> bool:
    with desk.house.store.read() as connection:
        return bool(rows.list_(connection, states=("queued", "sending")))


@contextmanager
def passing_on(desks: dict[str, Sending], *, stripped: bool) -> Iterator[None]:
    """Carry what each desk sends from the block on to the other one, until both are silent.

    `stripped`: something between them takes the marks of automatic mail away, and gives each a sender.
    """
    smarthost = desks[HERE].smarthost
    passed = len(smarthost.taken)
    yield
    for _ in range(12):
        for each in desks.values():
            each.wait(lambda each=each: not under_way(each), what="an empty outbox")
        waiting = smarthost.taken[passed:]
        if not waiting:
            return
        for taken in waiting:
            passed += 1
            other = desks.get(taken.recipient.lower())
            if other is not None:
                raw = _MARKS.sub(b"", taken.raw) if stripped else taken.raw
                sender = taken.sender or (THERE if other is desks[HERE] else HERE)
                other.mail(raw, mail_from=sender if stripped else taken.sender, rcpt_tos=[taken.recipient])
    raise AssertionError(f"after {passed} mails they still write to each other")


def tickets(desk: Sending) -> list[dict[str, Any]]:
    return [dict(each) for each in desk.call("tickets.list")]


@pytest.mark.parametrize("stripped", [False, True])
def test_two_desks_fall_silent_and_what_their_people_write_stays_one_ticket_on_each_side(
    desks: dict[str, Sending], stripped: bool
):
    asked = mail(subject="Invoice", sender="boss@third.example", recipient=THERE, Message_ID="<1@third.example>")
    theirs = desks[THERE].mail(asked, mail_from="boss@third.example", rcpt_tos=[THERE])["ticket"]
    desks[THERE].call("tickets.requester", ref=theirs["ref"], address=HERE)
    with passing_on(desks, stripped=stripped):
        desks[THERE].call("tickets.reply", ref=theirs["ref"], text="You sold it to them: please look.")
    (ours,) = tickets(desks[HERE])
    before = len(desks[HERE].smarthost.taken)
    for number in range(3):
        with passing_on(desks, stripped=stripped):
            desks[HERE].call("tickets.reply", ref=ours["ref"], text=f"Question {number}")
            desks[THERE].call("tickets.reply", ref=theirs["ref"], text=f"Answer {number}")
    assert len(desks[HERE].smarthost.taken) == before + 6
    assert (len(tickets(desks[HERE])), len(tickets(desks[THERE]))) == (1, 1)
    said = [each["text"] for each in desks[HERE].show(ours["ref"])["entries"] if each["kind"] == "reply"]
    assert said == ["Question 0", "Question 1", "Question 2"]


def test_a_robot_without_a_mark_that_answers_everything_ends_in_one_ticket(make_house: Callable[..., Sending]):
    desk = make_house(rules=ONE_QUEUE)
    desk.mail(mail(subject="Alarm", sender="robot@machine.example", Message_ID="<0@machine.example>"))
    for number in range(1, 6):
        desk.wait(lambda: not under_way(desk), what="an empty outbox")
        last = desk.smarthost.taken[-1].raw
        subject = re.search(rb"^Subject: (.*)\r\n", last, re.MULTILINE)
        assert subject is not None
        # It knows nothing of In-Reply-To; the subject is all that it keeps.
        said = f"[Machine #{1000 + number}] {subject[1].decode()}"
        desk.mail(mail(subject=said, sender="robot@machine.example", Message_ID=f"<{number}@machine.example>"))
    desk.wait(lambda: not under_way(desk), what="an empty outbox")
    assert (len(desk.smarthost.taken), len(tickets(desk))) == (1, 1)


def test_an_answer_to_all_joins_and_absences_of_those_in_copy_change_nothing(make_house: Callable[..., Sending]):
    desk = make_house(rules=ONE_QUEUE)
    people = [f"person{number}@acme.example" for number in range(4)]
    opened = desk.mail(mail(subject="Move", sender="ops@acme.example", Message_ID="<1@acme.example>"))
    ref = opened["ticket"]["ref"]
    entry = desk.call("tickets.reply", ref=ref, text="We come on Monday.", cc=people, status="solved")["entries"][-1]
    desk.wait(lambda: not under_way(desk), what="an empty outbox")
    before = len(desk.smarthost.taken)
    with desk.house.store.read() as connection:
        ids = [each.message_id for each in rows.list_(connection) if each.kind == "reply"]
    for number, person in enumerate(people):
        absent = mail(
            subject="Automatic reply: Move", sender=person, Auto_Submitted="auto-replied", In_Reply_To=ids[0],
            Message_ID=f"<away{number}@acme.example>",
        )  # fmt: skip
        assert desk.mail(absent, mail_from="")["ticket"]["ref"] == ref
    assert (len(entry["delivery"]), desk.show(ref)["status"]) == (5, "solved")
    everybody = ", ".join(["support@example.com", *people])
    for number, person in enumerate(people):
        again = mail(
            subject="Re: Move", text=f"Please stop {number}.\n", sender=person, recipient=everybody,
            In_Reply_To=ids[number], Message_ID=f"<all{number}@acme.example>",
        )  # fmt: skip
        assert desk.mail(again, mail_from=person)["ticket"]["ref"] == ref
    ticket = desk.show(ref)
    assert (ticket["status"], len(ticket["entries"])) == ("open", 2 + 2 * len(people))
    assert len(desk.smarthost.taken) == before
