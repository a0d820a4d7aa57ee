"""Who reads an answer: who asked, and those whom they, proven, or staff have brought in. Nobody by his own doing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from store.outbox import OutboxItem
from tests.harness.dns import NameServer
from tests.harness.mails import mail
from tests.integration.send.conftest import PEOPLE, STAFF, Sending, items
from tests.integration.send.test_staff_mail import RULES
from tests.plugins.dns import need_name_server
from tests.trust.world import EVIL_IP, GOOD_IP

ASKED, BOSS, CLERK, GUEST = (f"{name}@acme.example" for name in ("ops", "boss", "clerk", "guest"))
SUPPLIER = "parts@supplier.example"
MAY = {"ops": True, "clerk": True, "guest": False}
CONTACTS = [{"name": name, "addresses": [f"{name}@acme.example"], "authorized": may} for name, may in MAY.items()]
ACCOUNTS = {"accounts": [{"id": "acme", "name": "Acme", "contacts": CONTACTS}]}


@pytest.fixture(scope="module")
def proving() -> Iterator[NameServer]:
    """The name server of everybody's domain: what comes from the right machine is proven."""
    need_name_server()
    domains = ("example.com", "acme.example", "supplier.example", "evil.example")
    with NameServer.running({each: [f'TXT "v=spf1 ip4:{GOOD_IP} -all"'] for each in domains}) as running:
        yield running


@pytest.fixture
def desk(make_house: Callable[..., Sending], proving: NameServer) -> Sending:
    return make_house(rules=RULES, accounts=ACCOUNTS, sections={**PEOPLE, "dns": {"nameservers": [proving.address]}})


def write(desk: Sending, sender: str, number: int, *, ip: str = GOOD_IP, **headers: str) -> str:
    headers.setdefault("subject", "Printer")
    raw = mail(sender=sender, text=f"word{number}\n", Message_ID=f"<{number}@acme.example>", **headers)
    return str(desk.mail(raw, mail_from=sender, client_ip=ip)["ticket"]["ref"])


def told(desk: Sending) -> dict[str, Any]:
    """Give the readers of an answer that was just written, with the words that each finds quoted."""
    last = max(each.entry_id or 0 for each in items(desk, "reply"))
    return {each.to_address: each.text for each in items(desk, "reply") if each.entry_id == last}


def reply(desk: Sending, ref: str, **more: Any) -> list[str]:
    desk.call("tickets.reply", ref=ref, text="Pull the plug.", **more)
    return list(told(desk))


def test_who_was_in_copy_of_a_proven_question_is_in_copy_of_the_answer(desk: Sending):
    ref = write(desk, ASKED, 1, Cc=f"{BOSS}, support@example.com, {STAFF}")
    assert reply(desk, ref) == [ASKED, BOSS]
    assert reply(desk, ref) == [ASKED, BOSS], "a second answer to the same"
    assert reply(desk, ref, alone=True) == [ASKED]
    assert reply(desk, ref, alone=True, cc=[CLERK]) == [ASKED, CLERK]
    write(desk, ASKED, 2, subject=f"Re: Printer [#{ref}]")
    assert reply(desk, ref) == [ASKED], "the copy was left out by who asks"


def test_who_forges_a_question_puts_nobody_in_copy(desk: Sending):
    ref = write(desk, ASKED, 1)
    forged = write(desk, ASKED, 2, ip=EVIL_IP, subject=f"Re: Printer [#{ref}]", Cc="thief@evil.example")
    assert reply(desk, forged) == [ASKED]
    write(desk, "thief@evil.example", 3, subject=f"Re: Printer [#{ref}]")
    assert reply(desk, ref) == [ASKED]


