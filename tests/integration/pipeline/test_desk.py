"""What staff do, and what the rules decide after them."""

import random
from base64 import b64decode

import pytest

from inboxd.errors import InboxdError, UsageWrong
from tests.harness.mails import mail

RULES = """
clocks:
  first-response: {within: {urgent: 30m, high: 1h, medium: 4h, low: 8h}, calendar: always}
calendars:
  always: {mon-sun: 00:00-24:00}
decide:
  who:
    - {rule: special, when: {tag: vip}, then: {queue: care}}
    - {rule: all, then: {queue: support}}
"""


def _opened(desk):
    return desk.mail(mail("Fax server", sender="ops@acme.example"))["ticket"]


def test_a_priority_by_staff_is_attributed_and_moves_the_clock_from_the_same_start(make_desk):
    desk = make_desk(RULES)
    before = _opened(desk)
    after = desk.call("tickets.set", ref=before["ref"], priority="urgent")
    assert (after["priority"], after["priority_by"]) == ("urgent", "staff engineer")
    assert after["clocks"][0]["started_at"] == before["clocks"][0]["started_at"]
    assert after["clocks"][0]["due_at"] < before["clocks"][0]["due_at"]
    assert any(event["actor"] == "engineer" and "urgent" in event["what"] for event in after["events"])


def test_a_tag_by_staff_is_a_fact_for_the_rules(make_desk):
    desk = make_desk(RULES)
    ref = _opened(desk)["ref"]
    assert desk.call("tickets.set", ref=ref, tag=["vip"], untag=[])["queue"] == "care"


OWN_SCALE = """
priorities: {1: urgent, 2: medium, 3: low}
decide:
  p: [{rule: question, when: {says: [how do]}, then: {priority: 3}}]
"""


def test_a_desk_sees_and_names_priorities_by_its_own_names(make_desk):
    desk = make_desk(OWN_SCALE)
    ref = _opened(desk)["ref"]
    assert desk.call("tickets.show", ref=ref)["priority"] == "2"
    assert desk.call("tickets.set", ref=ref, priority="3")["priority"] == "3"
    after = desk.call("tickets.set", ref=ref, priority="urgent")
    assert (after["priority"], after["events"][-1]["what"]) == ("1", "priority 1")
    assert [each["priority"] for each in desk.call("tickets.list")] == ["1"]
    assert "priority 2 by default" in desk.call("why", ref=ref)["text"]
    with pytest.raises(UsageWrong, match='unknown priority "4"; it is one of 1, 2, 3, urgent'):
        desk.call("tickets.set", ref=ref, priority="4")


def test_what_staff_set_no_rule_changes(make_desk):
    desk = make_desk(RULES)
    ref = _opened(desk)["ref"]
    desk.call("tickets.set", ref=ref, queue="elsewhere")
    assert desk.call("tickets.set", ref=ref, tag=["vip"], untag=[])["queue"] == "elsewhere"


def test_next_takes_the_first_that_nobody_has(desk):
    first, second = _opened(desk), _opened(desk)
    assert desk.call("tickets.next")["ref"] == first["ref"]
    taken = desk.call("tickets.next")
    assert (taken["ref"], taken["assignee"]) == (second["ref"], "engineer")
    assert desk.call("tickets.next") is None


@pytest.mark.parametrize("size", [0, 100, 300 * 1024, 9 * 1024 * 1024])
def test_the_bytes_that_came_in_are_given_back_piece_by_piece_from_row_and_blob(desk, size):
    kept = random.Random(size).randbytes(size)
    intake_id = desk.mail(kept)["intake_id"]
    pieces = [b""]
    while True:
        answer = desk.call("intake.raw", id=intake_id, offset=sum(map(len, pieces)))
        pieces.append(b64decode(answer["data"]))
        assert answer["size"] == size
        if not pieces[-1]:
            break
    assert b"".join(pieces) == kept
    assert all(len(piece) <= 8 * 1024 * 1024 for piece in pieces)


def test_the_bytes_of_what_never_came_in_are_refused_in_words(desk):
    _opened(desk)
    with pytest.raises(InboxdError, match="no intake 1M"):
        desk.call("intake.raw", id="1M")


def test_a_note_is_an_entry_and_meets_no_clock(make_desk):
    desk = make_desk(RULES)
    ref = _opened(desk)["ref"]
    ticket = desk.call("tickets.note", ref=ref, text="The customer is on holiday.")
    assert ticket["entries"][-1]["kind"] == "note"
    assert ticket["entries"][-1]["author"] == "engineer"
    assert ticket["clocks"][0]["met_at"] is None


def test_search_finds_words_of_the_body(desk):
    found = _opened(desk)
    assert [each["ref"] for each in desk.call("tickets.search", words="nothing goes")] == [found["ref"]]


