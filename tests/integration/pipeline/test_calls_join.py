"""A caller who names a reference: whose call joins, what it changes, and whose is filed anew."""

import pytest

from store.references import check_digit
from tests.harness.mails import mail

RULES = """
calendars:
  always: {mon-sun: 00:00-24:00}
clocks:
  callback: {within: {urgent: 30m, high: 1h, medium: 2h, low: 4h}, calendar: always}
actions:
  discuss: {}
  credentials: {needs: {proof: authenticated}, else: Needs a proven mail.}
decide:
  priority:
    - {rule: mail, when: {channel: email}, then: {priority: medium}}
    - {rule: down, when: {says: [down]}, then: {priority: urgent}}
    - {rule: question, when: {says: [how do]}, then: {priority: low}}
"""
OPENED, CALLED = "2026-01-13T16:00:00Z", "2026-01-14T16:00:00Z"


def _call(desk, words, *, caller="+15550101", at=CALLED):
    return desk.voicemail(f"{caller}{words}".encode(), caller=caller, transcript=words, received_at=at)


def _aloud(ref):
    names = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return " ".join(names[int(each)] for each in ref if each.isdecimal())


def _mailed(desk):
    return desk.mail(mail("Slow", sender="ops@acme.example"))["ticket"]["ref"]


def _spoken(desk):
    return _call(desk, "It is slow.", at=OPENED)["ticket"]


def test_a_call_from_a_number_on_file_joins_the_ticket_it_names(make_desk):
    desk = make_desk(RULES)
    first = _spoken(desk)
    joined = _call(desk, f"About reference {_aloud(first['ref'])}. Call me back at five five five zero one zero nine.")
    assert (joined["status"], joined["ticket"]["ref"]) == ("threaded", first["ref"])
    assert [entry["kind"] for entry in joined["ticket"]["entries"]] == ["voicemail", "voicemail"]
    assert joined["ticket"]["callback"]["number"] == "+15550109"
    assert joined["ticket"]["clocks"] == first["clocks"]
    assert joined["ticket"]["priority"] == "medium"


def test_who_works_on_a_ticket_is_told_that_its_caller_has_called_again(make_desk):
    staff = [{"name": "engineer-1", "addresses": ["engineer-1@example.com"], "notify": True}]
    desk = make_desk(RULES, staff=staff)
    ref = _spoken(desk)["ref"]
    desk.call("tickets.set", ref=ref, assignee="engineer-1")
    _call(desk, f"About reference {_aloud(ref)}. It is slower still.")
    (told,) = [each for each in desk.call("outbox.list") if each["kind"] == "notice"]
    assert "+15550101 has called again." in told["text"]
    assert "It is slower still." in told["text"]


def test_what_a_call_says_raises_a_mailed_ticket_with_clocks_of_its_own_and_no_mail_or_tag_lowers_it(make_desk):
    desk = make_desk(RULES)
    ref = _mailed(desk)
    raised = _call(desk, f"Reference {_aloud(ref)}. Now everything is down.")["ticket"]
    assert (raised["priority"], raised["priority_by"]) == ("urgent", "call down")
    (clock,) = raised["clocks"]
    assert (clock["started_at"], clock["due_at"]) == (CALLED, "2026-01-14T16:30:00Z")
    assert raised["callback"]["due_at"] == clock["due_at"]
    desk.mail(mail(f"Re: [#{ref}] Slow", sender="ops@acme.example"))
    after = desk.call("tickets.set", ref=ref, tag=["vip"])
    assert (after["priority"], after["priority_by"], after["clocks"]) == ("urgent", "call down", raised["clocks"])


def test_an_emailed_ticket_that_holds_a_call_alone_is_as_urgent_as_that_and_can_be_worked_on(make_desk):
    desk = make_desk(RULES)
    ref = _mailed(desk)
    taken = _call(desk, f"Reference {_aloud(ref)}. Now everything is down.")
    other = desk.mail(mail("Other", sender="ops@acme.example", text="2\n"))["ticket"]["ref"]
    desk.call("tickets.merge", ref=ref, into=other)
    desk.call("tickets.split", ref=other, entry=1)
    alone = desk.call("tickets.undo", ref=ref)
    assert [entry["kind"] for entry in alone["entries"]] == ["voicemail"]
    after = desk.call("tickets.set", ref=ref, tag=["vip"])
    assert (after["priority"], after["priority_by"]) == ("urgent", "call down")
    desk.call("tickets.correct", ref=ref, text="Now nothing is down.")
    for house in desk.backend.houses():
        house.intake.announce([taken["intake_id"]])
    assert desk.call("ingest.outcome", intake_id=taken["intake_id"], wait_seconds=30)
    assert desk.call("tickets.show", ref=ref)["priority_by"] == "call down"


def test_words_put_right_raise_what_a_call_joined_and_lower_nothing(make_desk):
    desk = make_desk(RULES)
    ref = _mailed(desk)
    taken = _call(desk, f"Reference {_aloud(ref)}. Now everything is dawn.")
    joined = taken["ticket"]
    assert joined["priority"] == "medium"

    def after(words):
        desk.call("tickets.correct", ref=ref, text=words)
        for house in desk.backend.houses():
            house.intake.announce([taken["intake_id"]])
        assert desk.call("ingest.outcome", intake_id=taken["intake_id"], wait_seconds=30)
        return desk.call("tickets.show", ref=ref)

    raised = after("Now everything is down.")
    assert raised["events"][-1]["what"] == "decided again"
    assert (raised["priority"], raised["priority_by"], raised["queue"]) == ("urgent", "call down", joined["queue"])
    assert raised["callback"]["number"] == joined["callback"]["number"]
    assert after("How do I print?")["priority"] == "urgent"


