"""Answering: the customer gets a threaded mail, the clock stops, and nothing internal goes along."""

import email
import email.policy
import re
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inboxd.errors import InboxdError, UsageWrong
from inboxd.message import parse
from tests.harness.mails import mail
from tests.integration.send.conftest import ONE_QUEUE, Sending

VOICES = {
    "templates": {
        "queues": [
            {"queue": "tech", "from": "tech@example.com", "name": "Tech line", "signature": "Tech line\n+1 555 0190"}
        ]
    }
}


@pytest.fixture
def desk(make_house: Callable[..., Sending]) -> Sending:
    return make_house(rules=ONE_QUEUE, sections=VOICES)


def opened(desk: Sending, **changes: Any) -> str:
    """The reference of a ticket that a customer's mail opened."""
    raw = mail(
        **{
            "subject": "Printer",
            "text": "It is on fire.\nWhat now?\n",
            "sender": "Operations <ops@acme.example>",
            "Message_ID": "<1@acme.example>",
            **changes,
        }
    )
    return str(desk.mail(raw)["ticket"]["ref"])


def replies(desk: Sending) -> list[EmailMessage]:
    """The mails of staff that the smarthost has."""
    parsed = (email.message_from_bytes(each.raw, policy=email.policy.default) for each in desk.smarthost.taken)
    return [each for each in parsed if each["Auto-Submitted"] is None]


def sent(desk: Sending, ref: str) -> dict[str, Any]:
    """The ticket when every mail of its last entry is out."""

    def last() -> dict[str, Any]:
        return dict(desk.show(ref)["entries"][-1])

    def out() -> bool:
        return all(each["state"] not in {"queued", "sending"} for each in last()["delivery"])

    desk.wait(out, what=f"every mail of {ref} sent")
    return last()


def test_a_reply_is_a_threaded_mail_in_the_queue_s_name_and_meets_the_first_response(desk: Sending):
    ref = opened(desk)
    ticket = desk.call("tickets.reply", ref=ref, text="Pull the plug.\n\nThen call us.", status="waiting")
    (clock,) = ticket["clocks"]
    assert (ticket["status"], clock["name"], clock["breached"]) == ("waiting", "first-response", False)
    assert clock["met_at"] is not None
    entry = sent(desk, ref)
    assert (entry["kind"], entry["author"], entry["text"]) == ("reply", "engineer-1", "Pull the plug.\n\nThen call us.")
    assert [(each["to"], each["state"]) for each in entry["delivery"]] == [("ops@acme.example", "sent")]
    (answer,) = replies(desk)
    assert answer["From"] == "Tech line <tech@example.com>"
    assert answer["To"] == "Operations <ops@acme.example>"
    assert answer["Subject"] == f"Re: Printer [#{ref}]"
    assert (answer["In-Reply-To"], answer["References"]) == ("<1@acme.example>", "<1@acme.example>")
    plain = answer.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert plain.startswith("Pull the plug.\n\nThen call us.\n\n-- \nTech line\n+1 555 0190\n\nOn ")
    assert plain.endswith("ops@acme.example wrote:\n> It is on fire.\n> What now?\n")
    rich = answer.get_body(("html",)).get_content()
    assert "<p>Then call us.</p>" in rich
    assert '<blockquote type="cite"><p>It is on fire.<br>' in rich.replace("\r\n", "\n")
    assert "tech@example.com" in {each.sender for each in desk.smarthost.taken}


def test_the_answer_to_our_answer_joins_by_our_message_id_alone(desk: Sending):
    ref = opened(desk)
    desk.call("tickets.reply", ref=ref, text="Pull the plug.")
    sent(desk, ref)
    ours = str(replies(desk)[0]["Message-ID"])
    again = desk.mail(mail(subject="thanks", sender="ops@acme.example", In_Reply_To=ours))
    assert (again["status"], again["ticket"]["ref"]) == ("threaded", ref)
    stolen = desk.mail(mail(subject="let me in", sender="thief@evil.example", In_Reply_To=ours))
    assert (stolen["status"], stolen["ticket"]["ref"] == ref) == ("filed", False)