def test_export_gives_every_ticket_whole_in_the_order_of_creation_closed_ones_too(desk):
    refs = [_opened(desk)["ref"] for _ in range(3)]
    desk.call("tickets.set", ref=refs[1], status="closed")
    first = desk.call("tickets.export", after=None, limit=2)
    rest = desk.call("tickets.export", after=first["after"], limit=2)
    exported = first["tickets"] + rest["tickets"]
    assert [each["ref"] for each in exported] == refs
    assert all(each["entries"] for each in exported)
    assert rest["after"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"priority": "huge"}, "priority"), ({"colour": "red"}, "colour"), ({}, "nothing to change")],
    ids=["a word that is none", "a field that is none", "nothing"],
)
def test_a_change_that_makes_no_sense_is_wrong_usage(desk, arguments, said):
    ref = _opened(desk)["ref"]
    with pytest.raises(UsageWrong, match=said):
        desk.call("tickets.set", ref=ref, **arguments)


def test_a_reference_with_a_wrong_check_digit_is_named_as_such(desk):
    ref = _opened(desk)["ref"]
    wrong = ref[:-1] + str((int(ref[-1]) + 1) % 10)
    with pytest.raises(InboxdError, match="check digit"):
        desk.call("tickets.show", ref=wrong)


BEHIND = """
calendars:
  always: {mon-sun: 00:00-24:00}
clocks:
  first-response: {within: 1h, calendar: always}
decide:
  scope:
    - {rule: beyond, when: {tag: beyond}, then: {priority: low, behind: true, tell: how-to-get-access}}
  calls:
    - {rule: courtesy, when: {tag: beyond, callback.made: 0}, then: {callback.terms: courtesy}}
    - {rule: charged, when: {tag: beyond}, then: {callback.terms: charged}}
"""


def test_what_the_rules_put_behind_stands_behind_all_else_whatever_its_priority(make_desk):
    desk = make_desk(BEHIND)
    refs = [_opened(desk)["ref"] for _ in range(3)]
    desk.call("tickets.set", ref=refs[0], tag=["beyond"])
    desk.call("tickets.set", ref=refs[0], priority="urgent")
    desk.call("tickets.set", ref=refs[1], priority="low")
    assert [each["ref"] for each in desk.call("tickets.list")] == [refs[2], refs[1], refs[0]]
    desk.call("tickets.set", ref=refs[0], untag=["beyond"])
    assert desk.call("tickets.next")["ref"] == refs[0]


def test_terms_of_a_call_follow_what_staff_say_and_how_often_they_called(make_desk):
    desk = make_desk(BEHIND)
    ticket = _opened(desk)
    assert ticket["callback"]["terms"] is None
    terms = [
        desk.call("tickets.set", ref=ticket["ref"], **change)["callback"]["terms"]
        for change in ({"tag": ["beyond"]}, {"called": True}, {"called": True}, {"untag": ["beyond"]})
    ]
    assert terms == ["courtesy", "charged", "charged", None]


def test_what_the_rules_want_the_customer_told_is_told_once(make_desk):
    desk = make_desk(BEHIND)
    ref = _opened(desk)["ref"]
    for change in ({"tag": ["beyond"]}, {"untag": ["beyond"]}, {"tag": ["beyond"]}):
        after = desk.call("tickets.set", ref=ref, **change)
    told = [item for item in desk.call("outbox.list") if item["kind"] == "notice"]
    assert [(item["to"], item["ticket"]) for item in told] == [("ops@acme.example", ref)]
    assert [event["what"] for event in after["events"]].count("told how-to-get-access") == 1


@pytest.mark.parametrize(
    ("receipt", "kinds"),
    [
        ("acknowledge: received", ["acknowledgement", "notice"]),
        ("acknowledge: off", ["notice"]),
        ("confirm: true", ["confirmation", "notice"]),
    ],
)
def test_what_the_rules_want_the_customer_told_is_told_when_the_ticket_opens(make_desk, receipt, kinds):
    desk = make_desk(f"decide: {{a: [{{rule: a, then: {{{receipt}, tell: how-to-get-access}}}}]}}\n")
    called = desk.voicemail(b"one", caller="+15550101", transcript="Hello.")["ticket"]["ref"]
    for ref in (_opened(desk)["ref"], called):
        sent = [each for each in desk.call("outbox.list") if each["ticket"] == ref and each["state"] != "suppressed"]
        assert sorted(item["kind"] for item in sent) == kinds
        assert {item["to"] for item in sent} == {"ops@acme.example"}


LOOKS_BACK = """
decide:
  crowd:
    - {rule: third-call, when: {earlier.calls: {within: 1h, of: caller, at-least: 2}}, then: {tag: third-call}}
    - {rule: known-well, when: {account.open-tickets: {at-least: 1}}, then: {tag: again}}
"""


