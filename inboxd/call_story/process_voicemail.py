"""The story of a voicemail: the ticket stands first, the words come after, and the rules decide again with them.

Three jobs: `voicemail` files the ticket from what the telephone knows; `transcribe` runs the recogniser in its own lane
and child process; `decide-again` applies what the words change, except where a person has settled it meanwhile. No
speech, bad audio or a dead engine is a sentence on the ticket, never a lost call.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import structlog

from inboxd import answers, authentication, filing, history, misheard, no_ticket, spoken, summary
from inboxd.call_story import decide_with_words, join_call, place_call, sound_of_call
from inboxd.call_story.judge_call import Call, judge, taught
from inboxd.call_story.sound_of_call import Extract
from inboxd.clocks import clocks
from inboxd.errors import Interrupted
from inboxd.identity import identify
from inboxd.intake.door import moment, now_ms
from inboxd.intake.envelope import Envelope
from inboxd.joining.join_ticket import Join
from inboxd.oncall import paging
from inboxd.policy.policy import Policy, PolicyHolder
from inboxd.staff_tags import StaffTags
from store import calls, jobs, ticket_links, tickets, traces
from store import intake as rows
from store.intake import Intake
from store.jobs import Job
from store.tickets import NewEntry, NewTicket, Ticket
from transcribe.errors import TranscriptionFailed
from transcribe.transcript import Transcript

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

Transcribe = Callable[[Path, threading.Event, Sequence[str]], Transcript]
"""Hear a recording, listening for phrases in small letters where that can be done; until the event is set."""

# A crashed or overrun recogniser gets this many tries before the ticket says that nobody heard it.
TRANSCRIPTION_ATTEMPTS = 3

log = structlog.get_logger("inboxd.process_voicemail")


class VoicemailStory:
    """Handles jobs of kind `voicemail`, `transcribe` and `decide-again`."""

    def __init__(
        self,
        store: "Store",
        policy: PolicyHolder,
        transcribe: Transcribe,
        *,
        stopping: threading.Event,
        wake: Callable[[], None],
        extract: Extract,
    ) -> None:
        """`wake` is called when a job has made another one, so that it does not wait for the clock.

        `extract` opens an attachment of a mail.
        """
        self._store = store
        self._policy = policy
        self._transcribe = transcribe
        self._stopping = stopping
        self._wake = wake
        self._extract = extract

    def file(self, job: Job) -> None:
        """File the voicemail of a job as a ticket; the recogniser has not run yet."""
        policy = self._policy.current
        call = judge(self._store, policy, self._intake(job), self._extract)
        outcome = self._store.write(lambda txn: _file(txn, job, call, policy))
        log.info(outcome.pop("status"), **outcome)
        self._wake()

    def transcribe(self, job: Job) -> None:
        """Run the recogniser on the recording and put the words on the ticket."""
        intake = self._intake(job)
        entry_id, policy = int(job.payload["entry_id"]), self._policy.current
        with self._store.read() as connection:
            pairs = taught(connection)
        with TemporaryDirectory(prefix="inboxd-") as folder:
            try:
                recording = self._recording(intake, Path(folder))
                transcript = self._transcribe(recording, self._stopping, misheard.phrases(pairs))
            except TranscriptionFailed as failure:
                self._not_heard(job, failure)
                return

        with self._store.read() as connection:
            before = tickets.get_by_id(connection, _ticket_id(job))
        probably = misheard.with_listened(
            transcript.text, misheard.found(transcript.text, pairs), transcript.words, transcript.phrases
        )
        asked = spoken.callback_of(
            transcript,
            near=before.requester["phone"] or before.source,
            on_file=policy.directory.numbers((before.account or {}).get("id")),
        )
        named = _named(policy, before, transcript)

        def write(txn: "Connection") -> None:
            jobs.finish(txn, job)
            tickets.set_transcript(txn, entry_id, {**transcript.to_json(), "probably": probably})
            ticket = tickets.get_by_id(txn, _ticket_id(job))
            if "account" not in ticket.staff_set and named:
                ticket = tickets.update(txn, ticket.id, at=now_ms(), **named)
            line = summary.subject(
                ticket.requester["phone"], ticket.account, words=transcript.text, duration=transcript.duration
            )
            callback = ticket.callback if asked is None else {**ticket.callback, "number": asked}
            tickets.update(txn, ticket.id, at=now_ms(), subject=line, callback=callback)
            paging.heard(txn, policy, ticket, words=bool(transcript.text.strip()), at=now_ms())
            _say(txn, job, "transcribed", transcript.note or f"By {transcript.engine} {transcript.model}.")
            _then_decide_again(txn, job, entry_id)

        self._store.write(write)
        self._wake()
        log.info("transcribed", seconds_of_audio=round(transcript.duration, 1), words=len(transcript.text.split()))

    def decide_again(self, job: Job) -> None:
        """Decide with the words; change only what no person has settled."""
        policy = self._policy.current
        self._store.write(lambda txn: decide_with_words.decide_again(txn, job, policy))

    def _recording(self, intake: Intake, folder: Path) -> Path:
        return sound_of_call.path(self._store, intake, Envelope.of(intake.envelope), self._extract, folder)

    def _intake(self, job: Job) -> Intake:
        assert job.intake_id is not None
        with self._store.read() as connection:
            return rows.get(connection, job.intake_id)

    def _not_heard(self, job: Job, failure: TranscriptionFailed) -> None:
        if self._stopping.is_set():
            raise Interrupted from failure
        # Failures, not attempts: a daemon that was killed beside the recogniser says nothing of the recording.
        if not failure.permanent and job.failures + 1 < TRANSCRIPTION_ATTEMPTS:
            raise failure
        entry_id, policy = int(job.payload["entry_id"]), self._policy.current

        def write(txn: "Connection") -> None:
            jobs.finish(txn, job)
            tickets.set_transcript(txn, entry_id, summary.unheard(failure.reason))
            # Nobody knows whether there are words: a page that waits for them goes out.
            paging.heard(txn, policy, tickets.get_by_id(txn, _ticket_id(job)), words=True, at=now_ms())
            _say(txn, job, "not transcribed", failure.reason)
            # There will be no words: what waited for them (the receipt) waits no longer.
            _then_decide_again(txn, job, entry_id)

        self._store.write(write)
        self._wake()
        log.warning("not_transcribed", reason=failure.reason, detail=failure.detail)


def _named(policy: Policy, ticket: Ticket, transcript: Transcript) -> dict[str, Any]:
    """Return what changes on a ticket where its words choose among the accounts that the caller's number has."""
    if ticket.account is not None:
        return {}
    day = policy.day_of(moment(ticket.created_at))
    identity = identify.by_caller(policy.directory, ticket.requester["phone"], day, words=transcript.text)
    if identity.by != "spoken-account":
        return {}
    evidence = [*ticket.identity["evidence"], identity.evidence[-1]]
    return {**filing.who(identity), "identity": {"by": identity.by, "evidence": evidence}}