@pytest.mark.parametrize("late", [False, True], ids=["at once", "by a second copy"])
def test_whom_a_thief_lets_somebody_else_write_to_is_not_brought_into_the_ticket(desk: Sending, *, late: bool):
    # "Lunch?", under the ticket's reference, with the desk in copy: the answer to all is proven, and names the thief.
    ref = write(desk, ASKED, 1, Cc=BOSS)
    reply(desk, ref)
    thief, bait = "thief@evil.example", {"References": "<bait@evil.example>", "In_Reply_To": "<bait@evil.example>"}
    to = {"recipient": f"{thief}, {BOSS}", "Cc": "support@example.com", "subject": f"Re: [#{ref}] Lunch?"}
    for ip in (EVIL_IP, GOOD_IP) if late else (GOOD_IP,):
        assert write(desk, ASKED, 2, ip=ip, **to, **bait) == ref
    entry = desk.show(ref)["entries"][-1]
    assert entry["authentication"]["verdict"] == "authenticated"
    assert late or any("takes no part by that" in (each["why"] or "") for each in desk.show(ref)["events"])
    assert reply(desk, ref) == [ASKED, BOSS], "who reads along already goes on"
    assert write(desk, thief, 3, subject=f"Re: Printer [#{ref}]") != ref
    answered = items(desk, "reply")[0].message_id
    write(desk, ASKED, 4, subject=f"Re: Printer [#{ref}]", Cc=SUPPLIER, In_Reply_To=answered)
    assert reply(desk, ref) == [ASKED, SUPPLIER], "who answers us means the ticket"


def test_who_came_by_himself_reads_no_answer_until_staff_let_him(desk: Sending):
    ref = write(desk, ASKED, 1)
    assert write(desk, CLERK, 2, subject=f"Re: Printer [#{ref}]") == ref
    assert reply(desk, ref) == [ASKED]
    write(desk, CLERK, 3, subject=f"Re: Printer [#{ref}]")
    notice = items(desk, "notice")[-1].text
    assert f"No copy goes to {CLERK}" in notice
    assert reply(desk, ref, cc=[CLERK]) == [ASKED, CLERK]
    assert reply(desk, ref) == [ASKED], "he has his answer"
    write(desk, CLERK, 4, subject=f"Re: Printer [#{ref}]")
    notice = items(desk, "notice")[-1].text
    assert (f"A copy of it goes to {CLERK}" in notice, "No copy goes" in notice) == (True, False)
    assert reply(desk, ref) == [ASKED, CLERK]


def test_whom_staff_wrote_to_without_the_customer_reads_nothing_that_the_customer_is_told(desk: Sending):
    ref = write(desk, ASKED, 1)
    raw = mail(
        subject=f"Parts [#{ref}]", text="What is it?\n", sender=STAFF, recipient=SUPPLIER, Cc="support@example.com"
    )
    desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)
    assert write(desk, SUPPLIER, 2, subject=f"Re: Parts [#{ref}]") == ref
    assert reply(desk, ref) == [ASKED]


def test_who_asked_on_a_ticket_that_was_merged_has_the_answer_too_and_nobody_else_s_words(desk: Sending):
    one, two, three = write(desk, CLERK, 1), write(desk, ASKED, 2), write(desk, "thief@evil.example", 3)
    for gone in (one, three):
        desk.call("tickets.merge", ref=gone, into=two)
    assert reply(desk, two) == [ASKED, CLERK]
    assert [("word1" in text, "word2" in text) for text in told(desk).values()] == [(False, True), (True, False)]
    assert reply(desk, two) == [ASKED]


def test_whom_who_asks_has_left_out_does_not_come_in_again_by_writing_himself(desk: Sending):
    ref = write(desk, ASKED, 1, Cc=BOSS)
    assert reply(desk, ref) == [ASKED, BOSS]
    write(desk, ASKED, 2, subject=f"Re: Printer [#{ref}]")  # "He has left us; what is the new password?"
    write(desk, BOSS, 3, subject=f"Re: Printer [#{ref}]")
    assert reply(desk, ref) == [ASKED]
    write(desk, ASKED, 4, ip=EVIL_IP, subject=f"Re: Printer [#{ref}]", Cc=BOSS)
    write(desk, BOSS, 5, subject=f"Re: Printer [#{ref}]")
    assert reply(desk, ref) == [ASKED], "a forged mail lets nobody in again"


