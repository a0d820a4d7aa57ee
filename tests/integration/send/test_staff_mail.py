"""Staff by mail: proven they answer the customer, unproven they are strangers. Mail of ours that comes back."""

import email
import email.policy
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from inboxd import outbox
from store import outbox as rows
from store.outbox import OutboxItem
from tests.harness.dns import NameServer
from tests.harness.mails import mail
from tests.integration.send.conftest import PEOPLE, STAFF, Sending, items
from tests.trust.world import COVERED, EVIL_IP, GOOD_IP, World

RULES = """
calendars: {always: {mon-sun: 00:00-24:00}}
clocks: {first-response: {within: 30m, calendar: always}}
decide:
  work:
    - {rule: all, then: {queue: tech, notice: Look at this.}}
"""


@pytest.fixture
def desk(make_house: Callable[..., Sending], server: NameServer) -> Sending:
    return make_house(rules=RULES, sections={**PEOPLE, "dns": {"nameservers": [server.address]}})


def opened(desk: Sending) -> str:
    raw = mail(subject="Printer", text="It is on fire.\n", sender="ops@acme.example", Message_ID="<1@acme.example>")
    return str(desk.mail(raw)["ticket"]["ref"])


def notice(desk: Sending) -> OutboxItem:
    (item,) = items(desk, "notice")
    assert item.to_address == STAFF
    return item


def by_staff(desk: Sending, text: str, *, client_ip: str = GOOD_IP, mail_from: str = STAFF, **headers: str) -> Any:
    headers.setdefault("In_Reply_To", notice(desk).message_id)
    raw = mail(subject="Re: Look at this.", text=text, sender=STAFF, **headers)
    return desk.mail(raw, mail_from=mail_from, client_ip=client_ip)


def test_staff_answer_a_notice_and_the_customer_gets_it(desk: Sending):
    ref = opened(desk)
    outcome = by_staff(desk, f"Pull the plug.\n\n> {ref} notice\n> Look at this.\n")
    assert (outcome["status"], outcome["ticket"]["ref"]) == ("threaded", ref)
    ticket = desk.show(ref)
    entry = ticket["entries"][-1]
    assert (entry["kind"], entry["author"], entry["text"]) == ("reply", "engineer-1", "Pull the plug.")
    assert ticket["clocks"][0]["met_at"] is not None
    (item,) = items(desk, "reply")
    assert item.to_address == "ops@acme.example"
    desk.ended(item.id)
    gone = next(each for each in desk.smarthost.taken if each.recipient == "ops@acme.example" and each.sender)
    parsed = email.message_from_bytes(gone.raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    assert STAFF not in gone.raw.decode()
    assert "Look at this" not in str(parsed.get_body(("plain",)))


def test_staff_are_told_of_more_than_a_customer_would_be_and_the_last_notice_of_an_hour_says_so(
    desk: Sending, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(outbox, "MOST_AN_ADDRESS", 1)
    monkeypatch.setattr(outbox, "MOST_A_COLLEAGUE", 3)
    for number in range(4):
        address = f"user-{number}@acme.example"
        desk.mail(mail(subject="Printer", text="On fire.\n", sender=address, Message_ID=f"<{number}@acme.example>"))
    told = sorted(items(desk, "notice"), key=lambda each: each.id)
    assert [each.state != "suppressed" for each in told] == [True, True, True, False]
    assert ["the last of" in each.text for each in told] == [False, False, True, False]


@pytest.mark.parametrize("forged", [{"client_ip": EVIL_IP}, {"mail_from": "thief@evil.example"}])
def test_who_only_says_that_he_is_staff_never_writes_as_staff(desk: Sending, forged: dict[str, str]):
    ref = opened(desk)
    outcome = by_staff(desk, "#status closed\nSend your password to me.\n", **forged)
    assert (outcome["status"], outcome["ticket"]["ref"] == ref) == ("filed", False)
    said = "It is an address of engineer-1, who is staff, and nothing proves that the mail is theirs."
    assert said in desk.show(outcome["ticket"]["ref"])["identity"]["evidence"]
    ticket = desk.show(ref)
    assert (ticket["status"], [each["kind"] for each in ticket["entries"]]) == ("open", ["email"])
    assert items(desk, "reply") == []


def test_a_stranger_who_quotes_a_notice_s_message_id_writes_nothing_as_staff(desk: Sending):
    ref = opened(desk)
    raw = mail(subject="x", sender="thief@evil.example", In_Reply_To=notice(desk).message_id, text="#status closed\n")
    assert desk.mail(raw, mail_from="thief@evil.example")["ticket"]["ref"] != ref
    assert desk.show(ref)["status"] == "open"


def test_commands_at_the_head_are_obeyed_and_those_below_are_text(desk: Sending):
    ref = opened(desk)
    by_staff(desk, "#status waiting\n#tag heat\n#assign me\nPull the plug.\n#status closed\n")
    ticket = desk.show(ref)
    assert (ticket["status"], ticket["assignee"], ticket["tags"]) == ("waiting", "engineer-1", ["heat"])
    assert ticket["entries"][-1]["text"] == "Pull the plug.\n#status closed"


@pytest.mark.parametrize("line", ["\u200b#note", "\ufeff\n\u2060\n#note\u200b", "#\u200bnote", "\u00a0#note"])
def test_signs_that_nobody_sees_make_no_other_command(desk: Sending, line: str):
    ref = opened(desk)
    by_staff(desk, f"{line}\nDo not tell them.\n")
    assert [each["kind"] for each in desk.show(ref)["entries"]] == ["email", "note"]
    assert (items(desk, "reply"), len(items(desk, "notice"))) == ([], 1)


@pytest.mark.parametrize(
    "head",
    [
        "\uff03note",
        "\u266fnote",
        "**#note**",
        "* #note",
        "\\#note",
        "Hi,\n\n#note The cable is rotten.",
        "- # status closed",
    ],
)
def test_what_may_be_meant_as_a_command_reaches_no_customer_as_text(desk: Sending, head: str):
    ref = opened(desk)
    by_staff(desk, f"{head}\nDo not tell them.\n")
    assert [each["kind"] for each in desk.show(ref)["entries"]] == ["email", "note"]
    assert items(desk, "reply") == []
    assert "may be meant as a command" in items(desk, "notice")[-1].text


@pytest.mark.parametrize("text", ["#reply\nWrite this:\n#note x\n", "Write this:\n# Note: x\n#NOTE: y\n#type z\n"])
def test_what_a_person_says_is_for_the_customer_or_a_file_of_settings_holds_goes_out(desk: Sending, text: str):
    opened(desk)
    by_staff(desk, text)
    (item,) = items(desk, "reply")
    assert item.text.startswith("Write this:\n#")


def test_a_mail_of_staff_that_only_speaks_of_a_ticket_goes_to_no_customer(desk: Sending):
    ref = opened(desk)
    raw = mail(subject="Spare parts", text=f"For {ref} we need a belt.\n", sender=STAFF)
    outcome = desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)
    assert outcome["ticket"]["ref"] != ref
    assert (items(desk, "reply"), len(desk.show(ref)["entries"])) == ([], 1)


def test_a_note_by_mail_leaves_the_house_to_nobody(desk: Sending):
    ref = opened(desk)
    by_staff(desk, "#note The cable is rotten.\nDo not tell them.\n")
    assert [each["kind"] for each in desk.show(ref)["entries"]] == ["email", "note"]
    assert items(desk, "reply") == []


@pytest.mark.parametrize("command", ["#priority urgent", "#delete", "#status gone", "#assign"])
def test_what_is_no_command_sends_nothing_changes_nothing_and_is_told(desk: Sending, command: str):
    ref = opened(desk)
    before = desk.show(ref)
    by_staff(desk, f"#status closed\n{command}\nSecret words.\n")
    ticket = desk.show(ref)
    assert (ticket["status"], ticket["priority"]) == (before["status"], before["priority"])
    assert [each["kind"] for each in ticket["entries"]] == ["email", "note"]
    assert items(desk, "reply") == []
    told = items(desk, "notice")[-1]
    assert told.to_address == STAFF
    assert told.subject.endswith("Nothing was sent or changed; your mail is a note now.")
    assert "no mail sets a priority" in told.text or "is no command" in told.text


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("#queue tehc", 'No rule gives the queue "tehc", and nobody of `staff` works on it; did you mean "tech"?'),
        ("#assign enginer-1", 'Nobody of `staff` is called "enginer-1"; did you mean "engineer-1"?'),
    ],
)
def test_a_ticket_is_not_given_by_mail_to_a_name_that_nobody_has(desk: Sending, command: str, told: str):
    ref = opened(desk)
    before = desk.show(ref)
    by_staff(desk, f"{command}\nPull the plug.\n")
    ticket = desk.show(ref)
    assert (ticket["queue"], ticket["assignee"]) == (before["queue"], before["assignee"])
    assert items(desk, "reply") == []
    assert told in " ".join(items(desk, "notice")[-1].text.split())