def test_what_a_person_set_no_call_raises(make_desk):
    desk = make_desk(RULES)
    ref = _mailed(desk)
    desk.call("tickets.set", ref=ref, priority="low")
    assert _call(desk, f"Reference {_aloud(ref)}. It is down.")["ticket"]["priority"] == "low"


def test_a_call_lowers_nothing_and_opens_nothing(make_desk):
    desk = make_desk(RULES)
    first = _call(desk, "Everything is down.", at=OPENED)["ticket"]
    joined = _call(desk, f"Reference {_aloud(first['ref'])}. How do I print?")["ticket"]
    assert joined["priority"] == "urgent"
    assert joined["actions_allowed"] == ["discuss"]


def test_a_call_reopens_what_was_solved_and_asks_for_another_call(make_desk):
    desk = make_desk(RULES)
    ref = _spoken(desk)["ref"]
    desk.call("tickets.set", ref=ref, status="solved", called=True)
    again = _call(desk, f"Ticket {_aloud(ref)}, please call back.")["ticket"]
    assert again["status"] == "open"
    assert [(clock["started_at"], clock["met_at"]) for clock in again["clocks"]] == [(CALLED, None)]


def _wrong(ref):
    return ref[:-1] + str((int(ref[-1]) + 1) % 10)


def _not_drawn(ref):
    digits = str(int(ref.partition("-")[0]) % 90_000 + 10_000)
    return f"{digits}-{check_digit(digits)}"


@pytest.mark.parametrize(
    ("caller", "named", "because"),
    [
        ("+15550199", lambda ref: ref, "not on file for its account"),
        ("anonymous", lambda ref: ref, "not on file for its account"),
        ("+15550101", _wrong, "check digit"),
        ("+15550101", _not_drawn, "no such ticket"),
    ],
    ids=["another number", "a withheld number", "a wrong digit", "no such ticket"],
)
def test_a_reference_that_does_not_do_stands_in_the_evidence_of_a_new_ticket(make_desk, caller, named, because):
    desk = make_desk(RULES)
    first = _spoken(desk)
    called = named(first["ref"])
    second = _call(desk, f"About reference number {_aloud(called)}. It is slow.", caller=caller)
    assert second["status"] == "filed"
    assert second["ticket"]["ref"] != first["ref"]
    evidence = second["ticket"]["identity"]["evidence"][-1]
    assert called in evidence
    assert because in evidence


def test_what_is_closed_is_not_opened_again_by_a_call(make_desk):
    desk = make_desk(RULES)
    ref = _spoken(desk)["ref"]
    desk.call("tickets.set", ref=ref, status="closed")
    second = _call(desk, f"Reference {_aloud(ref)}, again.")
    assert (second["status"], second["ticket"]["identity"]["evidence"][-1]) == (
        "filed",
        f"Names the reference {ref}, filed anew: that ticket is closed.",
    )


def test_a_call_that_raised_a_ticket_and_is_split_off_takes_its_decision_along(make_desk):
    desk = make_desk(RULES)
    ref = _mailed(desk)
    _call(desk, f"Reference {_aloud(ref)}. Now everything is down.")
    new = desk.call("tickets.split", ref=ref, entry=2)
    assert (new["channel"], new["priority"], new["requester"]["phone"]) == ("voicemail", "urgent", "+15550101")
    assert (new["requester"]["address"], new["account"]["id"]) == (None, "acme")
    assert new["callback"]["number"] == "+15550101"
    # As a person would write it down, not by what the old ticket is about.
    assert new["subject"].startswith("Voicemail, +1 555 0101 (Acme Widgets, by caller ID): ")
    assert "everything is down" in new["subject"]
    assert new["requester"]["name"] == "Operations"
    # Both are still decided, by what they hold.
    left = desk.call("tickets.set", ref=ref, tag=["vip"])
    assert (left["tags"], left["priority"]) == (["vip"], "medium")
    assert desk.call("tickets.set", ref=new["ref"], type="problem")["priority"] == "urgent"


def test_a_mail_split_off_what_a_person_raised_is_decided_like_a_mail(make_desk):
    desk = make_desk(RULES)
    ref = _mailed(desk)
    desk.mail(mail(f"Re: [#{ref}] Slow", sender="ops@acme.example", body="URGENT: another thing"))
    desk.call("tickets.set", ref=ref, priority="urgent")
    new = desk.call("tickets.split", ref=ref, entry=2)
    assert (new["priority"], new["priority_by"], new["subject"]) == ("medium", "rule mail", "Slow")
    assert desk.call("tickets.set", ref=new["ref"], tag=["vip"])["priority"] == "medium"


def test_words_put_right_of_a_call_that_a_person_merged_are_read_there_and_decide_nothing(make_desk):
    desk = make_desk(RULES)
    taken = _call(desk, "It is slow.", at=OPENED)
    stays = desk.mail(mail("Slow", sender="ops@acme.example", body="Call me at +1 555 0177."))["ticket"]
    desk.call("tickets.merge", ref=taken["ticket"]["ref"], into=stays["ref"])
    desk.call("tickets.correct", ref=stays["ref"], text="Everything is down.")
    for house in desk.backend.houses():
        house.intake.announce([taken["intake_id"]])
    assert desk.call("ingest.outcome", intake_id=taken["intake_id"], wait_seconds=30)
    assert desk.call("intake.show", id=taken["intake_id"])["state"] == "done"
    after = desk.call("tickets.show", ref=stays["ref"])
    assert after["entries"][0]["transcript"]["text"] == "Everything is down."
    for name in ("subject", "priority", "callback"):
        assert after[name] == stays[name]
