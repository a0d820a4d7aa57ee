"""Merging, splitting, linking, whose ticket it is, and taking it back."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from inboxd.clocks import clocks
from inboxd.errors import InboxdError, UsageWrong
from store import tickets
from store.tickets import NewEntry
from tests.harness.mails import mail
from tests.integration.send.conftest import NOW, ONE_QUEUE, Sending, items


@pytest.fixture
def desk(make_house: Callable[..., Sending]) -> Sending:
    return make_house(rules=ONE_QUEUE, undo_seconds=3600)


def opened(desk: Sending, number: int, sender: str = "ops@acme.example", **headers: str) -> str:
    raw = mail(
        subject=f"Matter {number}",
        text=f"word{number}\n",
        sender=sender,
        Message_ID=f"<{number}@acme.example>",
        **headers,
    )
    return str(desk.mail(raw, mail_from=sender)["ticket"]["ref"])


def texts(ticket: dict[str, Any]) -> list[str]:
    return [entry["text"].strip() for entry in ticket["entries"]]


def test_a_merged_ticket_leads_on_to_the_one_it_went_into_and_comes_back(desk: Sending):
    one, two = opened(desk, 1), opened(desk, 2)
    assert texts(desk.call("tickets.merge", ref=one, into=two)) == ["word1", "word2"]
    assert (desk.show(one)["status"], desk.show(one)["entries"]) == ("closed", [])
    assert [each["ref"] for each in desk.call("tickets.search", words="word1")] == [two]
    # By reference and by Message-ID alike.
    for headers in ({"In_Reply_To": "<1@acme.example>"}, {"subject": f"Re: [#{one}]"}):
        said = {"subject": "Re: Matter 1", **headers}
        assert desk.mail(mail(sender="ops@acme.example", **said))["ticket"]["ref"] == two
    for operation, more in (("note", {"text": "x"}), ("reply", {"text": "x"}), ("set", {"status": "open"})):
        with pytest.raises(InboxdError, match=f"was merged into {two}"):
            desk.call(f"tickets.{operation}", ref=one, **more)
    back = desk.call("tickets.undo", ref=one)
    assert (back["status"], texts(back)) == ("open", ["word1"])
    assert texts(desk.show(two))[0] == "word2"
    assert desk.call("tickets.search", words="word1")[0]["ref"] == one


@pytest.mark.parametrize("status", ["waiting", "solved", "closed"])
def test_what_waits_for_an_answer_opens_the_ticket_that_it_is_merged_into(desk: Sending, status: str):
    one, two = opened(desk, 1), opened(desk, 2)
    desk.call("tickets.set", ref=two, status=status)
    assert desk.call("tickets.merge", ref=one, into=two)["status"] == "open"
    desk.call("tickets.undo", ref=one)
    assert (desk.show(one)["status"], desk.show(two)["status"]) == ("open", status)
    # Nothing has to be done about what is done with.
    desk.call("tickets.set", ref=one, status="solved")
    assert desk.call("tickets.merge", ref=one, into=two)["status"] == status


def test_an_answer_goes_to_each_once_and_not_to_the_desk_itself(desk: Sending):
    ref = opened(desk, 1)
    cc = ["boss@acme.example", "BOSS@acme.example", "Ops@Acme.example"]
    ticket = desk.call("tickets.reply", ref=ref, text="Hello.", cc=cc)
    assert [each["to"] for each in ticket["entries"][-1]["delivery"]] == ["ops@acme.example", "boss@acme.example"]
    assert ticket["events"][-1]["why"] == "to ops@acme.example, boss@acme.example"
    with pytest.raises(UsageWrong, match="is the desk itself"):
        desk.call("tickets.reply", ref=ref, text="Hello.", cc=["support@example.com"])


def test_merging_splitting_and_undoing_on_postgresql(make_house: Callable[..., Sending], postgres_url: str):
    desk = make_house(rules=ONE_QUEUE, url=postgres_url, undo_seconds=3600)
    one, two = opened(desk, 1), opened(desk, 2)
    assert texts(desk.call("tickets.merge", ref=one, into=two)) == ["word1", "word2"]
    assert [each["ref"] for each in desk.call("tickets.search", words="word1")] == [two]
    assert texts(desk.call("tickets.undo", ref=one)) == ["word1"]
    assert [each["ref"] for each in desk.call("tickets.search", words="word1")] == [one]
    desk.mail(mail(subject=f"[#{one}]", text="more\n", sender="ops@acme.example", Message_ID="<9@a.example>"))
    assert texts(desk.call("tickets.split", ref=one, entry=2)) == ["more"]
    desk.call("tickets.reply", ref=one, text="Hello.")
    assert desk.call("tickets.undo", ref=one)["entries"][-1]["kind"] == "note"


def test_what_must_not_become_one_stays_two(desk: Sending):
    one, two = opened(desk, 1), opened(desk, 2)
    desk.call("accounts.add", id="other", name="Other", plan=None)
    desk.call("tickets.set", ref=two, account="other")
    with pytest.raises(InboxdError, match="one customer would read"):
        desk.call("tickets.merge", ref=one, into=two)
    with pytest.raises(UsageWrong, match="same ticket"):
        desk.call("tickets.merge", ref=one, into=one)
    three = opened(desk, 3)
    desk.call("tickets.merge", ref=three, into=one)
    with pytest.raises(InboxdError, match="was merged"):
        desk.call("tickets.merge", ref=one, into=three)


def test_an_entry_becomes_a_ticket_of_its_own_and_its_answers_find_it(desk: Sending):
    ref = opened(desk, 1)
    raw = mail(
        subject=f"Re: Matter 1 [#{ref}]",
        text="another thing\n",
        sender="ops@acme.example",
        Message_ID="<9@a.example>",
    )
    taken = [desk.mail(raw)["intake_id"] for _ in range(2)]

    def stands_on() -> set[str]:
        return {desk.call("intake.show", id=each)["ticket"] for each in taken}

    new = desk.call("tickets.split", ref=ref, entry=2)
    assert stands_on() == {new["ref"]}
    assert (texts(new), texts(desk.show(ref))) == (["another thing"], ["word1"])
    assert (new["queue"], new["account"]["id"], new["requester"]["address"]) == ("tech", "acme", "ops@acme.example")
    assert [clock["name"] for clock in new["clocks"]] == ["first-response"]
    answer = desk.mail(mail(subject="Re: Matter 1", sender="ops@acme.example", In_Reply_To="<9@a.example>"))
    assert answer["ticket"]["ref"] == new["ref"]
    for wrong in (1, 3):
        with pytest.raises(UsageWrong):
            desk.call("tickets.split", ref=ref, entry=wrong)
    # The sound of a call may have come to it: its recogniser has to find it.
    sound = NewEntry(kind="voicemail", at=NOW, author="+15550101")
    there = desk.house.store.write(lambda txn: tickets.append(txn, tickets.get(txn, new["ref"]).id, sound))
    with pytest.raises(InboxdError, match="waits for its transcript"):
        desk.call("tickets.undo", ref=new["ref"])
    desk.house.store.write(lambda txn: tickets.set_transcript(txn, there, {"text": "Hello."}))
    assert desk.call("tickets.undo", ref=new["ref"])["ref"] == ref
    assert "another thing" in texts(desk.show(ref))
    assert stands_on() == {ref}
    # Nobody waits on it any more: what it promised is not said to be broken later.
    with desk.house.store.read() as connection:
        (gone,) = [each for each in tickets.everything(connection) if each.ref == new["ref"]]
    assert (gone.status, clocks.next_moment(gone.clocks)) == ("closed", None)


def test_a_mail_that_came_by_a_merge_is_split_off_under_its_own_subject(desk: Sending):
    one, two = opened(desk, 1), opened(desk, 2)
    desk.call("tickets.merge", ref=two, into=one)
    assert desk.call("tickets.split", ref=one, entry=2)["subject"] == "Matter 2"


def test_links_and_requesters_are_said_and_undone(desk: Sending):
    one, two = opened(desk, 1), opened(desk, 2)
    desk.call("tickets.link", ref=one, other=two)
    assert desk.show(two)["events"][-1]["what"] == f"linked with {one}"
    desk.call("tickets.requester", ref=one, address="boss@acme.example")
    assert desk.call("tickets.reply", ref=one, text="Hello.")["entries"][-1]["delivery"][0]["to"] == "boss@acme.example"
    desk.call("tickets.undo", ref=one)
    desk.call("tickets.undo", ref=one)
    assert desk.show(one)["requester"]["address"] == "ops@acme.example"
    assert desk.call("tickets.undo", ref=one)["events"][-1]["what"] == f"undone: linked with {two}"
    with pytest.raises(InboxdError, match="can be undone"):
        desk.call("tickets.undo", ref=one)


def test_a_reply_that_has_not_gone_is_taken_back_with_what_it_met(desk: Sending):
    ref = opened(desk, 1)
    assert desk.call("tickets.reply", ref=ref, text="Too soon.")["clocks"][0]["met_at"] is not None
    ticket = desk.call("tickets.undo", ref=ref)
    assert [entry["kind"] for entry in ticket["entries"]] == ["email", "note"]
    assert ticket["clocks"][0]["met_at"] is None
    assert ticket["entries"][-1]["delivery"][0]["state"] == "suppressed"
    time.sleep(0.1)
    assert not any(taken.sender for taken in desk.smarthost.taken)


def test_a_reply_that_has_gone_is_not_taken_back(make_house: Callable[..., Sending]):
    desk = make_house(rules=ONE_QUEUE)
    ref = opened(desk, 1)
    ticket = desk.call("tickets.reply", ref=ref, text="Gone.")
    (item,) = [each for each in desk.call("outbox.list") if each["kind"] == "reply"]
    desk.ended(item["id"])
    with pytest.raises(InboxdError, match="has gone already"):
        desk.call("tickets.undo", ref=ref)
    assert desk.show(ref)["entries"][-1]["kind"] == ticket["entries"][-1]["kind"] == "reply"


def test_an_entry_that_came_by_a_merge_becomes_a_ticket_and_stays_one_when_the_merge_is_undone(desk: Sending):
    one, two = opened(desk, 1), opened(desk, 2)
    more = mail(subject=f"[#{one}]", text="more\n", sender="ops@acme.example", Message_ID="<9@acme.example>")
    desk.mail(more)
    assert texts(desk.call("tickets.merge", ref=one, into=two)) == ["word1", "word2", "more"]
    new = desk.call("tickets.split", ref=two, entry=3)
    assert (texts(new), new["queue"], new["account"]["id"]) == (["more"], "tech", "acme")
    assert texts(desk.call("tickets.undo", ref=one)) == ["word1"]
    assert (texts(desk.show(two)), texts(desk.show(new["ref"]))) == (["word2"], ["more"])
    # The same by the other door: all of it is split off, so nothing is left to give back.
    desk.call("tickets.merge", ref=one, into=two)
    desk.call("tickets.undo", ref=one)
    three = desk.call("tickets.merge", ref=two, into=one)
    apart = desk.call("tickets.split", ref=one, entry=2)
    assert (len(three["entries"]), texts(apart)) == (2, ["word2"])
    with pytest.raises(InboxdError, match="split off by now"):
        desk.call("tickets.undo", ref=two)


def test_what_came_by_a_merge_leaves_under_its_own_subject_and_its_author_reads_no_other(desk: Sending):
    one = opened(desk, 1)
    raw = mail(
        subject="Re: Question [#48213-7]", text="who?\n", sender="thief@evil.example", Message_ID="<9@evil.example>"
    )
    two = desk.mail(raw, mail_from="thief@evil.example")["ticket"]["ref"]
    desk.call("tickets.merge", ref=two, into=one)
    new = desk.call("tickets.split", ref=one, entry=2)
    assert (new["subject"], new["requester"]["address"]) == ("Re: Question", "thief@evil.example")
    desk.call("tickets.reply", ref=new["ref"], text="Not here.")
    (item,) = items(desk, "reply")
    assert (item.to_address, item.subject) == ("thief@evil.example", f"Re: Question [#{new['ref']}]")


def test_a_chain_of_merges_comes_apart_from_either_end(desk: Sending):
    one, two, three = (opened(desk, number) for number in (1, 2, 3))
    desk.call("tickets.merge", ref=one, into=two)
    desk.call("tickets.merge", ref=two, into=three)
    assert texts(desk.call("tickets.undo", ref=one)) == ["word1"]
    assert texts(desk.call("tickets.undo", ref=two)) == ["word2"]
    assert texts(desk.show(three)) == ["word3"]


def test_what_came_to_a_ticket_that_was_split_off_goes_back_with_it(desk: Sending):
    one = opened(desk, 1)
    desk.mail(mail(subject=f"[#{one}]", text="two\n", sender="ops@acme.example", Message_ID="<2@acme.example>"))
    new = desk.call("tickets.split", ref=one, entry=2)["ref"]
    desk.mail(mail(subject=f"[#{new}]", text="three\n", sender="ops@acme.example", Message_ID="<3@acme.example>"))
    assert texts(desk.call("tickets.undo", ref=new)) == ["word1", "two", "three"]
    again = desk.call("tickets.split", ref=one, entry=3)["ref"]
    desk.call("tickets.merge", ref=one, into=again)
    # The last step first, whichever of the two tickets is named.
    assert texts(desk.call("tickets.undo", ref=again)) == ["three"]
    assert texts(desk.call("tickets.undo", ref=again)) == ["word1", "two", "three"]


def test_a_merge_split_or_link_is_undone_on_either_of_its_tickets_and_once(desk: Sending):
    one, two = opened(desk, 1), opened(desk, 2)
    desk.call("tickets.reply", ref=two, text="Hello.")
    desk.call("tickets.merge", ref=one, into=two)
    back = desk.call("tickets.undo", ref=two)
    assert (back["ref"], texts(back), texts(desk.show(one))) == (two, ["word2", "Hello."], ["word1"])
    assert [desk.show(ref)["events"][-1]["what"] for ref in (one, two)] == [
        f"undone: merged into {two}",
        f"undone: took in {one}",
    ]
    desk.call("tickets.link", ref=one, other=two)
    assert desk.call("tickets.undo", ref=two)["events"][-1]["what"] == f"undone: linked with {one}"
    desk.mail(mail(subject=f"[#{two}]", text="more\n", sender="ops@acme.example", Message_ID="<9@acme.example>"))
    new = desk.call("tickets.split", ref=two, entry=3)
    desk.call("tickets.set", ref=new["ref"], tag=["heat"])
    back = desk.call("tickets.undo", ref=two)
    assert (texts(back), desk.show(new["ref"])["status"]) == (["word2", "Hello.", "more"], "closed")
    # All three are undone: what is left is the reply that came before them.
    assert desk.call("tickets.undo", ref=two)["events"][-1]["what"] == "undone: reply"
    with pytest.raises(InboxdError, match=f"nothing of {one} can be undone"):
        desk.call("tickets.undo", ref=one)


def test_an_account_that_was_settled_wrongly_is_taken_away_with_what_it_allowed(desk: Sending):
    ref = opened(desk, 1, sender="visitor@client.example")
    with pytest.raises(InboxdError, match="belongs to no account"):
        desk.call("tickets.set", ref=ref, nobodys=True)
    desk.call("tickets.set", ref=ref, account="acme")
    ticket = desk.call("tickets.set", ref=ref, nobodys=True)
    assert (ticket["account"], ticket["contact"], ticket["identity"]["by"]) == (None, None, None)
    assert "took it off acme" in ticket["identity"]["evidence"][-1]
    assert [each["what"] for each in ticket["events"] if each["what"].startswith("account")][-1] == "account none"
    # Whoever is on file for that account is a stranger to the ticket again.
    mine = mail(subject=f"[#{ref}]", sender="ops@acme.example", Message_ID="<5@acme.example>")
    assert desk.mail(mine)["ticket"]["ref"] != ref
    for wrong in ({"nobodys": True, "account": "acme"}, {"nobodys": True, "remember": True}):
        with pytest.raises(UsageWrong):
            desk.call("tickets.set", ref=ref, **wrong)


def test_a_storm_of_answers_to_all_is_one_conversation_without_an_echo(desk: Sending):
    """Everybody answers everybody, one is away, one is not there any more, and a stranger was added by a colleague."""
    ref = opened(desk, 1)
    copies = [f"colleague-{number}@partner.example" for number in range(3)]
    desk.call("tickets.reply", ref=ref, text="Who can be there on Monday?", cc=copies)
    reply = next(item for item in desk.call("outbox.list") if item["kind"] == "reply")
    stranger = "new@evil.example"
    everybody = ", ".join((reply["reply_to"] or "support@example.com", "ops@acme.example", *copies, stranger))
    thread: list[str] = [reply["message_id"]]

    def written(sender: str, text: str, subject: str = "Re: Matter 1", **headers: str) -> bytes:
        said = {"In_Reply_To": thread[-1], "References": " ".join(thread), **headers}
        return mail(subject=subject, text=text, sender=sender, recipient=everybody, **said)

    for number, sender in enumerate(("ops@acme.example", *copies, *copies)):
        message_id = f"<storm-{number}@partner.example>"
        raw = written(sender, f"I can, says {number}.\n", Message_ID=message_id)
        assert desk.mail(raw, mail_from=sender)["ticket"]["ref"] == ref
        assert desk.mail(raw, mail_from=sender, rcpt_tos=["sales@example.com"])["status"] == "duplicate"
        thread.append(message_id)
    desk.call("tickets.set", ref=ref, status="solved")
    told = {item["id"] for item in desk.call("outbox.list")}
    gone = f"This is the mail system.\n\n<{copies[2]}>: user unknown\n"
    desk.mail(written(copies[0], "Away.\n", "Automatic reply: Matter 1", Auto_Submitted="auto-replied"), mail_from="")
    desk.mail(written("MAILER-DAEMON@partner.example", gone, "Undelivered Mail Returned to Sender"), mail_from="")
    apart = desk.mail(written(stranger, "Me too.\n"), mail_from=stranger)["ticket"]
    ticket = desk.show(ref)
    assert ticket["status"] == "solved"
    assert [each for each in texts(ticket) if each.startswith("I can")] == [f"I can, says {n}." for n in range(7)]
    assert "Me too." not in texts(ticket)
    assert apart["ref"] != ref
    new = [item for item in desk.call("outbox.list") if item["id"] not in told and item["kind"] != "notice"]
    assert {item["ticket"] for item in new} <= {apart["ref"]}  # the stranger's own receipt, and nobody else's


def stands(ticket: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(ticket[name] for name in ("priority", "priority_by", "queue", "status", "tags", "assignee"))


def test_what_was_set_is_taken_back_with_its_tags_and_the_rules_decide_again(desk: Sending):
    ref = opened(desk, 1)
    before = desk.show(ref)
    changed = {"priority": "urgent", "queue": "other", "status": "waiting", "tag": ["vip", "heat"]}
    desk.call("tickets.set", ref=ref, **changed)
    desk.call("tickets.set", ref=ref, untag=["heat"])
    assert desk.call("tickets.undo", ref=ref)["tags"] == ["vip", "heat"]
    back = desk.call("tickets.undo", ref=ref)
    assert (stands(back), back["clocks"]) == (stands(before), before["clocks"])
    whats = [each["what"] for each in back["events"]]
    assert "undone: priority urgent, status waiting, queue other, tag vip, tag heat" in whats
    # Nobody has set anything any more: the rules may decide it.
    with desk.house.store.read() as connection:
        assert tickets.get(connection, ref).staff_set == ()
    with pytest.raises(InboxdError, match=f"nothing of {ref} can be undone"):
        desk.call("tickets.undo", ref=ref)


def test_what_somebody_has_changed_since_stays_and_is_said(desk: Sending):
    one, two = opened(desk, 1), opened(desk, 2)
    desk.call("tickets.link", ref=one, other=two)
    desk.call("tickets.set", ref=one, status="waiting", tag=["vip"], called=True)
    desk.mail(mail(subject=f"[#{one}]", text="more\n", sender="ops@acme.example", Message_ID="<9@a.example>"))
    back = desk.call("tickets.undo", ref=one)
    assert (back["status"], back["tags"], back["callback"]["made"]) == ("open", [], 1)
    (said,) = [each for each in back["events"] if each["what"] == "undone: tag vip"]
    assert said["why"] == "Not taken back: called stays. status waiting: it is open by now."
    # Of the next one nothing stands any more: the step before it is the last.
    desk.call("tickets.set", ref=one, status="solved")
    desk.mail(mail(subject=f"[#{one}]", text="again\n", sender="ops@acme.example", Message_ID="<10@a.example>"))
    assert desk.call("tickets.undo", ref=one)["events"][-1]["what"] == f"undone: linked with {two}"
    with pytest.raises(InboxdError, match=r"can be undone; status solved: it is open by now\."):
        desk.call("tickets.undo", ref=one)


def test_what_came_from_an_older_ticket_can_be_split_off_and_what_opened_this_one_stays(desk: Sending):
    one, two = opened(desk, 1), opened(desk, 2)
    desk.call("tickets.merge", ref=one, into=two)
    assert texts(desk.show(two)) == ["word1", "word2"]
    with pytest.raises(UsageWrong, match=f"{two} was opened with entry 2, which stays"):
        desk.call("tickets.split", ref=two, entry=2)
    new = desk.call("tickets.split", ref=two, entry=1)
    assert (new["subject"], texts(new), texts(desk.show(two))) == ("Matter 1", ["word1"], ["word2"])


def test_a_split_is_undone_on_the_other_ticket_only_while_what_was_split_off_stands_by_itself(desk: Sending):
    ref, other = opened(desk, 1), opened(desk, 2)
    desk.mail(mail(subject=f"Re: [#{ref}]", text="more\n", sender="ops@acme.example"))
    new = desk.call("tickets.split", ref=ref, entry=2)["ref"]
    desk.call("tickets.merge", ref=new, into=other)
    with pytest.raises(InboxdError, match=f"{new} was merged into {other} since: undo that first, on {new}"):
        desk.call("tickets.undo", ref=ref)
    desk.call("tickets.undo", ref=new)
    assert texts(desk.call("tickets.undo", ref=ref)) == ["word1", "more"]
    assert texts(desk.show(other)) == ["word2"]


def test_what_a_merge_gives_back_is_found_by_its_answers_though_it_was_split_off_meanwhile(desk: Sending):
    one, two = opened(desk, 1), opened(desk, 2)
    desk.call("tickets.merge", ref=one, into=two)
    new = desk.call("tickets.split", ref=two, entry=1)
    desk.call("tickets.undo", ref=new["ref"])
    assert texts(desk.call("tickets.undo", ref=one)) == ["word1"]
    answer = mail(subject="Re: Matter 1", text="more\n", sender="ops@acme.example", In_Reply_To="<1@acme.example>")
    assert desk.mail(answer)["ticket"]["ref"] == one
