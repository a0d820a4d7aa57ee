"""Answers to notices that perhaps no person wrote, though no header says so."""

from typing import Any

import pytest
from sqlalchemy import Connection

from store import pages, tickets
from store.pages import NewPage
from tests.harness.mails import mail
from tests.integration.send.conftest import STAFF, Sending, items
from tests.integration.send.test_staff_mail import by_staff, desk, opened
from tests.trust.world import GOOD_IP

__all__ = ["desk"]


def answered(desk: Sending, text: str, answers: str, number: int, **headers: str) -> Any:
    raw = mail(
        subject="Re: Look at this.", text=text, sender=STAFF, In_Reply_To=answers,
        Message_ID=f"<robot-{number}@example.com>", **headers,
    )  # fmt: skip
    return desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office until Monday.\n",
        "Vielen Dank. Ich bin bis 5. Dezember nicht im Büro.\n",
        "Guten Tag, ich bin derzeit leider nicht erreichbar.\n",
        "Hello, this mailbox is no longer monitored.\n",
        "Bonjour, je suis en congés, de retour le 4 mai.\n",
    ],
)
def test_a_note_of_absence_without_a_mark_reaches_no_customer_and_its_author_is_asked(desk: Sending, text: str):
    ref = opened(desk)
    by_staff(desk, text)
    assert items(desk, "reply") == []
    assert [each["kind"] for each in desk.show(ref)["entries"]] == ["email", "note"]
    asked = items(desk, "notice")[-1]
    assert (asked.to_address, "#reply" in asked.text) == (STAFF, True)
    answered(desk, f"#reply\n{text}", asked.message_id, 1)
    (sent,) = items(desk, "reply")
    assert (sent.to_address, sent.text.startswith(text.strip())) == ("ops@acme.example", True)


@pytest.mark.parametrize(
    "text",
    [
        "Pull the plug.\n",
        "The server is currently on fire and not available.\n",
        "It restarts automatically on Monday.\n",
        "The printer is no longer working, so we bring you a new one.\n",
        "Das Gerät ist derzeit nicht lieferbar.\n",
        "Please leave the office door open until Friday.\n",
        "Thank you for your message. We read each of them with care, and answer in the order in which they came in.\n",
    ],
)
def test_a_person_s_answer_goes_out(desk: Sending, text: str):
    opened(desk)
    by_staff(desk, text)
    assert len(items(desk, "reply")) == 1


def test_a_robot_that_answers_whatever_it_is_told_is_left_alone_after_five(desk: Sending):
    ref = opened(desk)
    for number in range(7):
        answered(desk, "I am on vacation.\n", items(desk, "notice")[-1].message_id, number)
    told = items(desk, "notice")[1:]
    assert ["last mail of this kind" in each.text for each in told] == [False] * 4 + [True]
    assert [each["kind"] for each in desk.show(ref)["entries"]] == ["email", *["note"] * 7]
    assert items(desk, "reply") == []


def test_note_and_reply_at_once_are_neither(desk: Sending):
    opened(desk)
    by_staff(desk, "#note\n#reply\nPull the plug.\n")
    assert items(desk, "reply") == []
    assert "one or the other" in items(desk, "notice")[-1].text


def test_a_robot_takes_no_page_and_a_person_does(desk: Sending):
    ref = opened(desk)

    def paged(txn: Connection) -> None:
        number = tickets.get(txn, ref).id
        pages.add(txn, NewPage(ticket_id=number, target="engineer-1", caused_at=1))

    desk.house.store.write(paged)
    with desk.house.store.read() as connection:
        number = tickets.get(connection, ref).id
    page = desk.item(desk.queue(kind="page", to=STAFF, ticket_id=number))
    answered(desk, "I am on vacation.\n", page.message_id, 1)
    assert not any(each["what"] == "acknowledged" for each in desk.show(ref)["events"])
    assert "does not count as seen" in items(desk, "notice")[-1].text
    answered(desk, "On my way.\n", page.message_id, 2)
    assert any(each["what"] == "acknowledged" for each in desk.show(ref)["events"])