def test_a_ticket_is_given_by_mail_to_queues_and_people_that_there_are(desk: Sending):
    ref = opened(desk)
    by_staff(desk, "#queue tech\n#assign engineer-1\nPull the plug.\n")
    ticket = desk.show(ref)
    assert (ticket["queue"], ticket["assignee"]) == ("tech", "engineer-1")
    assert len(items(desk, "reply")) == 1


def test_a_command_is_told_of_names_that_nobody_has(desk: Sending):
    assert desk.call("tickets.unknown_names", queue="tech", assignee="engineer-1") == []
    assert desk.call("tickets.unknown_names", queue="tehc", assignee="x") == [
        'no rule gives the queue "tehc", and nobody of `staff` works on it; did you mean "tech"?',
        'nobody of `staff` is called "x"; there is "engineer-1"',
    ]


@pytest.mark.parametrize("copy", [{"Cc": "support@example.com"}, {}], ids=["Cc", "Bcc"])
def test_an_answer_written_elsewhere_stops_the_clock_and_is_not_sent_again(desk: Sending, copy: dict[str, str]):
    ref = opened(desk)
    raw = mail(
        subject="Re: Printer", text="I have pulled it.\n", sender=STAFF, recipient="ops@acme.example",
        In_Reply_To="<1@acme.example>", Message_ID="<99@example.com>", **copy,
    )  # fmt: skip
    desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)
    ticket = desk.show(ref)
    assert (ticket["entries"][-1]["kind"], ticket["entries"][-1]["author"]) == ("reply", "engineer-1")
    assert ticket["clocks"][0]["met_at"] is not None
    assert items(desk, "reply") == []
    answer = desk.mail(mail(subject="thanks", sender="ops@acme.example", In_Reply_To="<99@example.com>"))
    assert answer["ticket"]["ref"] == ref


def test_what_a_mailbox_has_sent_joins_and_the_same_in_the_inbox_does_not(make_house: Callable[..., Sending], tmp_path):
    password = tmp_path / "box-password"
    password.write_text("secret")
    box = {
        "name": "support", "host": "127.0.0.1", "user": "support@example.com", "password_file": str(password),
        "sent": "Sent Items",
    }  # fmt: skip
    desk = make_house(rules=RULES, sections={**PEOPLE, "imap": [box]})
    ref = opened(desk)

    def sent(folder: str, number: int, **headers: str) -> Any:
        raw = mail(
            subject="Re: Printer", text=f"Pulled {number}.\n", sender="support@example.com",
            recipient="ops@acme.example", Message_ID=f"<{number}@example.com>", **headers,
        )  # fmt: skip
        return desk.mail(raw, rcpt_tos=[], mailbox="support", folder=folder, uid=number, uidvalidity=1)

    assert sent("Sent Items", 1, In_Reply_To="<1@acme.example>")["ticket"]["ref"] == ref
    assert desk.show(ref)["entries"][-1]["kind"] == "reply"
    assert sent("Sent Items", 2)["status"] == "ignored"
    assert sent("INBOX", 3, In_Reply_To="<1@acme.example>")["status"] == "filed"
    assert [each["kind"] for each in desk.show(ref)["entries"]] == ["email", "reply"]


