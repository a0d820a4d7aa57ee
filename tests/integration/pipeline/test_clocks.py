"""Clocks on tickets: what meets and stops them, and the events when their time runs out, on both databases."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from inboxd.clocks.ring_clocks import ClockStory
from store import jobs
from store.claimant import claimant
from tests.harness.mails import mail

RULES = """
clocks:
  first-response: {within: {urgent: 30m, high: 1h, medium: 4h, low: 8h}, calendar: always, notice: breach}
  callback:       {within: 2h, calendar: always, warn: 30m}
  resolution:     {within: 8h, calendar: always, paused: waiting}
calendars:
  always: {mon-sun: 00:00-24:00}
"""
HOUR = 3600


def ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat(timespec="seconds")


def read(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


# What differs by the database is tried on both; what is decided in Python alone, on one.
on_one_database = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def clock(ticket, name):
    return next(each for each in ticket["clocks"] if each["name"] == name)


def called(desk, hours=1.0, **more):
    outcome = desk.voicemail(b"RIFF", transcript="The fax server.", caller="+15550101", received_at=ago(hours), **more)
    return outcome["ticket"]


def ring(desk):
    """Run every clock job whose time has come, as the daemon's worker does, and give how many there were."""
    house = desk.backend.houses()[-1]
    story = ClockStory(house.store, house.policy)
    rung = 0
    while True:
        found = house.store.write(
            lambda txn: jobs.claim(txn, lane="mail", claimant=claimant(), lease_seconds=60, limit=100)
        )
        if not found:
            return rung
        for job in found:
            assert job.kind == "clock"
            story(job)
            rung += 1


def events(ticket):
    return [event["what"] for event in ticket["events"] if event["what"].split()[0] in ("due", "breached")]


@on_one_database
def test_a_call_meets_the_callback_a_solution_meets_the_rest_and_a_note_meets_nothing(make_desk):
    desk = make_desk(RULES)
    ref = called(desk)["ref"]
    desk.call("tickets.note", ref=ref, text="Looked into it.")
    ticket = desk.call("tickets.set", ref=ref, called=True)
    assert [each["name"] for each in ticket["clocks"] if each["met_at"]] == ["callback"]
    ticket = desk.call("tickets.set", ref=ref, status="solved")
    assert [each["name"] for each in ticket["clocks"] if each["met_at"]] == ["callback", "resolution"]
    assert not any(each["breached"] for each in ticket["clocks"])


def test_a_clock_stands_still_while_the_ticket_waits_and_the_time_is_given_back(make_desk, monkeypatch):
    desk = make_desk(RULES)
    before = called(desk)
    waiting = desk.call("tickets.set", ref=before["ref"], status="waiting")
    assert clock(waiting, "resolution")["due_at"] is None
    assert clock(waiting, "callback")["due_at"] == clock(before, "callback")["due_at"]
    later = time.time_ns() + 3 * HOUR * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    after = desk.call("tickets.set", ref=before["ref"], status="open")
    given_back = read(clock(after, "resolution")["due_at"]) - read(clock(before, "resolution")["due_at"])
    assert 3 * HOUR - 60 <= given_back <= 3 * HOUR + 60
    # Staff's choice of priority counts from the same start, and the pause still counts for nothing.
    urgent = desk.call("tickets.set", ref=before["ref"], priority="urgent")
    assert clock(urgent, "resolution")["due_at"] == clock(after, "resolution")["due_at"]
    told = desk.call("why", ref=before["ref"])["text"]
    assert "stood still from" in told
    assert "resolution: due" in told
    moved = read(clock(before, "first-response")["due_at"]) - read(clock(urgent, "first-response")["due_at"])
    assert moved == 3.5 * HOUR


@on_one_database
def test_a_solution_that_did_not_hold_lets_the_clock_run_again(make_desk, monkeypatch):
    desk = make_desk(RULES)
    before = desk.mail(mail("Fax server", sender="ops@acme.example"))["ticket"]
    desk.call("tickets.set", ref=before["ref"], status="solved")
    later = time.time_ns() + 2 * HOUR * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    reply = mail(f"Re: [#{before['ref']}] Fax server", sender="ops@acme.example", body="It is down again.")
    after = desk.mail(reply)["ticket"]
    assert after["status"] == "open"
    assert clock(after, "resolution")["met_at"] is None
    given_back = read(clock(after, "resolution")["due_at"]) - read(clock(before, "resolution")["due_at"])
    assert 2 * HOUR - 60 <= given_back <= 2 * HOUR + 60


def test_due_and_breach_become_events_once_at_the_time_at_which_they_were(make_desk, monkeypatch):
    desk = make_desk(RULES)
    soon, late = called(desk, hours=1.75), called(desk, hours=5)
    assert ring(desk) >= 2
    soon, late = (desk.call("tickets.show", ref=each["ref"]) for each in (soon, late))
    assert events(soon) == ["due callback"]
    assert sorted(events(late)) == ["breached callback", "breached first-response"]
    (told,) = [event for event in late["events"] if event["what"] == "breached callback"]
    assert (told["at"], told["actor"]) == (clock(late, "callback")["due_at"], "inboxd")
    assert ring(desk) == 0
    # A second job for the same moment, as a crash at the wrong moment could leave: nothing is told twice.
    house = desk.backend.houses()[-1]
    with house.store.read() as connection:
        from store import tickets

        number = tickets.get(connection, late["ref"]).id
    house.store.write(lambda txn: jobs.add(txn, kind="clock", lane="mail", payload={"ticket": number}))
    set_back = time.time_ns() - 10 * HOUR * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: set_back)  # nor by a clock that steps back behind what was told
    assert ring(desk) == 1
    assert events(desk.call("tickets.show", ref=late["ref"])) == events(late)