def _file(txn: "Connection", job: Job, call: Call, policy: Policy) -> dict[str, Any]:
    """Give the call its one place and return what to log."""
    intake = call.intake
    jobs.finish(txn, job)  # first: when the lease is lost, all of this is rolled back
    if intake.status is not None:
        return {"status": intake.status, "again": True}
    becomes: no_ticket.Becomes = "entry" if call.decision.disposal is None else "nothing"
    if twin := no_ticket.duplicate(txn, intake.id, sound_of_call.fingerprint(intake, call.envelope), becomes=becomes):
        return twin
    if call.decision.disposal is not None:
        _trace(txn, call, Join(ticket=None), ticket_id=None, entry_id=None)
        return no_ticket.held(txn, intake.id, call.decision.disposal)
    place = place_call.find(txn, intake, call.envelope)
    if place.twin is not None:
        return no_ticket.twin(txn, intake.id, place.twin, place.why)
    join = Join(ticket=place.ticket, evidence=(place.why,) if place.ticket is not None else ())
    if join.ticket is None and not call.envelope.history:
        join = join_call.find(txn, call.facts.text, call.identity)
    if join.ticket is not None:
        return _append(txn, call, policy, ticket_links.locked(txn, join.ticket.id), join)
    ticket, entry_id = _open(txn, call, join, place.ref)
    _concluded(txn, call, "filed", ticket.id)
    _trace(txn, call, join, ticket_id=ticket.id, entry_id=entry_id)
    _page(txn, call, policy, ticket)
    if _is_to_be_heard(call.envelope):
        _transcribe(txn, call, ticket.id, entry_id)
    elif not call.envelope.history:
        answers.to_voicemail(txn, policy, ticket, call.decision, at=intake.received_at, entry_id=entry_id)
    return {"status": "filed", "ref": ticket.ref}


