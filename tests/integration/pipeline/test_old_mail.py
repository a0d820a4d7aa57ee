"""Old mail: filed quietly under its own date, and nothing that people work on is changed by it."""

import pytest

from tests.harness.mails import mail

RULES = """
clocks:
  first-response: {within: {urgent: 30m, high: 1h, medium: 4h, low: 8h}, calendar: always}
calendars:
  always: {mon-sun: 00:00-24:00}
decide:
  who:
    - {rule: special, when: {tag: vip}, then: {queue: care}}
"""
OLD = "Tue, 12 Mar 2019 10:00:00 +0000"
LATER = "Thu, 14 Mar 2019 10:00:00 +0000"


def old(desk, raw, *, kept="2024-05-05T00:00:00Z", kind="mail", **envelope):
    given = {"history": True, **envelope}
    taken = desk.call("ingest.accept", raw, kind=kind, envelope=given, name="old", received_at=kept)
    outcome = desk.call("ingest.outcome", intake_id=taken["intake_id"], wait_seconds=30)
    assert outcome is not None
    return outcome


def live(desk, raw):
    return desk.mail(raw)


def dated(raw, date):
    return raw.replace(b"Tue, 13 Jan 2026 16:00:00 +0000", date.encode())


def first(desk, way):
    return way(desk, dated(mail(sender="ops@acme.example", Message_ID="<first@acme.example>"), OLD))


def answer(subject="Re: Fax server", date=LATER, **headers):
    return dated(mail(subject, sender="ops@acme.example", In_Reply_To="<first@acme.example>", **headers), date)


def what_happened(ticket):
    return [event["what"] for event in ticket["events"]]


def test_old_mail_is_a_ticket_that_was_closed_on_its_own_date_and_has_no_clocks(make_desk):
    desk = make_desk(RULES)
    outcome = first(desk, old)
    ticket = outcome["ticket"]
    assert outcome["status"] == "filed"
    assert (ticket["status"], ticket["clocks"], ticket["account"]["id"]) == ("closed", [], "acme")
    assert {ticket[each] for each in ("created_at", "updated_at", "closed_at")} == {"2019-03-12T10:00:00Z"}
    assert ticket["entries"][0]["at"] == ticket["events"][0]["at"] == "2019-03-12T10:00:00Z"
    assert "Old mail" in ticket["events"][0]["why"]
    assert desk.call("outbox.list") == []
    assert desk.call("tickets.list") == []
    assert [each["ref"] for each in desk.call("tickets.search", words="nothing goes out")] == [ticket["ref"]]


def test_the_row_keeps_the_time_it_was_kept_with_and_that_counts_for_a_mail_without_a_date(desk):
    outcome = old(desk, dated(mail(), "once upon a time"))
    assert outcome["ticket"]["created_at"] == "2024-05-05T00:00:00Z"
    (row,) = desk.call("intake.list")
    assert row["received_at"] == "2024-05-05T00:00:00Z"
    assert "the place it was kept in" in desk.call("why", ref=outcome["ticket"]["ref"])["text"]


def test_why_says_that_it_is_old_mail_and_whose_word_its_date_is(desk):
    text = desk.call("why", ref=first(desk, old)["ticket"]["ref"])["text"]
    assert "Old mail: filed quietly under its own date, as its Date field says, closed from the start" in text


def test_an_answer_among_old_mail_joins_and_the_ticket_stays_closed_until_its_last(desk):
    ref = first(desk, old)["ticket"]["ref"]
    outcome = old(desk, answer())
    assert (outcome["status"], outcome["ticket"]["ref"]) == ("threaded", ref)
    assert (outcome["ticket"]["status"], outcome["ticket"]["closed_at"]) == ("closed", "2019-03-14T10:00:00Z")
    # One from before changes nothing of that.
    outcome = old(desk, answer(date="Wed, 13 Mar 2019 10:00:00 +0000"))
    assert (outcome["ticket"]["status"], outcome["ticket"]["closed_at"]) == ("closed", "2019-03-14T10:00:00Z")


def test_old_mail_of_a_stranger_joins_no_old_ticket_either(desk):
    ref = first(desk, old)["ticket"]["ref"]
    outcome = old(desk, dated(mail(sender="someone@client.example", In_Reply_To="<first@acme.example>"), LATER))
    assert outcome["status"] == "filed"
    assert outcome["ticket"]["ref"] != ref