@on_one_database
def test_what_a_clock_that_stood_ahead_said_too_early_is_said_again_in_its_time(make_desk, monkeypatch):
    desk = make_desk(RULES)
    ref = called(desk, hours=0)["ref"]
    real, watch = time.time_ns, desk.backend.houses()[-1].clock
    watch.begin()
    early = ["breached callback", "breached first-response"]
    for ahead, said in ((5, early), (0, early), (3, [*early, "breached callback", "due first-response"])):
        monkeypatch.setattr(time, "time_ns", lambda ahead=ahead: real() + ahead * HOUR * 10**9)
        if ahead != 3:
            watch.look()  # three hours later they have really passed
        ring(desk)
        shown = desk.call("tickets.show", ref=ref)
        assert sorted(events(shown)) == sorted(said)
    assert "clock set back" in [event["what"] for event in shown["events"]]


def test_what_is_met_or_stands_still_is_never_said_to_be_breached(make_desk):
    desk = make_desk(RULES)
    ref = called(desk, hours=1)["ref"]
    desk.call("tickets.set", ref=ref, status="solved")
    house = desk.backend.houses()[-1]
    with house.store.read() as connection:
        waiting = {lane.lane: lane for lane in jobs.counts(connection)}["mail"]
    assert waiting.later >= 1  # the jobs of a ticket that was open; they will find nothing to tell
    assert ring(desk) == 0


@on_one_database
def test_a_priority_set_forth_and_back_tells_no_breach_twice(make_desk):
    desk = make_desk(RULES)
    ref = called(desk, hours=5)["ref"]
    ring(desk)
    told = events(desk.call("tickets.show", ref=ref))
    assert "breached first-response" in told
    for priority in ("high", "medium", "urgent", "medium"):
        desk.call("tickets.set", ref=ref, priority=priority)
        ring(desk)
    assert events(desk.call("tickets.show", ref=ref)) == told
    # One that lies ahead again is told again when it comes: the promise was another.
    desk.call("tickets.set", ref=ref, priority="low")
    moved = clock(desk.call("tickets.show", ref=ref), "first-response")
    assert (moved["breached"], read(moved["due_at"]) > time.time()) == (False, True)


@on_one_database
@pytest.mark.parametrize("status", ["solved", "closed", "waiting"])
def test_a_clock_that_rules_add_to_a_ticket_that_stands_still_does_not_run(make_desk, status):
    added = "decide: {s: [{rule: all, when: {not: {tag: slow}}, then: {clocks: {resolution: off}}}]}\n"
    desk = make_desk(RULES + added)
    ref = called(desk, hours=20)["ref"]
    ring(desk)
    desk.call("tickets.set", ref=ref, status=status)
    told = events(desk.call("tickets.set", ref=ref, tag=["slow"]))
    ring(desk)
    after = desk.call("tickets.show", ref=ref)
    assert clock(after, "resolution")["name"] == "resolution"
    assert events(after) == told


@on_one_database
def test_a_breach_is_told_to_staff_where_the_rules_ask_for_it(make_desk):
    engineer = {"name": "engineer-1", "login": "eng1", "addresses": ["engineer-1@example.com"], "notify": True}
    desk = make_desk(RULES, staff=[engineer])
    ref = called(desk, hours=5)["ref"]
    ring(desk)
    # Of first-response, not of callback.
    (notice,) = [item for item in desk.call("outbox.list") if item["kind"] == "notice"]
    assert (notice["kind"], notice["to"], notice["ticket"]) == ("notice", "engineer-1@example.com", ref)
    assert "first-response was due at" in notice["subject"] + notice["text"]


@pytest.mark.parametrize("hours", [1.9, 2.1])
def test_what_is_due_is_listed_by_the_clocks_that_run(make_desk, hours):
    desk = make_desk(RULES)
    ref = called(desk, hours=hours)["ref"]
    due = [ticket["ref"] for ticket in desk.call("tickets.list", due=datetime.now(UTC).isoformat(timespec="seconds"))]
    assert due == ([ref] if hours > 2 else [])
    desk.call("tickets.set", ref=ref, called=True)
    assert desk.call("tickets.list", due=datetime.now(UTC).isoformat(timespec="seconds")) == []


def test_service_levels_are_counted_from_the_tickets_as_they_stand(make_desk):
    desk = make_desk(RULES)
    for hours in (0.5, 1, 5):
        ref = called(desk, hours=hours)["ref"]
        desk.call("tickets.set", ref=ref, called=True)
    (row,) = desk.call("report", by=["account", "plan"], period="all")
    assert (row["account"], row["account_name"], row["plan"], row["tickets"]) == ("acme", "Acme Widgets", "standard", 3)
    (callback,) = [each for each in row["clocks"] if each["name"] == "callback"]
    assert (callback["met"], callback["breached"], callback["running"]) == (2, 1, 0)
    assert HOUR <= callback["open_seconds"]["p50"] <= HOUR + 120
    since = (datetime.now(UTC) - timedelta(hours=2)).isoformat(timespec="seconds")
    assert [row["tickets"] for row in desk.call("report", by=[], period="day", since=since)] in ([2], [1, 1])
    assert desk.call("report", by=["priority"], until=since)[0]["tickets"] == 1


def test_days_of_a_report_are_those_of_the_zone_that_a_reload_took_over(make_desk):
    desk = make_desk(RULES)
    desk.voicemail(b"RIFF", caller="+15550101", transcript="Hello.", received_at="2026-06-10T16:00:00Z")
    for house in desk.backend.houses():
        house.policy.current = replace(house.policy.current, zone=ZoneInfo("Asia/Tokyo"))
    assert [row["period"] for row in desk.call("report", by=[], period="day")] == ["2026-06-11"]