def test_who_is_in_copy_by_staff_and_kept_by_a_mail_that_nothing_proves_stays_in(desk: Sending):
    ref = write(desk, ASKED, 1)
    assert reply(desk, ref, cc=[CLERK]) == [ASKED, CLERK]
    write(desk, ASKED, 2, ip=EVIL_IP, subject=f"Re: Printer [#{ref}]", Cc=CLERK)
    write(desk, CLERK, 3, subject=f"Re: Printer [#{ref}]")
    assert reply(desk, ref) == [ASKED, CLERK]


def test_a_note_of_absence_chooses_no_readers_and_waits_for_no_answer(desk: Sending):
    ref = write(desk, ASKED, 1, Cc=BOSS)
    assert reply(desk, ref) == [ASKED, BOSS]
    for number, who in enumerate((ASKED, CLERK), start=2):
        write(desk, who, number, subject=f"Re: Printer [#{ref}]", Auto_Submitted="auto-replied")
    assert reply(desk, ref) == [ASKED, BOSS]
    write(desk, ASKED, 4, subject=f"Re: Printer [#{ref}]")
    assert "opy" not in items(desk, "notice")[-1].text


@pytest.mark.parametrize(("text", "readers"), [("back on Monday.", [ASKED, BOSS]), ("what is the word?", [ASKED])])
def test_a_note_of_absence_without_a_mark_takes_no_copy_away(desk: Sending, text: str, readers: list[str]):
    ref = write(desk, ASKED, 1, Cc=BOSS)
    assert reply(desk, ref) == [ASKED, BOSS]
    raw = mail(subject=f"Re: Printer [#{ref}]", text=f"I am out of the office, {text}\n", sender=ASKED)
    assert desk.mail(raw, mail_from=ASKED, client_ip=GOOD_IP)["ticket"]["ref"] == ref
    assert reply(desk, ref) == readers


def test_who_may_not_ask_for_the_account_is_let_in_by_no_merge(desk: Sending):
    one, two = write(desk, GUEST, 1), write(desk, ASKED, 2)
    desk.call("tickets.merge", ref=one, into=two)
    assert reply(desk, two) == [ASKED]


def test_a_split_that_is_undone_lets_nobody_in(desk: Sending):
    ref = write(desk, ASKED, 1)
    write(desk, CLERK, 2, subject=f"Re: Printer [#{ref}]")
    own = desk.call("tickets.split", ref=ref, entry=2)["ref"]
    desk.call("tickets.undo", ref=own)
    assert reply(desk, ref) == [ASKED]


def test_where_another_server_s_word_on_a_signature_is_all_the_proof_it_says_nothing_of_the_readers(
    make_house: Callable[..., Sending], tmp_path: Path
):
    # Who holds a signed mail back hands it in with himself in To and Cc; the server's own remark above the text has
    # broken the signature since, so nobody can see any more what it covered.
    (tmp_path / "password").write_text("secret")
    box = {"name": "support", "host": "127.0.0.1", "user": "support@example.com", "authserv_id": "mx.example.com"}
    sections = {**PEOPLE, "imap": [{**box, "password_file": str(tmp_path / "password")}]}
    desk = make_house(rules=RULES, accounts=ACCOUNTS, sections=sections)

    def pulled(number: int, found: str) -> list[str]:
        raw = mail(sender=ASKED, recipient="support@example.com, thief@evil.example", Cc=BOSS, text=f"word{number}\n")
        results = f"Authentication-Results: mx.example.com; {found}; dmarc=pass header.from=acme.example\n"
        top = f"{results}Received: from x by mx.example.com; Tue, 13 Jan 2026 16:00:00 +0000\n"
        raw = raw.replace(b"Tue, 13 Jan 2026 16:00:00 +0000", format_datetime(datetime.now(UTC)).encode())
        ticket = desk.mail(top.encode() + raw, mailbox="support", mail_from=None, rcpt_tos=[])["ticket"]
        assert ticket["authentication"]["method"] == "authentication-results"
        return reply(desk, ticket["ref"])

    assert pulled(1, "dkim=pass header.d=acme.example") == [ASKED]
    # Where the author's own server has handed it over nobody else has written in it.
    assert pulled(2, f"spf=pass smtp.mailfrom={ASKED}") == [ASKED, "thief@evil.example", BOSS]


