"""Jobs: claimed once, fenced, given back, and never two at a time of one ticket."""

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text, update
from sqlalchemy.exc import IntegrityError

from store import clock, intake, jobs
from store.claimant import claimant, this_host
from store.errors import LeaseLost
from store.jobs import Job
from store.open import Store
from store.schema import jobs as table
from store.tickets import Ticket

Accept = Callable[..., str]
OpenTicket = Callable[..., Ticket]
ME = "desk-1:boot:1:1:me"
OTHER = "desk-1:boot:2:2:other"
FAR = 4_000_000_000_000


def add(store: Store, **fields: object) -> int:
    return store.write(lambda txn: jobs.add(txn, **({"kind": "mail", "lane": "mail"} | fields)))


def claim(store: Store, who: str = ME, lane: str = "mail", lease: float = 60, **more: object) -> list[Job]:
    return store.write(lambda txn: jobs.claim(txn, lane=lane, claimant=who, lease_seconds=lease, **more))


def state(store: Store, number: int) -> str:
    with store.read() as connection:
        return str(connection.scalar(text("SELECT state FROM jobs WHERE id = :id"), {"id": number}))


def test_a_claimed_job_carries_what_was_queued(store: Store, accept: Accept):
    intake_id = accept()
    number = add(store, intake_id=intake_id, payload={"a": [1, None]}, max_attempts=3)
    _, job = claim(store, limit=2)
    assert job.id == number
    assert (job.intake_id, job.payload, job.attempt, job.max_attempts) == (intake_id, {"a": [1, None]}, 1, 3)
    assert (job.state, job.claimant, job.due_at, job.exhausted) == ("running", ME, None, False)


def test_jobs_are_claimed_in_the_order_they_were_queued_and_no_job_twice(store: Store):
    numbers = [add(store) for _ in range(5)]
    first, second = claim(store, limit=3), claim(store, OTHER, limit=10)
    assert [job.id for job in first] == numbers[:3]
    assert [job.id for job in second] == numbers[3:]
    assert claim(store) == []


def test_lanes_do_not_mix(store: Store):
    mail, speech = add(store), add(store, lane="speech")
    assert [job.id for job in claim(store, lane="speech", limit=9)] == [speech]
    assert [job.id for job in claim(store, lane="mail", limit=9)] == [mail]


def test_a_claim_can_be_narrowed_to_some_intakes(store: Store, accept: Accept):
    accept()
    mine = accept()
    assert [job.intake_id for job in claim(store, limit=9, intake_ids=[mine])] == [mine]


def test_a_job_waits_for_its_time_and_then_goes_before_those_that_are_due_at_once(store: Store):
    add(store, due_at=FAR)
    at_once, past = add(store), add(store, due_at=1_000)
    assert [job.id for job in claim(store, limit=9)] == [past, at_once]
    with store.read() as connection:
        assert jobs.next_due(connection, "mail") == FAR
        assert jobs.next_due(connection, "speech") is None


def test_of_one_ticket_one_job_runs_and_the_others_keep_nobody_waiting(store: Store, open_ticket: OpenTicket):
    busy, idle = open_ticket(), open_ticket()
    first, second = add(store, ticket_id=busy.id), add(store, ticket_id=busy.id)
    other, free = add(store, ticket_id=idle.id), add(store)
    claimed = claim(store, limit=9)
    assert [job.id for job in claimed] == [first, other, free]
    assert claim(store, limit=9) == []
    store.write(lambda txn: jobs.finish(txn, claimed[0]))
    assert [job.id for job in claim(store)] == [second]


def test_one_tickets_job_in_another_lane_waits_as_well(store: Store, open_ticket: OpenTicket):
    ticket = open_ticket()
    add(store, ticket_id=ticket.id, lane="speech")
    add(store, ticket_id=ticket.id, lane="mail")
    assert len(claim(store, lane="speech")) == 1
    assert claim(store, lane="mail") == []