def test_rules_see_what_was_there_before(make_desk):
    desk = make_desk(LOOKS_BACK)
    at = ("2026-01-13T16:00:00Z", "2026-01-13T16:20:00Z", "2026-01-13T16:40:00Z", "2026-01-13T17:10:00Z")
    calls = [
        desk.voicemail(f"{number}".encode(), caller=caller, transcript="Hello.", received_at=time)["ticket"]
        for number, (caller, time) in enumerate(
            [
                ("+15550101", at[0]),
                ("anonymous", at[1]),
                ("+15550101", at[1]),
                ("+15550101", at[2]),
                ("+15550101", at[3]),
            ]
        )
    ]
    assert [each["tags"] for each in calls] == [[], [], ["again"], ["third-call"], ["third-call"]]
    desk.call("tickets.set", ref=calls[0]["ref"], status="closed")
    assert _opened(desk)["tags"] == ["again"]


CROWDED = """
decide:
  calls:   [{rule: call, when: {earlier.calls: {within: 1h, of: caller}}, then: {tag: called}}]
  tickets: [{rule: ticket, when: {earlier.tickets: {within: 1h, of: caller}}, then: {tag: ticket}}]
  account: [{rule: account, when: {earlier.tickets: {within: 1h}}, then: {tag: account}}]
"""


def test_others_crowd_nobody_out_of_what_was_before(make_desk, monkeypatch):
    monkeypatch.setattr("store.before._MOST", 2)
    desk = make_desk(CROWDED)
    callers = ["+15550101", "anonymous", "+15550198", "+15550199", "+15550197", "+15550101", "anonymous"]
    calls = [
        desk.voicemail(
            f"{number}".encode(), caller=caller, transcript="Hello.", received_at=f"2026-01-13T16:0{number}:00Z"
        )
        for number, caller in enumerate(callers)
    ]
    tags = [call["ticket"]["tags"] for call in calls]
    assert tags == [[], [], [], [], [], ["called", "ticket", "account"], ["called"]]


def test_what_other_rules_ask_of_what_was_before_is_counted_for_them(make_desk):
    desk = make_desk("")
    times = ("2026-01-13T16:00:00Z", "2026-01-13T16:20:00Z", "2026-01-13T18:40:00Z")
    for number, time in enumerate(times):
        desk.voicemail(f"{number}".encode(), caller="+15550101", transcript="Hello.", received_at=time)
    asked = {"since": "2026-01-01T00:00:00Z", "looks_back": [["call", "caller", 3600], ["ticket", "account", 86400]]}
    earlier = [each["facts"]["earlier"] for each in desk.call("rules.decisions", **asked)["decisions"]]
    assert [[each["kind"] for each in here] for here in earlier] == [[], ["call", "ticket"], ["ticket", "ticket"]]
    assert [each["facts"]["earlier"] for each in desk.call("rules.decisions", since=asked["since"])["decisions"]] == [
        [], [], [],
    ]  # fmt: skip


def test_what_was_decided_is_given_in_pages_with_the_words_it_was_decided_on(make_desk, monkeypatch):
    rules = RULES + "  out: [{rule: spam, when: {says: [spam]}, then: {reject: Spam.}}]\n"
    desk = make_desk(rules)
    desk.mail(mail("One", text="Some words", sender="ops@acme.example"))
    desk.mail(mail("Two", text="This is spam", sender="ops@acme.example"))
    desk.voicemail(b"RIFF", caller="+15550101", transcript="Three words said", received_at="2026-01-13T16:00:00Z")
    whole = desk.call("rules.decisions", since="2026-01-01T00:00:00Z", after=None)
    assert whole["after"] is None
    # What was rejected stands on no entry: it is read from its bytes again.
    assert [each["text"].strip() for each in whole["decisions"]] == ["Some words", "This is spam", "Three words said"]
    assert [each["decision"]["queue"] for each in whole["decisions"]] == ["support"] * 3
    assert whole["decisions"][1]["ref"] is None
    monkeypatch.setattr("inboxd.desk.decisions._MOST_LETTERS", 5)
    pages, after = [], 0
    while after is not None:
        page = desk.call("rules.decisions", since="2026-01-01T00:00:00Z", after=after or None, limit=2)
        pages.append(len(page["decisions"]))
        after = page["after"]
    assert pages[:3] == [1, 1, 1]
    assert desk.call("rules.decisions", since="2036-01-01T00:00:00Z") == {"decisions": [], "after": None}


def test_who_watches_sees_each_event_once_with_its_ticket(make_desk):
    desk = make_desk(RULES)
    before = _opened(desk)["ref"]
    start = desk.call("tickets.watch")
    assert start["events"] == []
    ref = _opened(desk)["ref"]
    desk.call("tickets.set", ref=before, status="waiting")
    page = desk.call("tickets.watch", after=start["after"], missing=start["missing"], wait_seconds=5)
    seen = [(each["ticket"]["ref"], each["actor"], each["what"]) for each in page["events"]]
    assert seen[0] == (ref, "inboxd", "opened")
    assert (before, "engineer", "status waiting") in seen
    place = {"after": page["after"], "missing": page["missing"]}
    assert desk.call("tickets.watch", **place) == {"events": [], **place}