def bounce(message_id: str, to: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A delivery report as Postfix writes it."""
    return (
        "From: MAILER-DAEMON@mx.example.com\r\nTo: support@example.com\r\nSubject: Undelivered Mail\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI could not deliver it.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n"
        f"Final-Recipient: rfc822; {to}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\nSubject: Re\r\n--b--\r\n"
    ).encode()


def test_a_reply_that_comes_back_marks_entry_and_address_and_tells_staff(desk: Sending):
    ref = opened(desk)
    desk.call("tickets.reply", ref=ref, text="Pull the plug.")
    (item,) = items(desk, "reply")
    desk.ended(item.id)
    outcome = desk.mail(bounce(item.message_id, "ops@acme.example"), mail_from="")
    assert (outcome["status"], outcome["ticket"]["ref"]) == ("threaded", ref)
    ticket = desk.show(ref)
    reply = next(each for each in ticket["entries"] if each["kind"] == "reply")
    assert [(each["state"], "5.1.1" in each["reason"]) for each in reply["delivery"]] == [("bounced", True)]
    assert any(each["what"] == "reply bounced" for each in ticket["events"])
    told = items(desk, "notice")[-1]
    assert "did not arrive" in told.subject
    assert len(told.subject) <= 90
    # Programs write there no more, until somebody writes from there.
    refused = desk.item(desk.queue())
    assert (refused.state, "the address is marked" in str(refused.reason)) == ("suppressed", True)
    desk.mail(mail(subject="again", sender="ops@acme.example", Message_ID="<2@acme.example>"))
    assert desk.item(desk.queue()).state == "queued"


def test_who_has_an_id_from_the_references_of_a_copy_marks_nobody_by_it(desk: Sending):
    ref = opened(desk)
    desk.call("tickets.reply", ref=ref, text="Pull the plug.")
    desk.call("tickets.reply", ref=ref, text="And wait.", cc=["thief@evil.example"])
    first, second, copy = items(desk, "reply")
    assert first.message_id in copy.thread
    desk.mail(bounce(first.message_id, "ops@acme.example"), mail_from="")
    assert any(each["what"] == "reply bounced" for each in desk.show(ref)["events"])
    assert desk.item(desk.queue()).state == "queued"
    # What nobody else has been told still marks.
    desk.mail(bounce(second.message_id, "ops@acme.example"), mail_from="")
    assert desk.item(desk.queue()).state == "suppressed"


@pytest.mark.parametrize(
    ("status", "is_marked"),
    [("5.2.2", False), ("5.3.4", False), ("5.7.1", False), ("5.2.1", True), ("5.3.0", True), ("5.4.1", True)],
)
def test_a_mailbox_that_is_full_or_a_mail_that_is_not_welcome_marks_no_address(
    desk: Sending, *, status: str, is_marked: bool
):
    ref = opened(desk)
    desk.call("tickets.reply", ref=ref, text="Pull the plug.")
    (item,) = items(desk, "reply")
    desk.mail(bounce(item.message_id, "ops@acme.example", status=status), mail_from="")
    assert "did not arrive" in items(desk, "notice")[-1].subject
    assert (desk.item(desk.queue()).state == "suppressed") is is_marked


@pytest.mark.parametrize(
    ("words", "is_marked"),
    [
        ("ops@acme.example: mailbox is full", False),
        ("ops@acme.example\n552 Message exceeds the size limit", False),
        ("ops@acme.example: Das Postfach ist voll", False),
        ("ops@acme.example: rejected as spam", False),
        ("ops@acme.example: user unknown", True),
    ],
)
def test_where_a_mailer_gives_no_status_its_words_say_whether_anybody_is_there(
    desk: Sending, *, words: str, is_marked: bool
):
    opened(desk)
    item = desk.ended(desk.queue())
    text = f"I could not deliver it.\n\n{words}\n\n--- The mail:\nMessage-ID: {item.message_id}\n"
    raw = mail(
        subject="Undelivered mail", text=text, sender="MAILER-DAEMON@mx.example.com", Message_ID="<b@mx.example>"
    )
    assert desk.mail(raw, mail_from="")["status"] == "ignored"
    assert (desk.item(desk.queue()).state == "suppressed") is is_marked


def test_a_delay_is_told_and_nothing_is_marked(desk: Sending):
    ref = opened(desk)
    desk.call("tickets.reply", ref=ref, text="Pull the plug.")
    (item,) = items(desk, "reply")
    desk.ended(item.id)
    desk.mail(bounce(item.message_id, "ops@acme.example", action="delayed", status="4.4.1"), mail_from="")
    reply = next(each for each in desk.show(ref)["entries"] if each["kind"] == "reply")
    assert [each["state"] for each in reply["delivery"]] == ["deferred"]
    assert desk.item(desk.queue()).state == "queued"


def test_a_bounce_of_a_program_s_mail_is_ignored_and_a_guessed_id_marks_nobody(desk: Sending):
    number = desk.queue(to="gone@acme.example")
    item = desk.ended(number)
    assert desk.mail(bounce(item.message_id, "gone@acme.example"), mail_from="")["status"] == "ignored"
    guessed = "<inboxd.00000000000000000000000000000000@example.com>"
    desk.mail(bounce(guessed, "ops@acme.example"), mail_from="")
    assert desk.item(desk.queue()).state == "queued"


def test_an_answer_of_nothing_but_the_quoted_notice_tells_the_customer_nothing(desk: Sending):
    ref = opened(desk)
    quoted = "".join(f"> {line}\n" for line in notice(desk).text.splitlines())
    by_staff(desk, quoted)
    assert items(desk, "reply") == []
    assert [each["kind"] for each in desk.show(ref)["entries"]] == ["email", "note"]


def test_a_notice_that_outlook_quotes_below_nothing_tells_the_customer_nothing(desk: Sending):
    ref = opened(desk)
    asked = notice(desk)
    block = f"From: Support <support@example.com>\nSent: Monday\nTo: {STAFF}\nSubject: {asked.subject}"
    by_staff(desk, f"{block}\n\n{asked.text}")
    assert items(desk, "reply") == []
    assert [each["kind"] for each in desk.show(ref)["entries"]] == ["email", "note"]


def test_a_command_that_staff_only_quote_at_the_head_is_none(desk: Sending):
    ref = opened(desk)
    html = (
        "<html><body><blockquote>#status closed</blockquote><p>Pull the plug.</p>"
        "<div>On Monday, ops@acme.example wrote:<br><blockquote>#status closed</blockquote></div></body></html>"
    )
    plain = mail(subject="Re: Look at this.", sender=STAFF, In_Reply_To=notice(desk).message_id)
    message = email.message_from_bytes(plain, policy=email.policy.default)
    message.set_content(html, subtype="html")
    desk.mail(message.as_bytes(), mail_from=STAFF, client_ip=GOOD_IP)
    assert desk.show(ref)["status"] == "open"
    # It may also be a note that its program shows in two ways: nothing leaves the house.
    assert items(desk, "reply") == []


def test_an_answer_of_staff_that_quotes_what_a_customer_had_forwarded_forwards_nothing(desk: Sending):
    ref = opened(desk)
    text = (
        "Pull the plug.\n\nFrom: Ops <ops@acme.example>\nSent: Monday\nTo: support@example.com\nSubject: Printer\n\n"
        "See below.\n\n---------- Forwarded message ---------\nFrom: Victim <victim@third.example>\n"
        "Subject: Printer\nTo: ops@acme.example\n\nBurns.\n"
    )
    raw = mail(
        subject=f"Re: Printer [#{ref}]", text=text, sender=STAFF, recipient="ops@acme.example",
        Cc="support@example.com", In_Reply_To="<1@acme.example>",
    )  # fmt: skip
    outcome = desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)
    assert outcome["ticket"]["ref"] == ref
    assert desk.show(ref)["entries"][-1]["kind"] == "reply"
    with desk.house.store.read() as connection:
        assert "victim@third.example" not in [each.to_address for each in rows.list_(connection)]


@pytest.mark.parametrize(
    ("sent_on", "quoted"),
    [
        ("---------- Forwarded message ---------\nFrom: Ops <ops@acme.example>\nSubject: Printer\n\nIt burns.\n", True),
        ("From: Ops <ops@acme.example>\nSent: Monday\nTo: E\nSubject: Printer\n\nIt burns.\n", True),
        ("On 13 Jan 2026 at 16:00, Ops <ops@acme.example> wrote:\nIt burns.\n", False),
    ],
)
def test_what_staff_write_above_a_mail_that_they_send_on_reaches_no_customer(
    desk: Sending, sent_on: str, *, quoted: bool
):
    raw = mail(subject="Fwd: Printer", text=f"They never pay. Yours?\n\n{sent_on}", sender=STAFF)
    ticket = desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)["ticket"]
    assert ticket["identity"]["by"] == "forwarded"
    assert "\n> It burns." in notice(desk).text
    desk.call("tickets.reply", ref=ticket["ref"], text="Pull the plug.")
    (reply,) = items(desk, "reply")
    assert reply.to_address == "ops@acme.example"
    for written in (reply.text, reply.html):
        assert "never pay" not in written
        assert "engineer" not in written
        assert ("It burns." in written) is quoted
    # The notice has it, too: quoted without a mark it goes no further than the lines of our own.
    by_staff(desk, "They never pay. Yours?\nIt burns.\nI am on my way.\n")
    assert len(items(desk, "reply")) == 1
    assert "only staff were told" in items(desk, "notice")[-1].text


def test_who_reports_a_bounce_takes_no_part_in_the_ticket(desk: Sending):
    ref = opened(desk)
    by_staff(desk, "Pull the plug.\n")
    (sent,) = items(desk, "reply")
    report = (
        "From: thief@evil.example\r\nTo: support@example.com\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "Date: Tue, 13 Jan 2026 16:00:00 +0000\r\nMessage-ID: <b1@evil.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: text/plain\r\n\r\nPlease call +1 555 0199.\r\n--b\r\n"
        "Content-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.evil.example\r\n\r\nFinal-Recipient: rfc822; ops@acme.example\r\nAction: failed\r\n"
        "Status: 5.1.1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: {sent.message_id}\r\n\r\nx\r\n--b--\r\n"
    )
    desk.mail(report.encode(), mail_from="thief@evil.example")
    assert len(desk.show(ref)["entries"]) == 3
    raw = mail(subject=f"[#{ref}]", sender="thief@evil.example", text="I am one of you.\n")
    assert desk.mail(raw, mail_from="thief@evil.example")["ticket"]["ref"] != ref


def test_a_bounce_finds_the_ticket_that_its_own_was_merged_into(desk: Sending):
    ref = opened(desk)
    by_staff(desk, "Pull the plug.\n")
    (sent,) = items(desk, "reply")
    other = desk.mail(mail(subject="Fax", sender="ops@acme.example"))["ticket"]["ref"]
    desk.call("tickets.merge", ref=ref, into=other)
    report = mail(
        subject="Undelivered Mail Returned to Sender", sender="MAILER-DAEMON@mx.example", Auto_Submitted="auto-replied",
        text=f"<ops@acme.example>: 550 5.1.1 unknown\n\n--- original message ---\n\nMessage-ID: {sent.message_id}\n",
    )  # fmt: skip
    desk.mail(report, mail_from="")
    assert (len(desk.show(other)["entries"]), desk.show(ref)["entries"]) == (4, [])


def with_files(desk: Sending, text: str, *files: tuple[str, str, bytes], **more: Any) -> Any:
    """An answer of staff to the notice, with files: name, type, bytes; the first letter of a name says how each hangs.

    `=name` is a picture shown inside, by the content id of its name.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = STAFF, "support@example.com", "Re: Look at this."
    message["Date"] = "Tue, 13 Jan 2026 16:00:00 +0000"
    message["Message-ID"], message["In-Reply-To"] = "<files@example.com>", notice(desk).message_id
    message.set_content(text)
    for name, kind, data in files:
        main, _, sub = kind.partition("/")
        inside = {"disposition": "inline", "cid": f"<{name[1:]}>"} if name.startswith("=") else {}
        message.add_attachment(data, main, sub, filename=name.lstrip("="), **inside)
    return desk.mail(message.as_bytes(), mail_from=STAFF, client_ip=GOOD_IP, **more)


def to_customer(desk: Sending) -> EmailMessage:
    """The one answer of staff that the customer has got."""
    (item,) = items(desk, "reply")
    assert desk.ended(item.id).state == "sent"
    (gone,) = [each for each in desk.smarthost.taken if item.message_id.encode() in each.raw]
    parsed = email.message_from_bytes(gone.raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_files_and_pictures_of_an_answer_go_along_and_what_only_signs_it_does_not(desk: Sending):
    ref = opened(desk)
    log, shot = b"line\n" * 1000, b"\x89PNG\r\n" + bytes(range(256)) * 40
    with_files(
        desk, "See [cid:shot.png] and the log.\n\n-- \nTech line [cid:logo.png]\n",
        ("log.txt", "application/octet-stream", log), ("=shot.png", "image/png", shot),
        ("=logo.png", "image/png", b"logo"), ("smime.p7s", "application/pkcs7-signature", b"signed"),
    )  # fmt: skip
    answer = to_customer(desk)
    assert [(each.get_filename(), each.get_payload(decode=True)) for each in answer.iter_attachments()] == [
        ("log.txt", log),
        ("shot.png", shot),
    ]
    assert str(answer.get_body(("plain",))).count("See [shot.png] and the log.") == 1
    entry = desk.show(ref)["entries"][-1]
    assert (entry["kind"], len(entry["attachments"])) == ("reply", 4)
    number = next(each["number"] for each in desk.call("tickets.files", ref=ref) if each["filename"] == "log.txt")
    assert desk.call("tickets.file", ref=ref, number=number)["size"] == len(log)


NOTICE_ATTACHED = b"Subject: [#1] A mail waits\r\n\r\nOnly staff may read this.\r\n"


@pytest.mark.parametrize(
    ("text", "file", "said"),
    [
        ("Pull the plug.\n", ("notice.eml", "application/octet-stream", NOTICE_ATTACHED), "notice.eml"),
        ("Pull the plug.\n", ("winmail.dat", "application/ms-tnef", b"x\x9f>\x22"), "winmail.dat"),
        ("\n", ("log.txt", "application/octet-stream", b"line"), "no words to the customer"),
    ],
)
def test_a_file_that_must_not_go_on_keeps_the_whole_mail_in_the_house(desk: Sending, text, file, said):
    ref = opened(desk)
    with_files(desk, text, file)
    assert items(desk, "reply") == []
    assert desk.show(ref)["entries"][-1]["kind"] == "note"
    assert said in items(desk, "notice")[-1].text


def test_the_notice_itself_attached_to_the_answer_never_reaches_the_customer(desk: Sending):
    ref = opened(desk)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = STAFF, "support@example.com", "Re: Look at this."
    message["Date"] = "Tue, 13 Jan 2026 16:00:00 +0000"
    message["Message-ID"], message["In-Reply-To"] = "<attached@example.com>", notice(desk).message_id
    message.set_content("Pull the plug.\n")
    message.add_attachment(email.message_from_bytes(NOTICE_ATTACHED, policy=email.policy.default))
    desk.mail(message.as_bytes(), mail_from=STAFF, client_ip=GOOD_IP)
    assert items(desk, "reply") == []
    assert desk.show(ref)["entries"][-1]["kind"] == "note"
    assert "cannot be sent on" in items(desk, "notice")[-1].text


def signed(body: bytes, protocol: str, signature: bytes) -> bytes:
    """A mail of staff as S/MIME or OpenPGP signs one (RFC 1847)."""
    return (
        b"From: " + STAFF.encode() + b"\r\nTo: support@example.com\r\nSubject: Re: Look at this.\r\n"
        b"Date: Tue, 13 Jan 2026 16:00:00 +0000\r\nMessage-ID: <signed@example.com>\r\nIn-Reply-To: NOTICE\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/signed; micalg=sha-256; boundary=s; protocol="'
        + protocol.encode() + b'"\r\n\r\n--s\r\nContent-Type: text/plain\r\n\r\n' + body
        + b"\r\n--s\r\nContent-Type: " + protocol.encode() + b'; name="smime.p7s"\r\n'
        b'Content-Disposition: attachment; filename="smime.p7s"\r\n\r\n' + signature + b"\r\n--s--\r\n"
    )  # fmt: skip


@pytest.mark.parametrize("protocol", ["application/pkcs7-signature", "application/pgp-signature"])
def test_a_signed_answer_of_staff_goes_on_without_its_signature(desk: Sending, protocol: str):
    opened(desk)
    raw = signed(b"Pull the plug.", protocol, b"MIIB").replace(b"NOTICE", notice(desk).message_id.encode())
    desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)
    answer = to_customer(desk)
    assert list(answer.iter_attachments()) == []
    assert "Pull the plug." in str(answer.get_body(("plain",)))


def test_an_answer_that_is_wrapped_in_its_signature_goes_on_with_its_files(desk: Sending, tmp_path: Path):
    opened(desk)
    inside = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
        "Pull the plug.\r\n--b\r\nContent-Type: application/pdf\r\n"
        "Content-Disposition: attachment; filename=how.pdf\r\n\r\n%PDF-1\r\n--b--\r\n"
    )
    made = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=engineer-1"
    subprocess.run(["openssl", *made.split()], cwd=tmp_path, check=True, capture_output=True)
    wrapped = "smime -sign -nodetach -signer cert.pem -inkey key.pem"
    raw = subprocess.run(
        ["openssl", *wrapped.split(), "-from", STAFF, "-to", "support@example.com", "-subject", "Re: Look at this."],
        cwd=tmp_path, check=True, capture_output=True, input=inside.encode(),
    ).stdout  # fmt: skip
    head = f"Message-ID: <wrapped@example.com>\nIn-Reply-To: {notice(desk).message_id}\n"
    desk.mail(head.encode() + raw, mail_from=STAFF, client_ip=GOOD_IP)
    answer = to_customer(desk)
    assert [each.get_filename() for each in answer.iter_attachments()] == ["how.pdf"]
    assert "Pull the plug." in str(answer.get_body(("plain",)))