def test_the_token_in_reply_to_joins_whatever_a_mail_program_drops_and_lets_no_stranger_in(
    make_house: Callable[..., Sending],
):
    desk = make_house()
    ref = opened(desk)
    desk.call("tickets.reply", ref=ref, text="Pull the plug.")
    sent(desk, ref)
    token = replies(desk)[0]["Reply-To"].addresses[0].addr_spec
    assert token.startswith(f"support+t{ref.replace('-', '')}.")
    again = desk.mail(mail(subject="thanks", sender="ops@acme.example", recipient=token))
    assert (again["status"], again["ticket"]["ref"]) == ("threaded", ref)
    stolen = desk.mail(mail(subject="let me in", sender="thief@evil.example", recipient=token))
    guessed = desk.mail(mail(subject="x", sender="ops@acme.example", recipient=token.replace(".", ".a", 1)[:40]))
    assert [stolen["status"], guessed["status"]] == ["filed", "filed"]


def test_files_and_copies_go_along_and_each_reader_has_a_mail(desk: Sending):
    ref = opened(desk)
    log, picture = b"line\n" * 10, bytes(range(256)) * 2000
    desk.call(
        "tickets.reply", log + picture, ref=ref, text="See the files.", cc=["boss@acme.example", "ops@acme.example"],
        attach=[{"filename": "log.txt", "size": len(log)}, {"filename": "bild ü.png", "size": len(picture)}],
    )  # fmt: skip
    entry = sent(desk, ref)
    assert [each["to"] for each in entry["delivery"]] == ["ops@acme.example", "boss@acme.example"]
    assert [each["filename"] for each in entry["attachments"]] == ["log.txt", "bild ü.png"]
    mails = replies(desk)
    assert [each["To"] for each in mails] == ["Operations <ops@acme.example>"] * 2
    assert [each["Cc"] for each in mails] == ["boss@acme.example"] * 2
    assert sorted(each.recipient for each in desk.smarthost.taken if each.sender) == [
        "boss@acme.example",
        "ops@acme.example",
    ]
    for each in mails:
        assert [part.get_payload(decode=True) for part in each.iter_attachments()] == [log, picture]


def test_what_cannot_be_answered_says_why_and_changes_nothing(desk: Sending):
    ref = opened(desk)
    for wrong, error in (
        ({"text": " \n"}, InboxdError),
        ({"text": "x", "cc": ["no address"]}, UsageWrong),
        ({"text": "x", "attach": [{"filename": "a", "size": 4}]}, UsageWrong),
        ({"text": "x", "canned": "none-such"}, InboxdError),
    ):
        with pytest.raises(error):
            desk.call("tickets.reply", ref=ref, **wrong)
    desk.call("tickets.requester", ref=ref, address="SALES@example.com")
    with pytest.raises(InboxdError, match="is the desk itself"):
        desk.call("tickets.reply", ref=ref, text="hello")
    nobody = desk.mail(mail(sender="a@x.example, b@y.example"))["ticket"]
    with pytest.raises(InboxdError, match="nobody to write to"):
        desk.call("tickets.reply", ref=nobody["ref"], text="hello")
    assert [entry["kind"] for entry in desk.show(ref)["entries"]] == ["email"]


def test_a_canned_reply_is_filled_in_for_the_ticket(make_house: Callable[..., Sending], tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/restart.yaml").write_text(
        'en: {subject: Restart, body: "Please restart it.\\n\\nYour reference is {reference}."}\n'
    )
    desk = make_house(sections={"templates": {"folder": "templates"}})
    ref = opened(desk)
    desk.call("tickets.reply", ref=ref, text="Hello,", canned="restart")
    assert sent(desk, ref)["text"] == f"Hello,\n\nPlease restart it.\n\nYour reference is {ref}."


SECRET = "internal-marrow-4711"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    notes=st.lists(st.sampled_from(["", "> ", "On Monday, ops wrote:\n", "[#"]), min_size=1, max_size=4),
    late=st.booleans(),
    merged=st.booleans(),
)
def test_no_word_of_a_note_or_of_another_s_mail_leaves_in_a_reply(
    desk: Sending, notes: list[str], late: bool, merged: bool
):
    ref = opened(desk, Message_ID=f"<{time.monotonic_ns()}@acme.example>", text=f"Public {time.monotonic_ns()}\n")
    for shape in notes:
        desk.call("tickets.note", ref=ref, text=f"{shape}{SECRET}")
    if late:
        desk.call("tickets.set", ref=ref, tag=[SECRET])
        desk.call("tickets.note", ref=ref, text=SECRET)
    if merged:
        # Of the same account, by somebody else: what a colleague wrote is quoted to nobody but himself.
        other = opened(
            desk, Message_ID=f"<{time.monotonic_ns()}@acme.example>", sender="boss@acme.example", text=SECRET
        )
        desk.call("tickets.note", ref=other, text=SECRET)
        desk.call("tickets.merge", ref=other, into=ref)
    before = len(desk.smarthost.taken)
    desk.call("tickets.reply", ref=ref, text="An answer.")
    sent(desk, ref)
    gone = desk.smarthost.taken[before:]
    assert gone
    for each in gone:
        whole = email.message_from_bytes(each.raw, policy=email.policy.default)
        bodies = [part.get_content() for part in whole.walk() if part.get_content_maintype() == "text"]
        assert not any(SECRET in text for text in [each.raw.decode(), *bodies, str(whole["Subject"])])


