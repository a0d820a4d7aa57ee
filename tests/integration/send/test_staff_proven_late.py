"""What staff write while the DNS is away: filed as a stranger's, and put in its place once it is proven."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from inboxd.mail_story.authenticate_again import KIND, SECONDS_BETWEEN
from inboxd.resolver import Resolver
from store.schema import jobs
from tests.harness.dns import NameServer, broken
from tests.harness.mails import mail
from tests.integration.send.conftest import PEOPLE, STAFF, Sending, items
from tests.trust.world import EVIL_IP, GOOD_IP

# Not on file: nobody looks at their mail again.
CUSTOMER = "ops@elsewhere.example"
RULES = """
calendars: {always: {mon-sun: 00:00-24:00}}
clocks: {first-response: {within: 30m, calendar: always}}
decide:
  work:
    - {rule: all, when: {subject: [printer]}, then: {queue: tech, notice: Look at this.}}
"""


@pytest.fixture
def desk(make_house: Callable[..., Sending]) -> Sending:
    """A desk whose DNS is broken."""
    return make_house(rules=RULES, sections={**PEOPLE, "dns": {"nameservers": [broken()]}})


def opened(desk: Sending) -> str:
    raw = mail(subject="Printer", text="It is on fire.\n", sender=CUSTOMER, Message_ID="<1@acme.example>")
    return str(desk.mail(raw)["ticket"]["ref"])


def answer(desk: Sending, text: str = "Pull the plug.\n") -> bytes:
    (notice,) = (each for each in items(desk, "notice") if each.to_address == STAFF)
    return mail(subject="Re: Look at this.", text=text, sender=STAFF, In_Reply_To=notice.message_id)


def answered(desk: Sending, text: str = "Pull the plug.\n", *, client_ip: str = GOOD_IP) -> str:
    """Answer the notice as staff do; return the reference under which it is filed for now."""
    outcome = desk.mail(answer(desk, text), mail_from=STAFF, client_ip=client_ip)
    assert outcome["status"] == "filed"
    return str(outcome["ticket"]["ref"])


def looks(desk: Sending) -> list[str]:
    with desk.house.store.read() as connection:
        found = connection.execute(sa.select(jobs.c.state).where(jobs.c.kind == KIND).order_by(jobs.c.id))
        return list(found.scalars())


def look_again(desk: Sending, server: NameServer | None = None) -> None:
    """Let the next look come now, from then on with a DNS that answers where there is one."""
    if server is not None:
        desk.house.checker._resolver = Resolver([("127.0.0.1", server.port)])
    done = looks(desk).count("done")
    due = sa.update(jobs).where(jobs.c.kind == KIND, jobs.c.state == "ready").values(due_at=1)
    desk.house.store.write(lambda txn: txn.execute(due))
    desk.wait(lambda: looks(desk).count("done") > done, within=60, what="the later look")


def whats(desk: Sending, ref: str) -> list[str]:
    return [each["what"] for each in desk.show(ref)["events"]]


def told(desk: Sending) -> list[str]:
    return [each.text for each in items(desk, "notice") if each.to_address == STAFF][1:]


def test_an_answer_of_staff_that_is_proven_later_goes_to_the_customer_once(desk: Sending, server: NameServer):
    ref = opened(desk)
    own = answered(desk)
    assert own != ref
    assert items(desk, "reply") == []
    assert desk.show(ref)["clocks"][0]["met_at"] is None
    look_again(desk, server)
    ticket = desk.show(ref)
    assert [(each["kind"], each["author"]) for each in ticket["entries"]] == [
        ("email", CUSTOMER),
        ("reply", "engineer-1"),
    ]
    assert ticket["entries"][-1]["text"] == "Pull the plug."
    assert ticket["clocks"][0]["met_at"] is not None
    (item,) = items(desk, "reply")
    assert (item.to_address, desk.ended(item.id).state) == (CUSTOMER, "sent")
    filed = desk.show(own)
    assert (filed["status"], whats(desk, own)[-1]) == ("closed", f"merged into {ref}")
    assert set(looks(desk)) == {"done"}
    # Whoever quotes its own reference means the ticket that it went to.
    more = mail(subject=f"Re: [#{own}]", text="#note\nHe did.\n", sender=STAFF)
    assert desk.mail(more, mail_from=STAFF, client_ip=GOOD_IP)["ticket"]["ref"] == ref
    assert len(items(desk, "reply")) == 1


def test_a_second_copy_that_is_proven_puts_an_answer_of_staff_in_its_place_once(desk: Sending, server: NameServer):
    ref = opened(desk)
    raw = answer(desk)
    desk.house.checker._resolver = Resolver([("127.0.0.1", server.port)])
    assert desk.mail(raw, mail_from=STAFF, client_ip=EVIL_IP)["status"] == "filed"
    for _ in range(3):
        assert desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)["status"] == "duplicate"
    assert [each["kind"] for each in desk.show(ref)["entries"]] == ["email", "reply"]
    assert len(items(desk, "reply")) == 1
    assert told(desk) == []


def test_commands_of_staff_that_are_proven_later_are_obeyed(desk: Sending, server: NameServer):
    ref = opened(desk)
    answered(desk, "#note\n#tag heat\nThe plug is hot.\n")
    look_again(desk, server)
    ticket = desk.show(ref)
    assert (ticket["tags"], ticket["entries"][-1]["kind"]) == (["heat"], "note")
    assert items(desk, "reply") == []


def test_a_forgery_in_the_name_of_staff_stays_a_stranger_s_when_the_dns_answers(desk: Sending, server: NameServer):
    ref = opened(desk)
    own = answered(desk, "#status closed\nSend me your password.\n", client_ip=EVIL_IP)
    look_again(desk, server)
    assert (desk.show(ref)["status"], len(desk.show(ref)["entries"])) == ("open", 1)
    assert desk.show(own)["status"] == "open"
    assert items(desk, "reply") == []


@pytest.mark.parametrize("since", ["mail", "reply", "requester", "status"])
def test_where_the_ticket_has_changed_since_a_late_answer_is_a_note_and_its_author_hears_it(
    desk: Sending, server: NameServer, since: str
):
    ref = opened(desk)
    answered(desk, "#status solved\nPull the plug.\n")
    changes: dict[str, Callable[[], Any]] = {
        "mail": lambda: desk.mail(mail(subject=f"Re: [#{ref}]", text="It is out.\n", sender=CUSTOMER)),
        "reply": lambda: desk.call("tickets.reply", ref=ref, text="Pull it."),
        "requester": lambda: desk.call("tickets.requester", ref=ref, address="else@elsewhere.example"),
        "status": lambda: desk.call("tickets.set", ref=ref, status="waiting"),
    }
    changes[since]()
    replies, status = len(items(desk, "reply")), desk.show(ref)["status"]
    look_again(desk, server)
    ticket = desk.show(ref)
    assert len(items(desk, "reply")) == replies
    assert (ticket["status"], ticket["entries"][-1]["kind"], ticket["entries"][-1]["author"]) == (
        status,
        "note",
        "engineer-1",
    )
    (said,) = told(desk)
    assert "Nothing was sent or changed" in said
    assert f"`inboxd tickets reply {ref}`" in said


def test_where_somebody_has_worked_on_its_own_ticket_nothing_is_moved_and_both_say_so(
    desk: Sending, server: NameServer
):
    ref = opened(desk)
    own = answered(desk)
    desk.call("tickets.note", ref=own, text="Is this ours?")
    look_again(desk, server)
    assert items(desk, "reply") == []
    assert len(desk.show(ref)["entries"]) == 1
    for each in (ref, own):
        assert whats(desk, each)[-1] == "proven to be staff's"
        assert f"`inboxd tickets reply {ref}`" in desk.show(each)["events"][-1]["why"]
    (said,) = told(desk)
    assert own in said


def test_an_answer_that_a_person_merged_meanwhile_is_not_sent_behind_their_back(desk: Sending, server: NameServer):
    ref = opened(desk)
    own = answered(desk)
    desk.call("tickets.merge", ref=own, into=ref)
    look_again(desk, server)
    assert items(desk, "reply") == []
    assert whats(desk, ref)[-1] == "proven to be staff's"
    assert len(told(desk)) == 1


def test_what_staff_send_on_and_is_proven_later_names_the_command_that_makes_it_the_customer_s(
    desk: Sending, server: NameServer
):
    text = (
        f"Please see below.\n\n---------- Forwarded message ---------\nFrom: {CUSTOMER}\n"
        "Date: Mon, 23 Nov 2026 10:00:00 +0000\nSubject: Scanner\nTo: engineer-1@example.com\n\nIt is jammed.\n"
    )
    raw = mail(subject="Fwd: Scanner", text=text, sender=STAFF)
    own = str(desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)["ticket"]["ref"])
    look_again(desk, server)
    ticket = desk.show(own)
    assert ticket["requester"]["address"] == STAFF
    assert f"`inboxd tickets set {own} --requester {CUSTOMER}`" in ticket["events"][-1]["why"]


def test_what_staff_ask_for_themselves_is_left_as_it_is(desk: Sending, server: NameServer):
    raw = mail(subject="My chair", text="It is broken.\n", sender=STAFF)
    ref = str(desk.mail(raw, mail_from=STAFF, client_ip=GOOD_IP)["ticket"]["ref"])
    more = mail(subject=f"Re: [#{ref}] My chair", text="And the table.\n", sender=STAFF)
    assert desk.mail(more, mail_from=STAFF, client_ip=GOOD_IP)["ticket"]["ref"] == ref
    look_again(desk, server)
    desk.wait(lambda: set(looks(desk)) == {"done"}, what="both looks")
    assert [each["kind"] for each in desk.show(ref)["entries"]] == ["email", "email"]
    assert "proven to be staff's" not in whats(desk, ref)


def test_the_ticket_of_an_answer_that_is_moved_can_be_had_back(desk: Sending, server: NameServer):
    ref = opened(desk)
    own = answered(desk)
    look_again(desk, server)
    desk.call("tickets.undo", ref=own)
    assert (desk.show(own)["status"], len(desk.show(own)["entries"])) == ("open", 1)
    assert len(desk.show(ref)["entries"]) == 2


def test_the_last_look_says_so_and_nothing_is_looked_at_again(desk: Sending):
    ref = opened(desk)
    own = answered(desk)
    for _ in SECONDS_BETWEEN:
        look_again(desk)
    assert looks(desk) == ["done"] * len(SECONDS_BETWEEN)
    assert desk.show(own)["events"][-1]["why"].startswith("Looked at again for the last time")
    assert len(desk.show(ref)["entries"]) == 1
