"""Whose ticket it is, where a number does not say: staff settle it once, and the rules decide again."""

import pytest

from inboxd.errors import InboxdError, UsageWrong
from tests.harness.mails import mail

RULES = """
calendars:
  always: {mon-sun: 00:00-24:00}
clocks:
  callback: {within: 1h, calendar: always}
decide:
  who:
    - {rule: nobody-known, when: {account.known: false}, then: {queue: look-up, tag: needs-lookup}}
    - {rule: night, when: {account.plan: 24x7}, then: {queue: night}}
    - {rule: known, then: {queue: tech}}
"""
AT = "2026-01-13T16:00:00Z"


def _call(desk, caller, words="Please call me back."):
    outcome = desk.voicemail(f"{caller} {words}".encode(), caller=caller, transcript=words, received_at=AT)
    return outcome["ticket"]


def _said(ticket):
    return [event["what"] for event in ticket["events"] if event["actor"] == "engineer"]


def test_a_number_on_two_accounts_is_nobody_s_until_a_person_says_whose(make_desk):
    desk = make_desk(RULES)
    before = _call(desk, "+15550120")
    assert (before["account"], before["identity"]["by"], before["queue"]) == (None, None, "look-up")
    assert "Harbor Clinic (harbor), Mill Works (mill)" in before["identity"]["evidence"][0]
    after = desk.call("tickets.set", ref=before["ref"], account="harbor")
    assert after["account"] == {"id": "harbor", "name": "Harbor Clinic", "plan": "24x7"}
    # The one contact of that account with this number.
    assert after["contact"]["name"] == "Shared"
    assert after["identity"]["by"] == "staff"
    assert after["identity"]["evidence"][-1] == "engineer settled it: Harbor Clinic (harbor), Shared."
    assert (after["queue"], after["tags"]) == ("night", [])
    assert after["clocks"] == before["clocks"]
    assert _said(after) == ["account Harbor Clinic (harbor), Shared"]


def test_what_staff_say_once_and_remember_holds_for_the_next_call(make_desk):
    desk = make_desk(RULES)
    ref = _call(desk, "+15550199")["ref"]
    after = desk.call("tickets.set", ref=ref, account="acme", contact="operations", remember=True)
    assert (after["contact"]["id"], after["contact"]["authorized"]) == ("ops@acme.example", True)
    assert "+15550199 put on file for Operations" in _said(after)
    again = _call(desk, "+15550199", "Hello again.")
    assert (again["account"]["id"], again["contact"]["name"], again["identity"]["by"]) == (
        "acme",
        "Operations",
        "caller-id",
    )
    (event,) = desk.call("accounts.show", id="acme")["events"]
    assert (event["actor"], event["why"]) == ("engineer", f"settled on ticket {ref}")


def test_an_address_remembered_in_passing_names_somebody_and_opens_nothing(make_desk):
    desk = make_desk(RULES)
    ref = desk.mail(mail("A question", sender="new@acme.example"))["ticket"]["ref"]
    after = desk.call("tickets.set", ref=ref, account="acme", contact="Newcomer", remember=True)
    assert after["contact"] == {"id": "new@acme.example", "name": "Newcomer", "authorized": False}
    assert after["authentication"]["verdict"] == "unknown"
    second = desk.mail(mail("Another question", sender="new@acme.example"))["ticket"]
    assert (second["account"]["id"], second["contact"]["name"], second["contact"]["authorized"]) == (
        "acme",
        "Newcomer",
        False,
    )


def test_a_number_that_the_file_has_on_two_accounts_stays_nobody_s_and_staff_hear_it(make_desk):
    desk = make_desk(RULES)
    after = desk.call("tickets.set", ref=_call(desk, "+15550120")["ref"], account="mill", remember=True)
    assert any("and for harbor, too" in what for what in _said(after))
    assert _call(desk, "+15550120", "Hello again.")["account"] is None


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"account": "nobody"}, InboxdError, 'no account "nobody"'),
        ({"account": "acme", "contact": "Stranger"}, InboxdError, "it has: Operations, Stand-in"),
        ({"contact": "Operations"}, UsageWrong, "name the account, too"),
        ({"remember": True}, UsageWrong, "name the account, too"),
    ],
    ids=["no such account", "no such contact", "a contact of nobody", "nothing to remember"],
)
def test_a_choice_that_names_nobody_changes_nothing(make_desk, arguments, error, said):
    desk = make_desk(RULES)
    before = _call(desk, "anonymous")
    with pytest.raises(error, match=said):
        desk.call("tickets.set", ref=before["ref"], **arguments)
    assert desk.call("tickets.show", ref=before["ref"])["events"] == before["events"]


def test_a_withheld_number_has_nothing_to_remember(make_desk):
    desk = make_desk(RULES)
    ref = _call(desk, "anonymous")["ref"]
    with pytest.raises(InboxdError, match="the number was withheld: name a contact that is on file"):
        desk.call("tickets.set", ref=ref, account="acme", contact="Newcomer", remember=True)
    after = desk.call("tickets.set", ref=ref, account="acme", contact="ops@acme.example", remember=True)
    assert after["contact"]["name"] == "Operations"
    assert "nothing to remember: the number was withheld" in _said(after)


def test_calls_made_are_counted_and_the_first_meets_the_clock(make_desk):
    desk = make_desk(RULES)
    ref = _call(desk, "+15550101")["ref"]
    once = desk.call("tickets.set", ref=ref, called=True)
    assert once["callback"]["made"] == 1
    (met,) = [clock["met_at"] for clock in once["clocks"]]
    assert met is not None
    twice = desk.call("tickets.set", ref=ref, called=True, tag=["vip"])
    assert twice["callback"]["made"] == 2
    assert [clock["met_at"] for clock in twice["clocks"]] == [met]
    assert _said(twice) == ["called", "tag vip", "called"]


def test_a_tag_that_staff_take_stays_away_and_one_they_give_stays(make_desk):
    desk = make_desk(RULES)
    ref = _call(desk, "+15550199")["ref"]
    assert desk.call("tickets.set", ref=ref, tag=["vip"])["tags"] == ["needs-lookup", "vip"]
    assert desk.call("tickets.set", ref=ref, untag=["needs-lookup"])["tags"] == ["vip"]
    assert desk.call("tickets.set", ref=ref, account="acme")["tags"] == ["vip"]
    assert desk.call("tickets.set", ref=ref, untag=["vip"], tag=["needs-lookup"])["tags"] == ["needs-lookup"]
