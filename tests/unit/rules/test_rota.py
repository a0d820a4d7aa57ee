"""Who is on call when, and whom a page goes to, step by step."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.load import loads
from rules.rota import Rota

At = Callable[..., datetime]
PEOPLE = """
desk: {zone: America/Chicago}
oncall:
  people:
    engineer-1: {call: +15550171}
    engineer-2: {call: +15550172, sms: +15550172}
    engineer-3: {webhook: "https://alerts.example.com/page"}
    lead:       {call: +15550179, mail: lead@example.com}
"""
WEEKLY = "  rota: {turns: [engineer-1, engineer-2, engineer-3], each: week, from: 2026-01-05 08:00"


def rota(text: str) -> Rota:
    found = loads(PEOPLE + text, "rules.yaml").rota
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("moment", "person"),
    [
        ("2026-01-05 08:00", "engineer-1"),
        ("2026-01-12 07:59:59", "engineer-1"),
        ("2026-01-12 08:00", "engineer-2"),
        ("2026-01-25 12:00", "engineer-3"),
        ("2026-01-26 08:00", "engineer-1"),
        ("2026-01-05 07:59", "engineer-3"),  # turns are counted backwards, too: somebody always has it
        ("2026-03-09 07:59:59", "engineer-3"),  # the night before, spring took an hour away
        ("2026-03-09 08:00", "engineer-1"),
        ("2026-11-02 07:59:59", "engineer-1"),  # and autumn gave it back
        ("2026-11-02 08:00", "engineer-2"),
    ],
)
def test_turns_change_at_the_handover_on_the_wall_of_the_zone(at: At, moment: str, person: str) -> None:
    assert rota(WEEKLY + "}").who(at(moment)) == person


@pytest.mark.parametrize(
    ("each", "person", "days"), [("day", "engineer-3", 1), ("3 days", "engineer-2", 3), ("2 weeks", "engineer-1", 14)]
)
def test_a_turn_lasts_as_long_as_the_file_says(at: At, each: str, person: str, days: int) -> None:
    shift = rota(WEEKLY.replace("each: week", f"each: {each}") + "}").shift(at("2026-01-10 12:00"))
    assert shift is not None
    assert shift.person == person
    assert shift.until - shift.since == timedelta(days=days)


def test_a_fixed_week_hands_over_each_day(at: At) -> None:
    fixed = rota("  rota: {turns: {mon-fri: engineer-1, sat: lead, sun: engineer-2}, handover: 17:00}")
    assert fixed.who(at("2026-06-12 16:59")) == "engineer-1"  # Friday, still Thursday's turn
    assert fixed.who(at("2026-06-13 16:59")) == "engineer-1"
    assert fixed.who(at("2026-06-13 17:00")) == "lead"
    assert fixed.who(at("2026-06-15 16:59")) == "engineer-2"


def test_an_override_stands_in_and_cuts_the_turns_around_it_short(at: At) -> None:
    with_lead = rota(WEEKLY + ", overrides: [{lead: 2026-01-07 17:00 to 2026-01-08 08:00}]}")
    assert [with_lead.who(at(f"2026-01-{each}")) for each in ("07 16:59", "07 17:00", "08 07:59", "08 08:00")] == [
        "engineer-1", "lead", "lead", "engineer-1",
    ]  # fmt: skip
    before, after = with_lead.shift(at("2026-01-06 12:00")), with_lead.shift(at("2026-01-09 12:00"))
    assert before is not None
    assert after is not None
    assert (before.since, before.until) == (at("2026-01-05 08:00"), at("2026-01-07 17:00"))
    assert (after.since, after.until) == (at("2026-01-08 08:00"), at("2026-01-12 08:00"))


def test_steps_are_gone_through_one_by_one_and_a_named_person_comes_first(at: At) -> None:
    steps = ", escalate: [{page: rota, wait: 5m}, {page: lead, wait: 90s, repeat: 2}]"
    found = rota(WEEKLY + "}\n" + "  " + steps.removeprefix(", "))
    assert [(step.page, step.wait.seconds) for step in found.chain("rota")] == [
        ("rota", 300),
        ("lead", 90),
        ("lead", 90),
    ]
    assert [step.page for step in found.chain("engineer-2")] == ["engineer-2", "rota", "lead", "lead"]
    paged = found.paged(found.steps[0], at("2026-01-14 02:05"))
    assert paged is not None
    assert [(way.kind, way.to) for way in paged.ways] == [("call", "+15550172"), ("sms", "+15550172")]


def test_without_steps_whoever_is_on_turn_is_paged_again_and_again() -> None:
    found = rota(WEEKLY + "}")
    assert {step.page for step in found.steps} == {"rota"}
    assert len(found.steps) > 1


@settings(deadline=None, database=None, max_examples=150)
@given(
    minutes=st.integers(-500_000, 1_500_000),
    each=st.sampled_from(["day", "week", "2 days", "3 weeks"]),
    zone=st.sampled_from(["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Beirut", "UTC"]),
    handover=st.sampled_from(["00:00", "01:30", "02:15", "02:30", "08:00", "23:59"]),
)
def test_somebody_always_has_it_and_a_turn_ends_where_the_next_one_begins(
    minutes: int, each: str, zone: str, handover: str
) -> None:
    text = WEEKLY.replace("each: week", f"each: {each}").replace("08:00", handover) + f", zone: {zone}}}"
    found = rota(text)
    moment = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    shift = found.shift(moment)
    assert shift is not None
    assert shift.since <= moment < shift.until
    after = found.shift(shift.until)
    assert after is not None
    assert after.since == shift.until
    turns = ["engineer-1", "engineer-2", "engineer-3"]
    assert after.person == turns[(turns.index(shift.person) + 1) % 3]
