"""Calls and recordings: each once, whoever tells of it and how often; a reference that was told stays the caller's."""

from collections.abc import Callable

from store import calls, jobs, recordings, references, tickets
from store.open import Store
from store.tickets import NewEntry, NewTicket

CALL = "CA" + "0" * 32
SOUND = "RE" + "0" * 32


def test_a_call_is_noted_once_and_keeps_what_was_told_first(store: Store) -> None:
    first, new = store.write(lambda txn: calls.note(txn, CALL, caller="+15550100", told={"a": 1}, with_ref=True))
    again, second = store.write(
        lambda txn: calls.note(txn, CALL, caller="+1", called="+15550190", told={"a": 2, "b": 3})
    )
    assert (new, second) == (True, False)
    assert again.ref == first.ref
    assert (again.caller, again.called, again.told) == ("+15550100", "+15550190", {"a": 1, "b": 3})
    with store.read() as connection:
        assert calls.get(connection, CALL) == again


def test_the_reference_that_a_caller_was_told_is_no_other_tickets(store: Store) -> None:
    def opened() -> set[str]:
        def write(txn):
            new = NewTicket(channel="email", source="", subject="x", created_at=1)
            return [tickets.open_ticket(txn, new).ref for _ in range(50)]

        return set(store.write(write))

    told = [store.write(lambda txn, n=n: calls.note(txn, f"CA{n:032}", with_ref=True))[0].ref for n in range(50)]
    assert len(set(told)) == 50
    assert not set(told) & opened()
    assert {int(ref[-3]) % 2 for ref in told if ref} == {1}
    assert {int(ref[-3]) % 2 for ref in opened()} == {0}
    new = NewTicket(channel="voicemail", source="", subject="x", created_at=1)
    entry = NewEntry(kind="voicemail", at=1)
    ref = store.write(lambda txn: tickets.open_with(txn, new, entry, told[0]))[0].ref
    assert ref == told[0]
    # Told to two people by a mishap: the second gets another one, never somebody else's ticket.
    other = store.write(lambda txn: tickets.open_with(txn, new, entry, told[0]))[0].ref
    assert other != told[0]
    assert references.check(other)


def test_a_recording_is_noted_once(store: Store) -> None:
    assert store.write(lambda txn: recordings.note(txn, SOUND, call_sid=CALL))
    assert not store.write(lambda txn: recordings.note(txn, SOUND))
    with store.read() as connection:
        assert recordings.known(connection, [SOUND, "RE1"]).keys() == {SOUND}
        assert [each.sid for each in recordings.of_call(connection, CALL)] == [SOUND]
        assert recordings.counts(connection) == {"waiting": 1, "owed": 0}


def test_what_waits_without_anybody_at_it_is_found(store: Store) -> None:
    def write(txn):
        recordings.note(txn, SOUND)
        recordings.note(txn, SOUND[:-1] + "1")
        job = jobs.add(txn, kind="recording", lane="phone")
        recordings.change(txn, SOUND, job_id=job)

    store.write(write)
    with store.read() as connection:
        found = recordings.unattended(connection, before=2**60)
    assert [each.sid for each in found] == [SOUND[:-1] + "1"]


def test_the_same_call_by_the_other_way_is_found_within_its_bounds(store: Store, accept: Callable[..., str]) -> None:
    intake_id = accept(channel="voicemail")
    told = {"line": "+15550190", "caller": "+15550100"}
    store.write(
        lambda txn: recordings.enter(txn, way="pbx", intake_id=intake_id, started_at=10_000_000, seconds=42, **told)
    )

    def twin(**changes):
        asked = {"way": "provider", "started_at": 10_000_000, "seconds": 42, **told, **changes}
        return store.write(lambda txn: recordings.twin(txn, **asked))

    assert twin() == intake_id
    assert twin(started_at=10_119_000, seconds=44) == intake_id
    assert twin(started_at=10_121_000) is None
    assert twin(seconds=45) is None
    assert twin(way="pbx") is None
    assert twin(caller="+15550101") is None
    assert twin(caller=None) is None
    assert twin(line="+15550191") is None
    assert twin(line=None) is None


def test_of_withheld_numbers_only_calls_that_began_together_are_one(store: Store, accept) -> None:
    intake_id = accept(channel="voicemail")
    told = {"line": "+15550190", "caller": None}
    store.write(
        lambda txn: recordings.enter(txn, way="provider", intake_id=intake_id, started_at=10_000_000, seconds=6, **told)
    )

    def twin(at):
        return store.write(lambda txn: recordings.twin(txn, way="pbx", started_at=at, seconds=6, **told))

    assert (twin(10_030_000), twin(10_031_000)) == (intake_id, None)


def test_calls_about_then_are_found_the_nearest_first(store: Store) -> None:
    def write(txn):
        sids = [f"CA{number:032}" for number in range(3)]
        for sid, at in zip(sids, (100_000, 150_000, 400_000), strict=True):
            new = NewTicket(channel="voicemail", source="", subject="x", created_at=at)
            calls.note(txn, sid, caller="+15550100", called="+15550190")
            calls.settle(txn, sid, "filed", tickets.open_ticket(txn, new).id)
        calls.note(txn, CALL[:-1] + "9", caller="+15550100", called="+15550190")  # no ticket stands yet
        return sids

    far, near, _ = store.write(write)

    def found(**changes):
        asked = {"caller": "+15550100", "called": "+15550190", "started_at": 160_000, "within": 120_000, **changes}
        with store.read() as connection:
            return calls.near(connection, **asked)

    assert found() == [near, far]
    assert found(within=20_000) == [near]
    assert found(caller="+15550101") == found(called="+15550191") == []


def test_a_blocked_number_is_turned_away_until_its_time(store: Store) -> None:
    store.write(lambda txn: calls.block(txn, "+15550166", until=1000, by="engineer-1"))
    with store.read() as connection:
        assert calls.blocked(connection, "+15550166", at=999) is not None
        assert calls.blocked(connection, "+15550166", at=1000) is None
        assert calls.blocked(connection, "+15550100", at=1) is None
    store.write(lambda txn: calls.block(txn, "+15550166", until=None, by="engineer-2"))
    with store.read() as connection:
        assert [each.blocked_by for each in calls.blocks(connection, at=2**60)] == ["engineer-2"]
    assert store.write(lambda txn: calls.unblock(txn, "+15550166"))
    assert not store.write(lambda txn: calls.unblock(txn, "+15550166"))


def test_the_first_look_at_an_account_stays_the_first(store: Store) -> None:
    assert [store.write(lambda txn, at=at: recordings.first_look(txn, "AC1", at)) for at in (50, 60)] == [50, 50]
    store.write(lambda txn: recordings.looked(txn, "AC1", 77))
    with store.read() as connection:
        assert recordings.last_look(connection, "AC1") == 77
        assert recordings.last_look(connection, "AC2") is None
