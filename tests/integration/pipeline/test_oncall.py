"""Pages: who is woken by which call, step by step, until somebody acknowledges; on both databases."""

import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from inboxd.call_story import decide_with_words
from inboxd.errors import InboxdError
from inboxd.intake.door import now_ms
from inboxd.intake.envelope import NOTHING_SAID
from inboxd.oncall import oncall_answers, paging
from inboxd.oncall.escalate import EscalationStory
from rules.decision import Page
from store import calls, jobs, tickets
from store import outbox as outbox_rows
from store import pages as store_pages
from store.claimant import claimant
from store.open import Store
from tests.harness.mails import mail

RULES = """
plans: [standard, 24x7]
lines:
  help:    {number: +15550190, default: true}
  private: {number: +15550191}
calendars:
  office: {mon-fri: 08:00-17:00}
oncall:
  people:
    engineer-1: {call: +15550171, sms: +15550171}
    engineer-2: {call: +15550172}
    lead:       {mail: lead@example.com, webhook: "https://alerts.example.com/page"}
  rota:     {turns: [engineer-2, engineer-1], each: week, from: 2026-01-05 08:00}
  escalate: [{page: rota, wait: 5m}, {page: lead, wait: 10m, repeat: 2}]
decide:
  page:
    - rule: private-line
      when:
        channel: voicemail
        line: private
        hours.office: closed
        any: [{account.plan: 24x7}, {account.known: false}]
      then: {page: rota}
"""
# What differs by the database is tried on both; what is decided in Python alone, on one.
on_one_database = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
SATURDAY = "2026-06-13T07:05:00Z"
RECORDING = b"RIFF"


def night(hours=0.0):
    return (datetime(2026, 6, 13, 7, 5, tzinfo=UTC) + timedelta(hours=hours)).isoformat()


def voicemail(desk, *, caller="+15550199", words="The fax server is down.", hours=0.0, called="+15550191"):
    recording = f"RIFF {caller} {hours} {words}".encode()
    return desk.voicemail(recording, called=called, caller=caller, transcript=words, received_at=night(hours))["ticket"]


def items(desk):
    return [item for item in desk.call("outbox.list") if item["kind"] == "page"]


def paged(desk):
    return [(item["to"], item["state"]) for item in items(desk)]


def happened(desk, ticket):
    shown = desk.call("tickets.show", ref=ticket["ref"])
    return [event["what"] for event in shown["events"]]


def house(desk):
    return desk.backend.houses()[-1]


def token_of(desk, number):
    from store import pages

    with house(desk).store.read() as connection:
        return pages.of_item(connection, number).token


def take_step(desk, minutes):
    """Let so much time go by for the waits and run what has come due, as the worker does."""
    store = house(desk).store
    story = EscalationStory(store, house(desk).policy, wake=lambda: None, heed_clock=lambda: None)

    def claim(txn):
        earlier = text("UPDATE jobs SET due_at = due_at - :ms WHERE kind = 'escalate' AND state = 'ready'")
        txn.execute(earlier, {"ms": minutes * 60_000})
        return jobs.claim(txn, lane="mail", claimant=claimant(), lease_seconds=60, limit=10)

    due = [job for job in store.write(claim) if job.kind == "escalate"]
    for job in due:
        story(job)
    return len(due)


def calling(make_desk, **settings):
    """A desk that pages engineer-2 at any hour, and a call of this moment."""
    always = RULES.replace("        hours.office: closed\n", "").replace(
        "turns: [engineer-2, engineer-1]", "turns: [engineer-2]"
    )
    desk = make_desk(always, **settings)
    recording = b"RIFF now"
    outcome = desk.voicemail(recording, called="+15550191", caller="+15550199", transcript="The fax server is down.")
    return desk, outcome["ticket"]