def test_the_database_itself_refuses_a_second_running_job_of_a_ticket(store: Store, open_ticket: OpenTicket):
    ticket = open_ticket()
    add(store, ticket_id=ticket.id)
    second = add(store, ticket_id=ticket.id)
    claim(store)
    values = {"state": "running", "claimant": ME, "lease_clock": "c", "lease_until": 1}
    with pytest.raises(IntegrityError):
        store.write(lambda txn: txn.execute(update(table).where(table.c.id == second).values(**values)) and None)


def test_a_lease_that_ran_out_is_claimed_again_and_the_late_finisher_is_told(store: Store):
    number = add(store)
    (late,) = claim(store, lease=0)
    (job,) = claim(store, OTHER)
    assert (job.id, job.attempt) == (number, 2)
    calls: list[Callable[[Connection], object]] = [
        lambda txn: jobs.finish(txn, late),
        lambda txn: jobs.retry(txn, late, error="e", delay_seconds=0),
        lambda txn: jobs.bury(txn, late, error="e"),
        lambda txn: jobs.extend(txn, late, 60),
    ]
    for call in calls:
        with pytest.raises(LeaseLost):
            store.write(call)
    store.write(lambda txn: jobs.finish(txn, job))
    assert state(store, number) == "done"


def test_the_same_claimant_that_lost_a_job_and_got_it_again_is_fenced_by_its_attempt(store: Store):
    add(store)
    (first,) = claim(store, lease=0)
    (second,) = claim(store)
    with pytest.raises(LeaseLost):
        store.write(lambda txn: jobs.finish(txn, first))
    store.write(lambda txn: jobs.finish(txn, second))


def test_what_a_late_finisher_did_in_its_transaction_is_undone(store: Store, accept: Accept):
    intake_id = accept()
    (late,) = claim(store, lease=0)
    claim(store, OTHER)

    def effects(txn: Connection) -> None:
        intake.conclude(txn, intake_id, status="ignored")
        jobs.finish(txn, late)

    with pytest.raises(LeaseLost):
        store.write(effects)
    with store.read() as connection:
        assert intake.get(connection, intake_id).status is None


def test_an_extended_lease_does_not_run_out(store: Store):
    add(store)
    (job,) = claim(store, lease=0)
    store.write(lambda txn: jobs.extend(txn, job, 60))
    assert claim(store, OTHER) == []


@pytest.mark.parametrize("step_seconds", [-86_400, 86_400])
def test_setting_the_clock_neither_steals_a_lease_nor_freezes_a_job(
    store: Store, monkeypatch: pytest.MonkeyPatch, step_seconds: int
):
    leased, waiting = add(store), add(store)
    claim(store)
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + step_seconds * 10**9)
    monkeypatch.setattr(time, "time", lambda: real() / 1e9 + step_seconds)
    assert [job.id for job in claim(store, OTHER, lease=0, limit=9)] == [waiting]
    assert [job.id for job in claim(store, OTHER, limit=9)] == [waiting]
    assert state(store, leased) == "running"


def test_a_reboot_ends_every_lease_of_an_sqlite_store(
    sqlite_url: str, open_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
):
    store = open_store(sqlite_url, role="daemon")
    add(store)
    claim(store, lease=10**6)
    monkeypatch.setattr(clock, "boot_id", lambda: "another boot")
    assert len(claim(store, OTHER)) == 1


def test_a_retry_comes_back_after_its_delay_with_its_error(store: Store):
    at_once, later = add(store), add(store)
    first, second = claim(store, limit=2)
    store.write(lambda txn: jobs.retry(txn, first, error="connection refused", delay_seconds=0))
    store.write(lambda txn: jobs.retry(txn, second, error="connection refused", delay_seconds=3600))
    (again,) = claim(store, limit=9)
    assert (again.id, again.attempt, again.error) == (at_once, 2, "connection refused")
    assert state(store, later) == "ready"