def test_who_answers_by_mail_says_in_the_first_line_that_nobody_else_reads_it(desk: Sending):
    write(desk, ASKED, 1, Cc=BOSS)
    (notice,) = items(desk, "notice")
    assert f"A copy of it goes to {BOSS}" in notice.text
    for number, (text, readers) in enumerate((("#alone\nYour word is x.\n", [ASKED]), ("It is on.\n", [ASKED, BOSS]))):
        by_mail(desk, notice, number, text)
        assert list(told(desk)) == readers
    assert len(items(desk, "notice")) == 1


def by_mail(desk: Sending, notice: OutboxItem, number: int, text: str = "It is on.\n", **headers: str) -> None:
    raw = mail(
        subject="Re: Look at this.", text=text, sender=STAFF, In_Reply_To=notice.message_id,
        Message_ID=f"<staff-{number}@example.com>", **headers,
    )  # fmt: skip
    assert desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)["status"] == "threaded"


def test_who_is_in_copy_since_the_notice_that_is_answered_reads_nothing_that_was_not_written_for_him(desk: Sending):
    # The customer's second mail, with the word in it that would have warned the engineer, is in nobody's hands yet.
    ref = write(desk, ASKED, 1, Cc=BOSS)
    (notice,) = items(desk, "notice")
    write(desk, ASKED, 2, subject=f"Re: Printer [#{ref}]", Cc=f"{BOSS}, {CLERK}, {SUPPLIER}")
    by_mail(desk, notice, 1, Cc=SUPPLIER)
    assert list(told(desk)) == [ASKED, SUPPLIER, BOSS]
    (_, said) = items(desk, "notice")
    assert said.to_address == STAFF
    assert f"No copy of your answer went to {CLERK}:" in said.text
    # Now he knows.
    by_mail(desk, said, 2)
    assert list(told(desk)) == [ASKED, BOSS, CLERK, SUPPLIER]
    assert len(items(desk, "notice")) == 2


def test_whom_a_colleague_lets_in_after_the_notice_said_that_no_copy_goes_there_reads_none(desk: Sending):
    ref = write(desk, ASKED, 1)
    desk.call("tickets.set", ref=ref, assignee="engineer-1")
    write(desk, CLERK, 2, subject=f"Re: Printer [#{ref}]")
    notice = items(desk, "notice")[-1]
    assert reply(desk, ref, actor="eng2", cc=[CLERK]) == [ASKED, CLERK]
    write(desk, CLERK, 3, subject=f"Re: Printer [#{ref}]")
    by_mail(desk, notice, 1)
    assert list(told(desk)) == [ASKED]
    assert any(f"No copy of your answer went to {CLERK}:" in each.text for each in items(desk, "notice"))


def test_whom_a_notice_leaves_out_and_a_later_proof_lets_in_does_not_read_the_answer_to_it(desk: Sending):
    ref = write(desk, ASKED, 1)
    desk.call("tickets.set", ref=ref, assignee="engineer-1")
    write(desk, CLERK, 2, subject=f"Re: Printer [#{ref}]")
    notice = items(desk, "notice")[-1]
    again = {"subject": f"Re: Printer [#{ref}]", "In_Reply_To": "<1@acme.example>", "Cc": CLERK}
    for ip in (EVIL_IP, GOOD_IP):
        assert write(desk, ASKED, 3, ip=ip, **again) == ref
        if ip == EVIL_IP:
            notice = items(desk, "notice")[-1]
            assert f"No copy goes to {CLERK}" in notice.text
    assert desk.call("tickets.audience", ref=ref)["in_copy"] == [CLERK]
    by_mail(desk, notice, 1)
    assert list(told(desk)) == [ASKED]
    assert f"No copy of your answer went to {CLERK}:" in items(desk, "notice")[-1].text