def test_a_call_at_night_on_the_private_line_pages_who_is_on_call_by_every_way_at_once(make_desk):
    desk = make_desk(RULES)
    ticket = voicemail(desk)
    assert (ticket["priority"], ticket["priority_by"]) == ("urgent", "rule private-line")
    # By the rota of the moment at which the call came.
    assert paged(desk) == [("tel:+15550172", "queued")]
    (item,) = items(desk)
    assert (item["ticket"], item["created_at"], item["acknowledged_at"]) == (ticket["ref"], SATURDAY, None)
    assert "Reference " + " ".join(ticket["ref"]) in item["text"] or "Reference" in item["text"]
    assert "The fax server is down." in item["text"]
    assert "paged engineer-2" in happened(desk, ticket)


@on_one_database
@pytest.mark.parametrize(
    "call",
    [
        {"called": "+15550190"},  # the public line
        {"hours": 2 * 24 + 7},  # Monday 09:05: the desk is there
        {"caller": "+15550101"},  # a known account without the plan
    ],
)
def test_other_calls_wake_nobody(make_desk, call):
    desk = make_desk(RULES)
    voicemail(desk, **call)
    assert items(desk) == []


@on_one_database
def test_a_mail_wakes_nobody_whatever_it_says(make_desk):
    desk = make_desk(RULES)
    desk.mail(mail("URGENT fax server down", sender="someone@client.example", X_Priority="1"))
    assert items(desk) == []


def test_an_unknown_caller_without_words_wakes_somebody_once_in_twelve_hours(make_desk):
    desk = make_desk(RULES)
    first = voicemail(desk, words="")
    second = voicemail(desk, words="", hours=1)
    assert "not paged" in happened(desk, second)
    with_words = voicemail(desk, hours=2)
    stranger = voicemail(desk, words="", hours=3, caller="anonymous")
    much_later = voicemail(desk, words="", hours=13)
    assert [item["ticket"] for item in items(desk)] == [
        first["ref"], with_words["ref"], stranger["ref"], much_later["ref"],
    ]  # fmt: skip


@on_one_database
def test_a_blocked_number_wakes_nobody(make_desk):
    desk = make_desk(RULES)
    voicemail(desk, words="Hello.", called="+15550190")  # the store is there
    until = int(datetime(2026, 6, 13, 9, tzinfo=UTC).timestamp() * 1000)
    house(desk).store.write(lambda txn: calls.block(txn, "+15550199", until=until, by="engineer"))
    assert "not paged" in happened(desk, voicemail(desk))
    assert items(desk) == []
    voicemail(desk, hours=5)  # the block has ended
    assert len(items(desk)) == 1


def test_steps_follow_until_there_is_nobody_left_and_staff_are_told(make_desk):
    staff = [{"name": "engineer-9", "addresses": ["engineer-9@example.com"], "notify": True}]
    desk, ticket = calling(make_desk, staff=staff)
    assert take_step(desk, 4) == 0
    assert take_step(desk, 2) == 1
    assert [to for to, _ in paged(desk)] == ["tel:+15550172", "lead@example.com", "https://alerts.example.com/page"]
    assert take_step(desk, 11) == 1
    assert take_step(desk, 11) == 1
    assert take_step(desk, 11) == 0
    assert len(items(desk)) == 5
    told = happened(desk, ticket)
    assert [what for what in told if what.startswith("pag")] == [
        "paged engineer-2", "paged lead", "paged lead", "paging ended",
    ]  # fmt: skip
    notices = [item for item in desk.call("outbox.list") if item["kind"] == "notice"]
    (notice,) = [item for item in notices if "acknowledged" in item["text"]]
    assert notice["to"] == "engineer-9@example.com"