def _concluded(txn: "Connection", call: Call, status: Literal["filed", "threaded"], ticket_id: int) -> None:
    rows.conclude(txn, call.intake.id, status=status, ticket_id=ticket_id)
    place_call.remember(txn, call.intake, call.envelope, ticket_id)


def _is_to_be_heard(envelope: Envelope) -> bool:
    """Whether there is something to hear that nobody has written down."""
    return envelope.transcript is None and envelope.silent is None


def _transcribe(txn: "Connection", call: Call, ticket_id: int, entry_id: int) -> None:
    payload = {"entry_id": entry_id}
    jobs.add(txn, kind="transcribe", lane="speech", intake_id=call.intake.id, ticket_id=ticket_id, payload=payload)


def _append(txn: "Connection", call: Call, policy: Policy, ticket: Ticket, join: Join) -> dict[str, Any]:
    """Put the call onto the ticket whose reference its caller named, or that it has already."""
    intake = call.intake
    changes = join_call.changes(
        ticket, call.decision, _callback_number(call), at=intake.received_at, calendars=policy.rules.calendars
    )
    entry_id = tickets.append(txn, ticket.id, _entry(call, join), **changes)
    tickets.event(txn, ticket.id, at=intake.received_at, actor="inboxd", what="joined", why=join.evidence[0])
    for name in ("status", "priority"):
        if name in changes:
            what = f"{name} {changes[name]}"
            tickets.event(txn, ticket.id, at=intake.received_at, actor="inboxd", what=what, why="A call joined.")
    clocks.watch(txn, tickets.get_by_id(txn, ticket.id), ticket.clocks)
    _concluded(txn, call, "threaded", ticket.id)
    _trace(txn, call, join, ticket_id=ticket.id, entry_id=entry_id)
    cause = answers.cause_of_call(call.identity, call.decision, at=intake.received_at, entry_id=entry_id)
    answers.after_joining(txn, policy, ticket, call.decision, cause)
    _page(txn, call, policy, ticket)
    if _is_to_be_heard(call.envelope):
        _transcribe(txn, call, ticket.id, entry_id)
    return {"status": "threaded", "ref": ticket.ref}


def _page(txn: "Connection", call: Call, policy: Policy, ticket: Ticket) -> None:
    """Wake somebody where the rules say so, before anybody has listened."""
    wanted, given = call.decision.page, call.envelope.transcript
    if wanted is None or call.envelope.history:
        return
    caller = call.envelope.caller
    cause = paging.Cause(
        caller=caller,
        known=call.identity.account is not None,
        words=None if given is None else bool(given.strip()),
        at=call.intake.received_at,
        blocked=caller is not None and calls.blocked(txn, caller, at=call.intake.received_at) is not None,
    )
    paging.begin(txn, policy, ticket, wanted, cause)


