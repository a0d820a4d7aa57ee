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