def test_an_acknowledgement_stops_the_steps_and_withdraws_what_has_not_gone(make_desk):
    desk, ticket = calling(make_desk)
    taken = desk.call("oncall.ack", ref=ticket["ref"])
    assert (taken["state"], taken["acknowledged_by"]) == ("acknowledged", "engineer")
    (item,) = items(desk)
    assert (item["state"], item["reason"]) == ("suppressed", "acknowledged by engineer")
    assert (item["acknowledged_by"], item["acknowledged_at"]) == ("engineer", taken["acknowledged_at"])
    assert take_step(desk, 6) == 1
    assert len(items(desk)) == 1
    # Again by somebody else: the first one has it.
    assert desk.call("oncall.ack", ref=ticket["ref"])["acknowledged_by"] == "engineer"
    assert [what for what in happened(desk, ticket) if what == "acknowledged"] == ["acknowledged"]


@on_one_database
def test_key_1_on_the_call_acknowledges_and_another_key_does_not(make_desk):
    desk, ticket = calling(make_desk)
    token, store = token_of(desk, items(desk)[0]["id"]), house(desk).store
    assert "again" in oncall_answers.by_key(store, token, "2")
    assert "not known" in oncall_answers.by_key(store, "guessed", "1")
    assert items(desk)[0]["acknowledged_at"] is None
    assert ticket["ref"] in oncall_answers.by_key(store, token, "1")
    assert items(desk)[0]["acknowledged_by"] == "engineer-2"
    assert "engineer-2 has ticket" in oncall_answers.by_key(store, token, "1")
    events = desk.call("tickets.show", ref=ticket["ref"])["events"]
    (event,) = [each for each in events if each["what"] == "acknowledged"]
    assert (event["actor"], event["why"]) == ("engineer-2", "Key 1 on the call to +15550172.")


@on_one_database
def test_a_text_message_of_1_acknowledges_from_a_number_that_was_paged_alone(make_desk):
    desk, _ticket = calling(make_desk)
    store = house(desk).store
    assert oncall_answers.by_sms(store, "+15550188", "1", "SM1") == ""
    assert "Answer 1" in oncall_answers.by_sms(store, "+15550172", "what?", "SM2")
    assert items(desk)[0]["acknowledged_at"] is None
    assert "yours" in oncall_answers.by_sms(store, "+15550172", " 1 ", "SM3")
    assert items(desk)[0]["acknowledged_by"] == "engineer-2"


@on_one_database
def test_a_telephone_that_answers_by_itself_is_answered_three_times(make_desk):
    desk, _ticket = calling(make_desk)
    store = house(desk).store
    said = [oncall_answers.by_sms(store, "+15550172", "I am driving.", f"SM{number}") for number in range(5)]
    assert list(map(bool, said)) == [True, True, True, False, False]
    assert "yours" in oncall_answers.by_sms(store, "+15550172", "1", "SM9")


@on_one_database
def test_a_text_message_that_is_told_of_twice_takes_one_page(make_desk):
    desk, _ticket = calling(make_desk)
    store = house(desk).store
    voicemail(desk, hours=1)
    assert "yours" in oncall_answers.by_sms(store, "+15550172", "1", "SM3")
    assert oncall_answers.by_sms(store, "+15550172", "1", "SM3") == ""
    assert sorted(item["acknowledged_by"] or "" for item in items(desk)) == ["", "engineer-2"]
    assert "yours" in oncall_answers.by_sms(store, "+15550172", "1", "SM4")


@on_one_database
def test_a_page_that_waits_for_a_provider_has_the_number_to_call_from(make_desk):
    desk, _ticket = calling(make_desk)
    calls = [item for item in items(desk) if item["to"].startswith("tel:")]
    assert {item["from"] for item in calls} == {"+15550191"}


@on_one_database
def test_a_ticket_that_somebody_solved_is_not_paged_on(make_desk):
    desk, ticket = calling(make_desk)
    desk.call("tickets.set", ref=ticket["ref"], status="solved")
    assert take_step(desk, 6) == 1
    assert len(items(desk)) == 1
    assert "paging ended" in happened(desk, ticket)


