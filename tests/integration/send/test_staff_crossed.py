"""Two of staff who answer one customer at once: both answers go out, and both authors hear of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from store.outbox import OutboxItem
from tests.harness.dns import NameServer
from tests.harness.mails import mail
from tests.integration.send.conftest import Sending, items
from tests.integration.send.test_staff_mail import RULES, opened
from tests.trust.world import GOOD_IP

FIRST, SECOND = "engineer-1@example.com", "engineer-2@example.com"


def person(name: str, **more: Any) -> dict[str, Any]:
    own = {"name": name, "login": name, "addresses": [f"{name}@example.com"], "queues": ["tech"], "notify": True}
    return own | more


@pytest.fixture
def desk(make_house: Callable[..., Sending], server: NameServer) -> Sending:
    staff = [person("engineer-1"), person("engineer-2")]
    return make_house(rules=RULES, sections={"staff": staff, "dns": {"nameservers": [server.address]}})


def answer(desk: Sending, sender: str, notice: OutboxItem, text: str = "Pull the plug.\n") -> Any:
    raw = mail(subject="Re: Look at this.", text=text, sender=sender, In_Reply_To=notice.message_id)
    return desk.mail(raw, mail_from=sender, client_ip=GOOD_IP)


def told(desk: Sending, address: str) -> list[OutboxItem]:
    return [each for each in items(desk, "notice") if each.to_address == address]


def test_who_answers_by_a_notice_older_than_a_colleague_s_answer_hears_of_it_and_so_does_the_colleague(desk: Sending):
    ref = opened(desk)
    answer(desk, FIRST, told(desk, FIRST)[0])
    assert (len(told(desk, FIRST)), len(told(desk, SECOND))) == (1, 1)
    answer(desk, SECOND, told(desk, SECOND)[0], "Leave the plug in.\n")
    assert [each.text.splitlines()[0] for each in items(desk, "reply")] == ["Pull the plug.", "Leave the plug in."]
    for address in (FIRST, SECOND):
        notice = told(desk, address)[-1]
        said = f"{notice.subject} {notice.text}"
        assert all(each in said for each in ("two answers", "engineer-1's", "engineer-2's", ref)), said
    assert len(items(desk, "notice")) == 4


def test_who_knows_of_the_colleague_s_answer_is_told_nothing(desk: Sending):
    ref = opened(desk)
    answer(desk, FIRST, told(desk, FIRST)[0])
    answer(desk, SECOND, told(desk, SECOND)[0])
    before = len(items(desk, "notice"))
    # The notice that two went out is newer than both answers; and an author's own further words cross nobody's.
    answer(desk, SECOND, told(desk, SECOND)[-1], "Leave the plug in.\n")
    answer(desk, SECOND, told(desk, SECOND)[0], "And call us.\n")
    assert (len(items(desk, "reply")), len(items(desk, "notice"))) == (4, before)
    desk.mail(mail(subject=f"Re: {ref}", text="Which one?\n", sender="ops@acme.example", Message_ID="<2@acme.example>"))
    answer(desk, SECOND, told(desk, SECOND)[-1], "The black one.\n")
    assert not any("two answers" in each.text for each in items(desk, "notice")[before:])


def test_a_command_s_answer_counts_as_well(desk: Sending):
    ref = opened(desk)
    desk.call("tickets.reply", ref=ref, text="Pull the plug.", actor="engineer-1")
    answer(desk, SECOND, told(desk, SECOND)[0], "Leave the plug in.\n")
    assert "two answers" in told(desk, FIRST)[-1].text
    assert "two answers" in told(desk, SECOND)[-1].text


def test_what_a_colleague_has_asked_a_supplier_is_no_answer_to_the_customer(desk: Sending):
    ref = opened(desk)
    raw = mail(
        subject=f"Parts [#{ref}]", text="What is it?\n", sender=FIRST, recipient="parts@supplier.example",
        Cc="support@example.com",
    )  # fmt: skip
    desk.mail(raw, mail_from=FIRST, client_ip=GOOD_IP)
    assert desk.show(ref)["entries"][-1]["kind"] == "reply"
    assert desk.call("tickets.audience", ref=ref)["answered_by"] is None
    answer(desk, SECOND, told(desk, SECOND)[0], "Leave the plug in.\n")
    assert [each.to_address for each in items(desk, "reply")] == ["ops@acme.example"]
    assert (len(told(desk, FIRST)), len(told(desk, SECOND))) == (1, 1)
    absence = mail(subject=f"Re: [#{ref}]", sender="ops@acme.example", text="Away.\n", Auto_Submitted="auto-replied")
    desk.mail(absence)
    assert desk.call("tickets.audience", ref=ref)["answered_by"] == "engineer-2"
    desk.mail(mail(subject=f"Re: [#{ref}]", sender="ops@acme.example", text="And now?\n"))
    assert desk.call("tickets.audience", ref=ref)["answered_by"] is None


def test_two_robots_that_answer_whatever_they_are_told_come_to_an_end(desk: Sending):
    opened(desk)
    for _ in range(8):
        for address in (FIRST, SECOND):
            answer(desk, address, told(desk, address)[-1], "We have received your message.\n")
    assert len(items(desk, "notice")) < 30


def test_who_takes_no_notices_gets_none(make_house: Callable[..., Sending], server: NameServer):
    staff = [person("engineer-1", notify=False), person("engineer-2")]
    desk = make_house(rules=RULES, sections={"staff": staff, "dns": {"nameservers": [server.address]}})
    ref = opened(desk)
    desk.call("tickets.reply", ref=ref, text="Pull the plug.", actor="engineer-1")
    answer(desk, SECOND, told(desk, SECOND)[0], "Leave the plug in.\n")
    assert (told(desk, FIRST), len(told(desk, SECOND))) == ([], 2)


def test_an_answer_written_elsewhere_crosses_one_of_ours_and_one_that_knows_of_it_does_not(desk: Sending):
    ref = opened(desk)
    answer(desk, FIRST, told(desk, FIRST)[0])
    ours = items(desk, "reply")[0].message_id

    def elsewhere(number: int, answered: str) -> None:
        raw = mail(
            subject="Re: Printer", text="Leave the plug in.\n", sender=SECOND, recipient="ops@acme.example",
            Cc="support@example.com", In_Reply_To=answered, Message_ID=f"<{number}@laptop.example>",
        )  # fmt: skip
        assert desk.mail(raw, mail_from=SECOND, client_ip=GOOD_IP)["ticket"]["ref"] == ref

    elsewhere(1, ours)
    assert len(items(desk, "notice")) == 2
    desk.call("tickets.reply", ref=ref, text="Or so.", actor="engineer-1")
    elsewhere(2, "<1@acme.example>")
    assert len(items(desk, "reply")) == 2
    for address in (FIRST, SECOND):
        notice = told(desk, address)[-1]
        said = f"{notice.subject} {notice.text}"
        assert all(each in said for each in ("two answers", "engineer-1's", "engineer-2's", ref)), said
        assert "tickets undo" not in said
    assert len(items(desk, "notice")) == 4


def test_what_the_desk_s_mailbox_has_sent_crosses_an_answer_unless_it_is_that_very_one(
    make_house: Callable[..., Sending], server: NameServer, tmp_path: Path
):
    (tmp_path / "password").write_text("secret")
    box = {"name": "support", "host": "127.0.0.1", "user": "support@example.com", "sent": "Sent Items"}
    sections = {
        "staff": [person("engineer-1")], "dns": {"nameservers": [server.address]},
        "imap": [{**box, "password_file": str(tmp_path / "password")}],
    }  # fmt: skip
    desk = make_house(rules=RULES, sections=sections)
    ref = opened(desk)
    answer(desk, FIRST, told(desk, FIRST)[0])
    before = len(items(desk, "notice"))
    # The second is what went out from here, kept there under an id of the server's own.
    for number, text in enumerate(("Leave the plug in.\n", items(desk, "reply")[0].text), start=1):
        raw = mail(
            subject="Re: Printer", text=text, sender="Support <support@example.com>", recipient="ops@acme.example",
            In_Reply_To="<1@acme.example>", Message_ID=f"<{number}@server.example>",
        )  # fmt: skip
        outcome = desk.mail(raw, rcpt_tos=[], mailbox="support", folder="Sent Items", uid=number, uidvalidity=1)
        assert outcome["ticket"]["ref"] == ref
        assert [each.to_address for each in items(desk, "notice")[before:]] == [FIRST]
    assert "engineer-1's" in told(desk, FIRST)[-1].text
    assert "now Support's" in told(desk, FIRST)[-1].text