def test_a_job_that_used_up_its_attempts_without_a_word_says_so(store: Store):
    add(store, max_attempts=2)
    attempts = [claim(store, lease=0)[0] for _ in range(3)]
    assert [job.exhausted for job in attempts] == [False, False, True]


def test_a_dead_job_stays_with_its_error_until_it_is_revived(store: Store, accept: Accept):
    intake_id = accept()
    (job,) = claim(store)
    store.write(lambda txn: jobs.bury(txn, job, error="Traceback: it broke"))
    assert claim(store, limit=9) == []
    with store.read() as connection:
        assert intake.get(connection, intake_id).state == "dead"
    assert store.write(lambda txn: jobs.revive(txn, intake_id)) == 1
    (again,) = claim(store)
    assert (again.id, again.attempt, again.error) == (job.id, 1, "Traceback: it broke")


def test_counts_tell_what_waits_runs_and_died_in_each_lane(store: Store):
    for _ in range(4):
        add(store)
    add(store, due_at=FAR)
    add(store, lane="speech")
    running, dead, done = claim(store, limit=3)
    store.write(lambda txn: jobs.bury(txn, dead, error="e"))
    store.write(lambda txn: jobs.finish(txn, done))
    with store.read() as connection:
        mail, speech = jobs.counts(connection)
    assert (mail.lane, mail.ready, mail.later, mail.running, mail.dead) == ("mail", 1, 1, 1, 1)
    assert mail.oldest_at is not None
    assert (speech.lane, speech.ready) == ("speech", 1)
    assert state(store, running.id) == "running"


def test_what_fails_each_time_it_is_tried_has_waited_since_it_was_made(store: Store):
    add(store, due_at=FAR)
    number = add(store)
    for counted in (False, True):
        (job,) = claim(store)
        store.write(lambda txn, job=job, counted=counted: jobs.retry(
            txn, job, error="e", delay_seconds=0 if not counted else 9999, counted=counted,
        ))  # fmt: skip
    with store.read() as connection:
        (mail,) = jobs.counts(connection)
        made = connection.execute(select(table.c.created_at).where(table.c.id == number)).scalar_one()
    assert (mail.ready, mail.later, mail.oldest_at) == (0, 2, made)


def test_open_jobs_of_intakes_are_those_that_run_or_may_run_now(store: Store, accept: Accept):
    ids = [accept() for _ in range(3)]
    accept()
    add(store, intake_id=ids[0], due_at=FAR)
    (job, *_) = claim(store, limit=2)
    store.write(lambda txn: jobs.finish(txn, job))
    with store.read() as connection:
        assert jobs.open_for(connection, ids) == 2
        assert jobs.open_for(connection, []) == 0