def test_two_jobs_for_one_step_page_once(make_desk):
    desk, _ticket = calling(make_desk)
    store = house(desk).store
    with store.read() as connection:
        from store import pages

        (page,) = pages.under_way(connection)
    payload = {"page": page.id, "step": page.step}
    store.write(lambda txn: jobs.add(txn, kind="escalate", lane="mail", payload=payload))
    # The first of them is due at once, as after a job that was written twice; then the one with its time.
    assert take_step(desk, 1) == 1
    assert len(items(desk)) == 3
    take_step(desk, 5)
    assert len(items(desk)) == 3


@on_one_database
def test_a_rota_is_shown_and_tried(make_desk):
    desk, ticket = calling(make_desk)
    assert any(f"oncall ack {ticket['ref']}" in problem for problem in desk.call("status")["problems"])
    shown = desk.call("oncall.now")
    assert (shown["person"], shown["next"]["person"]) == ("engineer-2", "engineer-2")
    assert shown["since"] < datetime.now(UTC).isoformat() < shown["until"] < shown["next"]["until"]
    assert [page["paged"] for page in shown["pages"]] == [["engineer-2"]]
    tried = desk.call("oncall.test", person="engineer-1")
    assert [(item["to"], item["ticket"]) for item in tried] == [("tel:+15550171", None), ("sms:+15550171", None)]
    assert "test" in tried[0]["text"]
    with pytest.raises(InboxdError, match="engineer-1, engineer-2, lead"):
        desk.call("oncall.test", person="nobody")
    quiet = voicemail(desk, called="+15550190", hours=1)
    with pytest.raises(InboxdError, match="nobody was paged"):
        desk.call("oncall.ack", ref=quiet["ref"])


@on_one_database
def test_a_rota_can_be_looked_at_before_anybody_has_called(make_desk):
    assert make_desk(RULES).call("oncall.now")["pages"] == []


