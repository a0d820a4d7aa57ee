"""A reference that the recogniser hears after the call was filed: the ticket goes where the caller meant it to."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inboxd.call_story.decide_with_words import decide_again
from store import intake as rows
from store import jobs, tickets
from store.claimant import claimant
from tests.integration.pipeline.test_calls_join import CALLED, OPENED, RULES, _aloud, _mailed
from transcribe.run import Recogniser
from transcribe.transcript import Transcript

PAGING = f"""
oncall:
  people: {{engineer-1: {{call: +15550171}}}}
  rota: {{turns: [engineer-1], each: week, from: 2026-01-05 08:00}}
  escalate: [{{page: rota, wait: 5m}}]
{RULES}  page:
    - {{rule: wake, when: {{channel: voicemail}}, then: {{page: rota}}}}
"""


class Ears:
    """What the recogniser hears: the very bytes of the recording, once it may go on."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, path: Path, **_: object) -> Transcript:
        assert self.go_on.wait(30)
        words = path.read_bytes().decode().partition("|")[2]
        return Transcript(text=words, engine="test", model="", language="en", confidence=None, duration=2.0)


@pytest.fixture
def ears(monkeypatch: pytest.MonkeyPatch) -> Ears:
    """Stand in for the child process with the engine."""
    ears = Ears()
    monkeypatch.setattr(Recogniser, "transcribe", lambda _, path, **given: ears(path, **given))
    return ears


def call(desk, words, *, caller="+15550101", at=CALLED, called="+15550190"):
    """A call of which nobody knows the words beforehand."""
    return desk.voicemail(f"{at}|{words}".encode(), caller=caller, received_at=at, called=called)


def filed(desk, words, ears, **more):
    """The ticket of a call as it stands before the recogniser is through, and its queue id."""
    ears.go_on.clear()
    given = {"called": "+15550190", "caller": "+15550101", **more}
    accepted = desk.call(
        "ingest.accept", f"late|{words}".encode(), kind="voicemail", envelope=given, name="x", received_at=CALLED
    )
    for _ in range(600):
        row = desk.call("intake.show", id=accepted["intake_id"])
        if row["ticket"] is not None:
            return row["ticket"], accepted
        threading.Event().wait(0.05)
    raise AssertionError(row)


def told(desk, ref):
    return [event["what"] for event in desk.call("tickets.show", ref=ref)["events"]]


def test_a_call_moves_to_the_ticket_whose_reference_is_heard_and_raises_it(make_desk, ears):
    desk = make_desk(RULES)
    ref = _mailed(desk)
    own, accepted = filed(desk, f"Reference {_aloud(ref)}. Now everything is down.", ears)
    assert own != ref
    ears.go_on.set()
    outcome = desk._through(accepted, 60)
    ticket = outcome["ticket"]
    assert (outcome["status"], ticket["ref"]) == ("threaded", ref)
    assert [entry["kind"] for entry in ticket["entries"]] == ["email", "voicemail"]
    assert ticket["entries"][1]["identity"]["evidence"][-1] == f"Joins {ref}: the caller names its reference."
    assert (ticket["priority"], ticket["priority_by"]) == ("urgent", "call down")
    (clock,) = ticket["clocks"]
    assert (clock["started_at"], clock["due_at"]) == (CALLED, "2026-01-14T16:30:00Z")
    assert (ticket["callback"]["number"], ticket["callback"]["due_at"]) == ("+15550101", clock["due_at"])
    assert ticket["actions_allowed"] == ["discuss"]
    # The provisional one is left behind, and points there.
    gone = desk.call("tickets.show", ref=own)
    assert (gone["status"], gone["entries"], told(desk, own)[-1]) == ("closed", [], f"merged into {ref}")
    assert f"took in {own}" in told(desk, ref)
    assert "Joins" in desk.call("why", ref=ref)["text"]
    assert f"merged into {ref}" in desk.call("why", ref=own)["text"]
    # Nothing that a person changes afterwards takes it back.
    assert desk.call("tickets.set", ref=ref, tag=["vip"])["priority"] == "urgent"
    # Who was told the provisional reference is led on.
    again = call(desk, f"Reference {_aloud(own)}. How do I print?", at="2026-01-14T17:00:00Z")
    assert (again["status"], again["ticket"]["ref"], again["ticket"]["priority"]) == ("threaded", ref, "urgent")
    assert again["ticket"]["entries"][-1]["identity"]["evidence"][-1] == (
        f"Joins {ref}: the caller names {own}, which was merged into it."
    )
    # The same recording again is its duplicate, there.
    twin = desk._through(
        desk.call(
            "ingest.accept", f"late|Reference {_aloud(ref)}. Now everything is down.".encode(), kind="voicemail",
            envelope={"called": "+15550190", "caller": "+15550101"}, name="x", received_at=CALLED,
        ),
        30,
    )  # fmt: skip
    assert (twin["status"], twin["ticket"]["ref"]) == ("duplicate", ref)


def test_what_is_solved_is_opened_again_and_a_call_lowers_nothing(make_desk, ears):
    desk = make_desk(RULES)
    first = call(desk, "Everything is down.", at=OPENED)["ticket"]
    desk.call("tickets.set", ref=first["ref"], status="solved", called=True)
    joined = call(desk, f"About reference {_aloud(first['ref'])}. How do I print?")
    assert (joined["status"], joined["ticket"]["ref"]) == ("threaded", first["ref"])
    assert (joined["ticket"]["status"], joined["ticket"]["priority"]) == ("open", "urgent")
    assert [(clock["started_at"], clock["met_at"]) for clock in joined["ticket"]["clocks"]] == [(CALLED, None)]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("caller", "because"), [("+15550199", "not on file"), ("anonymous", "not on file")])