def test_a_live_mail_that_answers_old_mail_is_filed_anew_and_the_old_ticket_stays_as_it_is(desk):
    before = first(desk, old)["ticket"]
    outcome = live(desk, answer(date="Tue, 13 Jan 2026 16:00:00 +0000", Message_ID="<now@acme.example>"))
    assert (outcome["status"], outcome["ticket"]["status"]) == ("filed", "open")
    assert f"Quotes {before['ref']}" in " ".join(outcome["ticket"]["identity"]["evidence"])
    after = desk.call("tickets.show", ref=before["ref"])
    *events, link = after["events"]
    assert {**after, "events": events} == before
    assert link["what"] == f"linked with {outcome['ticket']['ref']}"
    # The thread goes on there.
    further = mail(
        "Re: Fax server", sender="ops@acme.example", References="<first@acme.example> <now@acme.example>"
    )  # fmt: skip
    assert live(desk, further)["ticket"]["ref"] == outcome["ticket"]["ref"]


@pytest.mark.parametrize("status", ["open", "waiting", "solved"])
def test_old_mail_joins_a_live_ticket_and_its_status_stays(desk, status):
    ref = first(desk, live)["ticket"]["ref"]
    desk.call("tickets.set", ref=ref, status=status)
    outcome = old(desk, answer())
    assert (outcome["status"], outcome["ticket"]["ref"]) == ("threaded", ref)
    assert outcome["ticket"]["status"] == status
    assert outcome["ticket"]["closed_at"] is None
    assert "Old mail" in outcome["ticket"]["events"][-1]["why"]


def test_old_mail_that_answers_a_ticket_people_have_closed_is_filed_by_itself(desk):
    ref = first(desk, live)["ticket"]["ref"]
    before = desk.call("tickets.set", ref=ref, status="closed")
    outcome = old(desk, answer())
    assert (outcome["status"], outcome["ticket"]["status"]) == ("filed", "closed")
    assert outcome["ticket"]["ref"] != ref
    assert desk.call("tickets.show", ref=ref) == before


@pytest.mark.parametrize(("one", "other"), [(old, live), (live, old), (old, old)])
def test_the_same_mail_old_and_live_is_one_ticket_as_the_first_one_filed_it(desk, one, other):
    before = first(desk, one)["ticket"]
    twin = first(desk, other)
    assert (twin["status"], twin["ticket"]["ref"]) == ("duplicate", before["ref"])
    assert desk.call("tickets.show", ref=before["ref"]) == before


def test_a_change_by_staff_gives_old_mail_no_clock(make_desk):
    desk = make_desk(RULES)
    ref = first(desk, old)["ticket"]["ref"]
    changed = desk.call("tickets.set", ref=ref, status="open", tag=["vip"], untag=[])
    assert (changed["queue"], changed["status"], changed["clocks"]) == ("care", "open", [])
    assert "clocks" not in " ".join(what_happened(changed))


def test_a_rule_holds_old_mail_as_any_other_and_a_replay_files_it_quietly(make_desk):
    desk = make_desk("decide:\n  hold:\n    - {rule: auto, when: {auto-reply: true}, then: {quarantine: a program}}\n")
    held = old(desk, dated(mail(Auto_Submitted="auto-replied"), OLD))
    assert held["status"] == "quarantined"
    (desk.folder / "rules.yaml").write_text("")
    desk.reload()
    desk.call("intake.replay", id=held["intake_id"])
    again = desk.call("ingest.outcome", intake_id=held["intake_id"], wait_seconds=30)
    assert (again["ticket"]["status"], again["ticket"]["created_at"]) == ("closed", "2019-03-12T10:00:00Z")


def test_an_old_recording_is_filed_quietly_under_the_time_it_was_kept_with(make_desk):
    desk = make_desk(RULES)
    outcome = old(desk, b"RIFF", kind="voicemail", caller="+15550101", called="+15550190", transcript="fax is down")
    ticket = outcome["ticket"]
    assert (ticket["status"], ticket["clocks"]) == ("closed", [])
    assert ticket["created_at"] == ticket["closed_at"] == "2024-05-05T00:00:00Z"
    assert "Old mail" in desk.call("why", ref=ticket["ref"])["text"]