def _callback_number(call: Call) -> str | None:
    """Return the number that the caller asks for, else the one called from; None where that is withheld."""
    caller = None if call.envelope.caller == "anonymous" else call.envelope.caller
    return spoken.callback_in(call.facts.text, near=caller or call.envelope.called) or caller


def _open(txn: "Connection", call: Call, join: Join, ref: str | None) -> tuple[Ticket, int]:
    """Open a ticket; under the reference that the caller was told, if any."""
    intake, envelope, identity = call.intake, call.envelope, call.identity
    columns, who = filing.columns(call.decision), filing.who(call.identity)
    number = envelope.caller if envelope.caller != "anonymous" else None
    ticket, entry_id = tickets.open_with(
        txn,
        NewTicket(
            channel="voicemail",
            source=envelope.called or "",
            subject=summary.subject(
                envelope.caller, who["account"], words=envelope.transcript or envelope.silent, duration=envelope.seconds
            ),
            claimed_urgency=None,
            requester={"address": None, "name": identity.contact.name if identity.contact else None, "phone": number},
            identity=_identity(call, join),
            authentication=authentication.of_voicemail().to_json(),
            callback=filing.callback(_callback_number(call), call.decision, columns["clocks"]),
            created_at=intake.received_at,
            staff_set=StaffTags(given=call.facts.staff_tags).kept(()),
            **who,
            **{**columns, "tags": StaffTags(given=call.facts.staff_tags).over(columns["tags"])},
            **(history.closed(intake.received_at) if envelope.history else {}),
        ),
        _entry(call, join),
        ref,
    )
    if ref not in (None, ticket.ref):
        told = f"The caller was told {ref}, which is another ticket's by now."
        tickets.event(txn, ticket.id, at=intake.received_at, actor="inboxd", what="another reference", why=told)
    why = f"Voicemail {intake.id}. {identity.evidence[0]}"
    if envelope.history:
        why += f" {history.explained(history.said(None))}"
    tickets.event(txn, ticket.id, at=intake.received_at, actor="inboxd", what="opened", why=why)
    clocks.watch(txn, ticket)
    return ticket, entry_id


def _identity(call: Call, join: Join) -> dict[str, Any]:
    return {"by": call.identity.by, "evidence": [*call.identity.evidence, *join.evidence]}


def _entry(call: Call, join: Join) -> NewEntry:
    intake, envelope = call.intake, call.envelope
    transcript = summary.without_hearing(envelope)
    return NewEntry(
        kind="voicemail",
        at=intake.received_at,
        author=envelope.caller,
        identity=_identity(call, join),
        authentication=authentication.of_voicemail().to_json(),
        attachments=(sound_of_call.attachment(intake, envelope, call.head),) if envelope.silent is None else (),
        transcript=None if transcript is None else {**transcript, "probably": call.probably},
        intake_id=intake.id,
    )


def _trace(txn: "Connection", call: Call, join: Join, *, ticket_id: int | None, entry_id: int | None) -> None:
    body = filing.trace(call.facts, call.decision, call.identity.evidence + join.evidence)
    body["authentication"] = authentication.of_voicemail().to_json()
    body["history"] = history.said(None) if call.envelope.history else None
    at = call.intake.received_at
    traces.record(
        txn, intake_id=call.intake.id, ticket_id=ticket_id, entry_id=entry_id, at=at, kind="voicemail", body=body
    )


def _ticket_id(job: Job) -> int:
    assert job.ticket_id is not None
    return job.ticket_id


def _say(txn: "Connection", job: Job, what: str, why: str) -> None:
    tickets.event(txn, _ticket_id(job), at=now_ms(), actor="inboxd", what=what, why=why)


def _then_decide_again(txn: "Connection", job: Job, entry_id: int) -> None:
    jobs.add(
        txn,
        kind="decide-again",
        lane="mail",
        intake_id=job.intake_id,
        ticket_id=job.ticket_id,
        payload={"entry_id": entry_id},
    )
