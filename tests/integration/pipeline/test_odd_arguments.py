"""Whatever a member of the group sends down the control socket is answered in a sentence."""

import pytest

from inboxd.errors import UsageWrong
from tests.harness.mails import mail

BEYOND = 10**30


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("tickets.list", {"limit": -1}),
        ("tickets.list", {"limit": BEYOND}),
        ("tickets.list", {"due": "tomorrow"}),
        ("tickets.list", {"due": "2026-01-13T10:00:00"}),
        ("tickets.search", {"words": "fax", "limit": BEYOND}),
        ("tickets.set", {"ref": "48213-7", "assignee": ""}),
        ("tickets.set", {"ref": "48213-7", "queue": " "}),
        ("tickets.set", {"ref": "48213-7", "tag": ["vip", ""]}),
        ("tickets.set", {"ref": "48213-7", "tag": ["two\nlines"]}),
        ("tickets.export", {"after": BEYOND}),
        ("tickets.export", {"limit": 0}),
        ("intake.list", {"limit": -1}),
        ("intake.raw", {"id": "x", "offset": -1}),
        ("ingest.outcome", {"intake_id": "x", "wait_seconds": float("nan")}),
        ("ingest.accept", {"kind": "mail", "envelope": {"rcpt_tos": [{"a": 1}]}}),
        ("ingest.accept", {"kind": "mail", "envelope": {"rcpt_tos": 3}}),
        ("ingest.accept", {"kind": "mail", "envelope": {"mailbox": ["x"]}}),
        ("ingest.accept", {"kind": "mail", "envelope": {"colour": "red"}}),
        ("ingest.accept", {"kind": "mail", "envelope": {}, "received_at": "yesterday"}),
        ("ingest.accept", {"kind": "voicemail", "envelope": {"caller": ["x"], "called": {"a": 1}}}),
        ("why.message", {"kind": "voicemail", "envelope": {"colour": "red"}}),
        ("why.message", {"envelope": {"rcpt_tos": 3}}),
    ],
)
def test_an_argument_that_does_not_fit_is_wrong_usage(desk, operation, arguments):
    desk.mail(mail())
    with pytest.raises(UsageWrong, match=f"^{operation}: "):
        desk.call(operation, **arguments)


def test_a_payload_among_the_arguments_is_not_the_payload(desk):
    outcome = desk.call("ingest.accept", b"Subject: real\n\nbytes\n", kind="mail", envelope={}, payload="others")
    shown = desk.call("ingest.outcome", intake_id=outcome["intake_id"], wait_seconds=30)
    assert shown["ticket"]["subject"] == "real"