def gone(host: str) -> str:
    """Name a worker of a process of this boot that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(30)
    return f"{host}:{clock.boot_id()}:{process.pid}:1:abcd"


def test_recovery_gives_back_at_once_what_ended_processes_of_this_host_held(store: Store):
    host = "100%_desk"
    for _ in range(5):
        add(store)
    (of_ended,) = claim(store, gone(host))
    (of_other_boot,) = claim(store, f"{host}:other-boot:1:1:abcd")
    (of_living,) = claim(store, claimant(host))
    (of_other_host,) = claim(store, "100xxdesk:other-boot:1:1:abcd")
    assert store.write(lambda txn: jobs.recover(txn, host)) == 2
    assert {state(store, job.id) for job in (of_ended, of_other_boot)} == {"ready"}
    assert {state(store, job.id) for job in (of_living, of_other_host)} == {"running"}
    (again, *_) = claim(store, limit=9)
    assert (again.id, again.attempt) == (of_ended.id, 2)


def test_a_claimants_host_has_no_colon_whatever_the_machine_is_called():
    assert ":" not in this_host()
    assert len(claimant().split(":")) == 5


def test_threads_share_the_work_and_no_ticket_is_worked_on_twice_at_once(store: Store, open_ticket: OpenTicket):
    tickets = [open_ticket() for _ in range(8)]
    numbers = [add(store, ticket_id=tickets[n % 8].id if n % 3 else None) for n in range(120)]
    finished: Counter[int] = Counter()
    running: set[int] = set()
    crowded: list[int] = []
    guard = threading.Lock()

    def work(name: str) -> None:
        while sum(finished.values()) < len(numbers):
            for job in claim(store, f"host:boot:1:1:{name}", limit=5):
                with guard:
                    if job.ticket_id in running:
                        crowded.append(job.id)
                    if job.ticket_id is not None:
                        running.add(job.ticket_id)
                with guard:
                    # Before the commit: afterwards the next one may be faster than we are.
                    running.discard(job.ticket_id or 0)
                    finished[job.id] += 1
                store.write(lambda txn, job=job: jobs.finish(txn, job))

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert crowded == []
    assert finished == Counter(numbers)


_WORKER = """
import os, sys
from store import jobs
from store.open import Store
me = f"host:boot:{os.getpid()}:1:x"
idle = 0
while idle < 3:
    with Store.open(sys.argv[1], role="command", wait_seconds=60) as store:
        claimed = store.write(lambda txn: jobs.claim(txn, lane="mail", claimant=me, lease_seconds=60, limit=7))
        for job in claimed:
            print(job.id, flush=True)
            store.write(lambda txn: jobs.finish(txn, job))
    idle = 0 if claimed else idle + 1
"""


def test_processes_share_the_work_and_no_job_is_done_twice(
    url: str, open_store: Callable[..., Store], accept: Accept, store: Store
):
    numbers = {add(store) for _ in range(100)}
    store.close()
    workers = [
        subprocess.Popen([sys.executable, "-c", _WORKER, url], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    done = [int(line) for worker in workers for line in worker.communicate(timeout=120)[0].split()]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert Counter(done) == Counter(numbers)


def test_the_claim_stays_fast_with_many_jobs_because_an_index_serves_it(store: Store, open_ticket: OpenTicket):
    ticket = open_ticket()

    def fill(txn: Connection) -> None:
        row = {
            "kind": "mail",
            "lane": "mail",
            "payload": {},
            "attempt": 0,
            "max_attempts": 8,
            "failures": 0,
            "created_at": 1,
        }
        rows = [row | {"state": "done"} for _ in range(3000)]
        rows += [row | {"state": "ready", "due_at": FAR + n} for n in range(3000)]
        txn.execute(table.insert(), rows)
        rows = [row | {"state": "ready", "ticket_id": ticket.id if n % 2 else None} for n in range(3000)]
        txn.execute(table.insert(), rows)

    store.write(fill)
    if store.dialect == "postgresql":
        # Its autovacuum does so by itself; SQLite plans without statistics unless somebody asks for them.
        store.write(lambda txn: txn.exec_driver_sql("ANALYZE") and None)

    def plans(txn: Connection) -> list[str]:
        seen: list[tuple[str, Any]] = []
        event.listen(txn, "before_cursor_execute", lambda *call: seen.append((call[2], call[3])))
        jobs.claim(txn, lane="mail", claimant=ME, lease_seconds=60, limit=5)
        claims = [call for call in seen if "picked" in call[0]]
        word = "EXPLAIN QUERY PLAN " if store.dialect == "sqlite" else "EXPLAIN "
        return ["\n".join(str(row[-1]) for row in txn.exec_driver_sql(word + sql, values)) for sql, values in claims]

    timed, at_once = store.write(plans)
    assert "ix_jobs_timed" in timed
    assert "ix_jobs_at_once" in at_once
    for plan in (timed, at_once):
        assert "SCAN job" not in plan
        assert "Seq Scan" not in plan


def test_a_job_of_an_intake_that_is_not_there_is_refused(store: Store):
    with pytest.raises(IntegrityError):
        add(store, intake_id="nobody")
