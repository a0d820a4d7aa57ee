"""The story of a call: what a webhook or a listing told of is asked about at the provider, fetched, and kept.

Nothing that was told is believed: calls and recordings are what the API says of them. A recording becomes an intake
and a job `voicemail`, which files it. So does a call that left nothing; and where the sound does not come for a while
the ticket stands without it, and the sound joins it when it comes. What the provider cannot answer now, the job waits
for: nothing counts against it.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Final, Literal, TypeVar

import structlog

from inboxd import caller_id
from inboxd.call_story.place_call import no_sound_key
from inboxd.errors import NotYet
from inboxd.intake.door import BodySpool, Intake, milliseconds, now_ms
from inboxd.intake.envelope import NOTHING_SAID, Envelope
from inboxd.phone_api import Call, MediaTooLarge, NotThere, PhoneApi, Recording
from inboxd.policy.policy import PolicyHolder
from inboxd.remote.trouble import Troubled
from store import calls, clock_steps, jobs, recordings
from store import intake as rows
from store.jobs import Job

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

LANE: Final = "phone"
# Kinds of jobs, with what their payload names.
RECORDING: Final = "recording"
CALL: Final = "call"
DELETE: Final = "delete-recording"

# What a webhook told of may reach the API's own database a little later; who invents one is told from it so.
_UNKNOWN_AFTER_MS: Final = 10 * 60 * 1000
# A ticket stands no later than this, with the sound or without.
_TICKET_AFTER_MS: Final = 2 * 60 * 1000
# Longer than anybody may speak (`twilio.longest`).
_LONGEST_CALL_MS: Final = 65 * 60 * 1000
_GIVE_UP_AFTER_MS: Final = 7 * 24 * 3600 * 1000
_SOON_SECONDS: Final = 5.0
_SPEAKING_SECONDS: Final = 15.0
# Most of what is late comes within the hour, and the rules wait for its words.
_SOON_AFTER_MS: Final = 3600 * 1000
_SOON_AFTER_SECONDS: Final = 60.0
_LATE_SECONDS: Final = 600.0
_WAITS: Final = (5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_REFUSED_SECONDS: Final = 600.0

_CALL_GONE: Final = "The provider has the recording, and does not know its call any more: nobody can say who called."

_Asked = TypeVar("_Asked")

log = structlog.get_logger("inboxd.process_call")


class CallStory:
    """Handles jobs of the kinds `recording`, `call` and `delete-recording`."""

    def __init__(
        self,
        store: "Store",
        intake: Intake,
        api: PhoneApi,
        policy: PolicyHolder,
        *,
        afterwards: Literal["keep", "delete"],
        wake: Callable[[], None],
    ) -> None:
        """`afterwards` is what becomes of a recording at the provider; `wake` is called when a job has made another."""
        self._store = store
        self._intake = intake
        self._api = api
        self._policy = policy
        self._afterwards = afterwards
        self._wake = wake

    def recording(self, job: Job) -> None:
        """Fetch a recording, and keep it; or say what became of it."""
        sid = str(job.payload["sid"])
        with self._store.read() as connection:
            row = recordings.get(connection, sid)
            age = 0 if row is None else clock_steps.age(connection, row.at)
        if row is None or row.state != "waiting":
            self._end(job)  # it was there twice
            return
        try:
            found = self._ask(job, lambda: self._api.recording(sid))
        except NotThere as missing:
            _demand_time(missing, age)
            self._unknown(job, sid, row.call_sid)
            return
        try:
            call = self._ask(job, lambda: self._api.call(found.call_sid))
        except NotThere as missing:
            _demand_time(missing, age)
            call = _gone(found)
        if found.source != "RecordVerb" or call.direction != "inbound":
            self._settle(job, sid, "foreign", f"{found.source}, {call.direction}")
        elif found.is_under_way and not call.is_over and age < _LONGEST_CALL_MS:
            raise NotYet(f"the caller of {call.sid} is still speaking", seconds=_while_speaking(age))
        elif found.is_under_way:
            self._late(job, call, found, age, "its recording is still being made at the provider")
        elif found.status == "absent":
            self._nothing(job, call, found, NOTHING_SAID)
        elif found.status in ("failed", "deleted"):
            why = f"the provider has no sound of it ({found.status}, error {found.error_code or 'unknown'})"
            self._nothing(job, call, found, why)
        else:
            self._fetch(job, call, found, age)

    def call(self, job: Job) -> None:
        """See what a call left when it is over; nothing at all is a ticket, too."""
        sid = str(job.payload["sid"])
        with self._store.read() as connection:
            row = calls.get(connection, sid)
            age = 0 if row is None else clock_steps.age(connection, row.at)
        if row is None or row.state != "told":
            self._end(job)
            return
        try:
            call = self._ask(job, lambda: self._api.call(sid))
            left = self._ask(job, lambda: self._api.recordings_of(sid))
        except NotThere as missing:
            if age < _UNKNOWN_AFTER_MS:
                raise NotYet(str(missing), seconds=60.0) from missing
            self._unknown(job, None, sid)
            return
        if call.direction != "inbound":
            self._end(job, lambda txn: calls.settle(txn, sid, "foreign"))
            return
        if not call.is_over:
            raise NotYet(f"call {sid} is not over", seconds=30.0)
        of_caller = [each for each in left if each.source == "RecordVerb"]
        if of_caller:
            self._end(job, lambda txn: _note_all(txn, of_caller))
            self._wake()
        else:
            self._file(job, call, None, None, silent=NOTHING_SAID)

    def delete(self, job: Job) -> None:
        """Delete a recording at the provider, after the commit that keeps it here."""
        sid = str(job.payload["sid"])
        self._ask(job, lambda: self._api.delete_recording(sid))
        self._end(job, lambda txn: recordings.done_elsewhere(txn, sid))
        log.info("recording_deleted", recording=sid)

    def _ask(self, job: Job, question: Callable[[], _Asked]) -> _Asked:
        """Ask the provider; what it cannot answer now, the job waits for. Raises NotThere, NotYet."""
        try:
            return question()
        except Troubled as troubled:
            raise _later(job, troubled) from troubled

    def _end(self, job: Job, change: "Callable[[Connection], None] | None" = None) -> None:
        """Finish a job in one transaction with what it changes."""

        def write(txn: "Connection") -> None:
            jobs.finish(txn, job)
            if change is not None:
                change(txn)

        self._store.write(write)

    def _unknown(self, job: Job, sid: str | None, call_sid: str | None) -> None:
        """The provider knows nothing of what somebody told: no ticket, and the row says so."""

        def write(txn: "Connection") -> None:
            if sid is not None:
                recordings.change(txn, sid, state="unknown", reason="The provider knows no such recording.")
            elif call_sid is not None:
                calls.settle(txn, call_sid, "unknown")

        self._end(job, write)
        log.warning("not_known_to_provider", recording=sid, call=call_sid)

    def _settle(self, job: Job, sid: str, state: recordings.State, reason: str) -> None:
        self._end(job, lambda txn: recordings.change(txn, sid, state=state, reason=reason))

    def _late(self, job: Job, call: Call, found: Recording, age: int, why: str) -> None:
        """Wait for the sound; after a while the ticket stands without it, and the job goes on waiting."""
        if age >= _GIVE_UP_AFTER_MS:
            self._nothing(job, call, found, f"{why} after a week; nobody looks any more")
            return
        if age < _TICKET_AFTER_MS:
            raise NotYet(why, seconds=_SOON_SECONDS)
        self._file(None, call, found, None, silent=f"{why}; inboxd goes on looking for it")
        raise NotYet(why, seconds=_SOON_AFTER_SECONDS if age < _SOON_AFTER_MS else _LATE_SECONDS)

    def _nothing(self, job: Job, call: Call, found: Recording, why: str) -> None:
        """End the wait for a recording that will never have a sound: the call is a ticket all the same."""
        self._file(None, call, found, None, silent=why)
        self._settle(job, found.sid, "absent", why)

    def _fetch(self, job: Job, call: Call, found: Recording, age: int) -> None:
        body = self._intake.spool()
        try:
            try:
                self._api.fetch_media(found.sid, body)
            except Troubled as troubled:
                if age >= _TICKET_AFTER_MS:
                    why = "its sound cannot be fetched from the provider now; inboxd goes on trying"
                    self._file(None, call, found, None, silent=why)
                raise _later(job, troubled) from troubled
            except NotThere:
                self._late(job, call, found, age, "the provider does not hand its sound out yet")
                return
            except MediaTooLarge as refused:
                self._nothing(job, call, found, f"{refused}; it stays at the provider ({found.sid})")
                return
            self._file(job, call, found, body, silent=None)
        finally:
            body.discard()

    def _file(
        self, job: Job | None, call: Call, found: Recording | None, body: BodySpool | None, *, silent: str | None
    ) -> None:
        """Keep what the call left, in one transaction with the ledger and the end of the job."""
        envelope = self._envelope(call, found, silent)
        told_at = call.started_at or (None if found is None else found.created_at)
        # Clocks run from the call, and none begins after it was heard of, whatever clock says so.
        started_at = now_ms() if told_at is None else min(milliseconds(told_at), now_ms())
        spool = body
        if spool is None:
            spool = self._intake.spool()
            spool.write(_as_told(call, found))

        key = f"recording:{found.sid}" if body is not None and found is not None else no_sound_key(call.sid)

        def enter(txn: "Connection", queue_id: str) -> bool:
            if job is not None:
                jobs.finish(txn, job)
            row, _ = calls.note(txn, call.sid, caller=envelope.caller, called=envelope.called)
            if body is None:
                here = any(each.state == "stored" for each in recordings.of_call(txn, call.sid))
                return not here and row.state == "told" and not rows.by_origin(txn, [key])
            assert found is not None
            ledger = recordings.get(txn, found.sid, for_update=True)
            if ledger is None or ledger.state != "waiting":
                return False
            recordings.change(
                txn,
                found.sid,
                state="stored",
                call_sid=call.sid,
                line=envelope.called,
                caller=envelope.caller,
                started_at=started_at,
                seconds=found.seconds,
                intake_id=queue_id,
            )
            if self._afterwards == "delete":
                recordings.change(txn, found.sid, after="delete")
                jobs.add(txn, kind=DELETE, lane=LANE, payload={"sid": found.sid})
            return True

        try:
            self._intake.keep_call(envelope, spool, enter, key=key, received_at=started_at)
        finally:
            spool.discard()

    def _envelope(self, call: Call, found: Recording | None, silent: str | None) -> Envelope:
        is_known = bool(call.caller)  # a number that is withheld has a word for it
        caller = caller_id.read(call.caller) if is_known else caller_id.CallerId()
        with self._store.read() as connection:
            row = calls.get(connection, call.sid)
        told = row.told if row is not None else {}
        own = {line.number for line in self._policy.current.rules.lines}
        notes = (
            [_CALL_GONE]
            if not is_known
            else caller_id.notes(
                caller,
                as_written=call.caller,
                # What only the webhook had is better than nothing; what the API says is better than that.
                attestation=call.attestation or told.get("StirVerstat"),
                forwarded_from=call.forwarded_from or told.get("ForwardedFrom"),
                caller_name=call.caller_name or told.get("CallerName"),
                own_numbers=own,
            )
        )
        return Envelope(
            way="provider",
            caller=caller.shown,
            called=call.called or None,
            call_sid=call.sid,
            recording_sid=found.sid if found else None,
            ref=row.ref if row is not None else None,
            seconds=found.seconds if found else None,
            notes=tuple(notes),
            silent=silent,
        )


def _while_speaking(age: int) -> float:
    """Say in how many seconds to look at a recording again that is being made, heard of so many milliseconds ago.

    The longer somebody speaks the less often he is asked about, and yet his ticket waits no longer than that for him.
    """
    return min(max(_SOON_SECONDS, age / 10_000), _SPEAKING_SECONDS)


def _demand_time(missing: NotThere, age: int) -> None:
    """Ask again for a while for what the provider does not know: it may only be late. Raises NotYet."""
    if age < _UNKNOWN_AFTER_MS:
        raise NotYet(str(missing), seconds=_SOON_SECONDS if age < 60_000 else 60.0) from missing


def _gone(found: Recording) -> Call:
    """Return the call of a recording that the provider has, though it does not know the call any more."""
    return Call(
        sid=found.call_sid,
        caller="",
        called="",
        status="completed",
        direction="inbound",
        started_at=found.started_at or found.created_at,
        ended_at=None,
        seconds=None,
        forwarded_from=None,
        caller_name=None,
        attestation=None,
    )


def _later(job: Job, troubled: Troubled) -> NotYet:
    """Say when a job asks again what the provider cannot answer now."""
    refused = troubled.trouble.kind == "refused"
    return NotYet(str(troubled), seconds=_REFUSED_SECONDS if refused else _WAITS[min(job.attempt, len(_WAITS)) - 1])


def note_recording(txn: "Connection", sid: str, call_sid: str | None) -> bool:
    """Put a recording on its way, once; tell whether it is new."""
    if not recordings.note(txn, sid, call_sid=call_sid):
        return False
    begin_again(txn, sid)
    return True


def _note_all(txn: "Connection", found: list[Recording]) -> None:
    for each in found:
        note_recording(txn, each.sid, each.call_sid)


def begin_again(txn: "Connection", sid: str) -> None:
    """Give a recording that waits a job."""
    recordings.change(txn, sid, job_id=jobs.add(txn, kind=RECORDING, lane=LANE, payload={"sid": sid}))


def _as_told(call: Call, found: Recording | None) -> bytes:
    """What is kept of a call without sound: what the provider says of it."""
    told = {"call": asdict(call), "recording": asdict(found) if found else None}
    return json.dumps(told, default=str, indent=2).encode() + b"\n"