@on_one_database
def test_without_a_rota_the_commands_say_so(make_desk):
    desk = make_desk("")
    voicemail(desk)
    for operation in ("oncall.now", "oncall.test"):
        with pytest.raises(InboxdError, match="no part `oncall`"):
            desk.call(operation)


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_two_nodes_on_one_database_take_each_step_once(make_desk):
    """Each node claims for itself, at the same time, the steps that have come due."""
    desk, _first = calling(make_desk)
    for number in range(7):
        voicemail(desk, caller=f"+1555018{number}", hours=0)
    this = house(desk)
    this.store.write(lambda txn: txn.execute(text("UPDATE pages SET caused_at = :now"), {"now": now_ms()}))
    this.store.write(lambda txn: txn.execute(text("UPDATE jobs SET due_at = 1 WHERE kind = 'escalate'")))
    other = Store.open(this.settings.store.connection_url(), role="command")
    taken: list[int] = []

    def node(store, name):
        story = EscalationStory(store, this.policy, wake=lambda: None, heed_clock=lambda: None)
        while found := store.write(
            lambda txn: jobs.claim(txn, lane="mail", claimant=f"node:{name}", lease_seconds=60, limit=1)
        ):
            for job in found:
                if job.kind == "escalate":
                    story(job)
                    taken.append(job.id)

    threads = [threading.Thread(target=node, args=each) for each in ((this.store, "a"), (other, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert len(taken) == len(set(taken)) == 8
    # Of each ticket the first step, and the lead's two ways of the second.
    assert sorted(Counter(item["ticket"] for item in items(desk)).values()) == [3] * 8


@on_one_database
def test_a_mail_that_only_says_it_is_of_the_staff_takes_no_page(make_desk):
    staff = [{"name": "lead", "addresses": ["lead@example.com"]}]
    desk, _ticket = calling(make_desk, staff=staff)
    take_step(desk, 6)
    (page,) = [item for item in items(desk) if item["to"] == "lead@example.com"]
    # Anybody can write that he is the lead, and knows the Message-ID once a mail was passed on.
    desk.mail(mail("Re: Page", sender="lead@example.com", In_Reply_To=page["message_id"]))
    assert items(desk)[0]["acknowledged_by"] is None


@on_one_database
def test_an_answer_to_the_pages_mail_takes_it(make_desk):
    desk, ticket = calling(make_desk)
    with house(desk).store.read() as connection:
        number = tickets.get(connection, ticket["ref"]).id

    def answer():
        said = {"by": "lead", "how": "By an answer to the page's mail.", "at": now_ms()}
        return house(desk).store.write(lambda txn: paging.acknowledge_ticket(txn, number, **said))

    assert answer()
    assert not answer()
    assert items(desk)[0]["acknowledged_by"] == "lead"
    assert happened(desk, ticket).count("acknowledged") == 1


@on_one_database
def test_a_call_that_joins_pages_if_it_would_have_paged_and_once(make_desk):
    desk = make_desk(
        RULES.replace("        hours.office: closed\n", "").replace("{account.known: false}", "{account.id: acme}")
    )
    first = desk.voicemail(b"RIFF 1", called="+15550190", caller="+15550101", transcript="A question.")["ticket"]
    assert (items(desk), first["priority"]) == ([], "medium")
    said = f"It is about reference {' '.join(first['ref'].replace('-', ''))}, and it is down."
    for number in (2, 3):
        joined = desk.voicemail(f"RIFF {number}".encode(), called="+15550191", caller="+15550101", transcript=said)
        assert (joined["status"], joined["ticket"]["ref"]) == ("threaded", first["ref"])
    ticket = desk.call("tickets.show", ref=first["ref"])
    assert (ticket["priority"], ticket["priority_by"]) == ("urgent", "call private-line")
    assert {item["ticket"] for item in items(desk)} == {first["ref"]}
    assert len(items(desk)) == len({item["to"] for item in items(desk)})
    assert "not paged again" in happened(desk, ticket)


@on_one_database
def test_a_further_call_without_known_words_is_listened_to_first(make_desk):
    desk, _first = calling(make_desk)
    house(desk).store.write(lambda txn: txn.execute(text("UPDATE pages SET words = NULL")))
    before = len(items(desk))
    # Nobody can listen to this one, so somebody has to.
    outcome = desk.voicemail(b"no sound at all", called="+15550191", caller="+15550199")
    told = happened(desk, outcome["ticket"])
    assert told.index("page waits") < told.index("not transcribed")
    assert "paged engineer-2" in told[told.index("page waits") :]
    assert len(items(desk)) == before + 1


@pytest.mark.parametrize(("words", "pages"), [(True, 2), (False, 1)])
def test_a_page_that_waits_goes_out_when_there_are_words(make_desk, words, pages):
    desk, _first = calling(make_desk)
    store, policy, at = house(desk).store, house(desk).policy.current, now_ms()
    store.write(lambda txn: txn.execute(text("UPDATE pages SET words = NULL")))
    second = desk.voicemail(b"RIFF 2", called="+15550190", caller="+15550199", transcript="x")["ticket"]

    def listen(txn):
        ticket = tickets.get(txn, second["ref"])
        cause = paging.Cause(caller="+15550199", known=False, words=None, at=at)
        paging.begin(txn, policy, ticket, Page(to="rota", rule="private-line"), cause)
        assert len(store_pages.under_way(txn)) == 2
        paging.heard(txn, policy, ticket, words=words, at=at)

    store.write(listen)
    assert len(items(desk)) == pages
    assert ("not paged" in happened(desk, second)) is not words


@pytest.mark.parametrize("status", ["solved", "closed"])
@on_one_database
def test_a_page_that_waits_wakes_nobody_for_what_is_done_by_then(make_desk, status):
    desk, _first = calling(make_desk)
    store, policy, at = house(desk).store, house(desk).policy.current, now_ms()
    store.write(lambda txn: txn.execute(text("UPDATE pages SET words = NULL")))
    second = desk.voicemail(b"RIFF 2", called="+15550190", caller="+15550199", transcript="x")["ticket"]
    cause = paging.Cause(caller="+15550199", known=False, words=None, at=at)
    wanted = Page(to="rota", rule="private-line")
    store.write(lambda txn: paging.begin(txn, policy, tickets.get(txn, second["ref"]), wanted, cause))
    before = items(desk)
    desk.call("tickets.set", ref=second["ref"], status=status)
    store.write(lambda txn: paging.heard(txn, policy, tickets.get(txn, second["ref"]), words=True, at=at))
    assert items(desk) == before
    assert "paging ended" in happened(desk, second)


@pytest.mark.parametrize(("silent", "pages"), [(NOTHING_SAID, 1), ("its sound is lost", 2)])
@on_one_database
def test_nobody_waits_for_the_words_of_a_call_that_has_no_sound(make_desk, silent, pages):
    desk = make_desk(RULES)
    for hours in (0.0, 1.0):
        caller = {"called": "+15550191", "caller": "+15550199"}
        said = f"RIFF {hours}".encode()
        desk.voicemail(said, **caller, silent=NOTHING_SAID if hours == 0.0 else silent, received_at=night(hours))
    assert len(items(desk)) == pages
    with house(desk).store.read() as connection:
        assert all(page.state != "waiting" for page in store_pages.under_way(connection))


def test_an_unknown_caller_without_words_at_two_nodes_at_once_pages_once(make_desk, store_url):
    desk = make_desk(RULES.replace("        hours.office: closed\n", ""))
    refs = [
        desk.voicemail(f"RIFF {number}".encode(), called="+15550190", caller="+15550199", transcript="x")["ticket"][
            "ref"
        ]
        for number in range(2)
    ]
    policy = house(desk).policy.current
    cause = paging.Cause(caller="+15550199", known=False, words=False, at=now_ms())
    both = threading.Barrier(2, timeout=5)

    def page(ref):
        def write(txn):
            ticket = tickets.get(txn, ref)
            if store_url.startswith("postgresql"):  # SQLite has one writer at a time
                both.wait()
            paging.begin(txn, policy, ticket, Page(to="rota", rule="private-line"), cause)

        house(desk).store.write(write)

    threads = [threading.Thread(target=page, args=(ref,)) for ref in refs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({item["ticket"] for item in items(desk)}) == 1


@on_one_database
def test_a_recording_that_was_merged_before_its_words_were_weighed_is_no_dead_job(make_desk):
    desk = make_desk(RULES)
    one, two = (voicemail(desk, hours=hours) for hours in (0.0, 24.0))
    store, policy = house(desk).store, house(desk).policy.current
    with store.read() as txn:
        ticket = tickets.get(txn, one["ref"])
        (entry,) = tickets.entries(txn, ticket.id)
    desk.call("tickets.merge", ref=one["ref"], into=two["ref"])
    before = paged(desk)

    def weigh(txn):
        payload = {"entry_id": entry.id}
        due = {"kind": "decide-again", "lane": "words", "intake_id": entry.intake_id, "ticket_id": ticket.id}
        jobs.add(txn, **due, payload=payload)
        (job,) = jobs.claim(txn, lane="words", claimant=claimant(), lease_seconds=60, limit=1)
        decide_with_words.decide_again(txn, job, policy)

    store.write(weigh)
    assert desk.call("tickets.show", ref=one["ref"])["status"] == "closed"
    assert paged(desk) == before


@on_one_database
def test_the_page_of_a_ticket_goes_on_in_the_one_that_a_person_merges_it_into_and_back(make_desk):
    desk, paging_one = calling(make_desk)
    quiet = desk.mail(mail("Our fax server"))["ticket"]
    desk.call("tickets.merge", ref=paging_one["ref"], into=quiet["ref"])
    assert "page taken over" in happened(desk, quiet)
    assert take_step(desk, 6) == 1
    assert {item["ticket"] for item in items(desk)} == {paging_one["ref"], quiet["ref"]}
    desk.call("tickets.undo", ref=paging_one["ref"])
    assert desk.call("oncall.ack", ref=paging_one["ref"])["ticket"] == paging_one["ref"]
    with pytest.raises(InboxdError, match="nobody was paged"):
        desk.call("oncall.ack", ref=quiet["ref"])


@on_one_database
@pytest.mark.parametrize(("said", "state"), [(None, "waiting"), ("Help us.", "paging"), ("", "braked")])
def test_a_page_that_stood_aside_in_a_merge_that_is_undone_waits_for_its_words_again(make_desk, said, state):
    desk, paging_one = calling(make_desk)
    caller = {"called": "+15550190", "caller": "+15550199"}
    waiting = desk.voicemail(b"RIFF 2", **caller, transcript=said or "")["ticket"]
    store, policy = house(desk).store, house(desk).policy.current

    def wait(txn):
        ticket = tickets.get(txn, waiting["ref"])
        txn.execute(text("UPDATE pages SET words = NULL"))
        cause = paging.Cause(caller="+15550199", known=False, words=None, at=now_ms())
        paging.begin(txn, policy, ticket, Page(to="rota", rule="private-line"), cause)
        if said is None:
            unheard = "UPDATE entries SET transcript = NULL WHERE ticket_id = :id"
            txn.execute(text(unheard), {"id": ticket.id})
        return ticket.id

    number = store.write(wait)
    desk.call("tickets.merge", ref=paging_one["ref"], into=waiting["ref"])
    desk.call("tickets.undo", ref=paging_one["ref"])
    with store.read() as connection:
        pages = (
            connection.execute(text("SELECT state FROM pages WHERE ticket_id = :id"), {"id": number}).scalars().all()
        )
    assert pages == [state]
    assert desk.call("oncall.ack", ref=paging_one["ref"])["ticket"] == paging_one["ref"]


@on_one_database
def test_a_step_that_fails_again_and_again_says_so_on_the_ticket_and_to_staff(make_desk, monkeypatch):
    staff = [{"name": "engineer-9", "addresses": ["engineer-9@example.com"], "notify": True}]
    desk, ticket = calling(make_desk, staff=staff)

    def broken(*_args, **_more):
        raise ValueError("a rota of another time")

    monkeypatch.setattr(paging, "escalate", broken)
    with pytest.raises(ValueError, match="another time"):
        take_step(desk, 6)  # the worker tries it again
    again = "UPDATE jobs SET state = 'ready', claimant = NULL, lease_until = NULL, lease_clock = NULL, failures = 3"
    house(desk).store.write(lambda txn: txn.execute(text(f"{again} WHERE kind = 'escalate'")))
    assert take_step(desk, 0) == 1
    assert "paging stands still" in happened(desk, ticket)
    (notice,) = [item for item in desk.call("outbox.list") if item["kind"] == "notice"]
    assert "nobody further can be paged: ValueError: a rota of another time" in notice["text"]
    assert any(f"oncall ack {ticket['ref']}" in problem for problem in desk.call("status")["problems"])


@on_one_database
def test_a_page_goes_on_when_the_clock_was_set_a_month_forward(make_desk, monkeypatch):
    desk, ticket = calling(make_desk)
    house(desk).clock.begin()
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 30 * 24 * 3600 * 10**9)
    house(desk).clock.look()
    assert take_step(desk, 0) == 0, "the next person was woken by the clock alone"
    assert take_step(desk, 5) == 1
    assert "paged lead" in happened(desk, ticket)
    # And none of it is late when it goes out.
    with house(desk).store.read() as connection:
        queued = [item for item in outbox_rows.list_(connection) if "lead@example.com" in item.to_address]
    assert [item.not_after > now_ms() for item in queued] == [True]


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_node_whose_clock_is_a_month_ahead_lets_nobody_wait_a_month(make_desk, monkeypatch):
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 30 * 24 * 3600 * 10**9)
    desk, ticket = calling(make_desk)
    assert "paged engineer-2" in happened(desk, ticket)
    assert take_step(desk, 4) == 0
    assert take_step(desk, 2) == 1
    assert "paged lead" in happened(desk, ticket)
