"""The same mail by two ways is one ticket, whatever the ways; other content is filed."""

import threading
from typing import Any

import pytest

from tests.harness.mails import mail

RAW = mail(sender="ops@acme.example", Message_ID="<one@acme.example>")
WITHOUT_ID = RAW.replace(b"Message-ID: <one@acme.example>\n", b"")


def by_smtp(desk, raw, *, rcpt="support@example.com"):
    """As a relay hands it over: with its own trace above, and CRLF."""
    hop = b"Received: from relay.example by mx.example.com with ESMTPS id 7; Tue, 13 Jan 2026 16:00:02 +0000\n"
    return desk.mail((hop + raw).replace(b"\n", b"\r\n"), rcpt=rcpt)


def by_file(desk, raw):
    """As it lies in a file: with what a delivery agent and a reader added, and bare LF."""
    added = b"Return-Path: <ops@acme.example>\nDelivered-To: support@example.com\nX-Spam-Status: No\nStatus: RO\n"
    return desk.mail(added + raw)


def by_import(desk, raw, *, history=True):
    pieces = [{"kind": "mail", "size": len(raw), "kept_at": "2024-05-05T00:00:00Z"}]
    (taken,) = desk.call("import.take", raw, pieces=pieces, envelope={"history": history})
    (outcome,) = desk.call("import.outcomes", intake_ids=[taken["intake_id"]], wait_seconds=30)
    return outcome


def by_mailbox(desk, raw):
    taken = desk.call("ingest.accept", raw, kind="mail", envelope={"mailbox": "support"}, name="mail")
    return desk.call("ingest.outcome", intake_id=taken["intake_id"], wait_seconds=30)


def by_list(desk, raw):
    """The list's copy where the list leaves the mail alone and only adds its fields as trace."""
    return desk.mail(
        b"Received: from list.example by mx.example.com; Tue, 13 Jan 2026 16:01:00 +0000\n"
        b"X-Original-To: support@example.com\nDelivered-To: support-list@example.com\n" + raw
    )


WAYS = {"smtp": by_smtp, "file": by_file, "import": by_import, "mailbox": by_mailbox, "list": by_list}


def one_ticket(desk, first: dict[str, Any], second: dict[str, Any]) -> None:
    assert first["status"] == "filed"
    assert second["status"] == "duplicate", second["reason"]
    assert second["ticket"]["ref"] == first["ticket"]["ref"]
    assert first["intake_id"] in second["reason"]
    assert len(desk.call("tickets.export")["tickets"]) == 1
    assert len(desk.show(first)["entries"]) == 1
    assert len(desk.call("intake.list")) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [("smtp", "import"), ("import", "smtp"), ("smtp", "mailbox"), ("mailbox", "import"), ("list", "smtp"),
     ("smtp", "list"), ("import", "mailbox"), ("file", "import")],
)  # fmt: skip
def test_the_same_mail_by_two_ways_is_one_ticket(desk, one, other):
    one_ticket(desk, WAYS[one](desk, RAW), WAYS[other](desk, RAW))


@pytest.mark.parametrize(
    ("one", "other"), [("smtp", "import"), ("import", "smtp"), ("file", "mailbox"), ("mailbox", "mailbox")]
)
def test_without_a_message_id_the_same_bytes_below_the_trace_are_the_same_mail(desk, one, other):
    one_ticket(desk, WAYS[one](desk, WITHOUT_ID), WAYS[other](desk, WITHOUT_ID))


def test_without_a_message_id_one_other_byte_is_another_mail(desk):
    first = by_smtp(desk, WITHOUT_ID)
    second = by_import(desk, WITHOUT_ID.replace(b"Nothing goes out.", b"Nothing goes out!"))
    assert [first["status"], second["status"]] == ["filed", "filed"]


def test_to_two_of_the_desks_addresses_it_is_one_ticket(desk):
    one_ticket(desk, by_smtp(desk, RAW, rcpt="support@example.com"), by_smtp(desk, RAW, rcpt="sales@example.com"))


def test_a_lists_copy_with_its_footer_has_other_content_and_stands_as_its_own_entry_or_ticket(desk):
    direct = by_smtp(desk, RAW)
    footer = RAW + b"-- \nsupport-list mailing list\n"
    copy = by_list(desk, b"List-Id: <support.example.com>\n" + footer)
    assert copy["status"] == "filed"
    assert copy["ticket"]["ref"] != direct["ticket"]["ref"]
    # Whoever answers names the one Message-ID of both: the answer joins the first that bore it.
    answer = by_smtp(desk, mail("Re: Fax server", sender="ops@acme.example", In_Reply_To="<one@acme.example>"))
    assert answer["ticket"]["ref"] == direct["ticket"]["ref"]


@pytest.mark.parametrize("change", [
    (b"Nothing goes out.", b"Pay to another account."), (b"Subject: Fax", b"Subject: Tax"),
    (b"From: ops@acme.example", b"From: standin@acme.example"), (b"13 Jan 2026 16:00", b"13 Jan 2026 17:00"),
])  # fmt: skip
@pytest.mark.parametrize("way", [by_smtp, by_import])
def test_a_used_message_id_with_other_content_is_filed(desk, change, way):
    first = by_smtp(desk, RAW)
    assert RAW.count(change[0]) == 1
    second = way(desk, RAW.replace(*change))
    assert (first["status"], second["status"]) == ("filed", "filed")
    assert first["ticket"]["ref"] != second["ticket"]["ref"]


@pytest.mark.parametrize("ways", [(by_smtp, by_mailbox, by_import, by_list), (by_import,) * 4, (by_smtp,) * 4])
def test_by_several_ways_at_the_same_moment_it_is_one_ticket(desk, ways):
    found: list[dict[str, Any]] = []
    desk.mail(mail())
    together = threading.Barrier(len(ways))

    def bring(way):
        together.wait(30)
        found.append(way(desk, RAW))

    threads = [threading.Thread(target=bring, args=(way,)) for way in ways]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(found) == len(ways)
    assert len({each["ticket"]["ref"] for each in found}) == 1
    refs = [each["ref"] for each in desk.call("tickets.export")["tickets"]]
    assert len(refs) == 2
    assert len(desk.show(found[0])["entries"]) == 1
    ends = [row["status"] for row in desk.call("intake.list")]
    assert sorted(ends) == sorted(["filed", "filed"] + ["duplicate"] * (len(ends) - 2))