def test_an_address_that_staff_name_is_written_to_though_the_mail_was_disowned(desk: Sending):
    # A mail that was built to deceive: an address in the name of another one.
    ref = opened(desk, sender='"ops@acme.example" <thief@evil.example>')
    verdict = desk.show(ref)["authentication"]["verdict"]
    desk.call("tickets.requester", ref=ref, address="boss@acme.example")
    (delivery,) = desk.call("tickets.reply", ref=ref, text="Was this you?")["entries"][-1]["delivery"]
    assert (verdict, delivery["to"]) == ("failed", "boss@acme.example")


def test_a_customer_is_answered_in_the_language_that_the_receipt_had(make_house: Callable[..., Sending], tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/restart.yaml").write_text(
        'en: {subject: Restart, body: "Restart it, {reference}."}\n'
        'de: {subject: Neu, body: "Neu starten, {reference}."}\n'
    )
    desk = make_house(sections={"templates": {"folder": "templates"}})
    asked = mail(subject="Drucker", text="It is on fire.\n", sender="ops@acme.example")
    ref = desk.mail(b"Content-Language: de-AT\n" + asked)["ticket"]["ref"]
    desk.call("tickets.reply", ref=ref, text="Guten Tag,", canned="restart")
    assert sent(desk, ref)["text"] == f"Guten Tag,\n\nNeu starten, {ref}."
    plain = replies(desk)[0].get_body(("plain",)).get_content()
    assert re.search(r"\nAm \d{4}-\d\d-\d\d \d\d:\d\d \w+ schrieb ops@acme\.example:\r?\n> It is on fire\.", plain)
    # Our own reader sees what is quoted in it.
    assert "on fire" not in parse(desk.smarthost.taken[-1].raw).reply_text


def test_a_desk_s_own_mark_of_references_stands_in_every_subject_and_is_read_back(make_house: Callable[..., Sending]):
    desk = make_house(sections={"templates": {"reference": "T-{reference}"}})
    ref = opened(desk)
    desk.call("tickets.reply", ref=ref, text="Pull the plug.")
    sent(desk, ref)
    subjects = [str(email.message_from_bytes(each.raw)["Subject"]) for each in desk.smarthost.taken]
    assert sorted(subjects) == [f"Re: Printer T-{ref}", f"T-{ref} We have your message"]
    again = desk.mail(mail(subject=f"AW: Printer T-{ref}", sender="ops@acme.example"))
    assert (again["status"], again["ticket"]["ref"]) == ("threaded", ref)


def test_a_subject_without_an_end_keeps_the_reference_in_sight(desk: Sending):
    ref = opened(desk, subject=f"{'very ' * 60}long")
    desk.call("tickets.reply", ref=ref, text="Pull the plug.")
    sent(desk, ref)
    (answer,) = replies(desk)
    assert str(answer["Subject"]).endswith(f"… [#{ref}]")
    assert len(str(answer["Subject"])) <= 160


def test_a_reply_that_no_server_takes_is_told_on_its_ticket_and_to_staff(make_house: Callable[..., Sending]):
    people = [{"name": "engineer-1", "addresses": ["engineer-1@example.com"], "queues": ["tech"], "notify": True}]
    desk = make_house(rules=ONE_QUEUE, sections={"staff": people})
    ref = opened(desk)
    desk.wait(lambda: len(desk.smarthost.taken) == 1, what="the receipt sent")
    desk.smarthost.answer("RCPT", "550 5.1.1 no such user")
    desk.call("tickets.reply", ref=ref, text="Pull the plug.")
    (delivery,) = sent(desk, ref)["delivery"]
    assert delivery["state"] == "failed"
    last = desk.show(ref)["events"][-1]
    assert last["what"] == "reply not sent"
    assert "550 5.1.1 no such user" in last["why"]
    (told,) = (each for each in desk.call("outbox.list") if each["kind"] == "notice")
    assert told["to"] == "engineer-1@example.com"
    assert "The reply did not arrive" in told["text"]