def test_an_encrypted_answer_of_staff_is_a_note_and_its_author_hears_it(desk: Sending):
    ref = opened(desk)
    raw = (
        f"From: {STAFF}\r\nTo: support@example.com\r\nSubject: Re: Look at this.\r\nMIME-Version: 1.0\r\n"
        "Date: Tue, 13 Jan 2026 16:00:00 +0000\r\nMessage-ID: <sealed@example.com>\r\n"
        f"In-Reply-To: {notice(desk).message_id}\r\n"
        'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n"
    )
    desk.mail(raw.encode(), mail_from=STAFF, client_ip=GOOD_IP)
    assert items(desk, "reply") == []
    assert desk.show(ref)["entries"][-1]["kind"] == "note"
    assert "encrypted" in items(desk, "notice")[-1].text


def test_somebody_in_copy_of_an_answer_to_the_notice_does_not_keep_it_from_the_customer(desk: Sending):
    opened(desk)
    by_staff(desk, "Pull the plug.\n", Cc="vendor@parts.example")
    assert [each.to_address for each in items(desk, "reply")] == ["ops@acme.example", "vendor@parts.example"]
    assert items(desk, "reply")[0].cc == ("vendor@parts.example",)


def test_a_mail_of_staff_to_somebody_else_answers_no_customer_and_its_answer_finds_the_ticket(desk: Sending):
    ref = opened(desk)
    raw = mail(
        subject=f"A belt for [#{ref}]", text="Do you have one?\n", sender=STAFF, recipient="vendor@parts.example",
        Cc="support@example.com", Message_ID="<77@example.com>",
    )  # fmt: skip
    assert desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)["ticket"]["ref"] == ref
    ticket = desk.show(ref)
    assert (ticket["entries"][-1]["kind"], ticket["clocks"][0]["met_at"]) == ("reply", None)
    said = mail(subject="Re: A belt", sender="vendor@parts.example", In_Reply_To="<77@example.com>")
    assert desk.mail(said, mail_from="vendor@parts.example")["ticket"]["ref"] == ref