def test_a_heard_reference_that_does_not_do_stands_in_the_evidence(make_desk, ears, caller, because):
    desk = make_desk(RULES)
    ref = _mailed(desk)
    second = call(desk, f"Reference {_aloud(ref)}. It is down.", caller=caller)
    assert (second["status"], second["ticket"]["ref"] == ref) == ("filed", False)
    for evidence in (second["ticket"]["identity"]["evidence"], second["ticket"]["entries"][0]["identity"]["evidence"]):
        assert ref in evidence[-1]
        assert because in evidence[-1]
    assert "merged" not in " ".join(told(desk, second["ticket"]["ref"]))


def test_where_a_person_was_at_work_nothing_moves_and_staff_are_told_what_would(make_desk, ears):
    desk = make_desk(RULES, staff=[{"name": "engineer-1", "addresses": ["engineer-1@example.com"], "notify": True}])
    ref = _mailed(desk)
    own, accepted = filed(desk, f"Reference {_aloud(ref)}. It is down.", ears)
    desk.call("tickets.note", ref=own, text="Called back already.")
    ears.go_on.set()
    outcome = desk._through(accepted, 60)
    assert (outcome["status"], outcome["ticket"]["ref"], outcome["ticket"]["priority"]) == ("filed", own, "urgent")
    assert f"inboxd tickets merge {own} {ref}" in outcome["ticket"]["identity"]["evidence"][-1]
    assert f"the caller names {ref}" in told(desk, own)
    assert [item["kind"] for item in desk.call("outbox.list") if item["ticket"] == own].count("notice") == 1
    assert len(desk.call("tickets.show", ref=ref)["entries"]) == 1
    assert desk.call("tickets.merge", ref=own, into=ref)["ref"] == ref


def test_a_job_that_comes_again_or_dies_before_its_commit_changes_nothing_twice(make_desk, ears, monkeypatch):
    desk = make_desk(RULES)
    ref = _mailed(desk)
    died = []
    settle = rows.move

    def dies_once(txn, *numbers):
        settle(txn, *numbers)
        if not died:
            died.append(numbers)
            raise RuntimeError("the machine lost its power")

    monkeypatch.setattr(rows, "move", dies_once)
    outcome = call(desk, f"Reference {_aloud(ref)}. It is down.")
    assert (len(died), outcome["status"], outcome["ticket"]["ref"]) == (1, "threaded", ref)
    before = desk.call("tickets.show", ref=ref)
    house = desk.backend.houses()[-1]

    def again(txn):
        jobs.add(
            txn, kind="decide-again", lane="mail", intake_id=outcome["intake_id"], ticket_id=died[0][0],
            payload={"entry_id": entry.id},
        )  # fmt: skip
        claimed = jobs.claim(txn, lane="mail", claimant=claimant(), lease_seconds=60, limit=10)
        (job,) = (each for each in claimed if each.kind == "decide-again")
        decide_again(txn, job, house.policy.current)

    with house.store.read() as connection:
        entry = tickets.entry_of_intake(connection, outcome["intake_id"])
    house.store.write(again)
    assert desk.call("tickets.show", ref=ref) == before


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_the_page_of_a_call_goes_with_it_and_a_ticket_pages_once(make_desk, ears):
    desk = make_desk(PAGING)
    ref = _mailed(desk)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    first = call(desk, f"Reference {_aloud(ref)}. Slow again.", at=at)
    assert (first["ticket"]["ref"], first["ticket"]["priority"]) == (ref, "urgent")
    assert [page["ticket"] for page in desk.call("oncall.now")["pages"]] == [ref]
    assert "page taken over" in told(desk, ref)
    # Another one has woken somebody by then, too; nobody is called for it any further.
    later = (datetime.now(UTC) + timedelta(seconds=5)).isoformat(timespec="seconds")
    second = call(desk, f"Reference {_aloud(ref)}. How do I print?", at=later)
    assert (second["status"], second["ticket"]["ref"]) == ("threaded", ref)
    assert "not paged again" in told(desk, ref)
    own = next(
        each["what"].removeprefix("took in ") for each in second["ticket"]["events"] if "took in" in each["what"]
    )
    assert sorted(item["state"] for item in desk.call("outbox.list") if item["kind"] == "page") == [
        "queued",
        "suppressed",
    ]
    # The page said the provisional reference: whoever acknowledges by that one is understood.
    assert desk.call("oncall.ack", ref=own)["ticket"] == ref
    assert desk.call("oncall.now")["pages"] == []


def test_it_is_taken_back_like_a_merge_of_people(make_desk, ears):
    desk = make_desk(RULES)
    ref = _mailed(desk)
    own, accepted = filed(desk, f"Reference {_aloud(ref)}. It is down.", ears)
    ears.go_on.set()
    desk._through(accepted, 60)
    back = desk.call("tickets.undo", ref=own)
    assert (back["status"], [entry["kind"] for entry in back["entries"]]) == ("open", ["voicemail"])
    row = desk.call("intake.show", id=accepted["intake_id"])
    assert (row["status"], row["ticket"]) == ("filed", own)
    for each in (ref, own):
        assert desk.call("tickets.set", ref=each, tag=["vip"])["tags"] == ["vip"]
