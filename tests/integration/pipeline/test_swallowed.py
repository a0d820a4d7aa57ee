"""No mail is a duplicate of one that became nothing: what somebody sends first must not swallow what comes after."""

import pytest

from tests.harness.mails import mail

HOLD = "decide:\n  hold:\n    - {rule: auto, when: {auto-reply: true}, then: {%s: sent by a program}}\n"


def test_a_mail_that_is_dressed_as_a_read_receipt_is_filed(desk):
    head, _, body = mail(sender="ops@acme.example").partition(b"\n\n")
    fields = [line for line in head.split(b"\n") if not line.lower().startswith((b"content-", b"mime-version"))]
    dress = b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b"
    outcome = desk.mail(b"\n".join([*fields, dress]) + b"\n\n--b\nContent-Type: text/plain\n\n" + body + b"\n--b--\n")
    assert outcome["status"] == "filed"
    assert "Nothing goes out" in outcome["ticket"]["entries"][0]["text"]


@pytest.mark.parametrize(("effect", "held"), [("quarantine", "quarantined"), ("reject", "rejected")])
def test_a_mail_after_a_held_one_that_looks_like_it_is_filed(make_desk, effect, held):
    desk = make_desk(HOLD % effect)
    honest = mail(sender="ops@acme.example")
    first = desk.mail(b"Auto-Submitted: auto-replied\n" + honest)
    assert first["status"] == held
    assert desk.mail(honest)["status"] == "filed"
    # And the held one, brought back now, is the copy.
    desk.call("intake.replay", id=first["intake_id"])
    again = desk.call("ingest.outcome", intake_id=first["intake_id"], wait_seconds=30)
    assert again["status"] == "duplicate"


def test_a_held_mail_that_comes_twice_is_held_once(make_desk):
    desk = make_desk(HOLD % "quarantine")
    raw = b"Auto-Submitted: auto-replied\n" + mail()
    assert [desk.mail(raw)["status"] for _ in range(2)] == ["quarantined", "duplicate"]


HONEST = mail(sender="ops@acme.example", text="It burns.\n", Message_ID="<honest@acme.example>")


def swallowed(desk, dress: bytes) -> str:
    """Hand in a copy in somebody's dress, and then the mail itself; give what becomes of that."""
    first = desk.mail(dress + HONEST)
    outcome = desk.mail(HONEST)
    assert outcome["ticket"]["requester"]["address"] == "ops@acme.example", first["status"]
    assert "It burns" in outcome["ticket"]["entries"][-1]["text"]
    # The copy, or the mail once more, are no further ones.
    assert [desk.mail(each)["status"] for each in (HONEST, dress + HONEST)] == ["duplicate"] * 2
    return str(outcome["status"])


def test_a_mail_after_one_that_is_dressed_as_a_bounce_of_its_forger_s_receipt_is_filed(desk):
    desk.mail(mail(sender="thief@evil.example"))
    (receipt,) = desk.call("outbox.list")
    dress = f"X-Failed-Recipients: a@b.example\nIn-Reply-To: {receipt['message_id']}\n".encode()
    assert swallowed(desk, dress) == "filed"


def test_a_mail_after_one_that_is_dressed_as_a_bounce_of_a_reply_is_filed(desk):
    ref = desk.mail(mail(sender="thief@evil.example"))["ticket"]["ref"]
    desk.call("tickets.reply", ref=ref, text="We look into it.")
    reply = next(each for each in desk.call("outbox.list") if each["kind"] == "reply")
    dress = f"X-Failed-Recipients: a@b.example\nIn-Reply-To: {reply['message_id']}\n".encode()
    assert swallowed(desk, dress) == "filed"


def test_a_mail_after_one_that_is_dressed_as_nobody_s_is_filed(desk):
    assert swallowed(desk, b"Sender: a@b.example\nSender: c@d.example\n") == "filed"


def test_a_mail_after_one_that_is_dressed_as_a_program_s_reopens_its_ticket_and_is_told(desk):
    ref = desk.mail(mail(sender="ops@acme.example"))["ticket"]["ref"]
    desk.call("tickets.set", ref=ref, status="solved", assignee="engineer-1")
    raw = mail(subject=f"Re: [#{ref}]", sender="ops@acme.example", Cc="boss@acme.example")
    assert desk.mail(b"Auto-Submitted: auto-replied\n" + raw)["ticket"]["status"] == "solved"
    outcome = desk.mail(raw)
    assert (outcome["status"], outcome["ticket"]["status"]) == ("duplicate", "open")
    events = [each["what"] for each in outcome["ticket"]["events"]]
    # Once more it is news for nobody.
    assert [each["what"] for each in desk.mail(raw)["ticket"]["events"]] == events
    assert len(outcome["ticket"]["entries"]) == 2


def test_a_bounce_that_comes_twice_is_one(desk):
    desk.mail(mail(sender="someone@client.example"))
    (receipt,) = desk.call("outbox.list")
    raw = f"X-Failed-Recipients: someone@client.example\nIn-Reply-To: {receipt['message_id']}\n".encode() + HONEST
    assert [desk.mail(raw)["status"] for _ in range(2)] == ["ignored", "duplicate"]