def test_an_answer_by_mail_waits_as_long_as_one_by_command_and_is_taken_back_with_its_commands(
    make_house: Callable[..., Sending], server: NameServer
):
    desk = make_house(rules=RULES, sections={**PEOPLE, "dns": {"nameservers": [server.address]}}, undo_seconds=3600)
    ref = opened(desk)
    by_staff(desk, "#status solved\n#tag heat\n#assign me\nToo soon.\n")
    assert (desk.show(ref)["status"], items(desk, "reply")[0].state) == ("solved", "queued")
    assert desk.show(ref)["tags"] == ["heat"]
    ticket = desk.call("tickets.undo", ref=ref)
    assert (ticket["tags"], ticket["assignee"]) == ([], None)
    assert (ticket["status"], ticket["entries"][-1]["kind"], ticket["clocks"][0]["met_at"]) == ("open", "note", None)
    assert items(desk, "reply")[0].state == "suppressed"


def test_a_note_by_mail_leaves_no_trace_in_the_thread_of_the_customer(desk: Sending):
    ref = opened(desk)
    by_staff(desk, "#note Rotten.\n", Message_ID="<inside@laptop.staff.example>")
    desk.call("tickets.reply", ref=ref, text="Pull the plug.")
    (item,) = items(desk, "reply")
    assert "laptop" not in " ".join(item.thread)
    desk.ended(item.id)
    assert not any(b"laptop.staff" in each.raw for each in desk.smarthost.taken)