@pytest.mark.parametrize("asked_too", [False, True])
def test_who_asked_as_well_and_is_put_in_cc_as_the_notice_says_does_not_get_it_in_the_place_of_who_asked(
    desk: Sending, *, asked_too: bool
):
    ref = write(desk, ASKED, 1)
    desk.call("tickets.set", ref=ref, assignee="engineer-1")
    write(desk, CLERK, 2, subject=f"Re: Printer [#{ref}]")
    notice = items(desk, "notice")[-1]
    assert f"No copy goes to {CLERK}, who asked as well: put them in Cc" in notice.text
    by_mail(desk, notice, 1, Cc=f"{CLERK}, {ASKED}" if asked_too else CLERK)
    # Where who asked is in Cc he has it from the engineer's own mail program.
    assert [each.to_address for each in items(desk, "reply")] == ([] if asked_too else [ASKED, CLERK])
    assert desk.show(ref)["entries"][-1]["kind"] == "reply"


def test_where_the_desk_s_own_words_name_no_readers_an_answer_by_mail_has_no_copies(
    make_house: Callable[..., Sending], proving: NameServer, tmp_path: Path
):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "notice.yaml").write_text('en: {subject: "{mark} {headline}", body: "{what}"}')
    sections = {**PEOPLE, "dns": {"nameservers": [proving.address]}, "templates": {"folder": "texts"}}
    desk = make_house(rules=RULES, accounts=ACCOUNTS, sections=sections)
    write(desk, ASKED, 1, Cc=BOSS)
    by_mail(desk, items(desk, "notice")[0], 1)
    assert list(told(desk)) == [ASKED]
    assert f"No copy of your answer went to {BOSS}:" in items(desk, "notice")[-1].text


def test_a_ticket_says_who_would_read_an_answer(desk: Sending):
    ref = write(desk, ASKED, 1, Cc=BOSS)
    write(desk, CLERK, 2, subject=f"Re: Printer [#{ref}]")
    known = {"to": ASKED, "in_copy": [BOSS]}
    assert desk.call("tickets.audience", ref=ref) == {**known, "left_out": [CLERK], "answered_by": None}
    desk.call("tickets.reply", ref=ref, text="Pull it.", cc=[CLERK])
    assert desk.call("tickets.audience", ref=ref) == {**known, "left_out": [], "answered_by": "engineer-1"}
    nobody = write(desk, "odd name@acme.example", 3)
    assert desk.show(nobody)["requester"]["address"] is None
    assert desk.call("tickets.audience", ref=nobody) is None


def test_a_copy_that_no_server_takes_is_told_as_a_copy(desk: Sending):
    ref = write(desk, ASKED, 1, Cc=BOSS)
    desk.wait(lambda: len(desk.smarthost.taken) == 2, what="the receipt and the notice sent")
    desk.smarthost.answer("RCPT", *["550 5.1.1 no such user"] * 2)
    reply(desk, ref)
    desk.wait(lambda: len(items(desk, "notice")) == 3, what="both told")
    said = "".join(each.text for each in items(desk, "notice"))
    assert f"The reply did not arrive: to {ASKED}, " in said
    assert f"A copy of the reply did not arrive: to {BOSS}, " in said


def test_a_circular_is_answered_to_who_sent_it(desk: Sending):
    ref = write(desk, ASKED, 1, Cc=", ".join(f"reader-{number}@acme.example" for number in range(40)))
    assert reply(desk, ref) == [ASKED]


def test_a_storm_of_answers_to_all_is_answered_to_who_asks(desk: Sending):
    crowd = [f"reader-{number}@acme.example" for number in range(22)]
    ref = write(desk, ASKED, 1, Cc=", ".join(crowd))
    for number, who in enumerate(crowd, start=2):
        assert write(desk, who, number, subject=f"Re: Printer [#{ref}]") == ref
    assert reply(desk, ref) == [ASKED]


def test_an_address_that_nobody_can_write_to_holds_no_answer_up(desk: Sending):
    ref = write(desk, ASKED, 1, Cc=f'"odd one"@acme.example, {BOSS}')
    assert reply(desk, ref) == [ASKED, BOSS]
