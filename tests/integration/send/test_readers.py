"""Who reads an answer: who asked, and those whom they, proven, or staff have brought in. Nobody by his own doing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.harness.dns import NameServer
from tests.harness.mails import mail
from tests.integration.send.conftest import PEOPLE, STAFF, Sending, items
from tests.integration.send.test_staff_mail import RULES
from tests.plugins.dns import need_name_server
from tests.trust.world import EVIL_IP, GOOD_IP

ASKED, BOSS, CLERK, SUPPLIER = "ops@acme.example", "boss@acme.example", "clerk@acme.example", "parts@supplier.example"
CONTACTS = [{"name": name, "addresses": [f"{name}@acme.example"], "authorized": True} for name in ("ops", "clerk")]
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


def test_who_answers_by_mail_says_in_the_first_line_that_nobody_else_reads_it(desk: Sending):
    write(desk, ASKED, 1, Cc=BOSS)
    (notice,) = items(desk, "notice")
    assert f"A copy of it goes to {BOSS}" in notice.text
    for number, (text, readers) in enumerate((("#alone\nYour word is x.\n", [ASKED]), ("It is on.\n", [ASKED, BOSS]))):
        raw = mail(
            subject="Re: Look at this.", text=text, sender=STAFF, In_Reply_To=notice.message_id,
            Message_ID=f"<staff-{number}@example.com>",
        )  # fmt: skip
        desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)
        assert list(told(desk)) == readers


def test_a_circular_is_answered_to_who_sent_it(desk: Sending):
    ref = write(desk, ASKED, 1, Cc=", ".join(f"reader-{number}@acme.example" for number in range(40)))
    assert reply(desk, ref) == [ASKED]


def test_an_address_that_nobody_can_write_to_holds_no_answer_up(desk: Sending):
    ref = write(desk, ASKED, 1, Cc=f'"odd one"@acme.example, {BOSS}')
    assert reply(desk, ref) == [ASKED, BOSS]