@pytest.mark.parametrize("mark", ["> ", "", "| "])
def test_lines_of_the_notice_between_the_words_of_an_answer_stay_in_the_house(desk: Sending, mark: str):
    ref = opened(desk)
    line = next(each for each in notice(desk).text.splitlines() if "inboxd tickets show" in each)
    by_staff(desk, f"Hello,\n{mark}{line}\nI have seen it. Pull the plug.\n{mark}{line}\nBye.\n")
    assert items(desk, "reply") == []
    assert desk.show(ref)["entries"][-1]["kind"] == "note"
    assert "only staff were told" in items(desk, "notice")[-1].text


def test_a_notice_has_the_last_words_of_the_customer_and_nobody_else_s(desk: Sending):
    words = "The printer on the second floor burns.\nSee: {mark} <b>now</b>\n" + "".join(f"{n}\n" for n in range(60))
    raw = mail(subject="Printer", text=f"{words}\n\n-- \nOps", sender="ops@acme.example", Message_ID="<1@acme.example>")
    ref = str(desk.mail(raw)["ticket"]["ref"])
    told = notice(desk).text
    assert "\n\nSaid last:\n> The printer on the second floor burns.\n> See: {mark} <b>now</b>\n> 0\n" in told
    assert "\n> 37\n> […]\n\nWho that was, and how far it is proven:\n> [unverified] ops@acme.example is" in told
    # His own words between the answer's are no words of ours; a note is, and stands in no notice.
    by_staff(desk, "The printer on the second floor burns.\nPull the plug.\n")
    assert [each.to_address for each in items(desk, "reply")] == ["ops@acme.example"]
    desk.call("tickets.note", ref=ref, text="They never pay their bills.")
    by_staff(desk, "#prioritty urgent\nHello?\n")
    assert "They never pay" not in items(desk, "notice")[-1].text
    assert "> The printer on the second floor burns." in items(desk, "notice")[-1].text


DOUBT = "We suspect that the caller is not who he claims to be and tell him nothing of the account."
BROKEN = "We suspect that the caller is not who he\n{0}claims to be and tell him nothing of the account.\n"


@pytest.mark.parametrize("mark", ["", "ES} "])
def test_what_a_notice_says_stays_in_the_house_wherever_its_lines_are_broken(
    make_house: Callable[..., Sending], server: NameServer, mark: str
):
    rules = RULES.replace("Look at this.", DOUBT)
    desk = make_house(rules=rules, sections={**PEOPLE, "dns": {"nameservers": [server.address]}})
    ref = opened(desk)
    by_staff(desk, f"Pull the plug.\n{mark}{BROKEN.format(mark)}And wait.\n")
    assert items(desk, "reply") == []
    assert desk.show(ref)["entries"][-1]["kind"] == "note"


