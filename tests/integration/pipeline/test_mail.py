"""A mail's way from the door to its ticket."""

import pytest

from tests.harness.mails import mail


def test_a_mail_from_an_address_on_file_finds_its_account_and_is_not_believed(desk):
    outcome = desk.mail(mail(sender="ops@acme.example"))
    ticket = outcome["ticket"]
    assert outcome["status"] == "filed"
    assert ticket["account"] == {"id": "acme", "name": "Acme Widgets", "plan": "standard"}
    assert ticket["contact"]["authorized"] is True
    assert ticket["identity"]["by"] == "from-address"
    assert ticket["authentication"]["verdict"] == "unverified"


def test_a_mail_from_an_unknown_address_is_filed_as_unknown(desk):
    ticket = desk.mail(mail(sender="someone@client.example"))["ticket"]
    assert ticket["account"] is None
    assert ticket["authentication"]["verdict"] == "unknown"


def test_an_address_on_two_accounts_belongs_to_neither_and_the_evidence_names_both(desk):
    ticket = desk.mail(mail(sender="ops@acme.example.org"))["ticket"]
    assert ticket["account"] is None
    assert ticket["identity"]["by"] is None
    assert "Harbor Clinic" in ticket["identity"]["evidence"][0]
    assert "Mill Works" in ticket["identity"]["evidence"][0]


def test_two_from_fields_are_nobody_and_the_ticket_says_so(desk):
    raw = b"From: someone@client.example\n" + mail(sender="ops@acme.example")
    ticket = desk.mail(raw)["ticket"]
    assert ticket["account"] is None
    assert ticket["authentication"]["verdict"] == "failed"
    assert "From" in ticket["identity"]["evidence"][0]


def test_authority_that_ended_is_not_authority(desk):
    ticket = desk.mail(mail(sender="standin@acme.example"))["ticket"]
    assert ticket["contact"]["authorized"] is False
    assert "2020-01-31" in " ".join(ticket["identity"]["evidence"])


@pytest.mark.parametrize(
    "headers", [{"Importance": "high"}, {"X_Priority": "1"}, {"Priority": "urgent"}], ids=lambda each: next(iter(each))
)
def test_what_a_mail_claims_is_shown_and_sets_no_priority(desk, headers):
    ticket = desk.mail(mail("URGENT: server down", sender="ops@acme.example", **headers))["ticket"]
    assert ticket["priority"] == "medium"
    assert ticket["priority_by"] == "default"
    assert ticket["claimed_urgency"] == "urgent"


def test_the_same_mail_twice_is_one_ticket(desk):
    raw = mail(sender="ops@acme.example")
    first = desk.mail(raw)
    second = desk.mail(b"Received: from other.example by mx.example; Tue, 13 Jan 2026 16:00:01 +0000\r\n" + raw)
    assert second["status"] == "duplicate"
    assert second["ticket"]["ref"] == first["ticket"]["ref"]
    assert first["intake_id"] in second["reason"]
    assert len(desk.show(first)["entries"]) == 1


def test_other_content_under_a_used_message_id_is_filed(desk):
    first = desk.mail(mail(text="One thing.\n", Message_ID="<same@client.example>"))
    second = desk.mail(mail(text="Quite another.\n", Message_ID="<same@client.example>"))
    assert (first["status"], second["status"]) == ("filed", "filed")
    assert first["ticket"]["ref"] != second["ticket"]["ref"]


def test_bytes_that_are_no_mail_are_filed_with_the_bytes_attached(desk):
    outcome = desk.mail(b"\x00\xff\xfe not a mail at all \x80" * 50)
    ticket = outcome["ticket"]
    assert outcome["status"] == "filed"
    assert any(part["content_type"] == "message/rfc822" for part in ticket["entries"][0]["attachments"])
    assert "Could not be read" in desk.call("why", ref=ticket["ref"])["text"]


def test_a_large_mail_is_kept_outside_the_row_and_filed(desk):
    body = "A line of quite ordinary length, over and over again.\n" * 20_000
    outcome = desk.mail(mail(text=body, sender="ops@acme.example"))
    assert outcome["status"] == "filed"
    assert "over and over again" in outcome["ticket"]["entries"][0]["text"]


def test_a_read_receipt_is_ignored_with_a_reason_and_kept(desk):
    raw = mail().replace(
        b"Content-Type: text/plain", b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b"
    )
    receipt = raw.split(b"\n\n")[0] + (
        b"\n\n--b\nContent-Type: text/plain\n\nRead.\n--b\nContent-Type: message/disposition-notification\n\n"
        b"Final-Recipient: rfc822; someone@client.example\nDisposition: manual-action/MDN-sent-manually; displayed\n"
        b"--b--\n"
    )
    outcome = desk.mail(receipt)
    assert outcome["status"] == "ignored"
    assert outcome["ticket"] is None
    assert "receipt" in outcome["reason"]