@pytest.mark.parametrize("covered", [False, True])
def test_whom_a_thief_puts_into_cc_of_a_signed_answer_of_staff_has_no_copy(desk: Sending, *, covered: bool):
    # He holds it back, and hands it in with himself in a field that its signature does not cover.
    ref = opened(desk)
    world = World(number=0, domain="example.com")
    raw = mail(
        subject="Re: Look at this.", text="Pull the plug.\n", sender=STAFF, Cc="thief@evil.example",
        In_Reply_To=notice(desk).message_id,
    )  # fmt: skip
    signed = world.sign(
        raw.replace(b"\n", b"\r\n"), names=(*COVERED, "cc") if covered else COVERED, at=datetime.now(UTC)
    )
    desk.mail(signed, mail_from="thief@evil.example", client_ip=EVIL_IP)
    to = ["ops@acme.example", "thief@evil.example"] if covered else []
    assert [each.to_address for each in items(desk, "reply")] == to
    assert desk.show(ref)["entries"][-1]["author"] == "engineer-1"


def test_whom_a_thief_puts_into_cc_of_what_staff_wrote_elsewhere_takes_no_part(desk: Sending):
    ref = opened(desk)
    raw = mail(
        subject="Re: Printer", text="I have pulled it.\n", sender=STAFF, In_Reply_To="<1@acme.example>",
        recipient="ops@acme.example, support@example.com", Cc="thief@evil.example",
    )  # fmt: skip
    signed = World(number=0, domain="example.com").sign(raw.replace(b"\n", b"\r\n"), at=datetime.now(UTC))
    assert desk.mail(signed, mail_from="thief@evil.example", client_ip=EVIL_IP)["ticket"]["ref"] == ref
    assert desk.show(ref)["entries"][-1]["kind"] == "reply"
    raw = mail(subject=f"[#{ref}]", sender="thief@evil.example", text="I am one of you.\n")
    assert desk.mail(raw, mail_from="thief@evil.example")["ticket"]["ref"] != ref


@pytest.mark.parametrize("covered", [False, True])
def test_who_hands_in_what_staff_wrote_to_him_as_an_answer_on_a_ticket_takes_no_part(desk: Sending, *, covered: bool):
    ref = opened(desk)
    raw = mail(
        subject="Your offer", text="We do not need it.\n", sender=STAFF, In_Reply_To="<1@acme.example>",
        recipient="thief@evil.example, support@example.com",
    )  # fmt: skip
    names = (*COVERED, "in-reply-to") if covered else COVERED
    signed = World(number=0, domain="example.com").sign(raw.replace(b"\n", b"\r\n"), names=names, at=datetime.now(UTC))
    assert desk.mail(signed, mail_from="thief@evil.example", client_ip=EVIL_IP)["ticket"]["ref"] == ref
    raw = mail(subject=f"[#{ref}]", sender="thief@evil.example", text="I am one of you.\n")
    assert (desk.mail(raw, mail_from="thief@evil.example")["ticket"]["ref"] == ref) is covered


def test_who_opens_a_ticket_under_the_id_of_a_customer_s_mail_has_nothing_that_staff_write_to_the_customer(
    desk: Sending,
):
    thief = mail(subject="x", sender="thief@evil.example", Message_ID="<1@acme.example>")
    own = desk.mail(thief, mail_from="thief@evil.example")["ticket"]["ref"]
    ref = opened(desk)
    raw = mail(
        subject="Re: Printer", text="I have pulled it.\n", sender=STAFF, In_Reply_To="<1@acme.example>",
        recipient="ops@acme.example", Cc="support@example.com", Message_ID="<99@example.com>",
    )  # fmt: skip
    assert desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)["ticket"]["ref"] == ref != own
    answer = mail(subject="Re: Printer", sender="ops@acme.example", In_Reply_To="<99@example.com>")
    assert desk.mail(answer)["ticket"]["ref"] == ref


def test_what_a_rule_has_told_the_customer_is_nothing_that_only_staff_were_told(
    make_house: Callable[..., Sending], server: NameServer
):
    rules = RULES.replace("notice: Look", "tell: how-to-get-access, notice: Look")
    desk = make_house(rules=rules, sections={**PEOPLE, "dns": {"nameservers": [server.address]}})
    opened(desk)
    told, asked = sorted(items(desk, "notice"), key=lambda each: each.to_address == STAFF)
    assert told.to_address == "ops@acme.example"
    line = max(told.text.splitlines(), key=len)
    text = f"As we wrote:\n{line}\nThat is all.\n"
    raw = mail(subject="Re: Look at this.", text=text, sender=STAFF, In_Reply_To=asked.message_id)
    desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)
    (reply,) = items(desk, "reply")
    assert reply.to_address == "ops@acme.example"


def test_what_the_notice_of_a_merged_ticket_says_stays_in_the_house(desk: Sending):
    ref = opened(desk)
    told = notice(desk)
    raw = mail(subject="Paper", text="There is none.\n", sender="ops@acme.example", Message_ID="<2@acme.example>")
    into = str(desk.mail(raw)["ticket"]["ref"])
    desk.call("tickets.merge", ref=ref, into=into)
    text = f"Pull the plug.\nTo see all of it: inboxd tickets show {ref}\nAnd wait.\n"
    raw = mail(subject="Re: Look at this.", text=text, sender=STAFF, In_Reply_To=told.message_id)
    assert desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)["ticket"]["ref"] == into
    assert items(desk, "reply") == []


def test_what_the_customer_has_written_may_stand_in_an_answer_though_the_notice_says_it_too(
    make_house: Callable[..., Sending], server: NameServer
):
    rules = RULES.replace("Look at this.", DOUBT)
    desk = make_house(rules=rules, sections={**PEOPLE, "dns": {"nameservers": [server.address]}})
    desk.mail(mail(subject="Who?", text=DOUBT, sender="ops@acme.example"))
    by_staff(desk, f"You write:\n{BROKEN.format('')}So be it.\n", In_Reply_To=notice(desk).message_id)
    (item,) = items(desk, "reply")
    assert "So be it." in item.text


def test_a_mail_of_staff_that_comes_twice_with_something_written_into_one_copy_is_sent_on_once(desk: Sending):
    ref = opened(desk)
    by_staff(desk, "Pull the plug.\n", Message_ID="<77@example.com>")
    by_staff(desk, "#status closed\n[EXTERNAL]\n\nPull the plug.\n", Message_ID="<77@example.com>")
    (item,) = items(desk, "reply")
    assert item.text.startswith("Pull the plug.")
    ticket = desk.show(ref)
    assert (ticket["status"], [each["kind"] for each in ticket["entries"]]) == ("open", ["email", "reply", "note"])
    assert "that copy is the answer" in items(desk, "notice")[-1].text


def internal(desk: Sending, ref: str) -> str:
    """What the author was told when a mail of his became a note; "" where he was told nothing."""
    before = items(desk, "reply")
    assert before == []
    assert desk.show(ref)["entries"][-1]["kind"] == "note"
    return "".join(each.text for each in items(desk, "notice")[1:])


@pytest.mark.parametrize(
    ("headers", "text", "said"),
    [
        ({"recipient": "engineer-2@example.com", "Cc": "support@example.com"}, "Can you take it? He is mad.\n", ""),
        ({"Cc": "engineer-2@example.com"}, "He is mad.\n", "written to engineer-2@example.com as well"),
        ({"In_Reply_To": "", "subject": "[#REF] tomorrow"}, "Call them tomorrow.\n", "answers no mail"),
        ({}, "-- \nEngineer One\n+1 555 0100\n", "or a signature"),
    ],
    ids=["to a colleague", "a colleague in copy", "no answer", "a signature alone"],
)
def test_what_staff_say_among_themselves_stays_among_them(make_house, server: NameServer, headers, text, said):
    second = {"name": "engineer-2", "login": "eng2", "addresses": ["engineer-2@example.com"]}
    people = {"staff": [*PEOPLE["staff"], second], "dns": {"nameservers": [server.address]}}
    desk = make_house(rules=RULES, sections=people)
    ref = opened(desk)
    given = {"subject": f"Re: [#{ref}] Look", "In_Reply_To": notice(desk).message_id, **headers}
    given = {name: value.replace("REF", ref) for name, value in given.items() if value}
    desk.mail(mail(text=text, sender=STAFF, **given), mail_from=STAFF, client_ip=GOOD_IP)
    told = internal(desk, ref)
    assert said in told
    assert bool(told) == bool(said)


def test_a_notice_that_staff_send_on_to_the_desk_is_a_note_and_no_ticket_of_the_desk_s_own(desk: Sending):
    ref = opened(desk)
    asked = notice(desk)
    text = (
        "See below.\n\n---------- Forwarded message ---------\nFrom: Support <support@example.com>\nDate: Monday\n"
        f"Subject: {asked.subject}\nTo: <{STAFF}>\n\n{asked.text}"
    )
    raw = mail(subject=f"Fwd: {asked.subject}", text=text, sender=STAFF)
    assert desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)["ticket"]["ref"] == ref
    assert "sends a mail on" in internal(desk, ref)


def test_what_staff_ask_the_desk_for_themselves_is_a_customer_s_word_and_not_sent_back_to_them(desk: Sending):
    def mine(subject: str, text: str) -> Any:
        return desk.mail(mail(subject=subject, text=text, sender=STAFF), mail_from=STAFF, client_ip=GOOD_IP)

    ref = mine("My chair", "It is broken.\n")["ticket"]["ref"]
    desk.call("tickets.set", ref=ref, status="solved")
    assert mine(f"Re: [#{ref}] My chair", "It is broken again.\n")["ticket"]["ref"] == ref
    ticket = desk.show(ref)
    assert [(each["kind"], each["author"]) for each in ticket["entries"]] == [("email", STAFF), ("email", STAFF)]
    assert (ticket["status"], items(desk, "reply")) == ("open", [])
    # What they command there is obeyed, and goes to nobody.
    mine(f"Re: [#{ref}] My chair", "#status solved\nI have another one.\n")
    ticket = desk.show(ref)
    assert (ticket["status"], ticket["entries"][-1]["kind"], items(desk, "reply")) == ("solved", "note", [])


def test_who_is_named_twice_in_copy_gets_one_mail(desk: Sending):
    opened(desk)
    by_staff(desk, "Pull the plug.\n", Cc="boss@elsewhere.example, Boss@Elsewhere.example")
    assert sorted(each.to_address.lower() for each in items(desk, "reply")) == [
        "boss@elsewhere.example",
        "ops@acme.example",
    ]


def test_who_works_on_a_ticket_is_told_that_the_customer_has_written_again_and_can_answer_that(desk: Sending):
    ref = opened(desk)
    by_staff(desk, "Pull the plug.\n")
    desk.mail(mail(subject=f"Re: {ref}", text="It burns on.\n", sender="ops@acme.example"), client_ip=GOOD_IP)
    first, told = items(desk, "notice")
    assert (first.to_address, told.to_address) == (STAFF, STAFF)
    assert "ops@acme.example has written again." in told.text
    assert "> It burns on." in told.text
    raw = mail(subject="Re: it", text="Water, then.\n", sender=STAFF, In_Reply_To=told.message_id)
    desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)
    assert desk.show(ref)["entries"][-1]["text"] == "Water, then."
    assert len(items(desk, "notice")) == 2


@pytest.mark.parametrize(
    ("assignee", "headers", "told"),
    [
        ("engineer-1", {}, 1),
        (None, {}, 0),  # nobody has it in hand: the queue was told when it was opened
        ("somebody", {}, 0),
        ("engineer-1", {"Auto_Submitted": "auto-replied"}, 0),
    ],
)
def test_only_who_has_a_ticket_in_hand_hears_of_a_person_s_mail(
    desk: Sending, assignee: str | None, headers: dict[str, str], told: int
):
    ref = opened(desk)
    if assignee is not None:
        desk.call("tickets.set", ref=ref, assignee=assignee)
    desk.mail(mail(subject=f"Re: {ref}", text="It burns on.\n", sender="ops@acme.example", **headers))
    assert len(desk.show(ref)["entries"]) == 2
    assert len(items(desk, "notice")) == 1 + told
